//! What one file may cost. Passing a limit is a [`Fault`](crate::Fault), and never silent.

/// Section headers, and program headers: twice what 16 bits count, which is 8 MiB of them.
pub const MAX_HEADERS: u64 = 1 << 17;
/// Bytes of names of sections: compilers that give each function a section reach megabytes.
pub const MAX_SECTION_NAMES: u64 = 8 << 20;
/// Entries of the dynamic section: a program that needs a thousand libraries has some more than that.
pub const MAX_DYNAMIC: u64 = 1 << 16;
/// Libraries that are told.
pub const MAX_NEEDED: usize = 4096;
/// Bytes of one name: a path of Linux, with its end.
pub const MAX_NAME: u64 = 4096;
/// Bytes of the dynamic string table up to which all of it is read, and searched for names of functions.
pub const MAX_STRINGS: u64 = 4 << 20;
/// Bytes of one section or segment of notes: the largest usual ones are of some hundred bytes.
pub const MAX_NOTES: u64 = 64 << 10;
/// Sections or segments of notes that are read.
pub const MAX_NOTE_PARTS: usize = 64;
/// Answers that are taken: a usual file asks for five parts.
pub const MAX_ANSWERS: usize = 256;
/// The least that is asked for, in bytes: what is needed next often lies beside.
pub const LEAST: u64 = 4096;
