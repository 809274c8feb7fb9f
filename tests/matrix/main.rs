//! The fault matrix: what may be wrong with an image, one row a fault.
//!
//! A row is a line in `rows/`. Most rows have an archive of their own, built here under the row's id, looked at with the
//! finished binary, and held against the *picture* in `pictures/`: states, files, findings. The same archives are read by
//! the WebAssembly in a browser (`e2e/parity.spec.ts`). `docs/faults.md` is the table of all rows.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_wrap,
    reason = "clippy sees tests in test functions only, and these have functions of their own"
)]

/// The writer that the parser's own tests use: it writes whatever it is told, right or wrong.
#[allow(dead_code, unreachable_pub, reason = "the rows need a part of it")]
#[path = "../../crates/tar/tests/archives/archive.rs"]
mod archive;
mod oci;
mod picture;
mod table;
mod tape;

/// Rows with an archive of their own: `id "fault": archive;`
macro_rules! rows {
    ($($id:ident $fault:literal: $archive:expr;)*) => {
        $(
            #[test]
            fn $id() {
                crate::picture::check(stringify!($id), $fault, &$archive);
            }
        )*
    };
}

mod archives;
mod digests;
mod documents;
mod framing;
mod layers;
mod resources;
mod tar_fields;
mod tar_structure;
