//! How a run was configured.

use leptos::prelude::*;

use crate::{
    components::{
        code_block::CodeBlock,
        inline_text::InlineText,
        table::{Column, Table},
    },
    model::pipeline_snapshots::ParameterRow,
};

/// The parameters of a run, and all of its configuration in YAML.
pub fn configuration(parameters: Vec<ParameterRow>, yaml: String) -> AnyView {
    view! {
        <ParameterTable parameters=parameters />
        <section class="section" aria-labelledby="yaml">
            <h2 id="yaml">"As a run configuration"</h2>
            <CodeBlock code=yaml label="Run configuration in YAML" />
        </section>
    }
    .into_any()
}

/// Parameters with their types and values.
#[component]
fn ParameterTable(parameters: Vec<ParameterRow>) -> impl IntoView {
    let with_steps = parameters.iter().any(|row| row.step.is_some());
    let mut columns = vec![Column::plain("Parameter"), Column::plain("Type"), Column::plain("Value")];
    if with_steps {
        columns.insert(0, Column::plain("Step"));
    }
    let none = parameters.is_empty();
    let rows = parameters.into_iter().map(|row| parameter_row(row, with_steps)).collect_view();
    view! {
        <section class="section" aria-labelledby="parameters">
            <h2 id="parameters">"Parameters"</h2>
            {if none {
                view! { <p class="soft">"Its steps take no parameters."</p> }.into_any()
            } else {
                view! {
                    <Table caption="Parameters" columns=columns>
                        {rows}
                    </Table>
                }
                    .into_any()
            }}
        </section>
    }
}

fn parameter_row(row: ParameterRow, with_steps: bool) -> AnyView {
    view! {
        <tr>
            {with_steps.then(|| view! { <td class="mono">{row.step}</td> }.into_any())}
            <th scope="row" class="table__name">
                <span class="mono">{row.name}</span>
                {row.description.map(|text| view! { <span class="table__sub">{text}</span> }.into_any())}
            </th>
            <td>
                <InlineText text=row.kind />
            </td>
            <td class="table__value mono">
                {match row.value {
                    Some(value) => view! { <span>{value}</span> }.into_any(),
                    None => view! { <span class="faint">"must be given"</span> }.into_any(),
                }}
            </td>
        </tr>
    }
    .into_any()
}
