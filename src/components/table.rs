//! Data tables: a caption for readers of the screen, headers that sort by link, a box that scrolls sideways.

use leptos::prelude::*;

use super::icon::Icon;
use crate::model::list::ListQuery;

/// The heading of a column.
pub struct Column {
    pub label: &'static str,
    /// Link that sorts by this column, and how it is sorted now (`ascending`, `descending`); none: cannot be sorted.
    pub sort: Option<ColumnSort>,
    /// Numbers stand at the end of their cell.
    pub number: bool,
}

/// How a column can be sorted.
pub struct ColumnSort {
    pub href: String,
    pub current: Option<&'static str>,
}

impl Column {
    /// A column that only has a name.
    pub fn plain(label: &'static str) -> Self {
        Self { label, sort: None, number: false }
    }

    /// A column that the list at `path` can be sorted by; `usual` is the order where the query names none.
    pub fn sorted(label: &'static str, query: &ListQuery, key: &str, usual: &str, path: &str) -> Self {
        let href = query.sorted_by(key, usual).href(path);
        Self { sort: Some(ColumnSort { href, current: query.direction(key, usual) }), ..Self::plain(label) }
    }
}

/// A table with these columns; the children are the rows.
#[component]
pub fn Table(
    /// What the table lists, for readers of the screen.
    caption: &'static str,
    columns: Vec<Column>,
    /// Rows begin with a name, and the rest of a row says something about it: where the screen is narrow each row is a block of
    /// its own, instead of going on outside of the screen.
    #[prop(optional)]
    folds: bool,
    children: Children,
) -> impl IntoView {
    // What a folded row says before its cells.
    let labels = columns.iter().enumerate().filter(|(_, column)| folds && !column.label.is_empty());
    let labels: String = labels.map(|(index, column)| format!("--label-{}:\"{}\";", index + 1, column.label)).collect();
    let head = columns.into_iter().map(header).collect_view();
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label=caption>
            <table class="table" class:table--folds=folds style=folds.then_some(labels)>
                <caption class="visually-hidden">{caption}</caption>
                <thead>
                    <tr>{head}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}

fn header(column: Column) -> AnyView {
    let class = column.number.then_some("table__number");
    let Some(sort) = column.sort else {
        return view! {
            <th scope="col" class=class>
                {column.label}
            </th>
        }
        .into_any();
    };
    let icon = sort.current.map(|current| if current == "ascending" { "up" } else { "down" });
    view! {
        <th scope="col" class=class aria-sort=sort.current>
            <a class="table__sort" href=sort.href data-noscroll="true">
                {column.label}
                {icon.map(|icon| view! { <Icon name=icon /> }.into_any())}
            </a>
        </th>
    }
    .into_any()
}
