//! Real data sets and the answers that independent tools gave for them, kept beside the checkout.

use std::{
    env,
    path::{Path, PathBuf},
};

/// The folder of the shared data: `KPIGRAPH_SHARED_DATA`, else `../shared/data` beside the checkout. Says which test
/// ran with it, or that `test` is skipped for want of it.
pub fn shared_data(test: &str) -> Option<PathBuf> {
    let folder = env::var_os("KPIGRAPH_SHARED_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        PathBuf::from,
    );
    let found = folder.is_dir().then_some(folder);
    super::announce(&match found {
        Some(_) => format!("{test}: ran with the shared data"),
        None => format!("{test}: skipped: no shared data"),
    });
    found
}
