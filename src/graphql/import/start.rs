//! Taking a file in.

use async_graphql::{Context, InputObject, SimpleObject};
use entity::import_job::{Mode, State};

use super::{
    super::{
        Session,
        bulk::unanswered,
        payload::{Mistakes, UserError},
        scalars::Date,
    },
    Import,
    upload::Upload,
};
use crate::{
    auth::Scope,
    error::{ApiResult, Error},
    import::{
        DayOrder, DecimalMark, ImportAsk, Layout,
        bulk::NoAnswer,
        job::{
            LONGEST_NAME, MOST_WAITING, begin_patiently, digest, forget_file, queue_file,
            store_file,
        },
    },
    store::NewImport,
};

/// A file, and what there is to say about it.
#[derive(InputObject)]
pub struct StartImportInput {
    /// The file: CSV, TSV, lines of JSON or XLSX, gzipped or not.
    file: Upload,
    /// A vendor's profile such as `google-ads`, or a format such as `orders`. Default: the layout that the header shows.
    layout: Option<String>,
    /// The name of a mapping of columns that the team has saved, instead of a layout.
    mapping: Option<String>,
    /// Who delivers the file, 1 to 60 characters. Default: the source that the layout names, or `import`.
    source: Option<String>,
    /// The date of rows that have none.
    day: Option<Date>,
    /// The first of the days that rows without a date cover; `day` is the last.
    from: Option<Date>,
    /// The decimal mark of numbers, where the file does not tell.
    decimal: Option<DecimalMark>,
    /// The order of days and months in dates, where the file does not tell.
    dates: Option<DayOrder>,
    /// How rows are published. Default: STAGED.
    mode: Option<Mode>,
    /// Whether a staged import stores the good rows when others are refused; a partial one always does. Default: false.
    skip_refused: Option<bool>,
    /// Whether nothing is stored, only told what would be. Default: false.
    dry_run: Option<bool>,
    /// A name for this call, up to 200 characters: a repeat with the same file within 7 days answers the same import.
    idempotency_key: Option<String>,
}

/// The import in the queue, or the mistakes that kept it from being taken in.
#[derive(SimpleObject, Default)]
pub struct StartImportPayload {
    /// The import. Null when there are mistakes.
    import: Option<Import>,
    /// Whether this call repeats an earlier one, whose import it answers.
    replayed: bool,
    /// The mistakes; nothing was taken in when there are any.
    errors: Vec<UserError>,
}

impl From<Mistakes> for StartImportPayload {
    fn from(mistakes: Mistakes) -> Self {
        Self {
            errors: mistakes.into_errors(),
            ..Self::default()
        }
    }
}

/// Answers `startImport`.
pub async fn start(ctx: &Context<'_>, input: StartImportInput) -> ApiResult<StartImportPayload> {
    let session = Session::with_scope(ctx, Scope::Ingest)?;
    let upload = input.file.take(ctx)?;
    let mut mistakes = Mistakes::default();
    let key = input.idempotency_key.clone();
    if let Some(key) = &key {
        mistakes.check_name("input.idempotencyKey", key, 200);
    }
    let (mode, dry_run) = (
        input.mode.unwrap_or_default(),
        input.dry_run.unwrap_or_default(),
    );
    let mapping = input.mapping.clone();
    let mut ask = ask(input, &mut mistakes);
    if let Some(name) = mapping {
        if ask.layout.is_some() {
            let text = "input.mapping: a layout is given, too; only one of them can be";
            mistakes.invalid("input.mapping", text);
        }
        match Layout::saved(&session.store, &name).await {
            Ok(layout) => ask.layout = Some(layout),
            Err(Error::BadInput(text)) => {
                mistakes.invalid("input.mapping", format!("input.{text}"))
            }
            Err(error) => return Err(error.into()),
        }
    }
    if !mistakes.is_empty() {
        return Ok(mistakes.into());
    }
    let store = &session.store;
    let unfinished = [
        State::Receiving,
        State::Queued,
        State::Checking,
        State::Publishing,
    ];
    if store.import_count(&unfinished).await? >= MOST_WAITING {
        let text =
            format!("{MOST_WAITING} imports of the team are not over yet; at most so many may be");
        return Err(Error::Limit(text).into());
    }
    let options =
        serde_json::to_string(&ask).map_err(|error| Error::Internal(error.to_string()))?;
    let new = NewImport {
        file_name: upload.name.chars().take(LONGEST_NAME).collect(),
        options: options.clone(),
        mode,
        dry_run,
    };
    let operation = ctx.field().name();
    let stored = store_file(store, operation, new, upload.content).await?;
    let Some(key) = key else {
        let job = queue_file(store, operation, stored).await?;
        return Ok(StartImportPayload {
            import: Some(Import(job)),
            ..StartImportPayload::default()
        });
    };
    let received = stored.job.id;
    let claim = format!("{operation} {key}");
    let Some(writer) = begin_patiently(store, operation, Some(&claim)).await? else {
        forget_file(store, operation, received).await?;
        unanswered(NoAnswer::Running, &mut mistakes);
        return Ok(mistakes.into());
    };
    let hash = format!("{} {mode:?} {dry_run} {options}", stored.hash);
    let hash = digest(&hash);
    let Some(known) = writer.answered(operation, &key).await? else {
        let job = writer.queue_import(stored.job).await?;
        writer
            .store_answer(operation, &key, hash, job.id.to_string())
            .await?;
        writer.commit().await?;
        return Ok(StartImportPayload {
            import: Some(Import(job)),
            ..StartImportPayload::default()
        });
    };
    writer.forget_import(received).await?;
    writer.commit().await?;
    if known.payload_hash != hash {
        unanswered(NoAnswer::OtherPayload, &mut mistakes);
        return Ok(mistakes.into());
    }
    let id = known.answer.parse().unwrap_or_default();
    Ok(StartImportPayload {
        import: store.import_by_id(id).await?.map(Import),
        replayed: true,
        ..StartImportPayload::default()
    })
}

/// What is said about the file.
fn ask(input: StartImportInput, mistakes: &mut Mistakes) -> ImportAsk {
    let mut ask = ImportAsk::recognised();
    if let Some(name) = &input.layout {
        match name.parse::<Layout>() {
            Ok(layout) => ask.layout = Some(layout),
            Err(reason) => mistakes.invalid("input.layout", format!("input.layout: {reason}")),
        }
    }
    if let Some(source) = input.source {
        ask.source = source;
    }
    ask.day = input.day.map(|day| day.0);
    ask.from = input.from.map(|day| day.0);
    ask.decimal = input.decimal;
    ask.dates = input.dates;
    ask.dry_run = input.dry_run.unwrap_or_default();
    let partial = input.mode.unwrap_or_default() == Mode::Partial;
    ask.partial = partial || input.skip_refused.unwrap_or_default();
    if let Err(error) = ask.check() {
        let text = error.public_message();
        let field = text.split(':').next().unwrap_or_default();
        mistakes.invalid(&format!("input.{field}"), format!("input.{text}"));
    }
    ask
}
