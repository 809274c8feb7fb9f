//! A registry that tells the truth, for others to make a liar of.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use harness::{Answer, Asked, Blob, Image, LayerTar, Server};

/// One image, as `fruit:1`.
#[derive(Clone)]
pub(crate) struct Honest {
    pub(crate) image: Image,
}

/// An image of two layers that hold more than a few bytes.
pub(crate) fn image() -> Image {
    // Numbers do not compress to nothing.
    let content = |from: u32| -> Vec<u8> {
        (from..from + 4000)
            .flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes())
            .collect()
    };
    let base = LayerTar::new()
        .directory("etc/")
        .file("etc/base", &content(1));
    let top = LayerTar::new().file("top", &content(5000));
    Image::new(&[base.finish(), top.finish()])
}

impl Honest {
    pub(crate) fn new() -> Self {
        Self { image: image() }
    }

    /// Where the newest layer is to be had.
    pub(crate) fn top(&self) -> &Blob {
        &self.image.layers[1]
    }

    /// Whether this asks for a blob.
    pub(crate) fn is_for(&self, blob: &Blob, asked: &Asked) -> bool {
        asked.path() == format!("/v2/fruit/blobs/{}", blob.digest())
    }

    /// Whether this asks for the manifest.
    pub(crate) fn is_for_manifest(&self, asked: &Asked) -> bool {
        asked.path().starts_with("/v2/fruit/manifests/")
    }

    /// The truth.
    pub(crate) fn answer(&self, asked: &Asked) -> Answer {
        if asked.path() == "/v2/" {
            return Answer::new(200);
        }
        let digest = self.image.manifest.digest();
        let by_tag = "/v2/fruit/manifests/1".to_owned();
        if [by_tag, format!("/v2/fruit/manifests/{digest}")]
            .iter()
            .any(|path| path == asked.path())
        {
            return Answer::new(200)
                .header("content-type", self.image.manifest.media_type)
                .header("docker-content-digest", digest)
                .body(self.image.manifest.bytes.clone());
        }
        match self.image.blobs().find(|blob| self.is_for(blob, asked)) {
            Some(blob) => Answer::new(200)
                .header("content-type", "application/octet-stream")
                .body(blob.bytes.clone()),
            None => Answer::new(404)
                .body(r#"{"errors":[{"code":"NAME_UNKNOWN","message":"no such thing"}]}"#),
        }
    }

    /// A server that tells the truth unless `lie` has an answer of its own. It is told how often the
    /// same path was asked for before.
    pub(crate) fn unless(
        self,
        lie: impl Fn(&Self, &Asked, usize) -> Option<Answer> + Send + Sync + 'static,
    ) -> Server {
        let times: Arc<Mutex<BTreeMap<String, usize>>> = Arc::default();
        Server::start(move |asked| {
            let time = {
                let mut times = times.lock().expect("the count");
                let time = times.entry(asked.path().to_owned()).or_default();
                *time += 1;
                *time - 1
            };
            lie(&self, asked, time).unwrap_or_else(|| self.answer(asked))
        })
    }
}
