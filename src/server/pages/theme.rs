//! The reader's choice of theme: a cookie, so that the first paint already has it.

use axum::{
    Form,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::forms;
use crate::model::session::Theme;

/// The theme that a request's cookie asks for.
pub fn of(headers: &HeaderMap) -> Theme {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == Theme::COOKIE)
        .map(|(_, word)| Theme::parse(word))
        .unwrap_or_default()
}

/// The form of the user menu.
#[derive(serde::Deserialize)]
pub struct ThemeForm {
    theme: String,
}

/// `POST /theme`: keeps the choice for a year and goes back to where the reader was.
pub async fn choose(headers: HeaderMap, Form(form): Form<ThemeForm>) -> Response {
    let theme = Theme::parse(&form.theme);
    let cookie = format!("{}={}; Path=/; Max-Age=31536000; SameSite=Lax", Theme::COOKIE, theme.as_str());
    (StatusCode::SEE_OTHER, [(header::LOCATION, forms::back(&headers)), (header::SET_COOKIE, cookie)]).into_response()
}
