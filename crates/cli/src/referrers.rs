//! `layerscope referrers`: what is attached to an image.

use anyhow::{Result, bail};

use crate::args::Global;
use crate::opening::open;
use crate::print::{self, Out};
use crate::{Outcome, say};

pub(crate) fn run(
    out: &mut Out,
    global: &Global,
    source: &str,
    digest: Option<&str>,
) -> Result<Outcome> {
    let (driver, mut session) = open(global, source)?;
    driver.look_for_attached(&mut session);
    let Some(view) = session.attached() else {
        bail!("nothing is known of the source");
    };
    if let Some(digest) = digest {
        if global.json {
            bail!("a statement is written as it is: --json does not apply");
        }
        let Some(bytes) = session.attached_bytes(digest) else {
            bail!(
                "{source}: nothing that is attached to the image has the digest {digest}, or it could not be read"
            );
        };
        out.raw(bytes)?;
    } else if global.json {
        out.json(&view)?;
    } else {
        print::attached::report(out, &view)?;
    }
    let mut outcome = Outcome::Fine;
    for artifact in &view.artifacts {
        let manifest = [(&artifact.digest, artifact.digest_ok)];
        let statements = artifact.statements.iter();
        let statements = statements.map(|found| (&found.digest, found.digest_ok));
        for (digest, ok) in manifest.into_iter().chain(statements) {
            if ok == Some(false) {
                say(&format!(
                    "layerscope: {digest}: the bytes have another digest"
                ));
                outcome = Outcome::NotVerified;
            }
        }
    }
    Ok(outcome)
}
