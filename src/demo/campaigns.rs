//! The demo team's campaigns: what they are for, when they run, how they perform.

use chrono::NaiveDate;
use entity::values::{CampaignStatus, Objective};

use super::{channels::Channel, rhythm::Audience};

/// A campaign of the demo team.
#[derive(Debug)]
pub struct Campaign {
    /// Its name for people.
    pub name: &'static str,
    /// Its UTM name; its external id too.
    pub key: &'static str,
    /// Where it runs.
    pub channel: Channel,
    /// What it is for.
    pub objective: Objective,
    /// Where it stands.
    pub status: CampaignStatus,
    /// Its first and last day; without them it runs all the time.
    pub flight: Option<(NaiveDate, NaiveDate)>,
    /// The last day on which it ran, where it stopped before its flight ended.
    pub stopped: Option<NaiveDate>,
    /// Whom it addresses.
    pub audience: Audience,
    /// What its people weigh, as buyers and as leads.
    pub weights: (u32, u32),
    /// How its advertising performs; `None` where nothing is advertised.
    pub ads: Option<Ads>,
}

/// What a campaign's advertising costs and brings on average.
#[derive(Clone, Copy, Debug)]
pub struct Ads {
    /// Spend on an average day, in dollars.
    pub spend: f64,
    /// Dollars for a click.
    pub click_cost: f64,
    /// Clicks for an impression.
    pub click_rate: f64,
    /// Conversions for a click.
    pub conversion_rate: f64,
    /// Dollars that the platform counts for a conversion.
    pub conversion_value: f64,
    /// Video views for an impression.
    pub view_rate: f64,
}

impl Campaign {
    /// Whether it runs on a day.
    pub fn runs_on(&self, day: NaiveDate) -> bool {
        self.status != CampaignStatus::Draft
            && self
                .flight
                .is_none_or(|(from, to)| from <= day && day <= to)
            && self.stopped.is_none_or(|last| day <= last)
    }
}

const fn ads(
    spend: f64,
    click_cost: f64,
    click_rate: f64,
    conversion_rate: f64,
    conversion_value: f64,
) -> Option<Ads> {
    Some(Ads {
        spend,
        click_cost,
        click_rate,
        conversion_rate,
        conversion_value,
        view_rate: 0.0,
    })
}

const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(day) => day,
        None => NaiveDate::MAX,
    }
}

/// What most campaigns have in common.
const ALWAYS_ON: Campaign = Campaign {
    name: "",
    key: "",
    channel: Channel::GoogleAds,
    objective: Objective::Sales,
    status: CampaignStatus::Active,
    flight: None,
    stopped: None,
    audience: Audience::Consumers,
    weights: (0, 0),
    ads: None,
};

/// Every campaign.
pub static CAMPAIGNS: [Campaign; 13] = [
    Campaign {
        name: "Brand Search",
        key: "brand-search",
        weights: (14, 6),
        ads: ads(90.0, 0.65, 0.048, 0.034, 135.0),
        ..ALWAYS_ON
    },
    Campaign {
        name: "Standing Desks Search",
        key: "standing-desks-search",
        weights: (10, 10),
        ads: ads(180.0, 1.35, 0.031, 0.029, 165.0),
        ..ALWAYS_ON
    },
    Campaign {
        name: "Shopping: Office Chairs",
        key: "shopping-office-chairs",
        weights: (12, 0),
        ads: ads(150.0, 0.85, 0.019, 0.025, 125.0),
        ..ALWAYS_ON
    },
    Campaign {
        name: "Prospecting: Home Office",
        key: "prospecting-home-office",
        channel: Channel::MetaAds,
        weights: (10, 3),
        ads: ads(160.0, 0.95, 0.014, 0.02, 120.0),
        ..ALWAYS_ON
    },
    Campaign {
        name: "Retargeting: Abandoned Carts",
        key: "retargeting-carts",
        channel: Channel::MetaAds,
        weights: (5, 0),
        ads: ads(70.0, 0.8, 0.021, 0.033, 130.0),
        ..ALWAYS_ON
    },
    Campaign {
        name: "Office Managers",
        key: "office-managers",
        channel: Channel::LinkedInAds,
        objective: Objective::Leads,
        audience: Audience::Companies,
        weights: (0, 22),
        ads: ads(110.0, 5.2, 0.011, 0.036, 270.0),
        ..ALWAYS_ON
    },
    Campaign {
        name: "Guide: The Healthy Workplace",
        key: "guide-healthy-workplace",
        channel: Channel::LinkedInAds,
        objective: Objective::Leads,
        audience: Audience::Companies,
        weights: (0, 16),
        ads: ads(60.0, 4.1, 0.013, 0.042, 190.0),
        ..ALWAYS_ON
    },
    Campaign {
        name: "Display: Always On",
        key: "display-always-on",
        channel: Channel::Display,
        objective: Objective::Awareness,
        weights: (2, 1),
        ads: ads(50.0, 0.48, 0.01, 0.008, 110.0),
        ..ALWAYS_ON
    },
    Campaign {
        name: "How-to Videos",
        key: "how-to-videos",
        channel: Channel::YouTube,
        objective: Objective::Traffic,
        weights: (3, 2),
        ads: Some(Ads {
            spend: 60.0,
            click_cost: 0.44,
            click_rate: 0.011,
            conversion_rate: 0.009,
            conversion_value: 115.0,
            view_rate: 0.31,
        }),
        ..ALWAYS_ON
    },
    Campaign {
        name: "Refresh Your Desk",
        key: "refresh-your-desk",
        channel: Channel::MetaAds,
        status: CampaignStatus::Paused,
        flight: Some((day(2025, 3, 1), day(2026, 12, 31))),
        stopped: Some(day(2026, 2, 15)),
        weights: (4, 0),
        ads: ads(60.0, 0.9, 0.016, 0.022, 118.0),
        ..ALWAYS_ON
    },
    Campaign {
        name: "Black Friday 2025",
        key: "black-friday-2025",
        channel: Channel::MetaAds,
        status: CampaignStatus::Completed,
        flight: Some((day(2025, 11, 14), day(2025, 12, 1))),
        weights: (16, 0),
        ads: ads(260.0, 1.05, 0.022, 0.038, 110.0),
        ..ALWAYS_ON
    },
    Campaign {
        name: "Newsletter",
        key: "newsletter",
        channel: Channel::Newsletter,
        objective: Objective::Retention,
        weights: (6, 4),
        ..ALWAYS_ON
    },
    Campaign {
        name: "Podcast Sponsorship",
        key: "podcast-sponsorship",
        channel: Channel::Referral,
        objective: Objective::Awareness,
        status: CampaignStatus::Draft,
        ..ALWAYS_ON
    },
];
