//! Capabilities of a file: the extended attribute `security.capability`, in the words of `getcap`.

use std::fmt::Write;

/// The attribute's name.
pub const XATTR: &[u8] = b"security.capability";

/// Names by bit, as `linux/capability.h` numbers them, without their `cap_`.
const NAMES: [&str; 41] = [
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
];

/// Which of the three sets a capability is in: letters of the text form, and bits of a state.
const LETTERS: [(char, usize); 3] = [('e', 1), ('i', 4), ('p', 2)];

/// What a program is given when it is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Version of the form: 1, 2 or 3.
    pub version: u8,
    /// What it gets, by bit.
    pub permitted: u64,
    /// What it keeps of what the caller may pass on, by bit.
    pub inheritable: u64,
    /// Whether they are in effect at once.
    pub effective: bool,
    /// Version 3: the user who is root where they count.
    pub rootid: Option<u32>,
}

impl Capabilities {
    /// Reads the value of the attribute; `None` when the kernel would not (`vfs_cap_data` of `linux/capability.h`).
    ///
    /// ```
    /// use layerscope_inspect::capability::Capabilities;
    /// let value = [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    /// let text = Capabilities::read(&value).map(|capabilities| capabilities.text());
    /// assert_eq!(text.as_deref(), Some("cap_net_raw=ep"));
    /// ```
    #[must_use]
    pub fn read(value: &[u8]) -> Option<Capabilities> {
        let word = |number: usize| {
            let bytes = value.get(number * 4..number * 4 + 4)?;
            bytes.try_into().ok().map(u32::from_le_bytes)
        };
        let magic = word(0)?;
        let version = u8::try_from(magic >> 24).ok()?;
        let words = match version {
            1 => 3,
            2 => 5,
            3 => 6,
            _ => return None,
        };
        if value.len() != words * 4 {
            return None;
        }
        let set = |number: usize| {
            let high = if version == 1 { 0 } else { word(number + 2)? };
            Some(u64::from(word(number)?) | u64::from(high) << 32)
        };
        Some(Capabilities {
            version,
            permitted: set(1)?,
            inheritable: set(2)?,
            effective: magic & 1 != 0,
            rootid: if version == 3 { word(5) } else { None },
        })
    }

    /// The words that `getcap -n` uses, `cap_net_raw=ep`: `=` sets, `+` adds, `-` takes away; `e` is effective, `i` inheritable
    /// and `p` permitted. Bits that have no name are told by their numbers.
    #[must_use]
    pub fn text(&self) -> String {
        let mut counts = [0_usize; 8];
        for bit in 0..NAMES.len() {
            if let Some(count) = counts.get_mut(self.state(bit)) {
                *count += 1;
            }
        }
        // What most of them are goes without names.
        let count = |state: usize| counts.get(state).copied().unwrap_or_default();
        let mut most = 7;
        for state in (0..7).rev() {
            if count(state) >= count(most) {
                most = state;
            }
        }
        let mut text = format!("={}", letters(most));
        for state in (0..8).rev() {
            if state == most || count(state) == 0 {
                continue;
            }
            let names = self.names(state, 0..NAMES.len());
            let added = state & !most;
            match added {
                // Only a base of nothing is left out.
                _ if text == "=" && added != 0 => text = format!("{names}={}", letters(added)),
                0 => push(&mut text, &[" ", &names]),
                _ => push(&mut text, &[" ", &names, "+", &letters(added)]),
            }
            if most & !state != 0 {
                push(&mut text, &["-", &letters(most & !state)]);
            }
        }
        for state in (1..8).rev() {
            let names = self.names(state, NAMES.len()..64);
            if !names.is_empty() {
                push(&mut text, &[" ", &names, "+", &letters(state)]);
            }
        }
        if let Some(root) = self.rootid.filter(|root| *root != 0) {
            // Writing to a String cannot fail.
            let _ = write!(text, " [rootid={root}]");
        }
        text
    }

    /// In which sets a bit is.
    fn state(&self, bit: usize) -> usize {
        let is_in = |set: u64| (set >> bit) & 1 != 0;
        let (permitted, inheritable) = (is_in(self.permitted), is_in(self.inheritable));
        let effective = self.effective && (permitted || inheritable);
        usize::from(effective) | usize::from(permitted) << 1 | usize::from(inheritable) << 2
    }

    fn names(&self, state: usize, bits: std::ops::Range<usize>) -> String {
        let mut text = String::new();
        for bit in bits.filter(|bit| self.state(*bit) == state) {
            if !text.is_empty() {
                text.push(',');
            }
            match NAMES.get(bit) {
                Some(name) => push(&mut text, &["cap_", name]),
                None => text.push_str(&bit.to_string()),
            }
        }
        text
    }
}

fn push(text: &mut String, parts: &[&str]) {
    parts.iter().for_each(|part| text.push_str(part));
}

fn letters(state: usize) -> String {
    let known = LETTERS.iter().filter(|(_, bit)| state & bit != 0);
    known.map(|(letter, _)| letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(version: u32, words: &[u32]) -> Vec<u8> {
        let magic = version << 24 | 1;
        let words = std::iter::once(magic).chain(words.iter().copied());
        words.flat_map(u32::to_le_bytes).collect()
    }

    #[test]
    fn versions() {
        let read = |value: &[u8]| Capabilities::read(value).map(|found| found.text());
        // The kernel reads the first version, and sets it no more: `getcap` cannot be asked.
        let first = value(1, &[1 << 13, 0]);
        assert_eq!(read(&first).as_deref(), Some("cap_net_raw=ep"));
        let third = value(3, &[1 << 10, 0, 0, 0, 1000]);
        let text = "cap_net_bind_service=ep [rootid=1000]";
        assert_eq!(read(&third).as_deref(), Some(text));
        for wrong in [
            value(0, &[1, 0]),
            value(4, &[1, 0, 0, 0]),
            value(2, &[1, 0]),
            value(1, &[1, 0, 0, 0]),
            Vec::new(),
            vec![0; 3],
        ] {
            assert_eq!(read(&wrong), None, "{wrong:?}");
        }
    }
}
