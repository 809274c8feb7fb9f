//! An exchange whose body is small enough to be answered at once: asks out, replies in.

use super::exchange::Exchange;
use super::turn::{ExchangeStep, Take};
use crate::error::Error;
use crate::step::{Ask, Reply, Response};

/// An [`Exchange`] in the form of asks and replies, one at a time.
#[derive(Debug)]
pub(crate) struct Call {
    exchange: Exchange,
}

/// What a call needs next, or what came of it.
#[derive(Debug)]
pub(crate) enum Turn {
    /// Ask this, and give the reply to [`Call::answer`].
    Ask(Ask),
    /// The final answer.
    Done(Response),
    /// It cannot be had.
    Failed(Error),
}

impl Call {
    /// A call about to be made.
    pub(crate) fn new(exchange: Exchange) -> Self {
        Self { exchange }
    }

    /// The exchange, for what the final head said.
    pub(crate) fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// The first ask.
    pub(crate) fn begin(&mut self) -> Turn {
        match self.exchange.poll() {
            ExchangeStep::Send(request) => Turn::Ask(Ask::Http(request)),
            ExchangeStep::Wait { seconds } => Turn::Ask(Ask::Wait { seconds }),
            ExchangeStep::Failed(error) => Turn::Failed(error),
            ExchangeStep::Ready => Turn::Done(Response::default()),
        }
    }

    /// Takes the reply to the last ask.
    pub(crate) fn answer(&mut self, reply: Reply) -> Turn {
        let response = match reply {
            Reply::Http(response) => response,
            Reply::Waited => return self.begin(),
            Reply::TooLarge { size } => {
                return Turn::Failed(Error::OverLimit {
                    at: self.exchange.subject(),
                    what: "bytes of the answer",
                    limit: self.exchange.limit(),
                    found: size.map_or_else(|| "more".to_owned(), |size| size.to_string()),
                });
            }
            Reply::Silent { silence, detail } => {
                self.exchange.lost(silence, &detail);
                return self.begin();
            }
            Reply::Failed(why) => return Turn::Failed(self.lost(&why)),
            Reply::Bytes(_) | Reply::Wrapped(_) | Reply::Absent => {
                return Turn::Failed(self.lost("the driver's reply is to something else"));
            }
        };
        match self.exchange.head(response.status, &response.headers) {
            Take::Stream => return Turn::Done(response),
            Take::Small { limit } => {
                let limit = usize::try_from(limit).unwrap_or(usize::MAX);
                let body = response.body.get(..limit).unwrap_or(&response.body);
                self.exchange.body(body);
            }
            Take::Nothing => {}
        }
        self.begin()
    }

    fn lost(&self, why: &str) -> Error {
        Error::Driver {
            at: self.exchange.subject(),
            why: crate::error::quoted(why),
        }
    }
}
