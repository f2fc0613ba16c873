//! What happens on the way of customers, one type each: stages, deals, refunds, touches, conversions.

mod conversion;
mod loaders;
mod opportunity;
mod parts;
mod refund;
mod stage_event;
mod touchpoint;

pub use conversion::Conversion;
pub use loaders::{
    ConversionId, OpportunityId, OrderId, RefundId, StageEventId, TouchpointId, forget,
};
pub use opportunity::Opportunity;
pub use refund::Refund;
pub use stage_event::StageEvent;
pub use touchpoint::Touchpoint;
