//! `kpis { roas cac … }`: one field per entry of the catalogue, made from the catalogue, resolved only when selected.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{
    Context, ContextSelectionSet, ID, InputType, ObjectType, OutputType, Positioned,
    SelectionField, ServerResult, Value,
    parser::types::Field,
    registry::{Deprecation, MetaField, MetaInputValue, MetaType, MetaTypeId, Registry},
    resolver_utils::{ContainerType, resolve_container},
};

use super::{
    GlobalId, Session,
    global_id::NodeType,
    kpi_input::{KpiOptions, PeriodInput},
    loaders::{KpiAnswer, KpiRequest, KpisOf},
    period::Period,
};
use crate::{
    auth::Scope,
    error::{ApiError, ApiResult, Error},
    kpi::{Kpi, KpiValue, Metric},
    store::measures::Dimension,
    time::ResolvedPeriod,
};

/// The values of one entity in one period.
pub struct KpiSet(KpiAnswer);

impl KpiSet {
    /// The KPIs of one campaign, channel or customer that this `kpis` field selects. Fields of the same kind are
    /// answered together.
    pub async fn load(
        ctx: &Context<'_>,
        dimension: Dimension,
        id: i64,
        period: &PeriodInput,
        options: Option<&KpiOptions>,
    ) -> ApiResult<Self> {
        let session = Session::with_scope(ctx, Scope::MetricsRead)?;
        let ask = request(ctx.field(), period, options)?;
        let key = KpisOf { dimension, id, ask };
        match session.load.load_one(key).await? {
            Some(answer) => Ok(Self(answer)),
            None => Err(Error::Internal("a plan left out a group".into()).into()),
        }
    }

    /// An answer that was computed elsewhere.
    pub fn new(answer: KpiAnswer) -> Self {
        Self(answer)
    }

    fn value(&self, selected: Selected) -> Option<&KpiValue> {
        let found = |value: &&KpiValue| match (&value.metric, selected) {
            (Metric::Kpi(kpi), Selected::Kpi(asked)) => *kpi == asked,
            (Metric::Team(metric), Selected::Custom(id)) => metric.id == id,
            _ => false,
        };
        self.0.row.values.iter().find(found)
    }
}

/// What a field of the set asks for.
#[derive(Clone, Copy)]
enum Selected {
    Kpi(Kpi),
    /// A metric of the team by its id.
    Custom(i64),
}

/// The question that a `kpis` field asks: the KPIs are those of its selection.
pub fn request(
    field: SelectionField<'_>,
    period: &PeriodInput,
    options: Option<&KpiOptions>,
) -> ApiResult<KpiRequest> {
    let (mut kpis, mut custom) = (Vec::new(), Vec::new());
    for field in field.selection_set() {
        match selected(&field) {
            Some(Selected::Kpi(kpi)) => kpis.push(kpi),
            Some(Selected::Custom(id)) => custom.push(id),
            None => {}
        }
    }
    kpis.sort_unstable();
    kpis.dedup();
    custom.sort_unstable();
    custom.dedup();
    let options = options.cloned().unwrap_or_default();
    let compare = options.compare()?;
    Ok(KpiRequest {
        custom: custom.into(),
        compare,
        basis: options.basis,
        as_of: options.as_of,
        crediting: options.crediting()?,
        currency: options.currency()?,
        only_complete: options.only_complete(),
        ..KpiRequest::new(kpis, period.ask())
    })
}

/// Answers the `kpis` fields that a list's rows will ask, before they ask, with one plan per distinct question.
pub async fn prefetch(ctx: &Context<'_>, dimension: Dimension, ids: &[i64]) -> ApiResult<()> {
    let list = ctx.field();
    let nodes = list.selection_set().flat_map(|field| match field.name() {
        "nodes" => vec![field],
        "edges" => field
            .selection_set()
            .filter(|field| field.name() == "node")
            .collect(),
        _ => vec![],
    });
    let mut questions: Vec<KpiRequest> = Vec::new();
    for kpis in nodes.flat_map(|node| {
        node.selection_set()
            .filter(|field| field.name() == "kpis")
            .collect::<Vec<_>>()
    }) {
        // Arguments that do not parse are reported by the field itself.
        if let Some(question) = question(kpis)
            && !questions.contains(&question)
        {
            questions.push(question);
        }
    }
    if questions.is_empty() || ids.is_empty() {
        return Ok(());
    }
    let session = Session::with_scope(ctx, Scope::MetricsRead)?;
    let mut keys = Vec::with_capacity(questions.len() * ids.len());
    for ask in questions {
        for id in ids {
            keys.push(KpisOf {
                dimension,
                id: *id,
                ask: ask.clone(),
            });
        }
    }
    session.load.load_many(keys).await?;
    Ok(())
}

fn question(field: SelectionField<'_>) -> Option<KpiRequest> {
    let arguments = field.arguments().ok()?;
    let argument = |name: &str| {
        arguments
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.clone())
    };
    let period = PeriodInput::parse(argument("period")).ok()?;
    let options = Option::<KpiOptions>::parse(argument("options")).ok()?;
    request(field, &period, options.as_ref()).ok()
}

/// What a field of the set asks for, if it asks for a value.
fn selected(field: &SelectionField<'_>) -> Option<Selected> {
    let argument = |wanted: &str| {
        let arguments = field.arguments().ok()?;
        let found = arguments.into_iter().find(|(name, _)| name == wanted);
        Some(found.map(|(_, value)| value))
    };
    match field.name() {
        "metric" => <Kpi as InputType>::parse(argument("key")?)
            .ok()
            .map(Selected::Kpi),
        "customMetric" => {
            let id = ID::parse(argument("id")?).ok()?;
            let id = GlobalId::expect("id", &id, NodeType::MetricDefinition);
            id.ok().map(Selected::Custom)
        }
        name => by_field(name).map(Selected::Kpi),
    }
}

fn by_field(name: &str) -> Option<Kpi> {
    Kpi::ALL
        .iter()
        .copied()
        .find(|kpi| kpi.definition().field() == name)
}

fn field(name: &str, description: String, ty: String) -> MetaField {
    MetaField {
        name: name.to_owned(),
        description: Some(description),
        args: Default::default(),
        ty,
        deprecation: Deprecation::NoDeprecated,
        cache_control: Default::default(),
        external: false,
        requires: None,
        provides: None,
        visible: None,
        shareable: false,
        inaccessible: false,
        tags: vec![],
        override_from: None,
        compute_complexity: None,
        directive_invocations: vec![],
        requires_scopes: vec![],
    }
}

fn argument(name: &str, description: &str, ty: String) -> MetaInputValue {
    MetaInputValue {
        name: name.into(),
        description: Some(description.into()),
        ty,
        deprecation: Deprecation::NoDeprecated,
        default_value: None,
        visible: None,
        inaccessible: false,
        tags: vec![],
        is_secret: false,
        directive_invocations: vec![],
    }
}

impl OutputType for KpiSet {
    fn type_name() -> Cow<'static, str> {
        "KpiSet".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            let period = Period::create_type_info(registry);
            // Values are nullable, so that one that fails does not take its siblings along.
            let value = KpiValue::create_type_info(registry)
                .trim_end_matches('!')
                .to_owned();
            let key = <Kpi as InputType>::create_type_info(registry);
            let mut fields = vec![field("period", "The period of the values.".into(), period)];
            for kpi in Kpi::ALL {
                let definition = kpi.definition();
                let text = format!(
                    "{}\n\nFormula: `{}`",
                    definition.text(),
                    definition.formula_text()
                );
                fields.push(field(&definition.field(), text, value.clone()));
            }
            let id = <ID as InputType>::create_type_info(registry);
            let with = |mut field: MetaField, name: &str, text: &str, ty: String| {
                field.args.insert(name.into(), argument(name, text, ty));
                field
            };
            let any = field("metric", "The KPI with this key.".into(), value.clone());
            fields.push(with(any, "key", "Which KPI.", key));
            let text = "The metric of the team with this id. Null with an error when the team has none such.";
            let custom = field("customMetric", text.into(), value);
            fields.push(with(custom, "id", "Which metric.", id));
            MetaType::Object {
                name: Self::type_name().into_owned(),
                description: Some(
                    "The KPIs of one subject in one period; only those selected are computed."
                        .into(),
                ),
                fields: fields
                    .into_iter()
                    .map(|field| (field.name.clone(), field))
                    .collect(),
                cache_control: Default::default(),
                extends: false,
                shareable: false,
                resolvable: true,
                inaccessible: false,
                interface_object: false,
                tags: vec![],
                keys: None,
                visible: None,
                is_subscription: false,
                rust_typename: Some(std::any::type_name::<Self>()),
                directive_invocations: vec![],
                requires_scopes: vec![],
            }
        })
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl ContainerType for KpiSet {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let inner = ctx.with_selection_set(&ctx.item.node.selection_set);
        if ctx.item.node.name.node == "period" {
            let period = Period(ResolvedPeriod::clone(&self.0.period));
            return OutputType::resolve(&period, &inner, ctx.item)
                .await
                .map(Some);
        }
        let selected = selected(&ctx.field());
        let value = selected.and_then(|selected| self.value(selected));
        if value.is_none() && ctx.item.node.name.node == "customMetric" {
            let refusal = Error::BadInput("id: the team has no metric with this id".into());
            let error = async_graphql::Error::from(ApiError::from(refusal));
            // Its siblings have their values.
            ctx.add_error(ctx.set_error_path(error.into_server_error(ctx.item.pos)));
            return Ok(Some(Value::Null));
        }
        if selected.is_none() {
            return Ok(None);
        }
        OutputType::resolve(&value, &inner, ctx.item)
            .await
            .map(Some)
    }
}

impl ObjectType for KpiSet {}

/// The period of an answer that was computed elsewhere, and its row.
impl From<(ResolvedPeriod, crate::kpi::Row)> for KpiSet {
    fn from((period, row): (ResolvedPeriod, crate::kpi::Row)) -> Self {
        Self::new(KpiAnswer {
            period: Arc::new(period),
            row: Arc::new(row),
        })
    }
}
