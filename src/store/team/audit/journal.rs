//! What one transaction did, gathered for the audit log until it commits.

use std::collections::BTreeMap;

use entity::audit_entry::{Action, Subject};
use serde_json::{Map, Value, json};

use super::json::{Fields, camel_case, changed};

/// The changes of one transaction.
pub struct Journal {
    operation: String,
    bulk: bool,
    rows: BTreeMap<(Subject, String), Change>,
    written: BTreeMap<String, u64>,
    removed: BTreeMap<String, u64>,
    details: Fields,
}

/// What became of one row.
#[derive(Default)]
struct Change {
    /// The states before and after, where the row itself was written.
    row: Option<(Option<Fields>, Option<Fields>)>,
    /// Rows within it, by the name of their list: those taken away, and those put there.
    parts: BTreeMap<&'static str, (Vec<Fields>, Vec<Fields>)>,
}

/// An entry as it will stand in the log.
pub struct Entry {
    pub action: Action,
    pub subject: Option<(Subject, String)>,
    pub changed: Vec<String>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

impl Journal {
    /// A journal of what is done by the name of `operation`. In `bulk` rows are counted and nothing else.
    pub fn new(operation: &str, bulk: bool) -> Self {
        Self {
            operation: operation.to_owned(),
            bulk,
            rows: BTreeMap::new(),
            written: BTreeMap::new(),
            removed: BTreeMap::new(),
            details: Fields::new(),
        }
    }

    /// The name of what is done.
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// Whether rows are only counted.
    pub fn is_bulk(&self) -> bool {
        self.bulk
    }

    /// Notes what there is to say of the whole, beside the numbers of rows.
    pub fn describe(&mut self, details: Fields) {
        self.details.extend(details);
    }

    /// Counts rows written to a table.
    pub fn count_written(&mut self, table: &str, rows: u64) {
        add(&mut self.written, table, rows);
    }

    /// Counts rows removed from a table.
    pub fn count_removed(&mut self, table: &str, rows: u64) {
        add(&mut self.removed, table, rows);
    }

    /// Notes a row's state before and after. Of several changes of one row the first state and the last are kept.
    pub fn note(
        &mut self,
        subject: Subject,
        id: String,
        before: Option<Fields>,
        after: Option<Fields>,
    ) {
        let change = self.rows.entry((subject, id)).or_default();
        match &mut change.row {
            Some((_, last)) => *last = after,
            row => *row = Some((before, after)),
        }
    }

    /// Notes that a row lost one of the rows within it, or got one.
    pub fn note_part(
        &mut self,
        subject: Subject,
        id: String,
        list: &'static str,
        before: Option<Fields>,
        after: Option<Fields>,
    ) {
        let change = self.rows.entry((subject, id)).or_default();
        let (gone, new) = change.parts.entry(list).or_default();
        gone.extend(before);
        new.extend(after);
    }

    /// The entries, one per row, then one for all that was only counted.
    pub fn entries(self) -> Vec<Entry> {
        let summary = self.summary();
        let rows = self
            .rows
            .into_iter()
            .filter_map(|(subject, change)| change.entry(subject));
        rows.chain(summary).collect()
    }

    fn summary(&self) -> Option<Entry> {
        let mut after = self.details.clone();
        for (name, rows) in [("written", &self.written), ("removed", &self.removed)] {
            if !rows.is_empty() {
                after.insert(name.into(), json!(rows));
            }
        }
        (!after.is_empty()).then(|| Entry {
            action: Action::Loaded,
            subject: None,
            changed: vec![],
            before: None,
            after: Some(Value::Object(after)),
        })
    }
}

impl Change {
    /// The entry; `None` when all is as it was.
    fn entry(self, subject: (Subject, String)) -> Option<Entry> {
        let touched = self.row.is_some();
        let (mut before, mut after) = self.row.unwrap_or((Some(Map::new()), Some(Map::new())));
        for (list, (mut gone, mut new)) in self.parts {
            let text = |fields: &Fields| Value::Object(fields.clone()).to_string();
            gone.sort_by_key(text);
            new.sort_by_key(text);
            if gone != new {
                for (side, rows) in [(&mut before, gone), (&mut after, new)] {
                    if let Some(side) = side {
                        side.insert(list.into(), rows.into_iter().map(Value::Object).collect());
                    }
                }
            }
        }
        let action = match (&before, &after) {
            (None, None) => return None,
            (None, Some(_)) => Action::Created,
            (Some(_), None) => Action::Deleted,
            (Some(_), Some(_)) => Action::Changed,
        };
        let nothing = Fields::new();
        let changed = changed(
            before.as_ref().unwrap_or(&nothing),
            after.as_ref().unwrap_or(&nothing),
        );
        if !touched && changed.is_empty() {
            return None;
        }
        // Of people nothing is kept but which fields changed.
        let (before, after) = match subject.0 {
            Subject::Customer => (None, None),
            _ => (before.map(Value::Object), after.map(Value::Object)),
        };
        Some(Entry {
            action,
            subject: Some(subject),
            changed,
            before,
            after,
        })
    }
}

fn add(counts: &mut BTreeMap<String, u64>, table: &str, rows: u64) {
    if rows > 0 {
        *counts.entry(camel_case(table)).or_default() += rows;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(value: Value) -> Option<Fields> {
        value.as_object().cloned()
    }

    #[test]
    fn several_changes_of_a_row_are_one_entry_from_the_first_state_to_the_last() {
        let mut journal = Journal::new("updateChannel", false);
        let states = ["a", "b", "c"].map(|name| fields(json!({ "name": name })));
        let [first, middle, last] = states;
        journal.note(Subject::Channel, "7".into(), first, middle.clone());
        journal.note(Subject::Channel, "7".into(), middle, last);
        let entries = journal.entries();
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].action, Action::Changed);
        assert_eq!(entries[0].before, Some(json!({ "name": "a" })));
        assert_eq!(entries[0].after, Some(json!({ "name": "c" })));
    }

    #[test]
    fn parts_that_were_replaced_by_the_same_are_no_change() {
        let mut journal = Journal::new("updateCampaign", false);
        let part = |id: i32| fields(json!({ "channelId": id.to_string() }));
        for (before, after) in [
            (part(1), None),
            (part(2), None),
            (None, part(2)),
            (None, part(1)),
        ] {
            journal.note_part(Subject::Campaign, "7".into(), "channels", before, after);
        }
        assert!(journal.entries().is_empty());
    }

    #[test]
    fn what_came_and_went_within_the_transaction_leaves_nothing() {
        let mut journal = Journal::new("x", false);
        let row = fields(json!({ "name": "a" }));
        journal.note(Subject::Channel, "7".into(), None, row.clone());
        journal.note(Subject::Channel, "7".into(), row, None);
        assert!(journal.entries().is_empty());
    }

    #[test]
    fn of_people_only_the_names_of_changed_fields_are_kept() {
        let mut journal = Journal::new("upsertCustomers", false);
        let before = fields(json!({ "email": "old@x.example", "name": "Ada" }));
        let after = fields(json!({ "email": "new@x.example", "name": "Ada" }));
        journal.note(Subject::Customer, "7".into(), before, after);
        let entry = &journal.entries()[0];
        assert_eq!(entry.changed, ["email"]);
        assert_eq!((&entry.before, &entry.after), (&None, &None));
    }
}
