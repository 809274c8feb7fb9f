//! A part of a blob that is small enough to be answered at once.

use std::ops::Range;

use super::access::Target;
use super::blob::BlobRequest;
use super::call::{Call, Turn};
use super::exchange::Exchange;
use crate::error::Error;
use crate::step::{Ask, Reply};

/// Gets some bytes of a blob: asks out, one at a time, and the replies in.
///
/// The whole instead of the part is an error: it would cost what the part was to save.
#[derive(Debug)]
pub struct BlobPart {
    call: Call,
    range: Range<u64>,
}

/// What a [`BlobPart`] needs next, or what came of it.
#[derive(Debug)]
#[must_use]
pub enum PartTurn {
    /// Ask this, and give the reply to [`BlobPart::answer`].
    Ask(Ask),
    /// All bytes of the part.
    Done(Vec<u8>),
    /// They cannot be had.
    Failed(Error),
}

impl BlobPart {
    /// A part about to be asked for, not empty and within the blob.
    pub fn new(request: &BlobRequest, range: Range<u64>) -> Self {
        let target = Target::Blob(request.digest.clone());
        Self {
            call: Call::new(Exchange::new(&request.access, target, Some(range.clone()))),
            range,
        }
    }

    /// The first ask.
    pub fn begin(&mut self) -> PartTurn {
        let turn = self.call.begin();
        self.judge(turn)
    }

    /// Takes the reply to the last ask.
    pub fn answer(&mut self, reply: Reply) -> PartTurn {
        let turn = self.call.answer(reply);
        self.judge(turn)
    }

    fn judge(&self, turn: Turn) -> PartTurn {
        let response = match turn {
            Turn::Ask(ask) => return PartTurn::Ask(ask),
            Turn::Failed(error) => return PartTurn::Failed(error),
            Turn::Done(response) => response,
        };
        let exchange = self.call.exchange();
        let (start, found) = (exchange.body_offset(), response.body.len() as u64);
        let len = self.range.end.saturating_sub(self.range.start);
        if start == self.range.start && found == len {
            return PartTurn::Done(response.body);
        }
        PartTurn::Failed(Error::Range {
            at: exchange.subject(),
            expected: format!("{len} bytes from {}", self.range.start),
            found: format!("{found} bytes from {start}"),
        })
    }
}
