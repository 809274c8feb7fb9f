//! What a driver is told to do in an exchange.

use crate::error::Error;
use crate::step::Request;

/// What to do next.
#[derive(Debug)]
#[must_use]
pub enum ExchangeStep {
    /// Send this, and give the answer's head to [`Exchange::head`](super::Exchange::head).
    Send(Request),
    /// Let this much time pass, then poll again.
    Wait {
        /// How long, in seconds.
        seconds: u64,
    },
    /// The final head has come: its body is what was asked for.
    Ready,
    /// It cannot be had.
    Failed(Error),
}

/// What to do with the body of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Take {
    /// It is what was asked for. The next poll is [`ExchangeStep::Ready`].
    Stream,
    /// Give at most this many bytes of it to [`Exchange::body`](super::Exchange::body), drop the rest, and poll again.
    Small {
        /// How many bytes.
        limit: u64,
    },
    /// Drop it, and poll again.
    Nothing,
}
