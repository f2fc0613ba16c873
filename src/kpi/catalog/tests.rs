use super::*;
use crate::store::measures::Scale;

#[test]
fn every_formula_yields_the_unit_it_claims() {
    for kpi in Kpi::ALL {
        let definition = kpi.definition();
        let ones = definition
            .measures
            .iter()
            .map(|measure| match measure.spec().scale {
                Scale::Money => Term::money(Decimal::ONE),
                _ => Term::count(Decimal::ONE),
            });
        let expected = i8::from(matches!(
            definition.unit,
            Unit::Currency | Unit::CurrencyPerDay
        ));
        assert_eq!(
            kpi.compute(ones.collect()).money_power(),
            Some(expected),
            "{kpi:?}"
        );
    }
}

#[test]
fn margin_roi_of_the_textbook_is_a_fifth_where_the_revenue_form_says_two() {
    // Spend 1 000, revenue 3 000, cost of goods 60 %.
    let money = |value: i64| Term::money(value.into());
    let none = || Term::count(Decimal::ZERO);
    let margin = Kpi::Roi.compute(vec![
        money(3000),
        money(0),
        money(1800),
        none(),
        money(1000),
        money(0),
    ]);
    let revenue = Kpi::RoiRevenue.compute(vec![money(3000), money(0), money(1000), money(0)]);
    assert_eq!(margin.evaluate().value, Ok(Decimal::new(2, 1)));
    assert_eq!(revenue.evaluate().value, Ok(Decimal::from(2)));
}

#[test]
fn ten_thousand_spent_for_twenty_opportunities_is_five_hundred_each() {
    let cost = Kpi::CostPerSqo.compute(vec![Term::money(10_000.into()), Term::count(20.into())]);
    assert_eq!(cost.evaluate().value, Ok(Decimal::from(500)));
}

#[test]
fn forty_deals_of_which_a_quarter_is_won_within_ninety_days_make_2_778_a_day() {
    // 10 won of 40 decided, 25 000 each, 90 days each.
    let count = |value: i64| Term::count(value.into());
    let velocity = Kpi::SalesVelocity.compute(vec![
        count(10),
        Term::money(250_000.into()),
        count(10),
        count(900),
        count(10),
    ]);
    assert_eq!(velocity.money_power(), Some(1));
    let value = velocity.evaluate().value.map(|value| value.round_dp(2));
    assert_eq!(value, Ok(Decimal::new(277_778, 2)));
}

#[test]
fn a_margin_of_a_hundred_with_four_fifths_retained_is_worth_two_hundred_and_sixty_seven() {
    let count = |value: i64| Term::count(value.into());
    let money = |value: i64| Term::money(value.into());
    // Ten customers with a margin of 1 000; 8 of 10 retained; a discount of a tenth.
    let value = Kpi::ClvPredicted.compute(vec![
        money(3_000),
        money(0),
        money(2_000),
        count(0),
        count(10),
        count(8),
        count(10),
    ]);
    let value = value.evaluate().value.map(|value| value.round_dp(2));
    assert_eq!(value, Ok(Decimal::new(26_667, 2)));
}
