// SPDX-License-Identifier: MIT OR Apache-2.0
//! Numbers of address families by name (address_families(7)), as `RestrictAddressFamilies=` takes them.

/// Names from number 1 on, as in `linux/socket.h` of Linux 6.18.
const NAMES: &str = "\
AF_UNIX AF_INET AF_AX25 AF_IPX AF_APPLETALK AF_NETROM AF_BRIDGE AF_ATMPVC AF_X25 AF_INET6 AF_ROSE AF_DECnet \
AF_NETBEUI AF_SECURITY AF_KEY AF_NETLINK AF_PACKET AF_ASH AF_ECONET AF_ATMSVC AF_RDS AF_SNA AF_IRDA AF_PPPOX \
AF_WANPIPE AF_LLC AF_IB AF_MPLS AF_CAN AF_TIPC AF_BLUETOOTH AF_IUCV AF_RXRPC AF_ISDN AF_PHONET AF_IEEE802154 \
AF_CAIF AF_ALG AF_NFC AF_VSOCK AF_KCM AF_QIPCRTR AF_SMC AF_XDP AF_MCTP";

/// The number of an address family.
#[must_use]
pub fn number(name: &str) -> Option<u32> {
    let name = match name {
        "AF_LOCAL" | "AF_FILE" => "AF_UNIX",
        "AF_ROUTE" => "AF_NETLINK",
        other => other,
    };
    NAMES.split(' ').zip(1..).find(|(known, _)| *known == name).map(|(_, number)| number)
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers() {
        for (name, number) in [
            ("AF_UNIX", 1),
            ("AF_LOCAL", 1),
            ("AF_INET6", 10),
            ("AF_NETLINK", 16),
            ("AF_PACKET", 17),
            ("AF_ALG", 38),
            ("AF_VSOCK", 40),
            ("AF_MCTP", 45),
        ] {
            assert_eq!(super::number(name), Some(number), "{name}");
        }
        assert_eq!(super::number("AF_NOTHING"), None);
    }
}
