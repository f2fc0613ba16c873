//! What others count for the demo team: people who saw ads and visited the site, searches for the brand, the market.

use chrono::{Datelike, NaiveDate, Weekday};
use entity::{ad_day, outside_day, people_count, values::PeopleKind, web_day};
use sea_orm::ActiveEnum;

use super::{
    chance::Chance,
    channels::Channel,
    money::{CURRENCY, DOLLAR},
    plan::Plan,
    rhythm::{Audience, level},
    rows::Rows,
};
use crate::time::DateRange;

/// Who counts people.
pub const COUNTER: &str = "google_analytics";
/// Who looks at the market.
pub const RESEARCH: &str = "market_research";
/// One of so many views is by somebody who has not been seen yet: on a day, and in a month.
const VIEWS_PER_PERSON: (i64, i64) = (3, 7);
const VISITS_PER_PERSON: (i64, i64, i64) = (100, 112, 149);
const PAGES: [&str; 4] = ["/chairs", "/desks", "/lamps", "/offices"];
const MILLION: i64 = 1_000_000;

/// Adds the people of a day: all who saw an ad, those of each campaign, and all who visited the site.
pub fn people_of_day(
    day: NaiveDate,
    ads: &[ad_day::Model],
    web: &[web_day::Model],
    rows: &mut Rows,
) {
    let days = DateRange { from: day, to: day };
    let (per_day, _) = VIEWS_PER_PERSON;
    count_reach(days, ads, per_day, rows);
    let (all, visits, _) = VISITS_PER_PERSON;
    count_visitors(days, web, (all, visits), rows);
}

/// Adds the people of a month that is over, who are fewer than those of its days together.
pub fn people_of_month(days: DateRange, rows: &mut Rows) {
    let within = |day: &NaiveDate| days.contains(*day);
    let ads: Vec<_> = rows
        .ads
        .iter()
        .filter(|row| within(&row.day))
        .cloned()
        .collect();
    let web: Vec<_> = rows
        .web
        .iter()
        .filter(|row| within(&row.day))
        .cloned()
        .collect();
    let (_, per_month) = VIEWS_PER_PERSON;
    count_reach(days, &ads, per_month, rows);
    let (all, _, visits) = VISITS_PER_PERSON;
    count_visitors(days, &web, (all, visits), rows);
}

fn count_reach(days: DateRange, ads: &[ad_day::Model], views: i64, rows: &mut Rows) {
    let mut campaigns: Vec<i64> = ads.iter().map(|row| row.campaign_id).collect();
    campaigns.sort_unstable();
    campaigns.dedup();
    let mut all = 0;
    for campaign in campaigns {
        let of_campaign = ads.iter().filter(|row| row.campaign_id == campaign);
        let people = of_campaign.map(|row| row.impressions).sum::<i64>() / views;
        all += people;
        rows.people.push(people_count::Model {
            campaign_id: campaign,
            ..counted(PeopleKind::Reach, days, people)
        });
    }
    // Some see the ads of several campaigns.
    rows.people
        .push(counted(PeopleKind::Reach, days, all * 4 / 5));
}

fn count_visitors(
    days: DateRange,
    web: &[web_day::Model],
    (all, visits): (i64, i64),
    rows: &mut Rows,
) {
    let sum = |figure: fn(&web_day::Model) -> i64| web.iter().map(figure).sum::<i64>();
    let users = sum(|row| row.sessions) * all / visits;
    for (kind, people) in [
        (PeopleKind::Users, users),
        (PeopleKind::NewUsers, users * 61 / 100),
        (
            PeopleKind::ConvertedUsers,
            sum(|row| row.converted_sessions) * 93 / 100,
        ),
    ] {
        rows.people.push(counted(kind, days, people));
    }
}

fn counted(kind: PeopleKind, days: DateRange, people: i64) -> people_count::Model {
    people_count::Model {
        team_id: 0,
        kind: kind.to_value(),
        from_day: days.from,
        to_day: days.to,
        source: COUNTER.to_owned(),
        campaign_id: 0,
        channel_id: 0,
        country: String::new(),
        device: String::new(),
        people,
    }
}

/// Adds what others count on a day: searches daily; auctions, pages and mentions on Mondays; the market at the end of a
/// month; what people know and think in the middle of a quarter.
pub fn figures(plan: &Plan, day: NaiveDate, rows: &mut Rows) {
    let mut chance = Chance::of(day, "outside");
    let busy = level(day, Audience::Consumers);
    let mut figures = vec![("brand_searches", chance.part(busy, 90.0, 130.0))];
    if day.weekday() == Weekday::Mon {
        let eligible = chance.part(busy, 38_000.0, 46_000.0);
        let shown = chance.part(eligible as f64, 0.48, 0.62);
        let scored = chance.part(busy, 40.0, 70.0);
        let positive = chance.part(scored as f64, 0.45, 0.6);
        figures.extend([
            ("eligible_impressions", eligible),
            ("search_impressions", shown),
            ("top_impressions", chance.part(shown as f64, 0.2, 0.3)),
            ("competitor_mentions", chance.part(busy, 120.0, 180.0)),
            ("scored_comments", scored),
            ("positive_comments", positive),
            ("negative_comments", chance.part(scored as f64, 0.1, 0.2)),
        ]);
        for page in PAGES {
            let mut chance = Chance::of(day, page);
            let views = chance.part(busy, 900.0, 1_600.0);
            let revenue = chance.part(views as f64, 0.4, 0.9);
            for (name, value) in [("unique_pageviews", views), ("page_revenue", revenue)] {
                let mut row = figure(plan, day, name, value);
                row.properties = format!(r#"{{"page":"{page}"}}"#);
                rows.figures.push(row);
            }
        }
    }
    if day.succ_opt().is_some_and(|next| next.day() == 1) {
        figures.push(("market_sales", chance.part(1.0, 2_600_000.0, 3_100_000.0)));
    }
    if day.day() == 15 && day.month() % 3 == 2 {
        figures.extend([
            ("awareness_asked", 1_000),
            ("aware_aided", chance.part(1_000.0, 0.32, 0.4)),
            ("aware_unaided", chance.part(1_000.0, 0.07, 0.12)),
            ("market_people", 400_000),
            ("exposed_people", chance.part(400_000.0, 0.2, 0.28)),
        ]);
    }
    let figures = figures
        .into_iter()
        .map(|(name, value)| figure(plan, day, name, value));
    rows.figures.extend(figures);
}

fn figure(plan: &Plan, day: NaiveDate, name: &str, value: i64) -> outside_day::Model {
    let auctions = matches!(
        name,
        "eligible_impressions" | "search_impressions" | "top_impressions"
    );
    let unit = if matches!(name, "market_sales" | "page_revenue") {
        DOLLAR
    } else {
        MILLION
    };
    outside_day::Model {
        team_id: 0,
        figure: name.to_owned(),
        day,
        source: RESEARCH.to_owned(),
        campaign_id: 0,
        channel_id: if auctions {
            plan.channel(Channel::GoogleAds)
        } else {
            0
        },
        country: String::new(),
        properties: "{}".to_owned(),
        value: value * unit,
        currency: CURRENCY.to_owned(),
    }
}
