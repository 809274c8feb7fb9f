//! What a statement says: a list of software, how something was built, a signature.
//!
//! Read are in-toto statements, bare or in DSSE envelopes or sigstore bundles, with the predicates SPDX, CycloneDX and
//! SLSA provenance 0.2 and 1; SPDX and CycloneDX documents by themselves; and cosign's simple signing. Whatever else is
//! JSON is told as what it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use layerscope_layer::Timestamp;
use layerscope_oci::{Descriptor, Digest, Json};
use serde_json::Value;

use super::Subjects;
use crate::attributes::rfc3339;
use crate::limits;
use crate::view::{ErrorView, Fact, Item, StatementView};

/// What was read of a statement.
#[derive(Debug, Default)]
pub(super) struct Statement {
    kind: Option<&'static str>,
    predicate_type: Option<String>,
    names_image: Option<bool>,
    signatures: usize,
    facts: Vec<Fact>,
    items: Vec<Item>,
    item_count: usize,
}

impl Statement {
    /// Fills in a view what was read.
    pub(super) fn tell(&self, view: &mut StatementView) {
        view.kind = self.kind.unwrap_or(view.kind);
        if let Some(found) = &self.predicate_type {
            view.predicate_type = Some(found.clone());
        }
        view.names_image = self.names_image;
        view.signatures = self.signatures;
        view.facts.clone_from(&self.facts);
        view.items.clone_from(&self.items);
        view.item_count = self.item_count;
    }

    /// Notes a fact, where the value says anything.
    fn fact(&mut self, name: &'static str, value: Option<&Value>) {
        let value = match value {
            Some(Value::String(text)) if !text.is_empty() => text.clone(),
            Some(found @ (Value::Number(_) | Value::Bool(_))) => found.to_string(),
            _ => return,
        };
        self.facts.push(Fact { name, value });
    }

    /// Notes a time that is stated in seconds since 1970, as a number or as the text of one.
    fn time(&mut self, name: &'static str, value: &Value) {
        let seconds = value.as_i64().or_else(|| value.as_str()?.parse().ok());
        if let Some(seconds) = seconds {
            let value = rfc3339(Timestamp { seconds, nanos: 0 });
            self.facts.push(Fact { name, value });
        }
    }

    /// Notes what is at each of some places.
    fn tell_facts(&mut self, value: &Value, places: Places) {
        for (name, path) in places {
            match at(value, path) {
                Some(found) if *name == "log-time" => self.time(name, found),
                Some(Value::Array(values)) => {
                    for value in values {
                        self.fact(name, Some(value));
                    }
                }
                found => self.fact(name, found),
            }
        }
    }

    fn item(&mut self, item: Item) {
        self.item_count = self.item_count.saturating_add(1);
        if self.items.len() < limits::STATED_ITEMS {
            self.items.push(item);
        }
    }
}

/// Kinds by what a media type or a predicate type holds.
const KINDS: [(&str, &str); 8] = [
    ("spdx", "spdx"),
    ("cyclonedx", "cyclonedx"),
    ("slsa.dev/provenance", "slsa"),
    ("simplesigning", "signature"),
    ("cosign", "signature"),
    ("notary", "signature"),
    ("in-toto", "in-toto"),
    ("dsse", "in-toto"),
];

/// The kind by a text that says what something is.
fn kind_by(text: &str) -> Option<&'static str> {
    let has = |part: &str| {
        let windows = text.as_bytes().windows(part.len());
        windows
            .into_iter()
            .any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
    };
    let found = KINDS.iter().find(|(part, _)| has(part));
    found.map(|(_, kind)| *kind)
}

/// What a blob is by what its descriptor says of it.
pub(super) fn kind_of(descriptor: &Descriptor) -> &'static str {
    let predicate = descriptor.annotations.get("in-toto.io/predicate-type");
    let predicate = predicate.or_else(|| descriptor.annotations.get("predicateType"));
    let media_type = descriptor.media_type.as_str();
    let by_predicate = predicate.and_then(|found| kind_by(found));
    by_predicate
        .or_else(|| kind_by(media_type))
        .unwrap_or("blob")
}

/// Reads a statement.
///
/// # Errors
/// When it is no JSON, or JSON beyond its bounds.
pub(super) fn read(
    bytes: &[u8],
    descriptor: &Descriptor,
    subjects: &Subjects,
) -> Result<Statement, ErrorView> {
    let json = Json::parse(bytes).map_err(|error| ErrorView::from(&error))?;
    let mut statement = Statement::default();
    let annotation = |name: &str| descriptor.annotations.get(name);
    if annotation("dev.cosignproject.cosign/signature").is_some_and(|found| !found.is_empty()) {
        statement.signatures = 1;
    }
    let bundle = annotation("dev.sigstore.cosign/bundle");
    if let Some(bundle) = bundle.and_then(|text| Json::parse(text.as_bytes()).ok())
        && let Some(entry) = bundle.value().get("Payload")
    {
        statement.tell_facts(entry, LOG);
    }
    document(&mut statement, json.value(), subjects, 0);
    Ok(statement)
}

/// How many envelopes may lie around a statement: a bundle has one, which has one.
const ENVELOPES: u32 = 3;

/// Where kinds of documents have the facts that people look for: names of members from the outside in, a space between.
/// A list there is a fact for each of its texts.
type Places = &'static [(&'static str, &'static str)];

const SPDX: Places = &[
    ("format", "spdxVersion"),
    ("name", "name"),
    ("created", "creationInfo created"),
    ("creator", "creationInfo creators"),
];

const CYCLONEDX: Places = &[
    ("format", "specVersion"),
    ("name", "metadata component name"),
    ("created", "metadata timestamp"),
];

/// SLSA provenance 0.2.
const SLSA_ZERO: Places = &[
    ("builder", "builder id"),
    ("build-type", "buildType"),
    ("source", "invocation configSource uri"),
    ("entry-point", "invocation configSource entryPoint"),
    ("started", "metadata buildStartedOn"),
    ("finished", "metadata buildFinishedOn"),
    ("reproducible", "metadata reproducible"),
    (
        "source",
        "metadata https://mobyproject.org/buildkit@v1#metadata vcs source",
    ),
    (
        "revision",
        "metadata https://mobyproject.org/buildkit@v1#metadata vcs revision",
    ),
];

/// SLSA provenance 1, with the parameters of BuildKit and of forges.
const SLSA_ONE: Places = &[
    ("builder", "runDetails builder id"),
    ("build-type", "buildDefinition buildType"),
    (
        "source",
        "buildDefinition externalParameters workflow repository",
    ),
    (
        "revision",
        "buildDefinition externalParameters workflow ref",
    ),
    (
        "entry-point",
        "buildDefinition externalParameters workflow path",
    ),
    (
        "source",
        "buildDefinition externalParameters configSource uri",
    ),
    (
        "entry-point",
        "buildDefinition externalParameters configSource path",
    ),
    ("started", "runDetails metadata startedOn"),
    ("finished", "runDetails metadata finishedOn"),
    ("source", "runDetails metadata buildkit_metadata vcs source"),
    (
        "revision",
        "runDetails metadata buildkit_metadata vcs revision",
    ),
];

/// An entry of a transparency log, as cosign and as sigstore's bundles keep it.
const LOG: Places = &[("log-index", "logIndex"), ("log-time", "integratedTime")];

fn document(statement: &mut Statement, value: &Value, subjects: &Subjects, depth: u32) {
    let get = |name: &str| value.get(name);
    if depth > ENVELOPES {
        return;
    }
    if let Some(material) = get("verificationMaterial") {
        for entry in list(material.get("tlogEntries")) {
            statement.tell_facts(entry, LOG);
        }
    }
    if let Some(envelope) = get("dsseEnvelope") {
        document(statement, envelope, subjects, depth + 1);
    } else if let (Some(payload), Some(signatures)) = (text(get("payload")), get("signatures")) {
        statement.signatures = list(Some(signatures)).len();
        statement.kind = Some("in-toto");
        let payload = STANDARD.decode(payload).ok();
        if let Some(inner) = payload.and_then(|bytes| Json::parse(&bytes).ok()) {
            document(statement, inner.value(), subjects, depth + 1);
        }
    } else if get("messageSignature").is_some() {
        statement.kind = Some("signature");
        statement.signatures = 1;
    } else if get("predicateType").is_some() {
        in_toto(statement, value, subjects);
    } else if let Some(critical) = get("critical") {
        statement.kind = Some("signature");
        let digest = text(at(critical, "image docker-manifest-digest"));
        let digest = digest.map(str::parse::<Digest>);
        statement.names_image =
            digest.map(|digest| digest.is_ok_and(|digest| subjects.has_hex(digest.hex())));
        statement.fact("identity", at(critical, "identity docker-reference"));
        statement.fact("creator", at(value, "optional creator"));
    } else {
        software(statement, value);
    }
}

fn in_toto(statement: &mut Statement, value: &Value, subjects: &Subjects) {
    statement.kind = Some("in-toto");
    for subject in list(value.get("subject")) {
        let digest = subject.get("digest");
        let hex = digest.and_then(|digest| digest.get("sha256").or_else(|| digest.get("sha512")));
        if let Some(hex) = text(hex) {
            let names = statement.names_image.unwrap_or_default();
            statement.names_image = Some(names || subjects.has_hex(hex));
        }
    }
    statement.predicate_type = owned(value.get("predicateType"));
    let kind = statement.predicate_type.as_deref().and_then(kind_by);
    let Some(predicate) = value.get("predicate") else {
        return;
    };
    if kind == Some("slsa") {
        provenance(statement, predicate);
    } else {
        software(statement, predicate);
    }
}

/// SPDX 2 or CycloneDX 1 in JSON, by themselves or as a predicate.
fn software(statement: &mut Statement, value: &Value) {
    if value.get("spdxVersion").is_some() {
        statement.kind = Some("spdx");
        statement.tell_facts(value, SPDX);
        for package in list(value.get("packages")) {
            let licence = |name: &str| {
                let found = owned(package.get(name));
                found.filter(|text| text != "NOASSERTION" && text != "NONE")
            };
            let mut item = Item {
                name: owned(package.get("name")).unwrap_or_default(),
                version: owned(package.get("versionInfo")),
                licence: licence("licenseConcluded").or_else(|| licence("licenseDeclared")),
                purl: None,
            };
            for found in list(package.get("externalRefs")) {
                if text(found.get("referenceType")) == Some("purl") {
                    item.purl = owned(found.get("referenceLocator"));
                }
            }
            statement.item(item);
        }
        let files = list(value.get("files")).len();
        if files > 0 {
            statement.fact("files", Some(&files.into()));
        }
    } else if text(value.get("bomFormat")) == Some("CycloneDX") {
        statement.kind = Some("cyclonedx");
        statement.tell_facts(value, CYCLONEDX);
        let tools = at(value, "metadata tools");
        let components = tools.and_then(|tools| tools.get("components"));
        for tool in list(components.or(tools)) {
            statement.fact("creator", tool.get("name"));
        }
        for component in list(value.get("components")) {
            let mut licences = String::new();
            for found in list(component.get("licenses")) {
                let licence = at(found, "license id").or_else(|| at(found, "license name"));
                if let Some(licence) = text(licence.or_else(|| found.get("expression"))) {
                    let comma = if licences.is_empty() { "" } else { ", " };
                    licences.push_str(comma);
                    licences.push_str(licence);
                }
            }
            statement.item(Item {
                name: owned(component.get("name")).unwrap_or_default(),
                version: owned(component.get("version")),
                licence: Some(licences).filter(|text| !text.is_empty()),
                purl: owned(component.get("purl")),
            });
        }
    }
}

/// How something was built.
fn provenance(statement: &mut Statement, value: &Value) {
    statement.kind = Some("slsa");
    let is_one = value.get("buildDefinition").is_some();
    statement.tell_facts(value, if is_one { SLSA_ONE } else { SLSA_ZERO });
    if let Some(digest) = at(value, "invocation configSource digest") {
        statement.fact("revision", any(digest));
    }
    let resolved = at(value, "buildDefinition resolvedDependencies");
    for material in list(resolved.or_else(|| value.get("materials"))) {
        let uri = owned(material.get("uri")).unwrap_or_default();
        statement.item(Item {
            purl: uri.starts_with("pkg:").then(|| uri.clone()),
            name: uri,
            version: owned(material.get("digest").and_then(any)),
            licence: None,
        });
    }
}

/// The value at the end of a path of [`Places`].
fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let mut found = value;
    for name in path.split(' ') {
        found = found.get(name)?;
    }
    Some(found)
}

/// The first value of an object: of a set of digests, any will do.
fn any(object: &Value) -> Option<&Value> {
    object.as_object()?.values().next()
}

fn list(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(list)) => list,
        _ => &[],
    }
}

fn text(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str)
}

fn owned(value: Option<&Value>) -> Option<String> {
    let found = text(value).filter(|text| !text.is_empty());
    found.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use layerscope_oci::{Algorithm, Digest, MediaType};
    use serde_json::json;

    use super::*;

    fn told(bytes: &[u8], image: &Digest) -> Result<Statement, ErrorView> {
        let subjects = Subjects {
            digests: vec![image.clone()],
            has_manifest: true,
        };
        let media_type = MediaType::from("application/vnd.in-toto+json");
        let descriptor = Descriptor::new(media_type, image.clone(), bytes.len() as u64);
        read(bytes, &descriptor, &subjects)
    }

    fn image() -> Digest {
        Digest::of(Algorithm::Sha256, b"an image")
    }

    fn in_envelopes(count: usize) -> Value {
        let mut document = json!({
            "predicateType": "https://slsa.dev/provenance/v1", "predicate": { "buildDefinition": {
                "buildType": "a kind", "resolvedDependencies": [{ "uri": "pkg:a/b", "digest": { "sha1": "12" } }],
            } },
            "subject": [
                { "digest": { "sha256": "00" } },
                { "digest": { "sha256": image().hex() } },
            ],
        });
        for _ in 0..count {
            let payload = STANDARD.encode(document.to_string());
            document = json!({ "payload": payload, "payloadType": "a", "signatures": [{}, {}] });
        }
        document
    }

    #[test]
    fn a_statement_is_found_in_a_few_envelopes_and_not_in_many() {
        for (count, kind) in [(0, "slsa"), (1, "slsa"), (3, "slsa"), (4, "in-toto")] {
            let found = told(in_envelopes(count).to_string().as_bytes(), &image()).unwrap();
            assert_eq!(found.kind, Some(kind), "{count}");
            assert_eq!(found.names_image, (count < 4).then_some(true), "{count}");
            assert_eq!(found.items.len(), usize::from(count < 4));
        }
    }

    #[test]
    fn who_names_nothing_names_neither_this_image_nor_another() {
        let names = |subject: Value| {
            let text = json!({ "predicateType": "x", "subject": subject }).to_string();
            told(text.as_bytes(), &image()).unwrap().names_image
        };
        assert_eq!(names(json!([])), None);
        assert_eq!(names(json!([{ "digest": { "sha1": "0" } }])), None);
        assert_eq!(names(json!([{ "digest": { "sha256": "0" } }])), Some(false));
    }

    #[test]
    fn all_packages_are_counted_and_the_first_are_told() {
        let packages = vec![json!({ "name": "a" }); limits::STATED_ITEMS + 1];
        let text = json!({ "spdxVersion": "SPDX-2.3", "packages": packages }).to_string();
        let found = told(text.as_bytes(), &image()).unwrap();
        let counts = (found.item_count, found.items.len());
        assert_eq!(counts, (limits::STATED_ITEMS + 1, limits::STATED_ITEMS));
    }

    #[test]
    fn whatever_a_statement_holds_it_is_told_or_refused() {
        let text = in_envelopes(1).to_string().into_bytes();
        for end in 0..text.len() {
            assert!(told(&text[..end], &image()).is_err(), "{end}");
        }
        let inner = in_envelopes(0).to_string().into_bytes();
        for at in 0..inner.len() {
            for byte in [b'[', b'{', b'"', b'0', b',', 0xff] {
                let mut changed = inner.clone();
                changed[at] = byte;
                // Either it is no JSON any more, or it is a statement.
                if let Ok(found) = told(&changed, &image()) {
                    assert!(found.items.len() <= 1);
                }
            }
        }
    }
}
