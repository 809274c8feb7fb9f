//! Layers as filesystems: each by itself, and on top of each other as a container would find them.
//!
//! A [`Tree`] is built from [`LayerIndex`](layerscope_layer::LayerIndex)es by the rules of containerd's layer application:
//! whiteouts, directories that merge, anything else that replaces, symbolic links in parents followed inside the
//! root, hard links across layers. Its [`Node`]s tell what is visible, what the top layer did to it ([`Change`]),
//! and who removed what is not visible any more ([`Ghost`]). A [`Loss`] is a stored entry that nobody sees, a
//! [`Told`] one step of a path's [story](Tree::story), an [`Oddity`] something about which runtimes disagree.
//! [`Rows`] flatten what is open of a tree for a grid, and [`Walk`] goes through it in the order of paths.
//!
//! The crate knows entries, not their bytes: it never reads content, and two contents are equal for it if the
//! layers' fingerprints say so. It knows nothing of images, configs or history, and nothing of how anything is shown.
//!
//! ```
//! use layerscope_layer::{LayerScan, Limits};
//! use layerscope_tree::{Change, Tree};
//!
//! # fn layer(names: &[&str]) -> Vec<u8> {
//! #     let mut tar = tar::Builder::new(Vec::new());
//! #     for name in names {
//! #         let mut header = tar::Header::new_ustar();
//! #         header.set_size(0);
//! #         tar.append_data(&mut header, name, &[][..]).unwrap();
//! #     }
//! #     tar.into_inner().unwrap()
//! # }
//! let scan = |bytes: Vec<u8>| {
//!     let mut scan = LayerScan::listing(Limits::default());
//!     let _ = scan.push(&bytes);
//!     scan.finish().index
//! };
//! let lower = scan(layer(&["etc/motd", "etc/passwd"]));
//! let upper = scan(layer(&["etc/.wh.motd", "etc/hosts"]));
//!
//! let tree = Tree::merged(&[Some(&lower), Some(&upper)]);
//! let etc = tree.resolve(b"/etc")?;
//! let told: Vec<_> = tree.children(etc).iter().map(|id| (tree.node(*id).name, tree.node(*id).change)).collect();
//! assert_eq!(told, [
//!     (&b"hosts"[..], Change::Added),
//!     (&b"motd"[..], Change::Removed),
//!     (&b"passwd"[..], Change::Unchanged),
//! ]);
//! # Ok::<(), layerscope_tree::Error>(())
//! ```

mod apply;
mod arena;
mod bits;
mod change;
mod finish;
mod layer_tree;
mod links;
mod loss;
mod merged;
mod oddity;
mod parents;
mod resolve;
mod rows;
mod settle;
mod shelf;
mod slots;
mod stamp;
mod story;
mod table;
mod walk;
mod whiteout;

pub use arena::{Ghost, Node, NodeId, Tree};
pub use change::{Attributes, Change};
pub use layerscope_layer::Kind;
pub use loss::{Cause, Loss};
pub use oddity::{MAX_ODDITIES_OF_A_KIND, Oddities, Oddity, OddityKind};
pub use resolve::{Error, MAX_LINKS};
pub use rows::{Options, RowRef, Rows, Sort};
pub use stamp::EntryRef;
pub use story::{Told, story};
pub use walk::{Found, Walk};
