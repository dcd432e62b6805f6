// SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note
// Made from the kernel's user-space headers by src/bin/uapi-gen.rs: do not edit.

#[repr(C)]
#[derive(Default)]
pub struct __IncompleteArrayField<T>(::core::marker::PhantomData<T>, [T; 0]);
impl<T> __IncompleteArrayField<T> {
    #[inline]
    pub const fn new() -> Self {
        __IncompleteArrayField(::core::marker::PhantomData, [])
    }
    #[inline]
    pub fn as_ptr(&self) -> *const T {
        self as *const _ as *const T
    }
    #[inline]
    pub fn as_mut_ptr(&mut self) -> *mut T {
        self as *mut _ as *mut T
    }
    #[inline]
    pub unsafe fn as_slice(&self, len: usize) -> &[T] {
        ::core::slice::from_raw_parts(self.as_ptr(), len)
    }
    #[inline]
    pub unsafe fn as_mut_slice(&mut self, len: usize) -> &mut [T] {
        ::core::slice::from_raw_parts_mut(self.as_mut_ptr(), len)
    }
}
impl<T> ::core::fmt::Debug for __IncompleteArrayField<T> {
    fn fmt(&self, fmt: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        fmt.write_str("__IncompleteArrayField")
    }
}
pub const DM_IOCTL: u32 = 253;
pub const DM_VERSION_MAJOR: u32 = 4;
pub const DM_VERSION_MINOR: u32 = 50;
pub const DM_READONLY_FLAG: u32 = 1;
pub const DM_SUSPEND_FLAG: u32 = 2;
pub const DM_SECURE_DATA_FLAG: u32 = 32768;
pub const MS_RDONLY: u32 = 1;
pub const MS_NOSUID: u32 = 2;
pub const MS_NODEV: u32 = 4;
pub const MS_NOEXEC: u32 = 8;
pub const MS_SYNCHRONOUS: u32 = 16;
pub const MS_REMOUNT: u32 = 32;
pub const MS_MANDLOCK: u32 = 64;
pub const MS_DIRSYNC: u32 = 128;
pub const MS_NOSYMFOLLOW: u32 = 256;
pub const MS_NOATIME: u32 = 1024;
pub const MS_NODIRATIME: u32 = 2048;
pub const MS_BIND: u32 = 4096;
pub const MS_MOVE: u32 = 8192;
pub const MS_REC: u32 = 16384;
pub const MS_VERBOSE: u32 = 32768;
pub const MS_SILENT: u32 = 32768;
pub const MS_POSIXACL: u32 = 65536;
pub const MS_UNBINDABLE: u32 = 131072;
pub const MS_PRIVATE: u32 = 262144;
pub const MS_SLAVE: u32 = 524288;
pub const MS_SHARED: u32 = 1048576;
pub const MS_RELATIME: u32 = 2097152;
pub const MS_KERNMOUNT: u32 = 4194304;
pub const MS_I_VERSION: u32 = 8388608;
pub const MS_STRICTATIME: u32 = 16777216;
pub const MS_LAZYTIME: u32 = 33554432;
pub const MS_SUBMOUNT: u32 = 67108864;
pub const MS_NOREMOTELOCK: u32 = 134217728;
pub const MS_NOSEC: u32 = 268435456;
pub const MS_BORN: u32 = 536870912;
pub const MS_ACTIVE: u32 = 1073741824;
pub const MS_NOUSER: u32 = 2147483648;
pub const MS_RMT_MASK: u32 = 41943121;
pub const MS_MGC_VAL: u32 = 3236757504;
pub const MS_MGC_MSK: u32 = 4294901760;
pub const MOUNT_ATTR_RDONLY: u32 = 1;
pub const MOUNT_ATTR_NOSUID: u32 = 2;
pub const MOUNT_ATTR_NODEV: u32 = 4;
pub const MOUNT_ATTR_NOEXEC: u32 = 8;
pub const MOUNT_ATTR__ATIME: u32 = 112;
pub const MOUNT_ATTR_RELATIME: u32 = 0;
pub const MOUNT_ATTR_NOATIME: u32 = 16;
pub const MOUNT_ATTR_STRICTATIME: u32 = 32;
pub const MOUNT_ATTR_NODIRATIME: u32 = 128;
pub const MOUNT_ATTR_IDMAP: u32 = 1048576;
pub const MOUNT_ATTR_NOSYMFOLLOW: u32 = 2097152;
pub const MOUNT_ATTR_SIZE_VER0: u32 = 32;
pub const MNT_ID_REQ_SIZE_VER0: u32 = 24;
pub const MNT_ID_REQ_SIZE_VER1: u32 = 32;
pub const STATMOUNT_SB_BASIC: u32 = 1;
pub const STATMOUNT_MNT_BASIC: u32 = 2;
pub const STATMOUNT_PROPAGATE_FROM: u32 = 4;
pub const STATMOUNT_MNT_ROOT: u32 = 8;
pub const STATMOUNT_MNT_POINT: u32 = 16;
pub const STATMOUNT_FS_TYPE: u32 = 32;
pub const STATMOUNT_MNT_NS_ID: u32 = 64;
pub const STATMOUNT_MNT_OPTS: u32 = 128;
pub const STATMOUNT_FS_SUBTYPE: u32 = 256;
pub const STATMOUNT_SB_SOURCE: u32 = 512;
pub const STATMOUNT_OPT_ARRAY: u32 = 1024;
pub const STATMOUNT_OPT_SEC_ARRAY: u32 = 2048;
pub const STATMOUNT_SUPPORTED_MASK: u32 = 4096;
pub const STATMOUNT_MNT_UIDMAP: u32 = 8192;
pub const STATMOUNT_MNT_GIDMAP: u32 = 16384;
pub const STATMOUNT_BY_FD: u32 = 1;
pub const NETLINK_ROUTE: u32 = 0;
pub const NETLINK_KOBJECT_UEVENT: u32 = 15;
pub const NLM_F_REQUEST: u32 = 1;
pub const NLM_F_MULTI: u32 = 2;
pub const NLM_F_ACK: u32 = 4;
pub const NLM_F_ECHO: u32 = 8;
pub const NLM_F_DUMP_INTR: u32 = 16;
pub const NLM_F_DUMP_FILTERED: u32 = 32;
pub const NLM_F_ROOT: u32 = 256;
pub const NLM_F_MATCH: u32 = 512;
pub const NLM_F_ATOMIC: u32 = 1024;
pub const NLM_F_DUMP: u32 = 768;
pub const NLM_F_REPLACE: u32 = 256;
pub const NLM_F_EXCL: u32 = 512;
pub const NLM_F_CREATE: u32 = 1024;
pub const NLM_F_APPEND: u32 = 2048;
pub const NLM_F_NONREC: u32 = 256;
pub const NLM_F_BULK: u32 = 512;
pub const NLM_F_CAPPED: u32 = 256;
pub const NLM_F_ACK_TLVS: u32 = 512;
pub const NLMSG_ALIGNTO: u32 = 4;
pub const NLMSG_NOOP: u32 = 1;
pub const NLMSG_ERROR: u32 = 2;
pub const NLMSG_DONE: u32 = 3;
pub const NLMSG_OVERRUN: u32 = 4;
pub const NLMSG_MIN_TYPE: u32 = 16;
pub const IFA_F_SECONDARY: u32 = 1;
pub const IFA_F_TEMPORARY: u32 = 1;
pub const IFA_F_NODAD: u32 = 2;
pub const IFA_F_OPTIMISTIC: u32 = 4;
pub const IFA_F_DADFAILED: u32 = 8;
pub const IFA_F_HOMEADDRESS: u32 = 16;
pub const IFA_F_DEPRECATED: u32 = 32;
pub const IFA_F_TENTATIVE: u32 = 64;
pub const IFA_F_PERMANENT: u32 = 128;
pub const IFA_F_MANAGETEMPADDR: u32 = 256;
pub const IFA_F_NOPREFIXROUTE: u32 = 512;
pub const IFA_F_MCAUTOJOIN: u32 = 1024;
pub const IFA_F_STABLE_PRIVACY: u32 = 2048;
pub const EV_SYN: u32 = 0;
pub const EV_KEY: u32 = 1;
pub const EV_REL: u32 = 2;
pub const EV_ABS: u32 = 3;
pub const EV_SW: u32 = 5;
pub const KEY_POWER: u32 = 116;
pub const KEY_SLEEP: u32 = 142;
pub const KEY_RESTART: u32 = 408;
pub const KEY_SPEC_THREAD_KEYRING: i32 = -1;
pub const KEY_SPEC_PROCESS_KEYRING: i32 = -2;
pub const KEY_SPEC_SESSION_KEYRING: i32 = -3;
pub const KEY_SPEC_USER_KEYRING: i32 = -4;
pub const KEY_SPEC_USER_SESSION_KEYRING: i32 = -5;
pub const KEY_SPEC_GROUP_KEYRING: i32 = -6;
pub const KEY_SPEC_REQKEY_AUTH_KEY: i32 = -7;
pub const KEY_SPEC_REQUESTOR_KEYRING: i32 = -8;
pub const LOOP_SET_FD: u32 = 19456;
pub const LOOP_CLR_FD: u32 = 19457;
pub const LOOP_SET_STATUS: u32 = 19458;
pub const LOOP_GET_STATUS: u32 = 19459;
pub const LOOP_SET_STATUS64: u32 = 19460;
pub const LOOP_GET_STATUS64: u32 = 19461;
pub const LOOP_CHANGE_FD: u32 = 19462;
pub const LOOP_SET_CAPACITY: u32 = 19463;
pub const LOOP_SET_DIRECT_IO: u32 = 19464;
pub const LOOP_SET_BLOCK_SIZE: u32 = 19465;
pub const LOOP_CONFIGURE: u32 = 19466;
pub const LOOP_CTL_ADD: u32 = 19584;
pub const LOOP_CTL_REMOVE: u32 = 19585;
pub const LOOP_CTL_GET_FREE: u32 = 19586;
pub const MODULE_INIT_IGNORE_MODVERSIONS: u32 = 1;
pub const MODULE_INIT_IGNORE_VERMAGIC: u32 = 2;
pub const MODULE_INIT_COMPRESSED_FILE: u32 = 4;
pub const LINUX_REBOOT_MAGIC1: u32 = 4276215469;
pub const LINUX_REBOOT_MAGIC2: u32 = 672274793;
pub const LINUX_REBOOT_MAGIC2A: u32 = 85072278;
pub const LINUX_REBOOT_MAGIC2B: u32 = 369367448;
pub const LINUX_REBOOT_MAGIC2C: u32 = 537993216;
pub const LINUX_REBOOT_CMD_RESTART: u32 = 19088743;
pub const LINUX_REBOOT_CMD_HALT: u32 = 3454992675;
pub const LINUX_REBOOT_CMD_CAD_ON: u32 = 2309737967;
pub const LINUX_REBOOT_CMD_CAD_OFF: u32 = 0;
pub const LINUX_REBOOT_CMD_POWER_OFF: u32 = 1126301404;
pub const LINUX_REBOOT_CMD_RESTART2: u32 = 2712847316;
pub const LINUX_REBOOT_CMD_SW_SUSPEND: u32 = 3489725666;
pub const LINUX_REBOOT_CMD_KEXEC: u32 = 1163412803;
pub const RTA_ALIGNTO: u32 = 4;
pub const RTPROT_UNSPEC: u32 = 0;
pub const RTPROT_REDIRECT: u32 = 1;
pub const RTPROT_KERNEL: u32 = 2;
pub const RTPROT_BOOT: u32 = 3;
pub const RTPROT_STATIC: u32 = 4;
pub const RTPROT_GATED: u32 = 8;
pub const RTPROT_RA: u32 = 9;
pub const RTPROT_MRT: u32 = 10;
pub const RTPROT_ZEBRA: u32 = 11;
pub const RTPROT_BIRD: u32 = 12;
pub const RTPROT_DNROUTED: u32 = 13;
pub const RTPROT_XORP: u32 = 14;
pub const RTPROT_NTK: u32 = 15;
pub const RTPROT_DHCP: u32 = 16;
pub const RTPROT_MROUTED: u32 = 17;
pub const RTPROT_KEEPALIVED: u32 = 18;
pub const RTPROT_BABEL: u32 = 42;
pub const RTPROT_OVN: u32 = 84;
pub const RTPROT_OPENR: u32 = 99;
pub const RTPROT_BGP: u32 = 186;
pub const RTPROT_ISIS: u32 = 187;
pub const RTPROT_OSPF: u32 = 188;
pub const RTPROT_RIP: u32 = 189;
pub const RTPROT_EIGRP: u32 = 192;
pub const RTM_F_NOTIFY: u32 = 256;
pub const RTM_F_CLONED: u32 = 512;
pub const RTM_F_EQUALIZE: u32 = 1024;
pub const RTM_F_PREFIX: u32 = 2048;
pub const RTM_F_LOOKUP_TABLE: u32 = 4096;
pub const RTM_F_FIB_MATCH: u32 = 8192;
pub const RTM_F_OFFLOAD: u32 = 16384;
pub const RTM_F_TRAP: u32 = 32768;
pub const RTM_F_OFFLOAD_FAILED: u32 = 536870912;
pub const SIOCGIFFLAGS: u32 = 35091;
pub const SIOCSIFFLAGS: u32 = 35092;
pub const SIOCGIFADDR: u32 = 35093;
pub const SIOCSIFADDR: u32 = 35094;
pub const SIOCGIFNETMASK: u32 = 35099;
pub const SIOCSIFNETMASK: u32 = 35100;
pub const SIOCGIFMTU: u32 = 35105;
pub const SIOCSIFMTU: u32 = 35106;
pub const SIOCSIFHWADDR: u32 = 35108;
pub const SIOCGIFHWADDR: u32 = 35111;
pub const VIRTIO_ID_NET: u32 = 1;
pub const VIRTIO_ID_BLOCK: u32 = 2;
pub const VIRTIO_ID_CONSOLE: u32 = 3;
pub const VIRTIO_ID_RNG: u32 = 4;
pub const VIRTIO_ID_BALLOON: u32 = 5;
pub const VIRTIO_ID_IOMEM: u32 = 6;
pub const VIRTIO_ID_RPMSG: u32 = 7;
pub const VIRTIO_ID_SCSI: u32 = 8;
pub const VIRTIO_ID_9P: u32 = 9;
pub const VIRTIO_ID_MAC80211_WLAN: u32 = 10;
pub const VIRTIO_ID_RPROC_SERIAL: u32 = 11;
pub const VIRTIO_ID_CAIF: u32 = 12;
pub const VIRTIO_ID_MEMORY_BALLOON: u32 = 13;
pub const VIRTIO_ID_GPU: u32 = 16;
pub const VIRTIO_ID_CLOCK: u32 = 17;
pub const VIRTIO_ID_INPUT: u32 = 18;
pub const VIRTIO_ID_VSOCK: u32 = 19;
pub const VIRTIO_ID_CRYPTO: u32 = 20;
pub const VIRTIO_ID_SIGNAL_DIST: u32 = 21;
pub const VIRTIO_ID_PSTORE: u32 = 22;
pub const VIRTIO_ID_IOMMU: u32 = 23;
pub const VIRTIO_ID_MEM: u32 = 24;
pub const VIRTIO_ID_SOUND: u32 = 25;
pub const VIRTIO_ID_FS: u32 = 26;
pub const VIRTIO_ID_PMEM: u32 = 27;
pub const VIRTIO_ID_RPMB: u32 = 28;
pub const VIRTIO_ID_MAC80211_HWSIM: u32 = 29;
pub const VIRTIO_ID_VIDEO_ENCODER: u32 = 30;
pub const VIRTIO_ID_VIDEO_DECODER: u32 = 31;
pub const VIRTIO_ID_SCMI: u32 = 32;
pub const VIRTIO_ID_NITRO_SEC_MOD: u32 = 33;
pub const VIRTIO_ID_I2C_ADAPTER: u32 = 34;
pub const VIRTIO_ID_WATCHDOG: u32 = 35;
pub const VIRTIO_ID_CAN: u32 = 36;
pub const VIRTIO_ID_DMABUF: u32 = 37;
pub const VIRTIO_ID_PARAM_SERV: u32 = 38;
pub const VIRTIO_ID_AUDIO_POLICY: u32 = 39;
pub const VIRTIO_ID_BT: u32 = 40;
pub const VIRTIO_ID_GPIO: u32 = 41;
pub const VIRTIO_ID_SPI: u32 = 45;
pub const VIRTIO_ID_MEDIA: u32 = 48;
pub const WNOHANG: u32 = 1;
pub const WUNTRACED: u32 = 2;
pub const WSTOPPED: u32 = 2;
pub const WEXITED: u32 = 4;
pub const WCONTINUED: u32 = 8;
pub const WNOWAIT: u32 = 16777216;
pub const TCGETS: u32 = 21505;
pub const TCSETS: u32 = 21506;
pub const TCSETSW: u32 = 21507;
pub const TCSETSF: u32 = 21508;
pub const TIOCSCTTY: u32 = 21518;
pub const TIOCGPGRP: u32 = 21519;
pub const TIOCSPGRP: u32 = 21520;
pub const TIOCGWINSZ: u32 = 21523;
pub const TIOCSWINSZ: u32 = 21524;
pub const TIOCCONS: u32 = 21533;
pub const TIOCNOTTY: u32 = 21538;
pub const SIGHUP: u32 = 1;
pub const SIGINT: u32 = 2;
pub const SIGKILL: u32 = 9;
pub const SIGUSR1: u32 = 10;
pub const SIGUSR2: u32 = 12;
pub const SIGTERM: u32 = 15;
pub const SIGCHLD: u32 = 17;
pub const SIGCONT: u32 = 18;
pub const SIGSTOP: u32 = 19;
pub const SIGWINCH: u32 = 28;
pub const SIGPWR: u32 = 30;
pub type __u8 = ::core::ffi::c_uchar;
pub type __u16 = ::core::ffi::c_ushort;
pub type __s32 = ::core::ffi::c_int;
pub type __u32 = ::core::ffi::c_uint;
pub type __u64 = ::core::ffi::c_ulonglong;
pub type __kernel_long_t = ::core::ffi::c_long;
pub type __kernel_ulong_t = ::core::ffi::c_ulong;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct dm_ioctl {
    pub version: [__u32; 3usize],
    pub data_size: __u32,
    pub data_start: __u32,
    pub target_count: __u32,
    pub open_count: __s32,
    pub flags: __u32,
    pub event_nr: __u32,
    pub padding: __u32,
    pub dev: __u64,
    pub name: [::core::ffi::c_char; 128usize],
    pub uuid: [::core::ffi::c_char; 129usize],
    pub data: [::core::ffi::c_char; 7usize],
}
impl Default for dm_ioctl {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct dm_target_spec {
    pub sector_start: __u64,
    pub length: __u64,
    pub status: __s32,
    pub next: __u32,
    pub target_type: [::core::ffi::c_char; 16usize],
}
pub const DM_VERSION_CMD: _bindgen_ty_1 = 0;
pub const DM_REMOVE_ALL_CMD: _bindgen_ty_1 = 1;
pub const DM_LIST_DEVICES_CMD: _bindgen_ty_1 = 2;
pub const DM_DEV_CREATE_CMD: _bindgen_ty_1 = 3;
pub const DM_DEV_REMOVE_CMD: _bindgen_ty_1 = 4;
pub const DM_DEV_RENAME_CMD: _bindgen_ty_1 = 5;
pub const DM_DEV_SUSPEND_CMD: _bindgen_ty_1 = 6;
pub const DM_DEV_STATUS_CMD: _bindgen_ty_1 = 7;
pub const DM_DEV_WAIT_CMD: _bindgen_ty_1 = 8;
pub const DM_TABLE_LOAD_CMD: _bindgen_ty_1 = 9;
pub const DM_TABLE_CLEAR_CMD: _bindgen_ty_1 = 10;
pub const DM_TABLE_DEPS_CMD: _bindgen_ty_1 = 11;
pub const DM_TABLE_STATUS_CMD: _bindgen_ty_1 = 12;
pub const DM_LIST_VERSIONS_CMD: _bindgen_ty_1 = 13;
pub const DM_TARGET_MSG_CMD: _bindgen_ty_1 = 14;
pub const DM_DEV_SET_GEOMETRY_CMD: _bindgen_ty_1 = 15;
pub const DM_DEV_ARM_POLL_CMD: _bindgen_ty_1 = 16;
pub const DM_GET_TARGET_VERSION_CMD: _bindgen_ty_1 = 17;
pub const DM_MPATH_PROBE_PATHS_CMD: _bindgen_ty_1 = 18;
pub type _bindgen_ty_1 = ::core::ffi::c_uint;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct mount_attr {
    pub attr_set: __u64,
    pub attr_clr: __u64,
    pub propagation: __u64,
    pub userns_fd: __u64,
}
#[repr(C)]
#[derive(Debug)]
pub struct statmount {
    pub size: __u32,
    pub mnt_opts: __u32,
    pub mask: __u64,
    pub sb_dev_major: __u32,
    pub sb_dev_minor: __u32,
    pub sb_magic: __u64,
    pub sb_flags: __u32,
    pub fs_type: __u32,
    pub mnt_id: __u64,
    pub mnt_parent_id: __u64,
    pub mnt_id_old: __u32,
    pub mnt_parent_id_old: __u32,
    pub mnt_attr: __u64,
    pub mnt_propagation: __u64,
    pub mnt_peer_group: __u64,
    pub mnt_master: __u64,
    pub propagate_from: __u64,
    pub mnt_root: __u32,
    pub mnt_point: __u32,
    pub mnt_ns_id: __u64,
    pub fs_subtype: __u32,
    pub sb_source: __u32,
    pub opt_num: __u32,
    pub opt_array: __u32,
    pub opt_sec_num: __u32,
    pub opt_sec_array: __u32,
    pub supported_mask: __u64,
    pub mnt_uidmap_num: __u32,
    pub mnt_uidmap: __u32,
    pub mnt_gidmap_num: __u32,
    pub mnt_gidmap: __u32,
    pub __spare2: [__u64; 43usize],
    pub str_: __IncompleteArrayField<::core::ffi::c_char>,
}
impl Default for statmount {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Copy, Clone)]
pub struct mnt_id_req {
    pub size: __u32,
    pub __bindgen_anon_1: mnt_id_req__bindgen_ty_1,
    pub mnt_id: __u64,
    pub param: __u64,
    pub mnt_ns_id: __u64,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union mnt_id_req__bindgen_ty_1 {
    pub mnt_ns_fd: __u32,
    pub mnt_fd: __u32,
}
impl Default for mnt_id_req__bindgen_ty_1 {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
impl Default for mnt_id_req {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
pub const IFF_UP: net_device_flags = 1;
pub const IFF_BROADCAST: net_device_flags = 2;
pub const IFF_DEBUG: net_device_flags = 4;
pub const IFF_LOOPBACK: net_device_flags = 8;
pub const IFF_POINTOPOINT: net_device_flags = 16;
pub const IFF_NOTRAILERS: net_device_flags = 32;
pub const IFF_RUNNING: net_device_flags = 64;
pub const IFF_NOARP: net_device_flags = 128;
pub const IFF_PROMISC: net_device_flags = 256;
pub const IFF_ALLMULTI: net_device_flags = 512;
pub const IFF_MASTER: net_device_flags = 1024;
pub const IFF_SLAVE: net_device_flags = 2048;
pub const IFF_MULTICAST: net_device_flags = 4096;
pub const IFF_PORTSEL: net_device_flags = 8192;
pub const IFF_AUTOMEDIA: net_device_flags = 16384;
pub const IFF_DYNAMIC: net_device_flags = 32768;
pub const IFF_LOWER_UP: net_device_flags = 65536;
pub const IFF_DORMANT: net_device_flags = 131072;
pub const IFF_ECHO: net_device_flags = 262144;
pub type net_device_flags = ::core::ffi::c_uint;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct nlmsghdr {
    pub nlmsg_len: __u32,
    pub nlmsg_type: __u16,
    pub nlmsg_flags: __u16,
    pub nlmsg_seq: __u32,
    pub nlmsg_pid: __u32,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct nlmsgerr {
    pub error: ::core::ffi::c_int,
    pub msg: nlmsghdr,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct ifaddrmsg {
    pub ifa_family: __u8,
    pub ifa_prefixlen: __u8,
    pub ifa_flags: __u8,
    pub ifa_scope: __u8,
    pub ifa_index: __u32,
}
pub const IFA_UNSPEC: _bindgen_ty_5 = 0;
pub const IFA_ADDRESS: _bindgen_ty_5 = 1;
pub const IFA_LOCAL: _bindgen_ty_5 = 2;
pub const IFA_LABEL: _bindgen_ty_5 = 3;
pub const IFA_BROADCAST: _bindgen_ty_5 = 4;
pub const IFA_ANYCAST: _bindgen_ty_5 = 5;
pub const IFA_CACHEINFO: _bindgen_ty_5 = 6;
pub const IFA_MULTICAST: _bindgen_ty_5 = 7;
pub const IFA_FLAGS: _bindgen_ty_5 = 8;
pub const IFA_RT_PRIORITY: _bindgen_ty_5 = 9;
pub const IFA_TARGET_NETNSID: _bindgen_ty_5 = 10;
pub const IFA_PROTO: _bindgen_ty_5 = 11;
pub const IFA_MC_USERS: _bindgen_ty_5 = 12;
pub const __IFA_MAX: _bindgen_ty_5 = 13;
pub type _bindgen_ty_5 = ::core::ffi::c_uint;
pub const IFLA_UNSPEC: _bindgen_ty_6 = 0;
pub const IFLA_ADDRESS: _bindgen_ty_6 = 1;
pub const IFLA_BROADCAST: _bindgen_ty_6 = 2;
pub const IFLA_IFNAME: _bindgen_ty_6 = 3;
pub const IFLA_MTU: _bindgen_ty_6 = 4;
pub const IFLA_LINK: _bindgen_ty_6 = 5;
pub const IFLA_QDISC: _bindgen_ty_6 = 6;
pub const IFLA_STATS: _bindgen_ty_6 = 7;
pub const IFLA_COST: _bindgen_ty_6 = 8;
pub const IFLA_PRIORITY: _bindgen_ty_6 = 9;
pub const IFLA_MASTER: _bindgen_ty_6 = 10;
pub const IFLA_WIRELESS: _bindgen_ty_6 = 11;
pub const IFLA_PROTINFO: _bindgen_ty_6 = 12;
pub const IFLA_TXQLEN: _bindgen_ty_6 = 13;
pub const IFLA_MAP: _bindgen_ty_6 = 14;
pub const IFLA_WEIGHT: _bindgen_ty_6 = 15;
pub const IFLA_OPERSTATE: _bindgen_ty_6 = 16;
pub const IFLA_LINKMODE: _bindgen_ty_6 = 17;
pub const IFLA_LINKINFO: _bindgen_ty_6 = 18;
pub const IFLA_NET_NS_PID: _bindgen_ty_6 = 19;
pub const IFLA_IFALIAS: _bindgen_ty_6 = 20;
pub const IFLA_NUM_VF: _bindgen_ty_6 = 21;
pub const IFLA_VFINFO_LIST: _bindgen_ty_6 = 22;
pub const IFLA_STATS64: _bindgen_ty_6 = 23;
pub const IFLA_VF_PORTS: _bindgen_ty_6 = 24;
pub const IFLA_PORT_SELF: _bindgen_ty_6 = 25;
pub const IFLA_AF_SPEC: _bindgen_ty_6 = 26;
pub const IFLA_GROUP: _bindgen_ty_6 = 27;
pub const IFLA_NET_NS_FD: _bindgen_ty_6 = 28;
pub const IFLA_EXT_MASK: _bindgen_ty_6 = 29;
pub const IFLA_PROMISCUITY: _bindgen_ty_6 = 30;
pub const IFLA_NUM_TX_QUEUES: _bindgen_ty_6 = 31;
pub const IFLA_NUM_RX_QUEUES: _bindgen_ty_6 = 32;
pub const IFLA_CARRIER: _bindgen_ty_6 = 33;
pub const IFLA_PHYS_PORT_ID: _bindgen_ty_6 = 34;
pub const IFLA_CARRIER_CHANGES: _bindgen_ty_6 = 35;
pub const IFLA_PHYS_SWITCH_ID: _bindgen_ty_6 = 36;
pub const IFLA_LINK_NETNSID: _bindgen_ty_6 = 37;
pub const IFLA_PHYS_PORT_NAME: _bindgen_ty_6 = 38;
pub const IFLA_PROTO_DOWN: _bindgen_ty_6 = 39;
pub const IFLA_GSO_MAX_SEGS: _bindgen_ty_6 = 40;
pub const IFLA_GSO_MAX_SIZE: _bindgen_ty_6 = 41;
pub const IFLA_PAD: _bindgen_ty_6 = 42;
pub const IFLA_XDP: _bindgen_ty_6 = 43;
pub const IFLA_EVENT: _bindgen_ty_6 = 44;
pub const IFLA_NEW_NETNSID: _bindgen_ty_6 = 45;
pub const IFLA_IF_NETNSID: _bindgen_ty_6 = 46;
pub const IFLA_TARGET_NETNSID: _bindgen_ty_6 = 46;
pub const IFLA_CARRIER_UP_COUNT: _bindgen_ty_6 = 47;
pub const IFLA_CARRIER_DOWN_COUNT: _bindgen_ty_6 = 48;
pub const IFLA_NEW_IFINDEX: _bindgen_ty_6 = 49;
pub const IFLA_MIN_MTU: _bindgen_ty_6 = 50;
pub const IFLA_MAX_MTU: _bindgen_ty_6 = 51;
pub const IFLA_PROP_LIST: _bindgen_ty_6 = 52;
pub const IFLA_ALT_IFNAME: _bindgen_ty_6 = 53;
pub const IFLA_PERM_ADDRESS: _bindgen_ty_6 = 54;
pub const IFLA_PROTO_DOWN_REASON: _bindgen_ty_6 = 55;
pub const IFLA_PARENT_DEV_NAME: _bindgen_ty_6 = 56;
pub const IFLA_PARENT_DEV_BUS_NAME: _bindgen_ty_6 = 57;
pub const IFLA_GRO_MAX_SIZE: _bindgen_ty_6 = 58;
pub const IFLA_TSO_MAX_SIZE: _bindgen_ty_6 = 59;
pub const IFLA_TSO_MAX_SEGS: _bindgen_ty_6 = 60;
pub const IFLA_ALLMULTI: _bindgen_ty_6 = 61;
pub const IFLA_DEVLINK_PORT: _bindgen_ty_6 = 62;
pub const IFLA_GSO_IPV4_MAX_SIZE: _bindgen_ty_6 = 63;
pub const IFLA_GRO_IPV4_MAX_SIZE: _bindgen_ty_6 = 64;
pub const IFLA_DPLL_PIN: _bindgen_ty_6 = 65;
pub const IFLA_MAX_PACING_OFFLOAD_HORIZON: _bindgen_ty_6 = 66;
pub const IFLA_NETNS_IMMUTABLE: _bindgen_ty_6 = 67;
pub const IFLA_HEADROOM: _bindgen_ty_6 = 68;
pub const IFLA_TAILROOM: _bindgen_ty_6 = 69;
pub const __IFLA_MAX: _bindgen_ty_6 = 70;
pub type _bindgen_ty_6 = ::core::ffi::c_uint;
pub const LO_FLAGS_READ_ONLY: _bindgen_ty_60 = 1;
pub const LO_FLAGS_AUTOCLEAR: _bindgen_ty_60 = 4;
pub const LO_FLAGS_PARTSCAN: _bindgen_ty_60 = 8;
pub const LO_FLAGS_DIRECT_IO: _bindgen_ty_60 = 16;
pub type _bindgen_ty_60 = ::core::ffi::c_uint;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct loop_info64 {
    pub lo_device: __u64,
    pub lo_inode: __u64,
    pub lo_rdevice: __u64,
    pub lo_offset: __u64,
    pub lo_sizelimit: __u64,
    pub lo_number: __u32,
    pub lo_encrypt_type: __u32,
    pub lo_encrypt_key_size: __u32,
    pub lo_flags: __u32,
    pub lo_file_name: [__u8; 64usize],
    pub lo_crypt_name: [__u8; 64usize],
    pub lo_encrypt_key: [__u8; 32usize],
    pub lo_init: [__u64; 2usize],
}
impl Default for loop_info64 {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct loop_config {
    pub fd: __u32,
    pub block_size: __u32,
    pub info: loop_info64,
    pub __reserved: [__u64; 8usize],
}
impl Default for loop_config {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
pub const RTM_BASE: _bindgen_ty_66 = 16;
pub const RTM_NEWLINK: _bindgen_ty_66 = 16;
pub const RTM_DELLINK: _bindgen_ty_66 = 17;
pub const RTM_GETLINK: _bindgen_ty_66 = 18;
pub const RTM_SETLINK: _bindgen_ty_66 = 19;
pub const RTM_NEWADDR: _bindgen_ty_66 = 20;
pub const RTM_DELADDR: _bindgen_ty_66 = 21;
pub const RTM_GETADDR: _bindgen_ty_66 = 22;
pub const RTM_NEWROUTE: _bindgen_ty_66 = 24;
pub const RTM_DELROUTE: _bindgen_ty_66 = 25;
pub const RTM_GETROUTE: _bindgen_ty_66 = 26;
pub const RTM_NEWNEIGH: _bindgen_ty_66 = 28;
pub const RTM_DELNEIGH: _bindgen_ty_66 = 29;
pub const RTM_GETNEIGH: _bindgen_ty_66 = 30;
pub const RTM_NEWRULE: _bindgen_ty_66 = 32;
pub const RTM_DELRULE: _bindgen_ty_66 = 33;
pub const RTM_GETRULE: _bindgen_ty_66 = 34;
pub const RTM_NEWQDISC: _bindgen_ty_66 = 36;
pub const RTM_DELQDISC: _bindgen_ty_66 = 37;
pub const RTM_GETQDISC: _bindgen_ty_66 = 38;
pub const RTM_NEWTCLASS: _bindgen_ty_66 = 40;
pub const RTM_DELTCLASS: _bindgen_ty_66 = 41;
pub const RTM_GETTCLASS: _bindgen_ty_66 = 42;
pub const RTM_NEWTFILTER: _bindgen_ty_66 = 44;
pub const RTM_DELTFILTER: _bindgen_ty_66 = 45;
pub const RTM_GETTFILTER: _bindgen_ty_66 = 46;
pub const RTM_NEWACTION: _bindgen_ty_66 = 48;
pub const RTM_DELACTION: _bindgen_ty_66 = 49;
pub const RTM_GETACTION: _bindgen_ty_66 = 50;
pub const RTM_NEWPREFIX: _bindgen_ty_66 = 52;
pub const RTM_NEWMULTICAST: _bindgen_ty_66 = 56;
pub const RTM_DELMULTICAST: _bindgen_ty_66 = 57;
pub const RTM_GETMULTICAST: _bindgen_ty_66 = 58;
pub const RTM_NEWANYCAST: _bindgen_ty_66 = 60;
pub const RTM_DELANYCAST: _bindgen_ty_66 = 61;
pub const RTM_GETANYCAST: _bindgen_ty_66 = 62;
pub const RTM_NEWNEIGHTBL: _bindgen_ty_66 = 64;
pub const RTM_GETNEIGHTBL: _bindgen_ty_66 = 66;
pub const RTM_SETNEIGHTBL: _bindgen_ty_66 = 67;
pub const RTM_NEWNDUSEROPT: _bindgen_ty_66 = 68;
pub const RTM_NEWADDRLABEL: _bindgen_ty_66 = 72;
pub const RTM_DELADDRLABEL: _bindgen_ty_66 = 73;
pub const RTM_GETADDRLABEL: _bindgen_ty_66 = 74;
pub const RTM_GETDCB: _bindgen_ty_66 = 78;
pub const RTM_SETDCB: _bindgen_ty_66 = 79;
pub const RTM_NEWNETCONF: _bindgen_ty_66 = 80;
pub const RTM_DELNETCONF: _bindgen_ty_66 = 81;
pub const RTM_GETNETCONF: _bindgen_ty_66 = 82;
pub const RTM_NEWMDB: _bindgen_ty_66 = 84;
pub const RTM_DELMDB: _bindgen_ty_66 = 85;
pub const RTM_GETMDB: _bindgen_ty_66 = 86;
pub const RTM_NEWNSID: _bindgen_ty_66 = 88;
pub const RTM_DELNSID: _bindgen_ty_66 = 89;
pub const RTM_GETNSID: _bindgen_ty_66 = 90;
pub const RTM_NEWSTATS: _bindgen_ty_66 = 92;
pub const RTM_GETSTATS: _bindgen_ty_66 = 94;
pub const RTM_SETSTATS: _bindgen_ty_66 = 95;
pub const RTM_NEWCACHEREPORT: _bindgen_ty_66 = 96;
pub const RTM_NEWCHAIN: _bindgen_ty_66 = 100;
pub const RTM_DELCHAIN: _bindgen_ty_66 = 101;
pub const RTM_GETCHAIN: _bindgen_ty_66 = 102;
pub const RTM_NEWNEXTHOP: _bindgen_ty_66 = 104;
pub const RTM_DELNEXTHOP: _bindgen_ty_66 = 105;
pub const RTM_GETNEXTHOP: _bindgen_ty_66 = 106;
pub const RTM_NEWLINKPROP: _bindgen_ty_66 = 108;
pub const RTM_DELLINKPROP: _bindgen_ty_66 = 109;
pub const RTM_GETLINKPROP: _bindgen_ty_66 = 110;
pub const RTM_NEWVLAN: _bindgen_ty_66 = 112;
pub const RTM_DELVLAN: _bindgen_ty_66 = 113;
pub const RTM_GETVLAN: _bindgen_ty_66 = 114;
pub const RTM_NEWNEXTHOPBUCKET: _bindgen_ty_66 = 116;
pub const RTM_DELNEXTHOPBUCKET: _bindgen_ty_66 = 117;
pub const RTM_GETNEXTHOPBUCKET: _bindgen_ty_66 = 118;
pub const RTM_NEWTUNNEL: _bindgen_ty_66 = 120;
pub const RTM_DELTUNNEL: _bindgen_ty_66 = 121;
pub const RTM_GETTUNNEL: _bindgen_ty_66 = 122;
pub const __RTM_MAX: _bindgen_ty_66 = 123;
pub type _bindgen_ty_66 = ::core::ffi::c_uint;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct rtattr {
    pub rta_len: ::core::ffi::c_ushort,
    pub rta_type: ::core::ffi::c_ushort,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct rtmsg {
    pub rtm_family: ::core::ffi::c_uchar,
    pub rtm_dst_len: ::core::ffi::c_uchar,
    pub rtm_src_len: ::core::ffi::c_uchar,
    pub rtm_tos: ::core::ffi::c_uchar,
    pub rtm_table: ::core::ffi::c_uchar,
    pub rtm_protocol: ::core::ffi::c_uchar,
    pub rtm_scope: ::core::ffi::c_uchar,
    pub rtm_type: ::core::ffi::c_uchar,
    pub rtm_flags: ::core::ffi::c_uint,
}
pub const RTN_UNSPEC: _bindgen_ty_67 = 0;
pub const RTN_UNICAST: _bindgen_ty_67 = 1;
pub const RTN_LOCAL: _bindgen_ty_67 = 2;
pub const RTN_BROADCAST: _bindgen_ty_67 = 3;
pub const RTN_ANYCAST: _bindgen_ty_67 = 4;
pub const RTN_MULTICAST: _bindgen_ty_67 = 5;
pub const RTN_BLACKHOLE: _bindgen_ty_67 = 6;
pub const RTN_UNREACHABLE: _bindgen_ty_67 = 7;
pub const RTN_PROHIBIT: _bindgen_ty_67 = 8;
pub const RTN_THROW: _bindgen_ty_67 = 9;
pub const RTN_NAT: _bindgen_ty_67 = 10;
pub const RTN_XRESOLVE: _bindgen_ty_67 = 11;
pub const __RTN_MAX: _bindgen_ty_67 = 12;
pub type _bindgen_ty_67 = ::core::ffi::c_uint;
pub const RTA_UNSPEC: rtattr_type_t = 0;
pub const RTA_DST: rtattr_type_t = 1;
pub const RTA_SRC: rtattr_type_t = 2;
pub const RTA_IIF: rtattr_type_t = 3;
pub const RTA_OIF: rtattr_type_t = 4;
pub const RTA_GATEWAY: rtattr_type_t = 5;
pub const RTA_PRIORITY: rtattr_type_t = 6;
pub const RTA_PREFSRC: rtattr_type_t = 7;
pub const RTA_METRICS: rtattr_type_t = 8;
pub const RTA_MULTIPATH: rtattr_type_t = 9;
pub const RTA_PROTOINFO: rtattr_type_t = 10;
pub const RTA_FLOW: rtattr_type_t = 11;
pub const RTA_CACHEINFO: rtattr_type_t = 12;
pub const RTA_SESSION: rtattr_type_t = 13;
pub const RTA_MP_ALGO: rtattr_type_t = 14;
pub const RTA_TABLE: rtattr_type_t = 15;
pub const RTA_MARK: rtattr_type_t = 16;
pub const RTA_MFC_STATS: rtattr_type_t = 17;
pub const RTA_VIA: rtattr_type_t = 18;
pub const RTA_NEWDST: rtattr_type_t = 19;
pub const RTA_PREF: rtattr_type_t = 20;
pub const RTA_ENCAP_TYPE: rtattr_type_t = 21;
pub const RTA_ENCAP: rtattr_type_t = 22;
pub const RTA_EXPIRES: rtattr_type_t = 23;
pub const RTA_PAD: rtattr_type_t = 24;
pub const RTA_UID: rtattr_type_t = 25;
pub const RTA_TTL_PROPAGATE: rtattr_type_t = 26;
pub const RTA_IP_PROTO: rtattr_type_t = 27;
pub const RTA_SPORT: rtattr_type_t = 28;
pub const RTA_DPORT: rtattr_type_t = 29;
pub const RTA_NH_ID: rtattr_type_t = 30;
pub const RTA_FLOWLABEL: rtattr_type_t = 31;
pub const RTA_DEL_REASON: rtattr_type_t = 32;
pub const __RTA_MAX: rtattr_type_t = 33;
pub type rtattr_type_t = ::core::ffi::c_uint;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct ifinfomsg {
    pub ifi_family: ::core::ffi::c_uchar,
    pub __ifi_pad: ::core::ffi::c_uchar,
    pub ifi_type: ::core::ffi::c_ushort,
    pub ifi_index: ::core::ffi::c_int,
    pub ifi_flags: ::core::ffi::c_uint,
    pub ifi_change: ::core::ffi::c_uint,
}
#[repr(C)]
#[derive(Debug, Default)]
pub struct sysinfo {
    pub uptime: __kernel_long_t,
    pub loads: [__kernel_ulong_t; 3usize],
    pub totalram: __kernel_ulong_t,
    pub freeram: __kernel_ulong_t,
    pub sharedram: __kernel_ulong_t,
    pub bufferram: __kernel_ulong_t,
    pub totalswap: __kernel_ulong_t,
    pub freeswap: __kernel_ulong_t,
    pub procs: __u16,
    pub pad: __u16,
    pub totalhigh: __kernel_ulong_t,
    pub freehigh: __kernel_ulong_t,
    pub mem_unit: __u32,
    pub _f: __IncompleteArrayField<::core::ffi::c_char>,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct winsize {
    pub ws_row: ::core::ffi::c_ushort,
    pub ws_col: ::core::ffi::c_ushort,
    pub ws_xpixel: ::core::ffi::c_ushort,
    pub ws_ypixel: ::core::ffi::c_ushort,
}
