//! Extended attributes out of PAX records.

use std::mem::take;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::pax::{Records, XattrForm};

/// Libarchive leaves the padding out; others may not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What was strange about an entry's extended attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Strange {
    /// One name has two records in the form that runtimes read.
    pub(crate) repeated: bool,
    /// A name has a record in libarchive's form only.
    pub(crate) libarchive_only: bool,
    /// A record in libarchive's form cannot be decoded.
    pub(crate) undecodable: bool,
}

/// Fills `xattrs` from the records: sorted by name, the last record of a name, and libarchive's
/// form only for names that have no other.
pub(crate) fn collect(records: &Records, xattrs: &mut Vec<(Vec<u8>, Vec<u8>)>) -> Strange {
    let mut strange = Strange::default();
    xattrs.clear();
    let known = records.xattrs(XattrForm::Schily);
    xattrs.extend(known.map(|(name, value)| (name.to_vec(), value.to_vec())));
    strange.repeated = keep_last(xattrs);

    let known = xattrs.len();
    for (name, value) in records.xattrs(XattrForm::Libarchive) {
        let (Some(name), Ok(value)) = (percent_decoded(name), BASE64.decode(value)) else {
            strange.undecodable = true;
            continue;
        };
        let among = xattrs.get(..known).unwrap_or_default();
        if among
            .binary_search_by(|(other, _)| other.cmp(&name))
            .is_err()
        {
            strange.libarchive_only = true;
            xattrs.push((name, value));
        }
    }
    if xattrs.len() > known {
        keep_last(xattrs);
    }
    strange
}

/// Sorts by name and keeps the last of each; says whether a name was there twice.
fn keep_last(xattrs: &mut Vec<(Vec<u8>, Vec<u8>)>) -> bool {
    let (names, mut values): (Vec<_>, Vec<_>) = xattrs.drain(..).unzip();
    let mut places: Vec<(Vec<u8>, u32)> = names.into_iter().zip(0..).collect();
    places.sort_unstable();
    let mut is_repeated = false;
    for (name, place) in places {
        let value = values.get_mut(place as usize).map(take).unwrap_or_default();
        match xattrs.last_mut() {
            Some((last, kept)) if *last == name => {
                is_repeated = true;
                *kept = value;
            }
            _ => xattrs.push((name, value)),
        }
    }
    is_repeated
}

/// Undoes percent-encoding; `None` when a percent sign begins no byte.
fn percent_decoded(text: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(&byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => hex(*bytes.next()?)? << 4 | hex(*bytes.next()?)?,
            _ => byte,
        });
    }
    Some(decoded)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collected(pairs: &[(&str, &str)]) -> (Vec<(String, String)>, Strange) {
        let mut body = Vec::new();
        for (key, value) in pairs {
            // Three digits of length are right for every record here.
            let length = 3 + 1 + key.len() + 1 + value.len() + 1;
            body.extend(format!("{length:03} {key}={value}\n").into_bytes());
        }
        let mut records = Records::default();
        records.read(&mut body, 0).unwrap();
        let mut xattrs = Vec::new();
        let strange = collect(&records, &mut xattrs);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (
            xattrs
                .into_iter()
                .map(|(name, value)| (text(name), text(value)))
                .collect(),
            strange,
        )
    }

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    #[test]
    fn the_last_record_of_a_name_counts() {
        let (xattrs, strange) = collected(&[
            ("SCHILY.xattr.user.b", "1"),
            ("SCHILY.xattr.user.a", "2"),
            ("SCHILY.xattr.user.b", ""),
        ]);
        assert_eq!(xattrs, owned(&[("user.a", "2"), ("user.b", "")]));
        assert_eq!(
            strange,
            Strange {
                repeated: true,
                ..Strange::default()
            }
        );
    }

    #[test]
    fn libarchives_form_steps_back_behind_the_other() {
        let (xattrs, strange) = collected(&[
            ("LIBARCHIVE.xattr.user.a", "bGliYXJjaGl2ZQ"),
            ("SCHILY.xattr.user.a", "schily"),
        ]);
        assert_eq!(xattrs, owned(&[("user.a", "schily")]));
        assert_eq!(strange, Strange::default());
    }

    #[test]
    fn libarchives_form_is_decoded_with_and_without_padding() {
        let (xattrs, strange) = collected(&[
            ("LIBARCHIVE.xattr.user.%E5%90%8D", "5YCk"),
            ("LIBARCHIVE.xattr.user.b", "YQ"),
            ("LIBARCHIVE.xattr.user.c", "YQ=="),
        ]);
        assert_eq!(
            xattrs,
            owned(&[("user.b", "a"), ("user.c", "a"), ("user.名", "値")])
        );
        assert_eq!(
            strange,
            Strange {
                libarchive_only: true,
                ..Strange::default()
            }
        );
    }

    #[test]
    fn what_cannot_be_decoded_is_left_out() {
        for (name, value) in [("user.a", "!"), ("user.%4", "YQ"), ("user.%G0", "YQ")] {
            let key = format!("LIBARCHIVE.xattr.{name}");
            let (xattrs, strange) = collected(&[(&key, value)]);
            assert_eq!(xattrs, []);
            assert_eq!(
                strange,
                Strange {
                    undecodable: true,
                    ..Strange::default()
                },
                "{name}"
            );
        }
    }
}
