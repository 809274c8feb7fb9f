//! What the `tar` crate (0.4.46) is known to read differently, seen in the bytes of the archive.
//!
//! The differences themselves are of the crate's making: it is a reader for archives that it also writes, and ours
//! follows Go. Each is pinned by a test of `layerscope-tar`; here they only keep the comparison honest.

use std::ops::Range;

/// A property of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// That there is an entry: theirs may fail instead.
    Existence,
    Path,
    Link,
    Size,
    Content,
    Mode,
    Owner,
    OwnerName,
    Mtime,
    Device,
    Xattrs,
}

/// How far the two readings of a member need not agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Difference {
    /// In nothing from here on, because they do not even find the same headers.
    Everything,
    /// In one property.
    Of(Field),
}

/// One member of an archive: the extension headers before it, and its own header.
pub(super) struct Member<'a> {
    extensions: Vec<Extension<'a>>,
    /// `None` where the archive ends before one.
    header: Option<&'a [u8]>,
}

struct Extension<'a> {
    header: &'a [u8],
    data: &'a [u8],
}

impl<'a> Member<'a> {
    /// The member whose extension headers begin at `start` and whose own header is at `header`.
    pub(super) fn between(archive: &'a [u8], start: usize, header: usize) -> Self {
        let mut extensions = Vec::new();
        let mut at = start;
        while at < header
            && let Some(block) = archive.get(at..at + 512)
        {
            let size = number(block, SIZE).unwrap_or(0) as usize;
            let from = at + 512;
            let end = from.saturating_add(size).min(archive.len());
            extensions.push(Extension {
                header: block,
                data: &archive[from..end],
            });
            at = end.div_ceil(512) * 512;
        }
        Self {
            extensions,
            header: archive.get(header..header.saturating_add(512)),
        }
    }
}

const MODE: Range<usize> = 100..108;
const UID: Range<usize> = 108..116;
const GID: Range<usize> = 116..124;
const SIZE: Range<usize> = 124..136;
const MTIME: Range<usize> = 136..148;
const SUM: Range<usize> = 148..156;
const FLAG: usize = 156;
const MAGIC: Range<usize> = 257..265;
const MAJOR: Range<usize> = 329..337;
const MINOR: Range<usize> = 337..345;
const PREFIX: Range<usize> = 345..500;

/// How the readings of a member may differ.
pub(super) fn of(member: &Member<'_>) -> Vec<Difference> {
    let mut found = Vec::new();
    let everything = [Difference::Everything].to_vec();
    let mut seen = Vec::new();
    for extension in &member.extensions {
        let flag = extension.header[FLAG];
        // Theirs does not know Solaris's headers, and takes an extension without a magic that it knows for an entry.
        if !b"xgLK".contains(&flag) || !(is_ustar(extension.header) || is_gnu(extension.header)) {
            return everything;
        }
        // It sums bytes without a sign only, and reads digits in its own way.
        if !is_summed(extension.header) || number(extension.header, SIZE).is_none() {
            return everything;
        }
        // It refuses a second header of a kind; Go takes the last. A global one begins anew in both.
        if flag == b'g' {
            seen.clear();
            found.clear();
            continue;
        }
        if seen.contains(&flag) {
            return everything;
        }
        seen.push(flag);
        match flag {
            b'x' => match of_records(extension.data) {
                Some(more) => found.extend(more),
                None => return everything,
            },
            // Go cuts at the first NUL and ignores what is empty then; theirs takes away one NUL at the end.
            _ => {
                let text = extension.data.strip_suffix(b"\0").unwrap_or(extension.data);
                if text.is_empty() || text.contains(&0) {
                    let field = if flag == b'L' {
                        Field::Path
                    } else {
                        Field::Link
                    };
                    found.push(Difference::Of(field));
                }
            }
        }
    }
    let Some(header) = member.header else {
        return everything;
    };
    // Go reads no content of a kind that has none, whatever size is stated; theirs does.
    let records = member
        .extensions
        .iter()
        .rfind(|extension| extension.header[FLAG] == b'x');
    let has_size = header[SIZE].iter().any(|byte| !b"0 \0".contains(byte))
        || records.is_some_and(|records| records.data.windows(6).any(|key| key == b" size="));
    if has_size && may_lack_content(member, header) {
        return everything;
    }
    found.extend(of_header(header));
    found
}

/// Differences by the PAX records of a member; `None` when they lead to other headers.
fn of_records(data: &[u8]) -> Option<Vec<Difference>> {
    let mut found = Vec::new();
    let mut keys = Vec::new();
    for line in data.split_inclusive(|byte| *byte == b'\n') {
        // Theirs takes a newline for the end of a record, whatever length is stated, and stops where that is wrong.
        let (length, rest) = line.split_at(line.iter().position(|byte| *byte == b' ')?);
        let stated: usize = str::from_utf8(length).ok()?.parse().ok()?;
        let record = rest.strip_prefix(b" ")?.strip_suffix(b"\n")?;
        if stated != line.len() || !length[0].is_ascii_digit() {
            return None;
        }
        let (key, value) = record.split_at(record.iter().position(|byte| *byte == b'=')?);
        let value = &value[1..];
        // Go takes the last of several, theirs the first; Go ignores an empty value.
        if keys.contains(&key) || value.is_empty() {
            return None;
        }
        keys.push(key);
        match key {
            // Theirs reads numbers without a sign, and ignores what is none.
            b"size" | b"uid" | b"gid" if !value.iter().all(u8::is_ascii_digit) => return None,
            // It does not put these in place of what the header says.
            b"mtime" => found.push(Difference::Of(Field::Mtime)),
            b"uname" | b"gname" => found.push(Difference::Of(Field::OwnerName)),
            // It knows nothing of libarchive's attributes, and of PAX's sparse files.
            _ if key.starts_with(b"LIBARCHIVE.xattr.") => found.push(Difference::Of(Field::Xattrs)),
            _ if key.starts_with(b"GNU.sparse.") => {
                let fields = [Field::Path, Field::Size, Field::Content];
                found.extend(fields.map(Difference::Of));
            }
            _ => {}
        }
    }
    Some(found)
}

fn of_header(header: &[u8]) -> Vec<Difference> {
    if number(header, SIZE).is_none() || !is_summed(header) {
        return vec![Difference::Everything];
    }
    let flag = header[FLAG];
    let mut found = Vec::new();
    let mut of = |field| found.push(Difference::Of(field));
    let octal_only = |range: Range<usize>| header[range.start] & 0x80 == 0;
    // These are read by theirs when they are asked for, in octal only, and with digits only.
    if number(header, MODE).is_none() || !octal_only(MODE) {
        of(Field::Mode);
    }
    if number(header, UID).is_none() || number(header, GID).is_none() {
        of(Field::Owner);
    }
    if number(header, MTIME).is_none() {
        of(Field::Mtime);
    }
    if [MAJOR, MINOR]
        .into_iter()
        .any(|range| number(header, range.clone()).is_none() || !octal_only(range))
    {
        of(Field::Device);
    }
    // Theirs wants ustar's version to be 00; Go does not look at it.
    if header[MAGIC].starts_with(b"ustar\0") && !is_ustar(header) {
        of(Field::Path);
        of(Field::OwnerName);
        of(Field::Device);
    }
    // Schily's star has times where ustar has the end of the prefix.
    if is_ustar(header) && header.ends_with(b"tar\0") {
        of(Field::Path);
    }
    // Go's writer once put a prefix into GNU headers, and Go's reader takes it.
    if is_gnu(header) && header[PREFIX.start] != 0 {
        of(Field::Path);
    }
    // Theirs is stricter about old sparse maps, and gives holes as zeros.
    if flag == b'S' {
        of(Field::Existence);
        of(Field::Size);
        of(Field::Content);
    }
    found
}

/// Whether the member may be of a kind without content. One without a flag is a directory if its name ends in a
/// slash, and its name may be anywhere.
fn may_lack_content(member: &Member<'_>, header: &[u8]) -> bool {
    let ends_in_slash = |text: &[u8]| {
        text.ends_with(b"/") || text.windows(2).any(|pair| pair == b"/\n" || pair == b"/\0")
    };
    match header[FLAG] {
        0 => {
            let extensions = member.extensions.iter();
            header[0] == 0
                || ends_in_slash(&header[..100])
                || extensions
                    .map(|extension| extension.data)
                    .any(ends_in_slash)
        }
        flag => b"123456".contains(&flag),
    }
}

fn is_ustar(header: &[u8]) -> bool {
    header[MAGIC] == *b"ustar\x0000"
}

fn is_gnu(header: &[u8]) -> bool {
    header[MAGIC] == *b"ustar  \0"
}

/// Whether the checksum is stated in plain digits and is the sum of the bytes without sign.
fn is_summed(header: &[u8]) -> bool {
    let bytes = header[..SUM.start].iter().chain(&header[SUM.end..]);
    let sum: u64 = bytes.map(|byte| u64::from(*byte)).sum();
    number(header, SUM) == Some(sum + 8 * 32)
}

/// A number that both read: octal digits, after spaces and up to spaces or NULs; or base-256 above zero.
fn number(header: &[u8], range: Range<usize>) -> Option<u64> {
    let field = &header[range];
    if let Some((0x80, rest)) = field.split_first() {
        let (high, low) = rest.split_at(rest.len() - 7);
        let is_small = high.iter().all(|byte| *byte == 0);
        return is_small.then(|| {
            low.iter()
                .fold(0, |number, byte| number << 8 | u64::from(*byte))
        });
    }
    let text = field.trim_ascii_start();
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(digits);
    let is_blank = |byte: &u8| matches!(byte, b' ' | 0);
    let digits = str::from_utf8(digits)
        .ok()
        .filter(|_| rest.iter().all(is_blank))?;
    u64::from_str_radix(digits, 8).ok()
}
