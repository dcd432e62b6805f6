// SPDX-License-Identifier: MIT OR Apache-2.0
//! A manager that goes on as another one.

use super::*;
use crate::saved::Saved;

impl Bench {
    fn saved(&self) -> String {
        let mut saved = Saved::default();
        self.manager.save(&mut saved);
        saved.text()
    }

    /// Another manager goes on.
    fn resume(&mut self) {
        let text = self.saved();
        let saved = Saved::parse(text.as_bytes()).unwrap();
        let files = Files(self.manager.world.0.clone());
        self.manager = Manager::restore(files, self.now(), &saved);
        assert_eq!(self.saved(), text, "the second state is as the first");
        self.settle();
    }
}

#[test]
fn jobs_processes_and_timers_go_on() {
    let mut b = bench(&[
        ("a.service", "ExecStart=/a; Restart=always; RestartSec=1"),
        ("slow.service", "Type=oneshot; ExecStart=/slow; TimeoutStartSec=20"),
        ("last.service", "ExecStart=/last; Requires=slow.service; After=slow.service"),
        ("t.timer", "OnActiveSec=5; OnUnitActiveSec=10"),
        ("t.service", "Type=oneshot; ExecStart=/t"),
        ("a.socket", "ListenStream=1"),
        ("bad.service", "ExecStart=/bad; StartLimitBurst=1; StartLimitIntervalSec=60"),
    ]);
    for unit in ["a.service", "bad.service", "t.timer", "a.socket", "last.service"] {
        b.start(unit);
    }
    b.end("bad.service", 1);
    assert_eq!(b.done(), "+a +bad +slow");
    b.after(1000);
    b.resume();
    assert_eq!(b.done(), "", "nothing is started again");
    let states = b.states(&["a.service", "slow.service", "last.service", "a.socket", "bad.service"]);
    assert_eq!(states, "active activating inactive active failed");
    // The end of a process that the other manager started.
    b.end("a.service", 0);
    assert_eq!(b.states(&["a.service"]), "activating");
    b.resume();
    b.after(1000);
    assert_eq!(b.done(), "+a");
    // A job that waited for another one.
    b.end("slow.service", 0);
    assert_eq!(b.done(), "+last");
    b.after(3000);
    assert_eq!(b.done(), "+t");
    b.resume();
    b.end("t.service", 0);
    b.after(10_000);
    assert_eq!(b.done(), "+t");
    // The start limit counts starts of before.
    b.request(JobKind::Start, "bad.service", Mode::Replace).unwrap();
    assert_eq!(b.done(), "");
    b.event(Event::Incoming(name("a.socket")));
    b.stop("a.service");
    assert_eq!(b.done(), "-a");
}

#[test]
fn the_end_goes_on() {
    let mut b = Bench::new(&[
        ("a.service", "ExecStart=/a; ExecStop=/stop"),
        ("b.service", "ExecStart=/b; Before=a.service"),
    ]);
    b.start("a.service");
    b.start("b.service");
    b.manager.begin_exit(b.now(), Exit::Reboot);
    b.settle();
    assert_eq!(b.done(), "+a +b +a");
    b.resume();
    // Its ExecStop= is what the manager waits for.
    let stop = *b.manager.pids.keys().max().unwrap();
    b.event(Event::Ended(stop, Ended::Exited(0), None));
    assert_eq!(b.done(), "-a -b Reboot");
}

#[test]
fn connections_count_on() {
    let mut b = bench(&[
        ("s.socket", "ListenStream=1; Accept=yes"),
        ("s@.service", "ExecStart=/s"),
        ("s@1.service", "ExecStart=/s"),
    ]);
    b.start("s.socket");
    b.event(Event::Accepted(name("s.socket"), "1".into()));
    let connections = |b: &Bench| b.manager.unit(&name("s.socket")).unwrap().connections;
    assert_eq!((b.done().as_str(), connections(&b)), ("+s@1", 1));
    b.resume();
    assert_eq!(connections(&b), 1);
    b.manager.reload_units();
    b.end("s@1.service", 0);
    assert_eq!(connections(&b), 0);
}
