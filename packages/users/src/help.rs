// SPDX-License-Identifier: MIT OR Apache-2.0
//! The descriptions of the programs, for `--help` and the manual.

use qos_command::Help;

const FILES: &str = "\
/etc/passwd      users
/etc/shadow      hashes of passwords, and their ages
/etc/group       groups and their members
/etc/gshadow     groups, if the file exists
/etc/login.defs  ranges of numbers, and defaults of ages and hashes
";

const PASSWORD_FILES: &str = "\
/etc/passwd      users
/etc/shadow      hashes of passwords, and their ages
/etc/login.defs  the method and the cost of hashes
";

const OF_A_USER: &str = "\
0  success
1  failure
2  usage error
3  invalid value of an option
6  there is no such user
";

pub const CHAGE: Help = Help {
    purpose: "show or change how long a password and an account are valid",
    usage: "[-R ROOT] -l [-i] USER\n[-R ROOT] [-d DAY] [-E DAY] [-I DAYS] [-m DAYS] [-M DAYS] [-W DAYS] USER",
    text: "A DAY is a date as YYYY-MM-DD, a number of days since 1970-01-01, or -1 for none. Users other than root can \
           only list their own account, and not with -R.",
    options: "\
-l, --list             print the account's days
-i, --iso8601          print dates as YYYY-MM-DD
-d, --lastday DAY      set the day of the last change of the password; 0: it has to be changed at the next login
-E, --expiredate DAY   set the day from which the account cannot be used
-I, --inactive DAYS    set for how many days after the password's end it can still be changed at a login
-m, --mindays DAYS     set for how many days a password cannot be changed again
-M, --maxdays DAYS     set for how many days a password is valid
-W, --warndays DAYS    set for how many days before the password's end a login warns
-R, --root ROOT        use the files of the system under the directory ROOT
",
    status: OF_A_USER,
    files: "/etc/passwd  users\n/etc/shadow  the days\n",
    see: "passwd(1) shadow(5) usermod(8)",
    ..Help::NONE
};

pub const CHPASSWD: Help = Help {
    section: 8,
    purpose: "change the passwords of many users",
    usage: "[-R ROOT] [-e | -c METHOD] <LINES",
    text: "Reads lines of the form USER:PASSWORD from standard input. If one of them is wrong, no password is changed.",
    options: "\
-c, --crypt-method METHOD  hash by YESCRYPT, SHA512 or SHA256 (default: ENCRYPT_METHOD of login.defs(5))
-e, --encrypted            the lines have hashes in the place of passwords
-R, --root ROOT            use the files of the system under the directory ROOT
-P, --prefix ROOT          the same as -R
",
    files: PASSWORD_FILES,
    see: "passwd(1) shadow(5) login.defs(5)",
    ..Help::NONE
};

pub const GROUPADD: Help = Help {
    section: 8,
    purpose: "create a group",
    usage: "[-R ROOT] [-for] [-g GID] GROUP",
    options: "\
-f, --force        succeed if the group exists, and take another number if that of -g is in use
-g, --gid GID      number of the group (default: the next free one)
-o, --non-unique   allow a number that another group has
-r, --system       take the number from the range of system groups
-R, --root ROOT    use the files of the system under the directory ROOT
-P, --prefix ROOT  the same as -R
",
    status: "\
0  success
1  failure
2  usage error
3  invalid name or number
4  the number is in use, or none is free
9  the group exists
",
    files: FILES,
    see: "groupdel(8) useradd(8) group(5) login.defs(5)",
    ..Help::NONE
};

pub const GROUPDEL: Help = Help {
    section: 8,
    purpose: "remove a group",
    usage: "[-R ROOT] [-f] GROUP",
    options: "\
-f, --force        remove the group even if it is the primary group of a user
-R, --root ROOT    use the files of the system under the directory ROOT
-P, --prefix ROOT  the same as -R
",
    status: "\
0  success
1  failure
2  usage error
6  there is no such group
8  the group is the primary group of a user
",
    files: FILES,
    see: "groupadd(8) userdel(8) group(5)",
    ..Help::NONE
};

pub const PASSWD: Help = Help {
    purpose: "change a password",
    usage: "[-s] [USER]\n[-R ROOT] [-d | -l | -u] [-e] [-n DAYS] [-x DAYS] [-w DAYS] [-i DAYS] USER\n-S [USER]\n-S -a",
    text: "Asks for a new password, and of users other than root for the old one first. Without USER, the account is the caller's. \
           Only root can change or see another account, or use an option that changes one.",
    options: "\
-s, --stdin           read the new password from standard input, as one line
-d, --delete          delete the password: none is asked for
-e, --expire          require a change of the password at the next login
-l, --lock            lock the password
-u, --unlock          unlock the password
-n, --mindays DAYS    set for how many days a password cannot be changed again
-x, --maxdays DAYS    set for how many days a password is valid
-w, --warndays DAYS   set for how many days before the password's end a login warns
-i, --inactive DAYS   set for how many days after the password's end it can still be changed at a login
-S, --status          print a line about the account: L is a locked password, P a usable one, NP none
-a, --all             with -S, print a line for each account
-R, --root ROOT       use the files of the system under the directory ROOT
-P, --prefix ROOT     the same as -R
",
    status: OF_A_USER,
    files: PASSWORD_FILES,
    see: "chage(1) chpasswd(8) shadow(5) login.defs(5)",
    ..Help::NONE
};

pub const USERADD: Help = Help {
    section: 8,
    purpose: "create a user",
    usage: "[OPTION]... USER",
    text: "The new account has no valid password until passwd(1) sets one.",
    options: "\
-b, --base-dir BASE      parent of the home directory (default: /home)
-c, --comment COMMENT    the user's full name
-d, --home-dir HOME      home directory (default: BASE/USER)
-e, --expiredate DAY     day from which the account cannot be used: YYYY-MM-DD, days since 1970-01-01, or -1 for none
-f, --inactive DAYS      for how many days after the password's end it can still be changed at a login
-g, --gid GROUP          primary group, by name or number
-G, --groups GROUP,...   other groups of which the user becomes a member
-k, --skel SKEL          directory that is copied to the new home directory (default: /etc/skel)
-K, --key KEY=VALUE      use this value instead of that in login.defs(5)
-m, --create-home        create the home directory
-M, --no-create-home     do not create the home directory
-N, --no-user-group      do not create a group of the user's name
-U, --user-group         create a group of the user's name
-o, --non-unique         allow a number that another user has
-r, --system             create a system user, with a number from the range of those
-s, --shell SHELL        the program that a login starts
-u, --uid UID            number of the user (default: the next free one)
-R, --root ROOT          use the files of the system under the directory ROOT
-P, --prefix ROOT        the same as -R
",
    status: "\
0   success
1   failure
2   usage error
3   invalid name, or invalid value of an option
4   the number is in use, or none is free
6   there is no such group
9   the user, or a group of its name, exists
12  the home directory cannot be created
",
    files: FILES,
    see: "passwd(1) userdel(8) usermod(8) groupadd(8) login.defs(5)",
    ..Help::NONE
};

pub const USERDEL: Help = Help {
    section: 8,
    purpose: "remove a user",
    usage: "[-R ROOT] [-fr] USER",
    text: "The user's own group is removed too, if it has no other members.",
    options: "\
-f, --force        remove the user even if processes of the user run
-r, --remove       remove the home directory too
-R, --root ROOT    use the files of the system under the directory ROOT
-P, --prefix ROOT  the same as -R
",
    status: "\
0   success
1   failure
2   usage error
6   there is no such user
8   processes of the user run
12  the home directory cannot be removed
",
    files: FILES,
    see: "useradd(8) usermod(8) groupdel(8)",
    ..Help::NONE
};

pub const USERMOD: Help = Help {
    section: 8,
    purpose: "change a user",
    usage: "[OPTION]... USER",
    options: "\
-a, --append             with -G, keep the other groups too
-c, --comment COMMENT    the user's full name
-d, --home HOME          home directory
-e, --expiredate DAY     day from which the account cannot be used: YYYY-MM-DD, days since 1970-01-01, or -1 for none
-f, --inactive DAYS      for how many days after the password's end it can still be changed at a login
-g, --gid GROUP          primary group, by name or number
-G, --groups GROUP,...   the other groups; the user leaves those that are not listed
-l, --login NAME         name of the user
-L, --lock               lock the password
-U, --unlock             unlock the password
-m, --move-home          with -d, move the contents of the home directory
-o, --non-unique         allow a number that another user has
-s, --shell SHELL        the program that a login starts
-u, --uid UID            number of the user; files in the home directory get it too
-R, --root ROOT          use the files of the system under the directory ROOT
-P, --prefix ROOT        the same as -R
",
    status: "\
0   success
1   failure
2   usage error
3   invalid value of an option, or the password cannot be unlocked
4   the number is in use
6   there is no such user or group
8   processes of the user run
9   the name is in use
12  the home directory cannot be moved
",
    files: FILES,
    see: "passwd(1) chage(1) useradd(8) userdel(8) login.defs(5)",
    ..Help::NONE
};
