//! Headers that tell browsers what our answers may do.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use crate::server::state::AppState;

/// Adds the headers; a handler that set one of them itself keeps its own (cache times of assets, the policy of a page).
pub async fn add(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, header::X_FRAME_OPTIONS, "SAMEORIGIN");
    set(headers, header::REFERRER_POLICY, "same-origin");
    set(headers, HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    set(headers, header::CACHE_CONTROL, "no-store");
    set(headers, header::CONTENT_SECURITY_POLICY, &content_security_policy(None));
    set(headers, header::SERVER, &state.server.id.to_string());
    if state.config.public_url().starts_with("https://") {
        set(headers, header::STRICT_TRANSPORT_SECURITY, "max-age=63072000");
    }
    response
}

/// The value of `Content-Security-Policy`. A page with inline scripts (Leptos hydrates through them) sets the header
/// itself, with the nonce that those scripts carry.
pub fn content_security_policy(nonce: Option<&str>) -> String {
    let nonce = nonce.map(|nonce| format!(" 'nonce-{nonce}'")).unwrap_or_default();
    // Styles may be inline: the code editor makes style elements, and drawings have style attributes. Logos of flavors
    // and avatars are addresses of other sites.
    format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'{nonce}; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data: https:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    )
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.entry(name).or_insert(value);
    }
}

#[cfg(test)]
mod tests {
    use super::content_security_policy;

    #[test]
    fn inline_scripts_need_the_nonce_of_their_page() {
        let plain = content_security_policy(None);
        assert!(plain.contains("script-src 'self' 'wasm-unsafe-eval';"), "{plain}");
        let page = content_security_policy(Some("c2FsdA"));
        assert!(page.contains("script-src 'self' 'wasm-unsafe-eval' 'nonce-c2FsdA';"), "{page}");
    }
}
