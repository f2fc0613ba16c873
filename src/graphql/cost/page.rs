//! How many elements the arguments of a field ask for, with the values of its variables.

use std::{cell::RefCell, collections::HashMap};

use async_graphql::{
    Name, Positioned,
    parser::types::{Field, VariableDefinition},
};
use async_graphql_value::{ConstValue, Value as Literal};
use serde_json::{Map, Value};

/// The most that any list allows. What is over it is refused by the list.
const MOST: u64 = 1000;

/// The variables of an operation.
pub struct Arguments<'a> {
    given: Option<&'a Map<String, Value>>,
    defined: &'a [Positioned<VariableDefinition>],
    /// How many elements are in the lists of a variable, each counted once however often it is used.
    counted: RefCell<HashMap<String, u64>>,
    /// How many are in those of a field, however often its fragment is spread. Fields are told apart by where they are.
    rows: RefCell<HashMap<*const Field, u64>>,
}

impl<'a> Arguments<'a> {
    /// Of an operation that defines these and is given those.
    pub fn new(
        defined: &'a [Positioned<VariableDefinition>],
        given: Option<&'a Map<String, Value>>,
    ) -> Self {
        Self {
            given,
            defined,
            counted: RefCell::default(),
            rows: RefCell::default(),
        }
    }

    /// The page that a field asks for by `first` or `last`; `usual` when by none.
    pub fn page(&self, field: &Field, usual: u64) -> u64 {
        let asked = ["first", "last"].iter().find_map(|name| {
            let value = field.get_argument(name)?;
            self.number(&value.node)
        });
        asked.map_or(usual, |asked| asked.min(MOST))
    }

    /// How many elements are in all lists of a field's arguments.
    pub fn rows(&self, field: &'a Field) -> u64 {
        if field.arguments.is_empty() {
            return 0;
        }
        let place = std::ptr::from_ref(field);
        if let Some(rows) = self.rows.borrow().get(&place) {
            return *rows;
        }
        let rows = field.arguments.iter().fold(0, |sum: u64, (_, argument)| {
            sum.saturating_add(self.elements(&argument.node))
        });
        self.rows.borrow_mut().insert(place, rows);
        rows
    }

    /// How many elements are in all lists of an argument.
    fn elements(&self, argument: &Literal) -> u64 {
        match argument {
            Literal::Variable(name) => self.elements_of_variable(name),
            Literal::List(list) => list.iter().fold(0, |sum: u64, value| {
                sum.saturating_add(1).saturating_add(self.elements(value))
            }),
            Literal::Object(fields) => fields.values().fold(0, |sum: u64, value| {
                sum.saturating_add(self.elements(value))
            }),
            _ => 0,
        }
    }

    /// What is below 0 asks for nothing: the list refuses it.
    fn number(&self, value: &Literal) -> Option<u64> {
        match value {
            Literal::Number(number) => Some(number.as_u64().unwrap_or_default()),
            Literal::Variable(name) => {
                match self.given.and_then(|given| given.get(name.as_str())) {
                    Some(Value::Number(number)) => Some(number.as_u64().unwrap_or_default()),
                    Some(_) => None,
                    None => match &self.definition(name)?.default_value.as_ref()?.node {
                        ConstValue::Number(number) => Some(number.as_u64().unwrap_or_default()),
                        _ => None,
                    },
                }
            }
            _ => None,
        }
    }

    fn elements_of_variable(&self, name: &Name) -> u64 {
        if let Some(counted) = self.counted.borrow().get(name.as_str()) {
            return *counted;
        }
        let counted = match self.given.and_then(|given| given.get(name.as_str())) {
            Some(value) => elements(value),
            None => self
                .definition(name)
                .and_then(|definition| definition.default_value.as_ref())
                .map_or(0, |value| self.elements(&value.node.clone().into_value())),
        };
        self.counted.borrow_mut().insert(name.to_string(), counted);
        counted
    }

    fn definition(&self, name: &Name) -> Option<&'a VariableDefinition> {
        let mut defined = self.defined.iter().map(|definition| &definition.node);
        defined.find(|definition| definition.name.node == *name)
    }
}

/// How many elements are in all lists of a value.
fn elements(value: &Value) -> u64 {
    match value {
        Value::Array(list) => list.iter().map(|value| 1 + elements(value)).sum(),
        Value::Object(fields) => fields.values().map(elements).sum(),
        _ => 0,
    }
}
