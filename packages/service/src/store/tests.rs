// SPDX-License-Identifier: MIT OR Apache-2.0
use super::*;

struct Root(PathBuf);

impl Root {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let root = std::env::temp_dir().join(format!("qos-service-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        for (path, content) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match content.strip_prefix("-> ") {
                Some(target) => std::os::unix::fs::symlink(target, path).unwrap(),
                None => fs::write(path, content).unwrap(),
            }
        }
        Root(root)
    }

    fn store(&self) -> Store {
        Store::new(&self.0, Facts::new())
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn state(store: &Store, name: &Name) -> Option<Enabled> {
    store.enabled(name).unwrap()
}

#[test]
fn where_units_come_from() {
    let root = Root::new(
        "load",
        &[
            ("lib/systemd/system/a.service", "[Unit]\nDescription=lib\n[Service]\nExecStart=/a\n"),
            ("lib/systemd/system/b@.service", "[Unit]\nDescription=%i\n[Service]\nExecStart=/b\n"),
            ("usr/lib/systemd/system/a.service", "[Unit]\nDescription=usr\n[Service]\nExecStart=/a\n"),
            ("etc/systemd/system/m.service", "-> /dev/null"),
            ("etc/systemd/system/empty.service", ""),
            ("etc/systemd/system/alias.service", "-> /lib/systemd/system/a.service"),
            ("etc/systemd/system/loop.service", "-> loop.service"),
            ("etc/systemd/system/a.service.d/20.conf", "[Unit]\nDescription=twenty\n"),
            ("run/systemd/system/a.service.d/10.conf", "[Unit]\nDescription=ten\n"),
            ("run/systemd/system/a.service.d/20.conf", "[Unit]\nDescription=run\n"),
            ("etc/systemd/system/service.d/30.conf", "[Unit]\nDocumentation=man:all\n"),
            ("etc/systemd/system/a.service.d/40.txt", "[Unit]\nDescription=no\n"),
            ("etc/systemd/system/x.target.wants/b@one.service", "-> /lib/systemd/system/b@.service"),
            ("etc/systemd/system/x.target.requires/a.service", "-> /lib/systemd/system/a.service"),
            ("etc/systemd/system/x.target", "[Unit]\n"),
            ("etc/fstab", "/dev/vdb /srv ext4 nofail\n"),
        ],
    );
    let store = root.store();
    let a = store.source(&name("a.service"));
    assert_eq!((a.unit.common.description.as_str(), a.load, a.files.len()), ("twenty", Load::Loaded, 4));
    assert_eq!(a.unit.common.documentation, ["man:all"]);
    assert_eq!(store.source(&name("b@x.service")).unit.common.description, "x");
    assert_eq!(store.source(&name("m.service")).load, Load::Masked);
    assert_eq!(store.source(&name("empty.service")).load, Load::Masked);
    assert_eq!(store.source(&name("none.service")).load, Load::NotFound);
    assert_eq!(store.source(&name("alias.service")).unit.name, name("a.service"));
    assert!(matches!(store.source(&name("loop.service")).load, Load::Bad(_)));
    assert_eq!(store.source(&name("basic.target")).load, Load::Loaded);
    let x = store.source(&name("x.target"));
    assert_eq!((x.wants, x.requires), (vec![name("b@one.service")], vec![name("a.service")]));
    assert_eq!(store.source(&name("local-fs.target")).wants, [name("srv.mount")]);
    assert_eq!(store.source(&name("srv.mount")).load, Load::Loaded);
}

#[test]
fn enabling() {
    let root = Root::new(
        "enable",
        &[
            (
                "lib/systemd/system/a.service",
                "[Service]\nExecStart=/a\n[Install]\nWantedBy=m.target\nAlias=z.service\nAlso=a.socket\n",
            ),
            ("lib/systemd/system/a.socket", "[Socket]\nListenStream=1\n[Install]\nWantedBy=sockets.target\n"),
            (
                "lib/systemd/system/t@.service",
                "[Service]\nExecStart=/a\n[Install]\nRequiredBy=m.target\nDefaultInstance=one\n",
            ),
            ("lib/systemd/system/s.service", "[Service]\nExecStart=/a\n"),
        ],
    );
    let store = root.store();
    let a = name("a.service");
    assert_eq!(state(&store, &a), Some(Enabled::Disabled));
    assert_eq!(store.enable(&a, Scope::Persistent).unwrap().len(), 3);
    assert_eq!(state(&store, &a), Some(Enabled::Enabled));
    assert_eq!(state(&store, &name("z.service")), Some(Enabled::Alias));
    assert_eq!(store.enable(&a, Scope::Persistent).unwrap(), []);
    assert_eq!(store.source(&name("m.target")).wants, std::slice::from_ref(&a));
    assert_eq!(store.source(&name("z.service")).unit.name, a);
    assert_eq!(store.disable(&a, Scope::Persistent).unwrap().len(), 3);
    assert_eq!(state(&store, &a), Some(Enabled::Disabled));
    store.enable(&name("t@.service"), Scope::Persistent).unwrap();
    assert_eq!(store.source(&name("m.target")).requires, [name("t@one.service")]);
    assert_eq!(state(&store, &name("s.service")), Some(Enabled::Static));
    assert!(
        store.enable(&name("s.service"), Scope::Persistent).unwrap_err().to_string().contains("no [Install]")
    );
    assert!(store.enable(&name("none.service"), Scope::Persistent).is_err());
    assert_eq!(store.mask(&a, Scope::Persistent).unwrap().len(), 1);
    assert_eq!((state(&store, &a), store.source(&a).load), (Some(Enabled::Masked), Load::Masked));
    assert_eq!(store.unmask(&a, Scope::Persistent).unwrap().len(), 1);
    assert_eq!(store.source(&a).load, Load::Loaded);
    assert_eq!(state(&store, &name("none.service")), None);
}

#[test]
fn states_of_files() {
    let root = Root::new(
        "states",
        &[
            ("lib/systemd/system/a.service", "[Service]\nExecStart=/a\n[Install]\nWantedBy=m.target\n"),
            ("lib/systemd/system/also.service", "[Service]\nExecStart=/a\n[Install]\nAlso=a.service\n"),
            ("lib/systemd/system/vendor.service", "[Service]\nExecStart=/a\n[Install]\nWantedBy=m.target\n"),
            ("lib/systemd/system/m.target.wants/vendor.service", "-> ../vendor.service"),
            ("opt/out.service", "[Service]\nExecStart=/a\n[Install]\nWantedBy=m.target\n"),
            ("etc/systemd/system/out.service", "-> /opt/out.service"),
            ("run/systemd/system/other.service", "-> /opt/out.service"),
            ("run/systemd/system/out2.service", "-> /opt/out2.service"),
            ("opt/out2.service", "[Service]\nExecStart=/a\n"),
            ("etc/systemd/system/dangling.service", "-> /opt/none.service"),
            ("etc/systemd/system/one.service", "-> two.service"),
            ("etc/systemd/system/two.service", "-> one.service"),
            ("etc/systemd/system/empty.service", ""),
            ("etc/systemd/system/null.service", "-> /dev/null"),
            ("run/systemd/system/runtime.service", "-> /dev/null"),
            ("etc/systemd/system/default.target", "-> /usr/lib/systemd/system/rescue.target"),
            ("etc/fstab", "/dev/vdb /srv ext4 nofail\n"),
        ],
    );
    let store = root.store();
    for (unit, expect) in [
        ("a.service", "disabled"),
        ("also.service", "indirect"),
        ("vendor.service", "enabled"),
        ("out.service", "linked"),
        ("other.service", "alias"),
        ("out2.service", "linked-runtime"),
        ("dangling.service", "bad"),
        ("one.service", "bad"),
        ("empty.service", "masked"),
        ("null.service", "masked"),
        ("runtime.service", "masked-runtime"),
        ("default.target", "alias"),
        ("srv.mount", "generated"),
        ("rescue.target", "static"),
        ("none.service", ""),
    ] {
        assert_eq!(Enabled::name_of(&store.enabled(&name(unit))), expect, "{unit}");
    }
    let a = name("a.service");
    store.enable(&a, Scope::Runtime).unwrap();
    assert_eq!(state(&store, &a), Some(Enabled::EnabledRuntime));
    assert_eq!(store.disable(&a, Scope::Persistent).unwrap(), []);
    assert_eq!(store.disable(&a, Scope::Runtime).unwrap().len(), 1);
    store.mask(&a, Scope::Runtime).unwrap();
    assert_eq!(state(&store, &a), Some(Enabled::MaskedRuntime));
    // A unit whose file is elsewhere is enabled like others.
    store.enable(&name("out.service"), Scope::Persistent).unwrap();
    assert_eq!(state(&store, &name("out.service")), Some(Enabled::Enabled));
}

#[test]
fn links_without_install_sections() {
    let service = "[Service]\nExecStart=/a\n";
    let root = Root::new(
        "links",
        &[
            ("lib/systemd/system/a.service", service),
            ("etc/systemd/system/a.service", service),
            ("etc/systemd/system/a.service.d/b.conf", "[Unit]\n"),
            ("run/systemd/system/a.service", "-> /dev/null"),
            ("etc/systemd/system/own.service", service),
            ("etc/systemd/system/own.service.d/b.conf", "[Unit]\n"),
            ("lib/systemd/system/m.target", "[Unit]\n"),
            ("lib/systemd/system/default.target", "-> m.target"),
            ("opt/out.service", service),
        ],
    );
    let store = root.store();
    // Overrides go, and files of the administrator's own stay.
    assert_eq!(store.revert(&name("a.service")).unwrap().len(), 3);
    assert_eq!(store.find(&name("a.service")), Some(root.0.join("lib/systemd/system/a.service")));
    assert_eq!(store.revert(&name("a.service")).unwrap(), []);
    assert_eq!(store.revert(&name("own.service")).unwrap().len(), 1);
    assert!(store.has_file(&name("own.service")));
    let link = |path: &str| store.link(Path::new(path), Scope::Persistent);
    assert_eq!(link("/opt/out.service").unwrap().1.len(), 1);
    assert_eq!(link("/opt/out.service").unwrap(), (name("out.service"), Vec::new()));
    assert_eq!(store.source(&name("out.service")).load, Load::Loaded);
    for path in ["/opt/none.service", "/opt/out", "opt/out.service", "/a/own.service"] {
        assert!(link(path).is_err(), "{path}");
    }
    assert_eq!(store.default_target().unwrap(), name("m.target"));
    assert_eq!(store.set_default_target(&name("rescue.target")).unwrap().len(), 1);
    assert_eq!(store.default_target().unwrap(), name("rescue.target"));
    assert_eq!(store.set_default_target(&name("m.target")).unwrap().len(), 2);
    assert_eq!(store.set_default_target(&name("m.target")).unwrap(), []);
    assert_eq!(store.default_target().unwrap(), name("m.target"));
    for unit in ["none.target", "a.service", "default.target"] {
        assert!(store.set_default_target(&name(unit)).is_err(), "{unit}");
    }
}

#[test]
fn the_file_of_a_unit_as_a_specifier() {
    let root = Root::new(
        "specifier",
        &[("etc/systemd/system/a.service", "[Unit]\nDescription=%y %Y\n[Service]\nExecStart=/a\n")],
    );
    let description = root.store().source(&name("a.service")).unit.common.description;
    assert_eq!(description, "/etc/systemd/system/a.service /etc/systemd/system");
}
