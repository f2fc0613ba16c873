//! `surveys`: answers to surveys, upserted by the source's ids.

use chrono::{DateTime, Utc};
use entity::{survey_response, values::SurveyKind};

use super::{
    bulk::Keyed,
    cell,
    header::{Shape, column, time},
    pipeline::{Loader, Parsed},
    report::Refusal,
    row::Row,
    session::{Reading, Session},
    upsert::{Known, TOLD_AT},
};
use crate::{
    error::Result,
    store::{Change, FactTable},
};

/// The end of the scale of recommendations, and of satisfaction where none is given.
const NPS_SCALE: i64 = 10;
const CSAT_SCALE: i64 = 5;

/// A row of an answer.
pub(super) struct AnswerRow {
    id: String,
    survey: String,
    kind: SurveyKind,
    customer: String,
    score: i32,
    scale_max: i32,
    answered_at: DateTime<Utc>,
    told_at: Option<DateTime<Utc>>,
}

/// The loader of `surveys`.
#[derive(Default)]
pub(super) struct Surveys;

impl Loader for Surveys {
    type Row = AnswerRow;

    const FACTS: &'static [FactTable] = &[FactTable::SurveyResponse];
    const SHAPE: &'static Shape = &Shape {
        columns: &[
            column("answer_id", &["response_id", "id"]),
            column("survey", &["wave", "survey_name"]),
            column("kind", &["type"]),
            column("customer_id", &["user_id", "lead_id", "contact_id"]),
            column("score", &["answer", "rating"]),
            column("scale_max", &["scale"]),
            time("answered_at", &["timestamp", "time", "date"]),
            time(TOLD_AT, &[]),
        ],
        required: &[&["answer_id"], &["kind"], &["score"], &["answered_at"]],
        dated_by: "answered_at",
    };

    fn parse(&mut self, row: &Row<'_>, reading: &mut Reading<'_>) -> Result<AnswerRow, Refusal> {
        let answered_at = reading.row_instant(row, "answered_at")?;
        let kind = row.need("kind", cell::choice)?;
        let (first, usual) = match kind {
            SurveyKind::Nps => (0, NPS_SCALE),
            SurveyKind::Csat => (1, CSAT_SCALE),
        };
        let scale = row.get("scale_max", cell::count)?.unwrap_or(usual);
        let fits = |scale: i64| match kind {
            SurveyKind::Nps => scale == NPS_SCALE,
            SurveyKind::Csat => (2..=100).contains(&scale),
        };
        if !fits(scale) {
            let allowed =
                "does not fit: recommendations go to 10, satisfaction to a number from 2 to 100";
            return Err(row.refuse_value("scale_max", allowed));
        }
        let score = row.need("score", cell::count)?;
        if !(first..=scale).contains(&score) {
            return Err(row.refuse_value("score", &format!("is not between {first} and {scale}")));
        }
        let parsed = AnswerRow {
            id: row.need("answer_id", cell::external_id)?,
            survey: row.get("survey", cell::label(200))?.unwrap_or_default(),
            kind,
            customer: row
                .get("customer_id", cell::external_id)?
                .unwrap_or_default(),
            score: i32::try_from(score).unwrap_or(i32::MAX),
            scale_max: i32::try_from(scale).unwrap_or(i32::MAX),
            answered_at,
            told_at: row.get(TOLD_AT, reading.instants())?,
        };
        reading.tally.cover(reading.day_of(answered_at));
        Ok(parsed)
    }

    async fn write(
        &mut self,
        batch: Vec<Parsed<AnswerRow>>,
        session: &mut Session<'_>,
    ) -> Result<()> {
        let rows = || batch.iter().map(|parsed| &parsed.row);
        let customers = session
            .resolve_customers(rows().map(|row| row.customer.as_str()))
            .await?;
        let mut known =
            Known::<survey_response::Entity>::find(session, rows().map(|row| row.id.as_str()))
                .await?;
        for Parsed { line, row } in &batch {
            if !known.admits(&row.id, row.told_at) {
                session.tally.count(*line, Change::Stale);
                continue;
            }
            let id = known.id(&row.id, session);
            let model = survey_response::Model {
                team_id: session.team_id(),
                id,
                survey: row.survey.clone(),
                kind: row.kind,
                customer_id: customers.get(&row.customer).copied(),
                score: row.score,
                scale_max: row.scale_max,
                answered_at: row.answered_at,
                day: session.day_of(row.answered_at),
            };
            let change = known.put(&row.id, id, model);
            session.tally.count(*line, change);
        }
        known.store(session).await
    }
}

impl Keyed for Surveys {
    fn key(row: &AnswerRow) -> String {
        row.id.clone()
    }
}
