//! What people wrote on a snapshot, and the form that changes it: name, description, tags.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    Form,
    extract::{Path, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use serde::Deserialize;

use super::{find, names};
use crate::{
    model::{
        error::PageError,
        form::FormState,
        list::encode,
        pipeline_snapshots::{EXPOSE, EXPOSE_CHOSEN, SnapshotTexts},
    },
    run_configuration::value_path::ValuePath,
    server::{
        api::wire::pipeline_snapshots::{NameChange, PipelineSnapshotUpdate},
        auth::Account,
        db::{Connection, pipeline_snapshots::PipelineSnapshotRow, tags},
        error::{AppError, Result},
        id::Id,
        launch::readiness,
        pages::{context, forms},
        service,
        state::AppState,
    },
};

/// The form of a snapshot's texts, new or not.
#[derive(Clone, Deserialize)]
pub struct SnapshotForm {
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub description: String,
    /// Separated by commas.
    #[serde(default)]
    pub tags: String,
    /// A checkbox: there when checked.
    pub replace: Option<String>,
    /// A checkbox, too.
    pub protected: Option<String>,
    /// Whether others get all values in its form, or which.
    #[serde(default)]
    pub expose: String,
    /// Checkboxes of those values, among other controls.
    #[serde(flatten)]
    others: BTreeMap<String, String>,
}

impl SnapshotForm {
    /// What was typed, for the form that is shown again.
    pub fn typed(&self) -> FormState {
        let typed = FormState::with_values([
            ("name", self.name.clone()),
            ("description", self.description.clone()),
            ("tags", self.tags.clone()),
            ("replace", self.replace.clone().unwrap_or_default()),
            ("protected", self.protected.clone().unwrap_or_default()),
            (EXPOSE, self.expose.clone()),
        ]);
        self.others.iter().fold(typed, |typed, (name, value)| typed.with_value(name, value))
    }

    /// The values that its form is to offer; none: all of them.
    pub fn exposed(&self) -> Option<Vec<ValuePath>> {
        let paths = self.others.keys().filter_map(|name| name.strip_prefix(EXPOSE)?.strip_prefix('.')).map(ValuePath::from);
        (self.expose == EXPOSE_CHOSEN).then(|| paths.collect())
    }

    fn tags(&self) -> BTreeSet<String> {
        self.tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
    }

    /// Gives a snapshot what was typed.
    pub async fn store(&self, connection: &mut Connection, user: Id, snapshot: &PipelineSnapshotRow) -> Result<PipelineSnapshotRow> {
        let wanted = self.tags();
        let present: BTreeSet<String> = match tags::of(connection, "pipeline_snapshot", [snapshot.id]).await?.remove(&snapshot.id) {
            Some(tags) => tags.into_iter().map(|tag| tag.name).collect(),
            None => BTreeSet::new(),
        };
        let update = PipelineSnapshotUpdate {
            name: NameChange::Set(self.name.trim().to_owned()),
            replace: Some(self.replace.is_some()),
            add_tags: Some(wanted.difference(&present).cloned().collect()),
            remove_tags: Some(present.difference(&wanted).cloned().collect()),
            ..PipelineSnapshotUpdate::default()
        };
        service::pipeline_snapshots::protect(connection, snapshot.id, self.protected.is_some()).await?;
        service::pipeline_snapshots::update(connection, user, snapshot.id, update).await?;
        // Browsers end lines with CRLF in what they send.
        let description = self.description.replace("\r\n", "\n");
        service::pipeline_snapshots::describe(connection, snapshot.id, Some(description.trim()).filter(|text| !text.is_empty())).await
    }

    /// The form again, with what is wrong with it; `pipeline` and `except` say whose name it was to be.
    pub async fn refuse(
        &self,
        state: &AppState,
        parts: Parts,
        error: AppError,
        pipeline: Option<Id>,
        except: Option<Id>,
    ) -> Result<Response> {
        if error.status() == StatusCode::CONFLICT
            && let Some(pipeline) = pipeline
        {
            let replacing = names::replacing(&mut state.db.read().await?, pipeline, self.name.trim(), except).await?;
            let message = format!("This pipeline has a snapshot named `{}` already. Choose another name, or replace it.", self.name.trim());
            let refused = self.typed().with_error("name", message).with_error("replace", replacing.unwrap_or_default());
            return Ok(forms::refuse(state, parts, refused).await);
        }
        Ok(match error {
            AppError::Invalid(message) => forms::refuse(state, parts, self.typed().with_error("name", message)).await,
            error => forms::refuse_error(state, parts, self.typed(), error).await,
        })
    }
}

/// What the form of a snapshot begins with.
pub async fn texts(project: &str, id: &str) -> Result<SnapshotTexts, PageError> {
    let (state, _) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let snapshot = find(&mut connection, project, id).await?;
        texts_of(&mut connection, &snapshot).await
    };
    Ok(read.await?)
}

/// What people wrote on a snapshot.
pub async fn texts_of(connection: &mut Connection, snapshot: &PipelineSnapshotRow) -> Result<SnapshotTexts> {
    let tags = tags::of(connection, "pipeline_snapshot", [snapshot.id]).await?.remove(&snapshot.id).unwrap_or_default();
    Ok(SnapshotTexts {
        pipeline: snapshot.pipeline_id.to_string(),
        name: snapshot.name.clone().unwrap_or_default(),
        description: snapshot.description.clone().unwrap_or_default(),
        tags: tags.into_iter().map(|tag| tag.name).collect(),
        protected: snapshot.protected,
    })
}

/// `POST …/snapshots/{snapshot}/edit`: changes name, description and tags, and goes to the snapshot.
pub async fn edit(
    State(state): State<AppState>,
    account: Account,
    Path((project, id)): Path<(String, String)>,
    parts: Parts,
    Form(form): Form<SnapshotForm>,
) -> Result<Response> {
    let snapshot = find(&mut state.db.read().await?, &project, &id).await?;
    if form.name.trim().is_empty() {
        let message = "Give the snapshot a name. To take it off the list, choose Remove from list in its menu.";
        return Ok(forms::refuse(&state, parts, form.typed().with_error("name", message)).await);
    }
    match change(&state, &account, &snapshot, &form).await {
        Ok(()) => forms::see_other(&format!("/projects/{}/snapshots/{}", encode(&project), snapshot.id)),
        Err(error) => form.refuse(&state, parts, error, Some(snapshot.pipeline_id), Some(snapshot.id)).await,
    }
}

async fn change(state: &AppState, account: &Account, snapshot: &PipelineSnapshotRow, form: &SnapshotForm) -> Result<()> {
    let mut connection = state.db.begin().await?;
    let changed = form.store(&mut connection, account.user.id, snapshot).await?;
    readiness::refresh(&mut connection, state, &changed).await?;
    connection.commit().await?;
    state.events.send("snapshot", snapshot.id);
    Ok(())
}
