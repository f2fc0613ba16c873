//! Creating, updating and archiving campaigns.

use async_graphql::{Context, ID, InputObject, MaybeUndefined};
use chrono::NaiveDate;
use entity::{
    budget, campaign,
    values::{CampaignStatus, Objective, RefEntity},
};
use rust_decimal::Decimal;

use super::{
    GlobalId, Session,
    campaign::Campaign,
    campaign_budget::{flight_budget, moved_budget},
    external_ref::ExternalRefInput,
    global_id::NodeType,
    payload::{Mistakes, Outcome, payload},
    scalars::Date,
};
use crate::{
    auth::Scope,
    error::ApiResult,
    store::{RefKey, TeamStore, TeamWriter},
};

/// A new campaign.
#[derive(InputObject)]
pub struct CreateCampaignInput {
    /// Its name, 1 to 300 characters.
    name: String,
    /// What it is for.
    objective: Objective,
    /// Where it stands. Default: DRAFT.
    status: Option<CampaignStatus>,
    /// The first day of its flight.
    starts_on: Option<Date>,
    /// The last day of its flight, included.
    ends_on: Option<Date>,
    /// What it may spend over its flight, in units of the team's currency; needs both ends of the flight.
    budget: Option<Decimal>,
    /// The tags on its links.
    utm: Option<UtmInput>,
    /// The channels that it runs on.
    channels: Option<Vec<ID>>,
    /// The names that other systems have for it.
    external_refs: Option<Vec<ExternalRefInput>>,
}

/// Changes to a campaign. What is left out stays; null clears what may be empty.
#[derive(InputObject)]
pub struct UpdateCampaignInput {
    /// Which campaign.
    id: ID,
    /// The version that the caller has read.
    version: i32,
    /// Its name, 1 to 300 characters.
    name: Option<String>,
    /// What it is for.
    objective: Option<Objective>,
    /// Where it stands.
    status: Option<CampaignStatus>,
    /// The first day of its flight.
    starts_on: MaybeUndefined<Date>,
    /// The last day of its flight, included.
    ends_on: MaybeUndefined<Date>,
    /// What it may spend over its flight; null removes the budget.
    budget: MaybeUndefined<Decimal>,
    /// The tags on its links; replaces all five.
    utm: MaybeUndefined<UtmInput>,
    /// The channels that it runs on; replaces those it has.
    channels: Option<Vec<ID>>,
}

/// A row to put away.
#[derive(InputObject)]
pub struct ArchiveInput {
    /// Which row.
    pub id: ID,
    /// The version that the caller has read.
    pub version: i32,
}

/// The tags on a campaign's links, up to 200 characters each.
#[derive(InputObject, Default, Clone)]
pub struct UtmInput {
    /// `utm_source`.
    source: Option<String>,
    /// `utm_medium`.
    medium: Option<String>,
    /// `utm_campaign`.
    campaign: Option<String>,
    /// `utm_term`.
    term: Option<String>,
    /// `utm_content`.
    content: Option<String>,
}

payload!(CreateCampaignPayload, campaign: Campaign, "The campaign. Null when there are mistakes.");
payload!(UpdateCampaignPayload, campaign: Campaign, "The campaign. Null when there are mistakes.");
payload!(ArchiveCampaignPayload, campaign: Campaign, "The campaign. Null when there are mistakes.");

/// Makes a campaign.
pub async fn create(ctx: &Context<'_>, input: CreateCampaignInput) -> ApiResult<Outcome<Campaign>> {
    let session = Session::with_scope(ctx, Scope::CampaignsWrite)?;
    let writer = session.begin(ctx).await?;
    let now = session.store.clock().now();
    let mut row = campaign::Model {
        team_id: session.store.team().id,
        id: writer.id(),
        name: input.name,
        objective: input.objective,
        status: input.status.unwrap_or(CampaignStatus::Draft),
        starts_on: input.starts_on.map(|day| day.0),
        ends_on: input.ends_on.map(|day| day.0),
        utm_source: None,
        utm_medium: None,
        utm_campaign: None,
        utm_term: None,
        utm_content: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    row.set_utm(input.utm.unwrap_or_default());
    let mut mistakes = Mistakes::default();
    check(&row, &mut mistakes);
    let budget = input
        .budget
        .and_then(|amount| flight_budget(&writer, &row, amount, &mut mistakes));
    let channels =
        known_channels(&writer, input.channels.unwrap_or_default(), &mut mistakes).await?;
    let refs = input.external_refs.unwrap_or_default();
    let names = ExternalRefInput::free(&writer, RefEntity::Campaign, &refs, &mut mistakes).await?;
    if !mistakes.is_empty() {
        return Ok(Err(mistakes));
    }
    writer.insert::<campaign::Entity>(vec![row.clone()]).await?;
    writer
        .add_campaign_channels(channels.iter().map(|channel| (row.id, *channel)))
        .await?;
    writer
        .set_budgets(row.id, budget.into_iter().collect())
        .await?;
    for (system, name) in names {
        writer
            .link(
                RefKey {
                    entity: RefEntity::Campaign,
                    system: &system,
                },
                [(name, row.id)],
            )
            .await?;
    }
    writer.commit().await?;
    session.forget_loaded();
    Ok(Ok(Campaign(row)))
}

/// Changes a campaign.
pub async fn update(ctx: &Context<'_>, input: UpdateCampaignInput) -> ApiResult<Outcome<Campaign>> {
    let session = Session::with_scope(ctx, Scope::CampaignsWrite)?;
    let writer = session.begin(ctx).await?;
    let mut mistakes = Mistakes::default();
    let Some(before) = known_campaign(&writer, &input.id, input.version, &mut mistakes).await?
    else {
        return Ok(Err(mistakes));
    };
    let mut row = before.clone();
    if let Some(name) = input.name {
        row.name = name;
    }
    row.objective = input.objective.unwrap_or(row.objective);
    row.status = input.status.unwrap_or(row.status);
    set(&mut row.starts_on, input.starts_on);
    set(&mut row.ends_on, input.ends_on);
    match input.utm {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => row.set_utm(UtmInput::default()),
        MaybeUndefined::Value(utm) => row.set_utm(utm),
    }
    check(&row, &mut mistakes);
    let flight_moved = (row.starts_on, row.ends_on) != (before.starts_on, before.ends_on);
    let budgets = match input.budget {
        MaybeUndefined::Undefined if flight_moved => {
            moved_budget(&writer, &before, &row, &mut mistakes).await?
        }
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(vec![]),
        MaybeUndefined::Value(amount) => Some(
            flight_budget(&writer, &row, amount, &mut mistakes)
                .into_iter()
                .collect(),
        ),
    };
    let channels = match input.channels {
        None => None,
        Some(ids) => Some(known_channels(&writer, ids, &mut mistakes).await?),
    };
    if !mistakes.is_empty() {
        return Ok(Err(mistakes));
    }
    save(
        session,
        writer,
        row,
        input.version,
        Parts { channels, budgets },
    )
    .await
}

/// What belongs to a campaign and changes with it; `None` stays as it is.
#[derive(Default)]
struct Parts {
    channels: Option<Vec<i64>>,
    budgets: Option<Vec<budget::Model>>,
}

/// Puts a campaign away.
pub async fn archive(ctx: &Context<'_>, input: ArchiveInput) -> ApiResult<Outcome<Campaign>> {
    let session = Session::with_scope(ctx, Scope::CampaignsWrite)?;
    let writer = session.begin(ctx).await?;
    let mut mistakes = Mistakes::default();
    let Some(mut row) = known_campaign(&writer, &input.id, input.version, &mut mistakes).await?
    else {
        return Ok(Err(mistakes));
    };
    row.status = CampaignStatus::Archived;
    save(session, writer, row, input.version, Parts::default()).await
}

async fn save(
    session: &Session,
    writer: TeamWriter,
    mut row: campaign::Model,
    known_version: i32,
    parts: Parts,
) -> ApiResult<Outcome<Campaign>> {
    row.version = known_version + 1;
    row.updated_at = session.store.clock().now();
    if !writer.update_campaign(row.clone(), known_version).await? {
        let mut mistakes = Mistakes::default();
        let current = writer.campaigns_by_id(&[row.id]).await?.remove(&row.id);
        mistakes.conflict(known_version, current.map_or(0, |row| row.version));
        return Ok(Err(mistakes));
    }
    if let Some(channels) = parts.channels {
        writer.set_campaign_channels(row.id, &channels).await?;
    }
    if let Some(budgets) = parts.budgets {
        writer.set_budgets(row.id, budgets).await?;
    }
    writer.commit().await?;
    session.forget_loaded();
    Ok(Ok(Campaign(row)))
}

/// The campaign with this id, if it is still at this version.
async fn known_campaign(
    store: &TeamStore,
    id: &ID,
    version: i32,
    mistakes: &mut Mistakes,
) -> ApiResult<Option<campaign::Model>> {
    let found = match GlobalId::expect("input.id", id, NodeType::Campaign) {
        Ok(id) => store.campaigns_by_id(&[id]).await?.remove(&id),
        Err(_) => None,
    };
    match found {
        None => mistakes.not_found("input.id", "input.id: there is no campaign with this id"),
        Some(row) if row.version != version => mistakes.conflict(version, row.version),
        Some(row) => return Ok(Some(row)),
    }
    Ok(None)
}

async fn known_channels(
    store: &TeamStore,
    ids: Vec<ID>,
    mistakes: &mut Mistakes,
) -> ApiResult<Vec<i64>> {
    let mut wanted = Vec::new();
    for (place, id) in ids.iter().enumerate() {
        match GlobalId::expect("input.channels", id, NodeType::Channel) {
            Ok(id) => wanted.push((place, id)),
            Err(_) => no_channel(mistakes, place),
        }
    }
    let all: Vec<i64> = wanted.iter().map(|(_, id)| *id).collect();
    let found = store.channels_by_id(&all).await?;
    for (place, id) in &wanted {
        if !found.contains_key(id) {
            no_channel(mistakes, *place);
        }
    }
    Ok(found.into_keys().collect())
}

fn no_channel(mistakes: &mut Mistakes, place: usize) {
    let path = format!("input.channels[{place}]");
    mistakes.not_found(&path, format!("{path}: there is no channel with this id"));
}

fn check(row: &campaign::Model, mistakes: &mut Mistakes) {
    mistakes.check_name("input.name", &row.name, 300);
    if let (Some(from), Some(to)) = (row.starts_on, row.ends_on)
        && from > to
    {
        mistakes.invalid(
            "input.endsOn",
            format!("input.endsOn: {to} lies before startsOn {from}"),
        );
    }
    let tags = [
        ("source", &row.utm_source),
        ("medium", &row.utm_medium),
        ("campaign", &row.utm_campaign),
        ("term", &row.utm_term),
        ("content", &row.utm_content),
    ];
    for (name, tag) in tags {
        if tag.as_ref().is_some_and(|tag| tag.chars().count() > 200) {
            let path = format!("input.utm.{name}");
            mistakes.invalid(&path, format!("{path}: up to 200 characters are allowed"));
        }
    }
}

fn set(field: &mut Option<NaiveDate>, change: MaybeUndefined<Date>) {
    match change {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => *field = None,
        MaybeUndefined::Value(day) => *field = Some(day.0),
    }
}

trait SetUtm {
    fn set_utm(&mut self, utm: UtmInput);
}

impl SetUtm for campaign::Model {
    fn set_utm(&mut self, utm: UtmInput) {
        self.utm_source = utm.source;
        self.utm_medium = utm.medium;
        self.utm_campaign = utm.campaign;
        self.utm_term = utm.term;
        self.utm_content = utm.content;
    }
}
