//! Extended attributes.

use layerscope_tar::OddityKind::{self, LibarchiveXattr, RepeatedRecord, UndecodableXattr};
use layerscope_tar::{Error, PaxRule};

use crate::archive::{archive, named, record};
use crate::reading::{Reading, read};

fn with(records: &[(&[u8], &[u8])]) -> Reading {
    let data = records
        .iter()
        .flat_map(|(key, value)| record(key, value))
        .collect::<Vec<_>>();
    read(
        &archive()
            .member(named("x").flag(b'x'), data)
            .file("f", "")
            .file("next", "")
            .end(),
    )
}

fn check(records: &[(&[u8], &[u8])], xattrs: &[(&[u8], &[u8])], oddities: &[OddityKind]) {
    let reading = with(records);
    let [entry, next] = reading.entries()[..] else {
        panic!("{reading:?}")
    };
    let found = entry
        .xattrs
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect::<Vec<_>>();
    assert_eq!(found, xattrs);
    assert_eq!(reading.odd_kinds(), oddities);
    assert_eq!(next.xattrs, []);
}

#[test]
fn b40_values_are_bytes_and_names_have_no_nul() {
    check(
        &[
            (b"SCHILY.xattr.user.key2", b"value2"),
            (b"SCHILY.xattr.user.key", b"a=b\nc"),
            (
                b"SCHILY.xattr.security.selinux",
                b"unconfined_u:object_r:default_t:s0\0",
            ),
            (b"SCHILY.xattr.user.empty", b""),
        ],
        &[
            (b"security.selinux", b"unconfined_u:object_r:default_t:s0\0"),
            (b"user.empty", b""),
            (b"user.key", b"a=b\nc"),
            (b"user.key2", b"value2"),
        ],
        &[],
    );
    let reading = with(&[(b"SCHILY.xattr.user.a\0b", b"fooz\0barz")]);
    let Error::Pax { expected, .. } = reading.error() else {
        panic!("{reading:?}")
    };
    assert_eq!(*expected, PaxRule::KeyWithoutNul);
}

#[test]
fn b41_libarchive_s_form_is_decoded_and_an_acl_is_no_xattr() {
    check(
        &[
            (b"LIBARCHIVE.xattr.user.mime%3Dtype", b"dGV4dC9wbGFpbg"),
            (b"SCHILY.acl.access", b"user::rwx,group::r-x"),
            (b"LIBARCHIVE.creationtime", b"1"),
        ],
        &[(b"user.mime=type", b"text/plain")],
        &[LibarchiveXattr],
    );
    // Both forms, as libarchive writes them: runtimes see the one, so there is nothing odd.
    let both: [(&[u8], &[u8]); 2] = [
        (b"SCHILY.xattr.user.a", b"a"),
        (b"LIBARCHIVE.xattr.user.a", b"YQ"),
    ];
    check(&both, &[(b"user.a", b"a")], &[]);
    check(
        &[(b"LIBARCHIVE.xattr.user.a", b"?")],
        &[],
        &[UndecodableXattr],
    );
}

#[test]
fn the_last_value_of_a_name_counts() {
    check(
        &[
            (b"SCHILY.xattr.user.a", b"1"),
            (b"SCHILY.xattr.user.a", b"2"),
        ],
        &[(b"user.a", b"2")],
        &[RepeatedRecord {
            key: "SCHILY.xattr.",
        }],
    );
}
