//! The question before a launch that is protected or asks for GPUs: it repeats what is launched, where, and what differs
//! from the snapshot. The server decides whether it is asked; the answer names what was asked, so that values which were
//! changed meanwhile are asked about again.

use leptos::prelude::*;
use sha2::{Digest as _, Sha256};

use super::{asked::Asked, draft::Draft, posted::Posted, sweep};
use crate::{
    checker,
    components::{
        change::{ChangeRow, count_in_words},
        inline_text::InlineText,
    },
    model::launches::ShownChange,
    run_configuration::{
        derive::derive,
        form,
        resources::{gpu_requests, gpus_in_words},
        snapshot::Snapshot,
        sweep::{Sweep, plan},
    },
    server::{
        db::{Connection, pipeline_snapshots::PipelineSnapshotRow, stacks::StackRow},
        error::Result,
        id::Id,
        pages::html::html,
        service::{self, form_views::Gate},
    },
};

/// What the question is about.
struct Question {
    title: String,
    stack: Option<String>,
    reasons: Vec<String>,
    changes: Vec<ShownChange>,
    sweep: Option<Sweep>,
    /// What is launched; a button of the form sends it back.
    token: String,
}

/// The question about a launch, as HTML with the button that answers it; none where none is asked or it is answered.
pub async fn question(
    connection: &mut Connection,
    user: Id,
    (row, snapshot): (&PipelineSnapshotRow, &Snapshot),
    asked: &[Asked],
    posted: &Posted,
    draft: &Draft,
) -> Result<Option<String>> {
    let stack = match row.stack_id {
        Some(id) => connection.get::<StackRow>(id).await?,
        None => None,
    };
    let mut reasons = Vec::new();
    if service::pipeline_snapshots::is_protected(connection, row).await? {
        reasons.push("This snapshot is protected.".to_owned());
    }
    if let Some(stack) = stack.as_ref().filter(|stack| stack.protected) {
        reasons.push(format!("The stack `{}` is protected.", stack.name));
    }
    let gate = Gate::of(connection, user, row).await?;
    for asked in asked {
        // With what a form view fixes, as it will be launched.
        let (mut configuration, mut replace_paths) = (asked.configuration.clone(), asked.replace_paths.clone());
        if let Some(gate) = &gate {
            gate.fill(&mut configuration, &mut replace_paths);
        }
        let derived = derive(snapshot, &configuration, &replace_paths).ok();
        let gpus = derived.and_then(|derived| gpus_in_words(&gpu_requests(&derived.snapshot)));
        reasons.extend(gpus.filter(|gpus| !reasons.contains(gpus)));
    }
    let fields = form::fields(snapshot);
    let bodies: Vec<_> = asked.iter().map(|asked| &asked.body).collect();
    let token = hex::encode(Sha256::digest(format!("{} {:?} {reasons:?} {bodies:?}", row.id, draft.again)));
    if reasons.is_empty() || posted.action() == ("confirm", token.as_str()) {
        return Ok(None);
    }
    let question = Question {
        title: match (asked.len(), row.name.as_deref().unwrap_or("this snapshot")) {
            (1, name) => format!("Launch {name}?"),
            (count, name) => format!("Launch {count} runs of {name}?"),
        },
        stack: stack.map(|stack| stack.name),
        reasons,
        changes: checker::look(snapshot, &draft.layers, &draft.text, &draft.refused).changes,
        sweep: plan(snapshot, &fields, &draft.text, &draft.several).ok().filter(|sweep| sweep.runs.len() > 1),
        token,
    };
    let runs = |question: &Question| question.sweep.as_ref().map(|sweep| sweep::runs_view(sweep, &fields));
    Ok(Some(html(|| view(runs(&question), question))))
}

fn view(runs: Option<AnyView>, question: Question) -> AnyView {
    let Question { title, stack, reasons, changes, token, .. } = question;
    let reason = |text: String| view! { <li><InlineText text=text /></li> };
    view! {
        <section class="card confirm" aria-labelledby="confirm">
            // Takes the focus, so that the question is read first.
            <h2 id="confirm" tabindex="-1" autofocus>
                {title}
            </h2>
            <ul class="confirm__reasons">{reasons.into_iter().map(reason).collect_view()}</ul>
            {stack
                .map(|stack| {
                    view! {
                        <p>
                            "It runs on the stack " <strong>{stack}</strong> "."
                        </p>
                    }
                })}
            <div class="section">
                <h3>{count_in_words(changes.len())}</h3>
                <ul class="change-list" role="list">
                    {changes.into_iter().map(|change| view! { <ChangeRow change=change /> }).collect_view()}
                </ul>
            </div>
            {runs}
            <p class="soft">"Nothing runs yet. What you change below is asked about again."</p>
            <div class="dialog__actions">
                <a class="button" href="#fields" rel="external">
                    "Change something"
                </a>
                <button class="button button--primary" type="submit" name="action" value=format!("confirm:{token}")>
                    "Launch"
                </button>
            </div>
        </section>
    }
    .into_any()
}
