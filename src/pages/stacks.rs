//! Stacks and their components, to be looked at: the client prints links to them.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    components::{
        clock::Ago,
        empty_state::EmptyState,
        filter_form::FilterForm,
        page_header::{Crumb, PageHeader},
        pagination::Pagination,
        table::{Column, Table},
    },
    model::{
        list::ListQuery,
        page_request::PageRequest,
        roles::Action,
        stacks::{ComponentDetail, ComponentLink, StackList, StackListRow, kind_in_words},
    },
    pages::{
        data::{PageResource, parameter, query, show},
        reader::allowed,
    },
};

const PATH: &str = "/stacks";
const USUAL_SORT: &str = "asc:name";

/// `/stacks`
#[component]
pub fn StackListPage() -> impl IntoView {
    let query = query();
    let stacks = PageResource::new(move || PageRequest::Stacks { query: query.get() });
    view! {
        <Title text="Stacks" />
        <PageHeader title="Stacks" />
        {show(stacks, move |list| view! { <StackListView list=list query=query.get_untracked() /> }.into_any())}
    }
    .into_any()
}

#[component]
fn StackListView(list: StackList, query: ListQuery) -> impl IntoView {
    let columns = vec![
        Column::sorted("Stack", &query, "name", USUAL_SORT, PATH),
        Column::plain("Components"),
        Column::sorted("Created", &query, "created", USUAL_SORT, PATH),
    ];
    let position = list.position;
    let content = if list.rows.is_empty() {
        view! {
            <EmptyState title="No stacks match" text="No stack has this name.">
                <a class="button" href=PATH>
                    "Clear the filter"
                </a>
            </EmptyState>
        }
        .into_any()
    } else {
        let rows = list.rows.into_iter().map(stack_row).collect_view();
        let page_query = query.clone();
        view! {
            <div>
                <Table caption="Stacks" columns=columns>
                    {rows}
                </Table>
                <Pagination position=position href=move |page, size| ListQuery { page, size, ..page_query.clone() }.href(PATH) />
            </div>
        }
        .into_any()
    };
    view! {
        <div class="stack">
            <FilterForm path=PATH query=query label="Stack name contains" />
            {content}
        </div>
    }
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

/// `/stacks/:stack`
#[component]
pub fn StackPage() -> impl IntoView {
    let id = parameter("stack");
    let stack = PageResource::new(move || PageRequest::Stack { stack: id.get() });
    show(stack, |stack: StackListRow| {
        let facts = view! { <span>"Created " <Ago moment=stack.created /> {stack.user.map(|user| format!(" by {user}"))}</span> };
        let rows = stack.components.into_iter().map(component_row).collect_view();
        let label = if stack.protected { "Stop asking" } else { "Protect" };
        view! {
            <Title text=stack.name.clone() />
            <PageHeader title=stack.name crumbs=vec![Crumb::new("Stacks", PATH)] facts=Some(facts.into_any()) />
            {stack.description.map(|text| view! { <p class="prose">{text}</p> }.into_any())}
            <form class="row" method="post" action=format!("{PATH}/{}/protect", stack.id)>
                <input type="hidden" name="protected" value=if stack.protected { "false" } else { "true" } />
                <p class="soft">
                    {if stack.protected { "Protected: launching on it here asks first." } else { "Launching on it here does not ask first." }}
                </p>
                {allowed(Action::Edit, "button button--small", "", label, move || {
                    view! {
                        <button class="button button--small" type="submit">
                            {label}
                        </button>
                    }
                        .into_any()
                })}
            </form>
            <Table caption="Components" columns=vec![Column::plain("Type"), Column::plain("Component"), Column::plain("Flavor")]>
                {rows}
            </Table>
        }
        .into_any()
    })
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

/// `/components/:component`
#[component]
pub fn ComponentPage() -> impl IntoView {
    let id = parameter("component");
    let component = PageResource::new(move || PageRequest::Component { component: id.get() });
    show(component, |detail| view! { <ComponentView detail=detail /> }.into_any())
}

#[component]
fn ComponentView(detail: ComponentDetail) -> impl IntoView {
    let ComponentDetail { component, configuration, stacks, created, user } = detail;
    let facts = view! {
        <span>{kind_in_words(&component.kind)}</span>
        <span>{format!("Flavor {}", component.flavor)}</span>
        <span>"Created " <Ago moment=created /> {user.map(|user| format!(" by {user}"))}</span>
    };
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
        <Title text=component.name.clone() />
        <PageHeader title=component.name crumbs=vec![Crumb::new("Stacks", PATH)] facts=Some(facts.into_any()) />
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
}
