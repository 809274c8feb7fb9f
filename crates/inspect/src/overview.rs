//! Everything about an opened source that fits one screen.

use layerscope_layer::{Expected, ScannedLayer, Verdict};
use layerscope_oci::{DiffId, Digest, HistoryEntry, ImageConfig, RuntimeConfig, chain_ids};
use layerscope_source::{Artifact, Blob, Image, ImageState, Layer, Resolved};

use crate::credit::Credit;
use crate::findings;
use crate::history;
use crate::instruction;
use crate::scan::{Standing, unchecked};
use crate::session::{Opening, Session};
use crate::view::{
    ArtifactView, BlobView, Choice, DocumentView, ErrorView, ImageView, LayerView, Overview,
    Progress, RuntimeView, ScopeView, SourceView, StepView, TableView, Totals, json,
};

impl Session {
    /// Everything but the files; `None` until the source is understood.
    #[must_use]
    pub fn overview(&self) -> Option<Overview> {
        let resolved = self.resolved()?;
        Some(Overview {
            source: self.source(resolved),
            choices: resolved
                .images
                .iter()
                .enumerate()
                .map(|(id, image)| choice(id, image, &resolved.others))
                .collect(),
            chosen: self.chosen(),
            image: self.image().map(|image| self.image_view(resolved, image)),
            others: resolved.others.iter().map(artifact).collect(),
            indexes: resolved
                .indexes
                .iter()
                .map(|index| document(index, index.is_verified()))
                .collect(),
            findings: findings::of(self),
        })
    }

    /// The chosen image's manifest, raw.
    #[must_use]
    pub fn raw_manifest(&self) -> Option<DocumentView> {
        let (credit, image) = (self.credit()?, self.image()?);
        let blob = image.manifest.as_ref()?;
        Some(document(blob, credit.manifest_ok(blob)))
    }

    /// The chosen image's config, raw.
    #[must_use]
    pub fn raw_config(&self) -> Option<DocumentView> {
        let (credit, image) = (self.credit()?, self.image()?);
        let blob = image.config.as_ref()?;
        Some(document(blob, credit.config_ok(blob)))
    }

    /// Which documents of the chosen image are to be believed.
    pub(crate) fn credit(&self) -> Option<Credit> {
        Some(Credit::of(self.resolved()?, self.image()?))
    }

    /// A view as JSON text, by the name of the command that prints it: `inspect`, `layers`, `history`,
    /// `platforms`, `list` (all files of the merged tree), `waste`, `manifest` or `config`.
    ///
    /// # Errors
    /// When there is no such view.
    pub fn view(&self, what: &str) -> Result<Option<String>, ErrorView> {
        let image = || Some(self.image_view(self.resolved()?, self.image()?));
        Ok(match what {
            "inspect" => self.overview().as_ref().map(json),
            "platforms" => self.overview().map(|overview| json(&overview.choices)),
            "layers" => image().map(|image| json(&image.layers)),
            "progress" => Some(json(&self.progresses())),
            "history" => image().map(|image| json(&image.steps)),
            "markers" => Some(json(&self.markers())),
            "waste" => Some(json(&self.waste())),
            "attached" => self.attached().as_ref().map(json),
            "manifest" => self.raw_manifest().as_ref().map(json),
            "config" => self.raw_config().as_ref().map(json),
            "list" => {
                let mut entries = Vec::new();
                self.list(ScopeView::Merged, "/", true, &mut |entry| {
                    entries.push(entry)
                })?;
                Some(json(&entries))
            }
            _ => {
                return Err(ErrorView::of_driver(
                    "view",
                    format!("there is no view `{what}`"),
                ));
            }
        })
    }

    /// How far the layers are that are being read, by their numbers.
    fn progresses(&self) -> Vec<(usize, Progress)> {
        let standings = self.image().map(|image| self.standings(image));
        let standings = standings.into_iter().flatten().enumerate();
        let reading = standings.filter_map(|(number, standing)| match standing {
            Standing::Reading { progress, .. } => Some((number, progress)),
            _ => None,
        });
        reading.collect()
    }

    fn source(&self, resolved: &Resolved) -> SourceView {
        SourceView {
            kind: resolved.kind.name(),
            name: self.opening.name(),
            canonical: match &self.opening {
                Opening::Registry { reference, .. } => Some(reference.to_string()),
                _ => None,
            },
            size: match &self.opening {
                Opening::Archive { size, .. } => Some(*size),
                _ => None,
            },
            wrapped: resolved
                .wrapped
                .as_ref()
                .map(|archive| archive.compression().to_string()),
            quota: resolved.quota.clone(),
        }
    }

    fn image_view(&self, resolved: &Resolved, image: &Image) -> ImageView {
        let credit = Credit::of(resolved, image);
        let config = config_of(image);
        let standings = self.standings(image);
        let empty: &[HistoryEntry] = &[];
        let aligned = history::align(
            config.map_or(empty, |config| &config.history),
            image.layers.len(),
        );
        let steps: Vec<StepView> = aligned.steps.iter().map(step).collect();
        let mut layers: Vec<LayerView> = image
            .layers
            .iter()
            .zip(&standings)
            .enumerate()
            .map(|(number, (layer, standing))| layer_view(number, layer, *standing, credit))
            .collect();
        for step in &steps {
            if let Some(layer) = step.layer.and_then(|layer| layers.get_mut(layer)) {
                layer.created.clone_from(&step.created);
                layer.instruction = Some(step.instruction.clone())
                    .filter(|instruction| !instruction.full.is_empty());
            }
        }
        let diff_ids: Option<Vec<DiffId>> = image
            .layers
            .iter()
            .map(|layer| layer.diff_id.clone())
            .collect();
        for (layer, chain_id) in layers
            .iter_mut()
            .zip(diff_ids.iter().flat_map(|ids| chain_ids(ids)))
        {
            layer.chain_id = Some(chain_id.to_string());
        }
        let totals = self.totals(&mut layers, &standings);
        let manifest = image.manifest.as_ref();
        ImageView {
            names: image.names.clone(),
            platform: image.platform.as_ref().map(ToString::to_string),
            digest: manifest.map(|blob| blob.found.to_string()),
            image_id: image.config.as_ref().map(|blob| blob.found.to_string()),
            manifest: manifest.map(|blob| blob_view(blob, credit.manifest_ok(blob))),
            config: image
                .config
                .as_ref()
                .map(|blob| blob_view(blob, credit.config_ok(blob))),
            created: config.and_then(|config| config.created.clone()),
            author: config.and_then(|config| config.author.clone()),
            runtime: config
                .map(|config| runtime(&config.config))
                .unwrap_or_default(),
            annotations: manifest
                .and_then(|blob| blob.parsed.as_ref().ok())
                .and_then(|document| document.as_image())
                .map(|manifest| manifest.annotations.clone())
                .unwrap_or_default(),
            layers,
            steps,
            totals,
        }
    }

    /// Sums, and per layer what only the merged tree tells. The tree is built once everything is read: building it
    /// after each layer of many would cost more than reading them.
    fn totals(&self, layers: &mut [LayerView], standings: &[Standing<'_>]) -> Totals {
        let settled = standings.iter().all(|standing| standing.is_settled());
        let mut totals = Totals {
            size: layers.iter().filter_map(|layer| layer.size).sum(),
            uncompressed_size: layers
                .iter()
                .filter_map(|layer| layer.uncompressed_size)
                .sum(),
            entries: layers.iter().filter_map(|layer| layer.entries).sum(),
            verified: !layers.is_empty() && layers.iter().all(|layer| layer.state == "verified"),
            settled,
            ..Totals::default()
        };
        if settled && !layers.is_empty() {
            self.trees
                .borrow_mut()
                .summarize(&self.indexes(), layers, &mut totals);
        }
        totals
    }
}

/// The config, as far as it could be read.
pub(crate) fn config_of(image: &Image) -> Option<&ImageConfig> {
    image.config.as_ref()?.parsed.as_ref().ok()
}

fn choice(id: usize, image: &Image, others: &[Artifact]) -> Choice {
    let digest = image.manifest_digest();
    Choice {
        id,
        number: image.number,
        names: image.names.clone(),
        platform: image.platform.as_ref().map(ToString::to_string),
        os_version: image
            .platform
            .as_ref()
            .and_then(|platform| platform.os_version.clone()),
        os_features: image
            .platform
            .as_ref()
            .map(|platform| platform.os_features.clone())
            .unwrap_or_default(),
        // Nothing is known of an image that was not read, which is not to say that it is empty.
        size: (image.manifest.as_ref())
            .and_then(|_| image.layers.iter().map(|layer| layer.expected.size).sum()),
        state: match &image.state {
            ImageState::Ready => "ready",
            ImageState::NotAsked => "not-asked",
            ImageState::Absent => "absent",
            ImageState::Failed(_) => "failed",
        },
        error: match &image.state {
            ImageState::Failed(error) => Some(ErrorView::from(error)),
            _ => image.fault.as_ref().map(ErrorView::from),
        },
        attestations: others
            .iter()
            .filter(|artifact| artifact.subject.is_some() && artifact.subject.as_ref() == digest)
            .count(),
        digest: digest.map(ToString::to_string),
    }
}

fn artifact(artifact: &Artifact) -> ArtifactView {
    let descriptor = &artifact.descriptor;
    ArtifactView {
        digest: descriptor.digest.to_string(),
        media_type: descriptor.media_type.to_string(),
        artifact_type: descriptor
            .artifact_type
            .as_ref()
            .map(ToString::to_string)
            .or_else(|| {
                descriptor
                    .annotations
                    .get("vnd.docker.reference.type")
                    .cloned()
            }),
        subject: artifact.subject.as_ref().map(ToString::to_string),
        size: descriptor.size,
    }
}

fn document<T>(blob: &Blob<T>, digest_ok: Option<bool>) -> DocumentView {
    DocumentView {
        blob: blob_view(blob, digest_ok),
        text: String::from_utf8_lossy(&blob.raw).into_owned(),
    }
}

fn blob_view<T>(blob: &Blob<T>, digest_ok: Option<bool>) -> BlobView {
    BlobView {
        media_type: blob.media_type.as_ref().map(ToString::to_string),
        digest: blob.stated.as_ref().map(ToString::to_string),
        digest_found: blob.found.to_string(),
        digest_ok,
        size_stated: blob.stated_size,
        size: blob.raw.len() as u64,
        error: blob.parsed.as_ref().err().map(ErrorView::from),
    }
}

fn step(step: &history::Step<'_>) -> StepView {
    let entry = step.entry;
    StepView {
        layer: step.layer,
        instruction: instruction::read(
            entry
                .and_then(|entry| entry.created_by.as_deref())
                .unwrap_or_default(),
        ),
        created: entry.and_then(|entry| entry.created.clone()),
        author: entry.and_then(|entry| entry.author.clone()),
        comment: entry.and_then(|entry| entry.comment.clone()),
    }
}

fn runtime(config: &RuntimeConfig) -> RuntimeView {
    RuntimeView {
        user: config.user.clone(),
        env: config.env.clone(),
        entrypoint: config.entrypoint.clone(),
        cmd: config.cmd.clone(),
        working_dir: config.working_dir.clone(),
        exposed_ports: config.exposed_ports.clone(),
        volumes: config.volumes.clone(),
        labels: config.labels.clone(),
        stop_signal: config.stop_signal.clone(),
        healthcheck: config
            .healthcheck
            .as_ref()
            .map(|check| check.test.clone())
            .unwrap_or_default(),
    }
}

fn layer_view(number: usize, layer: &Layer, standing: Standing<'_>, credit: Credit) -> LayerView {
    let expected = &layer.expected;
    let (scanned, files) = (standing.scanned(), standing.files());
    let believed = credit.expected(layer, scanned);
    let verification = scanned.map(|scanned| scanned.verify(&believed));
    let seal = |stated: bool, verdict: Option<Verdict>| match (stated, verdict) {
        (false, _) => "not-stated",
        // It is stated, but by a document that is not to be believed.
        (true, Some(Verdict::NotStated)) => "unchecked",
        (true, Some(Verdict::Verified))
            if matches!(standing, Standing::Read { known: true, .. }) =>
        {
            "known"
        }
        (true, Some(verdict)) => verdict_name(verdict),
        (true, None) if matches!(standing, Standing::Reading { .. }) => "verifying",
        (true, None) if matches!(standing, Standing::Pending { .. }) => "pending",
        (true, None) => "unchecked",
    };
    let descriptor = layer.descriptor.as_ref();
    LayerView {
        number,
        state: standing.state(&believed),
        digest: expected.digest.as_ref().map(ToString::to_string),
        digest_found: scanned
            .and_then(|scanned| scanned.found.digest.as_ref())
            .map(ToString::to_string),
        digest_state: seal(
            expected.digest.is_some(),
            verification.map(|verification| verification.digest),
        ),
        diff_id: expected.diff_id.as_ref().map(ToString::to_string),
        diff_id_found: scanned
            .and_then(|scanned| scanned.found.diff_id.as_ref())
            .map(ToString::to_string),
        diff_id_state: seal(
            expected.diff_id.is_some(),
            verification.map(|verification| verification.diff_id),
        ),
        chain_id: None,
        media_type: expected.media_type.as_ref().map(ToString::to_string),
        compression: files.map(|files| files.found.compression.to_string()),
        size: scanned
            .map(|scanned| scanned.found.size)
            .or(planned_size(layer)),
        size_stated: expected.size,
        // A table of contents does not tell what the archive has around its files, and half a layer not what the rest is.
        uncompressed_size: files
            .filter(|files| files.table.is_none() && (scanned.is_some() || files.found.complete))
            .map(|files| files.found.uncompressed_size),
        entries: standing.entries(),
        preview: standing.preview().is_some(),
        table: standing
            .preview()
            .and_then(|files| files.table.as_ref())
            .map(|table| TableView {
                format: table.format.name(),
                authenticated: table.is_authenticated,
                fetched: table.fetched,
            }),
        on_demand: matches!(
            standing,
            Standing::Pending {
                on_demand: true,
                ..
            }
        ),
        counts: None,
        hides_bytes: None,
        instruction: None,
        created: None,
        progress: match standing {
            Standing::Reading { progress, .. } => Some(progress),
            _ => None,
        },
        error: layer_error(&believed, scanned, standing),
        urls: match standing {
            Standing::Foreign(urls) => urls.to_vec(),
            _ => Vec::new(),
        },
        annotations: descriptor
            .map(|descriptor| descriptor.annotations.clone())
            .unwrap_or_default(),
    }
}

fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Verified => "verified",
        Verdict::Mismatch => "mismatch",
        Verdict::NotStated => "not-stated",
        Verdict::Unchecked => "unchecked",
    }
}

pub(crate) fn planned_size(layer: &Layer) -> Option<u64> {
    use layerscope_source::BlobPlan;
    layer.expected.size.or(match &layer.blob {
        BlobPlan::Range { len, .. } => Some(*len),
        BlobPlan::File { size, .. } => *size,
        _ => None,
    })
}

/// What stopped the layer, or else which of its digests is not what was stated.
fn layer_error(
    expected: &Expected,
    scanned: Option<&ScannedLayer>,
    standing: Standing<'_>,
) -> Option<ErrorView> {
    if let Standing::Failed(error) = standing {
        return Some(error.clone());
    }
    let scanned = scanned?;
    let verification = scanned.verify(expected);
    let mismatch = |what, stated: Option<&Digest>, found: Option<&Digest>| {
        stated.map(|stated| {
            ErrorView::of_mismatch(
                what,
                &stated.to_string(),
                found.map(ToString::to_string).as_deref(),
            )
        })
    };
    if verification.digest == Verdict::Mismatch {
        return mismatch(
            "digest",
            expected.digest.as_ref(),
            scanned.found.digest.as_ref(),
        );
    }
    if let Some(failure) = &scanned.failure {
        return Some(ErrorView::from(failure));
    }
    if verification.size == Verdict::Mismatch {
        let stated = expected.size?.to_string();
        return Some(ErrorView::of_mismatch(
            "size",
            &stated,
            Some(&scanned.found.size.to_string()),
        ));
    }
    if verification.diff_id == Verdict::Mismatch {
        let stated = expected.diff_id.as_ref().map(DiffId::digest);
        return mismatch(
            "diff_id",
            stated,
            scanned.found.diff_id.as_ref().map(DiffId::digest),
        );
    }
    unchecked(scanned, expected).map(|(stated, found)| ErrorView::of_unchecked(stated, found))
}
