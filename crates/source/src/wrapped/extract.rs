//! One file of a layer of a wrapped archive.

use std::fmt;
use std::ops::{ControlFlow, Range};

use layerscope_inflate::Decoder;
use layerscope_layer::{Cause, Content, Demand, Extract};
use layerscope_tar::{Entry, Oddity, Parser, Sink};

use crate::error::{Error, quoted};

/// The content of one file of one member of a wrapped archive. The archive file is pushed again from
/// its start.
pub struct MemberExtract {
    decoder: Decoder,
    parser: Parser,
    picked: Picked,
    failure: Option<Cause>,
}

/// How far the way to the file has been gone.
struct Picked {
    /// The member that is the layer.
    number: usize,
    /// How many members have come.
    seen: usize,
    extract: Extract,
    /// The layer has come to its end, or has given what was wanted.
    done: bool,
}

/// The way to the file, and where its bytes go.
struct Picking<'a, 'b> {
    picked: &'a mut Picked,
    out: &'a mut (dyn FnMut(&[u8]) + 'b),
}

impl MemberExtract {
    /// An extraction of the bytes `range` of a file of `size` bytes with this `content`, in the layer
    /// that [`BlobPlan::Member`](crate::BlobPlan::Member) gives this `number`.
    pub fn new(number: usize, content: &Content<'_>, size: u64, range: Range<u64>) -> Self {
        Self {
            decoder: Decoder::new(layerscope_inflate::Limits::default()),
            parser: Parser::new(layerscope_tar::Limits::default()),
            picked: Picked {
                number,
                seen: 0,
                extract: Extract::new(content, size, range),
                done: false,
            },
            failure: None,
        }
    }

    /// Takes the next bytes of the archive file, and gives `out` those of the file in the layer.
    pub fn push(&mut self, bytes: &[u8], out: &mut dyn FnMut(&[u8])) -> Demand {
        if self.failure.is_some() || self.picked.done {
            return Demand::Stop;
        }
        let (parser, picked) = (&mut self.parser, &mut self.picked);
        let mut failure = None;
        let flow = self.decoder.push(bytes, &mut |run| {
            let mut picking = Picking {
                picked: &mut *picked,
                out: &mut *out,
            };
            if let Err(error) = parser.push(run, &mut picking) {
                failure = Some(Cause::from(error));
            }
            if failure.is_some() || picked.done {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        self.failure = match flow {
            Err(error) => Some(error.into()),
            Ok(_) => failure,
        };
        if self.failure.is_some() || self.picked.done {
            Demand::Stop
        } else {
            Demand::More
        }
    }

    /// Says that no more bytes come.
    ///
    /// # Errors
    /// [`Error::Layer`] or [`Error::Member`] if not all that was asked for has been given.
    pub fn finish(self) -> Result<(), Error> {
        let number = self.picked.number;
        let given = self.picked.extract.finish();
        match (given, self.failure) {
            (Ok(()), _) => Ok(()),
            (Err(_), Some(cause)) => Err(Error::Member {
                number,
                problem: quoted(&cause.text),
            }),
            (Err(_), None) if self.picked.seen <= number => Err(Error::Member {
                number,
                problem: "the archive ends before it".to_owned(),
            }),
            (Err(error), None) => Err(error.into()),
        }
    }
}

impl Sink for Picking<'_, '_> {
    fn entry(&mut self, _: &Entry) {
        self.picked.seen = self.picked.seen.saturating_add(1);
    }

    fn data(&mut self, bytes: &[u8]) {
        let picked = &mut *self.picked;
        let is_here = picked.seen == picked.number.saturating_add(1);
        if is_here && !picked.done && picked.extract.push(bytes, self.out) == Demand::Stop {
            picked.done = true;
        }
    }

    fn end_entry(&mut self) {
        if self.picked.seen > self.picked.number {
            self.picked.done = true;
        }
    }

    fn oddity(&mut self, _: Oddity) {}
}

impl fmt::Debug for MemberExtract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemberExtract")
            .field("number", &self.picked.number)
            .field("extract", &self.picked.extract)
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}
