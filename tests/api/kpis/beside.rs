//! What the shop's May has beside ads, orders and leads: mailings, social accounts, surveys, content, contacts, open
//! deals, people as others counted them.

use entity::{
    content_item, email_day, opportunity, outside_day, people_count, social_day, survey_response,
    touchpoint,
    values::{Outcome, PeopleKind, SurveyKind, TouchKind},
};
use kpigraph::{error::Result, store::TeamWriter};
use sea_orm::ActiveEnum;

use crate::fixtures::{day, deal, noon, units};

pub async fn write(writer: &TeamWriter) -> Result<()> {
    writer
        .insert::<email_day::Entity>(vec![email_day::Model {
            team_id: 0,
            campaign_id: 1,
            day: day("2026-05-12"),
            source: "mail".to_owned(),
            channel_id: 1,
            country: String::new(),
            device: String::new(),
            properties: "{}".to_owned(),
            sent: 1_000,
            delivered: 980,
            unique_opens: 490,
            machine_opens: 196,
            unique_clicks: 98,
            unsubscribes: 49,
            bounces: 20,
            complaints: 1,
        }])
        .await?;
    let account = |on: &str, followers| social_day::Model {
        team_id: 0,
        campaign_id: 0,
        day: day(on),
        source: "social".to_owned(),
        channel_id: 2,
        country: String::new(),
        device: String::new(),
        properties: "{}".to_owned(),
        followers,
        followers_gained: 0,
        followers_lost: 0,
        mentions: 0,
        engagements: 0,
        impressions: 0,
        likes: 0,
        shares: 0,
    };
    let busy = social_day::Model {
        followers_gained: 150,
        followers_lost: 50,
        mentions: 30,
        engagements: 440,
        impressions: 11_000,
        likes: 300,
        shares: 40,
        ..account("2026-05-20", 1_100)
    };
    // The account was last seen on April 28 and on May 20: what it had then stands until the next sight.
    writer
        .insert::<social_day::Entity>(vec![
            account("2026-04-01", 700),
            account("2026-04-28", 1_000),
            busy,
            account("2026-06-02", 9_999),
        ])
        .await?;
    let answer = |id, kind, customer_id, score, on: &str| survey_response::Model {
        team_id: 0,
        id,
        survey: "wave".to_owned(),
        kind,
        customer_id,
        score,
        scale_max: if kind == SurveyKind::Nps { 10 } else { 5 },
        answered_at: noon(on),
        day: day(on),
    };
    writer
        .insert::<survey_response::Entity>(vec![
            answer(1, SurveyKind::Nps, Some(1), 0, "2026-05-01"),
            answer(2, SurveyKind::Nps, Some(1), 10, "2026-05-02"),
            answer(3, SurveyKind::Nps, None, 9, "2026-05-02"),
            answer(4, SurveyKind::Nps, None, 7, "2026-05-02"),
            answer(5, SurveyKind::Nps, None, 3, "2026-05-02"),
            answer(6, SurveyKind::Csat, None, 5, "2026-05-03"),
            answer(7, SurveyKind::Csat, None, 4, "2026-05-03"),
            answer(8, SurveyKind::Csat, None, 3, "2026-05-03"),
            answer(9, SurveyKind::Csat, None, 2, "2026-05-03"),
        ])
        .await?;
    let post = |id, on: &str| content_item::Model {
        team_id: 0,
        id,
        title: format!("post {id}"),
        kind: "blog".to_owned(),
        url: None,
        published_at: noon(on),
        day: day(on),
        campaign_id: 0,
        channel_id: 1,
    };
    writer
        .insert::<content_item::Entity>(vec![post(1, "2026-05-06"), post(2, "2026-05-13")])
        .await?;
    let touch = |id, customer_id, kind, on: &str| touchpoint::Model {
        team_id: 0,
        id,
        customer_id,
        occurred_at: noon(on),
        day: day(on),
        kind,
        campaign_id: None,
        channel_id: None,
        utm_source: None,
        utm_medium: None,
        utm_campaign: None,
        referrer: None,
        properties: "{}".to_owned(),
    };
    writer
        .insert::<touchpoint::Entity>(vec![
            touch(1, 2, TouchKind::Call, "2026-05-01"),
            touch(2, 1, TouchKind::Call, "2026-05-01"),
            touch(3, 4, TouchKind::Visit, "2026-05-02"),
        ])
        .await?;
    let opened = |id, customer, on: &str, amount| opportunity::Model {
        customer_id: Some(customer),
        opened_on: Some(day(on)),
        closed_at: None,
        closed_on: None,
        ..deal(id, Outcome::Open, on, Some(units(amount)))
    };
    writer
        .insert::<opportunity::Entity>(vec![
            opened(5, 1, "2026-05-01", 1_000),
            opened(6, 4, "2026-05-03", 500),
        ])
        .await?;
    let counted = |kind: PeopleKind, people| people_count::Model {
        team_id: 0,
        kind: kind.to_value(),
        from_day: day("2026-05-01"),
        to_day: day("2026-05-31"),
        source: "counter".to_owned(),
        campaign_id: 0,
        channel_id: 0,
        country: String::new(),
        device: String::new(),
        people,
    };
    writer
        .insert::<people_count::Entity>(vec![
            counted(PeopleKind::Reach, 16_000),
            people_count::Model {
                campaign_id: 1,
                ..counted(PeopleKind::Reach, 7_000)
            },
            people_count::Model {
                campaign_id: 2,
                ..counted(PeopleKind::Reach, 12_000)
            },
            counted(PeopleKind::Users, 800),
            counted(PeopleKind::NewUsers, 500),
            counted(PeopleKind::ConvertedUsers, 20),
        ])
        .await?;
    let figure = |name: &str, on: &str, value| outside_day::Model {
        team_id: 0,
        figure: name.to_owned(),
        day: day(on),
        source: "others".to_owned(),
        campaign_id: 0,
        channel_id: 0,
        country: String::new(),
        properties: "{}".to_owned(),
        value: units(value),
        currency: "EUR".to_owned(),
    };
    let in_may = [
        ("search_impressions", 300),
        ("eligible_impressions", 500),
        ("top_impressions", 120),
        ("page_revenue", 120),
        ("unique_pageviews", 400),
        ("brand_searches", 700),
        ("competitor_mentions", 90),
        ("awareness_asked", 400),
        ("aware_aided", 300),
        ("aware_unaided", 100),
        ("scored_comments", 100),
        ("positive_comments", 60),
        ("negative_comments", 20),
        ("market_sales", 4_300),
        ("market_people", 1_000),
        ("exposed_people", 250),
    ];
    let mut figures: Vec<_> = in_may
        .iter()
        .map(|(name, value)| figure(name, "2026-05-15", *value))
        .collect();
    figures.push(figure("market_sales", "2026-04-15", 4_000));
    writer.insert::<outside_day::Entity>(figures).await
}
