//! What a launch changes against its snapshot: one row for each value.

use leptos::prelude::*;

use crate::model::launches::ShownChange;

/// How many values differ, in words.
pub fn count_in_words(count: usize) -> String {
    match count {
        0 => "No changes: it runs as saved.".to_owned(),
        1 => "1 change against the snapshot".to_owned(),
        count => format!("{count} changes against the snapshot"),
    }
}

/// A value, old and new, and where the new one comes from; what can be done about it stands beside its path.
#[component]
pub fn ChangeRow(change: ShownChange, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    view! {
        <li class="change">
            <div class="change__head">
                <span class="change__path mono">{change.path}</span>
                {children.map(|children| children())}
            </div>
            <div class="change__values mono">
                <del>{change.old}</del>
                " "
                <span class="visually-hidden">"becomes"</span>
                <ins>{change.new}</ins>
            </div>
            <p class="change__origin">{change.origin}</p>
        </li>
    }
    .into_any()
}
