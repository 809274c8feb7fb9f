//! What is attached to an image: signatures, lists of its software, what is said of how it was built.
//!
//! It is found where the tools put it, and nowhere is it asked for before somebody wants to see it:
//!
//! | where | who puts it there |
//! |---|---|
//! | entries of the index with the platform `unknown/unknown` | BuildKit ("Attestation storage") |
//! | referrers, by the API or under the tag that stands for it | OCI 1.1 (distribution-spec, "Listing Referrers") |
//! | tags `sha256-<hex>.sig`, `.att`, `.sbom` | cosign |
//! | images of an archive whose manifests have the image as their subject | whoever copied all of it |
//!
//! Statements are read and told; who signed them is not checked, which would take a key.

mod session;
mod statement;
mod subjects;

use layerscope_oci::{Content, Descriptor, Digest, Document, MediaType};
use layerscope_source::{
    Access, AskId, Blob, Image, ReadId, ReadStep, Reader, Referrers, Reply, Resolved, SourceKind,
    Step,
};

use crate::limits;
use crate::session::Next;
use crate::view::{AttachedArtifact, AttachedView, ErrorView, StatementView};
use statement::Statement;
use subjects::{COSIGN, Subjects, cosign_tag, descriptor_of};

/// The search for what is attached to one image, and what it found.
#[derive(Debug)]
pub(crate) struct Attached {
    reader: Reader,
    lists: Vec<Referrers>,
    /// What was asked, for whom, and under which number of theirs.
    asked: Vec<(AskId, Whose, AskId)>,
    next: u32,
    reads: Vec<(ReadId, Goal)>,
    subjects: Subjects,
    found: Vec<Artifact>,
    problems: Vec<ErrorView>,
    by_tag: bool,
    kept: usize,
}

/// Who put a question.
#[derive(Clone, Copy, Debug)]
enum Whose {
    Reader,
    List(usize),
}

/// What a read is for.
#[derive(Clone, Debug)]
enum Goal {
    Manifest(usize),
    /// What cosign may have put under a tag, about the subject with this number.
    Tag(String, usize),
    Statement(usize, usize),
}

/// One thing that is attached.
#[derive(Debug)]
struct Artifact {
    descriptor: Descriptor,
    /// `index`, `referrers`, `tag` or `image`.
    place: &'static str,
    tag: Option<String>,
    subject: Option<Digest>,
    manifest: Option<Blob<()>>,
    artifact_type: Option<MediaType>,
    error: Option<ErrorView>,
    statements: Vec<Part>,
}

/// A blob of an artifact.
#[derive(Debug)]
struct Part {
    descriptor: Descriptor,
    blob: Option<Blob<()>>,
    read: Option<Result<Statement, ErrorView>>,
}

/// What an artifact has that means nothing: an empty config or layer (image-spec, "Guidelines for Artifact Usage").
const EMPTY: &str = "application/vnd.oci.empty.v1+json";

impl Attached {
    /// Begins to look for what is attached to `image`.
    pub(crate) fn new(
        reader: Reader,
        access: Option<&Access>,
        resolved: &Resolved,
        image: &Image,
    ) -> Self {
        let subjects = Subjects::of(resolved, image);
        let mut attached = Attached {
            reader,
            lists: Vec::new(),
            asked: Vec::new(),
            next: 0,
            reads: Vec::new(),
            subjects,
            found: Vec::new(),
            problems: Vec::new(),
            by_tag: false,
            kept: 0,
        };
        attached.look_beside(resolved);
        if let Some(access) = access {
            for (number, digest) in attached.subjects.digests.clone().into_iter().enumerate() {
                attached
                    .lists
                    .push(Referrers::new(access.clone(), digest.clone()));
                for ending in COSIGN {
                    let tag = cosign_tag(&digest, ending);
                    let id = attached.reader.tagged(tag.clone());
                    attached.reads.push((id, Goal::Tag(tag, number)));
                }
            }
        }
        attached
    }

    /// What the source itself lists.
    fn look_beside(&mut self, resolved: &Resolved) {
        for other in &resolved.others {
            match &other.subject {
                Some(subject) if !self.subjects.has(subject) => {}
                subject => self.want(&other.descriptor, "index", None, subject.clone()),
            }
        }
        for image in &resolved.images {
            let manifest = image.manifest.as_ref();
            let document = manifest.and_then(|blob| blob.parsed.as_ref().ok());
            let subject = document.and_then(Document::subject);
            let subject = subject.map(|subject| subject.digest.clone());
            let (tag, subject) = match subject {
                Some(subject) if self.subjects.has(&subject) => (None, subject),
                _ => match self.subjects.signed_under(&image.names) {
                    Some((tag, subject)) => (Some(tag), subject),
                    None => continue,
                },
            };
            if let Some(descriptor) = descriptor_of(image) {
                self.want(&descriptor, "image", tag, Some(subject));
            }
        }
    }

    fn want(
        &mut self,
        descriptor: &Descriptor,
        place: &'static str,
        tag: Option<String>,
        subject: Option<Digest>,
    ) {
        if let Some(number) = self.add(descriptor, place, tag, subject) {
            let id = self.reader.manifest(descriptor);
            self.reads.push((id, Goal::Manifest(number)));
        }
    }

    /// The number of a new artifact; `None` if it is known, or one too many.
    fn add(
        &mut self,
        descriptor: &Descriptor,
        place: &'static str,
        tag: Option<String>,
        subject: Option<Digest>,
    ) -> Option<usize> {
        let is_known = |known: &Artifact| known.descriptor.digest == descriptor.digest;
        if self.found.iter().any(is_known) {
            return None;
        }
        if self.found.len() >= limits::ATTACHED {
            let name = "over-limit";
            if !self.problems.iter().any(|problem| problem.name == name) {
                self.problems.push(ErrorView {
                    name: name.to_owned(),
                    text: format!("more than {} artifacts are attached", limits::ATTACHED),
                    at: None,
                    expected: None,
                    found: None,
                });
            }
            return None;
        }
        let number = self.found.len();
        self.found.push(Artifact {
            descriptor: descriptor.clone(),
            place,
            tag,
            subject,
            manifest: None,
            artifact_type: descriptor.artifact_type.clone(),
            error: None,
            statements: Vec::new(),
        });
        Some(number)
    }

    /// What to do next; never [`Next::Failed`], because what is known stands.
    pub(crate) fn poll(&mut self) -> Next {
        let mut asks = Vec::new();
        for number in 0..self.lists.len() {
            self.poll_list(number, &mut asks);
        }
        loop {
            match self.reader.poll() {
                ReadStep::Ask(asked) => {
                    for (id, ask) in asked {
                        asks.push((self.ask(Whose::Reader, id), ask));
                    }
                }
                ReadStep::Read(id, found) => self.arrive(id, found),
                ReadStep::Waiting | ReadStep::Idle => break,
            }
        }
        match (asks.is_empty(), self.asked.is_empty()) {
            (false, _) => Next::Ask(asks),
            (true, false) => Next::Waiting,
            (true, true) => Next::Ready,
        }
    }

    fn poll_list(&mut self, number: usize, asks: &mut Vec<(AskId, layerscope_source::Ask)>) {
        let Some(list) = self.lists.get_mut(number) else {
            return;
        };
        match list.poll() {
            Step::Ask(asked) => {
                for (id, ask) in asked {
                    asks.push((self.ask(Whose::List(number), id), ask));
                }
            }
            Step::Waiting => {}
            Step::Done(list) => {
                self.by_tag |= list.by_tag;
                self.problems
                    .extend(list.stopped.as_ref().map(ErrorView::from));
                for descriptor in &list.manifests {
                    self.want(descriptor, "referrers", None, Some(list.subject.clone()));
                }
            }
            Step::Failed(error) => self.problems.push(ErrorView::from(&error)),
        }
    }

    fn ask(&mut self, whose: Whose, id: AskId) -> AskId {
        let own = AskId(self.next);
        self.next = self.next.wrapping_add(1);
        self.asked.push((own, whose, id));
        own
    }

    /// Takes the reply to a question.
    pub(crate) fn provide(&mut self, id: AskId, reply: Reply) {
        let Some(place) = self.asked.iter().position(|(own, ..)| *own == id) else {
            return;
        };
        let (_, whose, id) = self.asked.swap_remove(place);
        match whose {
            Whose::Reader => self.reader.provide(id, reply),
            Whose::List(number) => {
                if let Some(list) = self.lists.get_mut(number) {
                    list.provide(id, reply);
                }
            }
        }
    }

    fn arrive(&mut self, id: ReadId, found: Result<Blob<()>, layerscope_source::Error>) {
        let Some(place) = self.reads.iter().position(|(known, _)| *known == id) else {
            return;
        };
        match (self.reads.swap_remove(place).1, found) {
            (Goal::Manifest(number), Ok(blob)) => self.open(number, blob),
            (Goal::Manifest(number), Err(error)) => {
                if let Some(artifact) = self.found.get_mut(number) {
                    artifact.error = Some(ErrorView::from(&error));
                }
            }
            (Goal::Tag(tag, subject), Ok(blob)) => {
                let media_type = blob.media_type.clone().unwrap_or(MediaType::OCI_MANIFEST);
                let descriptor =
                    Descriptor::new(media_type, blob.found.clone(), blob.raw.len() as u64);
                let subject = self.subjects.digests.get(subject).cloned();
                if let Some(number) = self.add(&descriptor, "tag", Some(tag), subject) {
                    self.open(number, blob);
                }
            }
            // Hardly an image has these tags, and registries refuse what they do not have in many ways.
            (Goal::Tag(..), Err(_)) => {}
            (Goal::Statement(number, part), found) => self.state(number, part, found),
        }
    }

    /// Takes an artifact's manifest, and wants what it lists.
    fn open(&mut self, number: usize, blob: Blob<()>) {
        let Some(artifact) = self.found.get_mut(number) else {
            return;
        };
        match Document::parse(blob.raw.clone(), blob.media_type.as_ref()) {
            Ok(document) => {
                let (parts, own_type) = match document.content() {
                    Content::Image(manifest) => {
                        let config = Some(manifest.config.media_type.clone());
                        // What says nothing: the form of an image that a tool gave to what is none.
                        let says =
                            |found: &MediaType| found.as_str() != EMPTY && !found.is_image_config();
                        let own = manifest.artifact_type.clone();
                        (&manifest.layers[..], own.or(config.filter(says)))
                    }
                    Content::Artifact(manifest) => {
                        (&manifest.blobs[..], manifest.artifact_type.clone())
                    }
                    _ => (&[][..], None),
                };
                artifact.artifact_type = artifact.artifact_type.take().or(own_type);
                let subject = document.subject().map(|subject| subject.digest.clone());
                artifact.subject = artifact.subject.take().or(subject);
                if let Some(subject) = &artifact.subject
                    && self.subjects.has(subject)
                {
                    let parts = parts.iter();
                    for descriptor in parts.filter(|part| part.media_type.as_str() != EMPTY) {
                        if is_readable(&descriptor.media_type) {
                            let id = self.reader.blob(descriptor);
                            let part = artifact.statements.len();
                            self.reads.push((id, Goal::Statement(number, part)));
                        }
                        artifact.statements.push(Part {
                            descriptor: descriptor.clone(),
                            blob: None,
                            read: None,
                        });
                    }
                }
            }
            Err(error) => artifact.error = Some(ErrorView::from(&error)),
        }
        artifact.manifest = Some(blob);
    }

    /// Takes what an artifact lists.
    fn state(
        &mut self,
        number: usize,
        part: usize,
        found: Result<Blob<()>, layerscope_source::Error>,
    ) {
        let artifact = self.found.get_mut(number);
        let Some(part) = artifact.and_then(|artifact| artifact.statements.get_mut(part)) else {
            return;
        };
        part.read = Some(match found {
            Ok(blob) => {
                let read = statement::read(&blob.raw, &part.descriptor, &self.subjects);
                self.kept = self.kept.saturating_add(blob.raw.len());
                if self.kept <= limits::ATTACHED_BYTES {
                    part.blob = Some(blob);
                }
                read
            }
            Err(error) => Err(ErrorView::from(&error)),
        });
    }

    /// What is known.
    pub(crate) fn view(&self, kind: SourceKind) -> AttachedView {
        let of = |digest: &Digest| self.subjects.name(digest);
        AttachedView {
            possible: kind != SourceKind::DockerArchive,
            by_tag: self.by_tag,
            problems: self.problems.clone(),
            artifacts: self
                .found
                .iter()
                // What speaks of something else is known for it only now.
                .filter(|artifact| {
                    let subject = artifact.subject.as_ref();
                    subject.is_some_and(|subject| self.subjects.has(subject))
                })
                .map(|artifact| artifact.view(of))
                .collect(),
        }
    }

    /// What reads on, for another image. Answers that are still due find nobody.
    pub(crate) fn into_reader(self) -> Reader {
        self.reader
    }

    /// The bytes of a statement or of an artifact's manifest.
    pub(crate) fn bytes(&self, digest: &str) -> Option<&[u8]> {
        let blobs = self.found.iter().flat_map(|artifact| {
            let parts = artifact.statements.iter();
            let parts = parts.filter_map(|part| part.blob.as_ref());
            artifact.manifest.iter().chain(parts)
        });
        let mut blobs = blobs.filter(|blob| {
            let stated = blob.stated.as_ref().unwrap_or(&blob.found);
            stated.as_str() == digest || (digest.len() >= 12 && stated.hex().starts_with(digest))
        });
        blobs.next().map(|blob| &blob.raw[..])
    }
}

impl Artifact {
    fn view(&self, of: impl Fn(&Digest) -> &'static str) -> AttachedArtifact {
        let statements: Vec<StatementView> = self.statements.iter().map(Part::view).collect();
        AttachedArtifact {
            digest: self.descriptor.digest.to_string(),
            size: self.descriptor.size,
            media_type: self.descriptor.media_type.to_string(),
            artifact_type: self.artifact_type.as_ref().map(ToString::to_string),
            place: self.place,
            tag: self.tag.clone(),
            of: self.subject.as_ref().map(of),
            digest_ok: self.manifest.as_ref().and_then(Blob::is_verified),
            error: self.error.clone(),
            statements,
        }
    }
}

impl Part {
    fn view(&self) -> StatementView {
        let annotations = &self.descriptor.annotations;
        let mut view = StatementView {
            digest: self.descriptor.digest.to_string(),
            size: self.descriptor.size,
            media_type: self.descriptor.media_type.to_string(),
            kind: statement::kind_of(&self.descriptor),
            predicate_type: annotations.get("in-toto.io/predicate-type").cloned(),
            digest_ok: self.blob.as_ref().and_then(Blob::is_verified),
            error: None,
            names_image: None,
            signatures: 0,
            facts: Vec::new(),
            items: Vec::new(),
            item_count: 0,
        };
        match &self.read {
            Some(Ok(read)) => read.tell(&mut view),
            Some(Err(error)) => view.error = Some(error.clone()),
            None => {}
        }
        view
    }
}

/// Whether a blob is text that can be told about: JSON, or one of the forms of the tools.
fn is_readable(media_type: &MediaType) -> bool {
    let name = media_type.as_str();
    name.is_empty() || name.ends_with("json") || name.starts_with("text/")
}
