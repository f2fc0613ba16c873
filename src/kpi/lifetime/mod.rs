//! Customer lifetime value: what customers brought, and what they are expected to bring.
//!
//! Expected purchases come from BG/NBD ([`bgnbd`]), expected spend per purchase from Gamma-Gamma ([`gamma_gamma`]), both
//! fitted by maximum likelihood (`likelihood`) to the customers' histories (`summary`).

mod amount;
mod ask;
pub mod bgnbd;
pub mod discount;
pub mod gamma_gamma;
mod likelihood;
mod model;
mod payback;
mod rfm;
mod segment;
mod series;
mod summary;
mod team;

pub use amount::Amount;
pub use ask::{Lifetime, LifetimeAsk, Valued, fit, observed};
pub use bgnbd::BgNbd;
pub use gamma_gamma::GammaGamma;
pub use likelihood::Degenerate;
pub use model::{Model, Prediction, Terms, parameter};
pub use rfm::{Rfm, Scale, Scores};
pub use segment::{Group, Number, plus, quotient};
pub use summary::{Buyer, ValueBasis, buyers};
pub use team::{Costs, TeamModel, customers};
