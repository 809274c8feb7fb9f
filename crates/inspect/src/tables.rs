//! Tables of contents, which are asked for where layers are not read at once.

use std::collections::BTreeMap;

use layerscope_layer::{Limits, ScannedLayer, TocReader, TocStep};
use layerscope_source::registry::{BlobPart, BlobRequest, PartTurn};
use layerscope_source::{Ask, AskId, BlobPlan, Layer, Reply, limits};

use crate::session::Next;
use crate::view::ErrorView;

/// The questions for the tables of some layers.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    searches: Vec<Search>,
    next_id: u32,
}

/// The search for one table.
#[derive(Debug)]
struct Search {
    request: BlobRequest,
    reader: TocReader,
    part: BlobPart,
    /// What is to be asked, until it is asked.
    due: Option<Ask>,
    id: AskId,
}

/// What came of a search.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The files, of which nothing is verified.
    Files(Box<ScannedLayer>),
    /// There is no table.
    None,
    /// There is a table that is of no use, or nobody gives it out.
    Refused(ErrorView),
}

/// A search that goes on, or what came of it.
type Turn = Result<Search, Outcome>;

impl Tables {
    /// Begins to search for the table of a layer; the outcome, if that is known at once.
    pub(crate) fn search(&mut self, layer: &Layer, limits: Limits) -> Option<Outcome> {
        let BlobPlan::Http { request } = &layer.blob else {
            return Some(Outcome::None);
        };
        let nothing = BTreeMap::new();
        let descriptor = layer.descriptor.as_ref();
        let annotations = descriptor.map_or(&nothing, |descriptor| &descriptor.annotations);
        match TocReader::new(annotations, request.size, limits) {
            Ok(reader) => self.settle(ask(request.clone(), reader)),
            Err(error) => Some(Outcome::Refused(ErrorView::from(&error))),
        }
    }

    /// Whether a search is under way.
    pub(crate) fn is_searching(&self) -> bool {
        !self.searches.is_empty()
    }

    /// What to ask; `None` when no search is under way.
    pub(crate) fn poll(&mut self) -> Option<Next> {
        let asked = self.searches.iter().filter(|search| search.due.is_none());
        let room = limits::ASKS.saturating_sub(asked.count());
        let mut asks = Vec::new();
        for search in &mut self.searches {
            if asks.len() < room
                && let Some(ask) = search.due.take()
            {
                search.id = AskId(self.next_id);
                self.next_id = self.next_id.wrapping_add(1);
                asks.push((search.id, ask));
            }
        }
        match (asks.is_empty(), self.searches.is_empty()) {
            (false, _) => Some(Next::Ask(asks)),
            (true, false) => Some(Next::Waiting),
            (true, true) => None,
        }
    }

    /// Takes the reply to a question: the blob that it was about, and the outcome if there is one.
    pub(crate) fn provide(&mut self, id: AskId, reply: Reply) -> Option<(BlobPlan, Outcome)> {
        let is_asked = |search: &Search| search.due.is_none() && search.id == id;
        let position = self.searches.iter().position(is_asked)?;
        let mut search = self.searches.remove(position);
        let request = search.request.clone();
        let turn = search.part.answer(reply);
        let outcome = self.settle(search.turned(turn))?;
        Some((BlobPlan::Http { request }, outcome))
    }

    fn settle(&mut self, turn: Turn) -> Option<Outcome> {
        match turn {
            Ok(search) => {
                self.searches.push(search);
                None
            }
            Err(outcome) => Some(outcome),
        }
    }
}

/// Asks for what a reader wants.
fn ask(request: BlobRequest, reader: TocReader) -> Turn {
    let wants = reader.wants();
    if wants.is_empty() {
        return Err(Outcome::None);
    }
    let mut part = BlobPart::new(&request, wants);
    let turn = part.begin();
    let search = Search {
        request,
        reader,
        part,
        due: None,
        id: AskId(0),
    };
    search.turned(turn)
}

impl Search {
    fn turned(self, turn: PartTurn) -> Turn {
        let bytes = match turn {
            PartTurn::Ask(ask) => {
                let due = Some(ask);
                return Ok(Search { due, ..self });
            }
            PartTurn::Done(bytes) => bytes,
            PartTurn::Failed(error) => return Err(Outcome::Refused(ErrorView::from(&error))),
        };
        match self.reader.take(&bytes) {
            Ok(TocStep::More(reader)) => ask(self.request, reader),
            Ok(TocStep::Done(files)) => Err(Outcome::Files(files)),
            Ok(TocStep::None) => Err(Outcome::None),
            Err(error) => Err(Outcome::Refused(ErrorView::from(&error))),
        }
    }
}
