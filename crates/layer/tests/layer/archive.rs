//! Writes archives: well-formed ones, and those that no tool would write.

use std::io::Write as _;

use flate2::write::GzEncoder;
use layerscope_layer::{Expected, LayerScan, Limits, ScannedLayer};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

/// An archive in the making.
#[derive(Clone, Default)]
pub(crate) struct Archive(Vec<u8>);

/// One ustar header (POSIX pax, "ustar Interchange Format").
#[derive(Clone)]
pub(crate) struct Header {
    pub(crate) flag: u8,
    pub(crate) name: Vec<u8>,
    pub(crate) link: Vec<u8>,
    pub(crate) mode: u32,
    pub(crate) size: u64,
    pub(crate) owner: (u32, u32),
    pub(crate) names: (&'static str, &'static str),
    pub(crate) device: (u32, u32),
    pub(crate) mtime: u64,
    /// What the checksum field says beyond the truth.
    pub(crate) wrong_by: u32,
}

impl Header {
    pub(crate) fn new(flag: u8, name: impl AsRef<[u8]>) -> Self {
        Self {
            flag,
            name: name.as_ref().to_vec(),
            link: Vec::new(),
            mode: if flag == b'5' { 0o755 } else { 0o644 },
            size: 0,
            owner: (0, 0),
            names: ("root", "root"),
            device: (0, 0),
            mtime: 1_700_000_000,
            wrong_by: 0,
        }
    }

    fn block(&self) -> [u8; 512] {
        let mut block = [0; 512];
        let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &self.name);
        put(100, format!("{:07o}", self.mode).as_bytes());
        put(108, format!("{:07o}", self.owner.0).as_bytes());
        put(116, format!("{:07o}", self.owner.1).as_bytes());
        put(124, format!("{:011o}", self.size).as_bytes());
        put(136, format!("{:011o}", self.mtime).as_bytes());
        put(148, b"        ");
        put(156, &[self.flag]);
        put(157, &self.link);
        put(257, b"ustar\x0000");
        put(265, self.names.0.as_bytes());
        put(297, self.names.1.as_bytes());
        put(329, format!("{:07o}", self.device.0).as_bytes());
        put(337, format!("{:07o}", self.device.1).as_bytes());
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        let sum = format!("{:06o}\0 ", sum + self.wrong_by);
        block[148..156].copy_from_slice(sum.as_bytes());
        block
    }
}

impl Archive {
    pub(crate) fn header(mut self, header: &Header) -> Self {
        self.0.extend_from_slice(&header.block());
        self
    }

    /// Bytes, and zeros up to the next block.
    pub(crate) fn content(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    /// Bytes as they are.
    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn with(self, mut header: Header, content: &[u8]) -> Self {
        header.size = content.len() as u64;
        self.header(&header).content(content)
    }

    pub(crate) fn file(self, name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        self.with(Header::new(b'0', name), content.as_ref())
    }

    pub(crate) fn directory(self, name: &str) -> Self {
        self.header(&Header::new(b'5', name))
    }

    pub(crate) fn link(self, flag: u8, name: &str, target: &str) -> Self {
        let mut header = Header::new(flag, name);
        header.link = target.as_bytes().to_vec();
        self.header(&header)
    }

    /// A PAX extended header for the entry that follows.
    pub(crate) fn pax(self, records: &[(&str, &[u8])]) -> Self {
        let mut data = Vec::new();
        for (key, value) in records {
            let rest = key.len() + value.len() + 3;
            let mut len = rest + 1;
            while len != rest + len.to_string().len() {
                len = rest + len.to_string().len();
            }
            data.extend_from_slice(format!("{len} {key}=").as_bytes());
            data.extend_from_slice(value);
            data.push(b'\n');
        }
        self.with(Header::new(b'x', "PaxHeader"), &data)
    }

    /// A sparse file in GNU's PAX form 1.0: `runs` of stored bytes, and where each lies in the file.
    pub(crate) fn sparse(self, name: &str, size: u64, runs: &[(u64, &[u8])]) -> Self {
        let mut map = format!("{}\n", runs.len());
        let mut stored = Vec::new();
        for (offset, run) in runs {
            map.push_str(&format!("{offset}\n{}\n", run.len()));
            stored.extend_from_slice(run);
        }
        let mut data = map.into_bytes();
        data.resize(data.len().next_multiple_of(512), 0);
        data.extend_from_slice(&stored);
        self.pax(&[
            ("GNU.sparse.major", b"1"),
            ("GNU.sparse.minor", b"0"),
            ("GNU.sparse.name", name.as_bytes()),
            ("GNU.sparse.realsize", size.to_string().as_bytes()),
        ])
        .with(Header::new(b'0', "sparse-placeholder"), &data)
    }

    /// The two zero blocks.
    pub(crate) fn end(self) -> Vec<u8> {
        self.raw(&[0; 1024]).0
    }

    /// The bytes, and no end-of-archive marker.
    pub(crate) fn cut(self) -> Vec<u8> {
        self.0
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// One gzip member for every so many bytes, as eStargz layers have them.
pub(crate) fn gzip_members(bytes: &[u8], every: usize) -> Vec<u8> {
    bytes.chunks(every).flat_map(gzip).collect()
}

/// One gzip member with a block for every so many bytes.
pub(crate) fn gzip_blocks(bytes: &[u8], every: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
    for piece in bytes.chunks(every) {
        encoder.write_all(piece).unwrap();
        encoder.flush().unwrap();
    }
    encoder.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// The 1024 zeros of an empty archive, as `xz` writes them.
pub(crate) const XZ_EMPTY_ARCHIVE: [u8; 76] = [
    0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00, 0x04, 0xe6, 0xd6, 0xb4, 0x46, 0x02, 0x00, 0x21, 0x01,
    0x16, 0x00, 0x00, 0x00, 0x74, 0x2f, 0xe5, 0xa3, 0xe0, 0x03, 0xff, 0x00, 0x0b, 0x5d, 0x00, 0x00,
    0x6f, 0xfd, 0xff, 0xff, 0xa3, 0xb7, 0x7f, 0x46, 0x32, 0x00, 0x00, 0x00, 0x0c, 0x27, 0x69, 0x20,
    0x97, 0x63, 0x78, 0xc3, 0x00, 0x01, 0x27, 0x80, 0x08, 0x00, 0x00, 0x00, 0x2e, 0x79, 0xae, 0xad,
    0xb1, 0xc4, 0x67, 0xfb, 0x02, 0x00, 0x00, 0x00, 0x00, 0x04, 0x59, 0x5a,
];

/// Bytes that do not compress, the same every time.
pub(crate) fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..len).map(|_| next()).collect()
}

/// One entry of every kind, with every attribute.
pub(crate) fn everything() -> Archive {
    let mut owned = Header::new(b'0', "usr/bin/tool");
    owned.mode = 0o104_755;
    owned.owner = (1000, 50);
    owned.names = ("tool", "staff");
    let mut device = Header::new(b'3', "dev/null");
    device.device = (1, 3);
    let mut block = Header::new(b'4', "dev/sda");
    block.device = (8, 0);
    Archive::default()
        .directory("./")
        .directory("usr/")
        .with(owned, &noise(700))
        .file("etc/motd", "welcome\n")
        .file("etc/empty", "")
        .link(b'2', "etc/issue", "motd")
        .link(b'1', "usr/bin/again", "usr/bin/tool")
        .header(&device)
        .header(&block)
        .header(&Header::new(b'6', "run/pipe"))
        .pax(&[
            ("mtime", b"-1.25"),
            ("path", "usr/share/りんご".as_bytes()),
            ("SCHILY.xattr.security.capability", b"\x01\x00\x00\x02\n=\0"),
            ("SCHILY.xattr.user.note", b""),
        ])
        .file("placeholder", b"apple")
        .sparse(
            "var/sparse",
            2000,
            &[(100, b"begin"), (1500, &[7; 300]), (2000, b"")],
        )
        .file("etc/.wh.gone", "")
        .file("srv/.wh..wh..opq", "")
}

/// Scans a blob in one piece.
pub(crate) fn scan(blob: &[u8]) -> ScannedLayer {
    scan_expecting(blob, &Expected::default())
}

/// Scans a blob in pieces of this size, and keeps restart points this far apart.
pub(crate) fn scan_keeping(blob: &[u8], spacing: u64, piece: usize) -> ScannedLayer {
    let scan = LayerScan::new(Expected::default(), Limits::default());
    let mut scan = scan.keeping_restart_points(spacing);
    for piece in blob.chunks(piece) {
        let _ = scan.push(piece);
    }
    scan.finish()
}

pub(crate) fn scan_expecting(blob: &[u8], expected: &Expected) -> ScannedLayer {
    let mut scan = LayerScan::new(expected.clone(), Limits::default());
    let _ = scan.push(blob);
    scan.finish()
}
