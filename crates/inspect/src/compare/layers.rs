//! Which layers two images share.

use layerscope_oci::{DiffId, Digest};

use crate::history;
use crate::instruction;
use crate::overview::{config_of, planned_size};
use crate::session::Session;
use crate::view::{ComparedLayer, Instruction};

/// The layers of both images, each with its like.
pub(super) fn of(a: &Session, b: &Session) -> [Vec<ComparedLayer>; 2] {
    let (a, b) = (sides(a), sides(b));
    let mut same = Pairs::of(&a, &b);
    same.go_on(&a, &b, &is_same);
    let mut steps = Pairs(same.0.clone());
    steps.go_on(&a, &b, &is_same_step);
    let mut views = [Vec::new(), Vec::new()];
    for (which, (sides, others)) in [(&a, &b), (&b, &a)].into_iter().enumerate() {
        for (number, side) in sides.iter().enumerate() {
            let like = |pairs: &Pairs| pairs.0.get(which).and_then(|all| *all.get(number)?);
            let same = like(&same);
            let other = same.and_then(|at| others.get(at));
            let view = ComparedLayer {
                number,
                diff_id: side.diff_id.map(ToString::to_string),
                size: side.size,
                instruction: side.instruction.clone(),
                same,
                proven: side.is_read && other.is_some_and(|other| other.is_read),
                step: like(&steps).filter(|_| same.is_none()),
            };
            if let Some(views) = views.get_mut(which) {
                views.push(view);
            }
        }
    }
    views
}

/// For each layer of A the one of B whose bytes are the same: both were read, now or at another time.
pub(super) fn proven(a: &Session, b: &Session) -> Vec<Option<usize>> {
    let (a, b) = (sides(a), sides(b));
    let mut pairs = Pairs::of(&a, &b);
    pairs.go_on(&a, &b, &|one, other| {
        one.is_read && other.is_read && is_same(one, other)
    });
    let [of_a, _] = pairs.0;
    of_a
}

/// Compressed bytes of all layers of the chosen image, as far as they are known.
pub(super) fn size(session: &Session) -> u64 {
    sides(session).iter().filter_map(|side| side.size).sum()
}

/// What is compared of a layer.
struct Side<'a> {
    /// As found, or else as stated.
    diff_id: Option<&'a Digest>,
    /// Whether it is as found.
    is_read: bool,
    size: Option<u64>,
    instruction: Option<Instruction>,
}

fn is_same(one: &Side<'_>, other: &Side<'_>) -> bool {
    one.diff_id.is_some() && one.diff_id == other.diff_id
}

fn is_same_step(one: &Side<'_>, other: &Side<'_>) -> bool {
    match (&one.instruction, &other.instruction) {
        (Some(one), Some(other)) => one.full == other.full,
        _ => false,
    }
}

fn sides(session: &Session) -> Vec<Side<'_>> {
    let mut sides = Vec::new();
    let Some(image) = session.image() else {
        return sides;
    };
    for (layer, standing) in image.layers.iter().zip(session.standings(image)) {
        let read = standing.scanned();
        let diff_id = read
            .filter(|scanned| scanned.failure.is_none() && scanned.found.complete)
            .and_then(|scanned| scanned.found.diff_id.as_ref());
        sides.push(Side {
            diff_id: diff_id
                .or(layer.expected.diff_id.as_ref())
                .map(DiffId::digest),
            is_read: diff_id.is_some(),
            size: read
                .map(|scanned| scanned.found.size)
                .or(planned_size(layer)),
            instruction: None,
        });
    }
    let history = config_of(image).map_or(&[][..], |config| &config.history);
    for step in history::align(history, image.layers.len()).steps {
        let text = step.entry.and_then(|entry| entry.created_by.as_deref());
        if let (Some(layer), Some(text)) = (step.layer, text.filter(|text| !text.is_empty()))
            && let Some(side) = sides.get_mut(layer)
        {
            side.instruction = Some(instruction::read(text));
        }
    }
    sides
}

/// Which layer belongs to which, for the layers of A and for those of B. A layer belongs to one at most, the first that
/// is left.
struct Pairs([Vec<Option<usize>>; 2]);

impl Pairs {
    /// None yet.
    fn of(a: &[Side<'_>], b: &[Side<'_>]) -> Pairs {
        Pairs([vec![None; a.len()], vec![None; b.len()]])
    }

    /// Pairs what is left by a rule.
    fn go_on(
        &mut self,
        a: &[Side<'_>],
        b: &[Side<'_>],
        is_pair: &dyn Fn(&Side<'_>, &Side<'_>) -> bool,
    ) {
        let [of_a, of_b] = &mut self.0;
        for ((number, one), place) in a.iter().enumerate().zip(of_a) {
            if place.is_some() {
                continue;
            }
            for ((at, other), taken) in b.iter().enumerate().zip(&mut *of_b) {
                if taken.is_none() && is_pair(one, other) {
                    (*place, *taken) = (Some(at), Some(number));
                    break;
                }
            }
        }
    }
}
