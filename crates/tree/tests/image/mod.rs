//! Layers for tests: written down, made into an archive, and scanned as any other.

// Each test binary has its own copy of this module and uses some of it.
#![allow(dead_code, unreachable_pub)]

use std::io::Write;

use flate2::write::GzEncoder;
use layerscope_layer::{Compression, Expected, LayerIndex, LayerScan, Limits};
use layerscope_tree::EntryRef;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use tar::EntryType;

pub mod member;

pub use member::{Member, archive};

/// A layer, with what its index does not keep.
#[derive(Debug)]
pub struct Layer {
    pub members: Vec<Member>,
    pub index: LayerIndex,
}

/// How a layer's archive is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    Plain,
    Gzip,
    Zstd,
}

impl Packing {
    pub fn pack(self, archive: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Plain => archive,
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
                encoder.write_all(&archive).unwrap();
                encoder.finish().unwrap()
            }
            Self::Zstd => compress_to_vec(&archive[..], CompressionLevel::Fastest),
        }
    }

    fn found(self) -> Compression {
        match self {
            Self::Plain => Compression::None,
            Self::Gzip => Compression::Gzip,
            Self::Zstd => Compression::Zstd,
        }
    }
}

impl Layer {
    pub fn new(members: Vec<Member>) -> Self {
        Self::packed(members, Packing::Plain)
    }

    pub fn packed(members: Vec<Member>, packing: Packing) -> Self {
        let scan = LayerScan::new(Expected::default(), Limits::default());
        Self::scanned(members, packing, scan)
    }

    /// A layer of which nothing is hashed, so that no two contents are known to be equal.
    pub fn listed(members: Vec<Member>) -> Self {
        let scan = LayerScan::listing(Limits::default());
        Self::scanned(members, Packing::Plain, scan)
    }

    fn scanned(members: Vec<Member>, packing: Packing, mut scan: LayerScan) -> Self {
        let _ = scan.push(&packing.pack(archive(&members)));
        let scanned = scan.finish();
        assert!(scanned.failure.is_none(), "{:?}", scanned.failure);
        assert_eq!(scanned.found.compression, packing.found());
        let index = scanned.index;
        assert_eq!(index.len(), members.len());
        for (entry, member) in index.iter().zip(&members) {
            assert_eq!(
                (entry.path, entry.link),
                (&member.name[..], &member.link[..])
            );
            assert_eq!(
                (entry.mode, entry.uid, entry.gid),
                (member.mode, member.uid, member.gid)
            );
            assert_eq!(entry.mtime.seconds, member.mtime as i64);
            if member.kind == EntryType::Regular {
                assert_eq!(entry.size, member.content.len() as u64);
            }
            let xattrs = entry.xattrs().map(|(name, value)| (name, value.to_vec()));
            let written = member.xattrs.iter();
            assert!(xattrs.eq(written.map(|(name, value)| (name.as_bytes(), value.clone()))));
        }
        Self { members, index }
    }

    pub fn read(lines: &str) -> Self {
        Self::new(lines.lines().map(Member::read).collect())
    }
}

/// What the trees are built from.
pub fn indexes(layers: &[Layer]) -> Vec<Option<&LayerIndex>> {
    layers.iter().map(|layer| Some(&layer.index)).collect()
}

pub fn member(layers: &[Layer], at: EntryRef) -> &Member {
    &layers[usize::from(at.layer)].members[at.entry as usize]
}
