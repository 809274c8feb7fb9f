//! What an ELF file says of itself: for what machine it is, what it needs, and how it is hardened.
//!
//! An [`Elf`] is asked by [`poll`](Elf::poll) which bytes it needs and is given them by
//! [`provide`](Elf::provide), until it knows the [`Facts`]. Only headers, the dynamic section, its
//! strings and the notes are read, whatever the size of the file. A [`Fault`] says which part could not be read; all
//! other facts are still told. Sources: System V ABI (gABI) chapters 4 and 5, `elf.h` of glibc.
//!
//! What this crate refuses to know: where the bytes come from, symbols, code, and how anything is
//! shown. It does no I/O and panics on no input.
//!
//! ```
//! use layerscope_elf::{Elf, Step};
//!
//! # let mut file = vec![0; 64];
//! # file[..8].copy_from_slice(b"\x7fELF\x02\x01\x01\0");
//! # file[16] = 2;
//! # file[18] = 62;
//! let mut elf = Elf::new(file.len() as u64);
//! let facts = loop {
//!     match elf.poll() {
//!         Step::Read(range) => {
//!             let bytes = &file[range.start as usize..range.end as usize];
//!             elf.provide(range.start, bytes.to_vec());
//!         }
//!         Step::Done(facts) => break facts,
//!     }
//! };
//! let facts = facts.ok_or("no ELF file")?;
//! assert_eq!(layerscope_elf::machine_name(facts.machine), Some("x86-64"));
//! assert!(facts.needed.is_empty());
//! # Ok::<(), &str>(())
//! ```

mod bytes;
mod dynamic;
mod facts;
mod header;
mod limits;
mod names;
mod notes;
mod part;
mod sections;
mod segments;

pub use bytes::{Elf, Step};
pub use facts::{Class, Endian, Facts, Kind, Linking, Relro, Symbols};
pub use limits::*;
pub use names::machine_name;
pub use part::{Fault, FaultKind, Part};

/// The first four bytes of every ELF file.
pub const MAGIC: [u8; 4] = *b"\x7fELF";
