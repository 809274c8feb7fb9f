//! Which of a source's images are wanted.

use std::collections::BinaryHeap;

use layerscope_oci::{Platform, best_match};

use crate::draft::Draft;
use crate::error::{Error, quoted, some_of};
use crate::image::ImageState;
use crate::oddity::{Oddity, OddityKind};
use crate::resolve::{ImageChoice, PlatformChoice, Select};

/// Marks what was not selected, and says which image to look at first.
///
/// # Errors
/// [`Error::NoSuchImage`] and [`Error::NoSuchPlatform`] when nothing is what was asked for.
pub(crate) fn select(
    drafts: &mut [Draft],
    select: &Select,
    oddities: &mut Vec<Oddity>,
) -> Result<Option<usize>, Error> {
    let mut images = Images::of(drafts, &select.image)?;
    if let PlatformChoice::Only(wanted) | PlatformChoice::Default(wanted) = &select.platform {
        images.tell_rivals(wanted, oddities);
    }
    if let PlatformChoice::Only(wanted) = &select.platform {
        images.keep(wanted)?;
    }
    let chosen = images.first(&select.platform);
    let by_name = matches!(select.image, ImageChoice::Number(_) | ImageChoice::Name(_));
    let by_platform = matches!(select.platform, PlatformChoice::Only(_));
    let insist = by_platform || (by_name && !images.has_any());
    let mut selected = vec![false; drafts.len()];
    for at in images.groups.into_iter().flatten() {
        if let Some(is_selected) = selected.get_mut(at) {
            *is_selected = true;
        }
    }
    for (draft, is_selected) in drafts.iter_mut().zip(selected) {
        let state = &mut draft.image.state;
        match (is_selected, &state, draft.absent.take()) {
            (true, ImageState::Absent, Some(error)) if insist => *state = ImageState::Failed(error),
            (false, ImageState::Ready | ImageState::Failed(_), _) => *state = ImageState::NotAsked,
            _ => {}
        }
    }
    Ok(chosen)
}

/// The selected drafts, those of each image together, in the order of the images' numbers.
struct Images<'a> {
    drafts: &'a [Draft],
    groups: Vec<Vec<usize>>,
}

impl<'a> Images<'a> {
    fn of(drafts: &'a [Draft], choice: &ImageChoice) -> Result<Self, Error> {
        let is_wanted = |draft: &Draft| match choice {
            ImageChoice::Default | ImageChoice::All => true,
            ImageChoice::Number(number) => draft.image.number == *number,
            ImageChoice::Name(name) => draft.answers_to(name),
        };
        let numbers = drafts.iter().map(|draft| draft.image.number);
        let count = numbers.max().map_or(0, |most| most.saturating_add(1));
        let mut groups = vec![Vec::new(); count];
        for (at, draft) in drafts.iter().enumerate() {
            if is_wanted(draft)
                && let Some(group) = groups.get_mut(draft.image.number)
            {
                group.push(at);
            }
        }
        groups.retain(|group| !group.is_empty());
        let wanted = match choice {
            ImageChoice::Number(number) if groups.is_empty() => number.to_string(),
            ImageChoice::Name(name) if groups.is_empty() => quoted(name),
            _ => return Ok(Self { drafts, groups }),
        };
        let all = drafts.iter().map(|draft| &draft.image);
        // The platforms of an image stand together, so that neighbours are all there is to compare.
        let mut have: Vec<_> = all.map(|image| (image.number, &image.names)).collect();
        have.dedup();
        let have = some_of(have.into_iter().map(numbered));
        Err(Error::NoSuchImage { wanted, have })
    }

    /// Keeps of each image the one platform that suits best. What has no platform because it cannot be
    /// read stays, so that its error is seen.
    fn keep(&mut self, wanted: &Platform) -> Result<(), Error> {
        let is_broken = |at: &usize| {
            self.image(*at).is_some_and(|image| {
                let failed = matches!(image.state, ImageState::Failed(_));
                image.platform.is_none() && (failed || image.fault.is_some())
            })
        };
        let mut kept = Vec::new();
        for group in &self.groups {
            let best = self.best(wanted, group);
            let keep = |at: &&usize| best == Some(**at) || is_broken(at);
            let group: Vec<usize> = group.iter().filter(keep).copied().collect();
            if !group.is_empty() {
                kept.push(group);
            }
        }
        if kept.is_empty() {
            let selected = self.groups.iter().flatten();
            let platforms = selected.filter_map(|at| self.image(*at)?.platform.as_ref());
            let have: BinaryHeap<String> = platforms.map(Platform::to_string).collect();
            let mut have = have.into_sorted_vec();
            have.dedup();
            return Err(Error::NoSuchPlatform {
                wanted: wanted.to_string(),
                have: some_of(have),
            });
        }
        self.groups = kept;
        Ok(())
    }

    /// Tells when an image has several manifests for the very platform that is taken.
    fn tell_rivals(&self, wanted: &Platform, oddities: &mut Vec<Oddity>) {
        let platform = |at: usize| Some(self.image(at)?.platform.as_ref()?.normalized());
        let digest = |at: usize| Some(self.image(at)?.descriptor.as_ref()?.digest.to_string());
        for group in self.groups.iter().filter(|group| group.len() > 1) {
            let Some(best) = self.best(wanted, group) else {
                continue;
            };
            let taken = platform(best);
            let rivals = group
                .iter()
                .filter(|at| **at != best && platform(**at) == taken)
                .filter_map(|at| digest(*at));
            let rivals = some_of(rivals);
            if let (Some(taken), false) = (taken, rivals.is_empty()) {
                oddities.push(
                    Oddity::new(OddityKind::SeveralMatches, taken.to_string())
                        .expected(digest(best).unwrap_or_default())
                        .found(rivals.join(", ")),
                );
            }
        }
    }

    /// The one to look at first: of the first image that can be read, the platform that suits best.
    fn first(&self, platform: &PlatformChoice) -> Option<usize> {
        let is_ready = |at: &usize| {
            let image = self.image(*at);
            image.is_some_and(|image| image.state == ImageState::Ready)
        };
        let ready = self.groups.iter().find_map(|group| {
            let ready: Vec<usize> = group.iter().filter(|at| is_ready(at)).copied().collect();
            (!ready.is_empty()).then_some(ready)
        });
        let among = ready.or_else(|| self.groups.first().cloned())?;
        let best = match platform {
            PlatformChoice::Default(wanted) | PlatformChoice::Only(wanted) => {
                self.best(wanted, &among)
            }
            PlatformChoice::All => None,
        };
        best.or_else(|| among.first().copied())
    }

    /// Whether anything selected is more than a name.
    fn has_any(&self) -> bool {
        self.groups.iter().flatten().any(|at| {
            let state = self.image(*at).map(|image| &image.state);
            matches!(state, Some(ImageState::Ready | ImageState::Failed(_)))
        })
    }

    /// The one of a group that suits a platform best.
    fn best(&self, wanted: &Platform, group: &[usize]) -> Option<usize> {
        let platform = |at: &usize| Some((*at, self.image(*at)?.platform.as_ref()?));
        let known: Vec<(usize, &Platform)> = group.iter().filter_map(platform).collect();
        let best = best_match(wanted, known.iter().map(|(_, platform)| *platform))?;
        known.get(best).map(|(at, _)| *at)
    }

    fn image(&self, at: usize) -> Option<&'a crate::image::Image> {
        self.drafts.get(at).map(|draft| &draft.image)
    }
}

fn numbered((number, names): (usize, &Vec<String>)) -> String {
    if names.is_empty() {
        number.to_string()
    } else {
        format!("{number} ({})", quoted(&names.join(", ")))
    }
}
