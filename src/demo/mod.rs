//! The demo team: the marketing of a made-up shop for office furniture that also sells to companies.
//!
//! Every row follows from its calendar day and its names alone, so that a past day has the same numbers whenever the
//! demo was made. What is decided later (open deals, refunds up to 12 days after an order) settles with time.

mod beside;
mod campaigns;
mod chance;
mod channels;
mod daily;
mod goals;
mod insight;
mod money;
mod orders;
mod outside;
mod people;
mod pipeline;
mod plan;
mod rhythm;
mod rows;
mod shop;

use chrono::NaiveDate;
use entity::values::Basis;

use crate::{
    auth::TeamSlug,
    error::{Error, Result},
    store::{
        CampaignFilter, ChannelFilter, CustomerFilter, FactTable, NewTeam, Store, TeamStore,
        TeamWriter,
    },
    time::{Calendar, Clock, DateRange, Grain, WeekStart},
};
use channels::Channel;
use plan::Plan;
use rhythm::FIRST_DAY;
use rows::Rows;
use shop::Shop;

/// The demo team's slug.
pub const SLUG: &str = "acme";

const CALENDAR: Calendar = Calendar {
    time_zone: chrono_tz::Tz::UTC,
    week_start: WeekStart::Monday,
    fiscal_year_start_month: 1,
};

/// Makes the team `acme` and fills it with the days from 2025-01-01 through yesterday by `clock`.
///
/// The rows are one transaction, so that a start that was killed leaves the team with all of them or none. A team
/// `acme` without data is filled; one that has channels, campaigns or customers stays as it is.
///
/// # Errors
/// A clock that stands before 2025-01-02; failures of the database.
pub async fn fill(store: &Store, clock: Clock) -> Result<TeamStore> {
    let today = CALENDAR.today(clock.now());
    let days = today
        .pred_opt()
        .and_then(|yesterday| DateRange::new(FIRST_DAY, yesterday))
        .ok_or_else(|| Error::invalid("clock", today, "the demo's first day is 2025-01-01"))?;
    fill_days(store, clock, days).await
}

/// As [`fill`], with other days: for tests that want a few. Days after yesterday by `clock` are left out. The shop
/// opens on the first day: what would follow from earlier days (deals with earlier leads, accounts of earlier buyers)
/// is not there.
///
/// # Errors
/// No day before today by `clock`; failures of the database.
pub async fn fill_days(store: &Store, clock: Clock, days: DateRange) -> Result<TeamStore> {
    let past = DateRange {
        from: NaiveDate::MIN,
        to: CALENDAR.today(clock.now()).pred_opt().unwrap_or(days.to),
    };
    let days = days
        .intersect(&past)
        .ok_or_else(|| Error::invalid("days", days, "they must begin before today"))?;
    let team = team(store).await?;
    let writer = team.begin_bulk("demo").await?;
    if has_data(&writer).await? {
        return Ok(team);
    }
    let months: Vec<DateRange> = CALENDAR
        .buckets(Grain::Month, days)
        .map(|month| CALENDAR.range(month))
        .collect();
    let plan = Plan::write(&writer, &months).await?;
    let mut shop = Shop::new(&writer, &plan, days.to);
    for (place, whole) in months.iter().enumerate() {
        if let Some(days) = whole.intersect(&days) {
            let rows = month(&writer, &plan, &mut shop, *whole, days);
            rows.write(&writer).await?;
        }
        if (place + 1).is_power_of_two() {
            writer.refresh_statistics(&LARGE_TABLES).await?;
        }
    }
    writer.refresh_statistics(&LARGE_TABLES).await?;
    writer.refresh_order_days(&shop.customers).await?;
    writer.refresh_stages(&shop.customers).await?;
    insight::write(&writer, &plan).await?;
    goals::write(&writer, &plan, days.to).await?;
    note_loads(&writer, days).await?;
    writer.commit().await?;
    Ok(team)
}

/// The tables whose rows refer to many others.
const LARGE_TABLES: [FactTable; 6] = [
    FactTable::AdDay,
    FactTable::Orders,
    FactTable::StageEvent,
    FactTable::Opportunity,
    FactTable::Touchpoint,
    FactTable::Conversion,
];

/// The team, made if need be.
async fn team(store: &Store) -> Result<TeamStore> {
    let administration = store.administer();
    let teams = administration.teams().await?;
    if teams.iter().any(|team| team.slug == SLUG) {
        return administration.team(SLUG).await;
    }
    let slug: TeamSlug = SLUG
        .parse()
        .map_err(|error| Error::Internal(format!("the demo team's slug: {error}")))?;
    let team = NewTeam {
        slug,
        name: "Acme".to_owned(),
        currency: iso_currency::Currency::USD,
        time_zone: CALENDAR.time_zone,
        week_start: CALENDAR.week_start,
        fiscal_year_start_month: CALENDAR.fiscal_year_start_month,
        ad_basis: Basis::PlatformReported,
    };
    administration.create_team(&team).await
}

async fn has_data(team: &TeamStore) -> Result<bool> {
    let channels = ChannelFilter {
        archived: true,
        ..ChannelFilter::default()
    };
    Ok(team.channel_count(&channels).await? > 0
        || team.campaign_count(&CampaignFilter::default()).await? > 0
        || team.customer_count(&CustomerFilter::default()).await? > 0)
}

/// The rows of those days of a month that are wanted.
fn month(
    writer: &TeamWriter,
    plan: &Plan,
    shop: &mut Shop<'_>,
    whole: DateRange,
    days: DateRange,
) -> Rows {
    let mut rows = Rows::default();
    beside::costs(writer, whole, days, &mut rows);
    beside::rates(days, &mut rows);
    for day in days.iter() {
        let ads = daily::ads(plan, day);
        let web = daily::web(plan, day, &ads);
        outside::people_of_day(day, &ads, &web, &mut rows);
        outside::figures(plan, day, &mut rows);
        rows.web.extend(web);
        rows.ads.extend(ads);
        rows.email.extend(daily::email(plan, day));
        rows.social.push(daily::social(plan, day));
        shop.day(day, &mut rows);
        beside::surveys(shop, day, &mut rows);
        beside::content(writer, plan, day, &mut rows);
    }
    if days == whole {
        outside::people_of_month(days, &mut rows);
    }
    rows
}

async fn note_loads(writer: &TeamWriter, days: DateRange) -> Result<()> {
    let ads = [
        Channel::GoogleAds.system(),
        Channel::MetaAds.system(),
        Channel::LinkedInAds.system(),
    ];
    let others = [
        (daily::WEB_SOURCE, FactTable::WebDay),
        (Channel::Newsletter.system(), FactTable::EmailDay),
        (daily::SOCIAL_SOURCE, FactTable::SocialDay),
        (shop::SHOP_SOURCE, FactTable::Orders),
        (shop::SHOP_SOURCE, FactTable::Refund),
        (shop::SHOP_SOURCE, FactTable::Conversion),
        (shop::SHOP_SOURCE, FactTable::SurveyResponse),
        (shop::SHOP_SOURCE, FactTable::ContentItem),
        (outside::COUNTER, FactTable::PeopleCount),
        (outside::RESEARCH, FactTable::OutsideDay),
        (shop::CRM_SOURCE, FactTable::StageEvent),
        (shop::CRM_SOURCE, FactTable::Opportunity),
        (shop::CRM_SOURCE, FactTable::Touchpoint),
    ];
    let loads = ads.map(|source| (source, FactTable::AdDay));
    for (source, table) in loads.into_iter().chain(others) {
        writer.note_load(source, table, Some(days)).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
