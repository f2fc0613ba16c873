//! From text to tree.

use rust_decimal::Decimal;
use winnow::{
    Parser, Result,
    ascii::{digit1, multispace0},
    combinator::{alt, delimited, opt, preceded, repeat},
    token::{one_of, take_while},
};

use super::{ExpressionError, MOST_CHARACTERS, MOST_DEPTH, Node, Operator};
use crate::kpi::{Kpi, graphql_name};

/// How alike a name must be to a key for the key to be suggested; 1 is equal.
const ALIKE: f64 = 0.8;

pub(super) fn parse(text: &str) -> Result<Node<Kpi>, ExpressionError> {
    let length = text.chars().count();
    if length > MOST_CHARACTERS {
        return Err(ExpressionError::Long(length));
    }
    // The parser recurses into parentheses.
    if depth(text) > MOST_DEPTH {
        return Err(ExpressionError::Deep);
    }
    let tree = sum.parse(text).map_err(|error| {
        let at = error.offset();
        let rest = text.get(at..).unwrap_or_default();
        ExpressionError::Syntax {
            at: text.get(..at).unwrap_or_default().chars().count() + 1,
            rest: rest.chars().take(20).collect(),
        }
    })?;
    resolve(tree)
}

fn depth(text: &str) -> usize {
    let (mut depth, mut most) = (0_usize, 0);
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        most = most.max(depth);
    }
    most
}

fn sum<'i>(input: &mut &'i str) -> Result<Node<&'i str>> {
    let sign = one_of(['+', '-', '−']).map(|sign| match sign {
        '+' => Operator::Plus,
        _ => Operator::Minus,
    });
    let first = product.parse_next(input)?;
    repeat(0.., (sign, product))
        .fold(move || first.clone(), calculation)
        .parse_next(input)
}

fn product<'i>(input: &mut &'i str) -> Result<Node<&'i str>> {
    let sign = one_of(['*', '×', '/', '÷']).map(|sign| match sign {
        '*' | '×' => Operator::Times,
        _ => Operator::Over,
    });
    let first = factor.parse_next(input)?;
    repeat(0.., (sign, factor))
        .fold(move || first.clone(), calculation)
        .parse_next(input)
}

fn calculation<'i>(
    left: Node<&'i str>,
    (operator, right): (Operator, Node<&'i str>),
) -> Node<&'i str> {
    Node::Calculation(operator, Box::new(left), Box::new(right))
}

fn factor<'i>(input: &mut &'i str) -> Result<Node<&'i str>> {
    let part = (opt(one_of(['-', '−'])), preceded(multispace0, operand)).map(|(minus, operand)| {
        match (minus, operand) {
            (None, operand) => operand,
            (Some(_), Node::Number(number)) => Node::Number(-number),
            (Some(_), operand) => calculation(
                Node::Number(Decimal::NEGATIVE_ONE),
                (Operator::Times, operand),
            ),
        }
    });
    delimited(multispace0, part, multispace0).parse_next(input)
}

fn operand<'i>(input: &mut &'i str) -> Result<Node<&'i str>> {
    let number = (digit1, opt(('.', digit1)))
        .take()
        .verify_map(|digits: &str| Decimal::from_str_exact(digits).ok());
    let first = one_of(|letter: char| letter.is_ascii_alphabetic());
    let others = take_while(0.., |letter: char| {
        letter.is_ascii_alphanumeric() || letter == '_'
    });
    alt((
        number.map(Node::Number),
        (first, others).take().map(Node::Key),
        delimited('(', sum, ')'),
    ))
    .parse_next(input)
}

fn resolve(node: Node<&str>) -> Result<Node<Kpi>, ExpressionError> {
    Ok(match node {
        Node::Number(number) => Node::Number(number),
        Node::Key(name) => Node::Key(key(name)?),
        Node::Calculation(operator, left, right) => Node::Calculation(
            operator,
            Box::new(resolve(*left)?),
            Box::new(resolve(*right)?),
        ),
    })
}

fn key(name: &str) -> Result<Kpi, ExpressionError> {
    let mut near: Option<(f64, String)> = None;
    for kpi in Kpi::ALL {
        let key = graphql_name(*kpi);
        if key == name {
            return Ok(*kpi);
        }
        let likeness = strsim::jaro_winkler(&name.to_ascii_uppercase(), &key);
        if likeness >= ALIKE && near.as_ref().is_none_or(|(best, _)| likeness > *best) {
            near = Some((likeness, key));
        }
    }
    Err(ExpressionError::UnknownKey {
        name: name.chars().take(60).collect(),
        near: near.map(|(_, key)| key),
    })
}
