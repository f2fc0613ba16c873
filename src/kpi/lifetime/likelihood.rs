//! Maximum likelihood of positive parameters: the largest value is sought over the parameters' logarithms, and only an
//! interior maximum that the data determine is given out.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use argmin::{
    core::{CostFunction, Executor, Gradient},
    solver::{linesearch::MoreThuenteLineSearch, quasinewton::LBFGS},
};

/// Why there are no parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Degenerate {
    /// The likelihood still grows, or stays the same, as this parameter runs to zero or to infinity.
    #[error("the likelihood has no interior maximum, {0} runs off")]
    RunsOff(&'static str),
    /// The search ended elsewhere than in a maximum.
    #[error("no maximum of the likelihood was found")]
    NoMaximum,
    /// The distribution found has no mean.
    #[error("the distribution of spending has no mean")]
    NoMean,
}

/// A log-likelihood and its derivatives at some parameters.
#[derive(Clone, Copy, Debug)]
pub struct Point<const N: usize> {
    /// The log-likelihood.
    pub value: f64,
    /// Its derivative by each parameter.
    pub gradient: [f64; N],
}

/// A log-likelihood of `N` positive parameters.
pub trait LogLikelihood<const N: usize> {
    /// The parameters' names, in their order.
    const NAMES: [&'static str; N];

    /// How many customers it is the likelihood of.
    fn customers(&self) -> f64;

    /// The log-likelihood at some parameters.
    fn at(&self, parameters: &[f64; N]) -> Point<N>;
}

/// The parameters found.
#[derive(Clone, Copy, Debug)]
pub struct Maximum<const N: usize> {
    /// The parameters.
    pub parameters: [f64; N],
    /// The log-likelihood there.
    pub log_likelihood: f64,
}

/// The largest logarithm of a parameter, or of its inverse, that is looked at.
const FURTHEST: f64 = 9.0;
/// A parameter whose logarithm has a larger standard error than this is known to within a factor of twenty at best.
const LARGEST_ERROR: f64 = 3.0;
/// How far below the maximum the log-likelihood may be where the search ends.
const LARGEST_GAP: f64 = 1e-6;
/// The step of the derivatives' differences.
const STEP: f64 = 1e-4;
/// Enough for any start; a good one takes a fifth.
const MOST_ITERATIONS: u64 = 100;
/// Steps of Newton's method that finish a search.
const LAST_STEPS: usize = 3;
/// How often the search may look beyond [`FURTHEST`] before that is taken for where it leads.
const MOST_BEYOND: u32 = 20;

/// The maximum, sought from each of `starts` until it is found; otherwise why the last search failed.
pub fn maximise<const N: usize, L: LogLikelihood<N>>(
    likelihood: &L,
    starts: &[[f64; N]],
) -> Result<Maximum<N>, Degenerate> {
    let mut found = Err(Degenerate::NoMaximum);
    for start in starts {
        found = search(likelihood, *start);
        if found.is_ok() {
            break;
        }
    }
    found
}

fn search<const N: usize, L: LogLikelihood<N>>(
    likelihood: &L,
    start: [f64; N],
) -> Result<Maximum<N>, Degenerate> {
    let search = Search {
        likelihood,
        best: Rc::default(),
        beyond: Cell::new(0),
    };
    let best = search.best.clone();
    let solver = LBFGS::new(MoreThuenteLineSearch::new(), 2 * N)
        .with_tolerance_grad(1e-6)
        .and_then(|solver| solver.with_tolerance_cost(0.0));
    if let Ok(solver) = solver {
        let start = start.map(f64::ln).to_vec();
        // The line search gives up where steps no longer change the value: whether that is the maximum is seen below.
        let _ = Executor::new(search, solver)
            .configure(|state| state.param(start).max_iters(MOST_ITERATIONS))
            .run();
    }
    let Some((_, logs)) = best.take() else {
        return Err(Degenerate::NoMaximum);
    };
    accept(likelihood, logs)
}

/// Checks that this is an interior maximum, with a few steps of Newton's towards it.
fn accept<const N: usize, L: LogLikelihood<N>>(
    likelihood: &L,
    mut logs: [f64; N],
) -> Result<Maximum<N>, Degenerate> {
    let mut gap = f64::INFINITY;
    for _ in 0..LAST_STEPS {
        if let Some(place) = logs.iter().position(|log| log.abs() > FURTHEST - 1.0) {
            return Err(Degenerate::RunsOff(L::NAMES[place]));
        }
        let (_, gradient) = descent(likelihood, &logs);
        let lower = cholesky(curvature(likelihood, &logs))
            .map_err(|place| Degenerate::RunsOff(L::NAMES[place]))?;
        for place in 0..N {
            let mut unit = [0.0; N];
            unit[place] = 1.0;
            let variance = solve(&lower, unit)[place] / likelihood.customers();
            if variance.sqrt() > LARGEST_ERROR {
                return Err(Degenerate::RunsOff(L::NAMES[place]));
            }
        }
        let step = solve(&lower, gradient);
        gap = (0..N)
            .map(|place| step[place] * gradient[place])
            .sum::<f64>()
            * likelihood.customers()
            / 2.0;
        for place in 0..N {
            logs[place] -= step[place];
        }
    }
    let parameters = logs.map(f64::exp);
    let log_likelihood = likelihood.at(&parameters).value;
    // Not a number is no maximum, either.
    if gap <= LARGEST_GAP && log_likelihood.is_finite() {
        Ok(Maximum {
            parameters,
            log_likelihood,
        })
    } else {
        Err(Degenerate::NoMaximum)
    }
}

/// The mean negative log-likelihood and its derivatives by the parameters' logarithms. Beyond what is looked at it
/// rises, so that a step too long finds its way back.
fn descent<const N: usize, L: LogLikelihood<N>>(
    likelihood: &L,
    logs: &[f64; N],
) -> (f64, [f64; N]) {
    let inside = logs.map(|log| log.clamp(-FURTHEST, FURTHEST));
    let parameters = inside.map(f64::exp);
    let point = likelihood.at(&parameters);
    let mut value = -point.value / likelihood.customers();
    let mut gradient = [0.0; N];
    for place in 0..N {
        let beyond = logs[place] - inside[place];
        value += beyond * beyond;
        gradient[place] = if beyond == 0.0 {
            -point.gradient[place] * parameters[place] / likelihood.customers()
        } else {
            2.0 * beyond
        };
    }
    (value, gradient)
}

/// The second derivatives of [`descent`], by differences of the first.
fn curvature<const N: usize, L: LogLikelihood<N>>(
    likelihood: &L,
    logs: &[f64; N],
) -> [[f64; N]; N] {
    let mut rows = [[0.0; N]; N];
    for place in 0..N {
        let moved = |by: f64| {
            let mut logs = *logs;
            logs[place] += by;
            descent(likelihood, &logs).1
        };
        let (before, after) = (moved(-STEP), moved(STEP));
        for other in 0..N {
            let slope = (after[other] - before[other]) / (2.0 * STEP);
            rows[place][other] += slope / 2.0;
            rows[other][place] += slope / 2.0;
        }
    }
    rows
}

/// The lower triangle whose product with its transpose this matrix is; the first place without a positive pivot when
/// the matrix is not positive definite.
fn cholesky<const N: usize>(matrix: [[f64; N]; N]) -> Result<[[f64; N]; N], usize> {
    let mut lower = [[0.0; N]; N];
    for row in 0..N {
        for column in 0..=row {
            let done: f64 = (0..column)
                .map(|place| lower[row][place] * lower[column][place])
                .sum();
            let rest = matrix[row][column] - done;
            if row > column {
                lower[row][column] = rest / lower[column][column];
            } else if rest > 0.0 {
                lower[row][row] = rest.sqrt();
            } else {
                return Err(row);
            }
        }
    }
    Ok(lower)
}

/// Solves the equations of a matrix given by its triangle.
fn solve<const N: usize>(lower: &[[f64; N]; N], mut right: [f64; N]) -> [f64; N] {
    for row in 0..N {
        let done: f64 = (0..row).map(|place| lower[row][place] * right[place]).sum();
        right[row] = (right[row] - done) / lower[row][row];
    }
    for row in (0..N).rev() {
        let done: f64 = (row + 1..N)
            .map(|place| lower[place][row] * right[place])
            .sum();
        right[row] = (right[row] - done) / lower[row][row];
    }
    right
}

/// A value of [`descent`] and the logarithms it is at.
type Found<const N: usize> = (f64, [f64; N]);

/// The search's problem; keeps the best point, because a search that fails late gives none back.
struct Search<'a, L, const N: usize> {
    likelihood: &'a L,
    best: Rc<RefCell<Option<Found<N>>>>,
    beyond: Cell<u32>,
}

impl<L: LogLikelihood<N>, const N: usize> Search<'_, L, N> {
    fn descent(&self, logs: &[f64]) -> Result<(f64, [f64; N]), argmin::core::Error> {
        let logs: [f64; N] = logs.try_into()?;
        if logs.iter().any(|log| log.abs() > FURTHEST) {
            self.beyond.set(self.beyond.get() + 1);
            if self.beyond.get() > MOST_BEYOND {
                return Err(argmin::core::Error::msg("the search runs off"));
            }
        }
        let (value, gradient) = descent(self.likelihood, &logs);
        let mut best = self.best.borrow_mut();
        if value.is_finite() && best.is_none_or(|(least, _)| value < least) {
            *best = Some((value, logs));
        }
        Ok((value, gradient))
    }
}

impl<L: LogLikelihood<N>, const N: usize> CostFunction for Search<'_, L, N> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, logs: &Vec<f64>) -> Result<f64, argmin::core::Error> {
        Ok(self.descent(logs)?.0)
    }
}

impl<L: LogLikelihood<N>, const N: usize> Gradient for Search<'_, L, N> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, logs: &Vec<f64>) -> Result<Vec<f64>, argmin::core::Error> {
        Ok(self.descent(logs)?.1.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exponential waiting times of a known mean: the maximum is the inverse of the mean.
    struct Waiting {
        customers: f64,
        total: f64,
    }

    impl LogLikelihood<1> for Waiting {
        const NAMES: [&'static str; 1] = ["rate"];

        fn customers(&self) -> f64 {
            self.customers
        }

        fn at(&self, [rate]: &[f64; 1]) -> Point<1> {
            Point {
                value: self.customers * rate.ln() - rate * self.total,
                gradient: [self.customers / rate - self.total],
            }
        }
    }

    #[test]
    fn a_maximum_known_in_closed_form_is_found_from_far_away() {
        for start in [0.01, 1.0, 10.0] {
            let likelihood = Waiting {
                customers: 50.0,
                total: 200.0,
            };
            let found = maximise(&likelihood, &[[start]]).unwrap();
            assert!((found.parameters[0] - 0.25).abs() < 1e-9, "{found:?}");
        }
    }

    #[test]
    fn a_likelihood_that_grows_without_end_has_no_maximum() {
        let endless = Waiting {
            customers: 50.0,
            total: 0.0,
        };
        assert_eq!(
            maximise(&endless, &[[1.0], [0.1]]).unwrap_err(),
            Degenerate::RunsOff("rate")
        );
    }
}
