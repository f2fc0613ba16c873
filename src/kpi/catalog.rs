//! Every KPI, one entry each. An entry makes the enum value, the GraphQL field with its text, the list of measures to
//! read, the formula that is computed and the formula that is shown.

mod notation;

use notation::{kpis, stage};
use rust_decimal::Decimal;

use super::{
    definition::{Cadence, Definition, Direction, JourneyStage},
    format::Unit,
    formula::{Formula, Term},
};
use crate::store::measures::Measure;

kpis! {
    /// Money spent on advertising.
    Spend "Ad spend" [Currency Neutral None Operational] = |spend| spend;
    /// Advertising spend and all other marketing costs: agencies, tools, salaries, content.
    MarketingCost "Marketing cost" [Currency Neutral None Strategic] = |spend, other_costs| spend + other_costs;
    /// Times an ad was shown. A vanity metric unless awareness is the goal.
    Impressions "Impressions" [Count Higher Awareness Operational vanity] = |impressions| impressions;
    /// Distinct people who saw an ad, as the platforms count them. People cannot be added up: there is a value only for
    /// days and breakdowns that were imported as such, else null with NOT_ADDITIVE_AT_THIS_GRAIN.
    Reach "Reach" [Count Higher Awareness Operational] = |reach| reach;
    /// How often each person saw an ad on average. Null like REACH.
    Frequency "Frequency" [Ratio Neutral Awareness Tactical] = |impressions, reach| impressions / reach;
    /// Clicks on ads.
    Clicks "Clicks" [Count Higher Consideration Operational] = |clicks| clicks;
    /// Starts of videos in ads. What counts as a view differs by platform: 2, 3 or 30 seconds.
    VideoViews "Video views" [Count Higher Consideration Operational] = |video_views| video_views;
    /// The time for which videos in ads were watched, in seconds.
    WatchTime "Watch time" [Seconds Higher Consideration Operational] = |watch_seconds| watch_seconds;
    /// Watch time per view of a video.
    AvgWatchTime "Average watch time" [Seconds Higher Consideration Operational]
        = |watch_seconds, video_views| watch_seconds / video_views;
    /// Reactions to ads (likes, comments, shares, clicks) per impression.
    EngagementRate "Engagement rate" [Rate Higher Consideration Operational]
        = |engagements, impressions| engagements / impressions;
    /// Reactions to ads per person who saw one. Null like REACH; never to be mixed with the rate by impressions.
    EngagementRateByReach "Engagement rate by reach" [Rate Higher Consideration Operational]
        = |engagements, reach| engagements / reach;
    /// The share of ads on results of searches that were shown, of all that could have been: the part of the
    /// auctions that were won. Imported.
    ImpressionShare "Impression share" [Rate Higher Consideration Operational]
        = |search_impressions, eligible_impressions| search_impressions / eligible_impressions;
    /// The share of ads on results of searches that stood in the very first place. Imported; ranks are never averaged.
    TopImpressionShare "Absolute top impression share" [Rate Higher Consideration Operational]
        = |top_impressions, search_impressions| top_impressions / search_impressions;
    /// Visits to the web site.
    Sessions "Sessions" [Count Higher Awareness Operational] = |sessions| sessions;
    /// Distinct visitors of the web site. Null like REACH where the days asked were not counted as such.
    Users "Visitors" [Count Higher Awareness Operational] = |users| users;
    /// Visitors who had not been there before. Null like REACH.
    NewVisitors "New visitors" [Count Higher Awareness Tactical] = |new_users| new_users;
    /// Visitors who had been there before. Null like REACH.
    ReturningVisitors "Returning visitors" [Count Higher Loyalty Tactical] = |users, new_users| users - new_users;
    /// Pages shown. A vanity metric.
    PageViews "Page views" [Count Neutral Consideration Operational vanity] = |pageviews| pageviews;
    /// Pages shown per visit.
    PagesPerSession "Pages per session" [Ratio Higher Consideration Tactical] = |pageviews, sessions| pageviews / sessions;
    /// The time for which a page was looked at, per page shown.
    AvgTimeOnPage "Average time on page" [Seconds Higher Consideration Tactical]
        = |engagement_seconds, pageviews| engagement_seconds / pageviews;
    /// The share of visits with more than ten seconds, a conversion, or at least two pages.
    SessionEngagementRate "Session engagement rate" [Rate Higher Consideration Operational]
        = |engaged_sessions, sessions| engaged_sessions / sessions;
    /// The share of visits that were not engaged: 1 less the session engagement rate. Other tools define it otherwise.
    BounceRate "Bounce rate" [Rate Lower Consideration Tactical]
        = |sessions, engaged_sessions| (sessions - engaged_sessions) / sessions;
    /// Revenue of visits that saw a page before they converted, per visit that saw it. Imported by page: cut by the
    /// property `page`. Over several pages a sale counts for each.
    PageValue "Page value" [Currency Higher Conversion Strategic]
        = |page_revenue, unique_pageviews| page_revenue / unique_pageviews;
    /// Mails delivered.
    EmailsDelivered "E-mails delivered" [Count Neutral Consideration Tactical] = |mails_delivered| mails_delivered;
    /// People who opened a mail per mail delivered. An estimate: mail programs open mails before people do.
    OpenRate "Open rate" [Rate Higher Consideration Tactical] = |mail_opens, mails_delivered| mail_opens / mails_delivered;
    /// The open rate without openings by machines, as far as the mailing system tells them apart.
    OpenRateAdjusted "Adjusted open rate" [Rate Higher Consideration Tactical]
        = |mail_opens, machine_opens, mails_delivered| (mail_opens - machine_opens) / mails_delivered;
    /// People who clicked in a mail per mail delivered.
    EmailClickRate "E-mail click rate" [Rate Higher Consideration Operational]
        = |mail_clicks, mails_delivered| mail_clicks / mails_delivered;
    /// People who clicked in a mail per person who opened it. An estimate, as the open rate is.
    Ctor "Click-to-open rate" [Rate Higher Consideration Tactical] = |mail_clicks, mail_opens| mail_clicks / mail_opens;
    /// People who unsubscribed per mail delivered.
    UnsubscribeRate "Unsubscribe rate" [Rate Lower Loyalty Tactical]
        = |unsubscribes, mails_delivered| unsubscribes / mails_delivered;
    /// Mails that came back per mail sent.
    EmailBounceRate "E-mail bounce rate" [Rate Lower Consideration Tactical]
        = |mail_bounces, mails_sent| mail_bounces / mails_sent;
    /// Mails reported as unwanted per mail delivered.
    ComplaintRate "Complaint rate" [Rate Lower Loyalty Tactical]
        = |complaints, mails_delivered| complaints / mails_delivered;
    /// Followers of the social accounts at the end of the period. Those of several networks are not distinct people.
    Followers "Followers" [Count Neutral Awareness Operational vanity] = |followers| followers;
    /// Followers gained less those lost.
    NetNewFollowers "Net new followers" [Count Higher Awareness Tactical]
        = |followers_gained, followers_lost| followers_gained - followers_lost;
    /// How many more followers there are at the end of the period than before it, as a fraction of those before it.
    FollowerGrowth "Follower growth" [Rate Higher Awareness Tactical]
        = |followers, followers_before| (followers - followers_before) / followers_before;
    /// Likes of posts. A vanity metric.
    Likes "Likes" [Count Neutral Awareness Operational vanity] = |likes| likes;
    /// Posts that people passed on. A vanity metric.
    Shares "Shares" [Count Neutral Awareness Operational vanity] = |shares| shares;
    /// Reactions to posts per time they were shown.
    SocialEngagementRate "Social engagement rate" [Rate Higher Consideration Operational]
        = |social_engagements, social_impressions| social_engagements / social_impressions;
    /// Reactions to posts per follower at the end of the period.
    EngagementRateByFollowers "Engagement rate by followers" [Rate Higher Consideration Operational]
        = |social_engagements, followers| social_engagements / followers;
    /// Posts, newsletters, videos published: an output, not an outcome.
    ContentPublished "Content published" [Count Neutral Awareness Tactical vanity] = |published| published;
    /// Times the brand was mentioned in public.
    BrandMentions "Brand mentions" [Count Higher Awareness Tactical] = |mentions| mentions;
    /// The brand's share of all mentions of it and its competitors. Mentions of competitors are imported.
    ShareOfVoice "Share of voice" [Rate Higher Awareness Tactical]
        = |mentions, competitor_mentions| mentions / (mentions + competitor_mentions);
    /// Searches for the brand. Imported.
    BrandSearchVolume "Brand search volume" [Count Higher Awareness Strategic] = |brand_searches| brand_searches;
    /// The share of people asked who knew the brand when it was named. Imported by wave of the survey.
    BrandAwarenessAided "Aided brand awareness" [Rate Higher Awareness Strategic]
        = |aware_aided, awareness_asked| aware_aided / awareness_asked;
    /// The share of people asked who named the brand themselves. Imported by wave of the survey.
    BrandAwarenessUnaided "Unaided brand awareness" [Rate Higher Awareness Strategic]
        = |aware_unaided, awareness_asked| aware_unaided / awareness_asked;
    /// Positive less negative comments per comment whose tone was scored, from -1 to 1. Scores are imported.
    Sentiment "Sentiment" [Score Higher Loyalty Strategic]
        = |positive_comments, negative_comments, scored_comments|
            (positive_comments - negative_comments) / scored_comments;
    /// The team's revenue as a share of the market's sales, which are imported.
    MarketShare "Market share" [Rate Higher Awareness Strategic]
        = |net_sales, refunds, market_sales| (net_sales - refunds) / market_sales;
    /// How much more the market sold than in the period before, as a fraction of that. Imported.
    MarketGrowth "Market growth" [Rate Neutral Awareness Strategic]
        = |market_sales, market_sales_before| (market_sales - market_sales_before) / market_sales_before;
    /// The share of the people of the market whom advertising met. Imported by wave.
    AdPenetration "Ad penetration" [Rate Higher Awareness Strategic]
        = |exposed_people, market_people| exposed_people / market_people;
    /// People who became a lead: first entries to the stage LEAD.
    Leads "Leads" [Count Higher Conversion Operational] = |leads| leads;
    /// People who became a marketing qualified lead: first entries to the stage MQL.
    Mqls "Marketing qualified leads" [Count Higher Conversion Tactical] = |mqls| mqls;
    /// People whom sales accepted: first entries to the stage SAL.
    Sals "Sales accepted leads" [Count Higher Conversion Tactical] = |sals| sals;
    /// People close to buying: first entries to the stage SQL.
    Sqls "Sales qualified leads" [Count Higher Conversion Tactical] = |sqls| sqls;
    /// People with an opportunity that has an amount and a date: first entries to the stage SQO.
    Sqos "Sales qualified opportunities" [Count Higher Conversion Strategic] = |sqos| sqos;
    /// Marketing qualified leads per lead of the same period. Can exceed 1; LEAD_TO_MQL_RATE follows the leads.
    LeadQuality "Lead quality" [Rate Higher Conversion Operational] = |mqls, leads| mqls / leads;
    /// Marketing qualified leads per visit to the web site.
    TrafficToMql "Traffic to MQL" [Rate Higher Conversion Strategic] = |mqls, sessions| mqls / sessions;
    /// Distinct people who called in the period and became a lead then or later.
    CallLeads "Call leads" [Count Higher Conversion Operational] = |callers_who_became_leads| callers_who_became_leads;
    /// Conversions, of all types unless filtered. As the platforms claim them, or as the team recorded them: see the
    /// basis.
    Conversions "Conversions" [Count Higher Conversion Operational] = |conversions| conversions;
    /// The value of the conversions, on the same basis.
    ConversionValue "Conversion value" [Currency Higher Conversion Operational] = |conversion_value| conversion_value;
    /// Orders, without test and cancelled ones.
    Orders "Orders" [Count Higher Conversion Operational] = |orders| orders;
    /// Net sales (gross less discount, tax and shipping) less the refunds paid in the period.
    Revenue "Revenue" [Currency Higher Conversion Strategic] = |net_sales, refunds| net_sales - refunds;
    /// Revenue less that of the period before, as a fraction of it. An incomplete period is compared with as many days
    /// as are over.
    RevenueGrowth "Sales growth" [Rate Higher Conversion Strategic]
        = |net_sales, refunds, net_sales_before, refunds_before|
            (net_sales - refunds - net_sales_before + refunds_before) / (net_sales_before - refunds_before);
    /// Net sales of customers' first orders ever, less their refunds, on the day of the order.
    NewCustomerRevenue "Revenue from new customers" [Currency Higher Conversion Strategic]
        = |first_order_sales| first_order_sales;
    /// Net sales less the refunds of these orders, less the cost of the goods. Null with MISSING_COST when the cost
    /// of goods of any order is unknown, because unknown is not zero.
    GrossMargin "Gross margin" [Currency Higher Conversion Strategic]
        = |net_sales, refunded_of_orders, goods_cost, orders_without_cost|
            (net_sales - refunded_of_orders - goods_cost).if_none(orders_without_cost);
    /// Distinct customers who ordered in the period.
    ActiveCustomers "Active customers" [Count Higher Loyalty Strategic] = |buyers| buyers;
    /// Customers whose first order ever lies in the period.
    NewCustomers "New customers" [Count Higher Conversion Strategic] = |new_customers| new_customers;
    /// Distinct customers who ordered in the period and had ordered before it.
    ReturningCustomers "Returning customers" [Count Higher Loyalty Strategic]
        = |buyers, new_buyers| buyers - new_buyers;
    /// Click-through rate: the share of impressions that were clicked.
    Ctr "Click-through rate" [Rate Higher Consideration Operational] = |clicks, impressions| clicks / impressions;
    /// Cost per click.
    Cpc "Cost per click" [Currency Lower Consideration Operational] = |spend, clicks| spend / clicks;
    /// Cost of a thousand impressions.
    Cpm "Cost per mille" [Currency Lower Awareness Operational] = |spend, impressions| spend * 1000 / impressions;
    /// Cost per conversion. A conversion may be a lead or an order; for the cost of a customer see CAC.
    Cpa "Cost per action" [Currency Lower Conversion Tactical] = |spend, conversions| spend / conversions;
    /// Ad spend per new lead, qualified or not.
    Cpl "Cost per lead" [Currency Lower Conversion Tactical] = |spend, leads| spend / leads;
    /// Ad spend per marketing qualified lead.
    CostPerMql "Cost per MQL" [Currency Lower Conversion Tactical] = |spend, mqls| spend / mqls;
    /// Ad spend per sales qualified opportunity.
    CostPerSqo "Cost per SQO" [Currency Lower Conversion Strategic] = |spend, sqos| spend / sqos;
    /// Key events that web analytics counted. One visit can have several; compare them with recorded conversions, of which
    /// they are another's count.
    KeyEvents "Key events" [Count Higher Conversion Operational] = |key_events| key_events;
    /// Revenue that web analytics counted. It is another's count of it; for what customers paid see REVENUE.
    WebRevenue "Revenue by web analytics" [Currency Higher Conversion Operational] = |web_revenue| web_revenue;
    /// The share of visits in which a conversion happened.
    ConversionRate "Conversion rate" [Rate Higher Conversion Tactical]
        = |converted_sessions, sessions| converted_sessions / sessions;
    /// The share of visitors who converted. Null like REACH where the days asked were not counted as such.
    VisitorConversionRate "Visitor conversion rate" [Rate Higher Conversion Tactical]
        = |converted_users, users| converted_users / users;
    /// The share of visits in which a conversion happened, of those whose first page is known. Cut by LANDING_PAGE.
    LpConversionRate "Landing page conversion rate" [Rate Higher Conversion Tactical]
        = |converted_landings, landings| converted_landings / landings;
    /// Conversions per click on ads. Can exceed 1, because one click can lead to several conversions.
    ClickConversionRate "Click conversion rate" [Rate Higher Conversion Tactical]
        = |conversions, clicks| conversions / clicks;
    /// Average order value: net sales less refunds per order that was not refunded whole. Refunds count on the day of
    /// their order.
    Aov "Average order value" [Currency Higher Conversion Tactical]
        = |net_sales, refunded_of_orders, kept_orders| (net_sales - refunded_of_orders) / kept_orders;
    /// Return on ad spend: conversion value per unit of ad spend, other costs left out.
    Roas "Return on ad spend" [Ratio Higher Conversion Tactical]
        = |conversion_value, spend| conversion_value / spend;
    /// Return on marketing investment: gross margin less all marketing cost, per unit of that cost. -1 is a total
    /// loss. Refunds count on the day of their order. Null with MISSING_COST when a cost of goods is unknown.
    Roi "Marketing ROI" [Rate Higher Conversion Strategic]
        = |net_sales, refunded_of_orders, goods_cost, orders_without_cost, spend, other_costs|
            ((net_sales - refunded_of_orders - goods_cost).if_none(orders_without_cost)
                - spend - other_costs) / (spend + other_costs);
    /// ROI on revenue instead of margin. It overstates the return, because the goods sold cost money too: prefer ROI.
    RoiRevenue "Revenue ROI" [Rate Higher Conversion Strategic]
        = |net_sales, refunded_of_orders, spend, other_costs|
            (net_sales - refunded_of_orders - spend - other_costs) / (spend + other_costs);
    /// Customer acquisition cost: ad spend and acquisition costs per new customer.
    Cac "Customer acquisition cost" [Currency Lower Conversion Strategic]
        = |spend, acquisition_costs, new_customers| (spend + acquisition_costs) / new_customers;
    /// Ad spend per new customer whom a paid channel acquired.
    PaidCac "Paid customer acquisition cost" [Currency Lower Conversion Strategic]
        = |spend, paid_new_customers| spend / paid_new_customers;
    /// Marketing efficiency ratio: all revenue per unit of all marketing cost, credited to nobody.
    Mer "Marketing efficiency ratio" [Ratio Higher Conversion Strategic]
        = |net_sales, refunds, spend, other_costs| (net_sales - refunds) / (spend + other_costs);
    /// All marketing cost per unit of revenue.
    CostToRevenue "Marketing cost to revenue" [Rate Lower Conversion Strategic]
        = |spend, other_costs, net_sales, refunds| (spend + other_costs) / (net_sales - refunds);
    /// The share of customers, of all who ever ordered by the end of the period, who ordered at least twice by then.
    RepeatPurchaseRate "Repeat purchase rate" [Rate Higher Loyalty Strategic]
        = |repeat_customers_to_date, customers_to_date| repeat_customers_to_date / customers_to_date;
    /// Net promoter score, -100 to 100: the share of answers of 9 and 10 less that of 0 to 6, times 100.
    Nps "Net promoter score" [Score Higher Loyalty Strategic]
        = |promoters, detractors, nps_answers| (promoters - detractors) * 100 / nps_answers;
    /// Customer satisfaction: the share of answers in the upper two fifths of the scale, 4 and 5 of 5.
    Csat "Customer satisfaction" [Rate Higher Loyalty Strategic] = |satisfied, csat_answers| satisfied / csat_answers;
    /// The share of customers whose first order lies in the period who ordered again within 30 days of it. Provisional
    /// until these days are over for all of them.
    #[graphql(name = "REPEAT_PURCHASE_RATE_30")]
    RepeatPurchaseRate30 "Repeat purchase rate, 30 days" [Rate Higher Loyalty Strategic]
        = |repeated_within_30, new_customers| repeated_within_30 / new_customers;
    /// The share of customers whose first order lies in the period who ordered again within 90 days of it. Provisional
    /// until these days are over for all of them.
    #[graphql(name = "REPEAT_PURCHASE_RATE_90")]
    RepeatPurchaseRate90 "Repeat purchase rate, 90 days" [Rate Higher Loyalty Strategic]
        = |repeated_within_90, new_customers| repeated_within_90 / new_customers;
    /// The share of customers whose first order lies in the period who ordered again within 365 days of it. Provisional
    /// until these days are over for all of them.
    #[graphql(name = "REPEAT_PURCHASE_RATE_365")]
    RepeatPurchaseRate365 "Repeat purchase rate, 365 days" [Rate Higher Loyalty Strategic]
        = |repeated_within_365, new_customers| repeated_within_365 / new_customers;
    /// The share of customers active at the start of the period who are active at its end, person by person: active is
    /// who ordered in the last `churnDays` days (a team setting) before the moment. Without that setting the previous
    /// period stands against this one. New and returning customers do not raise it.
    RetentionRate "Retention rate" [Rate Higher Loyalty Strategic]
        = |retained, active_before| retained / active_before;
    /// The share of customers active at the start of the period who are not active at its end: 1 less the retention
    /// rate. Provisional until the period is over.
    ChurnRate "Churn rate" [Rate Lower Loyalty Strategic]
        = |active_before, retained| (active_before - retained) / active_before;
    /// The share of customers, of all who ever ordered by the end of the period, whose last order by then is more than
    /// `churnDays` days old (a team setting; without it, the length of the period).
    LapsedRate "Lapsed customers rate" [Rate Lower Loyalty Strategic]
        = |customers_to_date, recent_buyers| (customers_to_date - recent_buyers) / customers_to_date;
    /// Historic customer lifetime value: the margin of all orders up to the end of the period per customer who ordered
    /// by then. Null with MISSING_COST when the cost of goods of any of these orders is unknown.
    ClvHistoric "Customer lifetime value, historic" [Currency Higher Loyalty Strategic]
        = |customers_net, customers_refunded, customers_goods_cost, customers_orders_without_cost, customers_to_date|
            (customers_net - customers_refunded - customers_goods_cost).if_none(customers_orders_without_cost)
                / customers_to_date;
    /// Customer lifetime value of a cohort: the margin so far, up to today, per customer whose first order lies in the
    /// period. Grows with time, so compare cohorts of one age: see `cohorts`. Null with MISSING_COST when the cost of
    /// goods of any of their orders is unknown.
    ClvCohort "Customer lifetime value, cohort" [Currency Higher Loyalty Strategic]
        = |cohort_net, cohort_refunded, cohort_goods_cost, cohort_orders_without_cost, new_customers|
            (cohort_net - cohort_refunded - cohort_goods_cost).if_none(cohort_orders_without_cost) / new_customers;
    /// Customer lifetime value predicted in closed form, as if under contract: m * r / (1 + d - r) for the margin m per
    /// active customer and the retention rate r of the period, discounted by d = 10 % a period; so ask for a year. The
    /// first margin counts a period from now. For a prediction customer by customer see `lifetimeValue`. Null with
    /// MISSING_COST when the cost of goods of any order is unknown.
    ClvPredicted "Customer lifetime value, predicted" [Currency Higher Loyalty Strategic]
        = |net_sales, refunded_of_orders, goods_cost, orders_without_cost, buyers, retained, active_before|
            ((net_sales - refunded_of_orders - goods_cost).if_none(orders_without_cost) * retained * 10)
                / (buyers * (active_before * 11 - retained * 10));
    /// The margin so far of the customers won in the period over what it cost to win them: CLV_COHORT over CAC. Null
    /// when either is.
    LtvToCac "LTV to CAC" [Ratio Higher Loyalty Strategic]
        = |cohort_net, cohort_refunded, cohort_goods_cost, cohort_orders_without_cost, new_customers, spend,
           acquisition_costs|
            (cohort_net - cohort_refunded - cohort_goods_cost).if_none(cohort_orders_without_cost).if_any(new_customers)
                / (spend + acquisition_costs);
    /// Months after which the margin of the customers won in the period, added up, covers what it cost to win them; 0
    /// is the month of the first order. Null with NOT_PAID_BACK while it does not.
    CacPayback "CAC payback in months" [Count Lower Loyalty Strategic]
        = |payback_months, spend, acquisition_costs, new_customers|
            payback_months.given(spend + acquisition_costs).if_any(new_customers);
    /// The share of people who became a lead in the period and have reached MQL or a later stage since. Who bought has
    /// passed every stage before.
    LeadToMqlRate "Lead to MQL rate" [Rate Higher Conversion Strategic] = |leads_passed, leads| leads_passed / leads;
    /// The share of people who became an MQL in the period and have reached SAL or a later stage since.
    MqlToSalRate "MQL to SAL rate" [Rate Higher Conversion Strategic] = |mqls_passed, mqls| mqls_passed / mqls;
    /// The share of people who became an SAL in the period and have reached SQL or a later stage since.
    SalToSqlRate "SAL to SQL rate" [Rate Higher Conversion Strategic] = |sals_passed, sals| sals_passed / sals;
    /// The share of people who became an SQL in the period and have reached SQO or a later stage since.
    SqlToSqoRate "SQL to SQO rate" [Rate Higher Conversion Strategic] = |sqls_passed, sqls| sqls_passed / sqls;
    /// The share of people who became an SQO in the period and a customer since: by stage, by a deal won or by an order.
    SqoToCustomerRate "SQO to customer rate" [Rate Higher Conversion Strategic] = |sqos_passed, sqos| sqos_passed / sqos;
    /// The share of entries into the stages from VISITOR to SQO in the period that were followed by a later stage. In a
    /// funnel, the share of people at a step who reached the next.
    StageConversionRate "Stage conversion rate" [Rate Higher Conversion Strategic]
        = |stage_entries_passed, stage_entries| stage_entries_passed / stage_entries;
    /// Opportunities won in the period.
    WonDeals "Deals won" [Count Higher Conversion Strategic] = |won_deals| won_deals;
    /// Opportunities lost in the period.
    LostDeals "Deals lost" [Count Lower Conversion Strategic] = |lost_deals| lost_deals;
    /// The amount of the opportunities won in the period.
    WonAmount "Amount won" [Currency Higher Conversion Strategic] = |won_amount| won_amount;
    /// The share of opportunities won, of all decided in the period. Open ones do not count.
    WinRate "Win rate" [Rate Higher Conversion Strategic] = |won_deals, lost_deals| won_deals / (won_deals + lost_deals);
    /// Opportunities won per new lead of the same period. Can exceed 1 when deals take long.
    LeadCloseRate "Lead close rate" [Rate Higher Conversion Strategic] = |won_deals, leads| won_deals / leads;
    /// The average amount of the opportunities won whose amount is known.
    AverageDealValue "Average deal value" [Currency Higher Conversion Strategic]
        = |won_amount, won_deals_with_amount| won_amount / won_deals_with_amount;
    /// The amount of opportunities opened whose customer a campaign or channel acquired, as a share of all opened.
    PipelineContribution "Pipeline contribution" [Rate Higher Conversion Strategic]
        = |sourced_amount, opened_amount| sourced_amount / opened_amount;
    /// The amount of opportunities opened whose customer had a contact with marketing before, as a share of all opened.
    PipelineContributionInfluenced "Influenced pipeline contribution" [Rate Higher Conversion Strategic]
        = |influenced_amount, opened_amount| influenced_amount / opened_amount;
    /// What the pipeline earns per day: opportunities decided, times the share won, times the average amount won, by
    /// the average days from opening to winning. All of the opportunities decided in the period.
    SalesVelocity "Sales velocity" [CurrencyPerDay Higher Conversion Strategic]
        = |won_deals, won_amount, won_deals_with_cycle, won_cycle_days, won_deals_with_amount|
            (won_amount * won_deals * won_deals_with_cycle) / (won_cycle_days * won_deals_with_amount);
    /// Spend of campaigns with a budget over what even spending would have used by now; 1 is on plan, above is too
    /// fast. Only days that are over count. Null with ZERO_DENOMINATOR where no budget covers the period, with
    /// NO_DATA where no advertising was delivered.
    BudgetPacing "Budget pacing" [Ratio Neutral None Operational]
        = |budgeted_spend, budget_to_date| budgeted_spend / budget_to_date;
}

#[cfg(test)]
mod tests;
