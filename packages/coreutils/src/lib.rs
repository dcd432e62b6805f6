// SPDX-License-Identifier: MIT OR Apache-2.0
//! The uutils coreutils that qos ships, each by its name.

use std::ffi::OsString;

/// Arguments as a utility gets them: its name first.
pub type Args = std::vec::IntoIter<OsString>;

/// Makes the table of utilities out of pairs of a name and its crate.
macro_rules! applets {
    ($($name:literal => $krate:ident,)*) => {
        /// Names of the utilities, in order.
        pub const NAMES: &[&str] = &[$($name),*];

        fn main_of(name: &str) -> Option<fn(Args) -> i32> {
            match name {
                $($name => Some($krate::uumain),)*
                _ => None,
            }
        }
    };
}

applets! {
    "[" => uu_test,
    "arch" => uu_arch,
    "b2sum" => uu_b2sum,
    "base32" => uu_base32,
    "base64" => uu_base64,
    "basename" => uu_basename,
    "basenc" => uu_basenc,
    "cat" => uu_cat,
    "chgrp" => uu_chgrp,
    "chmod" => uu_chmod,
    "chown" => uu_chown,
    "chroot" => uu_chroot,
    "cksum" => uu_cksum,
    "comm" => uu_comm,
    "cp" => uu_cp,
    "csplit" => uu_csplit,
    "cut" => uu_cut,
    "date" => uu_date,
    "dd" => uu_dd,
    "df" => uu_df,
    "dir" => uu_dir,
    "dircolors" => uu_dircolors,
    "dirname" => uu_dirname,
    "du" => uu_du,
    "echo" => uu_echo,
    "env" => uu_env,
    "expand" => uu_expand,
    "expr" => uu_expr,
    "false" => uu_false,
    "fmt" => uu_fmt,
    "fold" => uu_fold,
    "groups" => uu_groups,
    "head" => uu_head,
    "hostname" => uu_hostname,
    "id" => uu_id,
    "install" => uu_install,
    "join" => uu_join,
    "kill" => uu_kill,
    "link" => uu_link,
    "ln" => uu_ln,
    "logname" => uu_logname,
    "ls" => uu_ls,
    "md5sum" => uu_md5sum,
    "mkdir" => uu_mkdir,
    "mkfifo" => uu_mkfifo,
    "mknod" => uu_mknod,
    "mktemp" => uu_mktemp,
    "mv" => uu_mv,
    "nice" => uu_nice,
    "nl" => uu_nl,
    "nohup" => uu_nohup,
    "nproc" => uu_nproc,
    "numfmt" => uu_numfmt,
    "od" => uu_od,
    "paste" => uu_paste,
    "pathchk" => uu_pathchk,
    "pr" => uu_pr,
    "printenv" => uu_printenv,
    "printf" => uu_printf,
    "ptx" => uu_ptx,
    "pwd" => uu_pwd,
    "readlink" => uu_readlink,
    "realpath" => uu_realpath,
    "rm" => uu_rm,
    "rmdir" => uu_rmdir,
    "seq" => uu_seq,
    "sha1sum" => uu_sha1sum,
    "sha224sum" => uu_sha224sum,
    "sha256sum" => uu_sha256sum,
    "sha384sum" => uu_sha384sum,
    "sha512sum" => uu_sha512sum,
    "shred" => uu_shred,
    "shuf" => uu_shuf,
    "sleep" => uu_sleep,
    "sort" => uu_sort,
    "split" => uu_split,
    "stat" => uu_stat,
    "stty" => uu_stty,
    "sum" => uu_sum,
    "sync" => uu_sync,
    "tac" => uu_tac,
    "tail" => uu_tail,
    "tee" => uu_tee,
    "test" => uu_test,
    "timeout" => uu_timeout,
    "touch" => uu_touch,
    "tr" => uu_tr,
    "true" => uu_true,
    "truncate" => uu_truncate,
    "tsort" => uu_tsort,
    "tty" => uu_tty,
    "uname" => uu_uname,
    "unexpand" => uu_unexpand,
    "uniq" => uu_uniq,
    "unlink" => uu_unlink,
    "vdir" => uu_vdir,
    "wc" => uu_wc,
    "whoami" => uu_whoami,
    "yes" => uu_yes,
}

/// Runs utility `name` with `args` (its name first) and returns its exit status, or `None` if there is no utility of that
/// name.
#[must_use]
pub fn run(name: &str, args: Vec<OsString>) -> Option<i32> {
    let main = main_of(name)?;
    let messages = match name {
        "[" => "test",
        "dir" | "vdir" => "ls",
        _ => name,
    };
    if let Err(error) = uucore::locale::setup_localization(messages) {
        eprintln!("{name}: no messages for this utility: {error}");
        return Some(99);
    }
    Some(main(args.into_iter()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_known() {
        assert!(NAMES.is_sorted());
        assert!(NAMES.iter().all(|name| main_of(name).is_some()));
        assert!(main_of("no-such-utility").is_none());
    }
}
