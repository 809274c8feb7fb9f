//! Lists that come page by page (distribution-spec, "Listing Tags", "Listing Referrers").

use super::access::{Access, Target};
use super::call::{Call, Turn};
use super::exchange::Exchange;
use crate::error::Error;
use crate::limits;
use crate::step::{AskId, Reply, Step};

/// Something that is read page by page.
pub(super) trait List: Sized {
    /// The page that a query asks for.
    fn target(&self, query: &str) -> Target;

    /// Takes a page.
    fn add(&mut self, exchange: &Exchange, body: &[u8]) -> Result<(), Error>;

    /// Whether there is room for another page.
    fn has_room(&self) -> bool;

    /// Looks at the error of the first page: the query to try instead, or nothing more to ask for.
    fn instead(&mut self, error: Error, query: &str) -> Instead;

    /// Says why the list is not complete.
    fn stop(&mut self, why: Error);
}

/// What to do about an error of the first page.
pub(super) enum Instead {
    /// Ask this.
    Query(String),
    /// The list is what it is.
    Enough,
    /// It is an error.
    Error(Error),
}

/// Reads a list.
#[derive(Debug)]
pub(super) struct Pages<L> {
    access: Access,
    list: Option<L>,
    read: usize,
    query: String,
    call: Option<Call>,
    asked: u32,
    next: Option<Step<L>>,
}

impl<L: List> Pages<L> {
    /// A list whose first page `query` asks for.
    pub(super) fn new(access: Access, list: L, query: String) -> Self {
        let mut pages = Self {
            access,
            list: Some(list),
            read: 0,
            query,
            call: None,
            asked: 0,
            next: None,
        };
        pages.turn();
        pages
    }

    pub(super) fn poll(&mut self) -> Step<L> {
        self.next.take().unwrap_or(Step::Waiting)
    }

    pub(super) fn provide(&mut self, id: AskId, reply: Reply) {
        if id.0.checked_add(1) != Some(self.asked) {
            return;
        }
        if let Some(mut call) = self.call.take() {
            let turn = call.answer(reply);
            self.take(call, turn);
        }
    }

    fn turn(&mut self) {
        if let Some(list) = &self.list {
            let target = list.target(&self.query);
            let mut call = Call::new(Exchange::new(&self.access, target, None));
            let turn = call.begin();
            self.take(call, turn);
        }
    }

    fn take(&mut self, call: Call, turn: Turn) {
        match turn {
            Turn::Ask(ask) => {
                let id = AskId(self.asked);
                self.asked = self.asked.saturating_add(1);
                self.call = Some(call);
                self.next = Some(Step::Ask(vec![(id, ask)]));
            }
            Turn::Failed(error) => self.fail(error),
            Turn::Done(response) => {
                let exchange = call.exchange();
                if let Some(token) = exchange.token() {
                    self.access = self.access.clone().with_token(token.clone());
                }
                let Some(list) = &mut self.list else {
                    return;
                };
                if let Err(error) = list.add(exchange, &response.body) {
                    return self.fail(error);
                }
                self.read = self.read.saturating_add(1);
                let room = list.has_room() && self.read < limits::PAGES;
                match exchange.next_page() {
                    Ok(None) => self.finish(None),
                    Ok(Some(query)) if query == self.query => {
                        self.finish(Some(Error::TopFile {
                            at: exchange.subject(),
                            expected: "a further page",
                            found: "the same page again".to_owned(),
                        }));
                    }
                    Ok(Some(query)) if room => {
                        self.query = query;
                        self.turn();
                    }
                    Ok(Some(_)) => self.finish(Some(Error::OverLimit {
                        at: exchange.subject(),
                        what: "pages of a list",
                        limit: self.read as u64,
                        found: "more".to_owned(),
                    })),
                    Err(error) => self.finish(Some(error)),
                }
            }
        }
    }

    /// What was read before an error stands; where nothing was read, there is nothing to show.
    fn fail(&mut self, error: Error) {
        let Some(list) = &mut self.list else {
            return;
        };
        if self.read > 0 {
            return self.finish(Some(error));
        }
        match list.instead(error, &self.query) {
            Instead::Query(query) => {
                self.query = query;
                self.turn();
            }
            Instead::Enough => self.finish(None),
            Instead::Error(error) => self.next = Some(Step::Failed(error)),
        }
    }

    fn finish(&mut self, why: Option<Error>) {
        if let Some(mut list) = self.list.take() {
            if let Some(why) = why {
                list.stop(why);
            }
            self.next = Some(Step::Done(Box::new(list)));
        }
    }
}
