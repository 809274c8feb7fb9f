//! Archive files that are in memory, opened.

use layerscope_source::{Error, ImageChoice, Resolve, Resolved, Select};

use super::{from_file, resolve};

pub fn open_with(file: &[u8], select: &Select) -> Result<Resolved, Error> {
    let size = file.len() as u64;
    resolve(|| Resolve::archive(size, select.clone()), from_file(file))
}

pub fn open(file: &[u8]) -> Resolved {
    open_with(file, &Select::default()).unwrap()
}

pub fn named(name: &str) -> Select {
    Select {
        image: ImageChoice::Name(name.to_owned()),
        ..Select::default()
    }
}
