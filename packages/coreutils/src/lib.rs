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
    "base64" => uu_base64,
    "basename" => uu_basename,
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
    "dirname" => uu_dirname,
    "du" => uu_du,
    "echo" => uu_echo,
    "env" => uu_env,
    "expand" => uu_expand,
    "expr" => uu_expr,
    "false" => uu_false,
    "fold" => uu_fold,
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
    "od" => uu_od,
    "paste" => uu_paste,
    "pathchk" => uu_pathchk,
    "printenv" => uu_printenv,
    "printf" => uu_printf,
    "pwd" => uu_pwd,
    "readlink" => uu_readlink,
    "realpath" => uu_realpath,
    "rm" => uu_rm,
    "rmdir" => uu_rmdir,
    "seq" => uu_seq,
    "sha256sum" => uu_sha256sum,
    "sha512sum" => uu_sha512sum,
    "shuf" => uu_shuf,
    "sleep" => uu_sleep,
    "sort" => uu_sort,
    "split" => uu_split,
    "stat" => uu_stat,
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
    "uname" => uu_uname,
    "unexpand" => uu_unexpand,
    "uniq" => uu_uniq,
    "unlink" => uu_unlink,
    "wc" => uu_wc,
    "whoami" => uu_whoami,
    "yes" => uu_yes,
}

/// Runs utility `name` with `args` (its name first) and gives its exit status, or `None` when there is none of that
/// name.
#[must_use]
pub fn run(name: &str, args: Vec<OsString>) -> Option<i32> {
    let main = main_of(name)?;
    uucore::panic::mute_sigpipe_panic();
    if let Err(error) = uucore::locale::setup_localization(if name == "[" { "test" } else { name }) {
        eprintln!("{name}: no messages for this utility: {error}");
        return Some(99);
    }
    Some(main(args.into_iter()))
}

/// Says that the process's first argument is the name of a utility: its messages then name it so.
pub fn name_is_second() {
    uucore::set_utility_is_second_arg();
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
