//! Places in the middle of a stream from which it can be decoded.

use crate::limits::MAX_RESTART_POINTS;

/// A place in a compressed stream from which [`Decoder::resume`](crate::Decoder::resume) can go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestartPoint {
    /// Bytes of the compressed stream before the first that has to be pushed.
    pub compressed: u64,
    /// Bytes of output before the first that will be delivered.
    pub output: u64,
    /// What has to be known to begin between two blocks of deflate data; `None` at the start of a gzip
    /// member or of a zstd frame, where nothing has to be.
    pub middle: Option<Middle>,
}

/// What the rest of deflate data depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Middle {
    /// How many bits of the first byte belong to the block before, 0 to 7: the lowest ones.
    pub used_bits: u8,
    /// The output before this place, to which later blocks may refer: 32 KiB, or less near the
    /// start of a member.
    pub window: Box<[u8]>,
}

/// Collects the points of a stream as they go by.
pub(crate) struct Collector {
    points: Vec<RestartPoint>,
    spacing: u64,
    /// Where in the output the next point falls due.
    due: u64,
    output: u64,
}

impl Collector {
    /// A collector of nothing.
    pub(crate) fn none() -> Self {
        Self::every(u64::MAX)
    }

    /// A collector of one point in `spacing` bytes of output.
    pub(crate) fn every(spacing: u64) -> Self {
        Self {
            points: Vec::new(),
            spacing,
            due: spacing,
            output: 0,
        }
    }

    /// Counts bytes of output.
    pub(crate) fn advance(&mut self, bytes: u64) {
        self.output = self.output.saturating_add(bytes);
    }

    /// Bytes of output so far.
    pub(crate) fn output(&self) -> u64 {
        self.output
    }

    /// Bytes of output until a point falls due; 0 from then on.
    pub(crate) fn until_due(&self) -> u64 {
        self.due.saturating_sub(self.output)
    }

    /// Whether output has passed the place where a point fell due.
    pub(crate) fn is_overdue(&self) -> bool {
        self.output > self.due
    }

    /// A member or a frame starts at this offset of the compressed stream.
    pub(crate) fn member(&mut self, compressed: u64) {
        if self.until_due() == 0 {
            self.add(RestartPoint {
                compressed,
                output: self.output,
                middle: None,
            });
        }
    }

    /// Keeps a point. When there are too many, every other one goes, and from then on they are twice as far apart.
    pub(crate) fn add(&mut self, point: RestartPoint) {
        let output = point.output;
        self.points.push(point);
        if self.points.len() >= MAX_RESTART_POINTS {
            let mut is_kept = true;
            self.points.retain(|_| {
                is_kept = !is_kept;
                is_kept
            });
            self.spacing = self.spacing.saturating_mul(2);
        }
        self.due = output.saturating_add(self.spacing);
    }

    /// Gives away what was collected.
    pub(crate) fn take(&mut self) -> Vec<RestartPoint> {
        std::mem::take(&mut self.points)
    }
}
