//! Names that take away what lower layers brought.

/// What begins the name of every whiteout (OCI image-spec layer.md, "Whiteouts").
const PREFIX: &[u8] = b".wh.";

/// What begins the names that AUFS kept for itself.
const META_PREFIX: &[u8] = b".wh..wh.";

/// What an entry's base name asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whiteout<'a> {
    /// An ordinary name.
    None,
    /// Hides the sibling of this name in lower layers.
    Of(&'a [u8]),
    /// Hides everything that lower layers have in the same directory.
    Opaque,
    /// AUFS's own bookkeeping, such as `.wh..wh.plnk` and `.wh..wh.aufs`. Docker passes over it at the
    /// root of a layer; containerd sees a whiteout of a name that begins with `.wh.`, which hides nothing.
    Aufs,
    /// Would hide the directory it is in, or that one's parent: `.wh.`, `.wh..` and `.wh...`. Runtimes refuse the layer.
    Invalid,
}

/// What `basename`, the last component of a cleaned path, asks for.
///
/// Only the last component counts: `.wh.etc/passwd` is an ordinary file.
///
/// ```
/// use layerscope_layer::{Whiteout, whiteout};
///
/// assert_eq!(whiteout(b".wh.motd"), Whiteout::Of(b"motd"));
/// assert_eq!(whiteout(b".wh..wh..opq"), Whiteout::Opaque);
/// assert_eq!(whiteout(b"motd"), Whiteout::None);
/// ```
pub fn whiteout(basename: &[u8]) -> Whiteout<'_> {
    let Some(hidden) = basename.strip_prefix(PREFIX) else {
        return Whiteout::None;
    };
    match hidden {
        b"" | b"." | b".." => Whiteout::Invalid,
        b".wh..opq" => Whiteout::Opaque,
        _ if basename.starts_with(META_PREFIX) => Whiteout::Aufs,
        _ => Whiteout::Of(hidden),
    }
}
