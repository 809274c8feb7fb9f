//! Names of entries as paths below the root of a filesystem.

/// The components of `path` as a runtime sees them: no empty one, no `.`, and `..` resolved without
/// looking at any filesystem, never leaving the root.
///
/// containerd cleans names the same way before it applies them (`applyNaive` in `pkg/archive/tar.go`).
/// No component at all is the root itself, which runtimes pass over.
///
/// ```
/// use layerscope_layer::components;
///
/// let cleaned: Vec<_> = components(b"./a//b/../c").collect();
/// assert_eq!(cleaned, [b"a", b"c"]);
/// assert!(components(b"../etc/passwd").escapes());
/// assert!(components(b"../etc/passwd").eq([&b"etc"[..], b"passwd"]));
/// ```
pub fn components(path: &[u8]) -> Components<'_> {
    let mut escapes = false;
    let inner = if named(path).any(|name| name == b"..") {
        let mut kept = Vec::new();
        for name in named(path) {
            if name != b".." {
                kept.push(name);
            } else if kept.pop().is_none() {
                escapes = true;
            }
        }
        Inner::Resolved(kept.into_iter())
    } else {
        Inner::Plain(path)
    };
    Components { inner, escapes }
}

/// Iterator over the cleaned components of a path; see [`components`].
#[derive(Clone, Debug)]
pub struct Components<'a> {
    inner: Inner<'a>,
    escapes: bool,
}

#[derive(Clone, Debug)]
enum Inner<'a> {
    /// What is left of a path without `..`.
    Plain(&'a [u8]),
    Resolved(std::vec::IntoIter<&'a [u8]>),
}

impl Components<'_> {
    /// Whether a `..` tried to leave the root. Some runtimes refuse such an entry; containerd keeps it inside.
    pub fn escapes(&self) -> bool {
        self.escapes
    }
}

impl<'a> Iterator for Components<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        match &mut self.inner {
            Inner::Resolved(names) => names.next(),
            Inner::Plain(rest) => loop {
                if rest.is_empty() {
                    return None;
                }
                let end = rest.iter().position(|byte| *byte == b'/');
                let (name, after) = match end {
                    Some(end) => (
                        rest.get(..end).unwrap_or_default(),
                        rest.get(end.saturating_add(1)..).unwrap_or_default(),
                    ),
                    None => (*rest, &[][..]),
                };
                *rest = after;
                if !name.is_empty() && name != b"." {
                    return Some(name);
                }
            },
        }
    }
}

/// The names in `path` that mean something.
fn named(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/')
        .filter(|name| !name.is_empty() && *name != b".")
}
