//! Which site a browser's request comes from, told by its `Origin` (or else `Referer`) header.

use axum::http::{HeaderMap, HeaderName, Uri, header};

use crate::server::config::Config;

/// Where a request comes from, seen from this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// No browser, or one that does not tell.
    Unknown,
    /// A page of this server.
    Own,
    /// A page below this server's host name, which the ZenML server also counts as the same site.
    Subdomain,
    /// Any other page.
    Foreign,
}

impl Origin {
    /// Reads the headers of a request. This server's names are the request's `Host` and the public URL's host.
    pub fn of(headers: &HeaderMap, config: &Config) -> Self {
        let Some(origin) = text(headers, &header::ORIGIN).or_else(|| text(headers, &header::REFERER)) else {
            return Self::Unknown;
        };
        let Some(origin) = host_of_url(origin) else { return Self::Foreign };
        let own = [text(headers, &header::HOST).map(str::to_ascii_lowercase), host_of_url(&config.public_url())];
        if own.iter().flatten().any(|host| origin == *host) {
            Self::Own
        } else if own.iter().flatten().any(|host| origin.strip_suffix(host.as_str()).is_some_and(|rest| rest.ends_with('.'))) {
            Self::Subdomain
        } else {
            Self::Foreign
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// `host[:port]` of a URL, in lowercase.
fn host_of_url(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    uri.scheme()?;
    Some(uri.authority()?.as_str().rsplit('@').next()?.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};
    use clap::Parser as _;

    use super::Origin;
    use crate::server::config::Config;

    #[derive(clap::Parser)]
    struct Arguments {
        #[command(flatten)]
        config: Config,
    }

    fn origin(origin: Option<&'static str>, referer: Option<&'static str>) -> Origin {
        let config = Arguments::parse_from(["test", "--public-url", "https://darkroom.example.com"]).config;
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:8080"));
        for (name, value) in [(header::ORIGIN, origin), (header::REFERER, referer)] {
            if let Some(value) = value {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
        Origin::of(&headers, &config)
    }

    #[test]
    fn own_names_are_the_host_header_and_the_public_url() {
        assert_eq!(origin(None, None), Origin::Unknown);
        assert_eq!(origin(Some("http://127.0.0.1:8080"), None), Origin::Own);
        assert_eq!(origin(Some("https://Darkroom.example.com"), None), Origin::Own);
        assert_eq!(origin(None, Some("http://127.0.0.1:8080/login?next=%2F")), Origin::Own);
        assert_eq!(origin(Some("https://dash.darkroom.example.com"), None), Origin::Subdomain);
    }

    #[test]
    fn everything_else_is_foreign() {
        for foreign in ["https://example.com", "https://evildarkroom.example.com", "http://127.0.0.1:8081", "null", "garbage"] {
            assert_eq!(origin(Some(foreign), None), Origin::Foreign, "{foreign}");
        }
        assert_eq!(origin(Some("https://evil.example"), Some("http://127.0.0.1:8080/")), Origin::Foreign, "Origin wins");
    }
}
