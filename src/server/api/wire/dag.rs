//! The graph of a run on the wire (`GET /runs/{id}/dag`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{model::status::ExecutionStatus, server::id::Id};

/// A run's steps, artifacts and runs, and how they hang together.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Dag {
    pub id: Id,
    pub status: ExecutionStatus,
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
}

/// What a node stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NodeType {
    Step,
    Artifact,
    TriggeredRun,
    WaitCondition,
}

/// A node. `id` is that of the step run, artifact version or run, and null for what does not exist yet.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Node {
    pub node_id: String,
    #[serde(rename = "type")]
    pub node_type: NodeType,
    pub id: Option<Id>,
    pub name: String,
    pub metadata: Map<String, Value>,
}

/// An edge between two nodes, by node id.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Edge {
    pub source: String,
    pub target: String,
    pub metadata: Map<String, Value>,
}
