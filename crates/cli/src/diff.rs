//! `diff`: two images, read one after the other, and then compared.

use anyhow::Result;
use layerscope_inspect::compare::{Comparison, Times};
use layerscope_inspect::session::Session;

use crate::args::{Global, ScopeArgs, Sides, Trust};
use crate::opening::{failed, image, open_one, read_layers};
use crate::print::{Out, compare};
use crate::{Outcome, cache, say};

/// Compares two sources.
pub(crate) fn run(
    out: &mut Out,
    global: &Global,
    [a, b]: [&str; 2],
    sides: &Sides,
    path: Option<&str>,
    times: Times,
) -> Result<Outcome> {
    let platform = |own: &Option<String>| own.clone().or_else(|| global.platform.clone());
    let image = |own: &Option<String>| own.clone().or_else(|| global.image.clone());
    let chosen = [
        (a, platform(&sides.platform_a), image(&sides.image_a)),
        (b, platform(&sides.platform_b), image(&sides.image_b)),
    ];
    let [a, b] = chosen.map(|(source, platform, image)| Side {
        source,
        platform,
        image,
    });
    let (one, one_outcome) = a.read(out, global, None)?;
    let (other, other_outcome) = b.read(out, global, Some(&one))?;
    let comparison = match path {
        Some(path) => Comparison::below(&one, &other, path, times).map_err(failed)?,
        None => Comparison::of(&one, &other, times),
    };
    let mut view = comparison.view(&one, &other);
    let end = if global.json {
        let mut files = Vec::new();
        let end = comparison.differences(&one, &other, &mut |difference| files.push(difference));
        view.files = Some(files);
        out.json(&view)?;
        end
    } else {
        let mut printed = Ok(());
        let end = comparison.differences(&one, &other, &mut |difference| {
            if printed.is_ok() {
                printed = compare::path(out, &difference);
            }
        });
        printed?;
        compare::rest(out, &view)?;
        end
    };
    end.map_err(failed)?;
    let is_believed = [one_outcome, other_outcome] == [Outcome::Fine; 2];
    Ok(match (is_believed, view.same) {
        (false, _) => Outcome::Trouble,
        (true, false) => Outcome::Different,
        (true, true) => Outcome::Fine,
    })
}

/// One of the two images, as it was asked for.
struct Side<'a> {
    source: &'a str,
    platform: Option<String>,
    image: Option<String>,
}

impl Side<'_> {
    /// Reads all of it, and says what did not verify. What `other` has read is not read again.
    fn read(
        &self,
        out: &Out,
        global: &Global,
        other: Option<&Session>,
    ) -> Result<(Session, Outcome)> {
        let (platform, name) = (self.platform.as_deref(), self.image.as_deref());
        let (driver, mut session) = open_one(global, self.source, platform, name)?;
        let shared = match other.filter(|_| !global.no_cache) {
            Some(other) => session.share(other),
            None => 0,
        };
        let all = ScopeArgs {
            layer: None,
            merged: true,
        };
        let trust = Trust { no_verify: false };
        let outcome = read_layers(global, &driver, &mut session, &all, &trust)?;
        let found = image(&session)?;
        if shared > 0 && !global.quiet {
            let (n, all) = (shared.to_string(), found.layers.len().to_string());
            let words = out
                .messages
                .sentence("cli.diff.shared", &[("n", &n), ("all", &all)]);
            say(&format!("layerscope: {words}"));
        }
        cache::remark(global, &found, shared);
        if outcome != Outcome::Fine {
            say(&format!(
                "layerscope: {}: {}",
                self.source,
                out.words("cli.not-verified")
            ));
        }
        Ok((session, outcome))
    }
}
