//! The expected number of purchases in BG/NBD, without the cancellations of its textbook form.
//!
//! The paper has `(C / (a - 1)) · (1 - (1-z)^(r+x) · 2F1(r+x, b+x; C; z))` with `C = a + b + x - 1` and
//! `z = t / (s + t)`, where `s` is alpha plus the weeks observed. Euler's transformation of the hypergeometric function
//! gives `(1-z)^(a-1) · 2F1(a+b-1-r, a-1; C; z)` in its place, from which `a - 1` and `C` can be divided out term by
//! term, so that `a = 1` and `C = 0` are no longer special:
//!
//! `C · (1 - (1-z)^(a-1)) / (a - 1) - (1-z)^(a-1) · Σ (a+b-1-r)_j (a)_(j-1) z^j / ((C+1)_(j-1) j!)`, j from 1 on.

use super::BgNbd;

/// What the sum may be off by, as a share of its largest term.
const TOLERANCE: f64 = 1e-15;
/// Terms beyond which the sum is cut off: reached only where `1 - z` is below a ten-thousandth.
const MOST_TERMS: u32 = 1_000_000;

/// Purchases expected in the next `weeks` of a customer with `x` repeats who is sure to be still there; `s` is alpha
/// plus the weeks observed.
pub fn expected(model: &BgNbd, x: f64, s: f64, weeks: f64) -> f64 {
    let BgNbd { r, a, b, .. } = *model;
    if weeks <= 0.0 {
        return 0.0;
    }
    let z = weeks / (s + weeks);
    // ln(1 - z) without the loss of digits when weeks are few.
    let ln_rest = -(weeks / s).ln_1p();
    let c = a + b + x - 1.0;
    let power = (a - 1.0) * ln_rest;
    let first = if power == 0.0 {
        -ln_rest
    } else {
        -power.exp_m1() / (a - 1.0)
    };
    (c * first - power.exp() * sum(a + b - 1.0 - r, a, c, z)).max(0.0)
}

/// `Σ (h)_j (a)_(j-1) z^j / ((c+1)_(j-1) j!)`, j from 1 on.
///
/// The ratio of a term to the one before is `(h+j)/(c+j) · (a-1+j)/(1+j) · z`. As `h < c + 1`, the first factor is
/// below 1 in size as soon as `j > |h|`, and the second is at most `max(1, (a-1+j)/(1+j))`, which only falls. From
/// there on the rest of the sum is at most the last term times `q / (1-q)`, where `q` is that bound on the ratio: the
/// sum ends when this is below [`TOLERANCE`].
fn sum(h: f64, a: f64, c: f64, z: f64) -> f64 {
    let mut term = h * z;
    let (mut total, mut largest) = (term, term.abs());
    for j in 1..MOST_TERMS {
        let j = f64::from(j);
        let bound = z * f64::max(1.0, (a - 1.0 + j) / (1.0 + j));
        if j > h.abs() && bound < 1.0 && term.abs() * bound / (1.0 - bound) <= TOLERANCE * largest {
            break;
        }
        term *= (h + j) / (c + j) * (a - 1.0 + j) / (1.0 + j) * z;
        total += term;
        largest = largest.max(total.abs()).max(term.abs());
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The textbook form with the plain series of the hypergeometric function, whose terms are all positive.
    fn textbook(model: &BgNbd, x: f64, s: f64, weeks: f64) -> f64 {
        let BgNbd { r, a, b, .. } = *model;
        let z = weeks / (s + weeks);
        let c = a + b + x - 1.0;
        let (mut term, mut total) = (1.0, 1.0);
        for j in 0..200_000 {
            let j = f64::from(j);
            term *= (r + x + j) * (b + x + j) / ((c + j) * (j + 1.0)) * z;
            total += term;
        }
        c / (a - 1.0) * (1.0 - (s / (s + weeks)).powf(r + x) * total)
    }

    #[test]
    fn the_textbook_form_gives_the_same() {
        for (r, a, b) in [
            (0.243, 0.793, 2.426),
            (2.0, 0.3, 0.5),
            (0.7, 1.4, 9.0),
            (1.5, 4.2, 0.8),
        ] {
            let model = BgNbd {
                r,
                alpha: 4.4,
                a,
                b,
            };
            for (x, s, weeks) in [
                (0.0, 4.4, 39.0),
                (2.0, 43.0, 39.0),
                (29.0, 40.0, 52.0),
                (0.0, 4.4, 500.0),
                (3.0, 10.0, 0.01),
            ] {
                let (ours, theirs) = (expected(&model, x, s, weeks), textbook(&model, x, s, weeks));
                assert!(
                    (ours - theirs).abs() < 1e-9 * theirs.abs().max(1.0),
                    "{model:?} {x} {s} {weeks}: {ours} {theirs}"
                );
            }
        }
    }

    #[test]
    fn nothing_special_happens_where_the_textbook_form_divides_by_zero() {
        let at = |a: f64, b: f64, x: f64| {
            let model = BgNbd {
                r: 0.5,
                alpha: 4.0,
                a,
                b,
            };
            expected(&model, x, 14.0, 39.0)
        };
        // a = 1, and a + b + x = 1.
        for (a, b, x) in [(1.0, 2.0, 1.0), (0.4, 0.6, 0.0)] {
            let (exact, near) = (at(a, b, x), at(a + 1e-7, b, x));
            assert!(exact > 0.0 && (exact - near).abs() < 1e-6, "{exact} {near}");
        }
    }

    #[test]
    fn purchases_grow_with_time_from_nothing() {
        let model = BgNbd {
            r: 0.243,
            alpha: 4.414,
            a: 0.793,
            b: 2.426,
        };
        let at = |weeks: f64| expected(&model, 1.0, 20.0, weeks);
        assert_eq!(at(0.0), 0.0);
        let weeks = [1e-9, 0.1, 1.0, 52.0, 520.0, 50_000.0];
        assert!(weeks.windows(2).all(|pair| at(pair[0]) < at(pair[1])));
    }
}
