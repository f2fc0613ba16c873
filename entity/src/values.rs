//! The values that columns hold where only a few are allowed. They are the API's enums too, so that each is named once.

mod campaigns;
mod people;
mod refs;

pub use campaigns::*;
pub use people::*;
pub use refs::*;
