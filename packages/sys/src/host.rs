// SPDX-License-Identifier: MIT OR Apache-2.0
//! The system's names: uname(2).

/// What uname(2) says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Name of the kernel: `Linux`.
    pub system: String,
    /// The host's name.
    pub node: String,
    /// Release of the kernel.
    pub release: String,
    /// Version of the kernel.
    pub version: String,
    /// The machine's architecture.
    pub machine: String,
    /// The NIS domain; empty if there is none.
    pub domain: String,
}

impl Host {
    /// Asks the kernel.
    #[must_use]
    pub fn of_kernel() -> Self {
        let names = rustix::system::uname();
        let text = |name: &std::ffi::CStr| name.to_string_lossy().into_owned();
        let domain = text(names.domainname());
        Host {
            system: text(names.sysname()),
            node: text(names.nodename()),
            release: text(names.release()),
            version: text(names.version()),
            machine: text(names.machine()),
            domain: if domain == "(none)" { String::new() } else { domain },
        }
    }
}

/// Gives the host a name until the next boot.
///
/// # Errors
/// As in sethostname(2): EPERM without CAP_SYS_ADMIN, EINVAL when it has more than 64 bytes.
pub fn set_name(name: &str) -> std::io::Result<()> {
    Ok(rustix::system::sethostname(name.as_bytes())?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn names() {
        let host = super::Host::of_kernel();
        assert_eq!(host.system, "Linux");
        let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
        assert_eq!(host.release, release.trim());
    }
}
