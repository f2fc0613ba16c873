//! The formats that can be imported, by the names that the command line uses.

use std::{fmt, str::FromStr};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What the rows of a file are.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, ValueEnum, async_graphql::Enum, Serialize, Deserialize,
)]
#[graphql(name = "ImportFormat")]
pub enum Format {
    /// Daily figures of advertising campaigns.
    AdStats,
    /// Orders of customers.
    Orders,
    /// People who left contact data.
    Leads,
    /// Opportunities of the sales pipeline.
    Deals,
    /// Entries of customers into lifecycle stages.
    StageEvents,
    /// Contacts with campaigns and channels on the way to a conversion.
    Touchpoints,
    /// Refunds of orders.
    Refunds,
    /// Costs beside media.
    Costs,
    /// Exchange rates.
    FxRates,
    /// Daily figures of the web site.
    WebStats,
    /// Daily figures of mailings.
    EmailStats,
    /// Daily figures of social accounts.
    SocialStats,
    /// Conversions that the team recorded itself.
    Conversions,
    /// Answers to surveys.
    Surveys,
    /// Published posts, newsletters, videos.
    Content,
    /// Distinct people as a source counted them: reach, visitors.
    People,
    /// Daily figures that others count: searches for the brand, the market's sales.
    Figures,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_possible_value() {
            Some(value) => f.write_str(value.get_name()),
            None => write!(f, "{self:?}"),
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        ValueEnum::from_str(text, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_reads_back_from_its_name() {
        for format in Format::value_variants() {
            assert_eq!(format.to_string().parse(), Ok(*format));
        }
        assert_eq!(Format::AdStats.to_string(), "ad-stats");
        assert!("adstats".parse::<Format>().is_err());
    }
}
