//! Accounts: who there is, what they may do, and the forms that change it.

use axum::{Form, extract::State, http::request::Parts, response::Response};
use leptos::prelude::*;
use serde::Deserialize;

use super::{context, forms, html::html, present::moment};
use crate::{
    components::{
        clock::Ago,
        table::{Column, Table},
    },
    model::{error::PageError, form::FormState, html_page::HtmlPage, roles::Role},
    server::{
        api::wire::{service_accounts::ServiceAccountUpdate, users::UserUpdate},
        auth::Account,
        db::users::{self, UserRow},
        error::{AppError, Result},
        id::Id,
        service,
        state::AppState,
    },
};

/// Where the page is, and where its forms go.
const PATH: &str = "/settings/users";
/// Most accounts on the page; the REST surface lists all.
const MAX_SHOWN: usize = 500;

/// The page of accounts.
pub async fn page() -> Result<HtmlPage, PageError> {
    let (state, account) = context::account().await?;
    let read = async { Ok::<_, AppError>(users::all(&mut state.db.read().await?, MAX_SHOWN).await?) };
    let accounts = read.await?;
    Ok(HtmlPage {
        title: "Accounts".to_owned(),
        crumbs: Vec::new(),
        facts: String::new(),
        html: html(|| content(&accounts, account.user.id)),
    })
}

fn content(accounts: &[UserRow], reader: Id) -> AnyView {
    let columns = ["Name", "Role", "Status", "Last seen", "Made"].map(Column::plain).into_iter().chain([Column::plain("")]).collect();
    let rows = accounts.iter().map(|account| row(account, account.id == reader)).collect_view();
    let role = |role: Role| {
        view! {
            <div>
                <dt>{role.as_str()}</dt>
                <dd>{role.description()}</dd>
            </div>
        }
    };
    view! {
        <section class="stack">
            <Table caption="Accounts" columns=columns>
                {rows}
            </Table>
            <p class="soft">"New accounts: " <code>"darkroom user create NAME --role ROLE"</code> " on the server's machine, or the REST API."</p>
        </section>
        <section class="section" aria-labelledby="roles">
            <h2 id="roles">"What the roles may do"</h2>
            <p class="soft">"Each may do what the ones before it may."</p>
            <dl class="facts">{Role::ALL.map(role).into_iter().collect_view()}</dl>
        </section>
    }
    .into_any()
}

fn row(account: &UserRow, is_reader: bool) -> AnyView {
    let kind = if account.is_service_account { Some("service account") } else { is_reader.then_some("you") };
    let (id, name) = (account.id.to_string(), account.name.clone());
    let option = |role: Role| view! { <option value=role.as_str() selected=account.role == role>{role.as_str()}</option> };
    let role = match is_reader {
        // Nobody changes their own: another admin does.
        true => view! { <span>{account.role.as_str()}</span> }.into_any(),
        false => view! {
            <form class="row" method="post" action=PATH>
                <input type="hidden" name="user" value=id.clone() />
                <select class="input" name="role" aria-label=format!("Role of {name}")>
                    {Role::ALL.map(option).into_iter().collect_view()}
                </select>
                <button class="button button--small" type="submit" aria-label=format!("Save the role of {name}")>
                    "Save"
                </button>
            </form>
        }
        .into_any(),
    };
    let (word, act, value) = if account.active { ("Active", "Deactivate", "false") } else { ("Inactive", "Activate", "true") };
    let switch = (!is_reader).then(|| {
        view! {
            <form method="post" action=PATH>
                <input type="hidden" name="user" value=id />
                <button class="button button--small" type="submit" name="active" value=value aria-label=format!("{act} {name}")>
                    {act}
                </button>
            </form>
        }
    });
    view! {
        <tr>
            <th scope="row">
                {account.name.clone()}
                {kind.map(|kind| view! { <span class="table__sub">{kind}</span> })}
            </th>
            <td>{role}</td>
            <td>{word}</td>
            <td>
                {account
                    .last_seen
                    .map(|seen| view! { <Ago moment=moment(seen) /> }.into_any())
                    .unwrap_or_else(|| view! { <span class="faint">"Not yet"</span> }.into_any())}
            </td>
            <td>
                <Ago moment=moment(account.created) />
            </td>
            <td class="table__actions">{switch}</td>
        </tr>
    }
    .into_any()
}

/// One change of one account.
#[derive(Deserialize)]
pub struct ChangeForm {
    user: Id,
    role: Option<Role>,
    active: Option<bool>,
}

/// `POST /settings/users`: changes a role, or whether an account can sign in, and shows all accounts again.
pub async fn change(State(state): State<AppState>, account: Account, parts: Parts, Form(form): Form<ChangeForm>) -> Result<Response> {
    match store(&state, &account, form).await {
        Ok(()) => forms::see_other(PATH),
        Err(error) => Ok(forms::refuse_error(&state, parts, FormState::default(), error).await),
    }
}

async fn store(state: &AppState, account: &Account, form: ChangeForm) -> Result<()> {
    let ChangeForm { user, role, active } = form;
    let mut connection = state.db.begin().await?;
    let target: Option<UserRow> = connection.get(user).await?;
    let target = target.ok_or_else(|| AppError::missing("user", user))?;
    if target.is_service_account {
        let update = ServiceAccountUpdate { role, active, ..ServiceAccountUpdate::default() };
        service::service_accounts::update(&mut connection, &target, update).await?;
    } else {
        let update = UserUpdate { role, active, ..UserUpdate::default() };
        service::users::update(&mut connection, &account.user, &target, update, None).await?;
    }
    connection.commit().await?;
    Ok(())
}
