//! What a sign-in gives: a token for programs, and a cookie for browsers.

use anyhow::Context as _;
use axum::http::{HeaderMap, HeaderValue};

use super::{csrf, origin::Origin, tokens::Claims};
use crate::server::{error::Result, id::Id, state::AppState, time::Timestamp};

/// A sign-in by password.
pub struct Session {
    /// For programs that send it as a bearer; never expires, as with the ZenML server.
    pub access_token: String,
    /// Value of `Set-Cookie`: a token of its own, which expires with the cookie.
    pub cookie: HeaderValue,
    /// Given to pages of other sites, which must send it in the `X-CSRF-Token` header of every request.
    pub csrf_token: Option<String>,
}

/// Signs an account in for the browser or program that sent these headers.
pub fn start(state: &AppState, account: Id, headers: &HeaderMap) -> Result<Session> {
    let cross_site = Origin::of(headers, &state.config) == Origin::Foreign;
    let mut claims = Claims::new(&state.server, account);
    claims.session_id = cross_site.then(Id::new);
    let access_token = claims.sign(&state.keys)?;
    let csrf_token = claims.session_id.map(|session| csrf::token(session, &state.keys));

    let seconds = i64::from(state.config.session_hours) * 3600;
    claims.exp = Some(Timestamp::now().plus_seconds(seconds).unix_seconds());
    let cookie = cookie(state, &claims.sign(&state.keys)?, seconds, cross_site)?;
    Ok(Session { access_token, cookie, csrf_token })
}

/// Value of `Set-Cookie` that ends a browser's session.
pub fn end(state: &AppState) -> Result<HeaderValue> {
    cookie(state, "", 0, false)
}

/// The cookie may travel from other sites only for a cross-site session, and browsers take that only over HTTPS.
fn cookie(state: &AppState, value: &str, max_age: i64, cross_site: bool) -> Result<HeaderValue> {
    let https = state.config.public_url().starts_with("https://");
    let same_site = if cross_site && https { "none" } else { "lax" };
    let secure = if https { "; Secure" } else { "" };
    let text = format!("{}={value}; HttpOnly; Max-Age={max_age}; Path=/; SameSite={same_site}{secure}", state.cookie_name());
    Ok(HeaderValue::from_str(&text).context("making the session cookie")?)
}
