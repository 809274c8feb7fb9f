//! What is told of `security.capability` is what `getcap -n` prints.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write;
use std::process::{Command, Stdio};

use layerscope_inspect::capability::Capabilities;

/// Sets each value (hex, a line each) on a file and prints what `getcap` says of it. Where that is not allowed, it asks the
/// library of `getcap` for the text of the same sets. The first line tells which.
const ASK: &str = r#"
import ctypes, os, struct, subprocess, sys, tempfile
values = [bytes.fromhex(line) for line in sys.stdin.read().split()]
with tempfile.TemporaryDirectory() as directory:
    path = os.path.join(directory, 'file')
    open(path, 'w').close()
    try:
        os.setxattr(path, 'security.capability', values[0])
        allowed = True
    except OSError:
        allowed = False
    print('getcap' if allowed else 'libcap')
    for value in values:
        if allowed:
            os.setxattr(path, 'security.capability', value)
            text = subprocess.run(['getcap', '-n', path], check=True, capture_output=True, text=True).stdout
            print(text.strip().removeprefix(path).strip())
        else:
            library = ctypes.CDLL('libcap.so.2')
            library.cap_init.restype = ctypes.c_void_p
            library.cap_to_text.restype = ctypes.c_char_p
            library.cap_to_text.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
            library.cap_set_flag.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.c_int]
            magic, low, low_inherited, high, high_inherited = struct.unpack('<5I', value[:20])
            permitted, inherited = low | high << 32, low_inherited | high_inherited << 32
            sets = library.cap_init()
            for bit in range(64):
                one = (ctypes.c_int * 1)(bit)
                flags = [magic & 1 and (permitted | inherited) >> bit & 1, permitted >> bit & 1, inherited >> bit & 1]
                for flag, is_set in enumerate(flags):
                    if is_set:
                        assert library.cap_set_flag(sets, flag, 1, one, 1) == 0
            root = struct.unpack('<I', value[20:])[0] if len(value) > 20 else 0
            print(library.cap_to_text(sets, None).decode() + (f' [rootid={root}]' if root else ''))
"#;

fn value(permitted: u64, inheritable: u64, effective: bool, root: Option<u32>) -> Vec<u8> {
    let version: u32 = if root.is_some() { 3 } else { 2 };
    let low = |set: u64| (set & 0xffff_ffff) as u32;
    let high = |set: u64| (set >> 32) as u32;
    let mut words = vec![
        version << 24 | u32::from(effective),
        low(permitted),
        low(inheritable),
        high(permitted),
        high(inheritable),
    ];
    words.extend(root);
    words.into_iter().flat_map(u32::to_le_bytes).collect()
}

/// Numbers that look random, the same in each run.
fn random(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

fn values() -> Vec<Vec<u8>> {
    let all = (1_u64 << 41) - 1;
    let mut values: Vec<Vec<u8>> = (0..41).map(|bit| value(1 << bit, 0, true, None)).collect();
    for (permitted, inheritable) in [
        (0, 0),
        (all, 0),
        (0, all),
        (all, all),
        (all & !1, 1),
        (0xff, 0xf0),
        (0x1f_ffff, 0),
        (0x0f_ffff, 0),
        // As many in one set as in another, and in none.
        (0x3fff, 0x0fff_c000),
        (0x1fff, 0x07ff_e000),
        // Bits that have no name.
        (u64::MAX, 0),
        (1 << 45, 1 << 63),
        (1 << 45 | 1, 0),
        (all | 1 << 50, all),
    ] {
        for effective in [false, true] {
            values.push(value(permitted, inheritable, effective, None));
        }
    }
    values.push(value(1 << 13, 0, true, Some(1000)));
    values.push(value(all, 1, false, Some(2_000_000_000)));
    let mut seed = 0x00ca_b111_7135;
    for round in 0..200_u32 {
        let (mut permitted, mut inheritable) = (random(&mut seed), random(&mut seed));
        for _ in 0..round % 4 {
            permitted &= random(&mut seed);
            inheritable &= random(&mut seed);
        }
        let effective = random(&mut seed) & 1 == 0;
        values.push(value(permitted & all, inheritable & all, effective, None));
    }
    values
}

#[test]
fn capabilities_are_told_as_getcap_tells_them() {
    let values = values();
    let mut asked = Command::new("python3")
        .args(["-c", ASK])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3");
    let mut lines = String::new();
    for value in &values {
        for byte in value {
            lines.push_str(&format!("{byte:02x}"));
        }
        lines.push('\n');
    }
    let mut stdin = asked.stdin.take().unwrap();
    stdin.write_all(lines.as_bytes()).unwrap();
    drop(stdin);
    let output = asked.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let mut printed = text.lines();
    println!("asked: {}", printed.next().unwrap());
    let printed: Vec<&str> = printed.collect();
    assert_eq!(printed.len(), values.len());
    for (value, printed) in values.iter().zip(printed) {
        let told = Capabilities::read(value).unwrap();
        assert_eq!(told.text(), printed, "{told:?}");
    }
}
