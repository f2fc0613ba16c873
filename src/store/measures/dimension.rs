//! Dimensions: by what a fact can be cut, and which column or join tells it.

use super::Fact;
use crate::store::sql::stage_sql;
use crate::time::Grain;

/// By what values can be grouped and filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, async_graphql::Enum)]
pub enum Dimension {
    /// Calendar buckets; needs a grain. For grouping only: the period is the filter.
    Time,
    /// The campaign. Advertising names its own; orders, customers, leads and deals count for the campaign that
    /// acquired the customer. The key is the campaign's id.
    Campaign,
    /// The channel, in the same manner as the campaign. The key is the channel's id.
    Channel,
    /// The kind of the channel, such as PAID_SEARCH.
    ChannelKind,
    /// The country as an ISO 3166 two-letter code, or as delivered where it is none.
    Country,
    /// The kind of device.
    Device,
    /// The objective of the campaign.
    Objective,
    /// The `utm_source` of the campaign, in the same manner as the campaign; of contacts their own.
    Source,
    /// The `utm_medium`, in the same manner as SOURCE.
    Medium,
    /// The `utm_campaign`, in the same manner as SOURCE.
    UtmCampaign,
    /// The page on which visits began.
    LandingPage,
    /// The currency in which amounts were booked.
    Currency,
    /// The type of a recorded conversion.
    ConversionType,
    /// The calendar bucket of the customer's first order; needs a grain. For grouping only.
    Cohort,
    /// The stage in which the customer stands now.
    Lifecycle,
    /// The property `segment` of the customer.
    CustomerSegment,
    /// The customer. The key is the customer's id; filter with IS_NULL for anonymous orders.
    Customer,
    /// A breakdown that an import brought along, such as age or ad set; needs `property`.
    Property,
}

impl Dimension {
    /// Every dimension.
    pub const ALL: [Self; 18] = [
        Self::Time,
        Self::Campaign,
        Self::Channel,
        Self::ChannelKind,
        Self::Country,
        Self::Device,
        Self::Objective,
        Self::Source,
        Self::Medium,
        Self::UtmCampaign,
        Self::LandingPage,
        Self::Currency,
        Self::ConversionType,
        Self::Cohort,
        Self::Lifecycle,
        Self::CustomerSegment,
        Self::Customer,
        Self::Property,
    ];

    /// Whether keys are ids of rows rather than texts.
    pub fn is_id(self) -> bool {
        matches!(self, Self::Campaign | Self::Channel | Self::Customer)
    }

    /// Whether telling facts apart so means to say which campaign or channel they are owed to.
    pub fn credits(self) -> bool {
        matches!(
            self,
            Self::Campaign
                | Self::Channel
                | Self::ChannelKind
                | Self::Objective
                | Self::Source
                | Self::Medium
                | Self::UtmCampaign
        )
    }

    /// Whether facts of this kind can be cut so.
    pub fn fits(self, fact: Fact) -> bool {
        self == Self::Time || self.column(fact).is_some()
    }

    pub(super) fn column(self, fact: Fact) -> Option<Column> {
        use Column as C;
        use Fact as F;
        let customers = matches!(fact, F::FirstOrders | F::SecondOrders | F::Activity);
        let has_customer = fact.has_customer();
        match self {
            Self::Time => None,
            Self::Source if fact == F::Touches => Some(C::own("f.utm_source")),
            Self::Medium if fact == F::Touches => Some(C::own("f.utm_medium")),
            Self::UtmCampaign if fact == F::Touches => Some(C::own("f.utm_campaign")),
            Self::Campaign | Self::Objective | Self::Source | Self::Medium | Self::UtmCampaign => {
                campaign_of(fact)
            }
            Self::Channel | Self::ChannelKind => match fact {
                F::BudgetedAds | F::Budgets => None,
                F::Costs | F::OwnCosts => Some(C::own("i.channel_id")),
                _ if customers => Some(C::own("f.acquired_channel_id")),
                _ if fact.by_acquisition() => Some(C::of_customer("c.acquired_channel_id")),
                _ => Some(C::own("f.channel_id")),
            },
            Self::Country => match fact {
                F::Costs | F::OwnCosts | F::BudgetedAds | F::Budgets | F::Content => None,
                F::Refunds => Some(C::own("o.country")),
                F::Stages
                | F::OpenedDeals
                | F::ClosedDeals
                | F::Conversions
                | F::Touches
                | F::Answers => Some(C::of_customer("c.country")),
                _ if has_customer => Some(C::of_customer("c.country")),
                _ => Some(C::own("f.country")),
            },
            Self::Device => match fact {
                F::Ads | F::Web | F::Orders | F::Email | F::Social | F::Followers | F::People => {
                    Some(C::own("f.device"))
                }
                F::Refunds => Some(C::own("o.device")),
                _ => None,
            },
            Self::LandingPage => (fact == F::Web).then(|| C::own("f.landing_page")),
            Self::ConversionType => (fact == F::Conversions).then(|| C::own("f.kind")),
            Self::Customer => match fact {
                F::Refunds => Some(C::own("o.customer_id")),
                F::Touches => Some(C::own("f.customer_id")),
                _ if has_customer => Some(C::own("c.id")),
                _ if customers => Some(C::own("f.id")),
                _ if fact.by_acquisition() => Some(C::own("f.customer_id")),
                _ => None,
            },
            Self::Lifecycle if customers => Some(C::own(stage_sql!("f"))),
            Self::Lifecycle => fact
                .by_acquisition()
                .then(|| C::of_customer(stage_sql!("c"))),
            Self::CustomerSegment if customers => Some(C::own("f.properties")),
            Self::CustomerSegment => fact
                .by_acquisition()
                .then(|| C::of_customer("c.properties")),
            Self::Cohort if customers => Some(C::own("f.first_order_day")),
            Self::Cohort => fact
                .by_acquisition()
                .then(|| C::of_customer("c.first_order_day")),
            Self::Currency => match fact {
                F::Ads
                | F::BudgetedAds
                | F::Orders
                | F::Refunds
                | F::OpenedDeals
                | F::ClosedDeals
                | F::Conversions
                | F::Outside
                | F::Web => Some(C::own("f.currency")),
                F::Costs | F::OwnCosts => Some(C::own("i.currency")),
                _ => None,
            },
            Self::Property => match fact {
                F::Costs | F::OwnCosts | F::BudgetedAds | F::Budgets | F::Content | F::People => {
                    None
                }
                F::Refunds => Some(C::own("o.properties")),
                F::Stages | F::Conversions | F::Answers => Some(C::of_customer("c.properties")),
                _ if has_customer => Some(C::of_customer("c.properties")),
                _ => Some(C::own("f.properties")),
            },
        }
    }
}

/// Where a fact names its campaign: itself, or by the customer whom the campaign acquired.
fn campaign_of(fact: Fact) -> Option<Column> {
    use Column as C;
    Some(match fact {
        // The smaller table of the join: SQLite then goes by the campaigns rather than by the days.
        Fact::BudgetedAds => C::own("b.campaign_id"),
        Fact::Costs | Fact::OwnCosts => C::own("i.campaign_id"),
        Fact::FirstOrders | Fact::SecondOrders | Fact::Activity => C::own("f.acquired_campaign_id"),
        fact if fact.by_acquisition() => C::of_customer("c.acquired_campaign_id"),
        _ => C::own("f.campaign_id"),
    })
}

/// Where a fact has a dimension: in a column of its own or in one of its customer's.
#[derive(Clone, Copy)]
pub(super) struct Column {
    pub(super) sql: &'static str,
    pub(super) of_customer: bool,
}

impl Column {
    fn own(sql: &'static str) -> Self {
        Self {
            sql,
            of_customer: false,
        }
    }

    fn of_customer(sql: &'static str) -> Self {
        Self {
            sql,
            of_customer: true,
        }
    }
}

/// One level of grouping.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Cut {
    /// By calendar buckets of this size.
    Time(Grain),
    /// By buckets of this size in which customers ordered first.
    Cohort(Grain),
    /// By how many buckets of this size a fact lies after its customer's first order; only for facts of cohorts.
    Age(Grain),
    /// By a property that imports brought along.
    Property(String),
    /// By any other dimension.
    By(Dimension),
}

impl Cut {
    /// The dimension that is cut.
    pub fn dimension(&self) -> Dimension {
        match self {
            Self::Time(_) | Self::Age(_) => Dimension::Time,
            Self::Cohort(_) => Dimension::Cohort,
            Self::Property(_) => Dimension::Property,
            Self::By(dimension) => *dimension,
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::resolver_utils::EnumType;

    use super::*;

    #[test]
    fn every_dimension_of_the_schema_is_listed() {
        let of_schema: Vec<_> = Dimension::items().iter().map(|item| item.value).collect();
        assert_eq!(of_schema, Dimension::ALL);
    }
}
