//! Which images a machine runs, and which of them suits it best (containerd/platforms, `Only`).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Platform;
use super::windows::WindowsVersion;

impl Platform {
    /// How well a machine of this platform runs an image for `candidate`: 0 is best, `None` is not at
    /// all.
    ///
    /// An arm64 also runs lower versions of arm64, and arm v8 to v5; an arm lower versions down to
    /// v5; an amd64 lower levels, and 386. The image may not require a feature of the operating
    /// system that this platform does not state. A version matters on Windows alone, where it says
    /// which containers a host's kernel runs.
    pub fn rank(&self, candidate: &Self) -> Option<u32> {
        let machine = self.normalized();
        let mut image = candidate.normalized();
        if machine.os != image.os {
            return None;
        }
        if machine.os == "windows" {
            // containerd never asked for this one: all images for desktops state it.
            image.os_features.retain(|feature| feature != "win32k");
            let host = machine
                .os_version
                .as_deref()
                .and_then(WindowsVersion::parse);
            let stated = image
                .os_version
                .as_deref()
                .filter(|version| !version.is_empty());
            if let (Some(host), Some(stated)) = (host, stated)
                && !WindowsVersion::parse(stated).is_some_and(|container| host.runs(container))
            {
                return None;
            }
        }
        if !image
            .os_features
            .iter()
            .all(|feature| machine.os_features.contains(feature))
        {
            return None;
        }
        let wanted = (
            image.architecture.as_str(),
            image.variant.as_deref().unwrap_or_default(),
        );
        let steps = ladder(
            &machine.architecture,
            machine.variant.as_deref().unwrap_or_default(),
        );
        let step = steps
            .iter()
            .position(|(architecture, variant)| wanted == (*architecture, variant.as_str()))?;
        u32::try_from(step).ok()
    }

    /// Whether a machine of this platform runs an image for `candidate`.
    pub fn matches(&self, candidate: &Self) -> bool {
        self.rank(candidate).is_some()
    }
}

/// The position of the candidate that suits `wanted` best: the one of the lowest
/// [`rank`](Platform::rank), then the one that uses the most features of the operating system, then
/// the first.
pub fn best_match<'a>(
    wanted: &Platform,
    candidates: impl IntoIterator<Item = &'a Platform>,
) -> Option<usize> {
    best_first(wanted, candidates.into_iter().enumerate())
        .first()
        .copied()
}

/// The positions of all candidates that `wanted` runs, best first.
pub(crate) fn best_first<'a>(
    wanted: &Platform,
    candidates: impl Iterator<Item = (usize, &'a Platform)>,
) -> Vec<usize> {
    let ranked = |(position, candidate): (usize, &Platform)| {
        let features = candidate.os_features.len();
        Some((wanted.rank(candidate)?, Reverse(features), position))
    };
    let matching: BinaryHeap<_> = candidates.filter_map(ranked).collect();
    matching
        .into_sorted_vec()
        .into_iter()
        .map(|(_, _, position)| position)
        .collect()
}

/// The architectures and variants that a machine runs, best first, in normalized form.
fn ladder<'a>(architecture: &'a str, variant: &str) -> Vec<(&'a str, String)> {
    let mut steps = vec![(architecture, variant.to_owned())];
    match architecture {
        "amd64" => {
            let lower = levels_below(variant, 1);
            steps.extend(lower.map(|level| match level {
                1 => ("amd64", String::new()),
                _ => ("amd64", format!("v{level}")),
            }));
            steps.push(("386", String::new()));
        }
        "arm" => steps.extend(levels_below(variant, 5).map(|level| ("arm", format!("v{level}")))),
        "arm64" => {
            // An unheard-of variant still runs itself. (containerd matches it with nothing.)
            if let Some((major, minor)) = arm64_version(variant) {
                let lower_minors = (0..minor).rev().map(|minor| (major, minor));
                // Each v9.m includes what v8.(m+5) has; v8 ended with v8.9.
                let v8 = (major == 9)
                    .then(|| (0..=(minor + 5).min(9)).rev())
                    .into_iter()
                    .flatten();
                let versions = lower_minors.chain(v8.map(|minor| (8, minor)));
                steps.extend(versions.map(|version| ("arm64", arm64_variant(version))));
                steps.extend((5..=8).rev().map(|level| ("arm", format!("v{level}"))));
            }
        }
        _ => {}
    }
    steps
}

/// The levels below that of `variant`, highest first, down to `lowest`.
fn levels_below(variant: &str, lowest: u8) -> impl Iterator<Item = u8> + use<> {
    let level = variant
        .strip_prefix('v')
        .unwrap_or(variant)
        .parse()
        .unwrap_or(lowest);
    (lowest..level).rev()
}

/// Major and minor version of a normalized arm64 variant, v8.0 to v8.9 and v9.0 to v9.7.
fn arm64_version(variant: &str) -> Option<(u8, u8)> {
    let version = match variant {
        "" => (8, 0),
        "v9" => (9, 0),
        _ => {
            let (major, minor) = variant.strip_prefix('v')?.split_once('.')?;
            let digit = |text: &str| text.parse().ok().filter(|_| text.len() == 1);
            (digit(major)?, digit(minor)?)
        }
    };
    matches!(version, (8, 0..=9) | (9, 0..=7)).then_some(version)
}

fn arm64_variant(version: (u8, u8)) -> String {
    match version {
        (8, 0) => String::new(),
        (major, 0) => format!("v{major}"),
        (major, minor) => format!("v{major}.{minor}"),
    }
}
