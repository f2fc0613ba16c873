// What the load test asks: one entry per kind of question that users put.

const KPI = '{ value comparison { relative verdict } undefinedReason { code } }';

export const scenarios = {
  point: {
    about: 'the team',
    query: '{ viewer { team { id } } }',
  },
  list: {
    about: '10 campaigns with channels and budget',
    query: `{
      campaigns(first: 10) {
        nodes {
          id name status startsOn endsOn
          channels(first: 10) { nodes { id name kind } }
          budget { total { amount currency } spent { amount } pacing }
        }
        pageInfo { hasNextPage endCursor }
      }
    }`,
  },
  kpis: {
    about: '10 campaigns × 10 KPIs, compared',
    query: `{
      campaigns(first: 10) {
        nodes {
          id name
          kpis(period: { preset: LAST_MONTH }, options: { compareTo: { to: PREVIOUS_PERIOD } }) {
            ${['spend', 'revenue', 'roas', 'cac', 'cpl', 'cpa', 'ctr', 'cpc', 'orders', 'aov']
              .map((kpi) => `${kpi} ${KPI}`)
              .join('\n            ')}
          }
        }
      }
    }`,
  },
  series: {
    about: '3 KPIs by day for a year',
    query: `{
      metrics(first: 365, input: {
        metrics: [SPEND, REVENUE, ROAS]
        groupBy: [{ dimension: TIME, grain: DAY }]
        period: { trailing: { count: 365, grain: DAY } }
      }) {
        nodes { dimensions { key } values { value } }
      }
    }`,
  },
};
