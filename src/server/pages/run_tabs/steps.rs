//! The steps of a run as a table.

use leptos::prelude::*;

use crate::{
    components::{
        clock::{Ago, DurationText},
        empty_state::EmptyState,
        status_badge::StatusBadge,
        table::{Column, Table},
    },
    model::pipeline_runs::StepRow,
    pages::pipeline_runs::RunPath,
};

/// The steps of the run at `path`.
pub fn steps(steps: Vec<StepRow>, path: &RunPath) -> AnyView {
    if steps.is_empty() {
        let text = "Steps appear here as soon as the run has started them.";
        return view! { <EmptyState title="No steps yet" text=text /> }.into_any();
    }
    let columns = vec![
        Column::plain("Step"),
        Column::plain("Status"),
        Column::plain("Started"),
        Column { number: true, ..Column::plain("Duration") },
        Column { number: true, ..Column::plain("Attempts") },
        Column::plain("Outputs"),
    ];
    let rows = steps.into_iter().map(|step| row(step, path)).collect_view();
    view! {
        <Table caption="Steps" columns=columns folds=true>
            {rows}
        </Table>
    }
    .into_any()
}

fn row(step: StepRow, path: &RunPath) -> AnyView {
    let status = match step.status {
        Some(status) => view! { <StatusBadge status=status /> }.into_any(),
        None => view! { <span class="status">"Not started"</span> }.into_any(),
    };
    let href = path.step("steps", &step.name);
    view! {
        <tr>
            <th scope="row" class="table__name mono">
                <a href=href data-noscroll="true">
                    {step.name}
                </a>
            </th>
            <td>{status}</td>
            <td>{step.started.map(|started| view! { <Ago moment=started /> }.into_any())}</td>
            <td class="table__number">
                <DurationText duration=step.duration />
            </td>
            <td class="table__number">{step.attempts}</td>
            <td class="table__text mono">{(!step.outputs.is_empty()).then(|| step.outputs.join(", "))}</td>
        </tr>
    }
    .into_any()
}
