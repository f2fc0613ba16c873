//! An import of a file: how far it is, how the file is read, what became of its rows.

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{
    import_error,
    import_job::{self, Mode, State},
};

use super::super::{
    GlobalId, Session,
    connection::{connection, count},
    global_id::NodeType,
    list::start,
    loaders::ImportErrorsOf,
};
use crate::{
    error::ApiResult,
    import::Preview,
    store::{Page, PageAsk},
};

/// An import of a file.
#[derive(Clone)]
pub struct Import(pub import_job::Model);

connection!(ImportConnection, ImportEdge, Import, "imports");
connection!(
    ImportErrorConnection,
    ImportErrorEdge,
    ImportError,
    "refused rows of an import"
);

/// How a file is read.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ImportPreview {
    /// Its layout: a vendor's profile, or a format.
    layout: String,
    /// What its rows are.
    format: String,
    /// What kind of file it is, in words.
    kind: String,
    /// Whose ids the file has.
    source: String,
    #[graphql(skip)]
    columns: Vec<ImportPreviewColumn>,
    /// How its numbers and dates are written, in words, as far as they tell.
    notes: Vec<String>,
}

#[ComplexObject]
impl ImportPreview {
    /// Its columns, each with what becomes of it.
    async fn columns(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> &[ImportPreviewColumn] {
        start(&self.columns, limit)
    }
}

/// A column of a file.
#[derive(SimpleObject)]
pub struct ImportPreviewColumn {
    /// The column as the file names it.
    name: String,
    /// What becomes of it.
    becomes: String,
}

/// A row that is refused.
#[derive(Clone)]
pub struct ImportError(import_error::Model);

/// A row of a file that is refused.
#[Object]
impl ImportError {
    /// The line of the file on which the row begins; the header is on line 1 unless something stands above it.
    async fn line(&self) -> i64 {
        self.0.line
    }

    /// The column at fault, as the file names it. Null when the row as a whole is.
    async fn column(&self) -> Option<&str> {
        self.0.column_name.as_deref()
    }

    /// The value and what is wrong with it.
    async fn message(&self) -> &str {
        &self.0.reason
    }
}

/// An import of a file as a job: it waits for its turn, is worked on, survives ends of the service.
#[Object]
impl Import {
    /// The import's id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::new(NodeType::Import, self.0.id).into()
    }

    /// How far it is.
    async fn state(&self) -> State {
        self.0.state
    }

    /// The share of the work that is done, from 0 to 1: it is 1 exactly when the import is DONE. On SQLite it stands still
    /// while a staged import is published.
    async fn progress(&self) -> f64 {
        f64::from(self.0.progress) / 1_000.0
    }

    /// The name of the file.
    async fn file_name(&self) -> &str {
        &self.0.file_name
    }

    /// The bytes of the file as it came.
    async fn bytes(&self) -> i64 {
        self.0.bytes
    }

    /// How rows are published.
    async fn mode(&self) -> Mode {
        self.0.mode
    }

    /// Whether nothing is stored: `rowsWritten` and `rowsUnchanged` then tell what would be.
    async fn dry_run(&self) -> bool {
        self.0.dry_run
    }

    /// Who asked for it: the subject of a token, or the prefix of an API key. `cli` for the command line.
    async fn created_by(&self) -> &str {
        &self.0.actor
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was taken up first. Null while it waits.
    async fn started_at(&self) -> Option<DateTime<Utc>> {
        self.0.started_at
    }

    /// When it was over. Null until then.
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at
    }

    /// How often it was taken up: more than once when a service ended while working on it.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }

    /// Rows read and checked so far, without the header and blank lines.
    async fn rows_read(&self) -> i64 {
        self.0.rows_read
    }

    /// Rows that are new or changed something. 0 until rows are published.
    async fn rows_written(&self) -> i64 {
        self.0.rows_written
    }

    /// Rows that said what was known already. 0 until rows are published.
    async fn rows_unchanged(&self) -> i64 {
        self.0.rows_unchanged
    }

    /// Rows that cannot be stored.
    async fn rows_refused(&self) -> i64 {
        self.0.rows_refused
    }

    /// Rows of totals and remarks, which are not among those read. 0 until the whole file is read.
    async fn rows_passed_over(&self) -> i64 {
        self.0.rows_passed_over
    }

    /// How the file is read. Null until its first rows are.
    async fn preview(&self) -> Option<ImportPreview> {
        let preview: Preview = serde_json::from_str(self.0.preview.as_deref()?).ok()?;
        let columns = preview.columns.into_iter();
        Some(ImportPreview {
            layout: preview.layout.to_string(),
            format: preview.layout.format().to_string(),
            kind: preview.kind,
            source: preview.source,
            columns: columns
                .map(|(name, becomes)| ImportPreviewColumn { name, becomes })
                .collect(),
            notes: preview.written,
        })
    }

    /// Why it failed. Null unless it is FAILED.
    async fn failure(&self) -> Option<&str> {
        self.0.failure.as_deref()
    }

    /// The first 1 000 refused rows, in the order of the file.
    async fn errors(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> ApiResult<ImportErrorConnection> {
        let ask = PageAsk::new(first, after, last, before)?;
        let load = &Session::of(ctx)?.load;
        let errors = load.load_one(ImportErrorsOf(self.0.id)).await?;
        let errors: Vec<_> = errors.into_iter().flatten().map(ImportError).collect();
        let total = errors.len() as u64;
        let cursor = |error: &ImportError| error.0.place.to_string();
        let page = Page::of_list(errors, &ask, cursor)?;
        let count = count(move |_| async move { Ok(total) });
        Ok(ImportErrorConnection::new(page, count))
    }
}
