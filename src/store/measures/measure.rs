//! The measures: what each sums or counts, over which fact.

use entity::values::Basis;

use super::{
    Fact,
    spec::{Additivity, MeasureSpec, Scale, measures},
};

measures! {
    /// Advertising spend.
    spend: Money = Ads, "SUM(f.spend)";
    /// Times an ad was shown.
    impressions: Count = Ads, "SUM(f.impressions)";
    /// Clicks on ads.
    clicks: Count = Ads, "SUM(f.clicks)";
    /// Starts of videos in ads, as each platform defines a view.
    video_views: Count = Ads, "SUM(f.video_views)";
    /// Seconds for which videos in ads were watched.
    watch_seconds: Count = Ads, "SUM(f.watch_seconds)";
    /// Reactions to ads: likes, comments, shares, clicks.
    engagements: Count = Ads, "SUM(f.engagements)";
    /// Conversions that the platforms claim.
    conversions: Millionths = Ads, "SUM(f.conversions)";
    /// The value of the conversions that the platforms claim.
    conversion_value: Money = Ads, "SUM(f.conversion_value)";

    /// Visits to the site.
    sessions: Count = Web, "SUM(f.sessions)";
    /// Visits of more than ten seconds, with a conversion, or with several pages.
    engaged_sessions: Count = Web, "SUM(f.engaged_sessions)";
    /// Visits in which a conversion happened.
    converted_sessions: Count = Web, "SUM(f.converted_sessions)";
    /// Visits whose first page is known.
    landings: Count = Web, "SUM(CASE WHEN f.landing_page = '' THEN 0 ELSE f.sessions END)";
    /// Those of them in which a conversion happened.
    converted_landings: Count = Web,
        "SUM(CASE WHEN f.landing_page = '' THEN 0 ELSE f.converted_sessions END)";
    /// Pages shown.
    pageviews: Count = Web, "SUM(f.pageviews)";
    /// Events that web analytics counts as results of visits.
    key_events: Count = Web, "SUM(f.key_events)";
    /// Revenue that web analytics counts.
    web_revenue: Money = Web, "SUM(f.revenue)";
    /// Seconds for which pages were looked at.
    engagement_seconds: Count = Web, "SUM(f.engagement_seconds)";

    /// People who saw an ad.
    reach: Count distinct sparse = People, "REACH";
    /// Visitors of the site.
    users: Count distinct sparse = People, "USERS";
    /// Visitors who had not been there before.
    new_users: Count distinct sparse = People, "NEW_USERS";
    /// Visitors who converted.
    converted_users: Count distinct sparse = People, "CONVERTED_USERS";

    /// Orders, without test and cancelled ones.
    orders: Count = Orders, "COUNT(*)";
    /// Net order value before refunds.
    net_sales: Money = Orders, "SUM(f.net)";
    /// What the orders' own refunds took back of their net value, whenever they happened. What was given back beyond
    /// it was tax and shipping.
    refunded_of_orders: Money = Orders, "SUM(CASE WHEN f.refunded > f.net THEN f.net ELSE f.refunded END)";
    /// The same of the orders of the period before.
    refunded_of_orders_before: Money previous = Orders,
        "SUM(CASE WHEN f.refunded > f.net THEN f.net ELSE f.refunded END)";
    /// Orders that were not refunded whole.
    kept_orders: Count = Orders, "SUM(CASE WHEN f.refunded >= f.net AND f.net > 0 THEN 0 ELSE 1 END)";
    /// Net order value, less refunds, of customers' first orders.
    first_order_sales: Money = Orders,
        "SUM(CASE WHEN f.customer_id IS NULL OR EXISTS (SELECT 1 FROM orders x WHERE x.team_id = f.team_id \
         AND x.customer_id = f.customer_id AND x.counted AND x.day <= f.day \
         AND (x.ordered_at < f.ordered_at OR (x.ordered_at = f.ordered_at AND x.id < f.id))) THEN 0 \
         WHEN f.refunded > f.net THEN 0 ELSE f.net - f.refunded END)";
    /// Net order value of the period before.
    net_sales_before: Money previous = Orders, "SUM(f.net)";
    /// Cost of the goods sold.
    goods_cost: Money = Orders, "SUM(f.cost_of_goods)";
    /// Orders whose cost of goods is unknown.
    orders_without_cost: Count = Orders, "SUM(CASE WHEN f.cost_of_goods IS NULL THEN 1 ELSE 0 END)";
    /// Distinct customers who ordered.
    buyers: Count distinct = Orders, "COUNT(DISTINCT f.customer_id)";
    /// Distinct customers who ordered on the day of their first order.
    new_buyers: Count distinct = Orders,
        "COUNT(DISTINCT CASE WHEN EXISTS (SELECT 1 FROM customer x WHERE x.team_id = f.team_id \
         AND x.id = f.customer_id AND x.first_order_day = f.day) THEN f.customer_id END)";
    /// Refunds paid, on the day they were paid.
    refunds: Money optional = Refunds, "SUM(f.amount)";
    /// Refunds paid in the period before.
    refunds_before: Money optional previous = Refunds, "SUM(f.amount)";

    /// Customers whose first order ever lies in the period.
    new_customers: Count = FirstOrders, "COUNT(*)";
    /// Those of them whom a paid channel acquired.
    paid_new_customers: Count = FirstOrders,
        "SUM(CASE WHEN EXISTS (SELECT 1 FROM channel x WHERE x.team_id = f.team_id \
         AND x.id = f.acquired_channel_id AND x.paid) THEN 1 ELSE 0 END)";
    /// Customers with at least one order by the end of the period.
    customers_to_date: Count to_date = FirstOrders, "COUNT(*)";
    /// Customers with at least two orders by the end of the period.
    repeat_customers_to_date: Count to_date = SecondOrders, "COUNT(*)";

    /// First entries to the stage LEAD.
    leads: Count = Stages, "SUM(CASE WHEN f.stage = 'LEAD' THEN 1 ELSE 0 END)";
    /// First entries to the stage MQL.
    mqls: Count = Stages, "SUM(CASE WHEN f.stage = 'MQL' THEN 1 ELSE 0 END)";

    /// First entries to the stage SAL.
    sals: Count = Stages, "SUM(CASE WHEN f.stage = 'SAL' THEN 1 ELSE 0 END)";
    /// First entries to the stage SQL.
    sqls: Count = Stages, "SUM(CASE WHEN f.stage = 'SQL' THEN 1 ELSE 0 END)";
    /// First entries to the stage SQO.
    sqos: Count = Stages, "SUM(CASE WHEN f.stage = 'SQO' THEN 1 ELSE 0 END)";

    /// Distinct people who called and became a lead then or later.
    callers_who_became_leads: Count distinct = Touches,
        "COUNT(DISTINCT CASE WHEN f.kind = 'CALL' AND EXISTS (SELECT 1 FROM stage_event x \
         WHERE x.team_id = f.team_id AND x.customer_id = f.customer_id AND x.stage = 'LEAD' AND x.first_entry \
         AND x.entered_at >= f.occurred_at) THEN f.customer_id END)";

    /// The amount of the opportunities opened.
    opened_amount: Money = OpenedDeals, "SUM(f.amount)";
    /// That of the opportunities whose customer a campaign or channel acquired.
    sourced_amount: Money = OpenedDeals,
        "SUM(CASE WHEN EXISTS (SELECT 1 FROM customer x WHERE x.team_id = f.team_id AND x.id = f.customer_id \
         AND (x.acquired_campaign_id IS NOT NULL OR x.acquired_channel_id IS NOT NULL)) THEN f.amount ELSE 0 END)";
    /// That of the opportunities whose customer had a contact with marketing before.
    influenced_amount: Money = OpenedDeals,
        "SUM(CASE WHEN EXISTS (SELECT 1 FROM touchpoint x WHERE x.team_id = f.team_id \
         AND x.customer_id = f.customer_id AND x.day <= f.opened_on) THEN f.amount ELSE 0 END)";
    /// First entries to the stage LEAD that were followed by a later stage.
    leads_passed: Count = Stages, "SUM(CASE WHEN f.stage = 'LEAD' AND {passed} THEN 1 ELSE 0 END)";
    /// First entries to the stage MQL that were followed by a later stage.
    mqls_passed: Count = Stages, "SUM(CASE WHEN f.stage = 'MQL' AND {passed} THEN 1 ELSE 0 END)";
    /// First entries to the stage SAL that were followed by a later stage.
    sals_passed: Count = Stages, "SUM(CASE WHEN f.stage = 'SAL' AND {passed} THEN 1 ELSE 0 END)";
    /// First entries to the stage SQL that were followed by a later stage.
    sqls_passed: Count = Stages, "SUM(CASE WHEN f.stage = 'SQL' AND {passed} THEN 1 ELSE 0 END)";
    /// First entries to the stage SQO that were followed by a later stage.
    sqos_passed: Count = Stages, "SUM(CASE WHEN f.stage = 'SQO' AND {passed} THEN 1 ELSE 0 END)";
    /// First entries to the stages from VISITOR to SQO.
    stage_entries: Count = Stages,
        "SUM(CASE WHEN f.stage IN ('VISITOR', 'LEAD', 'MQL', 'SAL', 'SQL', 'SQO') THEN 1 ELSE 0 END)";
    /// Those of them that were followed by a later stage.
    stage_entries_passed: Count = Stages,
        "SUM(CASE WHEN f.stage IN ('VISITOR', 'LEAD', 'MQL', 'SAL', 'SQL', 'SQO') AND {passed} THEN 1 ELSE 0 END)";

    /// Distinct customers who ordered in the time before the period that counts as being active.
    active_before: Count distinct = Activity, "SUM(t.a)";
    /// Those of them who also ordered in the last such time of the period.
    retained: Count distinct = Activity, "SUM(t.a * t.b)";
    /// Distinct customers who ordered in the last such time of the period, active before or not.
    recent_buyers: Count distinct = Activity, "SUM(t.b)";

    /// Customers whose first order lies in the period and whose second came within 30 days of it.
    repeated_within_30: Count = FirstOrders,
        "SUM(CASE WHEN f.second_order_day IS NOT NULL AND (SELECT {seconds:o.ordered_at} FROM orders o \
         WHERE o.team_id = f.team_id AND o.customer_id = f.id AND o.counted ORDER BY o.ordered_at LIMIT 1 OFFSET 1) \
         - (SELECT {seconds:MIN(o.ordered_at)} FROM orders o WHERE o.team_id = f.team_id AND o.customer_id = f.id \
         AND o.counted) <= 2592000 THEN 1 ELSE 0 END)";
    /// Customers whose first order lies in the period and whose second came within 90 days of it.
    repeated_within_90: Count = FirstOrders,
        "SUM(CASE WHEN f.second_order_day IS NOT NULL AND (SELECT {seconds:o.ordered_at} FROM orders o \
         WHERE o.team_id = f.team_id AND o.customer_id = f.id AND o.counted ORDER BY o.ordered_at LIMIT 1 OFFSET 1) \
         - (SELECT {seconds:MIN(o.ordered_at)} FROM orders o WHERE o.team_id = f.team_id AND o.customer_id = f.id \
         AND o.counted) <= 7776000 THEN 1 ELSE 0 END)";
    /// Customers whose first order lies in the period and whose second came within 365 days of it.
    repeated_within_365: Count = FirstOrders,
        "SUM(CASE WHEN f.second_order_day IS NOT NULL AND (SELECT {seconds:o.ordered_at} FROM orders o \
         WHERE o.team_id = f.team_id AND o.customer_id = f.id AND o.counted ORDER BY o.ordered_at LIMIT 1 OFFSET 1) \
         - (SELECT {seconds:MIN(o.ordered_at)} FROM orders o WHERE o.team_id = f.team_id AND o.customer_id = f.id \
         AND o.counted) <= 31536000 THEN 1 ELSE 0 END)";

    /// Net value of all orders of known customers up to the end of the period.
    customers_net: Money to_date = CustomerOrders, "SUM(f.net)";
    /// What their refunds took back of it.
    customers_refunded: Money to_date = CustomerOrders,
        "SUM(CASE WHEN f.refunded > f.net THEN f.net ELSE f.refunded END)";
    /// The cost of these orders' goods.
    customers_goods_cost: Money to_date = CustomerOrders, "SUM(f.cost_of_goods)";
    /// How many orders these are.
    customers_orders: Count to_date = CustomerOrders, "COUNT(*)";
    /// How many of these orders have an unknown cost of goods.
    customers_orders_without_cost: Count to_date = CustomerOrders,
        "SUM(CASE WHEN f.cost_of_goods IS NULL THEN 1 ELSE 0 END)";

    /// Distinct customers whose first order lies in the period, by when they ordered.
    cohort_buyers: Count distinct = CohortOrders, "COUNT(DISTINCT f.customer_id)";
    /// Net value of all orders so far of the customers whose first order lies in the period.
    cohort_net: Money = CohortOrders, "SUM(f.net)";
    /// What their refunds took back of it.
    cohort_refunded: Money = CohortOrders, "SUM(CASE WHEN f.refunded > f.net THEN f.net ELSE f.refunded END)";
    /// The cost of these orders' goods.
    cohort_goods_cost: Money = CohortOrders, "SUM(f.cost_of_goods)";
    /// How many orders these are.
    cohort_orders: Count = CohortOrders, "COUNT(*)";
    /// How many of these orders have an unknown cost of goods.
    cohort_orders_without_cost: Count = CohortOrders, "SUM(CASE WHEN f.cost_of_goods IS NULL THEN 1 ELSE 0 END)";
    /// Refunds so far of the customers whose first order lies in the period, by when they were paid.
    cohort_refunds: Money optional = CohortRefunds, "SUM(f.amount)";
    /// The months after which the margin of these customers had paid back what it cost to win them.
    payback_months: Count distinct = Payback, "COUNT(*)";

    /// Opportunities won.
    won_deals: Count = ClosedDeals, "SUM(CASE WHEN f.outcome = 'WON' THEN 1 ELSE 0 END)";
    /// Opportunities lost.
    lost_deals: Count = ClosedDeals, "SUM(CASE WHEN f.outcome = 'LOST' THEN 1 ELSE 0 END)";
    /// The amount of the opportunities won.
    won_amount: Money = ClosedDeals, "SUM(CASE WHEN f.outcome = 'WON' THEN f.amount ELSE 0 END)";
    /// Opportunities won whose amount is known.
    won_deals_with_amount: Count = ClosedDeals,
        "SUM(CASE WHEN f.outcome = 'WON' AND f.amount IS NOT NULL THEN 1 ELSE 0 END)";

    /// Opportunities won whose first day is known.
    won_deals_with_cycle: Count = ClosedDeals,
        "SUM(CASE WHEN f.outcome = 'WON' AND f.opened_on IS NOT NULL THEN 1 ELSE 0 END)";
    /// The days that these took from opening to closing.
    won_cycle_days: Count = ClosedDeals,
        "SUM(CASE WHEN f.outcome = 'WON' AND f.opened_on IS NOT NULL THEN {cycle} ELSE 0 END)";

    /// Answers to how likely one is to recommend.
    nps_answers: Count = Answers, "SUM(CASE WHEN f.kind = 'NPS' THEN 1 ELSE 0 END)";
    /// Answers of 9 and 10.
    promoters: Count = Answers, "SUM(CASE WHEN f.kind = 'NPS' AND f.score >= 9 THEN 1 ELSE 0 END)";
    /// Answers of 0 to 6.
    detractors: Count = Answers, "SUM(CASE WHEN f.kind = 'NPS' AND f.score <= 6 THEN 1 ELSE 0 END)";
    /// Answers to how satisfied one is.
    csat_answers: Count = Answers, "SUM(CASE WHEN f.kind = 'CSAT' THEN 1 ELSE 0 END)";
    /// Those in the upper fifths of the scale: 4 and 5 of 5.
    satisfied: Count = Answers,
        "SUM(CASE WHEN f.kind = 'CSAT' AND f.score * 5 >= f.scale_max * 4 THEN 1 ELSE 0 END)";

    /// Mails sent.
    mails_sent: Count = Email, "SUM(f.sent)";
    /// Mails delivered.
    mails_delivered: Count = Email, "SUM(f.delivered)";
    /// People who opened a mail, counted for each mail.
    mail_opens: Count = Email, "SUM(f.unique_opens)";
    /// Openings by machines, which fetch mails before people do.
    machine_opens: Count = Email, "SUM(f.machine_opens)";
    /// People who clicked in a mail, counted for each mail.
    mail_clicks: Count = Email, "SUM(f.unique_clicks)";
    /// People who unsubscribed.
    unsubscribes: Count = Email, "SUM(f.unsubscribes)";
    /// Mails that came back.
    mail_bounces: Count = Email, "SUM(f.bounces)";
    /// Mails that were reported as unwanted.
    complaints: Count = Email, "SUM(f.complaints)";

    /// Followers of the social accounts at the end of the period.
    followers: Count semi sparse = Followers, "END";
    /// Followers of the social accounts on the day before the period.
    followers_before: Count semi sparse = Followers, "START";
    /// Followers gained.
    followers_gained: Count = Social, "SUM(f.followers_gained)";
    /// Followers lost.
    followers_lost: Count = Social, "SUM(f.followers_lost)";
    /// Times the brand was mentioned.
    mentions: Count = Social, "SUM(f.mentions)";
    /// Reactions to posts.
    social_engagements: Count = Social, "SUM(f.engagements)";
    /// Times posts were shown.
    social_impressions: Count = Social, "SUM(f.impressions)";
    /// Likes of posts.
    likes: Count = Social, "SUM(f.likes)";
    /// Posts passed on.
    shares: Count = Social, "SUM(f.shares)";
    /// Posts, newsletters, videos published.
    published: Count = Content, "COUNT(*)";

    /// Searches for the brand.
    brand_searches: Millionths sparse = Outside, "SUM(CASE WHEN f.figure = 'brand_searches' THEN f.value END)";
    /// Mentions of competitors.
    competitor_mentions: Millionths sparse = Outside,
        "SUM(CASE WHEN f.figure = 'competitor_mentions' THEN f.value END)";
    /// People asked whether they know the brand.
    awareness_asked: Millionths sparse = Outside, "SUM(CASE WHEN f.figure = 'awareness_asked' THEN f.value END)";
    /// Those who knew it when it was named.
    aware_aided: Millionths sparse = Outside, "SUM(CASE WHEN f.figure = 'aware_aided' THEN f.value END)";
    /// Those who named it themselves.
    aware_unaided: Millionths sparse = Outside, "SUM(CASE WHEN f.figure = 'aware_unaided' THEN f.value END)";
    /// Comments whose tone was scored.
    scored_comments: Millionths sparse = Outside, "SUM(CASE WHEN f.figure = 'scored_comments' THEN f.value END)";
    /// Comments in a positive tone.
    positive_comments: Millionths sparse = Outside,
        "SUM(CASE WHEN f.figure = 'positive_comments' THEN f.value END)";
    /// Comments in a negative tone.
    negative_comments: Millionths sparse = Outside,
        "SUM(CASE WHEN f.figure = 'negative_comments' THEN f.value END)";
    /// Times ads were shown on results of searches.
    search_impressions: Millionths sparse = Outside,
        "SUM(CASE WHEN f.figure = 'search_impressions' THEN f.value END)";
    /// Times they could have been shown.
    eligible_impressions: Millionths sparse = Outside,
        "SUM(CASE WHEN f.figure = 'eligible_impressions' THEN f.value END)";
    /// Times they were shown in the very first place.
    top_impressions: Millionths sparse = Outside, "SUM(CASE WHEN f.figure = 'top_impressions' THEN f.value END)";
    /// Sales of the whole market.
    market_sales: Money sparse = Outside, "SUM(CASE WHEN f.figure = 'market_sales' THEN f.value END)";
    /// Sales of the whole market in the period before.
    market_sales_before: Money sparse previous = Outside,
        "SUM(CASE WHEN f.figure = 'market_sales' THEN f.value END)";
    /// People in the market.
    market_people: Millionths sparse = Outside, "SUM(CASE WHEN f.figure = 'market_people' THEN f.value END)";
    /// Those of them whom advertising met.
    exposed_people: Millionths sparse = Outside, "SUM(CASE WHEN f.figure = 'exposed_people' THEN f.value END)";
    /// Revenue of visits that saw a page before they converted.
    page_revenue: Money sparse = Outside, "SUM(CASE WHEN f.figure = 'page_revenue' THEN f.value END)";
    /// Visits that saw the page, each once.
    unique_pageviews: Millionths sparse = Outside,
        "SUM(CASE WHEN f.figure = 'unique_pageviews' THEN f.value END)";

    /// Conversions that the team recorded itself.
    recorded_conversions: Count = Conversions, "COUNT(*)";
    /// The value of the conversions that the team recorded itself.
    recorded_conversion_value: Money = Conversions, "SUM(f.value)";

    /// Marketing costs other than media, as far as their days are over.
    other_costs: Money optional elapsed = Costs, "SUM(f.amount)";
    /// Those of them that serve to win customers.
    acquisition_costs: Money optional elapsed = Costs, "SUM(CASE WHEN i.acquisition THEN f.amount ELSE 0 END)";

    /// Costs of the whole team that are shared out in proportion to ad spend.
    shared_by_spend: Money optional elapsed = SharedCosts,
        "SUM(CASE WHEN i.allocation = 'SPEND' THEN f.amount ELSE 0 END)";
    /// Costs of the whole team that are shared out evenly.
    shared_evenly: Money optional elapsed = SharedCosts,
        "SUM(CASE WHEN i.allocation = 'EVENLY' THEN f.amount ELSE 0 END)";
    /// Those in proportion to ad spend that serve to win customers.
    acquisition_by_spend: Money optional elapsed = SharedCosts,
        "SUM(CASE WHEN i.acquisition AND i.allocation = 'SPEND' THEN f.amount ELSE 0 END)";
    /// Those shared out evenly that serve to win customers.
    acquisition_evenly: Money optional elapsed = SharedCosts,
        "SUM(CASE WHEN i.acquisition AND i.allocation = 'EVENLY' THEN f.amount ELSE 0 END)";

    /// Spend of campaigns on days for which they have a budget, as far as the days are over.
    budgeted_spend: Money elapsed = BudgetedAds, "SUM(f.spend)";
    /// What even spending of the budgets would have used on the days that are over.
    budget_to_date: Money elapsed = Budgets, "SUM(f.amount)";
}

impl Measure {
    /// Whether it counts conversions, which have types, or their value.
    pub fn counts_conversions(self) -> bool {
        matches!(
            self,
            Self::conversions
                | Self::conversion_value
                | Self::recorded_conversions
                | Self::recorded_conversion_value
        )
    }

    /// All orders, of a measure that counts those with an unknown cost of goods.
    pub fn with_known_costs_too(self) -> Option<Self> {
        match self {
            Self::orders_without_cost => Some(Self::orders),
            Self::customers_orders_without_cost => Some(Self::customers_orders),
            Self::cohort_orders_without_cost => Some(Self::cohort_orders),
            _ => None,
        }
    }

    /// How parts of the measure can be put together.
    pub fn additivity(self) -> Additivity {
        let spec = self.spec();
        if spec.fact == Fact::Payback {
            Additivity::NonAdditive
        } else if spec.distinct {
            Additivity::Distinct
        } else if spec.to_date || spec.semi {
            Additivity::SemiAdditive
        } else {
            Additivity::Additive
        }
    }

    /// The measure that takes this one's place when results are not taken from the platforms.
    pub fn under(self, basis: Basis) -> Self {
        match (self, basis) {
            (_, Basis::PlatformReported) => self,
            (Self::conversions, _) => Self::recorded_conversions,
            (Self::conversion_value, _) => Self::recorded_conversion_value,
            _ => self,
        }
    }

    pub(in crate::store) fn sql(self) -> &'static str {
        self.spec().sql
    }
}
