//! What GitHub delivers, as its triggers see it.

use serde_json::{Value, json};

use super::{Target, at, strings};

/// The events that triggers can wait for, with their filters.
pub const TARGETS: &[Target] = &[
    Target {
        name: "merged_pull_request",
        filters: &[("repo", "/repo"), ("target_branch", "/target_branch"), ("source_branch", "/source_branch"), ("author", "/author")],
    },
    Target { name: "workflow_run_completed", filters: &[("workflow", "/workflow"), ("conclusion", "/conclusion"), ("actor", "/actor")] },
    Target { name: "push", filters: &[("repo", "/repo"), ("branch", "/branch"), ("actor", "/actor")] },
    Target {
        name: "release_published",
        filters: &[("repo", "/repo"), ("tag", "/tag"), ("target_branch", "/target_branch"), ("actor", "/actor")],
    },
    Target {
        name: "issue_opened",
        filters: &[
            ("repo", "/repo"),
            ("author", "/author"),
            ("author_association", "/author_association"),
            ("labels", "/labels"),
            ("assignees", "/assignees"),
            ("milestone", "/milestone"),
        ],
    },
];

/// The event that a delivery is about; none for what triggers cannot wait for.
pub fn event(event_type: &str, payload: &Value) -> Option<Value> {
    let text = |pointer| at(payload, pointer);
    let repo = text("/repository/full_name");
    let action = text("/action").unwrap_or_default();
    match (event_type, action) {
        ("pull_request", "closed") if payload.pointer("/pull_request/merged") == Some(&Value::Bool(true)) => Some(json!({
            "type": "merged_pull_request",
            "repo": repo?,
            "target_branch": text("/pull_request/base/ref")?,
            "source_branch": text("/pull_request/head/ref"),
            "author": text("/pull_request/user/login"),
            "commit": text("/pull_request/merge_commit_sha").map(|sha| json!({ "name": text("/pull_request/title"), "sha": sha })),
        })),
        ("workflow_run", "completed") => Some(json!({
            "type": "workflow_run_completed",
            "workflow": text("/workflow_run/name")?,
            "conclusion": text("/workflow_run/conclusion"),
            "actor": text("/workflow_run/actor/login"),
        })),
        ("push", _) => Some(json!({
            "type": "push",
            "repo": repo?,
            "branch": text("/ref")?.strip_prefix("refs/heads/")?,
            "actor": text("/sender/login"),
            "commit": text("/head_commit/id").map(|sha| json!({ "name": text("/head_commit/message"), "sha": sha })),
        })),
        ("release", "published") => Some(json!({
            "type": "release_published",
            "repo": repo?,
            "tag": text("/release/tag_name")?,
            "target_branch": text("/release/target_commitish"),
            "actor": text("/release/author/login"),
        })),
        ("issues", "opened") => Some(json!({
            "type": "issue_opened",
            "repo": repo?,
            "number": payload.pointer("/issue/number").filter(|number| number.is_i64())?,
            "title": text("/issue/title")?,
            "author": text("/issue/user/login"),
            "author_association": text("/issue/author_association"),
            "labels": strings(payload, "/issue/labels", "name"),
            "assignees": strings(payload, "/issue/assignees", "login"),
            "milestone": text("/issue/milestone/title"),
            "issue_type": text("/issue/type/name"),
        })),
        _ => None,
    }
}
