//! BG/NBD, the beta-geometric/negative binomial model of repeat purchases without a contract (Fader, Hardie and Lee,
//! Marketing Science 24(2), 2005): customers buy at rates of a gamma distribution (r, alpha) and drop out after a
//! purchase with probabilities of a beta distribution (a, b). Time is in weeks.

use statrs::function::gamma::{digamma, ln_gamma};

use super::{
    likelihood::{Degenerate, LogLikelihood, Maximum, Point, maximise},
    series,
};

/// Days of the models' unit of time.
pub const DAYS_PER_WEEK: f64 = 7.0;

/// What the model knows of a customer, in days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct History {
    /// Days with a purchase after the first such day.
    pub repeats: u32,
    /// From the first to the last purchase; 0 without repeats.
    pub recency_days: u32,
    /// From the first purchase to the end of observation.
    pub age_days: u32,
}

impl History {
    /// x, t_x and T of the paper.
    fn weeks(self) -> Customer {
        Customer {
            x: f64::from(self.repeats),
            t_x: f64::from(self.recency_days) / DAYS_PER_WEEK,
            t: f64::from(self.age_days) / DAYS_PER_WEEK,
        }
    }
}

/// A customer in the terms of the paper.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Customer {
    /// Repeat purchases.
    pub x: f64,
    /// Weeks from the first to the last purchase.
    pub t_x: f64,
    /// Weeks from the first purchase to the end of observation.
    pub t: f64,
}

impl From<History> for Customer {
    fn from(history: History) -> Self {
        history.weeks()
    }
}

/// The model's parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BgNbd {
    /// Shape of the distribution of purchase rates.
    pub r: f64,
    /// Its scale, in weeks.
    pub alpha: f64,
    /// First parameter of the distribution of dropout probabilities.
    pub a: f64,
    /// Its second parameter.
    pub b: f64,
}

/// The model fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// The parameters.
    pub model: BgNbd,
    /// The log-likelihood there.
    pub log_likelihood: f64,
}

impl BgNbd {
    /// Fits the model to histories in any order; equal ones count once in the arithmetic, so that many customers fit fast.
    ///
    /// # Errors
    /// No interior maximum, such as when nobody seems ever to drop out.
    pub fn fit(histories: impl IntoIterator<Item = History>) -> Result<Fit, Degenerate> {
        let likelihood = Likelihood::new(histories);
        let repeats: f64 = likelihood.groups.iter().map(|g| g.count * g.at.x).sum();
        let weeks: f64 = likelihood.groups.iter().map(|g| g.count * g.at.t).sum();
        if repeats <= 0.0 || weeks <= 0.0 {
            return Err(Degenerate::RunsOff("r"));
        }
        let gap = weeks / repeats;
        let starts = [[0.5, 0.5 * gap, 1.0, 3.0], [2.0, 2.0 * gap, 0.3, 3.0]];
        let Maximum {
            parameters: [r, alpha, a, b],
            log_likelihood,
        } = maximise(&likelihood, &starts)?;
        let model = Self { r, alpha, a, b };
        Ok(Fit {
            model,
            log_likelihood,
        })
    }

    /// The probability that the customer will buy again at some time; 1 before the first repeat purchase, because in
    /// this model customers drop out after repeat purchases alone.
    pub fn alive(&self, customer: impl Into<Customer>) -> f64 {
        1.0 / (1.0 + self.gone(customer.into()))
    }

    /// Purchase days expected in the next so many weeks (equation 10 of the paper).
    pub fn expected(&self, customer: impl Into<Customer>, weeks: f64) -> f64 {
        let customer = customer.into();
        let alive = 1.0 + self.gone(customer);
        series::expected(self, customer.x, self.alpha + customer.t, weeks) / alive
    }

    /// Repeat purchase days expected in the first so many weeks of a customer of whom nothing is known yet.
    pub fn expected_of_new(&self, weeks: f64) -> f64 {
        series::expected(self, 0.0, self.alpha, weeks)
    }

    /// The odds that the customer has dropped out.
    fn gone(&self, Customer { x, t_x, t }: Customer) -> f64 {
        if x == 0.0 {
            return 0.0;
        }
        let waited = ((self.alpha + t) / (self.alpha + t_x)).ln() * (self.r + x);
        self.a / (self.b + x - 1.0) * waited.exp()
    }
}

/// Customers with the same history.
struct Group {
    at: Customer,
    count: f64,
}

/// The log-likelihood of the histories, equal ones put together.
struct Likelihood {
    /// Ordered, so that sums do not depend on the order of the input.
    groups: Vec<Group>,
    customers: f64,
}

impl Likelihood {
    fn new(histories: impl IntoIterator<Item = History>) -> Self {
        let mut histories: Vec<History> = histories.into_iter().collect();
        histories.sort_unstable();
        let groups = histories
            .chunk_by(|one, next| one == next)
            .map(|same| Group {
                at: same[0].weeks(),
                count: same.len() as f64,
            });
        Self {
            groups: groups.collect(),
            customers: histories.len() as f64,
        }
    }
}

impl LogLikelihood<4> for Likelihood {
    const NAMES: [&'static str; 4] = ["r", "alpha", "a", "b"];

    fn customers(&self) -> f64 {
        self.customers
    }

    fn at(&self, &[r, alpha, a, b]: &[f64; 4]) -> Point<4> {
        let mut point = Point {
            value: 0.0,
            gradient: [0.0; 4],
        };
        // Groups come by number of repeats: the gamma functions are the same for all of one number.
        for same in self.groups.chunk_by(|one, next| one.at.x == next.at.x) {
            let x = same[0].at.x;
            let of_rate = ln_gamma(r + x) - ln_gamma(r) + r * alpha.ln();
            let of_dropout = ln_gamma(a + b) + ln_gamma(b + x) - ln_gamma(b) - ln_gamma(a + b + x);
            let both = digamma(a + b) - digamma(a + b + x);
            let by = [
                digamma(r + x) - digamma(r) + alpha.ln(),
                r / alpha,
                both,
                both + digamma(b + x) - digamma(b),
            ];
            for Group { at, count } in same {
                let (value, gradient) = still_or_gone([r, alpha, a, b], *at);
                point.value += count * (of_rate + of_dropout + value);
                for place in 0..4 {
                    point.gradient[place] += count * (by[place] + gradient[place]);
                }
            }
        }
        point
    }
}

/// The logarithm of the sum of both cases, still a customer and dropped out at the last purchase, and its derivatives.
fn still_or_gone([r, alpha, a, b]: [f64; 4], Customer { x, t_x, t }: Customer) -> (f64, [f64; 4]) {
    let (rate, now, then) = (r + x, (alpha + t).ln(), (alpha + t_x).ln());
    let still = -rate * now;
    if x == 0.0 {
        return (still, [-now, -rate / (alpha + t), 0.0, 0.0]);
    }
    let gone = a.ln() - (b + x - 1.0).ln() - rate * then;
    let larger = still.max(gone);
    let value = larger + ((still - larger).exp() + (gone - larger).exp()).ln();
    let (still, gone) = ((still - value).exp(), (gone - value).exp());
    let gradient = [
        -still * now - gone * then,
        -rate * (still / (alpha + t) + gone / (alpha + t_x)),
        gone / a,
        -gone / (b + x - 1.0),
    ];
    (value, gradient)
}

#[cfg(test)]
mod tests;
