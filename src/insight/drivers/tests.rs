use proptest::prelude::*;

use super::*;

fn ratio(numerator: i64, denominator: i64) -> Ratio {
    Ratio {
        numerator: numerator.into(),
        denominator: denominator.into(),
    }
}

fn change(now: (i64, i64), before: (i64, i64)) -> Change<Ratio> {
    Change {
        now: ratio(now.0, now.1),
        before: ratio(before.0, before.1),
    }
}

/// The whole of segments and its change as the engine gives it: a difference of quotients of fifteen places.
fn whole(segments: &[Change<Ratio>]) -> Option<(Decimal, Change<Ratio>)> {
    let sum = |of: fn(&Change<Ratio>) -> Ratio| {
        segments
            .iter()
            .map(of)
            .fold(Ratio::default(), |sum, part| Ratio {
                numerator: sum.numerator + part.numerator,
                denominator: sum.denominator + part.denominator,
            })
    };
    let whole = Change {
        now: sum(|segment| segment.now),
        before: sum(|segment| segment.before),
    };
    let value = |ratio: Ratio| Some(ratio.rate()?.round_dp(15));
    Some((value(whole.now)? - value(whole.before)?, whole))
}

fn apart(segments: &[Change<Ratio>]) -> Decomposition {
    let (change, whole) = whole(segments).unwrap();
    of_ratio(change, whole, segments).unwrap()
}

#[test]
fn rate_and_mix_are_those_computed_by_hand() {
    // Click-through rates: search 50/1 000 then 60/1 000, display 10/1 000 then 30/3 000. In all 60/2 000 = 0.03 then
    // 90/4 000 = 0.0225. Search: rate 0.25 × (0.06 - 0.05) = 0.0025, mix (0.25 - 0.5) × (0.05 - 0.03) = -0.005.
    // Display: rate 0, mix (0.75 - 0.5) × (0.01 - 0.03) = -0.005.
    let apart = apart(&[
        change((60, 1_000), (50, 1_000)),
        change((30, 3_000), (10, 1_000)),
    ]);
    let text =
        |effect: &Effect| [effect.rate, effect.mix, effect.residual].map(|part| part.to_string());
    assert_eq!(text(&apart.segments[0]), ["0.0025", "-0.005", "0"]);
    assert_eq!(text(&apart.segments[1]), ["0", "-0.005", "0"]);
    assert_eq!(text(&apart.whole), ["0.0025", "-0.01", "0"]);
    assert_eq!(largest(&apart.segments, 3), [1, 0]);
}

#[test]
fn when_every_rate_rises_and_the_whole_falls_it_is_the_mix() {
    // Simpson's paradox: 90 % becomes 100 % and 10 % becomes 20 %, but 91/110 becomes 30/110.
    let apart = apart(&[change((10, 10), (90, 100)), change((20, 100), (1, 10))]);
    assert!(
        apart
            .segments
            .iter()
            .all(|segment| segment.rate > Decimal::ZERO)
    );
    assert!(apart.whole.total() < Decimal::ZERO);
    assert!(apart.whole.mix < -apart.whole.rate);
}

#[test]
fn a_segment_that_is_new_is_all_mix_and_spend_without_a_customer_is_residual() {
    // Cost per customer: 100/10 = 10 before; now 100/10, a new channel 90/5, and 30 spent for nobody: 220/15.
    let apart = apart(&[
        change((100, 10), (100, 10)),
        change((90, 5), (0, 0)),
        change((30, 0), (0, 0)),
    ]);
    assert_eq!(apart.segments[1].rate, Decimal::ZERO);
    // 5/15 × (18 - 10).
    assert_eq!(
        apart.segments[1].mix,
        Decimal::from(8).checked_div(3.into()).unwrap().round_dp(12)
    );
    assert_eq!(
        apart.segments[2],
        Effect {
            residual: Decimal::TWO,
            ..Effect::default()
        }
    );
    assert_eq!(apart.whole.residual, Decimal::TWO);
}

#[test]
fn a_whole_without_a_value_is_not_taken_apart() {
    let none = change((1, 0), (1, 1));
    assert_eq!(of_ratio(Decimal::ONE, none, &[none]), None);
    let huge = Ratio {
        numerator: Decimal::MAX,
        denominator: Decimal::new(1, 10),
    };
    let huge = Change {
        now: huge,
        before: huge,
    };
    assert_eq!(of_ratio(Decimal::MAX, huge, &[huge]), None);
}

#[test]
fn segments_of_a_sum_contribute_their_own_change_and_overlap_is_residual() {
    let parts = [(5, 3), (2, 4)].map(|(now, before)| Change {
        now: Decimal::from(now),
        before: before.into(),
    });
    // Six people then, seven now, one of them in both segments: the segments say 0, the whole says 1.
    let apart = of_sum(Decimal::ONE, &parts).unwrap();
    assert_eq!(
        apart
            .segments
            .iter()
            .map(|part| part.mix)
            .collect::<Vec<_>>(),
        [Decimal::TWO, -Decimal::TWO]
    );
    assert_eq!(
        (apart.whole.mix, apart.whole.residual),
        (Decimal::ZERO, Decimal::ONE)
    );
}

prop_compose! {
    fn segments()(parts in proptest::collection::vec([(0_i64..100_000, 0_i64..5_000), (0_i64..100_000, 0_i64..5_000)], 1..12))
        -> Vec<Change<Ratio>> {
        parts.into_iter().map(|[now, before]| change(now, before)).collect()
    }
}

proptest! {
    #[test]
    fn rate_mix_and_residual_are_the_change_to_the_last_digit(segments in segments()) {
        prop_assume!(whole(&segments).is_some());
        let (change, whole) = whole(&segments).unwrap();
        let apart = of_ratio(change, whole, &segments).unwrap();
        prop_assert_eq!(apart.whole.rate + apart.whole.mix + apart.whole.residual, change);
        // The segments' effects, summed on their own, are those of the whole.
        let sum = |of: fn(&Effect) -> Decimal| apart.segments.iter().map(of).sum::<Decimal>();
        for (parts, whole) in [
            (sum(|effect| effect.rate), apart.whole.rate),
            (sum(|effect| effect.mix), apart.whole.mix),
            (sum(|effect| effect.residual), apart.whole.residual),
        ] {
            prop_assert!((parts - whole).abs() < Decimal::new(1, 9), "{parts} {whole}");
        }
        let denominators = segments.iter().all(|segment| {
            !segment.now.denominator.is_zero() && !segment.before.denominator.is_zero()
        });
        prop_assert!(!denominators || apart.whole.residual.is_zero());
    }

    #[test]
    fn the_order_of_segments_does_not_matter(segments in segments()) {
        prop_assume!(whole(&segments).is_some());
        let (change, whole) = whole(&segments).unwrap();
        let mut turned = segments.clone();
        turned.reverse();
        let (forward, backward) =
            (of_ratio(change, whole, &segments).unwrap(), of_ratio(change, whole, &turned).unwrap());
        prop_assert_eq!(forward.whole, backward.whole);
        prop_assert!(forward.segments.iter().eq(backward.segments.iter().rev()));
    }
}
