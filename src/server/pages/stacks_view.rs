//! Stacks and their components as HTML.

use leptos::prelude::*;

use super::{html::html, stacks::USUAL_SORT};
use crate::{
    components::{
        clock::Ago,
        empty_state::EmptyState,
        pagination::Pagination,
        table::{Column, Table},
    },
    model::{
        html_page::HtmlPage,
        list::{ListQuery, Listing, Reference},
        roles::Action,
        stacks::{ComponentDetail, ComponentLink, StackListRow, kind_in_words},
    },
    pages::reader::allowed,
};

const PATH: &str = "/stacks";

/// Rows with the pages, or why there are none.
pub fn list(list: Listing<StackListRow>, query: &ListQuery) -> AnyView {
    if list.rows.is_empty() {
        return view! {
            <EmptyState title="No stacks match" text="No stack has this name.">
                <a class="button" href=PATH>
                    "Clear the filter"
                </a>
            </EmptyState>
        }
        .into_any();
    }
    let columns = vec![
        Column::sorted("Stack", query, "name", USUAL_SORT, PATH),
        Column::plain("Components"),
        Column::sorted("Created", query, "created", USUAL_SORT, PATH),
    ];
    let position = list.position;
    let rows = list.rows.into_iter().map(stack_row).collect_view();
    let page_query = query.clone();
    view! {
        <Table caption="Stacks" columns=columns folds=true>
            {rows}
        </Table>
        <Pagination position=position href=move |page, size| ListQuery { page, size, ..page_query.clone() }.href(PATH) />
    }
    .into_any()
}

fn stack_row(stack: StackListRow) -> AnyView {
    view! {
        <tr>
            <th scope="row" class="table__name">
                <a href=format!("/stacks/{}", stack.id)>{stack.name}</a>
                {stack.description.map(|text| view! { <span class="table__sub">{text}</span> }.into_any())}
            </th>
            <td>
                <ul class="chips" role="list">
                    {stack
                        .components
                        .into_iter()
                        .map(|component| {
                            view! {
                                <li>
                                    <a class="chip" href=format!("/components/{}", component.id)>
                                        <span class="faint">{kind_in_words(&component.kind)}</span>
                                        " "
                                        {component.name}
                                    </a>
                                </li>
                            }.into_any()
                        })
                        .collect_view()}
                </ul>
            </td>
            <td>
                <Ago moment=stack.created />
            </td>
        </tr>
    }
    .into_any()
}

/// A stack's page.
pub fn stack(stack: StackListRow) -> HtmlPage {
    let StackListRow { id, name, description, components, created, user, protected } = stack;
    let columns = vec![Column::plain("Type"), Column::plain("Component"), Column::plain("Flavor")];
    let content = || {
        view! {
            {description.map(|text| view! { <p class="prose">{text}</p> })}
            {protection(&id, protected)}
            <Table caption="Components" columns=columns>
                {components.into_iter().map(component_row).collect_view()}
            </Table>
        }
        .into_any()
    };
    let facts = || view! { <span>"Created " <Ago moment=created /> {user.map(|user| format!(" by {user}"))}</span> }.into_any();
    HtmlPage { title: name, crumbs: vec![("Stacks".to_owned(), PATH.to_owned())], facts: html(facts), html: html(content) }
}

/// Whether launches on the stack are asked about, and the form that changes it.
fn protection(id: &str, protected: bool) -> AnyView {
    let (text, label) = match protected {
        true => ("Protected: launching on it here asks first.", "Stop asking"),
        false => ("Launching on it here does not ask first.", "Protect"),
    };
    let button = || {
        view! {
            <button class="button button--small" type="submit">
                {label}
            </button>
        }
        .into_any()
    };
    view! {
        <form class="row" method="post" action=format!("{PATH}/{id}/protect")>
            <input type="hidden" name="protected" value=if protected { "false" } else { "true" } />
            <p class="soft">{text}</p>
            {allowed(Action::Edit, "button button--small", "", label, button)}
        </form>
    }
    .into_any()
}

fn component_row(component: ComponentLink) -> AnyView {
    view! {
        <tr>
            <td>{kind_in_words(&component.kind)}</td>
            <th scope="row" class="table__name">
                <a href=format!("/components/{}", component.id)>{component.name}</a>
            </th>
            <td>{component.flavor}</td>
        </tr>
    }
    .into_any()
}

/// A component's page.
pub fn component(detail: ComponentDetail) -> HtmlPage {
    let ComponentDetail { component, configuration, stacks, created, user } = detail;
    let facts = || {
        view! {
            <span>{kind_in_words(&component.kind)}</span>
            <span>{format!("Flavor {}", component.flavor)}</span>
            <span>"Created " <Ago moment=created /> {user.map(|user| format!(" by {user}"))}</span>
        }
        .into_any()
    };
    let facts = html(facts);
    let crumbs = vec![("Stacks".to_owned(), PATH.to_owned())];
    HtmlPage { title: component.name, crumbs, facts, html: html(|| component_content(configuration, stacks)) }
}

fn component_content(configuration: Vec<(String, String)>, stacks: Vec<Reference>) -> AnyView {
    let none = configuration.is_empty();
    let rows = configuration
        .into_iter()
        .map(|(key, value)| {
            view! {
                <tr>
                    <th scope="row" class="mono">
                        {key}
                    </th>
                    <td class="table__value mono">{value}</td>
                </tr>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <section class="section" aria-labelledby="configuration">
            <h2 id="configuration">"Configuration"</h2>
            {if none {
                view! { <p class="soft">"Nothing is set: the flavor's defaults apply."</p> }.into_any()
            } else {
                view! {
                    <Table caption="Configuration" columns=vec![Column::plain("Setting"), Column::plain("Value")]>
                        {rows}
                    </Table>
                }
                    .into_any()
            }}
        </section>
        <section class="section" aria-labelledby="stacks">
            <h2 id="stacks">"Part of these stacks"</h2>
            {if stacks.is_empty() {
                view! { <p class="soft">"None."</p> }.into_any()
            } else {
                view! {
                    <ul class="chips" role="list">
                        {stacks
                            .into_iter()
                            .map(|stack| {
                                view! {
                                    <li>
                                        <a class="chip" href=format!("/stacks/{}", stack.id)>
                                            {stack.name}
                                        </a>
                                    </li>
                                }.into_any()
                            })
                            .collect_view()}
                    </ul>
                }
                    .into_any()
            }}
        </section>
    }
    .into_any()
}
