//! The bounds, and those of them that can be set.

use crate::config::Settings;

/// How large a request may be, and of what shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of a document.
    pub bytes: usize,
    /// Names, values and signs of a document.
    pub tokens: usize,
    /// Aliases in a document's text.
    pub aliases: usize,
    /// Directives in a document's text.
    pub directives: usize,
    /// Fields within each other.
    pub depth: usize,
    /// Fields, with every fragment counted wherever it is spread.
    pub fields: usize,
    /// Fields of an operation itself, those in its fragments included.
    pub root_fields: usize,
    /// Values in the JSON of a body, lists and objects among them.
    pub json_values: usize,
}

impl Bounds {
    /// Brackets within each other in a document's text. The parser recurses into each.
    pub const NESTING: usize = 100;
    /// Bytes of one name or number. Names come back in errors and are compared with all names of the schema.
    pub const WORD: usize = 128;
    /// Operations of a document.
    pub const OPERATIONS: usize = 100;
    /// Fragments of a document.
    pub const FRAGMENTS: usize = 100;
    /// Selections within each other with fragments spread. The validator recurses into each.
    pub const LEVELS: usize = 200;
    /// How many selections of any kind there may be to a field, with fragments spread: spreads that lead to no field
    /// are walked, too.
    pub const SELECTIONS_PER_FIELD: usize = 5;
    /// Directives at one place. Only two are known, and neither may stand there twice.
    pub const DIRECTIVES_AT_A_PLACE: usize = 4;
    /// Lists of types and fields within each other in introspection. Tools ask for two, of fields and their types.
    pub const INTROSPECTION: usize = 2;
    /// Lists and objects within each other in JSON.
    pub const JSON_NESTING: usize = 64;
}

impl From<&Settings> for Bounds {
    fn from(settings: &Settings) -> Self {
        Self {
            bytes: settings.max_document_bytes,
            tokens: settings.max_tokens,
            aliases: settings.max_aliases,
            directives: settings.max_directives,
            depth: settings.max_depth,
            fields: settings.max_fields,
            root_fields: settings.max_root_fields,
            json_values: settings.max_json_values,
        }
    }
}
