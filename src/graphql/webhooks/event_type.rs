//! The types of events that endpoints can be told of.

use async_graphql::Enum;
use entity::event::Kind;

/// A type of event that webhook endpoints can be told of.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookEventType {
    /// `goal.status_changed`: a goal has another status than when it was last looked at.
    GoalStatusChanged,
    /// `anomaly.detected`: a figure left its usual range, or an alert rule fired.
    AnomalyDetected,
    /// `import.finished`: an import ended, well or not.
    ImportFinished,
    /// `data.refreshed`: a source delivered facts.
    DataRefreshed,
    /// `customer.stage_changed`: a customer is in another stage of the lifecycle. Of a load that changes more than 1000
    /// customers `data.refreshed` alone is told.
    CustomerStageChanged,
}

impl WebhookEventType {
    /// The type of a kind of event; `None` for kinds that endpoints are not told of.
    pub fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::GoalStatusChanged => Some(Self::GoalStatusChanged),
            Kind::AnomalyDetected => Some(Self::AnomalyDetected),
            Kind::ImportFinished => Some(Self::ImportFinished),
            Kind::DataRefreshed => Some(Self::DataRefreshed),
            Kind::CustomerStageChanged => Some(Self::CustomerStageChanged),
            Kind::ImportProgressed => None,
        }
    }

    /// The kind of event.
    pub fn kind(self) -> Kind {
        match self {
            Self::GoalStatusChanged => Kind::GoalStatusChanged,
            Self::AnomalyDetected => Kind::AnomalyDetected,
            Self::ImportFinished => Kind::ImportFinished,
            Self::DataRefreshed => Kind::DataRefreshed,
            Self::CustomerStageChanged => Kind::CustomerStageChanged,
        }
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::Iterable;

    use super::*;
    use crate::store::webhook_type;

    #[test]
    fn there_is_a_type_for_each_kind_that_is_sent_and_no_other() {
        for kind in Kind::iter() {
            let found = WebhookEventType::of(kind);
            assert_eq!(found.is_some(), webhook_type(kind).is_some(), "{kind:?}");
            assert!(found.is_none_or(|found| found.kind() == kind));
        }
    }
}
