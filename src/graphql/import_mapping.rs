//! How files of a team's own are to be read.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use clap::ValueEnum;
use entity::import_mapping;

use super::{
    GlobalId, Session,
    global_id::NodeType,
    list::{most, start},
    payload::{Mistakes, Outcome, payload},
};
use crate::{
    auth::Scope,
    error::{ApiResult, Error, Result},
    import::{ColumnMapping, DayOrder, DecimalMark, Format, ImportAsk, MappedColumn},
    store::{TeamStore, is_source_name},
};

/// The most mappings of a team.
const MOST: usize = 100;

/// A mapping of a file's columns.
pub struct ImportMapping(pub import_mapping::Model);

/// What the columns of files that no profile knows are in a format. An import names it.
#[Object]
impl ImportMapping {
    /// The mapping's id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::new(NodeType::ImportMapping, self.0.id).into()
    }

    /// Its name; no other mapping of the team has it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What the rows of the files are.
    async fn format(&self) -> ApiResult<Format> {
        Ok(self.mapping()?.format)
    }

    /// The source of files for which none is named.
    async fn source(&self) -> &str {
        &self.0.source
    }

    /// The columns that are taken; all others are left out.
    async fn columns(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> ApiResult<Vec<ImportColumn>> {
        let mapping = self.mapping()?;
        let shown = |column: &MappedColumn| ImportColumn {
            breakdown: !mapping.knows(&column.to),
            column: column.to.clone(),
            names: column.from.clone(),
            value: column.value.clone(),
        };
        Ok(start(&mapping.columns, limit).iter().map(shown).collect())
    }

    /// The decimal mark of numbers. Null when it is learnt from them.
    async fn decimal(&self) -> ApiResult<Option<DecimalMark>> {
        Ok(self.mapping()?.decimal)
    }

    /// The order of days and months in dates. Null when it is learnt from them.
    async fn dates(&self) -> ApiResult<Option<DayOrder>> {
        Ok(self.mapping()?.dates)
    }

    /// Counts up with every change; give it back when updating.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

impl ImportMapping {
    fn mapping(&self) -> Result<ColumnMapping> {
        (&self.0).try_into()
    }
}

/// A column that is taken from a file.
#[derive(SimpleObject)]
pub struct ImportColumn {
    /// The format's column, or the name of a breakdown.
    column: String,
    /// Whether it is a breakdown, because the format knows no such column.
    breakdown: bool,
    /// The column's names in the file, the likelier first.
    names: Vec<String>,
    /// What stands in rows that leave it blank. Null when nothing does.
    value: Option<String>,
}

/// A column to take from a file.
#[derive(InputObject)]
pub struct ImportColumnInput {
    /// The format's column, such as `spend`, or the name of a breakdown: lower-case letters, digits and `_`.
    column: String,
    /// The column's names in the file, the likelier first, at most 20; case and punctuation do not matter.
    #[graphql(default)]
    names: Vec<String>,
    /// What stands in rows that leave it blank, and in all rows when the file has no such column.
    value: Option<String>,
}

/// A mapping, or changes to one. What is left out of changes stays; null clears what may be empty.
#[derive(InputObject)]
pub struct SetImportMappingInput {
    /// Which mapping to change; left out to make one.
    id: Option<ID>,
    /// The version that the caller has read; needed with `id`.
    version: Option<i32>,
    /// The name by which imports call it, 1 to 100 characters; needed for a new one.
    name: Option<String>,
    /// What the rows are; needed for a new one.
    format: Option<Format>,
    /// The source of files for which none is named, 1 to 60 characters; `import` unless given.
    source: Option<String>,
    /// The columns that are taken, all of them, at most 200; needed for a new one.
    columns: Option<Vec<ImportColumnInput>>,
    /// The decimal mark of numbers; learnt from them unless given.
    decimal: MaybeUndefined<DecimalMark>,
    /// The order of days and months in dates; learnt from them unless given.
    dates: MaybeUndefined<DayOrder>,
}

/// A mapping to remove.
#[derive(InputObject)]
pub struct DeleteImportMappingInput {
    /// Which mapping.
    id: ID,
    /// The version that the caller has read.
    version: i32,
}

payload!(SetImportMappingPayload, import_mapping: ImportMapping, "The mapping. Null when there are mistakes.");
payload!(DeleteImportMappingPayload, import_mapping: ImportMapping, "The mapping that is gone. Null when there are mistakes.");

/// The fields of mappings among the queries.
#[derive(Default)]
pub struct ImportMappingQuery;

#[Object]
impl ImportMappingQuery {
    /// How files of the team's own are to be read, by name, 100 at most. Needs INGEST.
    async fn import_mappings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> ApiResult<Vec<ImportMapping>> {
        let session = Session::with_scope(ctx, Scope::Ingest)?;
        let rows = session.store.import_mappings().await?;
        let rows = rows.into_iter().take(most(limit));
        Ok(rows.map(ImportMapping).collect())
    }
}

/// The fields of mappings among the mutations.
#[derive(Default)]
pub struct ImportMappingMutation;

#[Object]
impl ImportMappingMutation {
    /// Saves how files of the team's own are to be read, or changes a mapping that is still at the version given; needs
    /// INGEST.
    async fn set_import_mapping(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The mapping, or its changes.")] input: SetImportMappingInput,
    ) -> ApiResult<SetImportMappingPayload> {
        Ok(Box::pin(set(ctx, input)).await?.into())
    }

    /// Removes a mapping that is still at the version given; needs INGEST.
    async fn delete_import_mapping(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which mapping.")] input: DeleteImportMappingInput,
    ) -> ApiResult<DeleteImportMappingPayload> {
        Ok(Box::pin(delete(ctx, input)).await?.into())
    }
}

async fn set(ctx: &Context<'_>, input: SetImportMappingInput) -> ApiResult<Outcome<ImportMapping>> {
    let session = Session::with_scope(ctx, Scope::Ingest)?;
    let writer = session.begin(ctx).await?;
    let mut mistakes = Mistakes::default();
    let before = match &input.id {
        Some(id) => match known(&writer, id, input.version, &mut mistakes).await? {
            Some(row) => Some(row),
            None => return Ok(Err(mistakes)),
        },
        None => {
            mistakes.check_no_version(input.version);
            None
        }
    };
    let mut mapping = match &before {
        Some(row) => row.try_into()?,
        None => fresh(&input, &mut mistakes),
    };
    change(&mut mapping, input);
    check(&mapping, &mut mistakes);
    let others = writer.import_mappings().await?;
    let id = before.as_ref().map(|row| row.id);
    if others
        .iter()
        .any(|row| row.name == mapping.name && Some(row.id) != id)
    {
        let text = format!(
            "input.name: there is a mapping named {} already",
            mapping.name
        );
        mistakes.taken("input.name", text);
    }
    if id.is_none() && others.len() >= MOST {
        mistakes.invalid(
            "input.name",
            format!("input.name: the team has {MOST} mappings, which is the most"),
        );
    }
    if !mistakes.is_empty() {
        return Ok(Err(mistakes));
    }
    let now = session.store.clock().now();
    let word =
        |word: Option<clap::builder::PossibleValue>| word.map(|word| word.get_name().to_owned());
    let row = import_mapping::Model {
        team_id: session.store.team().id,
        id: id.unwrap_or_else(|| writer.id()),
        name: mapping.name,
        format: mapping.format.to_string(),
        source: mapping.source,
        columns: serde_json::to_string(&mapping.columns)
            .map_err(|error| Error::Internal(format!("columns cannot be stored: {error}")))?,
        decimal: word(mapping.decimal.and_then(|mark| mark.to_possible_value())),
        dates: word(mapping.dates.and_then(|order| order.to_possible_value())),
        created_at: before.as_ref().map_or(now, |row| row.created_at),
        updated_at: now,
        version: before.as_ref().map_or(1, |row| row.version + 1),
    };
    match before {
        None => {
            writer
                .insert::<import_mapping::Entity>(vec![row.clone()])
                .await?
        }
        Some(before) => {
            if !writer
                .update_import_mapping(row.clone(), before.version)
                .await?
            {
                return Err(
                    Error::Internal("a mapping moved within its transaction".into()).into(),
                );
            }
        }
    }
    writer.commit().await?;
    Ok(Ok(ImportMapping(row)))
}

/// A mapping without columns, of what a new one needs.
fn fresh(input: &SetImportMappingInput, mistakes: &mut Mistakes) -> ColumnMapping {
    for (field, given) in [
        ("name", input.name.is_some()),
        ("format", input.format.is_some()),
        ("columns", input.columns.is_some()),
    ] {
        if !given {
            let path = format!("input.{field}");
            mistakes.invalid(&path, format!("{path}: a new mapping needs it"));
        }
    }
    ColumnMapping {
        name: String::new(),
        format: Format::AdStats,
        source: ImportAsk::DEFAULT_SOURCE.to_owned(),
        columns: vec![],
        decimal: None,
        dates: None,
    }
}

fn change(mapping: &mut ColumnMapping, input: SetImportMappingInput) {
    if let Some(name) = input.name {
        mapping.name = name;
    }
    if let Some(source) = input.source {
        mapping.source = source;
    }
    mapping.format = input.format.unwrap_or(mapping.format);
    if let Some(columns) = input.columns {
        let column = |column: ImportColumnInput| MappedColumn {
            to: column.column,
            from: column.names,
            value: column.value,
        };
        mapping.columns = columns.into_iter().map(column).collect();
    }
    match input.decimal {
        MaybeUndefined::Undefined => {}
        decimal => mapping.decimal = decimal.take(),
    }
    match input.dates {
        MaybeUndefined::Undefined => {}
        dates => mapping.dates = dates.take(),
    }
}

fn check(mapping: &ColumnMapping, mistakes: &mut Mistakes) {
    if !mistakes.is_empty() {
        return;
    }
    mistakes.check_name("input.name", &mapping.name, 100);
    if !is_source_name(&mapping.source) {
        let text = format!(
            "input.source: '{}' was given; allowed are 1 to 60 characters, without blanks around them",
            mapping.source
        );
        mistakes.invalid("input.source", text);
    }
    for (place, text) in mapping.mistakes() {
        let path = match place {
            Some(place) => format!("input.columns[{place}]"),
            None => "input.columns".to_owned(),
        };
        mistakes.invalid(&path, format!("{path}: {text}"));
    }
}

async fn delete(
    ctx: &Context<'_>,
    input: DeleteImportMappingInput,
) -> ApiResult<Outcome<ImportMapping>> {
    let session = Session::with_scope(ctx, Scope::Ingest)?;
    let writer = session.begin(ctx).await?;
    let mut mistakes = Mistakes::default();
    let Some(row) = known(&writer, &input.id, Some(input.version), &mut mistakes).await? else {
        return Ok(Err(mistakes));
    };
    if !writer.delete_import_mapping(row.id, row.version).await? {
        return Err(Error::Internal("a mapping moved within its transaction".into()).into());
    }
    writer.commit().await?;
    Ok(Ok(ImportMapping(row)))
}

async fn known(
    store: &TeamStore,
    id: &ID,
    version: Option<i32>,
    mistakes: &mut Mistakes,
) -> ApiResult<Option<import_mapping::Model>> {
    let found = match GlobalId::expect("input.id", id, NodeType::ImportMapping) {
        Ok(id) => store.import_mappings_by_id(&[id]).await?.remove(&id),
        Err(_) => None,
    };
    match (found, version) {
        (None, _) => mistakes.not_found("input.id", "input.id: there is no mapping with this id"),
        (Some(_), None) => {
            mistakes.invalid(
                "input.version",
                "input.version: it is needed to change a mapping",
            );
        }
        (Some(row), Some(version)) if row.version != version => {
            mistakes.conflict(version, row.version)
        }
        (Some(row), Some(_)) => return Ok(Some(row)),
    }
    Ok(None)
}
