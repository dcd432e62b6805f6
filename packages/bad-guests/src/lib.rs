// SPDX-License-Identifier: MIT OR Apache-2.0
//! Paths of static programs that misbehave as process 1 of a guest. Each is all that an initramfs needs besides
//! `/dev/console`; the comment at the top of `guests/NAME.c` says what it does.

/// Ends with status 3, which makes the kernel panic.
pub const EXITS: &str = env!("GUEST_EXITS");

/// Is killed by SIGSEGV, which makes the kernel panic.
pub const SEGFAULTS: &str = env!("GUEST_SEGFAULTS");

/// Spins without a word after its first line.
pub const LOOPS: &str = env!("GUEST_LOOPS");

/// Waits for ever after its first line: the machine is idle.
pub const WAITS: &str = env!("GUEST_WAITS");

/// Takes all memory: the kernel panics, as there is nothing else to kill.
pub const EATS_MEMORY: &str = env!("GUEST_EATS_MEMORY");

/// Makes processes without end.
pub const FORKS: &str = env!("GUEST_FORKS");

/// Prints one line without end.
pub const CHATTERS: &str = env!("GUEST_CHATTERS");

/// Prints bytes that are no text, and powers off without a verdict.
pub const GARBLES: &str = env!("GUEST_GARBLES");

/// Prints a verdict on the console instead of sending one, and powers off.
pub const LIES: &str = env!("GUEST_LIES");

/// Is killed by SIGILL, as if it were compiled for another processor.
pub const ILLEGAL: &str = env!("GUEST_ILLEGAL");

/// Powers off without a word and without a verdict.
pub const POWERS_OFF: &str = env!("GUEST_POWERS_OFF");

/// Restarts the machine.
pub const RESTARTS: &str = env!("GUEST_RESTARTS");

/// All of them: name and path.
pub const ALL: &[(&str, &str)] = &[
    ("exits", EXITS),
    ("segfaults", SEGFAULTS),
    ("loops", LOOPS),
    ("waits", WAITS),
    ("eats-memory", EATS_MEMORY),
    ("forks", FORKS),
    ("chatters", CHATTERS),
    ("garbles", GARBLES),
    ("lies", LIES),
    ("illegal", ILLEGAL),
    ("powers-off", POWERS_OFF),
    ("restarts", RESTARTS),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_a_static_program_without_interpreter() {
        /// Type of a program header that names an interpreter (elf(5)).
        const PT_INTERP: u32 = 3;
        for (name, path) in ALL {
            let elf = std::fs::read(path).unwrap();
            assert_eq!(&elf[..5], b"\x7fELF\x02", "{name}");
            assert_eq!(u16::from_le_bytes([elf[18], elf[19]]), 62, "{name}: not for x86-64");
            let table = u64::from_le_bytes(elf[32..40].try_into().unwrap()) as usize;
            let count = u16::from_le_bytes([elf[56], elf[57]]) as usize;
            for header in elf[table..].chunks_exact(56).take(count) {
                let kind = u32::from_le_bytes(header[..4].try_into().unwrap());
                assert_ne!(kind, PT_INTERP, "{name}");
            }
            assert!(elf.len() < 16 * 1024, "{name} has {} bytes", elf.len());
        }
    }

    #[test]
    fn every_source_is_listed() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/guests");
        let sources = std::fs::read_dir(folder).unwrap().flatten();
        let count = sources.filter(|entry| entry.path().extension().is_some_and(|e| e == "c")).count();
        assert_eq!(count, ALL.len());
    }
}
