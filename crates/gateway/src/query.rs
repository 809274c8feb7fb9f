//! The parameters of a request.

use crate::limits::MAX_QUERY_VALUE;
use crate::percent;
use crate::refusal::Refusal;

/// The parameters that a request may carry, each at most once.
pub(crate) struct Query(Vec<(&'static str, String)>);

impl Query {
    const KEYS: [&'static str; 4] = ["n", "last", "next_page", "artifactType"];

    pub(crate) fn of(query: Option<&str>) -> Result<Self, Refusal> {
        let mut pairs: Vec<(&'static str, String)> = Vec::new();
        for pair in query
            .unwrap_or_default()
            .split('&')
            .filter(|p| !p.is_empty())
        {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let key = Self::KEYS
                .into_iter()
                .find(|known| *known == key)
                .ok_or(Refusal::QueryRefused { key: "other" })?;
            let value = percent::decoded(value).ok_or(Refusal::QueryRefused { key })?;
            if pairs.iter().any(|(known, _)| *known == key) {
                return Err(Refusal::QueryRefused { key });
            }
            pairs.push((key, value));
        }
        Ok(Self(pairs))
    }

    pub(crate) fn take(
        &mut self,
        key: &'static str,
        fits: impl Fn(&str) -> bool,
    ) -> Result<Option<String>, Refusal> {
        let Some(place) = self.0.iter().position(|(known, _)| *known == key) else {
            return Ok(None);
        };
        let (_, value) = self.0.swap_remove(place);
        let is_fit = !value.is_empty() && value.len() <= MAX_QUERY_VALUE && fits(&value);
        is_fit
            .then_some(Some(value))
            .ok_or(Refusal::QueryRefused { key })
    }

    /// What nobody took has no meaning here.
    pub(crate) fn finish(self) -> Result<(), Refusal> {
        match self.0.first() {
            None => Ok(()),
            Some((key, _)) => Err(Refusal::QueryRefused { key }),
        }
    }
}
