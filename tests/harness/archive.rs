//! An outer archive: where its members' bytes are.

use std::io::Read;

/// A member of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name, without a leading `./`.
    pub name: String,
    /// Where its content begins in the file.
    pub offset: usize,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// The regular files of a tar file, as another reader sees them.
#[derive(Debug)]
pub struct Archive {
    /// In their order.
    pub members: Vec<Member>,
}

impl Archive {
    /// Reads a whole tar file.
    ///
    /// # Panics
    /// When it is none.
    pub fn read(file: &[u8]) -> Self {
        let mut archive = tar::Archive::new(file);
        let members = archive
            .entries()
            .expect("a tar file")
            .map(|entry| entry.expect("an entry"))
            .filter(|entry| entry.header().entry_type().is_file())
            .map(|mut entry| {
                let name =
                    String::from_utf8(entry.path_bytes().into_owned()).expect("a plain name");
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes).expect("content");
                Member {
                    name: name.trim_start_matches("./").to_owned(),
                    offset: usize::try_from(entry.raw_file_position()).expect("an offset"),
                    bytes,
                }
            })
            .collect();
        Self { members }
    }
}
