//! The byte form of what went wrong.

use crate::wire::{Reader, Writer};
use crate::{Cause, Error, LimitKind};

pub(super) fn write(out: &mut Writer, error: &Error) {
    match error {
        Error::Decompress {
            cause,
            unpacked,
            entries,
        } => {
            out.u8(0);
            write_cause(out, cause);
            out.u64(*unpacked);
            out.u64(*entries);
        }
        Error::Archive { cause, entries } => {
            out.u8(1);
            write_cause(out, cause);
            out.u64(*entries);
        }
        Error::Encrypted { media_type } => {
            out.u8(2);
            out.run(media_type.as_bytes());
        }
        Error::TooLong { expected, entries } => {
            out.u8(3);
            out.u64(*expected);
            out.u64(*entries);
        }
        Error::Limit {
            limit,
            allowed,
            unpacked,
            entries,
        } => {
            out.u8(4);
            out.u8(limit_id(*limit));
            out.u64(*allowed);
            out.u64(*unpacked);
            out.u64(*entries);
        }
        Error::Aborted { why, read, entries } => {
            out.u8(5);
            out.run(why.as_bytes());
            out.u64(*read);
            out.u64(*entries);
        }
        Error::Content {
            expected,
            delivered,
            cause,
        } => {
            out.u8(6);
            out.u64(*expected);
            out.u64(*delivered);
            write_cause(out, cause);
        }
        Error::Toc { cause } => {
            out.u8(8);
            write_cause(out, cause);
        }
        Error::Stored {
            offset,
            expected,
            found,
        } => {
            out.u8(7);
            out.u64(*offset);
            out.run(expected.as_bytes());
            out.run(found.as_bytes());
        }
    }
}

pub(super) fn read(input: &mut Reader<'_>) -> Result<Error, Error> {
    let at = input.clone();
    Ok(match input.u8()? {
        0 => Error::Decompress {
            cause: read_cause(input)?,
            unpacked: input.u64()?,
            entries: input.u64()?,
        },
        1 => Error::Archive {
            cause: read_cause(input)?,
            entries: input.u64()?,
        },
        2 => Error::Encrypted {
            media_type: input.text()?.to_owned(),
        },
        3 => Error::TooLong {
            expected: input.u64()?,
            entries: input.u64()?,
        },
        4 => Error::Limit {
            limit: read_limit(input)?,
            allowed: input.u64()?,
            unpacked: input.u64()?,
            entries: input.u64()?,
        },
        5 => Error::Aborted {
            why: input.text()?.to_owned(),
            read: input.u64()?,
            entries: input.u64()?,
        },
        6 => Error::Content {
            expected: input.u64()?,
            delivered: input.u64()?,
            cause: read_cause(input)?,
        },
        7 => Error::Stored {
            offset: input.u64()?,
            expected: input.text()?.to_owned().into(),
            found: input.text()?.to_owned().into(),
        },
        8 => Error::Toc {
            cause: read_cause(input)?,
        },
        other => return Err(at.unexpected("a kind of failure", other.to_string())),
    })
}

fn write_cause(out: &mut Writer, cause: &Cause) {
    out.run(cause.name.as_bytes());
    out.u64(cause.offset);
    out.optional_text(cause.expected.as_deref());
    out.optional_text(cause.found.as_deref());
    out.run(cause.text.as_bytes());
}

fn read_cause(input: &mut Reader<'_>) -> Result<Cause, Error> {
    Ok(Cause {
        name: input.text()?.to_owned().into(),
        offset: input.u64()?,
        expected: input.optional_text()?.map(str::to_owned),
        found: input.optional_text()?.map(str::to_owned),
        text: input.text()?.to_owned(),
    })
}

fn limit_id(limit: LimitKind) -> u8 {
    match limit {
        LimitKind::Entries => 0,
        LimitKind::IndexBytes => 1,
        LimitKind::Unpacked => 2,
        LimitKind::Memory => 3,
    }
}

fn read_limit(input: &mut Reader<'_>) -> Result<LimitKind, Error> {
    let at = input.clone();
    match input.u8()? {
        0 => Ok(LimitKind::Entries),
        1 => Ok(LimitKind::IndexBytes),
        2 => Ok(LimitKind::Unpacked),
        3 => Ok(LimitKind::Memory),
        other => Err(at.unexpected("a limit", other.to_string())),
    }
}
