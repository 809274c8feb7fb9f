//! PAX records: `<length> <key>=<value>\n` (POSIX `pax`, extended header).

use std::mem;
use std::ops::Range;

use crate::error::{PaxRule, excerpt};
use crate::header::BLOCK;
use crate::numeric::{decimal, time};
use crate::{Error, Timestamp};

/// The records of one PAX header. The last record of a key counts, and an empty one means no
/// record.
#[derive(Debug, Default)]
pub(crate) struct Records {
    /// The header's data, to which all ranges belong.
    body: Vec<u8>,
    /// Where the header begins in the archive; its data follows it.
    header_offset: u64,
    values: [Range<usize>; Key::ALL.len()],
    seen: [bool; Key::ALL.len()],
    repeated: [bool; Key::ALL.len()],
    /// The length of a record begins with a plus sign.
    plus_length: bool,
    xattrs: Vec<Xattr>,
    /// The map of sparse version 0.0, which comes as many records, written like 0.1's.
    pairs: Vec<u8>,
    /// How many numbers `pairs` holds.
    pair_numbers: u64,
}

/// A record of an extended attribute.
#[derive(Clone, Debug)]
struct Xattr {
    form: XattrForm,
    /// The key's rest, after the form's prefix.
    name: Range<usize>,
    value: Range<usize>,
}

/// How a record spells an extended attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum XattrForm {
    /// `SCHILY.xattr.`: name and value as they are. Runtimes read these.
    Schily,
    /// `LIBARCHIVE.xattr.`: the name percent-encoded, the value in base64.
    Libarchive,
}

/// The keys that change what an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Path,
    Linkpath,
    Size,
    Uid,
    Gid,
    Uname,
    Gname,
    Mtime,
    Atime,
    Ctime,
    SparseMajor,
    SparseMinor,
    SparseName,
    SparseSize,
    SparseRealsize,
    SparseNumblocks,
    SparseMap,
}

impl Key {
    /// All of them, in the order of their declaration.
    const ALL: [Self; 17] = [
        Self::Path,
        Self::Linkpath,
        Self::Size,
        Self::Uid,
        Self::Gid,
        Self::Uname,
        Self::Gname,
        Self::Mtime,
        Self::Atime,
        Self::Ctime,
        Self::SparseMajor,
        Self::SparseMinor,
        Self::SparseName,
        Self::SparseSize,
        Self::SparseRealsize,
        Self::SparseNumblocks,
        Self::SparseMap,
    ];

    /// The key as it is written.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Linkpath => "linkpath",
            Self::Size => "size",
            Self::Uid => "uid",
            Self::Gid => "gid",
            Self::Uname => "uname",
            Self::Gname => "gname",
            Self::Mtime => "mtime",
            Self::Atime => "atime",
            Self::Ctime => "ctime",
            Self::SparseMajor => "GNU.sparse.major",
            Self::SparseMinor => "GNU.sparse.minor",
            Self::SparseName => "GNU.sparse.name",
            Self::SparseSize => "GNU.sparse.size",
            Self::SparseRealsize => "GNU.sparse.realsize",
            Self::SparseNumblocks => "GNU.sparse.numblocks",
            Self::SparseMap => "GNU.sparse.map",
        }
    }

    fn of(key: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|known| known.name().as_bytes() == key)
    }

    /// The keys whose values Go wants without NUL: the strings that a ustar header has too.
    fn is_string(key: &[u8]) -> bool {
        matches!(key, b"path" | b"linkpath" | b"uname" | b"gname")
    }
}

const SCHILY: &[u8] = b"SCHILY.xattr.";
const LIBARCHIVE: &[u8] = b"LIBARCHIVE.xattr.";
const SPARSE_OFFSET: &[u8] = b"GNU.sparse.offset";
const SPARSE_NUMBYTES: &[u8] = b"GNU.sparse.numbytes";

impl Records {
    /// Takes the data of the PAX header at `header_offset`, in place of the last header's. `body`
    /// gets the old allocation back, empty.
    ///
    /// Only the form of the records is judged. Values are judged when an entry takes them: a
    /// header that describes no entry may hold any.
    pub(crate) fn read(&mut self, body: &mut Vec<u8>, header_offset: u64) -> Result<(), Error> {
        self.clear();
        self.header_offset = header_offset;
        let taken = mem::take(body);
        let indexed = self.index(&taken);
        *body = mem::replace(&mut self.body, taken);
        body.clear();
        indexed
    }

    /// Forgets all records, but keeps the allocations.
    pub(crate) fn clear(&mut self) {
        self.body.clear();
        self.values.fill(0..0);
        self.seen.fill(false);
        self.repeated.fill(false);
        self.plus_length = false;
        self.xattrs.clear();
        self.pairs.clear();
        self.pair_numbers = 0;
    }

    fn index(&mut self, body: &[u8]) -> Result<(), Error> {
        let mut rest = body;
        while !rest.is_empty() {
            let at = body.len() - rest.len();
            self.plus_length |= rest.starts_with(b"+");
            let record = record(rest).and_then(|Record { key, value, tail }| {
                // The value is followed by a newline and preceded by an equals sign.
                let end = body.len() - tail.len() - 1;
                let value = end - value.len()..end;
                self.note(body, key, value)?;
                Ok(tail)
            });
            rest = record.map_err(|expected| self.error(at, expected, rest))?;
        }
        Ok(())
    }

    /// Notes one record, whose value is `range` of the body.
    fn note(&mut self, body: &[u8], key: &[u8], range: Range<usize>) -> Result<(), PaxRule> {
        let value = body.get(range.clone()).unwrap_or_default();
        if let Some(known) = Key::of(key) {
            let slot = known as usize;
            self.repeated[slot] |= self.seen[slot];
            self.seen[slot] = true;
            self.values[slot] = range;
        } else if key == SPARSE_OFFSET || key == SPARSE_NUMBYTES {
            let turn = self.pair_numbers.is_multiple_of(2);
            if turn != (key == SPARSE_OFFSET) || value.contains(&b',') {
                return Err(PaxRule::SparsePairs);
            }
            if self.pair_numbers > 0 {
                self.pairs.push(b',');
            }
            self.pairs.extend_from_slice(value);
            self.pair_numbers += 1;
        } else if key.starts_with(SCHILY) || key.starts_with(LIBARCHIVE) {
            let (form, prefix) = match key.starts_with(SCHILY) {
                true => (XattrForm::Schily, SCHILY),
                false => (XattrForm::Libarchive, LIBARCHIVE),
            };
            let end = range.start - 1;
            let name = end - (key.len() - prefix.len())..end;
            self.xattrs.push(Xattr {
                form,
                name,
                value: range,
            });
        }
        Ok(())
    }

    /// The value of `key`, never empty.
    pub(crate) fn get(&self, key: Key) -> Option<&[u8]> {
        let value = match key {
            Key::SparseMap if self.pair_numbers > 0 => Some(self.pairs.as_slice()),
            _ => self.body.get(self.values[key as usize].clone()),
        };
        value.filter(|value| !value.is_empty())
    }

    /// The value of `key` as a decimal number.
    pub(crate) fn number(&self, key: Key) -> Result<Option<i64>, Error> {
        self.parsed(key, decimal, PaxRule::Number(key.name()))
    }

    /// The value of `key` as a time.
    pub(crate) fn time(&self, key: Key) -> Result<Option<Timestamp>, Error> {
        self.parsed(key, time, PaxRule::Time(key.name()))
    }

    fn parsed<T>(
        &self,
        key: Key,
        parse: fn(&[u8]) -> Option<T>,
        expected: PaxRule,
    ) -> Result<Option<T>, Error> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        match parse(value) {
            Some(value) => Ok(Some(value)),
            None => Err(self.error(self.values[key as usize].start, expected, value)),
        }
    }

    /// The error of a record or a value at this place of the data.
    fn error(&self, at: usize, expected: PaxRule, found: &[u8]) -> Error {
        let offset = self.header_offset.saturating_add((BLOCK + at) as u64);
        Error::Pax {
            offset,
            expected,
            found: excerpt(found),
        }
    }

    /// Where the header begins that these records are from.
    pub(crate) fn header_offset(&self) -> u64 {
        self.header_offset
    }

    /// The records of extended attributes in the given form, as they stand: name, value.
    pub(crate) fn xattrs(&self, form: XattrForm) -> impl Iterator<Item = (&[u8], &[u8])> {
        let text = |range: &Range<usize>| self.body.get(range.clone()).unwrap_or_default();
        let of_form = self.xattrs.iter().filter(move |xattr| xattr.form == form);
        of_form.map(move |xattr| (text(&xattr.name), text(&xattr.value)))
    }

    /// Whether the last record of `key` has no value.
    pub(crate) fn is_empty(&self, key: Key) -> bool {
        self.seen[key as usize] && self.values[key as usize].is_empty()
    }

    /// Whether the length of a record begins with a plus sign.
    pub(crate) fn has_plus_length(&self) -> bool {
        self.plus_length
    }

    /// The keys that more than one record has.
    pub(crate) fn repeated(&self) -> impl Iterator<Item = Key> {
        Key::ALL
            .into_iter()
            .filter(|&key| self.repeated[key as usize])
    }

    /// Whether there is a record that speaks of sparse files.
    pub(crate) fn is_sparse(&self) -> bool {
        // They come last. By their place, for every entry is asked, and to compare names takes long.
        let mut sparse = Key::ALL.into_iter().skip(Key::SparseMajor as usize);
        sparse.any(|key| self.get(key).is_some())
    }

    /// Whether any record would change what an entry is.
    pub(crate) fn overrides(&self) -> bool {
        !self.xattrs.is_empty() || Key::ALL.into_iter().any(|key| self.get(key).is_some())
    }
}

/// A record and the text that follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Record<'a> {
    key: &'a [u8],
    value: &'a [u8],
    tail: &'a [u8],
}

/// The first record of `text`.
fn record(text: &[u8]) -> Result<Record<'_>, PaxRule> {
    let space = text
        .iter()
        .position(|&byte| byte == b' ')
        .ok_or(PaxRule::Length)?;
    let (digits, _) = text.split_at(space);
    let length = decimal(digits).and_then(|length| usize::try_from(length).ok());
    // No record is shorter than a digit, a space, a key, an equals sign and a newline.
    let length = length
        .filter(|&length| length >= 5)
        .ok_or(PaxRule::Length)?;
    let (line, tail) = text.split_at_checked(length).ok_or(PaxRule::Length)?;
    let (last, pair) = line
        .get(space + 1..)
        .and_then(<[u8]>::split_last)
        .ok_or(PaxRule::Length)?;
    if *last != b'\n' {
        return Err(PaxRule::Newline);
    }
    let equals = pair
        .iter()
        .position(|&byte| byte == b'=')
        .ok_or(PaxRule::Key)?;
    let (key, value) = pair.split_at(equals);
    let value = value.get(1..).unwrap_or_default();
    if key.is_empty() {
        return Err(PaxRule::Key);
    }
    if Key::is_string(key) {
        if value.contains(&0) {
            return Err(PaxRule::ValueWithoutNul);
        }
    } else if key.contains(&0) {
        return Err(PaxRule::KeyWithoutNul);
    }
    Ok(Record { key, value, tail })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_sparse_files_come_last() {
        for (number, key) in Key::ALL.into_iter().enumerate() {
            assert_eq!(key as usize, number);
            let is_sparse = key.name().starts_with("GNU.sparse.");
            assert_eq!(is_sparse, number >= Key::SparseMajor as usize);
        }
    }

    #[test]
    fn records_split_as_go_splits_them() {
        let long = format!("210 path={}\nabc", "AB".repeat(100));
        let medium = format!("110 path={}\n", "CD".repeat(50));
        let good: &[(&str, &str, &str, &str)] = &[
            ("6 k=v\n\n", "k", "v", "\n"),
            ("19 path=/etc/hosts\n", "path", "/etc/hosts", ""),
            (&long, "path", &"AB".repeat(100), "abc"),
            (&medium, "path", &"CD".repeat(50), ""),
            ("9 foo=ba\n", "foo", "ba", ""),
            ("11 foo=bar\n\0", "foo", "bar", "\0"),
            ("18 foo=b=\nar=\n==\0\n", "foo", "b=\nar=\n==\0", ""),
            (
                "27 foo=hello9 foo=ba\nworld\n",
                "foo",
                "hello9 foo=ba\nworld",
                "",
            ),
            ("27 ☺☻☹=日a本b語ç\nmeow mix", "☺☻☹", "日a本b語ç", "meow mix"),
            ("+6 k=\n", "k", "", ""),
            ("5 k=\n", "k", "", ""),
        ];
        for (text, key, value, tail) in good {
            let [key, value, tail] = [key, value, tail].map(|text| text.as_bytes());
            assert_eq!(
                record(text.as_bytes()),
                Ok(Record { key, value, tail }),
                "{text}"
            );
        }
        let bad = [
            ("17 \0hello=\0world\n", PaxRule::KeyWithoutNul),
            ("1 k=1\n", PaxRule::Length),
            ("6 k~1\n", PaxRule::Key),
            ("6 =k1\n", PaxRule::Key),
            ("6_k=1\n", PaxRule::Length),
            ("6 k=1 ", PaxRule::Newline),
            ("632 k=1\n", PaxRule::Length),
            ("16 longkeyname=hahaha\n", PaxRule::Newline),
            ("3 somelongkey=\n", PaxRule::Length),
            ("50 tooshort=\n", PaxRule::Length),
            (
                "0000000000000000000000000000000030 mtime=1432668921.098285006\n30 ctime=2147483649.15163319",
                PaxRule::Length,
            ),
            ("06 k=v\n", PaxRule::Newline),
            ("00006 k=v\n", PaxRule::Length),
            ("000006 k=v\n", PaxRule::Length),
            ("000000 k=v\n", PaxRule::Length),
            ("0 k=v\n", PaxRule::Length),
            ("+0000005 x=\n", PaxRule::Length),
            ("-6 k=v\n", PaxRule::Length),
            ("99999999999999999999 k=v\n", PaxRule::Length),
            ("12 path=a\0b\n", PaxRule::ValueWithoutNul),
        ];
        for (text, rule) in bad {
            assert_eq!(record(text.as_bytes()), Err(rule), "{text}");
        }
    }

    #[test]
    fn a_header_reads_as_go_reads_it() {
        let read = |text: &str| {
            let mut records = Records::default();
            records
                .read(&mut text.as_bytes().to_vec(), 488)
                .map(|()| records)
        };
        let value = |text: &str, key: Key| {
            let records = read(text).unwrap();
            records
                .get(key)
                .map(|value| String::from_utf8(value.to_vec()).unwrap())
        };
        assert!(!read("").unwrap().overrides());
        assert!(!read("6 k=1\n").unwrap().overrides());
        assert_eq!(
            value("30 mtime=1350244992.023960108\n", Key::Mtime).unwrap(),
            "1350244992.023960108"
        );
        assert_eq!(value("10 path=a\n10 path=b\n", Key::Path).unwrap(), "b");
        assert_eq!(value("10 path=a\n8 path=\n", Key::Path), None);
        let pairs = "22 GNU.sparse.size=10\n26 GNU.sparse.numblocks=2\n\
            23 GNU.sparse.offset=1\n25 GNU.sparse.numbytes=2\n\
            23 GNU.sparse.offset=3\n25 GNU.sparse.numbytes=4\n";
        assert_eq!(value(pairs, Key::SparseMap).unwrap(), "1,2,3,4");
        assert_eq!(value(pairs, Key::SparseSize).unwrap(), "10");
        // The pairs win over a map, even where they come to nothing.
        let both = "24 GNU.sparse.map=1,2,3\n22 GNU.sparse.offset=\n";
        assert_eq!(value(both, Key::SparseMap), None);

        let rules = [
            ("6 k=1\n3 somelongkey=\n", PaxRule::Length, 1006),
            ("50 tooshort=\n", PaxRule::Length, 1000),
            (
                "25 GNU.sparse.numbytes=2\n23 GNU.sparse.offset=1\n",
                PaxRule::SparsePairs,
                1000,
            ),
            (
                "25 GNU.sparse.offset=1,2\n25 GNU.sparse.numbytes=2\n",
                PaxRule::SparsePairs,
                1000,
            ),
        ];
        for (text, rule, at) in rules {
            let error = read(text).unwrap_err();
            let Error::Pax {
                offset, expected, ..
            } = error
            else {
                panic!("{error:?}")
            };
            assert_eq!((offset, expected), (at, rule), "{text}");
        }
    }

    #[test]
    fn xattrs_keep_their_bytes() {
        let text = b"29 SCHILY.xattr.user.a=b\n=\0c\n34 LIBARCHIVE.xattr.user.%41=YQ==\n";
        let mut records = Records::default();
        records.read(&mut text.to_vec(), 0).unwrap();
        let schily: Vec<_> = records.xattrs(XattrForm::Schily).collect();
        assert_eq!(schily, [(&b"user.a"[..], &b"b\n=\0c"[..])]);
        let libarchive: Vec<_> = records.xattrs(XattrForm::Libarchive).collect();
        assert_eq!(libarchive, [(&b"user.%41"[..], &b"YQ=="[..])]);
    }
}
