//! One blob on its way, over as many connections as it takes.

use std::ops::Range;

use super::blob::BlobRequest;
use super::exchange::Exchange;
use super::retry;
use super::turn::{ExchangeStep, Take};
use crate::error::Error;
use crate::limits;
use crate::step::Headers;
use crate::words::Silence;

/// A blob that is streamed to its last byte, and goes on where a connection broke.
///
/// The driver loops as with an [`Exchange`]. When [`poll`](Self::poll) is [`ExchangeStep::Ready`] it
/// reads the body that [`Take::Stream`] was said of, gives each piece to [`fresh`](Self::fresh), and
/// tells how it came to an end: [`ended`](Self::ended) or [`lost`](Self::lost).
///
/// Connections that bring something may be many, [`limits::CONNECTIONS`]; of those that bring nothing
/// [`limits::ATTEMPTS`] in a row are the end, with a wait before each that doubles.
#[derive(Debug)]
pub struct Download {
    request: BlobRequest,
    exchange: Exchange,
    /// Where what is wanted of the blob ends.
    end: u64,
    /// Bytes that were handed on, or come before what is wanted.
    read: u64,
    /// What `read` was when the connection under way was asked for.
    began: u64,
    /// Bytes of the body under way that were handed on from an earlier one.
    repeated: u64,
    /// Connections in a row that brought nothing.
    fruitless: u32,
    connections: u32,
}

impl Download {
    /// A download about to begin.
    pub fn new(request: &BlobRequest) -> Self {
        Self::of(request, 0..u64::MAX)
    }

    /// A download of a part of a blob, about to begin. Where the registry sends more, more is handed on.
    pub fn of(request: &BlobRequest, part: Range<u64>) -> Self {
        let end = part.end.min(request.size);
        let is_whole = part.start == 0 && end == request.size;
        Self {
            request: request.clone(),
            exchange: match is_whole {
                true => request.exchange(),
                false => request.resume(part.start, end),
            },
            end,
            read: part.start,
            began: part.start,
            repeated: 0,
            fruitless: 0,
            connections: 1,
        }
    }

    /// What to do next.
    pub fn poll(&mut self) -> ExchangeStep {
        match self.exchange.poll() {
            // A page is not shown where a part begins, unless the registry allows it. Then the whole has to come.
            ExchangeStep::Failed(Error::Range { .. })
                if self.connections == 1 && self.is_part() =>
            {
                self.remember_token();
                self.connections = 2;
                self.exchange = self.request.exchange();
                self.exchange.poll()
            }
            step => step,
        }
    }

    /// Takes the status and the header fields of the answer to the request sent last.
    pub fn head(&mut self, status: u16, headers: &Headers) -> Take {
        let take = self.exchange.head(status, headers);
        if take == Take::Stream {
            self.repeated = self.read.saturating_sub(self.exchange.body_offset());
        }
        take
    }

    /// Takes the body that [`Take::Small`] asked for.
    pub fn body(&mut self, bytes: &[u8]) {
        self.exchange.body(bytes);
    }

    /// The part of a piece of the final body that was not handed on before.
    pub fn fresh<'a>(&mut self, piece: &'a [u8]) -> &'a [u8] {
        let repeated = usize::try_from(self.repeated).map_or(piece.len(), |n| n.min(piece.len()));
        self.repeated = self.repeated.saturating_sub(repeated as u64);
        let fresh = piece.get(repeated..).unwrap_or_default();
        self.read = self.read.saturating_add(fresh.len() as u64);
        fresh
    }

    /// The final body has ended in order: whether that is all. A registry that always ends too early
    /// lies about the size, which is for the scan to say.
    pub fn ended(&mut self) -> bool {
        let is_over = self.read >= self.end
            || self.read == self.began
            || self.connections >= limits::CONNECTIONS;
        if !is_over {
            self.resume(0);
        }
        is_over
    }

    /// No answer came, or a body broke off: whether all the same nothing is missing. If not, the next
    /// poll says how it goes on.
    pub fn lost(&mut self, silence: Silence, detail: &str) -> bool {
        if !self.exchange.is_ready() {
            self.exchange.lost(silence, detail);
            return false;
        }
        if self.read > 0 && self.read == self.end {
            return true;
        }
        self.fruitless = match self.read > self.began {
            true => 0,
            false => self.fruitless.saturating_add(1),
        };
        if self.fruitless >= limits::ATTEMPTS || self.connections >= limits::CONNECTIONS {
            self.exchange.give_up(silence, detail);
            return false;
        }
        self.resume(match self.fruitless {
            0 => 0,
            fruitless => retry::backoff(fruitless),
        });
        false
    }

    /// Whether a range was asked for at first.
    fn is_part(&self) -> bool {
        self.read > 0 || self.end < self.request.size
    }

    /// Whoever was let in need not ask again.
    fn remember_token(&mut self) {
        if let Some(token) = self.exchange.token() {
            self.request.access = self.request.access.clone().with_token(token.clone());
        }
    }

    fn resume(&mut self, wait: u64) {
        self.remember_token();
        self.connections = self.connections.saturating_add(1);
        self.began = self.read;
        let exchange = self.request.resume(self.read, self.end);
        self.exchange = match wait {
            0 => exchange,
            seconds => exchange.waiting(seconds),
        };
    }
}
