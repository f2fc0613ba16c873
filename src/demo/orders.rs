//! What is bought: baskets, orders, refunds.

use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::{conversion, orders, refund, values::Device};

use super::{
    chance::Chance,
    money::{CENT, CURRENCY, DOLLAR, part},
    rhythm::at,
    rows::Rows,
};

/// Price and cost in dollars without tax, and how often it is bought.
const GOODS: [((i64, i64), u32); 10] = [
    ((19, 7), 16),
    ((29, 11), 16),
    ((45, 19), 14),
    ((49, 21), 13),
    ((59, 26), 12),
    ((79, 36), 10),
    ((89, 41), 9),
    ((119, 58), 8),
    ((289, 158), 5),
    ((449, 252), 3),
];
/// Dollars of goods from which shipping is free.
const FREE_SHIPPING_FROM: i64 = 99;
const SHIPPING: i64 = 690 * CENT;

/// What somebody buys at once; amounts in micros without tax.
pub struct Basket {
    goods: i64,
    cost: i64,
    discount: i64,
    shipping: i64,
}

impl Basket {
    /// A basket of the shop.
    pub fn of_goods(chance: &mut Chance) -> Self {
        let items = chance.weighted(&[(1, 48), (2, 32), (3, 20)]).unwrap_or(1);
        let (mut price, mut cost) = (0, 0);
        for _ in 0..items {
            let (of_price, of_cost) = chance.weighted(&GOODS).unwrap_or_default();
            price += of_price;
            cost += of_cost;
        }
        let goods = price * DOLLAR;
        let share = chance
            .weighted(&[(0.0, 76), (0.1, 16), (0.15, 8)])
            .unwrap_or(0.0);
        Self {
            goods,
            cost: cost * DOLLAR,
            discount: part(goods, share),
            shipping: if price < FREE_SHIPPING_FROM {
                SHIPPING
            } else {
                0
            },
        }
    }

    /// What a company buys for an amount agreed.
    pub fn of_deal(amount: i64) -> Self {
        Self {
            goods: amount,
            cost: part(amount, 0.56),
            discount: 0,
            shipping: 0,
        }
    }
}

/// A purchase.
pub struct Purchase {
    /// Who bought; `None` for guests.
    pub customer: Option<i64>,
    /// When.
    pub at: DateTime<Utc>,
    /// From where.
    pub country: &'static str,
    /// On which device.
    pub device: Device,
    /// What.
    pub basket: Basket,
    /// Whether it was cancelled at once.
    pub cancelled: bool,
}

impl Purchase {
    /// Adds the order with its conversion and, on `refunded_on`, the refund of a part of it or of all.
    pub fn book(
        self,
        rows: &mut Rows,
        id: impl Fn() -> i64,
        chance: &mut Chance,
        refunded_on: Option<NaiveDate>,
    ) {
        let Basket {
            goods,
            cost,
            discount,
            shipping,
        } = self.basket;
        let net = goods - discount;
        let tax = part(net, tax_rate(self.country));
        let order = id();
        let day = self.at.date_naive();
        let refunded = match refunded_on {
            None => 0,
            Some(_) if chance.happens(0.6) => net,
            Some(_) => part(net, 0.4),
        };
        if let Some(day) = refunded_on {
            rows.refunds.push(refund::Model {
                team_id: 0,
                id: id(),
                order_id: order,
                refunded_at: at(day, 9 + chance.below(8), chance.below(3_600)),
                day,
                currency: CURRENCY.to_owned(),
                amount: refunded,
            });
        }
        if !self.cancelled {
            rows.conversions.push(conversion::Model {
                team_id: 0,
                id: id(),
                customer_id: self.customer,
                kind: "purchase".to_owned(),
                occurred_at: self.at,
                day,
                value: Some(net),
                currency: CURRENCY.to_owned(),
            });
        }
        rows.orders.push(orders::Model {
            team_id: 0,
            id: order,
            customer_id: self.customer,
            ordered_at: self.at,
            day,
            status: if self.cancelled {
                "cancelled"
            } else {
                "completed"
            }
            .to_owned(),
            counted: !self.cancelled,
            currency: CURRENCY.to_owned(),
            gross: goods + tax + shipping,
            discount,
            tax,
            shipping,
            net,
            cost_of_goods: Some(cost),
            refunded,
            country: Some(self.country.to_owned()),
            device: Some(self.device),
            properties: "{}".to_owned(),
        });
    }
}

/// The day on which an order is given back, where it is: 2 to 12 days later, and not after `last`.
pub fn refund_day(day: NaiveDate, last: NaiveDate, chance: &mut Chance) -> Option<NaiveDate> {
    let after = 2 + chance.below(11);
    chance
        .happens(0.026)
        .then(|| day.checked_add_days(Days::new(after)))
        .flatten()
        .filter(|day| *day <= last)
}

/// The tax on goods in a country.
fn tax_rate(country: &str) -> f64 {
    match country {
        "DE" => 0.19,
        "GB" => 0.2,
        _ => 0.08,
    }
}
