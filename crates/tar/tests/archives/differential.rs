//! Well-formed archives read as the `tar` crate reads them, which also writes them.

use std::io::Read as _;

use layerscope_tar::Kind;
use tar::{Archive, Builder, EntryType, Header};

use crate::reading::read;

/// The member's flag, and what the parser calls it.
const KINDS: [(EntryType, Kind); 7] = [
    (EntryType::Regular, Kind::File),
    (EntryType::Link, Kind::HardLink),
    (EntryType::Symlink, Kind::Symlink),
    (EntryType::Char, Kind::Char),
    (EntryType::Block, Kind::Block),
    (EntryType::Directory, Kind::Directory),
    (EntryType::Fifo, Kind::Fifo),
];

/// Lengths of names around every boundary of a header's fields.
const LENGTHS: [usize; 11] = [1, 5, 99, 100, 101, 155, 156, 255, 256, 257, 3000];

/// Sizes of contents around the boundaries of blocks.
const SIZES: [usize; 7] = [0, 1, 511, 512, 513, 1024, 4000];

fn header(empty: Header, number: u64, kind: EntryType) -> Header {
    let mut header = empty;
    header.set_entry_type(kind);
    header.set_mode(0o4755 - number as u32 % 64);
    header.set_uid(number * 1_000_003 % 0o777_7777);
    header.set_gid(number);
    header.set_mtime(1_500_000_000 + number);
    header.set_size(0);
    header.set_username("owner").unwrap();
    header.set_groupname("group").unwrap();
    header.set_device_major(number as u32).unwrap();
    header.set_device_minor(7).unwrap();
    header
}

/// An archive of each kind with each length of name, in GNU's form (`empty` is a GNU header) or in
/// ustar's with PAX records.
fn build(empty: &Header) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    let gnu = empty.as_gnu().is_some();
    for (number, length) in LENGTHS.into_iter().enumerate() {
        for (kind, _) in KINDS {
            let name = "directory/名前/".repeat(length / 10 + 1);
            let name: String = name
                .chars()
                .scan(0, |bytes, letter| {
                    *bytes += letter.len_utf8();
                    (*bytes <= length).then_some(letter)
                })
                .collect();
            // A slash at the end of a file's name would make readers disagree.
            let name = name.trim_end_matches('/');
            let size = if kind == EntryType::Regular {
                SIZES[number % SIZES.len()]
            } else {
                0
            };
            let content: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
            let mut header = header(empty.clone(), number as u64, kind);
            header.set_size(content.len() as u64);
            let linked = matches!(kind, EntryType::Link | EntryType::Symlink);
            if gnu && linked {
                builder.append_link(&mut header, name, name).unwrap();
            } else if gnu {
                builder
                    .append_data(&mut header, name, &content[..])
                    .unwrap();
            } else {
                let mut records = vec![("path", name.as_bytes()), ("uid", b"3000000000")];
                records.push((
                    "SCHILY.xattr.user.number",
                    if linked { b"one" } else { b"" },
                ));
                if linked {
                    records.push(("linkpath", name.as_bytes()));
                }
                builder.append_pax_extensions(records).unwrap();
                header.set_path("short").unwrap();
                header.set_cksum();
                builder.append(&header, &content[..]).unwrap();
            }
        }
    }
    builder.into_inner().unwrap()
}

fn check(bytes: &[u8]) {
    let reading = read(bytes);
    assert!(reading.result.is_ok());
    assert_eq!(reading.oddities(), []);
    let ours = reading.entries();
    assert_eq!(ours.len(), LENGTHS.len() * KINDS.len());
    let mut archive = Archive::new(bytes);
    for (number, theirs) in archive.entries().unwrap().enumerate() {
        let mut theirs = theirs.unwrap();
        let ours = ours[number];
        let (_, kind) = KINDS[number % KINDS.len()];
        assert_eq!(ours.kind, kind);
        assert_eq!(ours.path, &*theirs.path_bytes());
        assert_eq!(
            ours.link,
            theirs.link_name_bytes().as_deref().unwrap_or_default()
        );
        assert_eq!((ours.size, ours.stored), (theirs.size(), theirs.size()));
        let positions = (theirs.raw_header_position(), theirs.raw_file_position());
        assert_eq!((ours.header_offset, ours.content_offset), positions);

        let header = theirs.header().clone();
        assert_eq!(ours.mode, header.mode().unwrap());
        assert_eq!(
            (ours.uid, ours.gid),
            (header.uid().unwrap(), header.gid().unwrap())
        );
        assert_eq!(ours.mtime.seconds as u64, header.mtime().unwrap());
        assert_eq!(Some(&*ours.uname), header.username_bytes());
        assert_eq!(Some(&*ours.gname), header.groupname_bytes());
        let device = header
            .device_major()
            .unwrap()
            .zip(header.device_minor().unwrap());
        let device = device.map(|(major, minor)| (u64::from(major), u64::from(minor)));
        assert_eq!(
            ours.device,
            device.filter(|_| matches!(kind, Kind::Char | Kind::Block))
        );

        let mut xattrs = Vec::new();
        for record in theirs.pax_extensions().unwrap().into_iter().flatten() {
            let record = record.unwrap();
            if let Some(name) = record.key_bytes().strip_prefix(b"SCHILY.xattr.") {
                xattrs.push((name.to_vec(), record.value_bytes().to_vec()));
            }
        }
        assert_eq!(ours.xattrs, xattrs);
        let mut content = Vec::new();
        theirs.read_to_end(&mut content).unwrap();
        assert_eq!(reading.stored(number), content);
    }
}

#[test]
fn gnu_archives_read_alike() {
    let bytes = build(&Header::new_gnu());
    assert!(bytes.windows(13).any(|window| window == b"././@LongLink"));
    check(&bytes);
}

#[test]
fn pax_archives_read_alike() {
    check(&build(&Header::new_ustar()));
}
