//! What happens beside campaigns: other costs, survey answers, published content, exchange rates.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use entity::{
    content_item, cost_day, cost_item, fx_rate, survey_response,
    values::{CostAllocation, CostKind, SurveyKind},
};

use super::{
    chance::Chance,
    channels::Channel,
    money::{CURRENCY, DOLLAR},
    plan::Plan,
    rhythm::at,
    rows::Rows,
    shop::Shop,
};
use crate::{
    store::{TeamWriter, split_evenly},
    time::DateRange,
};

/// Name, kind, dollars a month, and whether it serves to win customers.
const COSTS: [(&str, CostKind, i64, bool); 5] = [
    ("Performance agency", CostKind::Agency, 3_500, true),
    ("Marketing tools", CostKind::Tools, 1_150, false),
    ("Growth team", CostKind::Salaries, 5_800, true),
    ("Retention team", CostKind::Salaries, 3_400, false),
    ("Content production", CostKind::Content, 900, false),
];
const TITLES: [&str; 8] = [
    "How to set up a standing desk",
    "Five chairs for long days",
    "What an ergonomic office costs",
    "Light that keeps you awake",
    "A quiet corner in an open office",
    "Equipping a team of fifty",
    "Cables out of sight",
    "Sitting, standing, walking",
];
const NPS: [(i32, u32); 11] = [
    (10, 28),
    (9, 24),
    (8, 17),
    (7, 12),
    (6, 6),
    (5, 5),
    (4, 2),
    (3, 2),
    (2, 1),
    (1, 1),
    (0, 2),
];
const CSAT: [(i32, u32); 5] = [(5, 50), (4, 30), (3, 12), (2, 5), (1, 3)];

/// Adds the costs of a month, spread evenly over its days, as far as they lie in `days`: a month that is under way
/// costs only what its days so far have cost.
pub fn costs(writer: &TeamWriter, month: DateRange, days: DateRange, rows: &mut Rows) {
    for (name, kind, dollars, acquisition) in COSTS {
        let id = writer.id();
        let shares: Vec<cost_day::Model> = split_evenly(dollars * DOLLAR, month)
            .filter(|(day, _)| days.contains(*day))
            .map(|(day, amount)| cost_day::Model {
                team_id: 0,
                cost_item_id: id,
                day,
                amount,
            })
            .collect();
        rows.cost_items.push(cost_item::Model {
            team_id: 0,
            id,
            name: format!("{name} {}", days.from.format("%Y-%m")),
            kind,
            starts_on: days.from,
            ends_on: days.to,
            amount: shares.iter().map(|share| share.amount).sum(),
            currency: CURRENCY.to_owned(),
            acquisition,
            campaign_id: 0,
            channel_id: 0,
            allocation: CostAllocation::None,
        });
        rows.cost_days.extend(shares);
    }
}

/// Adds the answers of a day: buyers are asked after five days whether they are content, after two weeks whether they
/// would recommend the shop.
pub fn surveys(shop: &Shop<'_>, day: NaiveDate, rows: &mut Rows) {
    let mut chance = Chance::of(day, "surveys");
    for (survey, kind, scores, asked_after, a_day) in [
        ("After purchase", SurveyKind::Csat, CSAT.as_slice(), 5, 3.0),
        ("Recommendation", SurveyKind::Nps, NPS.as_slice(), 14, 2.4),
    ] {
        let bought = day.checked_sub_days(Days::new(asked_after));
        for _ in 0..chance.part(a_day, 0.7, 1.3) {
            let customer_id = shop.buyer(bought, &mut chance);
            rows.surveys.push(survey_response::Model {
                team_id: 0,
                id: shop.writer.id(),
                survey: survey.to_owned(),
                kind,
                customer_id,
                score: chance.weighted(scores).unwrap_or_default(),
                scale_max: if kind == SurveyKind::Nps { 10 } else { 5 },
                answered_at: at(day, 8 + chance.below(14), chance.below(3_600)),
                day,
            });
        }
    }
}

/// Adds the blog post of Wednesdays and the video of a month's first Monday.
pub fn content(writer: &TeamWriter, plan: &Plan, day: NaiveDate, rows: &mut Rows) {
    let (kind, channel) = match day.weekday() {
        Weekday::Wed => ("blog", Channel::OrganicSearch),
        Weekday::Mon if day.day() <= 7 => ("video", Channel::YouTube),
        _ => return,
    };
    let title = Chance::of(day, "content").pick(&TITLES);
    rows.contents.push(content_item::Model {
        team_id: 0,
        id: writer.id(),
        title: (*title).to_owned(),
        kind: kind.to_owned(),
        url: Some(format!("https://www.example.com/{kind}/{day}")),
        published_at: at(day, 9, 0),
        day,
        campaign_id: 0,
        channel_id: plan.channel(channel),
    });
}

/// Adds the rates of the Mondays of the weeks that `days` touches.
pub fn rates(days: DateRange, rows: &mut Rows) {
    let mondays = days
        .iter()
        .filter(|day| day.weekday() == Weekday::Mon || *day == days.from)
        .map(|day| day.week(Weekday::Mon).first_day());
    rows.rates.extend(mondays.map(|day| fx_rate::Model {
        team_id: 0,
        from_currency: "EUR".to_owned(),
        to_currency: CURRENCY.to_owned(),
        day,
        // Four decimals, as banks publish them.
        rate_nanos: Chance::of(day, "EUR").part(1.0, 10_700.0, 11_500.0) * 100_000,
        source: "demo".to_owned(),
    }));
}
