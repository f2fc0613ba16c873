//! Lifetime values: the models of CDNOW against the published and the independently fitted ones, and the data of Online
//! Retail, to which there is no fit.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use entity::values::RefEntity;
use kpigraph::{
    import::Format,
    kpi::lifetime::{BgNbd, Buyer, GammaGamma, ValueBasis, bgnbd::Customer, buyers, discount},
    store::{NewTeam, RefKey, Whose},
    time::DateRange,
};
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};

use crate::{
    expected::golden,
    support::{
        App, TestDatabase,
        json::{assert_close, path, text},
        new_team, on_both_databases, shared_data,
    },
    team::{Team, service},
};

const LIFETIME: &str = "query ($input: LifetimeValueInput!) { lifetimeValue(input: $input) {
    through horizonMonths discountRate basis
    purchaseModel { r alpha a b logLikelihood undefinedReason { code message } }
    spendingModel { p q v logLikelihood customers undefinedReason { code message } }
    expectedPurchasesOfNewCustomer { value }
    total { customers repeatCustomers alive { value } expectedPurchases { value undefinedReason { code } }
        historic { value money { amount currency } }
        predicted { value undefinedReason { code message } } predictedPerCustomer { value }
        lifetimeValue { value undefinedReason { code } }
        cac { value undefinedReason { code } } ltvToCac { value undefinedReason { code } } }
    segments { totalCount } } }";
const CUSTOMERS: &str = "query ($ids: [ID!]!, $options: CustomerValueOptions) { nodes(ids: $ids) { ... on Customer {
    value(options: $options) { alive { value } predicted { value } historicRevenue { value } lifetimeValue { value }
        historicMargin { undefinedReason { code } } rfm { recencyDays frequency monetary { value } } } } } }";
/// One percent a month, in a year.
const A_YEAR: &str = "0.126825030131969720661201";

async fn team<'a>(app: &'a App, shared: &std::path::Path, name: &str, currency: &str) -> Team<'a> {
    let currency = iso_currency::Currency::from_code(currency).unwrap();
    let team = Team::new(
        app,
        NewTeam {
            currency,
            ..new_team("shop")
        },
    )
    .await;
    let file = format!("{name}/canonical/orders.csv.gz");
    team.load(Format::Orders, shared, &file, None).await;
    team
}

fn period(from: &str, to: &str) -> Value {
    json!({ "range": { "from": from, "to": to } })
}

/// The ids that clients see of customers by their names in the data set.
async fn ids(team: &Team<'_>, source: &str, names: &[String]) -> Vec<String> {
    let key = RefKey {
        entity: RefEntity::Customer,
        system: source,
    };
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let found = team.store.resolve(key, &names).await.unwrap();
    let id = |name: &&str| BASE64_URL_SAFE_NO_PAD.encode(format!("Customer:{}", found[*name]));
    names.iter().map(id).collect()
}

#[track_caller]
fn close(answer: &Value, at: &str, expected: &Value, relative: f64) {
    assert_close(text(answer, at), expected.as_f64().unwrap(), relative);
}

on_both_databases! {
    async fn the_models_of_cdnow_are_those_published(database: TestDatabase) {
        let Some(shared) = shared_data("cdnow: lifetime value") else { return };
        let app = service(&database, "1998-07-01").await;
        let team = team(&app, &shared, "cdnow", "USD").await;
        let golden = golden(&shared, "clv_cdnow");
        let expected = &golden["recomputed_from_transactions"];
        let published = &golden["published_summary_file"]["published"];
        let calibration = period("1997-01-01", "1997-09-30");
        let input = json!({ "period": calibration, "basis": "REVENUE", "discountRate": A_YEAR });
        let answer = team.ask(LIFETIME, json!({ "input": input })).await;
        let answer = path(&answer, "lifetimeValue");

        for name in ["r", "alpha", "a", "b"] {
            let at = format!("purchaseModel.{name}");
            close(answer, &at, &expected["bgnbd"][name], 1e-5);
            close(answer, &at, &published["bgnbd"][name], 0.01);
        }
        for name in ["p", "q", "v"] {
            let at = format!("spendingModel.{name}");
            close(answer, &at, &expected["gamma_gamma"][name], 1e-4);
            close(answer, &at, &published["gamma_gamma"][name], 0.01);
        }
        for (model, golden) in [("purchaseModel", "bgnbd"), ("spendingModel", "gamma_gamma")] {
            let found: f64 = text(answer, &format!("{model}.logLikelihood")).parse().unwrap();
            let best = expected[golden]["log_likelihood"].as_f64().unwrap();
            assert!((found - best).abs() < 1e-4, "{found} {best}");
            assert!(answer[model]["undefinedReason"].is_null());
        }
        assert_eq!(answer["spendingModel"]["customers"], expected["gamma_gamma"]["customers"]);
        assert_eq!(answer["through"], "1997-09-30");
        let total = &answer["total"];
        assert_eq!(total["customers"], expected["summary"]["customers"]);
        assert_eq!(total["repeatCustomers"], expected["summary"]["with_repeat"]);
        close(total, "alive.value", &expected["forecast"]["mean_p_alive"], 1e-5);
        close(total, "predicted.value", &expected["clv_12_months"]["sum"], 1e-5);
        close(total, "predictedPerCustomer.value", &expected["clv_12_months"]["mean"], 1e-5);
        // Nothing was said of advertising: what the customers cost is unknown, not nothing.
        assert_eq!(total["cac"]["undefinedReason"]["code"], "NO_DATA");
        assert_eq!(total["ltvToCac"]["undefinedReason"]["code"], "NO_DATA");

        // The data set has no cost of goods, so there is no margin to speak of; how often people buy is known.
        let input = json!({ "period": calibration });
        let margin = team.ask(LIFETIME, json!({ "input": input })).await;
        let margin = path(&margin, "lifetimeValue");
        assert_eq!(margin["basis"], "MARGIN");
        assert_eq!(margin["purchaseModel"], answer["purchaseModel"]);
        assert_eq!(margin["spendingModel"]["undefinedReason"]["code"], "MISSING_COST");
        assert_eq!(margin["total"]["predicted"]["undefinedReason"]["code"], "MISSING_COST");
        assert_eq!(margin["total"]["expectedPurchases"], answer["total"]["expectedPurchases"]);
    }

    async fn single_customers_of_cdnow_are_worth_what_independent_tools_say(database: TestDatabase) {
        let Some(shared) = shared_data("cdnow: customers' values") else { return };
        let app = service(&database, "1998-07-01").await;
        let team = team(&app, &shared, "cdnow", "USD").await;
        let golden = golden(&shared, "clv_cdnow");
        let expected = golden["recomputed_from_transactions"]["customers"].as_array().unwrap();
        let names: Vec<String> =
            expected.iter().map(|one| format!("{:0>4}", one["customer"].as_str().unwrap())).collect();
        let ids = ids(&team, "cdnow", &names).await;
        let options = json!({ "period": period("1997-01-01", "1997-09-30"), "basis": "REVENUE",
            "discountRate": A_YEAR });
        let answer = team.ask(CUSTOMERS, json!({ "ids": ids, "options": options })).await;
        for (place, one) in expected.iter().enumerate() {
            let value = path(&answer, &format!("nodes.{place}.value"));
            close(value, "alive.value", &one["p_alive"], 1e-5);
            close(value, "predicted.value", &one["clv_12_months"], 1e-5);
            let days = |name: &str| (one[name].as_f64().unwrap() * 7.0).round() as i64;
            assert_eq!(value["rfm"]["recencyDays"], days("T") - days("t_x"));
            assert_eq!(value["rfm"]["monetary"], value["historicRevenue"]);
            let parts = ["historicRevenue.value", "predicted.value"].map(|at| number(text(value, at)));
            let whole = number(text(value, "lifetimeValue.value"));
            assert_eq!(parts[0] + parts[1], whole);
            assert_eq!(value["historicMargin"]["undefinedReason"]["code"], "MISSING_COST");
        }
    }

    async fn online_retail_is_summed_up_right_and_refused_a_fit(database: TestDatabase) {
        let Some(shared) = shared_data("online retail: lifetime value") else { return };
        let app = service(&database, "2011-12-10").await;
        let team = team(&app, &shared, "online_retail", "GBP").await;
        let golden = golden(&shared, "clv_online_retail");
        let expected = &golden["summary"];
        let input = json!({ "period": period("2010-12-01", "2011-08-31"), "basis": "REVENUE", "splitBy": "COUNTRY" });
        let answer = team.ask(LIFETIME, json!({ "input": input })).await;
        let answer = path(&answer, "lifetimeValue");
        let (total, model) = (&answer["total"], &answer["purchaseModel"]);
        assert_eq!(total["customers"], expected["customers"]);
        assert_eq!(total["repeatCustomers"], expected["with_repeat"]);
        assert_eq!(model["undefinedReason"]["code"], "NO_FIT");
        assert!(text(model, "undefinedReason.message").ends_with("a runs off"), "{model}");
        for name in ["r", "alpha", "a", "b", "logLikelihood"] {
            assert!(model[name].is_null(), "{model}");
        }
        for name in ["predicted", "lifetimeValue", "expectedPurchases"] {
            assert_eq!(total[name]["undefinedReason"]["code"], "NO_FIT", "{total}");
        }
        assert!(total["historic"]["value"].is_string());

        let days = DateRange::new("2010-12-01".parse().unwrap(), "2011-08-31".parse().unwrap()).unwrap();
        let all = buyers(&team.store, &Whose::FirstOrderedIn(days), None).await.unwrap();
        let mean = |of: fn(&Buyer) -> f64, among: fn(&Buyer) -> bool| {
            let of_all: Vec<f64> = all.iter().filter(|buyer| among(buyer)).map(of).collect();
            of_all.iter().sum::<f64>() / of_all.len() as f64
        };
        let repeats: u32 = all.iter().map(|buyer| buyer.history.repeats).sum();
        assert_eq!(json!(repeats), expected["sum_x"]);
        for (name, found) in [
            ("mean_t_x", mean(|buyer| f64::from(buyer.history.recency_days) / 7.0, |_| true)),
            ("mean_T", mean(|buyer| f64::from(buyer.history.age_days) / 7.0, |_| true)),
            ("mean_zbar_positive", mean(zbar, |buyer| zbar(buyer) > 0.0)),
        ] {
            let expected = expected[name].as_f64().unwrap();
            assert!((found - expected).abs() < 1e-9 * expected, "{name}: {found} {expected}");
        }
        let customers = golden["customers"].as_array().unwrap();
        let names: Vec<String> = customers.iter().map(|one| one["customer"].to_string()).collect();
        let key = RefKey { entity: RefEntity::Customer, system: "online_retail" };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let ids = team.store.resolve(key, &names).await.unwrap();
        for (name, one) in names.iter().zip(customers) {
            let buyer = all.iter().find(|buyer| buyer.customer == ids[*name]).unwrap();
            assert_eq!(json!(buyer.history.repeats), one["x"]);
            let expected = [&one["t_x"], &one["T"], &one["zbar"]].map(|value| value.as_f64().unwrap());
            let found = [f64::from(buyer.history.recency_days) / 7.0, f64::from(buyer.history.age_days) / 7.0, zbar(buyer)];
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-9 * expected, "{name}: {found} {expected}");
            }
        }
    }
}

/// The mean value of repeat purchase days; 0 without any.
fn zbar(buyer: &Buyer) -> f64 {
    let total = buyer.repeat_value(ValueBasis::Revenue).value().unwrap();
    total.to_f64().unwrap() / f64::from(buyer.history.repeats.max(1))
}

fn number(text: &str) -> rust_decimal::Decimal {
    text.parse().unwrap()
}

#[test]
fn given_the_parameters_every_prediction_is_the_independent_one() {
    let Some(shared) = shared_data("cdnow: predictions") else {
        return;
    };
    let golden = golden(&shared, "clv_cdnow");
    for table in ["published_summary_file", "recomputed_from_transactions"] {
        let golden = &golden[table];
        let of = |model: &str, name: &str| golden[model][name].as_f64().unwrap();
        let purchases = BgNbd {
            r: of("bgnbd", "r"),
            alpha: of("bgnbd", "alpha"),
            a: of("bgnbd", "a"),
            b: of("bgnbd", "b"),
        };
        let spending = GammaGamma {
            p: of("gamma_gamma", "p"),
            q: of("gamma_gamma", "q"),
            v: of("gamma_gamma", "v"),
        };
        let near = |found: f64, expected: &Value, what: &str| {
            let expected = expected.as_f64().unwrap();
            assert!(
                (found - expected).abs() <= 1e-6 * expected.abs().max(1e-3),
                "{what}: {found} {expected}"
            );
        };
        near(
            spending.mean().unwrap(),
            &golden["gamma_gamma"]["population_mean_spend"],
            "mean spend",
        );
        let weeks = golden["forecast"]["t_next_weeks"].as_f64().unwrap();
        let of_new = &golden["forecast"]["unconditional_expected_per_new_customer"];
        near(purchases.expected_of_new(weeks), of_new, "new customer");
        for one in golden["customers"].as_array().unwrap() {
            let value = |name: &str| one[name].as_f64().unwrap();
            let customer = Customer {
                x: value("x"),
                t_x: value("t_x"),
                t: value("T"),
            };
            near(purchases.alive(customer), &one["p_alive"], "alive");
            near(
                purchases.expected(customer, weeks),
                &one["expected_next"],
                "expected",
            );
            let spend = spending.expected(customer.x as u32, value("zbar"));
            near(spend, &one["expected_spend"], "spend");
            let discounted =
                discount::discounted_purchases(&purchases, customer, 12, 1.01_f64.powi(12) - 1.0);
            near(spend * discounted, &one["clv_12_months"], "value");
        }
    }
}

/// The whole answer for CDNOW, and those of three customers.
async fn answers(database: TestDatabase, shared: &std::path::Path) -> [String; 2] {
    let app = service(&database, "1998-07-01").await;
    let team = team(&app, shared, "cdnow", "USD").await;
    let calibration = period("1997-01-01", "1997-09-30");
    let input = json!({ "period": calibration, "basis": "REVENUE" });
    let names = ["0001", "0002", "2357"].map(str::to_owned);
    let ids = ids(&team, "cdnow", &names).await;
    let options = json!({ "period": calibration, "basis": "REVENUE" });
    [
        team.ask(LIFETIME, json!({ "input": input })).await,
        team.ask(CUSTOMERS, json!({ "ids": ids, "options": options }))
            .await,
    ]
    .map(|answer| answer.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_and_postgresql_predict_alike_to_the_byte() {
    let Some(shared) = shared_data("cdnow: the same predictions") else {
        return;
    };
    let Some(postgres) = TestDatabase::postgres().await else {
        return;
    };
    let ours = answers(TestDatabase::sqlite(), &shared).await;
    assert_eq!(ours, answers(postgres, &shared).await);
}
