//! Fact tables as scans see them: which column dates a fact, what makes it count, what it is joined to.

use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Query, SelectStatement};

use crate::store::FactTable;

/// A dated table that measures are read from. In SQL it is always called `f`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// Daily facts of advertising.
    Ads,
    /// Daily facts of the web site.
    Web,
    /// Orders by the day they were placed.
    Orders,
    /// Refunds by the day they were paid.
    Refunds,
    /// Customers by the day of their first order.
    FirstOrders,
    /// Customers by the day of their second order.
    SecondOrders,
    /// First entries into lifecycle stages.
    Stages,
    /// Opportunities by the day they were opened.
    OpenedDeals,
    /// Opportunities by the day they were decided.
    ClosedDeals,
    /// Contacts with campaigns and channels.
    Touches,
    /// Conversions that the team recorded.
    Conversions,
    /// Answers to surveys; of a person's answers to one survey the last.
    Answers,
    /// Daily facts of mailings.
    Email,
    /// Daily facts of social accounts.
    Social,
    /// The last known state of social accounts; read by [`super::snapshot`].
    Followers,
    /// Published content.
    Content,
    /// Distinct people as sources counted them; read by [`super::people`].
    People,
    /// Daily figures that others count for the team.
    Outside,
    /// The daily shares of costs other than media.
    Costs,
    /// Those of costs that name a campaign or channel, or are not to be shared out.
    OwnCosts,
    /// Those of the others.
    SharedCosts,
    /// Advertising on days that a budget covers.
    BudgetedAds,
    /// The daily shares of campaigns' budgets.
    Budgets,
    /// Customers by whether they ordered before and at the end of a period; read by statements of its own.
    Activity,
    /// Orders of known customers by the day they were placed, told apart by what is known of the customer.
    CustomerOrders,
    /// Orders of known customers by the day of the customer's first order.
    CohortOrders,
    /// Refunds of known customers by the day of the customer's first order.
    CohortRefunds,
    /// How long customers took to pay back their acquisition; made of other facts.
    Payback,
}

impl Fact {
    /// The table's name.
    pub fn table(self) -> &'static str {
        match self {
            Self::Ads | Self::BudgetedAds => "ad_day",
            Self::Web => "web_day",
            Self::Orders | Self::CustomerOrders | Self::CohortOrders | Self::Payback => "orders",
            Self::Refunds | Self::CohortRefunds => "refund",
            Self::FirstOrders | Self::SecondOrders | Self::Activity => "customer",
            Self::Stages => "stage_event",
            Self::OpenedDeals | Self::ClosedDeals => "opportunity",
            Self::Touches => "touchpoint",
            Self::Conversions => "conversion",
            Self::Answers => "survey_response",
            Self::Email => "email_day",
            Self::Social | Self::Followers => "social_day",
            Self::Content => "content_item",
            Self::People => "people_count",
            Self::Outside => "outside_day",
            Self::Costs | Self::OwnCosts | Self::SharedCosts => "cost_day",
            Self::Budgets => "budget_day",
        }
    }

    /// What `source_load` records which days were delivered; `None` for what a team makes itself.
    pub fn loaded_as(self) -> Option<FactTable> {
        match self {
            Self::Ads | Self::BudgetedAds => Some(FactTable::AdDay),
            Self::Web => Some(FactTable::WebDay),
            // Who ordered first and again follows from the orders.
            Self::Orders
            | Self::FirstOrders
            | Self::SecondOrders
            | Self::Activity
            | Self::CustomerOrders
            | Self::CohortOrders
            | Self::Payback => Some(FactTable::Orders),
            Self::Refunds | Self::CohortRefunds => Some(FactTable::Refund),
            Self::Stages => Some(FactTable::StageEvent),
            Self::OpenedDeals | Self::ClosedDeals => Some(FactTable::Opportunity),
            Self::Touches => Some(FactTable::Touchpoint),
            Self::Conversions => Some(FactTable::Conversion),
            Self::Answers => Some(FactTable::SurveyResponse),
            Self::Email => Some(FactTable::EmailDay),
            Self::Social | Self::Followers => Some(FactTable::SocialDay),
            Self::Content => Some(FactTable::ContentItem),
            Self::People => Some(FactTable::PeopleCount),
            Self::Outside => Some(FactTable::OutsideDay),
            Self::Costs | Self::OwnCosts | Self::SharedCosts | Self::Budgets => None,
        }
    }

    pub(super) fn day(self) -> &'static str {
        match self {
            Self::FirstOrders | Self::Activity => "f.first_order_day",
            Self::CohortOrders | Self::CohortRefunds | Self::Payback => "c.first_order_day",
            Self::SecondOrders => "f.second_order_day",
            Self::OpenedDeals => "f.opened_on",
            Self::ClosedDeals => "f.closed_on",
            _ => "f.day",
        }
    }

    /// The day on which the fact itself happened, by which its amounts are converted.
    pub(super) fn event_day(self) -> &'static str {
        if self.by_cohort() {
            "f.day"
        } else {
            self.day()
        }
    }

    /// Whether the fact counts on the day of its customer's first order rather than on its own.
    pub fn by_cohort(self) -> bool {
        matches!(
            self,
            Self::CohortOrders | Self::CohortRefunds | Self::Payback
        )
    }

    /// Whether the fact is joined to its customer from the start.
    pub(super) fn has_customer(self) -> bool {
        self.by_cohort() || self == Self::CustomerOrders
    }

    /// The column with the currency of the fact's amounts.
    pub(super) fn currency(self) -> &'static str {
        match self {
            Self::Costs | Self::OwnCosts | Self::SharedCosts => "i.currency",
            _ => "f.currency",
        }
    }

    /// `FROM` this fact, with what it cannot do without, and only the rows that count.
    pub(in crate::store) fn select(self) -> SelectStatement {
        let mut select = Query::select();
        select.from_as(self.table(), "f");
        match self {
            Self::Orders => {
                select.and_where(Expr::cust("f.counted"));
            }
            Self::Refunds => {
                join(
                    &mut select,
                    JoinType::InnerJoin,
                    "orders",
                    "o",
                    "o.id = f.order_id",
                );
                select.and_where(Expr::cust("o.counted"));
            }
            Self::CustomerOrders | Self::CohortOrders | Self::Payback => {
                select.and_where(Expr::cust("f.counted"));
                let on = "c.id = f.customer_id";
                join(&mut select, JoinType::InnerJoin, "customer", "c", on);
            }
            Self::CohortRefunds => {
                let on = "o.id = f.order_id";
                join(&mut select, JoinType::InnerJoin, "orders", "o", on);
                select.and_where(Expr::cust("o.counted"));
                let on = "c.id = o.customer_id";
                join(&mut select, JoinType::InnerJoin, "customer", "c", on);
            }
            Self::Stages => {
                select.and_where(Expr::cust("f.first_entry"));
            }
            Self::Costs | Self::OwnCosts | Self::SharedCosts => {
                join(
                    &mut select,
                    JoinType::InnerJoin,
                    "cost_item",
                    "i",
                    "i.id = f.cost_item_id",
                );
                let shared = "i.campaign_id = 0 AND i.channel_id = 0 AND i.allocation <> 'NONE'";
                match self {
                    Self::OwnCosts => select.and_where(Expr::cust(format!("NOT ({shared})"))),
                    Self::SharedCosts => select.and_where(Expr::cust(shared)),
                    _ => &mut select,
                };
            }
            Self::Answers => {
                // Somebody who answers twice counts once.
                select.and_where(Expr::cust(
                    "(f.customer_id IS NULL OR NOT EXISTS (SELECT 1 FROM survey_response x \
                     WHERE x.team_id = f.team_id AND x.customer_id = f.customer_id AND x.survey = f.survey \
                     AND (x.answered_at > f.answered_at OR (x.answered_at = f.answered_at AND x.id > f.id))))",
                ));
            }
            Self::BudgetedAds => join(
                &mut select,
                JoinType::InnerJoin,
                "budget_day",
                "b",
                "b.campaign_id = f.campaign_id AND b.day = f.day",
            ),
            _ => {}
        }
        select
    }
}

/// Joins a table within the team: the team's column is part of every join.
pub(super) fn join(
    select: &mut SelectStatement,
    kind: JoinType,
    table: &'static str,
    alias: &'static str,
    on: &'static str,
) {
    let within_team = Expr::cust(format!("{alias}.team_id = f.team_id"));
    select.join_as(kind, table, alias, within_team.and(Expr::cust(on)));
}

impl Fact {
    /// Whether the properties that imports brought along are a customer's.
    pub fn tells_of_persons(self) -> bool {
        matches!(
            self,
            Self::FirstOrders
                | Self::SecondOrders
                | Self::Stages
                | Self::Conversions
                | Self::Answers
                | Self::Activity
                | Self::CustomerOrders
                | Self::CohortOrders
                | Self::CohortRefunds
                | Self::Payback
        )
    }

    /// Whether the fact belongs to a campaign and channel only through the customer whom they acquired.
    pub fn by_acquisition(self) -> bool {
        matches!(
            self,
            Self::Orders
                | Self::Refunds
                | Self::FirstOrders
                | Self::SecondOrders
                | Self::Stages
                | Self::OpenedDeals
                | Self::ClosedDeals
                | Self::Conversions
                | Self::Answers
                | Self::Activity
                | Self::CustomerOrders
                | Self::CohortOrders
                | Self::CohortRefunds
                | Self::Payback
        )
    }
}
