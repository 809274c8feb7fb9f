//! One block of an xz stream after its header, `.xz` format section 3.

use super::block_header::BlockHeader;
use super::check::{Check, CheckKind};
use super::lzma2::{self, Chunk, Lzma2};
use crate::Error;
use crate::decoder::{Halt, Output, deliver};
use crate::error::hexadecimal;
use crate::gather::{Gather, Input};

/// A block under way.
pub(crate) struct Block {
    header: BlockHeader,
    kind: CheckKind,
    check: Check,
    part: Part,
    /// Length of the LZMA2 data read and of the output delivered so far, in bytes.
    packed: u64,
    unpacked: u64,
}

/// What comes next, in the order in which the parts stand.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Chunk,
    Padding,
    Check,
}

/// How large a block was, in bytes, in the terms of the index.
pub(crate) struct Extent {
    /// Header, data and check, without the padding between them.
    pub(crate) unpadded: u64,
    /// What it unpacked to.
    pub(crate) unpacked: u64,
}

impl Block {
    pub(crate) fn new(header: BlockHeader, kind: CheckKind) -> Self {
        Self {
            header,
            kind,
            check: kind.start(),
            part: Part::Chunk,
            packed: 0,
            unpacked: 0,
        }
    }

    /// Reads on, and tells how large the block was once it has ended.
    pub(crate) fn push(
        &mut self,
        input: &mut Input<'_>,
        gather: &mut Gather,
        lzma2: &mut Lzma2,
        out: &mut Output<'_>,
    ) -> Result<Option<Extent>, Halt> {
        loop {
            let at = gather.offset(input);
            match self.part {
                Part::Chunk => {
                    let Some(&[control]) = gather.peek(input, 1) else {
                        return Ok(None);
                    };
                    let len = match Chunk::read(control, at)? {
                        Chunk::End => 1,
                        Chunk::Long { header } => match gather.peek(input, header) {
                            Some(header) => lzma2::length(header),
                            None => return Ok(None),
                        },
                    };
                    let Some(chunk) = gather.take(input, len) else {
                        return Ok(None);
                    };
                    self.packed = self.packed.saturating_add(len as u64);
                    let (check, unpacked) = (&mut self.check, &mut self.unpacked);
                    lzma2.push(chunk, at, |run| {
                        check.update(run);
                        *unpacked = unpacked.saturating_add(run.len() as u64);
                        deliver(out, run)
                    })?;
                    if control == 0 {
                        self.compare_sizes()?;
                        self.part = Part::Padding;
                    }
                }
                Part::Padding => {
                    let len = self.packed.next_multiple_of(4).saturating_sub(self.packed);
                    let Some(padding) = gather.take(input, len as usize) else {
                        return Ok(None);
                    };
                    if padding.iter().any(|byte| *byte != 0) {
                        return Err(
                            Error::corrupt(at, "xz block padding", "zeros", "others").into()
                        );
                    }
                    self.part = Part::Check;
                }
                Part::Check => {
                    let Some(stated) = gather.take(input, self.kind.len()) else {
                        return Ok(None);
                    };
                    if let Some(found) = self.check.finish()
                        && stated != found
                    {
                        let name = self.kind.name();
                        let (stated, found) = (hexadecimal(stated), hexadecimal(&found));
                        return Err(Error::corrupt(at, name, stated, found).into());
                    }
                    let unpadded = self
                        .header
                        .len
                        .saturating_add(self.packed)
                        .saturating_add(self.kind.len() as u64);
                    return Ok(Some(Extent {
                        unpadded,
                        unpacked: self.unpacked,
                    }));
                }
            }
        }
    }

    /// Compares the data with the sizes that the header states.
    fn compare_sizes(&self) -> Result<(), Error> {
        for (what, stated, found) in [
            ("xz compressed size", self.header.packed, self.packed),
            ("xz uncompressed size", self.header.unpacked, self.unpacked),
        ] {
            if let Some(stated) = stated
                && stated != found
            {
                return Err(Error::corrupt(self.header.start, what, stated, found));
            }
        }
        Ok(())
    }

    /// What the input ended in, if it ends here.
    pub(crate) fn within(&self) -> &'static str {
        match self.part {
            Part::Chunk | Part::Padding => "xz block",
            Part::Check => "xz check",
        }
    }
}
