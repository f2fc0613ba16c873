//! Answers to surveys, keyed by the source's ids.

use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use entity::values::SurveyKind;

use super::{Item, Naming, PerItem};
use crate::{
    graphql::external_ref::RefInput,
    import::bulk::{Given, GivenText, Kind},
};

/// An answer as the source knows it now.
#[derive(InputObject)]
pub struct SurveyAnswerUpsert {
    /// The source's id for it, 1 to 200 characters: the key.
    id: String,
    /// Which survey, at most 200 characters.
    survey: Option<String>,
    /// What was asked.
    kind: SurveyKind,
    /// Whose. One that is named by a system and unknown is made. Null when nobody knows.
    customer: Option<RefInput>,
    /// The answer: 0 to 10 for recommendations, 1 to `scaleMax` for satisfaction.
    score: i64,
    /// The end of the scale of satisfaction, 2 to 100. Default: 5; 10 for recommendations.
    scale_max: Option<i64>,
    /// When it was given.
    answered_at: PerItem<DateTime<Utc>>,
    /// When the source last changed it; an item older than what the source told before is skipped.
    source_updated_at: Option<PerItem<DateTime<Utc>>>,
}

impl Item for SurveyAnswerUpsert {
    const KIND: Kind = Kind::SurveyAnswers;
    const MUTATION: &'static str = "upsertSurveyAnswers";

    fn given(self) -> Given {
        Given::default()
            .with("answer_id", "id", self.id)
            .with("survey", "survey", self.survey)
            .with("kind", "kind", GivenText::choice(Some(self.kind)))
            .customer("customer_id", "customer", self.customer)
            .with("score", "score", self.score)
            .with("scale_max", "scaleMax", self.scale_max)
            .with("answered_at", "answeredAt", self.answered_at)
            .with(
                "source_updated_at",
                "sourceUpdatedAt",
                self.source_updated_at,
            )
    }
}
