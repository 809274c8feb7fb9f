//! Where bytes are cut cannot be told from what is told.

use crate::reading::{read, read_pieces};
use crate::{sparse, vectors};

#[test]
fn any_cut_of_any_vector_tells_the_same() {
    for (name, bytes) in vectors::all().into_iter().chain(sparse::all()) {
        let whole = read(&bytes);
        for at in 0..=bytes.len() {
            let (one, other) = bytes.split_at(at);
            assert_eq!(read_pieces([one, other]), whole, "{name} cut at {at}");
        }
    }
}

#[test]
fn empty_pushes_tell_nothing() {
    for (name, bytes) in vectors::all() {
        let pieces = bytes.chunks(100).flat_map(|piece| [piece, &[]]);
        assert_eq!(read_pieces(pieces), read(&bytes), "{name}");
    }
}
