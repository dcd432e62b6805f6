// SPDX-License-Identifier: MIT OR Apache-2.0

use super::*;
use qos_unit::syntax::parse;

fn read(text: &str) -> (Network, Vec<String>) {
    let (assignments, warnings) = parse("f", format!("[Match]\nName=*\n{text}").as_bytes());
    assert_eq!(warnings, []);
    let (network, warnings) = Network::new("f", &assignments);
    (network, warnings.iter().map(ToString::to_string).collect())
}

/// Of lines of a section, what changes in the defaults.
fn check(text: &str, change: impl Fn(&mut Network)) {
    let (network, warnings) = read(text);
    let (mut expect, _) = read("");
    change(&mut expect);
    assert_eq!((network, warnings), (expect, Vec::new()), "{text}");
}

#[test]
fn keys_of_link_and_network() {
    check("[Link]\nMTUBytes=1400\nMACAddress=02:00:00:00:00:09\n", |n| {
        (n.mtu, n.hardware) = (Some(1400), Some([2, 0, 0, 0, 0, 9]));
    });
    check("[Link]\nMTUBytes=9K\nUnmanaged=yes\n", |n| (n.mtu, n.unmanaged) = (Some(9216), true));
    for (text, activation) in [
        ("up", Activation::Up),
        ("always-up", Activation::AlwaysUp),
        ("manual", Activation::Manual),
        ("down", Activation::Down),
        ("always-down", Activation::AlwaysDown),
    ] {
        check(&format!("[Link]\nActivationPolicy={text}\n"), |n| n.activation = activation);
    }
    check("[Link]\nRequiredForOnline=no\n", |n| n.required_for_online = false);
    check("[Link]\nRequiredForOnline=routable\n", |n| n.online_state = Some("routable".into()));
    check("[Network]\nDescription=x\nDHCP=yes\n", |n| n.dhcp = true);
    check("[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n", |n| {
        (n.dhcp, n.link_local, n.accept_ra) = (true, false, Some(false));
    });
    check("[Network]\nIPForward=ipv4\n", |n| n.forward = [Some(true), None]);
    check("[Network]\nIPForward=yes\nIPv6Forwarding=no\n", |n| n.forward = [Some(true), Some(false)]);
    check("[Network]\nDNS=192.0.2.9\nDNS=\nDNS=192.0.2.1 2001:db8::1\nDomains=a.b. c\n", |n| {
        n.dns = vec!["192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap()];
        n.domains = vec!["a.b".into(), "c".into()];
    });
    check("[Network]\nConfigureWithoutCarrier=yes\nIgnoreCarrierLoss=no\n", |n| {
        (n.without_carrier, n.ignore_carrier_loss) = (true, Some(false));
    });
    check("[Network]\nKeepConfiguration=dhcp\n", |n| (n.keep.dhcp, n.keep.dhcp_on_stop) = (true, true));
    check("[Network]\nKeepConfiguration=static\n", |n| n.keep.fixed = true);
    check("[IPv6AcceptRA]\nUseDNS=no\nUseDomains=yes\n", |n| n.ra = (false, true));
}

#[test]
fn keys_of_dhcp() {
    check("[DHCPv4]\nClientIdentifier=duid\nRouteMetric=10\nRouteTable=100\n", |n| {
        (n.dhcp4.client_id, n.dhcp4.metric, n.dhcp4.table) = (ClientId::Duid, 10, 100);
    });
    check("[DHCPv4]\nSendHostname=no\nHostname=h\nSendRelease=no\n", |n| {
        (n.dhcp4.send_host_name, n.dhcp4.host_name, n.dhcp4.send_release) = (false, Some("h".into()), false);
    });
    check(
        "[DHCP]\nUseDNS=no\nUseDomains=yes\nUseGateway=no\nUseHostname=no\nUseMTU=yes\nUseRoutes=no\n",
        |n| {
            let dhcp = &mut n.dhcp4;
            (dhcp.use_dns, dhcp.use_domains, dhcp.use_gateway) = (false, true, Some(false));
            (dhcp.use_host_name, dhcp.use_mtu, dhcp.use_routes) = (false, true, false);
        },
    );
}

#[test]
fn addresses_and_routes() {
    let address = |text: &str| AddressConfig::of(text.parse().unwrap());
    check("[Network]\nAddress=192.0.2.1/24\nAddress=\nAddress=2001:db8::1/64\n", |n| {
        n.addresses = vec![address("2001:db8::1/64")];
    });
    check("[Address]\nAddress=192.0.2.1/24\n[Address]\nAddress=192.0.2.2/24\nPeer=192.0.2.9\n", |n| {
        n.addresses = vec![address("192.0.2.1/24"), address("192.0.2.2/24")];
        n.addresses[1].peer = Some("192.0.2.9".parse().unwrap());
    });
    check(
        "[Address]\nAddress=192.0.2.1/24\nBroadcast=192.0.2.7\nLabel=e:1\nPreferredLifetime=0\nScope=link\n\
         RouteMetric=5\nAddPrefixRoute=no\n[Address]\nAddress=192.0.2.2/24\nBroadcast=no\n",
        |n| {
            let mut one = address("192.0.2.1/24");
            (one.broadcast, one.label) = (Ok("192.0.2.7".parse().unwrap()), Some("e:1".into()));
            (one.deprecated, one.scope, one.metric, one.prefix_route) = (true, Some(253), 5, false);
            let two = AddressConfig { broadcast: Err(false), ..address("192.0.2.2/24") };
            n.addresses = vec![one, two];
        },
    );
    check("[Network]\nGateway=192.0.2.1\nGateway=_dhcp4\n", |n| {
        let route = |gateway| RouteConfig { gateway: Some(gateway), ..RouteConfig::default() };
        n.routes = vec![route(Gateway::Address("192.0.2.1".parse().unwrap())), route(Gateway::Dhcp)];
    });
    check(
        "[Route]\nDestination=10.1.2.3/8\nGateway=192.0.2.1\nGatewayOnLink=yes\nMetric=7\nTable=main\nScope=global\n\
         PreferredSource=192.0.2.9\nProtocol=boot\nMTUBytes=1300\n[Route]\nDestination=2001:db8::/32\nType=unreachable\n",
        |n| {
            let one = RouteConfig {
                destination: Some("10.0.0.0/8".parse().unwrap()),
                gateway: Some(Gateway::Address("192.0.2.1".parse().unwrap())),
                on_link: true,
                metric: 7,
                source: Some("192.0.2.9".parse().unwrap()),
                scope: Some(0),
                protocol: 3,
                mtu: Some(1300),
                ..RouteConfig::default()
            };
            let destination = Some("2001:db8::/32".parse().unwrap());
            n.routes = vec![one, RouteConfig { destination, kind: 7, ..RouteConfig::default() }];
        },
    );
}

#[test]
fn lines_without_effect() {
    for (text, warning) in [
        ("[Link]\nX=1\n", "f:4: [Link] X= is not supported: ignored"),
        ("[Bridge]\nSTP=yes\n", "f:4: [Bridge] STP= is not supported: ignored"),
        ("[Link]\nMTUBytes=67\n", "f:4: MTUBytes=: \"67\" is no size from 68 on: ignored"),
        (
            "[Network]\nDHCP=ipv6\n",
            "f:4: DHCP=: there is no client of DHCPv6; IPv6AcceptRA= gets addresses: ignored",
        ),
        ("[Network]\nDNS=1.2.3.4:53\n", "f:4: DNS=: \"1.2.3.4:53\" is no IP address: ignored"),
        (
            "[Network]\nDomains=~.\n",
            "f:4: Domains=: ~.: domains that only choose a DNS server are not supported: ignored",
        ),
        (
            "[Network]\nAddress=1.2.3\n",
            "f:4: Address=: \"1.2.3\" is no address such as 192.0.2.1/24 or 2001:db8::1/64: ignored",
        ),
        ("[Address]\nLabel=x\n", "f:4: [Address] without a usable Address=: ignored"),
        (
            "[Address]\nAddress=192.0.2.1\nPeer=::1\n",
            "f:4: [Address] Address= and Peer= are of two kinds: ignored",
        ),
        ("[Route]\nMetric=1\n", "f:4: [Route] without Destination=, Gateway= and PreferredSource=: ignored"),
        (
            "[Route]\nDestination=192.0.2.0/24\nGateway=::1\n",
            "f:4: [Route] has addresses of IPv4 and of IPv6: ignored",
        ),
        ("[DHCPv4]\nClientIdentifier=x\n", "f:4: ClientIdentifier=: \"x\" is not one of mac, duid: ignored"),
    ] {
        assert_eq!(read(text).1, [warning], "{text}");
    }
    let (network, warnings) = read("[Route]\nDestination=192.0.2.0/24\nGateway=x\n");
    assert_eq!((network.routes.len(), warnings.len()), (0, 2));
    let (_, warnings) = Network::new("f", &[]);
    assert_eq!(
        warnings[0].to_string(),
        "f:1: no condition in [Match]: the file is not used (Name=* matches all links)"
    );
}

#[test]
fn conditions() {
    let facts = Facts {
        names: vec!["eth0".into(), "lan".into()],
        hardware: vec![2, 0, 0, 0, 0, 1],
        permanent: vec![2, 0, 0, 0, 0, 2],
        kind: "ether".into(),
        virtual_kind: String::new(),
        driver: "virtio_net".into(),
        path: "pci-0000:00:02.0".into(),
    };
    for (lines, expect) in [
        ("Name=eth*", true),
        ("Name=en* eth0", true),
        ("Name=lan", true),
        ("Name=en*", false),
        ("Name=!en* wl*", true),
        ("Name=!en* eth*", false),
        ("Name=eth*\nName=!eth0", false),
        ("Name=en*\nName=\nType=ether", true),
        ("MACAddress=02:00:00:00:00:01", true),
        ("MACAddress=02:00:00:00:00:09 02-00-00-00-00-01", true),
        ("MACAddress=02:00:00:00:00:02", false),
        ("PermanentMACAddress=02:00:00:00:00:02", true),
        ("Type=wlan", false),
        ("Type=!wlan wwan", true),
        ("Driver=virtio*\nPath=pci-*", true),
        ("Driver=e1000", false),
        ("Kind=veth", false),
        ("Name=*\nHost=x", false),
    ] {
        let (assignments, _) = parse("f", format!("[Match]\n{lines}\n").as_bytes());
        assert_eq!(Network::new("f", &assignments).0.matches.holds(&facts), expect, "{lines}");
    }
}
