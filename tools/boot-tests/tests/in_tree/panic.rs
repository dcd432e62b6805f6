// SPDX-License-Identifier: MIT OR Apache-2.0
//! The display after a panic: a QR code with the end of the kernel's log.

use qos_boot_tests::drivers;
use std::path::Path;
use std::time::Duration;

/// A picture in shades of grey, 0 is black.
struct Picture {
    width: usize,
    height: usize,
    grey: Vec<u8>,
}

/// Reads a PPM as QEMU writes it (ppm(5): "P6", width, height, 255, and three bytes for each pixel). The first of the three
/// is taken for the brightness, for what a panic draws is black or white.
fn read(file: &Path) -> Picture {
    let bytes = std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut parts = bytes.splitn(5, |byte| byte.is_ascii_whitespace());
    let mut word = || parts.next().and_then(|part| std::str::from_utf8(part).ok()).unwrap_or_default();
    let (kind, width, height, deepest) = (word(), word(), word(), word());
    assert_eq!((kind, deepest), ("P6", "255"), "what kind of picture it is");
    let (width, height) = (width.parse().expect("a width"), height.parse().expect("a height"));
    let grey: Vec<u8> = parts.next().unwrap_or_default().iter().copied().step_by(3).collect();
    assert_eq!(grey.len(), width * height, "pixels in a picture of {width} by {height}");
    Picture { width, height, grey }
}

/// The text of the one QR code in a picture.
fn qr_code(picture: &Picture) -> String {
    let grey = |x: usize, y: usize| picture.grey[y * picture.width + x];
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(picture.width, picture.height, grey);
    let codes = prepared.detect_grids();
    assert_eq!(codes.len(), 1, "QR codes in the picture");
    codes[0].decode().expect("a QR code that can be read").1
}

#[test]
fn a_panic_draws_a_qr_code_with_the_end_of_the_log() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("panic.ppm");
    let _ = std::fs::remove_file(&file);
    // A panic draws where something is shown already.
    let script = "until grep -qx enabled /sys/class/drm/card0-*/enabled; do sleep 0.1; done\n\
                  echo 'a word before the panic' >/dev/kmsg\necho c >/proc/sysrq-trigger\n";
    let ended = drivers()
        .device("VGA")
        // The first sets the display's mode, the second stays the guest's console.
        .append("console=drm_log console=ttyS0")
        .stdin(script)
        .timeout(Duration::from_secs(60))
        .screenshot(&file)
        .run()
        .expect_verdict("kernel-panic")
        .message_has("sysrq triggered crash");
    assert_eq!(ended.outcome.screenshot, Some(Ok(())));
    let text = qr_code(&read(&file));
    assert!(text.contains("Kernel panic - not syncing: sysrq triggered crash"), "{text}");
    assert!(text.contains("a word before the panic"), "{text}");
}
