// SPDX-License-Identifier: MIT OR Apache-2.0
//! Numbers of errors by name (errno(3)), as `SystemCallErrorNumber=` takes them.

/// Names from number 1 on, as in `asm-generic/errno.h` of Linux; `-` is a number without a name.
const NAMES: &str = "\
EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST \
EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM \
ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP - ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG \
EUNATCH ENOCSI EL2HLT EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT - EBFONT ENOSTR ENODATA ETIME ENOSR ENONET \
ENOPKG EREMOTE ENOLINK EADV ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG \
ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE \
EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE \
EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN ESHUTDOWN \
ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL \
EISNAM EREMOTEIO EDQUOT ENOMEDIUM EMEDIUMTYPE ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED EOWNERDEAD \
ENOTRECOVERABLE ERFKILL EHWPOISON";

/// The number of an error: its name, or a number from 1 to 4095.
///
/// # Errors
/// When `text` is neither.
pub fn number(text: &str) -> Result<u16, String> {
    let text = match text {
        "EWOULDBLOCK" => "EAGAIN",
        "EDEADLOCK" => "EDEADLK",
        "ENOTSUP" => "EOPNOTSUPP",
        other => other,
    };
    let named = NAMES.split(' ').zip(1..).find(|(name, _)| *name == text && text != "-");
    let number = named.map(|(_, number)| number).or_else(|| text.parse().ok());
    number
        .filter(|number| (1..=4095).contains(number))
        .ok_or_else(|| format!("{text:?} is no error such as EPERM, and no number from 1 to 4095"))
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn names_and_numbers() {
        assert_eq!((number("EPERM"), number("ENOSYS"), number("EAFNOSUPPORT")), (Ok(1), Ok(38), Ok(97)));
        assert_eq!((number("ENOTSUP"), number("EHWPOISON"), number("13")), (Ok(95), Ok(133), Ok(13)));
        for bad in ["", "-", "0", "4096", "EPRM", "-1"] {
            assert!(number(bad).is_err(), "{bad}");
        }
    }
}
