//! What happens in teams, told as it happens: one reader for each team, however many listen to it.

mod feed;
mod listening;
mod told;

pub use feed::Feeds;
pub use listening::{After, Listening};
pub use told::Told;
