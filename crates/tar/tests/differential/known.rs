//! The archives that other tests know the answers to: the hostile vectors, and archives cut at
//! every place that matters.

use crate::archive::{archive, named};
use crate::case::{Case, Feature, Piece};
use crate::sparse_file::{Map, SparseFile};
use crate::vectors;

/// What each vector has that readers may disagree about.
const FEATURES: [(&str, Feature); 33] = [
    ("stray_zero_block", "lone-zero-block"),
    ("no_eoa", "end-missing"),
    ("one_eoa_block", "end-one-block"),
    ("concat_archives", "end-then-archive"),
    ("trailing_garbage", "end-then-garbage"),
    ("trunc_in_data", "cut-content"),
    ("trunc_in_padding", "cut-padding"),
    ("trunc_in_header", "cut-header"),
    ("pax_size_larger", "pax-size-larger"),
    ("pax_size_then_l", "pax-size-before-L"),
    ("hardlink_with_size", "size-on-hardlink"),
    ("hardlink_size_and_data", "data-on-hardlink"),
    ("dir_with_size", "size-on-directory"),
    ("pax_then_l", "pax-then-L"),
    ("l_then_pax", "L-then-pax"),
    ("dup_pax", "two-pax-paths"),
    ("dup_key", "two-paths-in-pax"),
    ("dangling_pax", "dangling-pax"),
    ("global_path", "global-path"),
    ("neg_mtime_b256", "mtime-negative"),
    ("b256_size", "size-b256-short"),
    ("b256_neg_size", "size-b256-negative"),
    ("bad_cksum", "bad-checksum"),
    ("non_utf8_name", "latin-1"),
    ("nul_in_longname", "long-name-with-nul"),
    ("nul_in_pax_path", "pax-path-with-nul"),
    ("pax_mtime_neg", "pax-mtime-dot"),
    ("type7_cont", "type-7"),
    ("unknown_type_z", "type-unknown"),
    ("type_a_regtrail", "v7-directory"),
    ("empty", "empty"),
    ("only_zeros", "only-zeros"),
    ("not_tar", "not-tar"),
];

/// The thirty-three hostile archives.
pub(crate) fn vectors() -> Vec<Case> {
    let all = vectors::all().into_iter().zip(FEATURES);
    let cases = all.map(|((name, bytes), (expected, feature))| {
        assert_eq!(name, expected);
        let piece = Piece::wide(archive().raw(&bytes), &[feature]);
        Case::new(format!("vector-{name}"), vec![piece])
    });
    cases.collect()
}

/// A part of an archive that is cut: how long it is, and what it means that the archive ends
/// where the part begins, or within it.
type Part = (usize, Feature, Feature);

const HEADER: Part = (512, "end-missing", "cut-header");
const FIRST_ZEROS: Part = (512, "end-missing", "end-short-block");
const SECOND_ZEROS: Part = (512, "end-one-block", "end-half-block");
const TRAILER: Part = (1024, "end-complete", "end-complete");

fn content(length: usize) -> Part {
    (length, "cut-content", "cut-content")
}

fn padding(length: usize) -> Part {
    (length, "cut-padding", "cut-padding")
}

/// Archives cut before, at and after the ends of their parts and blocks.
pub(crate) fn cuts() -> Vec<Case> {
    let gnu = |name| named(name).gnu();
    let two = archive()
        .member(gnu("small.txt"), "Kilts")
        .member(gnu("small2.txt"), "Google.com\n")
        .zeros(2048);
    let one = archive().file("testdata/file.txt", [b'x'; 684]).zeros(2048);
    let long = archive().pax(&[("path", &"long/".repeat(40))]);
    let old = {
        let mut file = SparseFile::small(1);
        file.runs = (0..30).map(|run| (run * 1024, 10)).collect();
        (file.size, file.stored) = (30 * 1024, vec![b's'; 300]);
        archive().raw(&file.piece(Map::Old).bytes).zeros(2048)
    };
    let text = archive()
        .raw(&SparseFile::small(2).piece(Map::V10).bytes)
        .zeros(2048);
    let end = [FIRST_ZEROS, SECOND_ZEROS, TRAILER];
    let records = long.0[512..].iter().filter(|&&byte| byte != 0).count();
    let pax = (records, "cut-extension", "cut-extension");
    let dangling = (512 - records, "dangling-pax-no-end", "dangling-pax-no-end");
    let sparse_pax = text.0[512..1024].iter().filter(|&&byte| byte != 0).count();
    let map = (512, "cut-sparse-map", "cut-sparse-map");
    let stored = |length| (length, "cut-sparse-content", "cut-sparse-content");
    let archives: [(&str, Vec<u8>, Vec<Part>); 5] = [
        (
            "two",
            two.0,
            [
                &[HEADER, content(5), padding(507)][..],
                &[HEADER, content(11), padding(501)],
                &end,
            ]
            .concat(),
        ),
        (
            "one",
            one.0,
            [&[HEADER, content(684), padding(340)][..], &end].concat(),
        ),
        ("pax", long.0, vec![HEADER, pax, dangling]),
        (
            "sparse-old",
            old.0,
            [&[HEADER, map, map, stored(300), padding(212)][..], &end].concat(),
        ),
        (
            "sparse-text",
            text.0,
            [
                &[HEADER, (sparse_pax, "cut-extension", "cut-extension")][..],
                &[(
                    512 - sparse_pax,
                    "dangling-pax-no-end",
                    "dangling-pax-no-end",
                )],
                &[HEADER, map, stored(1024)],
                &end,
            ]
            .concat(),
        ),
    ];
    let mut cases = Vec::new();
    for (name, bytes, parts) in archives {
        assert_eq!(bytes.len(), parts.iter().map(|part| part.0).sum::<usize>());
        let mut begin = 0;
        for (length, at_begin, within) in parts {
            let mut places = vec![0, 1, length / 2, length - 1];
            places.dedup();
            for place in places {
                let at = begin + place;
                let feature = if place == 0 { at_begin } else { within };
                let feature = if at == 0 { "empty" } else { feature };
                let piece = Piece::wide(archive().raw(&bytes[..at]), &[feature]);
                cases.push(Case::new(format!("cut-{name}-{at}"), vec![piece]));
            }
            // Rubbish where the part should begin.
            if matches!(at_begin, "end-missing" | "end-one-block" | "end-complete") {
                for (rubbish, feature) in [
                    (1, "then-rubbish"),
                    (511, "then-rubbish"),
                    (512, "then-rubbish-block"),
                ] {
                    let tail = b"garbage ".repeat(64);
                    let archive = archive().raw(&bytes[..begin]).raw(&tail[..rubbish]);
                    let feature = match at_begin {
                        "end-complete" => "end-then-garbage",
                        _ => feature,
                    };
                    let piece = Piece::wide(archive, &[feature]);
                    cases.push(Case::new(
                        format!("rubbish-{name}-{begin}-{rubbish}"),
                        vec![piece],
                    ));
                }
            }
            begin += length;
        }
    }
    cases
}
