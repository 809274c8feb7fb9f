//! Errors of the core as plain data: the stable name, and the facts apart from the sentence.

use layerscope_layer as layer;
use layerscope_oci as oci;
use layerscope_source as source;

use crate::search::PatternError;
use crate::view::ErrorView;

impl ErrorView {
    /// A fault that a driver met: a file that cannot be read, a connection that broke.
    #[must_use]
    pub fn of_driver(at: impl Into<String>, why: impl Into<String>) -> ErrorView {
        let (at, why) = (at.into(), why.into());
        ErrorView {
            name: "driver".to_owned(),
            text: format!("{at}: {why}"),
            at: Some(at),
            expected: None,
            found: Some(why),
        }
    }

    /// Bytes that are not what their digest says.
    #[must_use]
    pub fn of_mismatch(what: &str, expected: &str, found: Option<&str>) -> ErrorView {
        ErrorView {
            name: "mismatch".to_owned(),
            at: Some(what.to_owned()),
            expected: Some(expected.to_owned()),
            found: found.map(str::to_owned),
            text: match found {
                Some(found) => format!("{what}: expected {expected}, found {found}"),
                None => format!("{what}: expected {expected}, which could not be established"),
            },
        }
    }
}

impl ErrorView {
    /// A digest that was not computed, because another algorithm was: the layer came by before it was known what
    /// is stated of it, or nobody here knows the algorithm.
    pub(crate) fn of_unchecked(stated: &oci::Digest, found: &oci::Digest) -> ErrorView {
        ErrorView {
            name: "digest-unchecked".to_owned(),
            at: None,
            text: format!("{stated} was not checked: the bytes were hashed as {found}"),
            expected: Some(stated.to_string()),
            found: Some(found.to_string()),
        }
    }
}

impl From<&source::Error> for ErrorView {
    fn from(error: &source::Error) -> ErrorView {
        ErrorView {
            name: error.name().to_owned(),
            at: error.at(),
            expected: error.expected(),
            found: error.found(),
            text: error.to_string(),
        }
    }
}

impl From<&layer::Error> for ErrorView {
    fn from(error: &layer::Error) -> ErrorView {
        ErrorView {
            name: error.name().to_owned(),
            at: error.offset().map(|offset| offset.to_string()),
            expected: error.expected().map(Into::into),
            found: error.found().map(Into::into),
            text: error.to_string(),
        }
    }
}

impl From<&oci::Error> for ErrorView {
    fn from(error: &oci::Error) -> ErrorView {
        ErrorView {
            name: error.name().to_owned(),
            at: None,
            expected: None,
            found: None,
            text: error.to_string(),
        }
    }
}

impl From<&PatternError> for ErrorView {
    fn from(error: &PatternError) -> ErrorView {
        ErrorView {
            name: "pattern".to_owned(),
            at: Some(error.pattern.clone()),
            expected: None,
            found: Some(error.why.clone()),
            text: error.to_string(),
        }
    }
}
