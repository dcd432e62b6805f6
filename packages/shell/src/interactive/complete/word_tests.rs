// SPDX-License-Identifier: GPL-3.0-or-later
//! Cases for words before the cursor.

use super::*;

/// Kind, start, text, directory, base, its start.
fn shape(line: &str) -> String {
    let word = Word::before(line, line.len());
    let kind = match word.kind {
        Kind::Command => "command",
        Kind::Path if word.wants_directory => "directory",
        Kind::Path => "path",
        Kind::Variable { braced: true } => "${",
        Kind::Variable { braced: false } => "$",
        Kind::User => "user",
        Kind::Unknown => "unknown",
    };
    let quote = word.quote.closing().map(String::from).unwrap_or_default();
    match word.kind {
        Kind::Path => format!("{kind} {}+{}@{}{quote}", word.directory, word.base, word.base_start),
        _ => format!("{kind} {}@{}", word.text, word.start),
    }
}

#[test]
fn commands_and_operands() {
    for (line, wanted) in [
        ("", "command @0"),
        ("ec", "command ec@0"),
        ("  ec", "command ec@2"),
        ("echo ", "path +@5"),
        ("echo a", "path +a@5"),
        ("a; b", "command b@3"),
        ("a && b", "command b@5"),
        ("a | b", "command b@4"),
        ("a & ", "command @4"),
        ("a\nb", "command b@2"),
        ("(a", "command a@1"),
        ("if a", "command a@3"),
        ("if a; then b", "command b@11"),
        ("while ! x", "command x@8"),
        ("{ x", "command x@2"),
        ("for i in a", "path +a@9"),
        ("A=1 x", "command x@4"),
        ("A=1 B=2 x", "command x@8"),
        ("command ec", "command ec@8"),
        ("sudo ls /e", "path /+e@9"),
        ("'if' x", "path +x@5"),
        ("cd /e", "directory /+e@4"),
        ("rmdir a", "directory +a@6"),
        ("cd a > b", "path +b@7"),
        ("echo if", "path +if@5"),
        ("# ec", "command @4"),
        ("./r", "command ./r@0"),
    ] {
        assert_eq!(shape(line), wanted, "{line:?}");
    }
}

#[test]
fn redirections_and_assignments() {
    for (line, wanted) in [
        ("echo >f", "path +f@6"),
        (">f ec", "command ec@3"),
        ("echo 2>/dev/n", "path /dev/+n@12"),
        ("cat <<E", "path +E@6"),
        ("echo >| a", "path +a@8"),
        ("A=b", "path +b@2"),
        ("PATH=/bin:/u", "path /+u@11"),
        ("dd if=/dev/z", "path /dev/+z@11"),
        ("x --file=a/b", "path a/+b@11"),
        ("x a:b", "path +a:b@2"),
        ("export A=b", "path +b@9"),
    ] {
        assert_eq!(shape(line), wanted, "{line:?}");
    }
}

#[test]
fn paths_and_quotes() {
    for (line, wanted) in [
        ("ls /usr/lo", "path /usr/+lo@8"),
        ("ls /usr/", "path /usr/+@8"),
        ("ls a\\ b", "path +a b@3"),
        ("ls 'a b", "path +a b@4'"),
        ("ls \"a b", "path +a b@4\""),
        ("ls 'a b'/c", "path a b/+c@9"),
        ("ls 'a b/c", "path a b/+c@8'"),
        ("ls 'a b'c", "path +a bc@4'"),
        ("ls a'b c", "path +ab c@3"),
        ("ls \"a\\$b", "path +a$b@4\""),
        ("ls \"a\\b", "path +a\\b@4\""),
        ("ls a\\", "path +a@3"),
        ("ls ~/a", "path ~/+a@5"),
        ("ls '~/a", "path ~/+a@6'"),
        ("ls é/à", "path é/+à@6"),
    ] {
        assert_eq!(shape(line), wanted, "{line:?}");
    }
}

#[test]
fn variables_users_and_substitutions() {
    for (line, wanted) in [
        ("echo $HO", "$ HO@6"),
        ("echo $", "$ @6"),
        ("echo \"$HO", "$ HO@7"),
        ("echo \"a b$HO", "$ HO@10"),
        ("echo ${HO", "${ HO@7"),
        ("echo '$HO", "path +$HO@6'"),
        ("echo \\$HO", "path +$HO@5"),
        ("ls $HOME/a", "path $HOME/+a@9"),
        ("A=$H", "$ H@3"),
        ("cd ~ro", "user ro@4"),
        ("cd ~", "user @4"),
        ("~ro", "user ro@1"),
        ("echo $(ec", "command ec@7"),
        ("echo $(cat a) b", "path +b@14"),
        ("echo \"$(ec", "command ec@8"),
        ("echo `ec", "command ec@6"),
        ("echo `ls` a", "path +a@10"),
        ("echo $(echo $(x", "command x@14"),
        ("echo $(a; b c", "path +c@12"),
        ("cd ~/$(pwd)/a", "unknown /a@11"),
        ("A=~ro", "user ro@3"),
        ("PATH=~/a:~ro", "user ro@10"),
        ("A=~/b", "path ~/+b@4"),
    ] {
        assert_eq!(shape(line), wanted, "{line:?}");
    }
}
