//! How the pages look for a reader: theme and density, each in a cookie, so that the first paint already has them.

use axum::{
    Form,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::forms;
use crate::model::session::{Density, Theme};

/// The theme that a request's cookie asks for.
pub fn theme(headers: &HeaderMap) -> Theme {
    cookie(headers, Theme::COOKIE).map(Theme::parse).unwrap_or_default()
}

/// The density that a request's cookie asks for.
pub fn density(headers: &HeaderMap) -> Density {
    cookie(headers, Density::COOKIE).map(Density::parse).unwrap_or_default()
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, word)| word)
}

/// The forms of the user menu: each sends one of the two.
#[derive(serde::Deserialize)]
pub struct AppearanceForm {
    theme: Option<String>,
    density: Option<String>,
}

/// `POST /appearance`: keeps what was chosen for a year and goes back to where the reader was.
pub async fn choose(headers: HeaderMap, Form(form): Form<AppearanceForm>) -> Response {
    let theme = form.theme.map(|word| (Theme::COOKIE, Theme::parse(&word).as_str()));
    let density = form.density.map(|word| (Density::COOKIE, Density::parse(&word).as_str()));
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, forms::back(&headers))]).into_response();
    for (name, word) in [theme, density].into_iter().flatten() {
        let cookie = HeaderValue::from_str(&format!("{name}={word}; Path=/; Max-Age=31536000; SameSite=Lax"));
        cookie.into_iter().for_each(|cookie| _ = response.headers_mut().append(header::SET_COOKIE, cookie));
    }
    response
}
