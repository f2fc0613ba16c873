//! Imports as jobs: files that wait in the database for a worker.
//!
//! `file` puts a file into the database and fetches it from there, `running` is an import that a worker has, `work`
//! takes it from state to state, `batches` publishes rows while they are read.

mod batches;
mod file;
mod running;
mod work;

pub use file::{StoredFile, begin_patiently, digest, forget_file, queue_file, store_file};
pub use running::Running;
pub use work::work;

/// How many imports of a team may wait or run.
pub const MOST_WAITING: u64 = 100;

/// The longest name of a file, in characters.
pub const LONGEST_NAME: usize = 255;
