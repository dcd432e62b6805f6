// SPDX-License-Identifier: MIT OR Apache-2.0
use super::*;

/// A long password.
const LONG: &str = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
                    xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

/// Passwords, and their hashes by crypt(3) of libxcrypt 4.4.33.
const LIBXCRYPT: &[(&str, &str)] = &[
    ("", "$y$j9T$LdJMENpBABJJ3hIHjB1Bi.$0VoQRSq3WjXDU.r5dyEx3bs9lIvBVufPNCNqODXmIC8"),
    ("pleaseletmein", "$y$j9T$LdJMENpBABJJ3hIHjB1Bi.$iofk68xbXBoXKsxTyMBCh2qkQuzQZ2Zik521F9TsTq6"),
    ("Grüße, Welt!", "$y$j9T$LdJMENpBABJJ3hIHjB1Bi.$j0EadqYBaBxHMo59VoTB3JLBuAsdAATDKwY4md8Os7C"),
    (LONG, "$y$j9T$LdJMENpBABJJ3hIHjB1Bi.$7YoZ4NqLvcMxJjNyim1C6fMGIp69ZlI.Pc.5xL69V/A"),
    ("", "$y$j75$LdJMENpBABJJ3hIHjB1Bi.$tUlUF19mIl6XpRTpX7LBp5ABKS8KSmDfP1gXFrZ6Sy8"),
    ("pleaseletmein", "$y$j75$LdJMENpBABJJ3hIHjB1Bi.$LOFz5qVpaHYHlkfy7RM1hH9gRBSqy5mk4KRmFVRFKM4"),
    ("Grüße, Welt!", "$y$j75$LdJMENpBABJJ3hIHjB1Bi.$MXQQSihm4j.LIPp7DyfM5I/RPVThMC2JQdoIWqQtZg/"),
    (LONG, "$y$j75$LdJMENpBABJJ3hIHjB1Bi.$hCg/fMaHRff/K4K2VRwHGYajxmgxvGH50iWI6pbNHB/"),
    (
        "",
        "$6$saltstring$kyGrqt6gmjAdtFLPrflEFifSYLCWWq1pyx95SvqinLDy2UHmj0sTF0MSLMwxPFZc3tu5kQckI8fks0zOPda3n1",
    ),
    (
        "pleaseletmein",
        "$6$saltstring$SqyhDWidy1FyYQvxJS0mCfscyB71Ni5Yi9UsukwaGkrvtN5uj8uxcQrCB9XRTz8SWHp08vMi14NTi36I1YPJR.",
    ),
    (
        "Grüße, Welt!",
        "$6$saltstring$qU4ADQKmvi5Rv1ml3rvPzPjDqKlh.cKbAIiXMytC3MXyZ53vvvqf7Tu6y0b4JohsCieuAxD82wvO/5zlGC.oi1",
    ),
    (
        LONG,
        "$6$saltstring$t389DMhSoo4E0ZoBwi6pljSVVV2g3aqHWf0TDNhYgN8bq.ZZvSs36oL5OhBAJhEa0qstQyuXVFSHD/d.cFQMw0",
    ),
    (
        "",
        "$6$rounds=10000$saltstringsaltst$xuc/3ZHb0zTCjdaS/H9sWqIHQqdGImHveIs4HIMg.5dfNJpOYBI200IN9l6olHiR8.YI/P/Xe1hnfHOMI36.m0",
    ),
    (
        "pleaseletmein",
        "$6$rounds=10000$saltstringsaltst$8UFq6.jZfEmIrARXhIslSWk7/CB.Smf0qkA54xhIUQmfn/wVMan2QVomkfLn4uAXPUxra5QvvtXL2ikKrfa8P/",
    ),
    (
        "Grüße, Welt!",
        "$6$rounds=10000$saltstringsaltst$kSTNRuH6F7YRIt0plBZqoTM855eAsmRRt9ULbSri74OX2UKcNBT/90jr4/cIA5choFHwKz/ed6woHxxleoVKI0",
    ),
    (
        LONG,
        "$6$rounds=10000$saltstringsaltst$NTRh43UgZCEdGRAy6zVhpdD2ECI5e7YpRytxd1NLILqRCfdlEAdKPQH4WQ601DyLUOg4/D3Nh8uJ/1Ze/RBsX.",
    ),
    ("", "$5$saltstring$FdNfA4gXqvCeO6iZs7G/.wwwoywYZqo0l1pwmfWaBA7"),
    ("pleaseletmein", "$5$saltstring$yHu4NCI8wZtVmEi4UlBewMEOd14T6b2X6goRY6eWJo7"),
    ("Grüße, Welt!", "$5$saltstring$EliY6f6kO.3Q2NxYqRmWLXiqEFGSzI1EZm88gTvB.04"),
    (LONG, "$5$saltstring$rwq/JJiS514uBZM0XlgTBNTZFB6WIioWwq2E4Bl1FB1"),
    ("", "$5$rounds=1400$anotherlongsalts$7IcTVudmZDHdXM3GIn4KAxA5tvn.eciiARdqRBeqNs/"),
    ("pleaseletmein", "$5$rounds=1400$anotherlongsalts$dJ0dpj83yDnU.gsG9hH7pVyRCMphFnCzPeJDh2YTjf7"),
    ("Grüße, Welt!", "$5$rounds=1400$anotherlongsalts$N6oGxBwjSdxwPp8HRcVdnwvpXIBI6LHDUUOLTIsaa0/"),
    (LONG, "$5$rounds=1400$anotherlongsalts$5vYFGmtdsx7pyk9E/4wNW96dPLgD5OGnYX7Uc0EB8KA"),
    ("", "$y$jD5$F5Jx5fExrKuPp53xLKQ..1$QGxDlIuV/egfooOcZcu.h2OINkw21gSn5Nsble2OIED"),
    ("pleaseletmein", "$y$jD5$F5Jx5fExrKuPp53xLKQ..1$UnBPzOPKntUwlt1fOgNhCq7K7C6WSfk4Wi3sPMeDrP8"),
    ("Grüße, Welt!", "$y$jD5$F5Jx5fExrKuPp53xLKQ..1$mnxDWizMPOS2sMyZKy556Og6ddi34Iz9d36kb0wNK65"),
    (LONG, "$y$jD5$F5Jx5fExrKuPp53xLKQ..1$9B2mMwKCUAeHvKhZiQKDTLRPh4LeFzlus6q9XsUNsk1"),
];

fn secret(text: &str) -> Secret {
    Secret::new(text.as_bytes()).unwrap()
}

#[test]
fn verifies_what_libxcrypt_hashed() {
    for (password, hash) in LIBXCRYPT {
        assert_eq!(verify(hash, &secret(password)), Verdict::Right, "{hash}");
        if password.is_empty() {
            assert_eq!(verify(hash, &secret("x")), Verdict::Wrong, "{hash}");
        }
    }
}

#[test]
fn hashes_are_verified() {
    let lengths = [("$y$j9T$", 73), ("$y$j75$", 73), ("$6$rounds=5000$", 118), ("$5$rounds=1000$", 75)];
    let methods = [Method::Yescrypt(5), Method::Yescrypt(1), Method::Sha512(5000), Method::Sha256(1000)];
    for (method, (prefix, length)) in methods.into_iter().zip(lengths) {
        let (one, two) = (method.hash(&secret("pass")).unwrap(), method.hash(&secret("pass")).unwrap());
        assert!(one != two && one.starts_with(prefix) && one.len() == length, "{one}");
        assert_eq!(verify(&one, &secret("pass")), Verdict::Right);
        assert_eq!(verify(&one, &secret("Pass")), Verdict::Wrong);
        assert!(is_known(&one) && !is_locked(&one));
        assert!(method.hash(&secret("a\0b")).is_err());
    }
}

#[test]
fn what_no_password_opens() {
    let of_43 = "a".repeat(43);
    for hash in [
        "".to_owned(),
        "*".to_owned(),
        "!".to_owned(),
        format!("!$5$saltstring${of_43}"),
        "x".to_owned(),
        "$".to_owned(),
        "$y$".to_owned(),
        "$y$j9T$LdJMENpBABJJ3hIHjB1Bi.$".to_owned(),
        "$y$j9T$LdJMENpBABJJ3hIHjB1Bi.$.".to_owned(),
        "$y$j9T$LdJMENpBABJJ3hIHjB1Bi.".to_owned(),
        // Terabytes of memory.
        format!("$y$j.T$x${of_43}").replace("j.T", "jzzT"),
        format!("$y$jXT$LdJMENpBABJJ3hIHjB1Bi.${of_43}"),
        "$5$saltstring$".to_owned(),
        format!("$5$rounds=1$saltstring${of_43}"),
        format!("$5$rounds=x${of_43}"),
        format!("$5$saltstringsaltstring${of_43}"),
        format!("$5$$rounds=5000$salt${of_43}"),
        format!("$6$saltstring${of_43}"),
        format!("$1$saltstring${}", "a".repeat(22)),
        "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW".to_owned(),
        "rl.3StKT.4T8M".to_owned(),
    ] {
        for password in ["", "x", "U*U"] {
            assert_eq!(verify(&hash, &secret(password)), Verdict::Unusable, "{hash}");
        }
    }
}

#[test]
fn methods_of_login_defs() {
    for (text, expect) in [
        ("", Method::Yescrypt(5)),
        ("ENCRYPT_METHOD YESCRYPT\nYESCRYPT_COST_FACTOR 7\n", Method::Yescrypt(7)),
        ("YESCRYPT_COST_FACTOR 99\n", Method::Yescrypt(11)),
        ("ENCRYPT_METHOD SHA512\n", Method::Sha512(5000)),
        ("ENCRYPT_METHOD SHA256\nSHA_CRYPT_MAX_ROUNDS 8000\n", Method::Sha256(8000)),
        ("ENCRYPT_METHOD SHA256\nSHA_CRYPT_MIN_ROUNDS 1\n", Method::Sha256(1000)),
        ("ENCRYPT_METHOD DES\n", Method::Yescrypt(5)),
    ] {
        assert_eq!(Method::of(&Defs::parse(text.as_bytes())), expect, "{text}");
    }
}

#[test]
fn work_for_nobody() {
    // The work is that of a user's hash: a tenth of the CPU's time would be another path.
    let time = |work: &dyn Fn()| {
        let start = qos_sys::usage::of_thread().unwrap();
        work();
        qos_sys::usage::of_thread().unwrap() - start
    };
    let method = Method::Sha512(20_000);
    let hash = method.hash(&secret("x")).unwrap();
    let real = (0..3)
        .map(|_| {
            time(&|| {
                std::hint::black_box(verify(&hash, &secret("y")));
            })
        })
        .min()
        .unwrap();
    let nobody = (0..3).map(|_| time(&|| verify_nothing(method, &secret("y")))).min().unwrap();
    assert!(nobody * 4 > real && real * 4 > nobody, "{real:?} {nobody:?}");
}
