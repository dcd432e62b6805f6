// SPDX-License-Identifier: GPL-3.0-or-later
//! The interactive prompt, tested at a pseudo-terminal.

#[path = "../../src/interactive/edit/emulator.rs"]
mod emulator;
mod terminal;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use terminal::Terminal;

/// A new directory, and a shell in it that shows its prompt.
fn shell(variables: &[(&str, &str)]) -> (tempfile::TempDir, Terminal) {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(home.path(), variables);
    terminal.shows("$ |");
    (home, terminal)
}

/// The name of a user by /etc/passwd.
fn user_of(id: u32) -> Option<String> {
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let line = passwd.lines().find(|line| line.split(':').nth(2) == Some(&id.to_string()))?;
    line.split(':').next().map(str::to_owned)
}

#[test]
fn editing_keys() {
    let (_home, mut sh) = shell(&[]);
    sh.types("ehco two").shows("$ ehco two|");
    sh.types("\x01\x1b[C\x1b[C\x14").shows("$ ech|o two");
    sh.types("\x05\x17one\x1bb\x1bu!").shows("$ echo ONE!|");
    sh.types("\x7f\x1b[D\x1b[3~E\r").shows_rows(&["$ echo ONE", "ONE", "$ |"]);
    sh.types("x\x15echo 漢字\x02\x02é\r").shows_rows(&["$ echo é漢字", "é漢字", "$ |"]);
}

#[test]
fn long_lines_and_a_resized_window() {
    let (_home, mut sh) = shell(&[]);
    let text = "0123456789".repeat(6);
    sh.types(&format!("echo {text}"))
        .shows_rows(&[&format!("$ echo {}", &text[..33]), &format!("{}|", &text[33..])]);
    sh.resize(30).shows_rows(&[
        &format!("$ echo {}", &text[..23]),
        &text[23..53],
        &format!("{}|", &text[53..]),
    ]);
    sh.resize(80).shows(&format!("$ echo {text}|"));
    sh.types("\x01\x1b[C\x1b[C").shows(&format!("$ ec|ho {text}"));
    sh.types("\r").shows_rows(&[&format!("$ echo {text}"), &text, "$ |"]);
    sh.types("echo $COLUMNS $LINES\r").shows_rows(&["80 10", "$ |"]);
}

#[test]
fn history_lasts() {
    let (home, mut sh) = shell(&[]);
    sh.types("echo first\r").shows_rows(&["first", "$ |"]);
    sh.types("for i in 1 2\r").shows("> |");
    sh.types("do echo $i; done\r").shows_rows(&["1", "2", "$ |"]);
    sh.types("\x1b[A").shows_rows(&["$ for i in 1 2", "do echo $i; done|"]);
    sh.types("\x1b[A\x1b[A").shows("$ echo first|");
    sh.types("\x1b[B\x1b[B").shows("$ |");
    sh.types("\x12rst").shows("(reverse-i-search)`rst': echo fi|rst");
    sh.types("\r").shows_rows(&["$ echo first", "first", "$ |"]);
    sh.types("exit\r");
    assert!(sh.ends().success());

    let file = home.path().join(".sh_history");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text, "echo first\nfor i in 1 2\\\ndo echo $i; done\necho first\nexit\n");

    let mut sh = Terminal::start(home.path(), &[("PS1", "\\!$ "), ("HISTSIZE", "3")]);
    sh.shows("4$ |").types("\x10\x10\x10").shows_rows(&["4$ for i in 1 2", "do echo $i; done|"]);
    sh.types("\x03").shows("4$ |");
}

#[test]
fn no_history_without_a_place_for_it() {
    let (home, mut sh) = shell(&[("HISTFILE", "/nonexistent/history")]);
    sh.types("echo a\r").shows_rows(&["a", "$ |"]);
    sh.types("\x10").shows("$ echo a|").types("\r").shows_rows(&["a", "$ |"]);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    // A shell that is not interactive has none at all.
    sh.types("sh -c fc; echo $?\r").shows_rows(&["$ |"]);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn interrupts() {
    let (_home, mut sh) = shell(&[]);
    sh.types("echo lost\x03").shows_rows(&["$ echo lost^C", "$ |"]);
    sh.types("echo $?\r").shows_rows(&["130", "$ |"]);
    sh.types("if true\r").shows("> |").types("\x03").shows("$ |");
    sh.types("echo $?\r").shows_rows(&["130", "$ |"]);
    sh.types("sh -c 'echo started; exec sleep 1000'\r")
        .shows_rows(&["started", "|"])
        .types("\x03")
        .shows("$ |");
    sh.types("echo loop; while :; do :; done\r").shows_rows(&["loop", "|"]).types("\x03").shows("$ |");
    sh.types("trap 'echo trapped' INT\r").shows("$ |");
    sh.types("x\x03").shows_rows(&["trapped", "$ |"]);
}

#[test]
fn the_end_of_the_input() {
    let (_home, mut sh) = shell(&[]);
    sh.types("set -o ignoreeof\r").shows("$ |");
    sh.types("\x04").has("exit").shows("$ |");
    sh.types("set +o ignoreeof; (exit 7)\r").shows("$ |");
    sh.types("ab\x01\x04").shows("$ |b");
    sh.types("\x0b\x04");
    assert_eq!(sh.ends().code(), Some(7));
}

#[test]
fn job_control() {
    let (_home, mut sh) = shell(&[]);
    sh.types("cat\r").shows_rows(&["$ cat", "|"]);
    sh.types("one\r").shows_rows(&["one", "one", "|"]);
    sh.types("\x1a").has("Stopped").shows("$ |");
    sh.types("jobs\r").has("[1] + Stopped").shows("$ |");
    sh.types("fg\r").shows_rows(&["$ fg", "cat", "|"]).types("two\r").shows_rows(&["two", "two", "|"]);
    sh.types("\x04").shows("$ |");
    sh.types("sh -c 'echo go; exec sleep 1000'\r").shows_rows(&["go", "|"]).types("\x1a").shows("$ |");
    sh.types("bg\r").shows("$ |").types("kill %1\r").shows("$ |");
    sh.types_until("\r", "Killed(SIGTERM)").shows("$ |");
    sh.types("\x1a").shows("$ |").types("echo here\r").shows_rows(&["here", "$ |"]);
}

#[test]
fn stopped_jobs() {
    let (_home, mut sh) = shell(&[]);
    sh.types("sh -c 'echo one; exec sleep 1001'\r").shows_rows(&["one", "|"]).types("\x1a").shows("$ |");
    sh.types("cat\r").shows_rows(&["$ cat", "|"]).types("two\r").shows_rows(&["two", "two", "|"]);
    sh.types("\x1a").has("[2] + ").shows("$ |");
    // The job that was stopped last is continued first.
    sh.types("fg\r").shows_rows(&["$ fg", "cat", "|"]);
    // `fg` names the job before the job has the terminal; its own output tells that it runs.
    sh.types("three\r").shows_rows(&["three", "three", "|"]);
    sh.types("\x03").shows("$ |");
    sh.types("exit\r").has("You have stopped jobs").shows("$ |");
    sh.types("echo here\r").shows_rows(&["here", "$ |"]);
    sh.types("\x04").has("You have stopped jobs").shows("$ |");
    sh.types("exit 5\r");
    assert_eq!(sh.ends().code(), Some(5));
}

#[test]
fn reports_of_jobs() {
    let (home, mut sh) = shell(&[]);
    rustix::fs::mkfifoat(rustix::fs::CWD, home.path().join("fifo"), rustix::fs::Mode::RWXU).unwrap();
    sh.types("cat fifo >out &\r").shows("$ |");
    // The report is above the prompt after the end of the job.
    sh.types("echo done >fifo\r")
        .shows("$ |")
        .types_until("\r", "Done                 cat fifo")
        .shows("$ |");
    // With -b, it is there at once, and the line is as it was.
    sh.types("set -b; cat fifo >out &\r").shows("$ |");
    sh.types("echo li").shows("$ echo li|");
    fs::write(home.path().join("fifo"), "x").unwrap();
    sh.has("Done                 cat fifo >out\n$ echo li").shows("$ echo li|");
    sh.types("ne\r").shows_rows(&["line", "$ |"]);
}

#[test]
fn completion() {
    let (home, mut sh) = shell(&[("UNIQUELY", "x")]);
    fs::create_dir(home.path().join("a directory")).unwrap();
    for name in ["a directory/it's", "alpha.txt", "alpha.rs", "run"] {
        fs::write(home.path().join(name), "").unwrap();
    }
    fs::set_permissions(home.path().join("run"), fs::Permissions::from_mode(0o755)).unwrap();
    sh.types("ls al\t").shows("$ ls alpha.|");
    sh.types("\t").shows_rows(&["$ ls alpha.", "alpha.rs   alpha.txt", "$ ls alpha.|"]);
    sh.types("t\t").shows("$ ls alpha.txt |");
    sh.types("\x15ls a\\ \t\t").shows("$ ls a\\ directory/it\\'s |");
    sh.types("\x15ls \"a \t").shows("$ ls \"a directory/|");
    sh.types("\t").shows("$ ls \"a directory/it's\" |");
    sh.types("\x15./r\t").shows("$ ./run |");
    sh.types("\x15echo $UNIQ\t").shows("$ echo $UNIQUELY|");
    sh.types("\x15echo ${UNIQ\t").shows("$ echo ${UNIQUELY}|");
    sh.types("\x15unal\t").shows("$ unalias |");
    // Users are those of /etc/passwd, which a chroot may not have.
    let expected = if user_of(0).is_some() { "$ cd ~root/|" } else { "$ cd ~roo|" };
    sh.types("\x15cd ~roo\t").shows(expected);
    sh.types("\x15my_function() { :; }\r").shows("$ |").types("my_f\t").shows("$ my_function |");
    sh.types("\x15alias my_alias=ls\r").shows("$ |").types("my_a\t").shows("$ my_alias |");
    sh.types("\x15cat nothing\tx").shows("$ cat nothingx|");
}

#[test]
fn pastes() {
    let (_home, mut sh) = shell(&[]);
    sh.types("\x1b[200~echo one\recho two\r\x1b[201~").shows_rows(&["$ echo one", "echo two|"]);
    sh.types("\r").shows_rows(&["$ echo one", "echo two", "one", "two", "$ |"]);
    // Each is an entry of the history.
    sh.types("\x10").shows("$ echo two|").types("\x10").shows("$ echo one|");
    // Without the marks, lines are typed ahead; what a program is to read stays for it.
    sh.types("\x03").shows("$ |");
    sh.types("cat\rfor cat\r").shows_rows(&["$ cat", "for cat", "|"]);
    sh.types("\x04echo for sh\r").shows_rows(&["$ echo for sh", "for sh", "$ |"]);
}

#[test]
fn vi_keys() {
    let (_home, mut sh) = shell(&[]);
    sh.types("set -o vi\r").shows("$ |");
    sh.types("echo one two\x1b").shows("$ echo one tw|o");
    sh.types("bcwthree\x1b0").shows("$ |echo one three");
    sh.types("wdw").shows("$ echo |three");
    sh.types("\r").shows_rows(&["three", "$ |"]);
    sh.types("\x1bk").shows("$ |echo three");
    sh.types("A four\r").shows_rows(&["three four", "$ |"]);
    sh.types("\x1b/set").shows("/set|").types("\r").shows("$ |set -o vi");
    sh.types("ddi\x1b").shows("$ |").types("iecho \x03").shows("$ |");
    sh.types("set -o emacs\r").shows("$ |").types("ab\x01c").shows("$ c|ab");
}

#[test]
fn fc() {
    let (home, mut sh) = shell(&[("FCEDIT", "./editor")]);
    let editor = home.path().join("editor");
    fs::write(&editor, "#!/bin/sh\nsed s/one/edited/ <$1 >new && cat new >$1\n").unwrap();
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
    sh.types("echo one\r").shows_rows(&["one", "$ |"]);
    sh.types("echo two\r").shows_rows(&["two", "$ |"]);
    sh.types("fc -l\r").shows_rows(&["1       echo one", "2       echo two", "$ |"]);
    sh.types("fc -ln -r 1 2\r").shows_rows(&["        echo two", "        echo one", "$ |"]);
    sh.types("fc -s two=three echo\r").shows_rows(&["echo three", "three", "$ |"]);
    sh.types("fc -l -1\r").shows_rows(&["5       echo three", "$ |"]);
    sh.types("fc 1\r").shows_rows(&["echo edited", "edited", "$ |"]);
    sh.types("\x10").shows("$ echo edited|").types("\x15");
    sh.types("fc -e false 1; echo $?\r").shows_rows(&["1", "$ |"]);
    sh.types("fc -s nothing\r").has("fc: no history entry begins with").shows("$ |");
    // Ctrl-X Ctrl-E has the line edited.
    sh.types("VISUAL=./editor\r").shows("$ |");
    sh.types("echo one line\x18\x05").shows_rows(&["edited line", "$ |"]);
}

#[test]
fn dumb_terminals() {
    for term in ["dumb", ""] {
        let (_home, mut sh) = shell(&[("TERM", term), ("PS1", "\\[\x1b[1m\\]$\\[\x1b[m\\] ")]);
        sh.types("echo a\r").shows_rows(&["a", "$ |"]);
        sh.types("echo b\x03").shows("$ |");
        sh.types("echo $?\r").shows_rows(&["130", "$ |"]);
        sh.types("if true\r").shows("> |").types("\x03").shows("$ |");
        sh.types("fc -s 1\r").shows_rows(&["a", "$ |"]);
        assert!(!sh.raw().contains("\x1b[?2004h"));
        sh.types("\x04");
        assert_eq!(sh.ends().code(), Some(0));
    }
}

#[test]
fn modes_of_the_terminal() {
    let (_home, mut sh) = shell(&[]);
    sh.types("stty | grep -c icanon; stty -a | grep -o ' echo '\r").shows_rows(&[" echo", "$ |"]);
    sh.types("sh -c 'stty raw -echo; kill -9 $$'\r").shows("$ |");
    sh.types("stty -a | grep -o ' icanon'\r").shows_rows(&[" icanon", "$ |"]);
    // What a command sets on purpose stays.
    sh.types("stty erase ^H\r").shows("$ |").types("ab\x08c").shows("$ ac|");
}

#[test]
fn prompts() {
    let (home, mut sh) = shell(&[]);
    fs::create_dir(home.path().join("$(echo no)")).unwrap();
    sh.types("PS1='\\w \\j \\#> '; cd '$(echo no)'\r").shows("~/$(echo no) 0 2> |");
    sh.types("PS1='$((1+1))\\[\\e[1;31m\\]$PS2\\[\\e[0m\\]'\r").shows("2> |");
    sh.types("echo a\x01\x1b[C").shows("2> e|cho a");
    sh.gets("\x1b[1;31m");
    sh.types("\x15\x0bPS1='\\u\\nx\\044 '\r").shows("x$ |");
    // What a command leaves at the end of its line stays.
    let user = user_of(rustix::process::getuid().as_raw()).unwrap_or_default();
    sh.types("printf out\r").shows_rows(&[&format!("out{user}"), "x$ |"]);
}
