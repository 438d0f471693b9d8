//! What a form asks to be launched, and its launch: once, however often the form is sent.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tracing::Instrument as _;

use super::{
    again::{Again, How},
    draft::Draft,
};
use crate::{
    run_configuration::{
        form::fields,
        problem::{Problem, has_errors},
        review::review,
        snapshot::Snapshot,
        sweep::plan,
        value_path::ValuePath,
    },
    server::{
        db::pipeline_snapshots::PipelineSnapshotRow,
        error::{AppError, Result},
        id::Id,
        service::{
            self,
            launches::{Launch, What},
        },
        state::AppState,
    },
};

/// What a form asks to be launched.
pub struct Asked {
    pub what: What,
    pub body: Value,
    pub configuration: Map<String, Value>,
    pub replace_paths: Vec<ValuePath>,
    again: Option<Again>,
    /// The paths of what differs from the snapshot.
    changed: Vec<ValuePath>,
    layers: Value,
    /// Sent again with the same values the form is the same launch; values that were changed since are a new one.
    request_key: Option<String>,
    /// Of several runs: what they share.
    pub tag: Option<String>,
    proposal: Option<Id>,
}

impl Asked {
    /// The launches of a draft: one, or where fields have several values one for each combination.
    ///
    /// # Errors
    /// The problems of several values; none where the page tells of the draft's errors by itself.
    pub fn of(about: (&PipelineSnapshotRow, &Snapshot), key: &str, draft: &Draft) -> Result<Vec<Self>, Vec<Problem>> {
        let runs = plan(about.1, &fields(about.1), &draft.text, &draft.several)?.runs;
        let one = |text: &str| Self::one(about, key, draft, text).ok_or_else(Vec::new);
        if runs.len() < 2 {
            return Ok(vec![one(runs.first().map_or(draft.text.as_str(), |run| run.text.as_str()))?]);
        }
        let mut asked = runs.iter().map(|run| one(&run.text)).collect::<Result<Vec<_>, _>>()?;
        // One form is one launch of all these runs.
        let all: Vec<&Value> = asked.iter().map(|asked| &asked.body).collect();
        let digest = Sha256::digest(format!("{} {:?} {key} {all:?}", about.0.id, draft.again));
        let tag = format!("sweep-{}", &hex::encode(digest)[..10]);
        for (position, asked) in asked.iter_mut().enumerate() {
            asked.request_key = asked.request_key.take().map(|_| format!("{}-{position}", hex::encode(digest)));
            asked.tag = Some(tag.clone());
        }
        Ok(asked)
    }

    /// The launch of one text; none where it, or what stands beside it, has errors.
    fn one((row, snapshot): (&PipelineSnapshotRow, &Snapshot), key: &str, draft: &Draft, text: &str) -> Option<Self> {
        let found = review(snapshot, text);
        if !draft.refused.is_empty() || has_errors(&found.problems) {
            return None;
        }
        let body = json!({ "run_configuration": found.configuration, "replace_paths": found.replace_paths });
        let again = draft.again.filter(|again| again.how != How::Values);
        Some(Self {
            request_key: (!key.is_empty()).then(|| hex::encode(Sha256::digest(format!("{} {again:?} {key} {body}", row.id)))),
            what: again.map_or(What::Snapshot(row.id), |again| What::Run(again.run)),
            again,
            tag: None,
            proposal: draft.proposal,
            changed: found.changes.into_iter().map(|change| change.path).collect(),
            configuration: found.configuration.unwrap_or_default(),
            replace_paths: found.replace_paths,
            layers: json!(draft.layers.iter().map(|layer| json!({ "kind": layer.kind, "name": layer.name })).collect::<Vec<_>>()),
            body,
        })
    }

    /// With what a replay skips; fails where its run is none of the snapshot.
    pub async fn with_skipped(mut self, state: &AppState, (row, snapshot): (&PipelineSnapshotRow, &Snapshot)) -> Result<Self> {
        if let Some(again) = self.again {
            let mut connection = state.db.read().await?;
            again.replayed(&mut connection, row).await?;
            if let Some(configuration) = self.body["run_configuration"].as_object_mut() {
                again.skip(&mut connection, snapshot, configuration, &self.changed).await?;
            }
        }
        Ok(self)
    }

    pub fn by(&self, user: Id) -> Launch<'_> {
        Launch {
            user,
            is_run: false,
            source: "dashboard",
            layers: Some(&self.layers),
            request_key: self.request_key.as_deref(),
            tag: self.tag.as_deref(),
            proposal: self.proposal,
        }
    }
}

/// Launches, or gives the run that the same form with the same values was answered with before; of several runs the first.
/// The draft is done then.
pub async fn launch_once(state: AppState, user: Id, asked: Vec<Asked>, draft: Option<Id>) -> Result<Id> {
    let work = async move {
        let launches: Vec<_> = asked.iter().map(|asked| (asked.by(user), &asked.what, &asked.body)).collect();
        let runs = service::launches::launch_all_once(&state, &launches).await?;
        let run = runs.first().map(|run| run.id).ok_or_else(|| AppError::Internal(anyhow::anyhow!("nothing was launched")))?;
        if let Some(draft) = draft {
            let mut connection = state.db.begin().await?;
            service::drafts::discard(&mut connection, user, draft).await?;
            connection.commit().await?;
        }
        Ok(run)
    };
    // In a task of its own: the second click makes the browser hang up on the first, which must still end whole.
    let ended = tokio::spawn(work.in_current_span()).await;
    ended.unwrap_or_else(|error| Err(AppError::Internal(anyhow::Error::new(error).context("a launch ended early"))))
}
