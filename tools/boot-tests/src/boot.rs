// SPDX-License-Identifier: MIT OR Apache-2.0
//! The description of a boot: image, machine, command, and expectations.

use crate::console::Console;
use crate::crash::unless_crashed;
use crate::disk::DiskImage;
use crate::ended::Ended;
use crate::environment::Environment;
use crate::initramfs::Initramfs;
use crate::memory::Memory;
use qos_protocol::{argv, fw_cfg};
use qos_vm::{
    AccelChoice, Access, Config, Control, Disk, Files, Firmware, Front, FwCfg, Input, Machine, Network, Note,
    Program, Request, Session, WarningPolicy, run,
};
use std::ffi::OsString;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A guest that is about to be booted.
#[derive(Debug)]
pub struct Boot {
    environment: Result<Environment, String>,
    files: Files,
    own_initramfs: Vec<Initramfs>,
    own_disks: Vec<DiskImage>,
    append: String,
    memory_mib: u32,
    cpus: u32,
    machine: Machine,
    disks: Vec<Disk>,
    devices: Vec<OsString>,
    accel: AccelChoice,
    golden: bool,
    uefi: bool,
    fw_cfg: Vec<FwCfg>,
    stdin: Vec<u8>,
    timeout: Duration,
    inactivity: Option<Duration>,
    screenshot: Option<PathBuf>,
    warnings: WarningPolicy,
}

/// The image's guest with 512 MiB, one CPU and no command, under TCG: the same on every host.
#[must_use]
pub fn boot() -> Boot {
    Boot {
        environment: Environment::from_process(),
        files: Files::default(),
        own_initramfs: Vec::new(),
        own_disks: Vec::new(),
        append: String::new(),
        memory_mib: 512,
        cpus: 1,
        machine: Machine::Pc,
        disks: Vec::new(),
        devices: Vec::new(),
        accel: AccelChoice::Tcg,
        golden: false,
        uefi: false,
        fw_cfg: Vec::new(),
        stdin: Vec::new(),
        // Not a measure of speed: a test that takes this long never ends.
        timeout: Duration::from_secs(300),
        inactivity: None,
        screenshot: None,
        warnings: WarningPolicy::default(),
    }
}

/// A boot from the disk that the variable names, with its own kernel, initramfs and command line. What the guest writes is dropped.
#[must_use]
#[track_caller]
pub fn boot_from(variable: &str) -> Boot {
    let environment = Environment::of_disk(variable);
    let disk = environment.image.join("disk.raw");
    boot().environment(environment).system_disk(&disk).append("console=ttyS0")
}

impl Boot {
    /// Boots the files of this environment.
    #[must_use]
    pub fn environment(self, environment: Environment) -> Self {
        Self { environment: Ok(environment), ..self }
    }

    /// Boots another kernel than the image's.
    #[must_use]
    pub fn kernel(mut self, file: impl Into<PathBuf>) -> Self {
        self.files.kernel = Some(file.into());
        self
    }

    /// Boots this initramfs in place of the image's; several are unpacked one after another.
    #[must_use]
    pub fn initramfs(mut self, initramfs: Initramfs) -> Self {
        self.own_initramfs.push(initramfs);
        self
    }

    /// Unpacks this initramfs after the image's own.
    #[must_use]
    pub fn overlay(mut self, initramfs: Initramfs) -> Self {
        if let (true, Ok(environment)) = (self.files.initramfs.is_empty(), &self.environment) {
            self.files.initramfs.push(environment.image.join("initramfs.cpio.zst"));
        }
        self.own_initramfs.push(initramfs);
        self
    }

    /// Boots without an initramfs.
    #[must_use]
    pub fn no_initramfs(mut self) -> Self {
        self.files.no_initramfs = true;
        self
    }

    /// Adds words to the kernel's command line.
    #[must_use]
    pub fn append(mut self, words: &str) -> Self {
        self.append = format!("{} {words}", self.append);
        self
    }

    /// Memory in MiB.
    #[must_use]
    pub fn memory_mib(self, memory_mib: u32) -> Self {
        Self { memory_mib, ..self }
    }

    /// Number of CPUs.
    #[must_use]
    pub fn cpus(self, cpus: u32) -> Self {
        Self { cpus, ..self }
    }

    /// Machine type.
    #[must_use]
    pub fn machine(self, machine: Machine) -> Self {
        Self { machine, ..self }
    }

    /// Adds a disk that the guest can write; the file stays as it is.
    #[must_use]
    pub fn system_disk(mut self, file: &Path) -> Self {
        self.disks.push(Disk { file: file.to_owned(), access: Access::Snapshot });
        self
    }

    /// Adds a disk that the guest can write.
    #[must_use]
    pub fn disk(self, disk: &DiskImage) -> Self {
        self.own_disk(disk, Access::ReadWrite)
    }

    /// Adds a disk that the guest can only read.
    #[must_use]
    pub fn read_only_disk(self, disk: &DiskImage) -> Self {
        self.own_disk(disk, Access::ReadOnly)
    }

    /// Adds a disk that the guest can write, of which one sector of 512 bytes cannot be read.
    #[must_use]
    pub fn disk_with_bad_sector(self, disk: &DiskImage, sector: u64) -> Self {
        self.own_disk(disk, Access::BadSector(sector))
    }

    fn own_disk(mut self, disk: &DiskImage, access: Access) -> Self {
        self.disks.push(Disk { file: disk.path().to_owned(), access });
        self.own_disks.push(disk.clone());
        self
    }

    /// Adds a device, as QEMU's `-device` takes it.
    #[must_use]
    pub fn device(mut self, device: &str) -> Self {
        self.devices.push(device.into());
        self
    }

    /// Accelerator.
    #[must_use]
    pub fn accel(self, accel: AccelChoice) -> Self {
        Self { accel, ..self }
    }

    /// The deterministic machine.
    #[must_use]
    pub fn golden(self) -> Self {
        Self { golden: true, ..self }
    }

    /// UEFI firmware boots the disk. Words of [`Self::append`] are added to the command line in its unified kernel image.
    #[must_use]
    pub fn uefi(self) -> Self {
        Self { uefi: true, ..self }
    }

    /// The program that the guest runs, with its arguments.
    ///
    /// # Panics
    /// When the words are no command: none, or a NUL in one.
    #[must_use]
    #[track_caller]
    pub fn command<W: AsRef<str>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        let words: Vec<Vec<u8>> = words.into_iter().map(|word| word.as_ref().as_bytes().to_vec()).collect();
        match argv::encode(&words) {
            Ok(contents) => self.fw_cfg.push(FwCfg { name: fw_cfg::COMMAND, contents }),
            Err(error) => panic!("{error}"),
        }
        self
    }

    /// The script that the guest's shell runs.
    #[must_use]
    pub fn script(mut self, text: &str) -> Self {
        self.fw_cfg.push(FwCfg { name: fw_cfg::SCRIPT, contents: text.as_bytes().to_vec() });
        self
    }

    /// The password of root that the server image gets.
    #[must_use]
    pub fn password(mut self, text: &str) -> Self {
        self.fw_cfg.push(FwCfg { name: qos_vm::PASSWORD, contents: text.as_bytes().to_vec() });
        self
    }

    /// The same as a hash, in the credential of systemd.system-credentials(7).
    #[must_use]
    pub fn password_hash(mut self, hash: &str) -> Self {
        let name = "opt/io.systemd.credentials/passwd.hashed-password.root";
        self.fw_cfg.push(FwCfg { name, contents: hash.as_bytes().to_vec() });
        self
    }

    /// Standard input of the command, or of the guest's shell when there is none.
    #[must_use]
    pub fn stdin(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.stdin.extend_from_slice(bytes.as_ref());
        self
    }

    /// Ends the guest after this time.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Ends the guest after this time of silence while it boots.
    #[must_use]
    pub fn inactivity(self, inactivity: Duration) -> Self {
        Self { inactivity: Some(inactivity), ..self }
    }

    /// Saves the display to this file when the guest panics or is ended: as PPM if its name ends in `.ppm`, else as PNG.
    /// Needs a device that is one: `VGA`.
    #[must_use]
    pub fn screenshot(self, file: impl Into<PathBuf>) -> Self {
        Self { screenshot: Some(file.into()), ..self }
    }

    /// Accepts a warning of the kernel that has `pattern` in it (`*` stands for any text). Without it a guest whose kernel warns has
    /// the verdict `warned`, which is no status 0 for [`Ended::expect_status`].
    #[must_use]
    pub fn allow_warning(mut self, pattern: &str) -> Self {
        self.warnings.allow.push(pattern.to_owned());
        self
    }

    /// Boots it and waits for its end; once more if QEMU itself crashed.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    #[track_caller]
    pub fn run(self) -> Ended {
        unless_crashed(|| self.run_once(), |ended| &ended.outcome.verdict)
    }

    fn run_once(&self) -> Ended {
        let (stdout, stderr) = (Memory::default(), Memory::default());
        let session = if self.golden { Session::Golden } else { Session::Streams };
        let input = (!self.golden).then(|| Input::new(Cursor::new(self.stdin.clone()), None));
        let front = Front { input, console: None, stdout: stdout.sink(), stderr: stderr.sink() };
        let mut notes = Vec::new();
        let outcome = self.request(session, front).and_then(|request| {
            let mut note = |note: Note| {
                if let Note::Line(line) = note {
                    notes.push(line.to_owned());
                }
            };
            run(&request, &Control::default(), &mut note).map_err(|error| error.to_string())
        });
        match outcome {
            Ok(outcome) => Ended { outcome, stdout: stdout.take(), stderr: stderr.take(), notes },
            Err(error) => panic!("the guest was not started: {error}"),
        }
    }

    /// Boots it with the test at its console.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    #[track_caller]
    pub fn console(self) -> Console {
        match Console::start(|front| self.request(Session::Console, front)) {
            // QEMU opens the files while it starts.
            Ok(console) => console.keep(self.own_initramfs, self.own_disks),
            Err(error) => panic!("the guest was not started: {error}"),
        }
    }

    fn request(&self, session: Session, front: Front) -> Result<Request, String> {
        let environment = self.environment.clone()?;
        let program = Program::find(environment.qemu_root.as_deref()).map_err(|error| error.to_string())?;
        let mut files = self.files.clone();
        files.image = Some(environment.image);
        files.vmlinux = environment.vmlinux;
        files.cpio = environment.cpio;
        files.initramfs.extend(self.own_initramfs.iter().map(|own| own.path().to_owned()));
        let files = files.resolve(self.golden, self.machine).map_err(|error| error.to_string())?;
        let firmware = match self.uefi {
            true => {
                Some(Firmware::find(environment.qemu_root.as_deref()).map_err(|error| error.to_string())?)
            }
            false => None,
        };
        let cmdline = if self.uefi { String::new() } else { files.cmdline };
        let config = Config {
            machine: self.machine,
            cpu_model: None,
            memory_mib: self.memory_mib,
            cpus: self.cpus,
            firmware,
            kernel: files.kernel,
            initramfs: files.initramfs,
            cmdline: format!("{cmdline}{}", self.append),
            network: Network::Restricted,
            sandbox: program.can_sandbox,
            memory_disks: session
                .memory_disks(self.machine, &self.disks)
                .map_err(|error| error.to_string())?,
            disks: self.disks.clone(),
            devices: self.devices.clone(),
            session,
            fw_cfg: self.fw_cfg.clone(),
            gdb: None,
        };
        Ok(Request {
            wants_status: session == Session::Streams || !config.fw_cfg.is_empty(),
            config,
            program,
            accel: self.accel,
            timeout: Some(self.timeout),
            inactivity: self.inactivity,
            screenshot: self.screenshot.clone(),
            warnings: self.warnings.clone(),
            front,
        })
    }
}
