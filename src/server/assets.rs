//! What the browser loads: built by `make assets` into `target/site`, inside the program in release builds, read from
//! that folder in debug builds.

use std::borrow::Cow;

use axum::{
    body::Body,
    extract::{Path, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::pages::module::Module;

#[derive(RustEmbed)]
#[folder = "target/site"]
struct Site;

/// Hashed names never change their content.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// Plain names are asked about again after an hour.
const SHORT: &str = "public, max-age=3600";

/// The URLs of the built files.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct Manifest {
    #[serde(rename = "darkroom.js")]
    main_loader: String,
    #[serde(rename = "darkroom.wasm")]
    main_module: String,
    #[serde(rename = "launch.js")]
    launch_loader: String,
    #[serde(rename = "launch.wasm")]
    launch_module: String,
    #[serde(rename = "style.css")]
    pub style: String,
    #[serde(rename = "editor.js")]
    pub editor: String,
}

impl Manifest {
    /// Reads the manifest; none if the files were not built.
    pub fn load() -> Option<Self> {
        let file = Site::get("manifest.json")?;
        serde_json::from_slice(&file.data).ok()
    }

    /// Loader and code of a module.
    pub fn module(&self, module: Module) -> (String, String) {
        let (loader, code) = match module {
            Module::Main => (&self.main_loader, &self.main_module),
            Module::Launch => (&self.launch_loader, &self.launch_module),
        };
        (loader.clone(), code.clone())
    }
}

/// `GET /assets/{file}`: a file with a hashed name.
pub async fn hashed(Path(file): Path<String>, request: Request) -> Response {
    answer(&format!("assets/{file}"), FOREVER, request.headers())
}

/// `GET /favicon.svg`, `/robots.txt`: a file of `public/` under its own name.
pub async fn public(request: Request) -> Response {
    let path = format!("public{}", request.uri().path());
    answer(&path, SHORT, request.headers())
}

fn answer(path: &str, cache: &'static str, request: &HeaderMap) -> Response {
    let Some((file, encoding)) = variant(path, request) else {
        return (StatusCode::NOT_FOUND, "not found").into_response();
    };
    let etag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..12]));
    let known = request.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == etag.as_bytes());
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { body(file.data).into_response() };
    let headers = response.headers_mut();
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(kind.as_ref()).unwrap_or(HeaderValue::from_static("text/plain")));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// Embedded bytes are sent as they are, without a copy.
fn body(data: Cow<'static, [u8]>) -> Body {
    match data {
        Cow::Borrowed(bytes) => Body::from(axum::body::Bytes::from_static(bytes)),
        Cow::Owned(bytes) => Body::from(bytes),
    }
}

/// The best variant of a file that the browser takes, and its encoding.
fn variant(path: &str, request: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    for (encoding, suffix) in [("br", "br"), ("gzip", "gz")] {
        if accepts(request, encoding)
            && let Some(file) = Site::get(&format!("{path}.{suffix}"))
        {
            return Some((file, Some(encoding)));
        }
    }
    Site::get(path).map(|file| (file, None))
}

/// Whether `Accept-Encoding` names an encoding and does not refuse it by `q=0`.
fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    let values = request.get_all(header::ACCEPT_ENCODING);
    values.iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(',')).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let refused = parts.any(|part| part.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()).is_some_and(|q| q == 0.0));
        named && !refused
    })
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::accepts;

    #[test]
    fn an_encoding_counts_unless_its_quality_is_zero() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip, br;q=0.5, zstd;q=0"));
        assert!(accepts(&headers, "gzip"));
        assert!(accepts(&headers, "br"));
        assert!(!accepts(&headers, "zstd"));
        assert!(!accepts(&HeaderMap::new(), "br"));
    }
}
