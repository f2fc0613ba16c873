//! Daily facts of ads, web site, mailings and social accounts.

use chrono::{Datelike, NaiveDate, Weekday};
use entity::{ad_day, email_day, social_day, web_day};

use super::{
    campaigns::{Ads, CAMPAIGNS, Campaign},
    chance::Chance,
    channels::Channel,
    money::{CURRENCY, dollars},
    plan::Plan,
    rhythm::{Audience, FIRST_DAY, level},
};

/// The countries and their shares of the business.
pub const COUNTRIES: [(&str, f64); 3] = [("US", 0.5), ("DE", 0.28), ("GB", 0.22)];
/// The devices, their shares of clicks, and how readily people buy on them.
const DEVICES: [(&str, f64, f64); 2] = [("DESKTOP", 0.42, 1.24), ("MOBILE", 0.58, 0.83)];
/// The system that counts visits.
pub const WEB_SOURCE: &str = "google_analytics";
/// The system that counts followers.
pub const SOCIAL_SOURCE: &str = "instagram";

/// The advertising of every campaign that runs on a day, by country and device.
pub fn ads(plan: &Plan, day: NaiveDate) -> Vec<ad_day::Model> {
    let mut rows = Vec::new();
    let running = CAMPAIGNS.iter().filter(|campaign| campaign.runs_on(day));
    for (campaign, ads) in running.filter_map(|campaign| Some((campaign, campaign.ads?))) {
        for (country, size) in COUNTRIES {
            for (device, share, readiness) in DEVICES {
                let mut row = empty_ad_row(plan, campaign, day, country, device);
                let name = format!("{} {country} {device}", campaign.key);
                let spend = ads.spend * level(day, campaign.audience) * size * share;
                advertise(&mut row, &ads, spend, readiness, Chance::of(day, &name));
                rows.push(row);
            }
        }
    }
    rows
}

fn advertise(row: &mut ad_day::Model, ads: &Ads, spend: f64, readiness: f64, mut chance: Chance) {
    let spend = spend * chance.between(0.85, 1.15);
    let clicks = spend / (ads.click_cost * chance.between(0.92, 1.08));
    row.spend = dollars(spend);
    row.clicks = chance.about(clicks);
    row.impressions = chance
        .part(clicks / ads.click_rate, 0.9, 1.1)
        .max(row.clicks);
    row.video_views = chance.about(row.impressions as f64 * ads.view_rate);
    row.watch_seconds = row.video_views * 11 + row.clicks % 7;
    row.engagements = row.clicks + chance.about(row.impressions as f64 * 0.004);
    let conversions =
        row.clicks as f64 * ads.conversion_rate * readiness * chance.between(0.7, 1.3);
    let hundredths = (conversions * 100.0).round();
    row.conversions = hundredths as i64 * 10_000;
    row.conversion_value =
        dollars(hundredths / 100.0 * ads.conversion_value * chance.between(0.9, 1.1));
}

fn empty_ad_row(
    plan: &Plan,
    campaign: &Campaign,
    day: NaiveDate,
    country: &str,
    device: &str,
) -> ad_day::Model {
    ad_day::Model {
        team_id: 0,
        campaign_id: plan.campaign(campaign),
        day,
        source: campaign.channel.system().to_owned(),
        channel_id: plan.channel(campaign.channel),
        country: country.to_owned(),
        device: device.to_owned(),
        properties: "{}".to_owned(),
        impressions: 0,
        clicks: 0,
        video_views: 0,
        watch_seconds: 0,
        engagements: 0,
        spend: 0,
        conversions: 0,
        conversion_value: 0,
        currency: CURRENCY.to_owned(),
    }
}

/// The visits of a day by campaign or channel, and device. Those of campaigns follow from the clicks in `ads`.
pub fn web(plan: &Plan, day: NaiveDate, ads: &[ad_day::Model]) -> Vec<web_day::Model> {
    let busy = level(day, Audience::Consumers);
    let mut rows = Vec::new();
    for (device, share, readiness) in DEVICES {
        for campaign in CAMPAIGNS.iter().filter(|campaign| campaign.runs_on(day)) {
            let id = plan.campaign(campaign);
            let clicks: i64 = ads
                .iter()
                .filter(|row| row.campaign_id == id && row.device == device)
                .map(|row| row.clicks)
                .sum();
            let (visits, rate) = match campaign.ads {
                Some(ads) => (
                    clicks as f64 * 0.86,
                    (ads.conversion_rate * 0.95).max(0.012),
                ),
                None if mails_on(day) => (240.0 * busy * share, 0.03),
                None => (40.0 * busy * share, 0.026),
            };
            let way = (id, plan.channel(campaign.channel), campaign.key);
            rows.push(visits_row(way, day, device, visits, rate * readiness));
        }
        for channel in Channel::ALL {
            if let Some((visits, rate)) = channel.visits() {
                let way = (0, plan.channel(channel), channel.name());
                let visits = visits * busy * share;
                rows.push(visits_row(way, day, device, visits, rate * readiness));
            }
        }
    }
    rows
}

/// What web analytics takes an order for, in micros.
const WEB_ORDER: i64 = 60_000_000;

fn visits_row(
    (campaign_id, channel_id, name): (i64, i64, &str),
    day: NaiveDate,
    device: &str,
    visits: f64,
    rate: f64,
) -> web_day::Model {
    let mut chance = Chance::of(day, &format!("web {name} {device}"));
    let sessions = chance.part(visits, 0.9, 1.1);
    let visits = sessions as f64;
    let engaged = chance.part(visits, 0.54, 0.64);
    let converted_sessions = chance
        .part(visits * rate, 0.8, 1.2)
        .min(engaged.min(sessions));
    web_day::Model {
        team_id: 0,
        campaign_id,
        day,
        source: WEB_SOURCE.to_owned(),
        channel_id,
        country: String::new(),
        device: device.to_owned(),
        properties: "{}".to_owned(),
        landing_page: format!("/{}", name.to_lowercase().replace(' ', "-")),
        sessions,
        engaged_sessions: engaged.min(sessions),
        converted_sessions,
        pageviews: sessions + chance.part(visits, 1.8, 2.6),
        engagement_seconds: chance.part(visits, 55.0, 85.0),
        // One visit in ten that converts does so twice.
        key_events: converted_sessions + converted_sessions / 10,
        revenue: converted_sessions * WEB_ORDER,
        currency: CURRENCY.to_owned(),
    }
}

fn mails_on(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Tue | Weekday::Thu)
}

/// The newsletter of a day, on Tuesdays and Thursdays.
pub fn email(plan: &Plan, day: NaiveDate) -> Option<email_day::Model> {
    let newsletter = CAMPAIGNS
        .iter()
        .find(|campaign| campaign.channel == Channel::Newsletter)?;
    if !mails_on(day) {
        return None;
    }
    let mut chance = Chance::of(day, "email");
    let days = (day - FIRST_DAY).num_days().max(0);
    let sent = 6_000 + 7 * days + chance.about(40.0);
    let bounces = chance.part(sent as f64, 0.012, 0.022);
    let delivered = sent - bounces;
    let mut of_delivered = |low, high| chance.part(delivered as f64, low, high);
    Some(email_day::Model {
        team_id: 0,
        campaign_id: plan.campaign(newsletter),
        day,
        source: newsletter.channel.system().to_owned(),
        channel_id: plan.channel(newsletter.channel),
        country: String::new(),
        device: String::new(),
        properties: "{}".to_owned(),
        sent,
        delivered,
        unique_opens: of_delivered(0.34, 0.42),
        machine_opens: of_delivered(0.13, 0.18),
        unique_clicks: of_delivered(0.026, 0.038),
        unsubscribes: of_delivered(0.0012, 0.0026),
        bounces,
        complaints: of_delivered(0.00005, 0.0002),
    })
}

/// The social account on a day.
pub fn social(plan: &Plan, day: NaiveDate) -> social_day::Model {
    let followers: i64 = FIRST_DAY
        .iter_days()
        .take_while(|past| *past <= day)
        .map(|past| followers_change(past).0 - followers_change(past).1)
        .sum();
    let (gained, lost) = followers_change(day);
    let mut chance = Chance::of(day, "social");
    let busy = level(day, Audience::Consumers);
    let mut seen = Chance::of(day, "social posts");
    social_day::Model {
        team_id: 0,
        campaign_id: 0,
        day,
        source: SOCIAL_SOURCE.to_owned(),
        channel_id: plan.channel(Channel::OrganicSocial),
        country: String::new(),
        device: String::new(),
        properties: "{}".to_owned(),
        followers: 12_400 + followers,
        followers_gained: gained,
        followers_lost: lost,
        mentions: chance.part(busy, 4.0, 11.0),
        engagements: chance.part(busy, 260.0, 420.0),
        impressions: seen.part(busy, 5_200.0, 8_800.0),
        likes: seen.part(busy, 150.0, 230.0),
        shares: seen.part(busy, 12.0, 30.0),
    }
}

/// Followers gained and lost on a day.
fn followers_change(day: NaiveDate) -> (i64, i64) {
    let mut chance = Chance::of(day, "followers");
    let gained = chance.part(1.0, 14.0, 26.0);
    (gained, chance.part(1.0, 3.0, 9.0))
}
