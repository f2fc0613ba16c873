//! Creating, updating and archiving channels.

use async_graphql::{Context, ID, InputObject};
use entity::{channel, values::ChannelKind};

use super::{
    GlobalId, Session,
    campaign_input::ArchiveInput,
    channel::Channel,
    global_id::NodeType,
    payload::{Mistakes, Outcome, payload},
};
use crate::{
    auth::Scope,
    error::ApiResult,
    store::{TeamStore, TeamWriter},
};

/// A new channel.
#[derive(InputObject)]
pub struct CreateChannelInput {
    /// Its name, 1 to 200 characters, unique within the team.
    name: String,
    /// Its kind.
    kind: ChannelKind,
    /// Whether reach on it is bought.
    paid: bool,
}

/// Changes to a channel. What is left out stays.
#[derive(InputObject)]
pub struct UpdateChannelInput {
    /// Which channel.
    id: ID,
    /// The version that the caller has read.
    version: i32,
    /// Its name, 1 to 200 characters, unique within the team.
    name: Option<String>,
    /// Its kind.
    kind: Option<ChannelKind>,
    /// Whether reach on it is bought.
    paid: Option<bool>,
    /// Whether it is put away.
    archived: Option<bool>,
}

payload!(CreateChannelPayload, channel: Channel, "The channel. Null when there are mistakes.");
payload!(UpdateChannelPayload, channel: Channel, "The channel. Null when there are mistakes.");
payload!(ArchiveChannelPayload, channel: Channel, "The channel. Null when there are mistakes.");

/// Makes a channel.
pub async fn create(ctx: &Context<'_>, input: CreateChannelInput) -> ApiResult<Outcome<Channel>> {
    let session = Session::with_scope(ctx, Scope::CampaignsWrite)?;
    let writer = session.begin(ctx).await?;
    let now = session.store.clock().now();
    let row = channel::Model {
        team_id: session.store.team().id,
        id: writer.id(),
        name: input.name,
        kind: input.kind,
        paid: input.paid,
        archived: false,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let mut mistakes = Mistakes::default();
    check_name(&writer, &row, &mut mistakes).await?;
    if !mistakes.is_empty() {
        return Ok(Err(mistakes));
    }
    writer.insert::<channel::Entity>(vec![row.clone()]).await?;
    writer.commit().await?;
    session.forget_loaded();
    Ok(Ok(Channel(row)))
}

/// Changes a channel.
pub async fn update(ctx: &Context<'_>, input: UpdateChannelInput) -> ApiResult<Outcome<Channel>> {
    let session = Session::with_scope(ctx, Scope::CampaignsWrite)?;
    let writer = session.begin(ctx).await?;
    let mut mistakes = Mistakes::default();
    let Some(mut row) = known_channel(&writer, &input.id, input.version, &mut mistakes).await?
    else {
        return Ok(Err(mistakes));
    };
    if let Some(name) = input.name {
        row.name = name;
    }
    row.kind = input.kind.unwrap_or(row.kind);
    row.paid = input.paid.unwrap_or(row.paid);
    row.archived = input.archived.unwrap_or(row.archived);
    check_name(&writer, &row, &mut mistakes).await?;
    if !mistakes.is_empty() {
        return Ok(Err(mistakes));
    }
    save(session, writer, row, input.version).await
}

/// Puts a channel away.
pub async fn archive(ctx: &Context<'_>, input: ArchiveInput) -> ApiResult<Outcome<Channel>> {
    let session = Session::with_scope(ctx, Scope::CampaignsWrite)?;
    let writer = session.begin(ctx).await?;
    let mut mistakes = Mistakes::default();
    let Some(mut row) = known_channel(&writer, &input.id, input.version, &mut mistakes).await?
    else {
        return Ok(Err(mistakes));
    };
    row.archived = true;
    save(session, writer, row, input.version).await
}

async fn save(
    session: &Session,
    writer: TeamWriter,
    mut row: channel::Model,
    known_version: i32,
) -> ApiResult<Outcome<Channel>> {
    row.version = known_version + 1;
    row.updated_at = session.store.clock().now();
    if !writer.update_channel(row.clone(), known_version).await? {
        let mut mistakes = Mistakes::default();
        let current = writer.channels_by_id(&[row.id]).await?.remove(&row.id);
        mistakes.conflict(known_version, current.map_or(0, |row| row.version));
        return Ok(Err(mistakes));
    }
    writer.commit().await?;
    session.forget_loaded();
    Ok(Ok(Channel(row)))
}

/// The channel with this id, if it is still at this version.
async fn known_channel(
    store: &TeamStore,
    id: &ID,
    version: i32,
    mistakes: &mut Mistakes,
) -> ApiResult<Option<channel::Model>> {
    let found = match GlobalId::expect("input.id", id, NodeType::Channel) {
        Ok(id) => store.channels_by_id(&[id]).await?.remove(&id),
        Err(_) => None,
    };
    match found {
        None => mistakes.not_found("input.id", "input.id: there is no channel with this id"),
        Some(row) if row.version != version => mistakes.conflict(version, row.version),
        Some(row) => return Ok(Some(row)),
    }
    Ok(None)
}

async fn check_name(
    store: &TeamStore,
    row: &channel::Model,
    mistakes: &mut Mistakes,
) -> ApiResult<()> {
    mistakes.check_name("input.name", &row.name, 200);
    if store
        .channel_named(&row.name)
        .await?
        .is_some_and(|other| other.id != row.id)
    {
        mistakes.taken(
            "input.name",
            "input.name: another channel of the team has this name",
        );
    }
    Ok(())
}
