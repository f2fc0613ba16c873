use super::*;
use crate::kpi::{
    Undefined,
    formula::{Formula, Term},
};

fn unit(text: &str) -> Result<Unit, String> {
    Expression::parse(text)
        .map_err(|error| error.to_string())
        .and_then(|expression| expression.unit().map_err(|error| error.to_string()))
}

/// Revenue 300, marketing cost 200, spend 150, orders 4, ROAS 450/150, CPC 150/7, clicks 7, sessions 0.
fn evaluated(text: &str) -> crate::kpi::formula::Evaluated {
    let money = |units: i64| Term::money(units.into());
    let count = |units: i64| Term::count(units.into());
    Expression::parse(text).unwrap().evaluate(&mut |kpi| {
        let formula: Formula = match kpi {
            Kpi::Revenue => money(300).into(),
            Kpi::MarketingCost => money(200).into(),
            Kpi::Spend => money(150).into(),
            Kpi::Orders => count(4).into(),
            Kpi::Clicks => count(7).into(),
            Kpi::Sessions => count(0).into(),
            Kpi::Roas => money(450) / money(150),
            Kpi::Cpc => money(150) / count(7),
            Kpi::Cpl => money(150) / count(0),
            _ => Term::undefined(Undefined::NoData(Measure::leads)).into(),
        };
        formula.evaluate()
    })
}

fn value(text: &str) -> String {
    evaluated(text).value.unwrap().to_string()
}

#[test]
fn products_bind_closer_than_sums_and_parentheses_closer_than_both() {
    assert_eq!(value("REVENUE - SPEND * 2"), "0");
    assert_eq!(value("(REVENUE - SPEND) * 2"), "300");
    assert_eq!(value("REVENUE - SPEND - MARKETING_COST"), "-50");
    assert_eq!(value("ORDERS / 2 / 2"), "1");
    assert_eq!(value(" - ORDERS + 10 − 2 × 1.5 ÷ 3 "), "5");
}

#[test]
fn sums_are_divided_once_so_nothing_is_lost_on_the_way() {
    // 150 / 7 rounded first would give 149.999…
    assert_eq!(value("CPC * CLICKS"), "150");
    assert_eq!(value("ROAS - 1"), "2");
    assert_eq!(value("CPC / 3 + CPC * 2 / 3 - CPC"), "0");
}

#[test]
fn the_parts_of_a_ratio_of_sums_are_shown_and_of_nothing_else() {
    let profit = evaluated("(REVENUE - MARKETING_COST) / ORDERS");
    assert_eq!(profit.value, Ok(25.into()));
    assert_eq!(profit.numerator, Some(100.into()));
    assert_eq!(profit.denominator, Some(4.into()));
    assert_eq!(evaluated("ROAS / 2").numerator, None);
    assert_eq!(evaluated("CPC / CPC").denominator, None);
}

#[test]
fn a_zero_denominator_is_a_reason_but_keeps_the_parts() {
    let none = evaluated("REVENUE / SESSIONS");
    assert_eq!(none.value, Err(Undefined::ZeroDenominator));
    assert_eq!(none.numerator, Some(300.into()));
    assert_eq!(none.denominator, Some(0.into()));
    assert_eq!(
        evaluated("REVENUE / (ORDERS - 4)").value,
        Err(Undefined::ZeroDenominator)
    );
    assert_eq!(
        evaluated("CPL * 0").value,
        Err(Undefined::ZeroDenominator),
        "from a part"
    );
}

#[test]
fn a_reason_from_any_part_is_the_reason_of_the_whole() {
    let missing = Err(Undefined::NoData(Measure::leads));
    assert_eq!(evaluated("REVENUE / LEADS").value, missing);
    assert_eq!(evaluated("1 - LEADS / (CLICKS - 7)").value, missing);
}

#[test]
fn units_are_inferred() {
    for (text, expected) in [
        ("REVENUE - SPEND", Unit::Currency),
        ("REVENUE / SPEND", Unit::Ratio),
        ("(REVENUE - MARKETING_COST) / ORDERS", Unit::Currency),
        ("CLICKS / IMPRESSIONS", Unit::Ratio),
        ("CLICKS + 1", Unit::Count),
        ("CTR * 100", Unit::Rate),
        ("CTR * CONVERSION_RATE", Unit::Rate),
        ("CTR * IMPRESSIONS", Unit::Count),
        ("CPC * CLICKS", Unit::Currency),
        ("ROAS - 1", Unit::Ratio),
        ("REVENUE * ROAS", Unit::Currency),
        ("1 / ROAS", Unit::Ratio),
    ] {
        assert_eq!(unit(text), Ok(expected), "{text}");
    }
}

#[test]
fn units_that_do_not_go_together_are_refused_in_words() {
    for (text, words) in [
        (
            "REVENUE + ORDERS",
            "an amount of money and a count cannot be added",
        ),
        (
            "REVENUE - 10",
            "a plain number cannot be taken from an amount of money",
        ),
        (
            "ORDERS - SPEND",
            "an amount of money cannot be taken from a count",
        ),
        (
            "REVENUE * SPEND",
            "an amount of money times an amount of money",
        ),
        ("CLICKS * CLICKS", "a count times a count"),
        ("CLICKS / SPEND", "a count divided by an amount of money"),
        ("1 + 2", "it names no metric key"),
    ] {
        let error = unit(text).unwrap_err();
        assert!(error.contains(words), "{text}: {error}");
    }
}

#[test]
fn what_is_no_expression_is_refused_with_its_place() {
    for (text, words) in [
        ("REVENUE -", "'-' at character 9"),
        ("REVENUE SPEND", "'SPEND' at character 9"),
        ("(REVENUE", "'' at character 9"),
        ("", "character 1"),
        (
            "REVENUE; DROP TABLE team",
            "'; DROP TABLE team' at character 8",
        ),
        (
            "REVENU / 2",
            "REVENU is no metric key; did you mean REVENUE?",
        ),
        ("spend", "spend is no metric key; did you mean SPEND?"),
        ("FOO", "FOO is no metric key"),
        ("1e5 * SPEND", "character 2"),
    ] {
        let error = unit(text).unwrap_err();
        assert!(error.contains(words), "{text}: {error}");
    }
    assert!(unit(&format!("{}SPEND{}", "(".repeat(20), ")".repeat(20))).is_ok());
    assert_eq!(
        Expression::parse(&format!("{}SPEND{}", "(".repeat(21), ")".repeat(21))),
        Err(ExpressionError::Deep)
    );
    assert_eq!(
        Expression::parse(&"1+".repeat(251)),
        Err(ExpressionError::Long(502))
    );
}

#[test]
fn only_what_adds_up_over_parts_is_called_additive() {
    let additivity = |text: &str| Expression::parse(text).unwrap().additivity();
    assert_eq!(additivity("REVENUE - SPEND * 2"), Additivity::Additive);
    assert_eq!(additivity("ORDERS + 1"), Additivity::NonAdditive);
    assert_eq!(additivity("REVENUE / ORDERS"), Additivity::NonAdditive);
    assert_eq!(additivity("ACTIVE_CUSTOMERS * 2"), Additivity::Distinct);
}
