//! A session about an archive in memory.

use layerscope_inspect::session::{Next, Opening, Session};
use layerscope_layer::{LayerScan, Limits};
use layerscope_source::{Ask, BlobPlan, Reply, Select};

/// Opens an archive, of which no layer is read yet.
pub(crate) fn open(archive: &[u8], select: Select) -> Session {
    let opening = Opening::Archive {
        name: "archive.tar".to_owned(),
        size: archive.len() as u64,
    };
    let mut session = Session::new(opening, select);
    while let Next::Ask(asks) = session.poll() {
        for (id, ask) in asks {
            let Ask::Read { offset, len } = ask else {
                panic!("an archive is read: {ask:?}");
            };
            session.provide(id, Reply::Bytes(bytes(archive, offset, len).to_vec()));
        }
    }
    assert_eq!(session.error(), None);
    session
}

fn bytes(archive: &[u8], offset: u64, len: u64) -> &[u8] {
    let start = usize::try_from(offset).unwrap().min(archive.len());
    let end = usize::try_from(offset + len).unwrap().min(archive.len());
    &archive[start..end]
}

/// Reads the layers that are left to read, and tells how many.
pub(crate) fn read(session: &mut Session, archive: &[u8]) -> usize {
    let mut count = 0;
    while let Some(job) = session.next_scan() {
        let BlobPlan::Range { offset, len } = job.plan else {
            panic!("a layer of an archive is a part of it");
        };
        let mut scan = LayerScan::new(job.expected.clone(), Limits::default());
        let _ = scan.push(bytes(archive, offset, len));
        session.scanned(job.id, scan.finish());
        count += 1;
    }
    count
}
