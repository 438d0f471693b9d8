//! What Slack's Events API delivers, as its triggers see it.

use serde_json::{Map, Value, json};

use super::{Answer, Delivery, Event, Target, at};

type Filter = (&'static str, &'static str);

const TEAM: Filter = ("team_id", "/team_id");
const CHANNEL: Filter = ("channel_id", "/channel_id");
const USER: Filter = ("user_id", "/user_id");
const TEXT: Filter = ("text", "/text");
const REACTION: &[Filter] = &[
    TEAM,
    CHANNEL,
    USER,
    ("reaction", "/reaction"),
    ("item_user_id", "/item_user_id"),
    ("item_type", "/item/type"),
    ("item_id", "/item/id"),
];
const METADATA: &[Filter] =
    &[TEAM, CHANNEL, USER, ("app_id", "/app_id"), ("bot_id", "/bot_id"), ("metadata_event_type", "/metadata/event_type")];

/// The events that triggers can wait for, with their filters. Besides those, [`FLAGS`].
pub const TARGETS: &[Target] = &[
    Target { name: "app_mention", filters: &[TEAM, CHANNEL, USER, TEXT] },
    Target { name: "message", filters: &[TEAM, CHANNEL, USER, ("channel_type", "/channel_type"), TEXT, ("subtype", "/subtype")] },
    Target { name: "reaction_added", filters: REACTION },
    Target { name: "reaction_removed", filters: REACTION },
    Target { name: "message_metadata_posted", filters: METADATA },
    Target { name: "message_metadata_updated", filters: METADATA },
    Target { name: "file_shared", filters: &[TEAM, CHANNEL, USER, ("file_id", "/file_id")] },
];

/// Fields of targets that are true or false, with their value where they are missing.
pub const FLAGS: &[(&str, &str, Value)] =
    &[("app_mention", "threaded", Value::Null), ("message", "threaded", Value::Null), ("message", "include_subtypes", Value::Bool(false))];

/// Reads a delivery, whose envelope says whether it is an event, a question whether this is the right address, or a notice
/// that Slack holds events back.
pub fn read(payload: Value) -> Result<Delivery, String> {
    let required = |pointer: &str, what: &str| {
        at(&payload, pointer).map(str::to_owned).ok_or_else(|| format!("Slack {what} requires a non-empty {}.", &pointer[1..]))
    };
    match at(&payload, "/type") {
        Some("event_callback") => {
            let event_type = at(&payload, "/event/type").ok_or("Slack event callback requires a non-empty event type.")?.to_owned();
            let delivery_id = Some(required("/event_id", "event callback")?);
            Ok(Delivery { event: Some(Event { event_type, delivery_id, payload }), answer: Answer::Done })
        }
        Some("url_verification") => Ok(Delivery { event: None, answer: Answer::Challenge(required("/challenge", "URL verification")?) }),
        Some("app_rate_limited") => {
            let (team, app) = (required("/team_id", "rate-limit notification")?, required("/api_app_id", "rate-limit notification")?);
            tracing::warn!(team, app, "Slack holds events back: there were too many");
            Ok(Delivery { event: None, answer: Answer::Done })
        }
        Some(_) => Err("Unsupported Slack delivery type.".to_owned()),
        None => Err("Slack delivery requires a non-empty type.".to_owned()),
    }
}

/// The event that a delivery is about; none for what triggers cannot wait for.
pub fn event(event_type: &str, payload: &Value) -> Option<Value> {
    let inner = payload.get("event")?;
    let mut event = match event_type {
        "app_mention" => app_mention(inner)?,
        "message" => message(inner)?,
        "reaction_added" | "reaction_removed" => reaction(inner)?,
        "message_metadata_posted" => metadata(inner)?,
        "message_metadata_updated" => {
            let mut event = metadata(inner)?;
            event["previous_metadata"] = content_of_metadata(inner.get("previous_metadata")?)?;
            event
        }
        "file_shared" => json!({ "channel_id": at(inner, "/channel_id")?, "user_id": user(inner)?, "file_id": at(inner, "/file_id")? }),
        _ => return None,
    };
    event["type"] = event_type.into();
    event["event_id"] = at(payload, "/event_id")?.into();
    event["team_id"] = at(payload, "/team_id").or_else(|| at(inner, "/team_id"))?.into();
    event["event_time"] = payload.get("event_time")?.as_i64()?.into();
    event["event_ts"] = at(inner, "/event_ts")?.into();
    Some(event)
}

fn app_mention(inner: &Value) -> Option<Value> {
    if is_by_bot(inner) {
        return None;
    }
    Some(json!({
        "channel_id": at(inner, "/channel")?, "user_id": user(inner)?, "text": at(inner, "/text"), "message_ts": at(inner, "/ts"),
        "thread_ts": at(inner, "/thread_ts"),
    }))
}

/// A message that was changed or deleted has its content further inside.
fn message(inner: &Value) -> Option<Value> {
    let nested = ["message", "previous_message"].into_iter().find_map(|key| inner.get(key).filter(|value| value.is_object()));
    let content = nested.unwrap_or(inner);
    let either = |key: &str| at(inner, key).or_else(|| at(content, key));
    let user_id = user(inner).or_else(|| user(content));
    let (channel_id, subtype) = (either("/channel"), at(inner, "/subtype"));
    let bot_authored = is_by_bot(inner) || is_by_bot(content);
    let message_ts = at(content, "/ts").or_else(|| at(inner, "/deleted_ts")).or_else(|| at(inner, "/ts"));
    if subtype.is_none() && !bot_authored && (user_id.is_none() || channel_id.is_none() || message_ts.is_none()) {
        return None;
    }
    Some(json!({
        "user_id": user_id, "channel_id": channel_id, "channel_type": either("/channel_type"), "text": at(content, "/text"),
        "subtype": subtype, "bot_authored": bot_authored, "message_ts": message_ts,
        "thread_ts": at(content, "/thread_ts").or_else(|| at(inner, "/thread_ts")),
    }))
}

fn reaction(inner: &Value) -> Option<Value> {
    let item = inner.get("item")?;
    let kind = at(item, "/type")?;
    let id = match kind {
        "message" => at(item, "/ts")?,
        "file" => at(item, "/file")?,
        "file_comment" => at(item, "/file_comment")?,
        _ => return None,
    };
    let channel = at(item, "/channel");
    Some(json!({
        "user_id": user(inner)?, "channel_id": channel, "reaction": at(inner, "/reaction")?, "item_user_id": at(inner, "/item_user"),
        "item": { "type": kind, "id": id, "channel_id": channel, "file_id": at(item, "/file") },
    }))
}

fn metadata(inner: &Value) -> Option<Value> {
    Some(json!({
        "user_id": user(inner)?, "channel_id": at(inner, "/channel_id")?, "app_id": at(inner, "/app_id")?, "bot_id": at(inner, "/bot_id"),
        "message_ts": at(inner, "/message_ts")?, "metadata": content_of_metadata(inner.get("metadata")?)?,
    }))
}

fn content_of_metadata(metadata: &Value) -> Option<Value> {
    let payload = metadata.get("event_payload").filter(|payload| payload.is_object())?;
    Some(json!({ "event_type": at(metadata, "/event_type")?, "event_payload": payload }))
}

fn user(value: &Value) -> Option<&str> {
    at(value, "/user").or_else(|| at(value, "/user_id"))
}

fn is_by_bot(message: &Value) -> bool {
    at(message, "/bot_id").is_some()
        || message.get("bot_profile").is_some_and(Value::is_object)
        || at(message, "/subtype") == Some("bot_message")
}

/// Refuses a target that asks for all kinds of messages and for some of them.
pub fn check(target: &Map<String, Value>) -> Result<(), String> {
    let is_set = |key: &str| target.get(key).is_some_and(|value| !value.is_null() && value != &Value::Bool(false));
    if is_set("include_subtypes") && is_set("subtype") {
        return Err("Slack message filters cannot combine 'include_subtypes' with 'subtype'.".to_owned());
    }
    Ok(())
}

/// What Slack's triggers ask for besides the filters: threads, and plain messages of people unless told otherwise.
pub fn matches(target: &Map<String, Value>, event: &Value) -> bool {
    let is_in_thread = event.get("thread_ts").is_some_and(|ts| !ts.is_null());
    let threads = target.get("threaded").and_then(Value::as_bool).is_none_or(|wanted| wanted == is_in_thread);
    let any_kind =
        target.get("include_subtypes") == Some(&Value::Bool(true)) || target.get("subtype").is_some_and(|filter| !filter.is_null());
    let is_plain = event.get("subtype").is_none_or(Value::is_null) && event.get("bot_authored") != Some(&Value::Bool(true));
    threads && (target.get("type") != Some(&Value::from("message")) || any_kind || is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(event: Value) -> Value {
        json!({ "type": "event_callback", "event_id": "E1", "team_id": "T1", "event_time": 1, "event": event })
    }

    #[test]
    fn plain_messages_of_people_match_unless_told_otherwise() {
        let plain = delivery(json!({ "type": "message", "channel": "C", "user": "U", "ts": "1.0", "event_ts": "1.0", "text": "hi" }));
        let bot = delivery(json!({ "type": "message", "channel": "C", "bot_id": "B", "ts": "1.0", "event_ts": "1.0" }));
        let (plain, bot) = (event("message", &plain).expect("an event"), event("message", &bot).expect("an event"));
        let target = |text: Value| text.as_object().expect("an object").clone();
        assert!(matches(&target(json!({ "type": "message" })), &plain));
        assert!(!matches(&target(json!({ "type": "message" })), &bot));
        assert!(matches(&target(json!({ "type": "message", "include_subtypes": true })), &bot));
        assert!(!matches(&target(json!({ "type": "message", "threaded": true })), &plain));
        assert!(check(&target(json!({ "include_subtypes": true, "subtype": "x" }))).is_err());
    }

    #[test]
    fn a_question_about_the_address_is_answered() {
        let delivery = read(json!({ "type": "url_verification", "challenge": "abc" })).expect("readable");
        assert!(matches!(delivery, Delivery { event: None, answer: Answer::Challenge(text) } if text == "abc"));
        assert!(read(json!({ "type": "other" })).is_err());
        assert!(read(json!({ "type": "event_callback", "event": { "type": "message" } })).is_err(), "without its id");
    }
}
