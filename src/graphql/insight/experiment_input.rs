//! Making, changing and deleting experiments.

use async_graphql::{Context, ID, InputObject};
use entity::{experiment, experiment_variant};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::experiment::Experiment;
use crate::{
    auth::Scope,
    error::ApiResult,
    graphql::{
        GlobalId, Session,
        global_id::NodeType,
        payload::{Mistakes, Outcome, payload},
        scalars::Date,
    },
    store::{TeamStore, TeamWriter},
};

/// The most variants of an experiment, the control included.
const MOST_VARIANTS: usize = 20;

/// An experiment as a whole, with its counts so far: what is left out is empty, also when it is changed. Without an id,
/// the experiment of this name is changed, or made if there is none, so that counts can be sent again and again.
#[derive(InputObject)]
pub struct SetExperimentInput {
    /// Which experiment to change.
    id: Option<ID>,
    /// The version that the caller has read; needed with an id, and checked whenever it is given.
    version: Option<i32>,
    /// Its name, 1 to 200 characters; no other experiment of the team may have it.
    name: String,
    /// What it is to find out, up to 2000 characters.
    hypothesis: Option<String>,
    /// Its first day.
    starts_on: Date,
    /// Its last day, included.
    ends_on: Option<Date>,
    /// The variants, 2 to 20; the first is the control.
    variants: Vec<ExperimentVariantInput>,
}

/// A variant and what it came to so far.
#[derive(InputObject)]
pub struct ExperimentVariantInput {
    /// Its name, 1 to 200 characters; no other variant of the experiment may have it.
    name: String,
    /// How many people saw it, 0 or more.
    exposures: i32,
    /// How many of them converted, 0 to `exposures`.
    conversions: i32,
    /// The value of the conversions in the team's currency, 0 or more.
    value: Option<Decimal>,
}

/// Which experiment to delete.
#[derive(InputObject)]
pub struct DeleteExperimentInput {
    /// The experiment.
    id: ID,
    /// The version that the caller has read.
    version: i32,
}

payload!(SetExperimentPayload, experiment: Experiment, "The experiment. Null when there are mistakes.");
payload!(DeleteExperimentPayload, experiment: Experiment, "The experiment as it was, without its variants. Null when there are mistakes.");

/// Makes or changes an experiment.
pub async fn set(ctx: &Context<'_>, input: SetExperimentInput) -> ApiResult<Outcome<Experiment>> {
    let session = Session::with_scope(ctx, Scope::GoalsWrite)?;
    let writer = session.begin(ctx).await?;
    let mut mistakes = Mistakes::default();
    input.check(&mut mistakes);
    let before = input.before(&writer, &mut mistakes).await?;
    let now = session.store.clock().now();
    let id = before.as_ref().map_or_else(|| writer.id(), |row| row.id);
    let variants = input.variants.iter().enumerate();
    let variants: Vec<_> = variants
        .map(|(place, variant)| experiment_variant::Model {
            team_id: session.store.team().id,
            experiment_id: id,
            place: i32::try_from(place).unwrap_or(i32::MAX),
            name: variant.name.clone(),
            exposures: variant.exposures.into(),
            conversions: variant.conversions.into(),
            value: variant.micros(place, &mut mistakes),
            currency: session.store.team().currency.clone(),
        })
        .collect();
    if !mistakes.is_empty() {
        return Ok(Err(mistakes));
    }
    let row = experiment::Model {
        team_id: session.store.team().id,
        id,
        name: input.name,
        hypothesis: input.hypothesis,
        starts_on: input.starts_on.0,
        ends_on: input.ends_on.map(|day| day.0),
        created_at: before.as_ref().map_or(now, |row| row.created_at),
        updated_at: now,
        version: before.as_ref().map_or(0, |row| row.version) + 1,
    };
    match before {
        None => {
            writer
                .insert::<experiment::Entity>(vec![row.clone()])
                .await?
        }
        Some(before) => {
            if !writer
                .update_experiment(row.clone(), before.version)
                .await?
            {
                let current = writer.experiments_by_id(&[row.id]).await?.remove(&row.id);
                mistakes.conflict(before.version, current.map_or(0, |row| row.version));
                return Ok(Err(mistakes));
            }
        }
    }
    writer.set_variants(id, variants).await?;
    writer.commit().await?;
    session.forget_loaded();
    Ok(Ok(Experiment(row)))
}

/// Deletes an experiment. Its counts are gone: the payload shows it without variants.
pub async fn delete(
    ctx: &Context<'_>,
    input: DeleteExperimentInput,
) -> ApiResult<Outcome<Experiment>> {
    let session = Session::with_scope(ctx, Scope::GoalsWrite)?;
    let writer: TeamWriter = session.begin(ctx).await?;
    let mut mistakes = Mistakes::default();
    let Some(row) = known(&writer, &input.id, input.version, &mut mistakes).await? else {
        return Ok(Err(mistakes));
    };
    writer.delete_experiment(row.id).await?;
    writer.commit().await?;
    session.forget_loaded();
    Ok(Ok(Experiment(row)))
}

impl SetExperimentInput {
    /// The experiment to change, if there is one.
    async fn before(
        &self,
        store: &TeamStore,
        mistakes: &mut Mistakes,
    ) -> ApiResult<Option<experiment::Model>> {
        let named = store.experiment_named(&self.name).await?;
        let Some(id) = &self.id else {
            return Ok(match (named, self.version) {
                (Some(row), Some(version)) if row.version != version => {
                    mistakes.conflict(version, row.version);
                    None
                }
                (None, Some(version)) => {
                    mistakes.conflict(version, 0);
                    None
                }
                (named, _) => named,
            });
        };
        let Some(version) = self.version else {
            mistakes.invalid("input.version", "input.version: it is needed with input.id");
            return Ok(None);
        };
        let row = known(store, id, version, mistakes).await?;
        if let (Some(row), Some(named)) = (&row, &named)
            && row.id != named.id
        {
            let text = "input.name: another experiment of the team has this name";
            mistakes.taken("input.name", text);
        }
        Ok(row)
    }

    fn check(&self, mistakes: &mut Mistakes) {
        mistakes.check_name("input.name", &self.name, 200);
        let length = self
            .hypothesis
            .as_ref()
            .map_or(0, |text| text.chars().count());
        if length > 2000 {
            let text =
                format!("input.hypothesis: {length} characters were given; up to 2000 are allowed");
            mistakes.invalid("input.hypothesis", text);
        }
        if let Some(last) = &self.ends_on
            && last.0 < self.starts_on.0
        {
            let text = format!(
                "input.endsOn: {} lies before startsOn {}",
                last.0, self.starts_on.0
            );
            mistakes.invalid("input.endsOn", text);
        }
        if !(2..=MOST_VARIANTS).contains(&self.variants.len()) {
            let text = format!(
                "input.variants: {} were given; 2 to {MOST_VARIANTS} are allowed",
                self.variants.len()
            );
            mistakes.invalid("input.variants", text);
        }
        for (place, variant) in self.variants.iter().enumerate() {
            let path = format!("input.variants[{place}]");
            mistakes.check_name(&format!("{path}.name"), &variant.name, 200);
            if self.variants[..place]
                .iter()
                .any(|other| other.name == variant.name)
            {
                let path = format!("{path}.name");
                mistakes.taken(&path, format!("{path}: another variant has this name"));
            }
            if variant.exposures < 0 {
                let path = format!("{path}.exposures");
                let text = format!(
                    "{path}: {} was given; 0 or more is allowed",
                    variant.exposures
                );
                mistakes.invalid(&path, text);
            }
            if !(0..=variant.exposures.max(0)).contains(&variant.conversions) {
                let path = format!("{path}.conversions");
                let text = format!(
                    "{path}: {} was given; 0 to exposures, {}, is allowed",
                    variant.conversions, variant.exposures
                );
                mistakes.invalid(&path, text);
            }
        }
    }
}

impl ExperimentVariantInput {
    fn micros(&self, place: usize, mistakes: &mut Mistakes) -> Option<i64> {
        let value = self.value?;
        let micros = value
            .checked_mul(Decimal::from(1_000_000))
            .filter(|micros| micros.fract().is_zero() && *micros >= Decimal::ZERO)
            .and_then(|micros| micros.to_i64());
        if micros.is_none() {
            let path = format!("input.variants[{place}].value");
            let text = format!(
                "{path}: {value} is not allowed; 0 to 9.2 trillion with up to 6 decimal places is"
            );
            mistakes.invalid(&path, text);
        }
        micros
    }
}

/// The experiment with this id, if it is still at this version.
async fn known(
    store: &TeamStore,
    id: &ID,
    version: i32,
    mistakes: &mut Mistakes,
) -> ApiResult<Option<experiment::Model>> {
    let found = match GlobalId::expect("input.id", id, NodeType::Experiment) {
        Ok(id) => store.experiments_by_id(&[id]).await?.remove(&id),
        Err(_) => None,
    };
    match found {
        None => mistakes.not_found("input.id", "input.id: there is no experiment with this id"),
        Some(row) if row.version != version => mistakes.conflict(version, row.version),
        Some(row) => return Ok(Some(row)),
    }
    Ok(None)
}
