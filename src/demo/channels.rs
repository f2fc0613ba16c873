//! The demo team's channels.

use entity::values::ChannelKind;

/// A channel of the demo team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Search and shopping ads.
    GoogleAds,
    /// Ads on Facebook and Instagram.
    MetaAds,
    /// Ads on LinkedIn.
    LinkedInAds,
    /// Banners.
    Display,
    /// Video ads.
    YouTube,
    /// The newsletter.
    Newsletter,
    /// Unpaid results of search engines.
    OrganicSearch,
    /// Own posts on social networks.
    OrganicSocial,
    /// Visits without a referrer.
    Direct,
    /// Links on other sites.
    Referral,
    /// Partners that are paid for results.
    Partners,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 11] = [
        Self::GoogleAds,
        Self::MetaAds,
        Self::LinkedInAds,
        Self::Display,
        Self::YouTube,
        Self::Newsletter,
        Self::OrganicSearch,
        Self::OrganicSocial,
        Self::Direct,
        Self::Referral,
        Self::Partners,
    ];

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::GoogleAds => "Google Ads",
            Self::MetaAds => "Meta Ads",
            Self::LinkedInAds => "LinkedIn Ads",
            Self::Display => "Display Network",
            Self::YouTube => "YouTube",
            Self::Newsletter => "Newsletter",
            Self::OrganicSearch => "Organic Search",
            Self::OrganicSocial => "Organic Social",
            Self::Direct => "Direct",
            Self::Referral => "Referral",
            Self::Partners => "Partners",
        }
    }

    /// Its kind.
    pub fn kind(self) -> ChannelKind {
        match self {
            Self::GoogleAds => ChannelKind::PaidSearch,
            Self::MetaAds | Self::LinkedInAds => ChannelKind::PaidSocial,
            Self::Display => ChannelKind::Display,
            Self::YouTube => ChannelKind::Video,
            Self::Newsletter => ChannelKind::Email,
            Self::OrganicSearch => ChannelKind::OrganicSearch,
            Self::OrganicSocial => ChannelKind::OrganicSocial,
            Self::Direct => ChannelKind::Direct,
            Self::Referral => ChannelKind::Referral,
            Self::Partners => ChannelKind::Affiliate,
        }
    }

    /// Whether its reach is bought.
    pub fn paid(self) -> bool {
        matches!(
            self,
            Self::GoogleAds | Self::MetaAds | Self::LinkedInAds | Self::Display | Self::YouTube
        )
    }

    /// The system that delivers its campaigns.
    pub fn system(self) -> &'static str {
        match self {
            Self::MetaAds => "meta_ads",
            Self::LinkedInAds => "linkedin_ads",
            Self::Newsletter => "mailchimp",
            _ => "google_ads",
        }
    }

    /// What people who come without a campaign weigh against those of campaigns, as buyers and as leads.
    pub fn weights(self) -> (u32, u32) {
        match self {
            Self::OrganicSearch => (18, 20),
            Self::Direct => (12, 8),
            Self::Referral => (4, 6),
            Self::OrganicSocial => (5, 4),
            Self::Partners => (5, 4),
            _ => (0, 0),
        }
    }

    /// Visits without a campaign on an average day, and the share of them that convert.
    pub fn visits(self) -> Option<(f64, f64)> {
        match self {
            Self::OrganicSearch => Some((420.0, 0.025)),
            Self::Direct => Some((300.0, 0.031)),
            Self::Referral => Some((90.0, 0.026)),
            Self::OrganicSocial => Some((110.0, 0.015)),
            Self::Partners => Some((80.0, 0.03)),
            _ => None,
        }
    }
}
