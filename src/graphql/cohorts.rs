//! `cohorts`: customers by the time of their first order, and what they did since.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::{
    Session,
    kpi_input::{KpiOptions, PeriodInput},
    list::{most, start},
    metrics_rows::DimensionValue,
    period::Period,
    scalars::Date,
};
use crate::{
    auth::Scope,
    error::{ApiResult, Error, Result},
    kpi::{KpiValue, cohort, graphql_name},
    store::measures::{Cut, Dimension, Key},
    time::Grain,
};

/// A question for cohorts.
#[derive(InputObject)]
pub struct CohortInput {
    /// On which days the customers ordered first. Customers who did on other days are left out, so let the period begin
    /// and end with a bucket.
    period: PeriodInput,
    /// The size of the cohorts and of the steps in which they are followed.
    grain: Grain,
    /// How many buckets each cohort is followed for, its own included, 1 to 400. Buckets that have not begun yet are
    /// left out.
    periods: u32,
    /// Tell the customers of one bucket apart by who acquired them or where they are: CAMPAIGN, CHANNEL, CHANNEL_KIND,
    /// OBJECTIVE or COUNTRY.
    split_by: Option<Dimension>,
    /// Comparison, currency, and whether only cohorts whose own bucket is over are told; other options are refused.
    /// Cohorts are paired in their order and cells by their offset, as soon as these are over.
    options: Option<KpiOptions>,
}

/// Answers a question.
pub async fn cohorts(ctx: &Context<'_>, input: &CohortInput) -> ApiResult<CohortTable> {
    let session = Session::with_scope(ctx, Scope::MetricsRead)?;
    let options = input.options.clone().unwrap_or_default();
    options.take_only(&["compareTo", "currency", "onlyComplete"])?;
    let ask = cohort::CohortAsk {
        period: input.period.ask(),
        grain: input.grain,
        periods: input.periods,
        split: split(input.split_by)?,
        compare: options.compare()?,
        currency: options.currency()?,
        only_complete: options.only_complete(),
        rights: session.rights(),
    };
    let table = cohort::answer(&session.store, &ask).await?;
    Ok(CohortTable {
        table,
        split: ask.split,
    })
}

/// The cut of a dimension by which people can be told apart.
pub fn split(by: Option<Dimension>) -> Result<Option<Cut>> {
    use Dimension as D;
    match by {
        None => Ok(None),
        Some(by @ (D::Campaign | D::Channel | D::ChannelKind | D::Objective | D::Country)) => {
            Ok(Some(Cut::By(by)))
        }
        Some(other) => Err(Error::invalid(
            "input.splitBy",
            graphql_name(other),
            "CAMPAIGN, CHANNEL, CHANNEL_KIND, OBJECTIVE and COUNTRY are allowed",
        )),
    }
}

/// A split's value, as a list.
pub fn acquisition<'a>(
    cut: Option<&'a Cut>,
    key: Option<&'a Key>,
    limit: Option<u32>,
) -> Vec<DimensionValue<'a>> {
    let value = cut.zip(key).map(|(cut, key)| DimensionValue { cut, key });
    value.into_iter().take(most(limit)).collect()
}

/// Cohorts and what they have in common.
pub struct CohortTable {
    table: cohort::CohortTable,
    split: Option<Cut>,
}

/// A triangle of cohorts: the newer one is, the fewer cells it has.
#[Object]
impl CohortTable {
    /// The days on which the customers ordered first.
    async fn period(&self) -> Period {
        Period(self.table.period.clone())
    }

    /// The days of the cohorts compared with. Null when no comparison was asked.
    async fn compared_to(&self, ctx: &Context<'_>) -> ApiResult<Option<Period>> {
        let session = Session::of(ctx)?;
        let days = self.table.baseline;
        days.map(|days| Period::of_days(session, None, days, None))
            .transpose()
    }

    /// The cohorts that have customers, by time and then by what they are split by. Their sizes add up to NEW_CUSTOMERS
    /// of the period.
    async fn cohorts(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> Vec<Cohort<'_>> {
        let cohort = |cohort| Cohort {
            cohort,
            split: self.split.as_ref(),
        };
        let cohorts = start(&self.table.cohorts, limit);
        cohorts.iter().map(cohort).collect()
    }

    /// The cohorts put together by offset, larger ones counting for more: one summary for each value of the split, one
    /// in all without a split. Only cells of buckets that are over count.
    async fn summary(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> Vec<CohortSummary<'_>> {
        let summary = |summary| CohortSummary {
            summary,
            split: self.split.as_ref(),
        };
        let summaries = start(&self.table.summary, limit);
        summaries.iter().map(summary).collect()
    }
}

/// One cohort.
pub struct Cohort<'a> {
    cohort: &'a cohort::Cohort,
    split: Option<&'a Cut>,
}

/// Customers whose first order lies in one bucket of time.
#[Object]
impl Cohort<'_> {
    /// The first day of the bucket.
    async fn start(&self) -> Date {
        Date(self.cohort.days.from)
    }

    /// The bucket.
    async fn bucket(&self, ctx: &Context<'_>) -> ApiResult<Period> {
        let session = Session::of(ctx)?;
        let label = session.store.calendar()?.label(self.cohort.bucket);
        Period::of_days(session, None, self.cohort.days, Some(label))
    }

    /// How many customers.
    async fn size(&self) -> u64 {
        whole(self.cohort.size)
    }

    /// Who acquired them, or where they are, by what was asked; empty without a split.
    async fn acquisition(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> Vec<DimensionValue<'_>> {
        acquisition(self.split, self.cohort.split.as_ref(), limit)
    }

    /// What they did in their own bucket and in those after it, as far as these have begun.
    async fn cells(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> ApiResult<Vec<CohortCell<'_>>> {
        let session = Session::of(ctx)?;
        let given = start(&self.cohort.cells, limit);
        let mut cells = Vec::with_capacity(given.len());
        for cell in given {
            cells.push(CohortCell {
                offset: cell.offset,
                period: Period::of_days(session, None, cell.days, None)?,
                complete: cell.complete,
                retained: &cell.retained,
                revenue: &cell.revenue,
                cumulative_ltv: &cell.cumulative_ltv,
            });
        }
        Ok(cells)
    }
}

/// What a cohort did in one bucket.
#[derive(SimpleObject)]
pub struct CohortCell<'a> {
    /// How many buckets after the cohort's own; 0 is its own.
    offset: u32,
    /// The days of the bucket.
    period: Period,
    /// Whether these are over. The values of a cell that is not complete will still change.
    complete: bool,
    /// The share of the cohort who ordered in the bucket; 1 at offset 0.
    retained: &'a KpiValue,
    /// What the cohort brought in the bucket: net sales less the refunds paid in it.
    revenue: &'a KpiValue,
    /// The margin that the cohort brought up to the end of the bucket, per customer. Refunds count with their orders.
    /// Null with MISSING_COST when the cost of goods of any of these orders is unknown.
    cumulative_ltv: &'a KpiValue,
}

/// Several cohorts put together.
pub struct CohortSummary<'a> {
    summary: &'a cohort::Summary,
    split: Option<&'a Cut>,
}

/// Cohorts put together by offset.
#[Object]
impl CohortSummary<'_> {
    /// Who acquired the customers, or where they are, by what was asked; empty without a split.
    async fn acquisition(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> Vec<DimensionValue<'_>> {
        acquisition(self.split, self.summary.split.as_ref(), limit)
    }

    /// How many customers the cohorts have together.
    async fn size(&self) -> u64 {
        whole(self.summary.size)
    }

    /// What they did by offset, as far as the bucket is over for at least one cohort.
    async fn cells(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> Vec<CohortSummaryCell<'_>> {
        let given = start(&self.summary.cells, limit);
        let mut cells = Vec::with_capacity(given.len());
        for cell in given {
            cells.push(CohortSummaryCell {
                offset: cell.offset,
                cohorts: cell.cohorts,
                size: whole(cell.size),
                retained: &cell.retained,
                revenue: &cell.revenue,
                cumulative_ltv: &cell.cumulative_ltv,
            });
        }
        cells
    }
}

/// What all cohorts did so many buckets after their own, of those for which it is over.
#[derive(SimpleObject)]
pub struct CohortSummaryCell<'a> {
    /// How many buckets after the cohorts' own.
    offset: u32,
    /// How many cohorts there are for which the bucket is over.
    cohorts: u32,
    /// How many customers these have.
    size: u64,
    /// The share of these customers who ordered.
    retained: &'a KpiValue,
    /// What these customers brought in the bucket.
    revenue: &'a KpiValue,
    /// The margin up to the end of the bucket per customer. Null with MISSING_COST when a cost of goods is unknown.
    cumulative_ltv: &'a KpiValue,
}

fn whole(count: Decimal) -> u64 {
    count.to_u64().unwrap_or_default()
}
