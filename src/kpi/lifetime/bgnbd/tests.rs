use super::*;

/// The parameters that the paper gives for CDNOW.
const CDNOW: BgNbd = BgNbd {
    r: 0.243,
    alpha: 4.414,
    a: 0.793,
    b: 2.426,
};

#[test]
fn the_papers_customer_is_expected_to_buy_as_often_as_it_says() {
    let customer = Customer {
        x: 2.0,
        t_x: 30.43,
        t: 38.86,
    };
    assert!((CDNOW.expected(customer, 39.0) - 1.226).abs() < 5e-4);
    // 1 / (1 + .793/3.426 · ((4.414+38.86)/(4.414+30.43))^2.243)
    assert!((CDNOW.alive(customer) - 0.726_5).abs() < 5e-4);
}

#[test]
fn without_a_repeat_nobody_has_dropped_out() {
    let once = History {
        repeats: 0,
        recency_days: 0,
        age_days: 270,
    };
    assert_eq!(CDNOW.alive(once), 1.0);
    let of_new = CDNOW.expected_of_new(39.0);
    assert!(CDNOW.expected(once, 39.0) < of_new);
}

#[test]
fn derivatives_are_those_of_the_value() {
    let history = |repeats, recency_days, age_days| History {
        repeats,
        recency_days,
        age_days,
    };
    let likelihood = Likelihood::new([
        history(0, 0, 200),
        history(3, 100, 210),
        history(3, 100, 210),
        history(12, 180, 200),
        history(1, 5, 0),
    ]);
    assert_eq!(likelihood.groups.len(), 4);
    let at = [0.4, 5.0, 0.9, 2.0];
    let point = likelihood.at(&at);
    for place in 0..4 {
        let moved = |by: f64| {
            let mut at = at;
            at[place] += by;
            likelihood.at(&at).value
        };
        let slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        assert!(
            (slope - point.gradient[place]).abs() < 1e-6 * slope.abs().max(1.0),
            "{place}: {slope} {}",
            point.gradient[place]
        );
    }
}

/// Numbers from 0 to 1 that are always the same.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn exponential(&mut self, rate: f64) -> f64 {
        -self.next().ln() / rate
    }
}

/// Customers whose rates are exponentially distributed (r = 1, alpha = 10) and who drop out after each repeat with a
/// probability that is uniformly distributed (a = b = 1), or never.
fn simulated(customers: usize, drops_out: bool) -> Vec<History> {
    let mut chance = Chance(7);
    let one = |_| {
        let (rate, dropout) = (chance.exponential(10.0), chance.next());
        let age = 20.0 + 60.0 * chance.next();
        let (mut repeats, mut last, mut now) = (0, 0.0, 0.0);
        loop {
            now += chance.exponential(rate);
            if now > age {
                break;
            }
            (repeats, last) = (repeats + 1, now);
            if drops_out && chance.next() < dropout {
                break;
            }
        }
        History {
            repeats,
            recency_days: (last * 7.0) as u32,
            age_days: (age * 7.0) as u32,
        }
    };
    (0..customers).map(one).collect()
}

#[test]
fn the_parameters_of_simulated_customers_are_found_again() {
    let fit = BgNbd::fit(simulated(20_000, true)).unwrap();
    let BgNbd { r, alpha, a, b } = fit.model;
    for (found, truth) in [(r, 1.0), (alpha, 10.0), (a, 1.0), (b, 1.0)] {
        assert!((found / truth - 1.0).abs() < 0.1, "{fit:?}");
    }
}

#[test]
fn the_order_of_customers_does_not_matter_to_the_last_bit() {
    let mut customers = simulated(500, true);
    let fit = BgNbd::fit(customers.clone()).unwrap();
    customers.reverse();
    assert_eq!(BgNbd::fit(customers).unwrap(), fit);
}

#[test]
fn where_nobody_drops_out_there_is_no_fit() {
    let refused = BgNbd::fit(simulated(2_000, false)).unwrap_err();
    assert!(
        matches!(refused, Degenerate::RunsOff("a" | "b")),
        "{refused:?}"
    );
    let nobody_returns = vec![
        History {
            repeats: 0,
            recency_days: 0,
            age_days: 100
        };
        50
    ];
    assert_eq!(
        BgNbd::fit(nobody_returns).unwrap_err(),
        Degenerate::RunsOff("r")
    );
}
