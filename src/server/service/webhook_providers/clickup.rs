//! What ClickUp delivers, as its triggers see it.

use serde_json::{Value, json};

use super::Target;

type Filters = &'static [(&'static str, &'static str)];

const LIST: Filters = &[("list_id", "/list_id"), ("space_id", "/space_id"), ("folder_id", "/folder_id")];
const TASK: Filters = &[("list_id", "/list_id"), ("space_id", "/space_id"), ("folder_id", "/folder_id"), ("task_id", "/task_id")];
const TASK_STATUS: Filters =
    &[("list_id", "/list_id"), ("space_id", "/space_id"), ("folder_id", "/folder_id"), ("task_id", "/task_id"), ("status", "/status")];

/// The events that triggers can wait for, with their filters.
pub const TARGETS: &[Target] = &[
    Target { name: "taskCreated", filters: TASK },
    Target { name: "taskUpdated", filters: TASK },
    Target { name: "taskDeleted", filters: TASK },
    Target { name: "taskStatusUpdated", filters: TASK_STATUS },
    Target { name: "taskMoved", filters: TASK },
    Target { name: "taskAssigneeUpdated", filters: TASK },
    Target { name: "taskCommentPosted", filters: TASK },
    Target { name: "listCreated", filters: LIST },
    Target { name: "listUpdated", filters: LIST },
    Target { name: "listDeleted", filters: LIST },
];

/// The event that a delivery is about; none for what triggers cannot wait for.
pub fn event(event_type: &str, payload: &Value) -> Option<Value> {
    let target = TARGETS.iter().find(|target| target.name == event_type)?;
    let mut event = json!({ "type": event_type });
    for key in ["task_id", "list_id", "space_id", "folder_id"] {
        if key != "task_id" || target.name.starts_with("task") {
            event[key] = payload.get(key).and_then(id).into();
        }
    }
    if event_type == "taskStatusUpdated" {
        event["status"] = status_after(payload).into();
    }
    Some(event)
}

/// An id is a text or a whole number.
fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

/// The status that the last change led to.
fn status_after(payload: &Value) -> Option<String> {
    let after = payload.get("history_items")?.as_array()?.last()?.get("after")?;
    let status = after.as_str().or_else(|| after.get("status")?.as_str());
    status.filter(|status| !status.is_empty()).map(str::to_owned)
}

/// ClickUp's documented key of a delivery, by which repetitions are known: its webhook and the changes it tells of. None for
/// events without changes.
///
/// # Errors
/// The delivery does not name its webhook.
pub fn delivery_id(payload: &Value) -> Result<Option<String>, String> {
    let webhook = super::at(payload, "/webhook_id").ok_or("Missing or empty ClickUp 'webhook_id' field.")?;
    let items = payload.get("history_items").and_then(Value::as_array);
    let mut changes: Vec<String> = items.into_iter().flatten().filter_map(|item| id(item.get("id")?)).collect();
    changes.sort();
    Ok((!changes.is_empty()).then(|| format!("{webhook}:{}", changes.join(","))))
}
