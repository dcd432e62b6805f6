// SPDX-License-Identifier: MIT OR Apache-2.0
//! DHCP for IPv4 (RFC 2131): messages, the client's states, leases. Pure: `networkd` has the sockets and the clock.

pub mod client;
pub mod datagram;
pub mod lease;
pub mod message;
pub mod names;
