//! What the command line may do beside any team: make teams, list them, open one by its slug.

use entity::{
    campaign, channel, team,
    values::{Basis, CampaignStatus, ChannelKind, Objective},
};
use sea_orm::{EntityTrait, IntoActiveModel, QueryOrder, SqlErr};

use super::{
    Store, TeamStore,
    connection::Sees,
    team::{Actor, next_id},
};
use crate::{
    auth::TeamSlug,
    error::{Error, Result},
    time::WeekStart,
};

/// The queue of writers of what belongs to no team yet.
const NO_TEAM: i64 = 0;

/// A team to be made.
#[derive(Clone, Debug)]
pub struct NewTeam {
    /// Its name in tokens and on the command line.
    pub slug: TeamSlug,
    /// Its name for people.
    pub name: String,
    /// The currency that its reports are in.
    pub currency: iso_currency::Currency,
    /// The zone that cuts its days.
    pub time_zone: chrono_tz::Tz,
    /// The first day of its weeks.
    pub week_start: WeekStart,
    /// The first month of its fiscal year, 1 to 12.
    pub fiscal_year_start_month: u32,
    /// The basis of advertising KPIs where a query names none.
    pub ad_basis: Basis,
}

/// Administration of teams: the one door to the database that needs no token.
pub struct Administration<'a> {
    store: &'a Store,
}

impl<'a> Administration<'a> {
    pub(super) fn new(store: &'a Store) -> Self {
        Self { store }
    }

    /// Every team, by slug.
    pub async fn teams(&self) -> Result<Vec<team::Model>> {
        Ok(team::Entity::find()
            .order_by_asc(team::Column::Slug)
            .all(&self.store.connection)
            .await?)
    }

    /// The store of a team; an error that names the slug when there is no such team.
    pub async fn team(&self, slug: &str) -> Result<TeamStore> {
        let (connection, actor) = (self.store.connection.counted_apart(), Actor::command_line());
        let found = self.store.for_slug(connection, slug, actor).await?;
        found.ok_or_else(|| {
            Error::invalid(
                "team",
                slug,
                "no team has this slug; `kpigraph team list` shows those there are",
            )
        })
    }

    /// Makes a team with the campaign and the channel that stand for "none".
    pub async fn create_team(&self, new: &NewTeam) -> Result<TeamStore> {
        let (id, now) = (next_id(self.store.clock), self.store.clock.now());
        let connection = self.store.connection.seeing(Sees::Team(id));
        let transaction = connection.begin(NO_TEAM, false).await?;
        let team = team::Model {
            id,
            slug: new.slug.as_str().to_owned(),
            name: new.name.clone(),
            currency: new.currency.code().to_owned(),
            time_zone: new.time_zone.name().to_owned(),
            week_start: match new.week_start {
                WeekStart::Monday => "MONDAY",
                WeekStart::Sunday => "SUNDAY",
                WeekStart::Saturday => "SATURDAY",
            }
            .to_owned(),
            fiscal_year_start_month: i32::try_from(new.fiscal_year_start_month).unwrap_or(1),
            ad_basis: new.ad_basis,
            churn_days: None,
            attribution: None,
            channel_rules: None,
            match_by_email: true,
            created_at: now,
            version: 1,
        };
        if let Err(error) = team::Entity::insert(team.clone().into_active_model())
            .exec_without_returning(&transaction)
            .await
        {
            return Err(match error.sql_err() {
                Some(SqlErr::UniqueConstraintViolation(_)) => {
                    Error::invalid("team", &team.slug, "a team with this slug exists")
                }
                _ => error.into(),
            });
        }
        let no_channel = channel::Model {
            team_id: team.id,
            id: 0,
            name: String::new(),
            kind: ChannelKind::Other,
            paid: false,
            archived: true,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let no_campaign = campaign::Model {
            team_id: team.id,
            id: 0,
            name: String::new(),
            objective: Objective::Awareness,
            status: CampaignStatus::Archived,
            starts_on: None,
            ends_on: None,
            utm_source: None,
            utm_medium: None,
            utm_campaign: None,
            utm_term: None,
            utm_content: None,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        channel::Entity::insert(no_channel.into_active_model())
            .exec_without_returning(&transaction)
            .await?;
        campaign::Entity::insert(no_campaign.into_active_model())
            .exec_without_returning(&transaction)
            .await?;
        transaction.commit().await?;
        self.team(new.slug.as_str()).await
    }
}
