// SPDX-License-Identifier: MIT OR Apache-2.0
//! `input_id`: the kind of an input device by its capabilities, as systemd's `udev-builtin-input_id.c` tells it.

use super::{Properties, chain, push};
use crate::device::Device;
use crate::system::System;

/// Codes of `include/uapi/linux/input-event-codes.h`.
const EV_KEY: usize = 1;
const EV_REL: usize = 2;
const EV_SW: usize = 5;
const ABS_X: usize = 0;
const ABS_Y: usize = 1;
const ABS_Z: usize = 2;
const ABS_RX: usize = 3;
const ABS_MT_POSITION_X: usize = 0x35;
const ABS_MT_POSITION_Y: usize = 0x36;
const BTN_MISC: usize = 0x100;
const BTN_MOUSE: usize = 0x110;
const BTN_JOYSTICK: usize = 0x120;
const BTN_GAMEPAD_END: usize = 0x140;
const BTN_TOOL_PEN: usize = 0x140;
const BTN_TOOL_FINGER: usize = 0x145;
const BTN_TOUCH: usize = 0x14a;
const BTN_STYLUS: usize = 0x14b;
const KEY_OK: usize = 0x160;
const INPUT_PROP_DIRECT: usize = 1;
const INPUT_PROP_POINTING_STICK: usize = 5;
const INPUT_PROP_ACCELEROMETER: usize = 6;

pub fn properties(_: &System, device: &Device) -> Option<Properties> {
    let input = chain(device)
        .find(|device| device.subsystem() == "input" && device.attribute("capabilities/ev").is_some())?;
    let bits = |name: &str| Bits::parse(&input.attribute(name).unwrap_or_default());
    let ev = bits("capabilities/ev");
    let (key, rel, abs, sw) = (
        bits("capabilities/key"),
        bits("capabilities/rel"),
        bits("capabilities/abs"),
        bits("capabilities/sw"),
    );
    let prop = bits("properties");
    let mut all = Properties::new();
    let mut add = |kind: &str, is: bool| {
        if is {
            push(&mut all, kind, "1");
        }
    };
    add("ID_INPUT", true);
    let absolute = abs.has(ABS_X) && abs.has(ABS_Y);
    let keys = ev.has(EV_KEY) && key.any(1, BTN_MISC);
    let buttons = key.any(BTN_JOYSTICK, BTN_GAMEPAD_END);
    let accelerometer =
        prop.has(INPUT_PROP_ACCELEROMETER) || (!ev.has(EV_KEY) && absolute && abs.has(ABS_Z) && !buttons);
    if accelerometer {
        add("ID_INPUT_ACCELEROMETER", true);
    } else {
        let stick = prop.has(INPUT_PROP_POINTING_STICK);
        let pen = key.has(BTN_STYLUS) || key.has(BTN_TOOL_PEN);
        let finger = key.has(BTN_TOOL_FINGER) && !key.has(BTN_TOOL_PEN);
        let touch = key.has(BTN_TOUCH);
        let direct = prop.has(INPUT_PROP_DIRECT);
        let multi = abs.has(ABS_MT_POSITION_X) && abs.has(ABS_MT_POSITION_Y);
        let mouse = key.any(BTN_MOUSE, BTN_JOYSTICK);
        let several = multi || absolute;
        if several && pen {
            add("ID_INPUT_TABLET", true);
        } else if several && finger && !direct {
            add("ID_INPUT_TOUCHPAD", true);
        } else if absolute && mouse {
            // A pointer of a virtual machine.
            add("ID_INPUT_MOUSE", true);
        } else if several && (touch || direct) {
            add("ID_INPUT_TOUCHSCREEN", true);
        } else if buttons || (absolute && abs.any(ABS_RX, ABS_RX + 3)) {
            add("ID_INPUT_JOYSTICK", true);
        } else if ev.has(EV_REL) && rel.has(0) && rel.has(1) && mouse {
            add("ID_INPUT_MOUSE", true);
        }
        add("ID_INPUT_POINTINGSTICK", stick);
    }
    add("ID_INPUT_KEY", keys || key.any(KEY_OK, 0x300) && ev.has(EV_KEY));
    // Keys 1 to 31: Esc, the digits, and the first rows of letters.
    add("ID_INPUT_KEYBOARD", ev.has(EV_KEY) && (1..32).all(|code| key.has(code)));
    add("ID_INPUT_SWITCH", ev.has(EV_SW) && sw.any(0, 64));
    Some(all)
}

/// A bitmap as the kernel prints it: words of 64 bits in hexadecimal digits, the highest first.
struct Bits(Vec<u64>);

impl Bits {
    fn parse(text: &str) -> Bits {
        let words = text.split_ascii_whitespace().rev();
        Bits(words.map(|word| u64::from_str_radix(word, 16).unwrap_or(0)).collect())
    }

    fn has(&self, bit: usize) -> bool {
        self.0.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    fn any(&self, from: usize, end: usize) -> bool {
        (from..end).any(|bit| self.has(bit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Fake;

    fn check(files: &[(&str, &str)], expect: &[&str]) {
        let fake = Fake::disk();
        for (name, text) in files {
            fake.attribute("class/input/input0", name, text);
        }
        let found = properties(fake.system(), &fake.device("class/input/event0")).unwrap();
        let names: Vec<_> =
            found.iter().map(|(key, _)| key.trim_start_matches("ID_INPUT").trim_start_matches('_')).collect();
        assert_eq!(names, expect, "{files:?}");
    }

    #[test]
    fn kinds() {
        // As these devices of QEMU and laptops have them.
        check(
            &[
                ("capabilities/ev", "120013"),
                ("capabilities/key", "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"),
            ],
            &["", "KEY", "KEYBOARD"],
        );
        check(
            &[("capabilities/ev", "7"), ("capabilities/key", "70000 0 0 0 0"), ("capabilities/rel", "103")],
            &["", "MOUSE"],
        );
        check(
            &[
                ("capabilities/ev", "f"),
                ("capabilities/key", "70000 0 0 0 0"),
                ("capabilities/abs", "3"),
                ("capabilities/rel", "100"),
            ],
            &["", "MOUSE"],
        );
        check(
            &[
                ("capabilities/ev", "b"),
                ("capabilities/key", "e520 10000 0 0 0 0"),
                ("capabilities/abs", "2e0800000000003"),
                ("properties", "5"),
            ],
            &["", "TOUCHPAD"],
        );
        check(&[("capabilities/ev", "3"), ("capabilities/key", "10000000000000 0")], &["", "KEY"]);
        check(
            &[("capabilities/ev", "21"), ("capabilities/sw", "1"), ("capabilities/key", "0")],
            &["", "SWITCH"],
        );
    }
}
