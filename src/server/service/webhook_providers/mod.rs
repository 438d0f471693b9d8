//! Who sends webhooks, and what each of them says: signatures, event types, and the events that triggers can wait for. Pure
//! functions of headers and bodies; nothing is stored here.

mod clickup;
mod filters;
mod github;
mod slack;

use axum::http::HeaderMap;
use hmac::{Hmac, Mac as _};
use serde_json::{Map, Value};
use sha2::Sha256;

use crate::server::time::Timestamp;

/// Most targets of one trigger (ZenML's limit).
const MAX_TARGETS: usize = 10;
/// How old a signed request of Slack's may be, in seconds.
const SLACK_TOLERANCE_SECONDS: f64 = 5.0 * 60.0;

/// A kind of sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Anybody who signs JSON with a shared secret.
    Custom,
    Github,
    Clickup,
    Slack,
}

/// An event that triggers can wait for: filters by the name of their field, with the place in the event that they look at.
pub struct Target {
    name: &'static str,
    filters: &'static [(&'static str, &'static str)],
}

/// What was delivered.
#[derive(Clone, Debug)]
pub struct Event {
    pub event_type: String,
    /// The sender's own id of the delivery, by which repetitions are known.
    pub delivery_id: Option<String>,
    /// A JSON object.
    pub payload: Value,
}

/// A delivery that was read.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub event: Option<Event>,
    pub answer: Answer,
}

/// What the sender is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 202.
    Accepted,
    /// 200.
    Done,
    /// 200 with this text.
    Challenge(String),
}

impl Provider {
    /// The provider with this name in paths and requests.
    pub fn find(name: &str) -> Option<Self> {
        [Self::Custom, Self::Github, Self::Clickup, Self::Slack].into_iter().find(|provider| provider.as_str() == name)
    }

    /// Its name in paths and requests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Custom => "custom",
            Self::Github => "github",
            Self::Clickup => "clickup",
            Self::Slack => "slack",
        }
    }

    /// Refuses what cannot be a delivery, before anything else is looked at.
    pub fn check_headers(self, headers: &HeaderMap) -> Result<(), String> {
        match self {
            Self::Github if header(headers, "x-github-event").is_none() => Err("Missing or empty x-github-event header.".to_owned()),
            _ => Ok(()),
        }
    }

    /// Checks the signature of a body: HMAC-SHA256 with the shared secret, compared in constant time. Says what is wrong.
    pub fn authenticate(self, secret: &str, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<(), String> {
        let missing = |name: &str| format!("Missing or malformed {name} header.");
        let hex_of = |name: &str, prefix: &str| {
            let text = header(headers, name).and_then(|value| value.strip_prefix(prefix)).ok_or_else(|| missing(name))?;
            hex::decode(text).map_err(|_| missing(name))
        };
        match self {
            Self::Custom => verify(secret, &[body], &hex_of("x-zenml-signature-256", "sha256=")?),
            Self::Github => verify(secret, &[body], &hex_of("x-hub-signature-256", "sha256=")?),
            Self::Clickup => verify(secret, &[body], &hex_of("x-signature", "")?),
            Self::Slack => {
                let signature = hex_of("x-slack-signature", "v0=")?;
                let name = "x-slack-request-timestamp";
                let sent = header(headers, name).filter(|text| text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit()));
                let sent = sent.ok_or_else(|| missing(name))?;
                let seconds: f64 = sent.parse().map_err(|_| missing(name))?;
                if (now.unix_seconds() - seconds).abs() > SLACK_TOLERANCE_SECONDS {
                    return Err("Slack request timestamp is outside the allowed tolerance.".to_owned());
                }
                verify(secret, &[b"v0:", sent.as_bytes(), b":", body], &signature)
            }
        }
    }

    /// Reads an authentic body. Says what is wrong with it.
    pub fn read(self, headers: &HeaderMap, body: &[u8]) -> Result<Delivery, String> {
        let payload: Value = serde_json::from_slice(body).map_err(|_| "Request body must be valid JSON.")?;
        if !payload.is_object() {
            return Err("Request body must contain a top-level JSON object.".to_owned());
        }
        let required = |name: &str| header(headers, name).map(str::to_owned).ok_or_else(|| format!("Missing required {name} header."));
        let (event_type, delivery_id) = match self {
            Self::Slack => return slack::read(payload),
            Self::Custom => (required("x-zenml-event")?, header(headers, "x-zenml-delivery").map(str::to_owned)),
            Self::Github => (required("x-github-event")?, header(headers, "x-github-delivery").map(str::to_owned)),
            Self::Clickup => {
                let event_type = at(&payload, "/event").ok_or("Missing or empty ClickUp 'event' field.")?.to_owned();
                (event_type, clickup::delivery_id(&payload)?)
            }
        };
        Ok(Delivery { event: Some(Event { event_type, delivery_id, payload }), answer: Answer::Accepted })
    }

    fn targets(self) -> &'static [Target] {
        match self {
            Self::Custom => &[],
            Self::Github => github::TARGETS,
            Self::Clickup => clickup::TARGETS,
            Self::Slack => slack::TARGETS,
        }
    }

    fn flags(self) -> &'static [(&'static str, &'static str, Value)] {
        if self == Self::Slack { slack::FLAGS } else { &[] }
    }

    /// Checks a trigger's configuration, `{"target_events": […]}`, and gives it with all fields. Says what is wrong.
    pub fn check_configuration(self, configuration: &Map<String, Value>) -> Result<Map<String, Value>, String> {
        let targets = match configuration.get("target_events") {
            None | Some(Value::Null) if self == Self::Custom => Value::Null,
            Some(Value::Array(targets)) => {
                if targets.len() > MAX_TARGETS || (targets.is_empty() && self != Self::Custom) {
                    return Err(format!("`target_events` must have 1 to {MAX_TARGETS} targets."));
                }
                Value::Array(targets.iter().map(|target| self.check_target(target).map(Value::Object)).collect::<Result<_, _>>()?)
            }
            _ => return Err("`target_events` must be a list of targets.".to_owned()),
        };
        Ok(Map::from_iter([("target_events".to_owned(), targets)]))
    }

    fn check_target(self, target: &Value) -> Result<Map<String, Value>, String> {
        let target = target.as_object().ok_or("A target must be an object.")?;
        let kind = target.get("type").and_then(Value::as_str);
        if kind == Some("dynamic") || (kind.is_none() && self == Self::Custom) {
            return filters::check_dynamic(target);
        }
        let names = || self.targets().iter().map(|known| known.name).chain(["dynamic"]).collect::<Vec<_>>().join("`, `");
        let known = self.targets().iter().find(|known| kind == Some(known.name));
        let known = known.ok_or_else(|| format!("`type` of a target must be one of `{}`.", names()))?;
        let mut whole = Map::from_iter([("type".to_owned(), known.name.into())]);
        for (field, _) in known.filters {
            let filter = target.get(*field).cloned().unwrap_or_default();
            if !filter.is_null() {
                filters::check(field, &filter)?;
            }
            whole.insert((*field).to_owned(), filter);
        }
        for (_, flag, default) in self.flags().iter().filter(|(of, ..)| *of == known.name) {
            let value = target.get(*flag).unwrap_or(default);
            if !value.is_boolean() && value != default {
                return Err(format!("`{flag}` must be true or false."));
            }
            whole.insert((*flag).to_owned(), value.clone());
        }
        if let Some(unknown) = target.keys().find(|key| !whole.contains_key(*key)) {
            return Err(format!("A target of type `{}` has no field '{unknown}'.", known.name));
        }
        slack::check(&whole)?;
        Ok(whole)
    }

    /// The event that a delivery is about, in the fields that filters look at; none for what only dynamic targets see.
    pub fn event(self, delivered: &Event) -> Option<Value> {
        match self {
            Self::Custom => None,
            Self::Github => github::event(&delivered.event_type, &delivered.payload),
            Self::Clickup => clickup::event(&delivered.event_type, &delivered.payload),
            Self::Slack => slack::event(&delivered.event_type, &delivered.payload),
        }
    }

    /// Whether a delivery meets a trigger's configuration: any of its targets, or all deliveries where it names none.
    pub fn matches(self, configuration: &Map<String, Value>, delivered: &Event, event: Option<&Value>) -> bool {
        let Some(targets) = configuration.get("target_events").and_then(Value::as_array).filter(|targets| !targets.is_empty()) else {
            return self == Self::Custom;
        };
        targets.iter().filter_map(Value::as_object).any(|target| match target.get("type").and_then(Value::as_str) {
            Some("dynamic") => filters::matches_dynamic(target, &delivered.event_type, &delivered.payload),
            Some(kind) => event.is_some_and(|event| self.matches_target(kind, target, event)),
            None => false,
        })
    }

    fn matches_target(self, kind: &str, target: &Map<String, Value>, event: &Value) -> bool {
        let Some(known) = self.targets().iter().find(|known| known.name == kind && at(event, "/type") == Some(kind)) else {
            return false;
        };
        let met = |(field, place): &(&str, &str)| {
            let actual: Vec<&str> = match event.pointer(place) {
                Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
                Some(value) => value.as_str().into_iter().collect(),
                None => Vec::new(),
            };
            target.get(*field).is_none_or(|filter| filters::matches(&actual, filter))
        };
        known.filters.iter().all(met) && (self != Self::Slack || slack::matches(target, event))
    }
}

fn verify(secret: &str, parts: &[&[u8]], signature: &[u8]) -> Result<(), String> {
    let invalid = "Invalid webhook signature.";
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| invalid)?;
    for part in parts {
        mac.update(part);
    }
    mac.verify_slice(signature).map_err(|_| invalid.to_owned())
}

/// A header that is there and not empty.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).filter(|value| !value.is_empty())
}

/// A text at a place in a JSON value, if there is one and it is not empty.
fn at<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A field of all objects in a list.
fn strings<'a>(value: &'a Value, pointer: &str, field: &str) -> Vec<&'a str> {
    let items = value.pointer(pointer).and_then(Value::as_array);
    let texts = items.into_iter().flatten().filter_map(|item| item.get(field)?.as_str());
    texts.filter(|text| !text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (axum::http::HeaderName::from_static(name), value.parse().expect("a value"))).collect()
    }

    #[test]
    fn signatures_are_those_of_the_secret_and_the_exact_body() {
        // The example of GitHub's documentation.
        let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let good = headers(&[("x-hub-signature-256", signature)]);
        let check =
            |headers: &HeaderMap, secret: &str, body: &[u8]| Provider::Github.authenticate(secret, headers, body, Timestamp::now()).is_ok();
        assert!(check(&good, "It's a Secret to Everybody", b"Hello, World!"));
        assert!(!check(&good, "It's a Secret to Everybody", b"Hello, World?"));
        assert!(!check(&good, "another", b"Hello, World!"));
        for bad in ["sha256=", "757107ea", "sha1=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", "sha256=zz"] {
            assert!(!check(&headers(&[("x-hub-signature-256", bad)]), "It's a Secret to Everybody", b"Hello, World!"), "{bad}");
        }
        assert!(!check(&HeaderMap::new(), "It's a Secret to Everybody", b"Hello, World!"));
    }

    #[test]
    fn a_request_of_slack_is_signed_with_its_time_and_grows_old() {
        // The example of Slack's documentation.
        let (secret, body) = (
            "8f742231b10e8888abcd99yyyzzz85a5",
            "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar\
             &user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com\
             %2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
        );
        let headers = headers(&[
            ("x-slack-signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
            ("x-slack-request-timestamp", "1531420618"),
        ]);
        let at = |seconds: f64| Timestamp::from_unix_seconds(seconds).expect("a time");
        assert!(Provider::Slack.authenticate(secret, &headers, body.as_bytes(), at(1531420620.0)).is_ok());
        assert!(Provider::Slack.authenticate(secret, &headers, body.as_bytes(), at(1531420618.0 + 301.0)).is_err());
        assert!(Provider::Slack.authenticate("other", &headers, body.as_bytes(), at(1531420620.0)).is_err());
    }

    #[test]
    fn a_push_meets_the_filters_on_its_branch() {
        let payload = json!({ "ref": "refs/heads/main", "repository": { "full_name": "o/r" }, "sender": { "login": "ada" } });
        let delivered = Event { event_type: "push".to_owned(), delivery_id: None, payload };
        let event = Provider::Github.event(&delivered);
        let matches = |targets: Value| {
            let configuration = json!({ "target_events": targets });
            let configuration = Provider::Github.check_configuration(configuration.as_object().expect("an object")).expect("good");
            Provider::Github.matches(&configuration, &delivered, event.as_ref())
        };
        assert!(matches(json!([{ "type": "push", "branch": "main" }])));
        assert!(!matches(json!([{ "type": "push", "branch": ["dev", "startswith:release/"] }])));
        assert!(matches(json!([{ "type": "issue_opened" }, { "type": "push", "actor": "notequals:bot" }])));
        assert!(matches(json!([{ "type": "dynamic", "event_type": "push", "filters": { "sender.login": "ada" } }])));
    }

    #[test]
    fn configurations_are_completed_and_bad_ones_refused() {
        let check = |provider: Provider, configuration: Value| {
            provider.check_configuration(configuration.as_object().expect("an object")).map(Value::Object)
        };
        assert_eq!(check(Provider::Custom, json!({})), Ok(json!({ "target_events": null })));
        assert_eq!(
            check(Provider::Github, json!({ "target_events": [{ "type": "push", "branch": "main" }] })),
            Ok(json!({ "target_events": [{ "type": "push", "repo": null, "branch": "main", "actor": null }] }))
        );
        for (provider, bad) in [
            (Provider::Github, json!({})),
            (Provider::Github, json!({ "target_events": [] })),
            (Provider::Github, json!({ "target_events": [{ "type": "fork" }] })),
            (Provider::Github, json!({ "target_events": [{ "type": "push", "author": "a" }] })),
            (Provider::Github, json!({ "target_events": [{ "type": "push", "branch": "" }] })),
            (Provider::Custom, json!({ "target_events": [{ "type": "push" }] })),
            (Provider::Slack, json!({ "target_events": [{ "type": "message", "threaded": "yes" }] })),
            (Provider::Slack, json!({ "target_events": [{ "type": "message", "subtype": "x", "include_subtypes": true }] })),
        ] {
            assert!(check(provider, bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn clickup_deliveries_are_known_by_their_changes() {
        let payload = json!({
            "event": "taskStatusUpdated", "webhook_id": "w", "task_id": "t", "list_id": 7,
            "history_items": [{ "id": "b", "after": { "status": "open" } }, { "id": "a", "after": { "status": "done" } }],
        });
        let delivery = Provider::Clickup.read(&HeaderMap::new(), payload.to_string().as_bytes()).expect("readable");
        let delivered = delivery.event.expect("an event");
        assert_eq!(delivered.delivery_id.as_deref(), Some("w:a,b"));
        let event = Provider::Clickup.event(&delivered).expect("an event");
        assert_eq!((&event["status"], &event["list_id"], &event["space_id"]), (&json!("done"), &json!("7"), &Value::Null));
    }
}
