//! A registry's bytes on their way to the page: passed on as they come, never collected.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep, sleep};

use crate::limits::IDLE_TIME;

/// A body that passes another one on: at most `left` bytes, and not without a byte for
/// so long while one is waited for. Dropped when the browser goes away, it takes the
/// connection to the registry with it.
#[derive(Debug)]
pub(crate) struct Passing<B> {
    body: B,
    left: u64,
    patience: Duration,
    idle: Pin<Box<Sleep>>,
    is_waiting: bool,
    /// This exchange's share of all exchanges, until its last byte.
    _share: Option<OwnedSemaphorePermit>,
}

impl<B> Passing<B> {
    pub(crate) fn new(
        body: B,
        limit: u64,
        patience: Duration,
        share: Option<OwnedSemaphorePermit>,
    ) -> Self {
        Self {
            body,
            left: limit,
            patience,
            idle: Box::pin(sleep(patience)),
            is_waiting: false,
            _share: share,
        }
    }
}

impl<B> Body for Passing<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let passing = &mut *self;
        loop {
            match Pin::new(&mut passing.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    passing.is_waiting = false;
                    // Trailers say nothing that the page could use.
                    let Ok(bytes) = frame.into_data() else {
                        continue;
                    };
                    let Some(left) = passing.left.checked_sub(bytes.len() as u64) else {
                        return Poll::Ready(Some(Err(io::ErrorKind::FileTooLarge.into())));
                    };
                    passing.left = left;
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Some(Err(io::Error::other(error))));
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => {}
            }
            // The clock runs while the registry is waited for, not while the browser takes its time.
            if !passing.is_waiting {
                passing.is_waiting = true;
                let end = Instant::now() + passing.patience;
                passing.idle.as_mut().reset(end);
            }
            return passing
                .idle
                .as_mut()
                .poll(context)
                .map(|()| Some(Err(io::ErrorKind::TimedOut.into())));
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The first `limit` bytes of a body; what follows is dropped.
pub(crate) async fn beginning<B>(body: B, limit: u64) -> io::Result<Vec<u8>>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut passing = Passing::new(body, u64::MAX, IDLE_TIME, None);
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut passing).poll_frame(cx)).await {
        if let Ok(more) = frame?.into_data() {
            bytes.extend_from_slice(&more);
        }
        if bytes.len() >= most {
            bytes.truncate(most);
            break;
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::convert::Infallible;

    use super::*;

    /// Hands out its pieces, then is silent for ever, or ends.
    struct Pieces(VecDeque<&'static [u8]>, bool);

    impl Body for Pieces {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            match (self.0.pop_front(), self.1) {
                (Some(piece), _) => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(piece))))),
                (None, true) => Poll::Ready(None),
                (None, false) => Poll::Pending,
            }
        }
    }

    fn pieces<const N: usize>(pieces: [&'static [u8]; N], ends: bool) -> Pieces {
        Pieces(pieces.into(), ends)
    }

    async fn next<B>(passing: &mut Passing<B>) -> Option<io::Result<Frame<Bytes>>>
    where
        Passing<B>: Body<Data = Bytes, Error = io::Error> + Unpin,
    {
        poll_fn(|context| Pin::new(&mut *passing).poll_frame(context)).await
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_an_end_after_a_while() {
        let begin = Instant::now();
        let mut passing = Passing::new(pieces([b"ab"], false), 10, IDLE_TIME, None);
        let frame = next(&mut passing).await.expect("a frame").expect("bytes");
        assert_eq!(frame.into_data().ok().as_deref(), Some(&b"ab"[..]));
        // However long the browser takes, that is not the registry's silence.
        tokio::time::advance(IDLE_TIME * 10).await;
        let error = next(&mut passing)
            .await
            .expect("an end")
            .expect_err("an error");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(begin.elapsed().as_secs(), (IDLE_TIME * 11).as_secs());
    }

    #[tokio::test]
    async fn a_limit_lets_its_last_byte_pass_and_no_more() {
        let mut passing = Passing::new(pieces([b"abc", b"de"], true), 5, IDLE_TIME, None);
        assert!(matches!(next(&mut passing).await, Some(Ok(_))));
        assert!(matches!(next(&mut passing).await, Some(Ok(_))));
        assert!(next(&mut passing).await.is_none());
        let mut passing = Passing::new(pieces([b"abc", b"de"], true), 4, IDLE_TIME, None);
        assert!(matches!(next(&mut passing).await, Some(Ok(_))));
        let error = next(&mut passing)
            .await
            .expect("an end")
            .expect_err("an error");
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }

    #[tokio::test]
    async fn only_the_beginning_is_kept() {
        for (limit, kept) in [(0, &b""[..]), (2, b"ab"), (4, b"abcd"), (9, b"abcde")] {
            let bytes = beginning(pieces([b"abc", b"de"], true), limit)
                .await
                .expect("bytes");
            assert_eq!(bytes, kept);
        }
    }
}
