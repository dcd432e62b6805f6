// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lsmod`: the kernel modules that are loaded, from `/proc/modules` (lsmod(8)).

use crate::Failure;
use std::io::Write;

const LIST: &str = "/proc/modules";

pub fn main(mut options: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    if let Some(arg) = options.next()? {
        return Err(arg.unexpected().into());
    }
    let text = std::fs::read_to_string(LIST).map_err(|error| Failure::at(LIST, &error))?;
    Ok(out.write_all(table(&text).as_bytes())?)
}

fn table(list: &str) -> String {
    let mut table = format!("{:<24}{:>8}  Used by\n", "Module", "Size");
    for line in list.lines() {
        let mut fields = line.split(' ');
        let mut field = || fields.next().unwrap_or("");
        let (name, size, count, users) = (field(), field(), field(), field());
        let users = if users == "-" { "" } else { users.trim_end_matches(',') };
        let line = format!("{name:<24}{size:>8}  {count} {users}");
        table.push_str(line.trim_end());
        table.push('\n');
    }
    table
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns() {
        let list = "\
qos_exit 12288 0 - Live 0x0000000000000000
ext4 987654 2 mbcache,jbd2, Live 0x0
";
        let expect = "\
Module                      Size  Used by
qos_exit                   12288  0
ext4                      987654  2 mbcache,jbd2
";
        assert_eq!(super::table(list), expect);
    }
}
