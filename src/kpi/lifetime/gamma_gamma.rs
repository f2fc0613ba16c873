//! Gamma-Gamma, the model of what customers spend per purchase (Fader and Hardie 2013): a customer's purchases follow
//! a gamma distribution of shape p whose scale varies between customers by a gamma distribution (q, v). It takes
//! spending to be unrelated to how often somebody buys.

use statrs::function::gamma::{digamma, ln_gamma};

use super::likelihood::{Degenerate, LogLikelihood, Maximum, Point, maximise};

/// What a customer spent on repeat purchase days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spending {
    /// How many such days, at least one.
    pub repeats: u32,
    /// The mean over them; only positive ones can be fitted.
    pub mean: f64,
}

/// The model's parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GammaGamma {
    /// Shape of a customer's purchases.
    pub p: f64,
    /// Shape of the distribution between customers.
    pub q: f64,
    /// Its scale, in units of the currency.
    pub v: f64,
}

/// The model fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// The parameters.
    pub model: GammaGamma,
    /// The log-likelihood there.
    pub log_likelihood: f64,
}

impl GammaGamma {
    /// Fits the model to customers with positive means, in any order.
    ///
    /// # Errors
    /// No interior maximum, or one whose distribution has no mean.
    pub fn fit(customers: Vec<Spending>) -> Result<Fit, Degenerate> {
        let likelihood = Likelihood::new(customers);
        let unit = likelihood.unit;
        let Maximum {
            parameters: [p, q, v],
            log_likelihood,
        } = maximise(&likelihood, &[[2.0, 3.0, 1.0], [6.0, 4.0, 0.5]])?;
        let model = Self { p, q, v: v * unit };
        if model.mean().is_none() {
            return Err(Degenerate::NoMean);
        }
        // Densities per unit of the currency, not per mean.
        let log_likelihood = log_likelihood - likelihood.customers() * unit.ln();
        Ok(Fit {
            model,
            log_likelihood,
        })
    }

    /// What a purchase of a customer of whom nothing is known brings on average; `None` when there is no such mean.
    pub fn mean(&self) -> Option<f64> {
        (self.q > 1.0).then(|| self.p * self.v / (self.q - 1.0))
    }

    /// What a purchase of this customer brings on average: between the customer's own mean and that of all.
    pub fn expected(&self, repeats: u32, mean: f64) -> f64 {
        let x = f64::from(repeats);
        self.p * (self.v + x * mean) / (self.p * x + self.q - 1.0)
    }
}

/// The log-likelihood, of means as multiples of their mean, so that the currency does not matter.
struct Likelihood {
    customers: Vec<Spending>,
    unit: f64,
}

impl Likelihood {
    /// Customers are put in order, so that sums do not depend on that of the input.
    fn new(mut customers: Vec<Spending>) -> Self {
        customers.sort_by(|one, other| {
            one.repeats
                .cmp(&other.repeats)
                .then(one.mean.total_cmp(&other.mean))
        });
        let total: f64 = customers.iter().map(|customer| customer.mean).sum();
        let unit = total / customers.len().max(1) as f64;
        for customer in &mut customers {
            customer.mean /= unit;
        }
        Self { customers, unit }
    }
}

impl LogLikelihood<3> for Likelihood {
    const NAMES: [&'static str; 3] = ["p", "q", "v"];

    fn customers(&self) -> f64 {
        self.customers.len() as f64
    }

    fn at(&self, &[p, q, v]: &[f64; 3]) -> Point<3> {
        let mut point = Point {
            value: 0.0,
            gradient: [0.0; 3],
        };
        for same in self
            .customers
            .chunk_by(|one, next| one.repeats == next.repeats)
        {
            let x = f64::from(same[0].repeats);
            let shape = p * x + q;
            let of_all = ln_gamma(shape) - ln_gamma(p * x) - ln_gamma(q) + q * v.ln();
            let (by_p, by_q) = (digamma(shape) - digamma(p * x), digamma(shape) - digamma(q));
            for Spending { mean, .. } in same {
                let (total, sum) = (x * mean, (x * mean + v).ln());
                point.value += of_all + p * x * total.ln() - mean.ln() - shape * sum;
                point.gradient[0] += x * (by_p + total.ln() - sum);
                point.gradient[1] += by_q + v.ln() - sum;
                point.gradient[2] += q / v - shape / (total + v);
            }
        }
        point
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expected_spend_lies_between_the_customers_mean_and_everybodys() {
        // Published parameters of CDNOW; 22.35 over two repeats.
        let model = GammaGamma {
            p: 6.25,
            q: 3.74,
            v: 15.44,
        };
        let everybody = model.mean().unwrap();
        assert!((everybody - 35.218_978).abs() < 1e-6);
        let expected = model.expected(2, 22.35);
        // 6.25 · (15.44 + 44.70) / (12.50 + 2.74)
        assert!((expected - 24.663_714).abs() < 1e-6, "{expected}");
        assert!(22.35 < expected && expected < everybody);
        assert_eq!(model.expected(0, 0.0), everybody);
    }

    #[test]
    fn equal_spending_of_all_has_no_fit() {
        let same = vec![
            Spending {
                repeats: 2,
                mean: 10.0
            };
            500
        ];
        assert!(matches!(
            GammaGamma::fit(same),
            Err(Degenerate::RunsOff(_) | Degenerate::NoMaximum)
        ));
    }
}
