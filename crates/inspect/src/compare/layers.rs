//! Which layers two images share.

use layerscope_layer::ScannedLayer;
use layerscope_oci::{DiffId, Digest};

use crate::history;
use crate::instruction;
use crate::overview::{config_of, planned_size};
use crate::scan::Standing;
use crate::session::Session;
use crate::view::{ComparedLayer, ComparedLayers, Instruction};

/// The layers of both, each with its like.
pub(super) fn of(a: &Session, b: &Session) -> Option<ComparedLayers> {
    let (a, b) = (sides(a)?, sides(b)?);
    let mut pairs = Pairs::between(&a, &b, |one, other| {
        one.diff_id.is_some() && one.diff_id == other.diff_id
    });
    let same = (pairs.of_a.clone(), pairs.of_b.clone());
    pairs.go_on(&a, &b, |one, other| {
        let full = |side: &Side<'_>| side.instruction.as_ref().map(|it| it.full.clone());
        one.instruction.is_some() && full(one) == full(other)
    });
    let views = |sides: &[Side<'_>],
                 same: &[Option<usize>],
                 found: &[Option<usize>],
                 others: &[Side<'_>]| {
        let views = sides.iter().zip(same.iter().zip(found)).enumerate();
        let views = views.map(|(number, (side, (same, found)))| ComparedLayer {
            number,
            diff_id: side.diff_id.map(ToString::to_string),
            size: side.size,
            instruction: side.instruction.clone(),
            same: *same,
            proven: side.is_read
                && same
                    .and_then(|at| others.get(at))
                    .is_some_and(|other| other.is_read),
            step: found.filter(|_| same.is_none()),
        });
        views.collect()
    };
    Some(ComparedLayers {
        a: views(&a, &same.0, &pairs.of_a, &b),
        b: views(&b, &same.1, &pairs.of_b, &a),
    })
}

/// For each layer of A the one of B whose bytes are the same: both were read, now or at another time.
pub(super) fn proven(a: &Session, b: &Session) -> Vec<Option<u16>> {
    let (Some(mut a), Some(mut b)) = (sides(a), sides(b)) else {
        return Vec::new();
    };
    for side in a.iter_mut().chain(&mut b).filter(|side| !side.is_read) {
        side.diff_id = None;
    }
    let is_same =
        |one: &Side<'_>, other: &Side<'_>| one.diff_id.is_some() && one.diff_id == other.diff_id;
    let pairs = Pairs::between(&a, &b, is_same);
    let number = |at: Option<usize>| at.and_then(|at| u16::try_from(at).ok());
    pairs.of_a.into_iter().map(number).collect()
}

/// Compressed bytes of each layer of the chosen image.
pub(super) fn sizes(session: &Session) -> Vec<Option<u64>> {
    let sides = sides(session).unwrap_or_default();
    sides.iter().map(|side| side.size).collect()
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

fn sides(session: &Session) -> Option<Vec<Side<'_>>> {
    let image = session.image()?;
    let history = config_of(image).map_or(&[][..], |config| &config.history);
    let mut instructions: Vec<Option<Instruction>> = vec![None; image.layers.len()];
    for step in history::align(history, image.layers.len()).steps {
        let text = step.entry.and_then(|entry| entry.created_by.as_deref());
        if let (Some(layer), Some(text)) = (step.layer, text.filter(|text| !text.is_empty()))
            && let Some(place) = instructions.get_mut(layer)
        {
            *place = Some(instruction::read(text));
        }
    }
    let found = |scanned: &ScannedLayer| scanned.failure.is_none() && scanned.found.complete;
    let standings = session.standings(image);
    let sides = image.layers.iter().zip(standings).zip(instructions);
    let sides = sides.map(|((layer, standing), instruction)| {
        let read = standing.scanned().filter(|scanned| found(scanned));
        let diff_id = read.and_then(|scanned| scanned.found.diff_id.as_ref());
        let stated = layer.expected.diff_id.as_ref();
        Side {
            diff_id: diff_id.or(stated).map(DiffId::digest),
            is_read: diff_id.is_some(),
            size: Standing::scanned(standing)
                .map(|scanned| scanned.found.size)
                .or(planned_size(layer)),
            instruction,
        }
    });
    Some(sides.collect())
}

/// Which layer belongs to which. A layer belongs to one at most, the first that is left.
struct Pairs {
    of_a: Vec<Option<usize>>,
    of_b: Vec<Option<usize>>,
}

impl Pairs {
    fn between(
        a: &[Side<'_>],
        b: &[Side<'_>],
        is_pair: impl Fn(&Side<'_>, &Side<'_>) -> bool,
    ) -> Pairs {
        let mut pairs = Pairs {
            of_a: vec![None; a.len()],
            of_b: vec![None; b.len()],
        };
        pairs.go_on(a, b, is_pair);
        pairs
    }

    /// Pairs what is left by another rule.
    fn go_on(
        &mut self,
        a: &[Side<'_>],
        b: &[Side<'_>],
        is_pair: impl Fn(&Side<'_>, &Side<'_>) -> bool,
    ) {
        for ((number, one), place) in a.iter().enumerate().zip(&mut self.of_a) {
            if place.is_some() {
                continue;
            }
            let mut others = b.iter().zip(&mut self.of_b).enumerate();
            let found = others.find(|(_, (other, taken))| taken.is_none() && is_pair(one, other));
            if let Some((at, (_, taken))) = found {
                *place = Some(at);
                *taken = Some(number);
            }
        }
    }
}
