//! Statistics of runs: groups, and numbers over each.

use serde_json::{Map, Value};

use crate::server::{
    api::wire::run_statistics::{GroupBy, RunStatisticsGroup, RunStatisticsRequest, RunStatisticsResponse},
    db::{
        Connection,
        list::{ListError, ListRequest},
        run_statistics::{self, Group},
    },
    error::{AppError, Result},
    id::Id,
    service::projects,
    state::ServerIdentity,
};

/// Computes what is asked for, in the project that the filter names.
///
/// # Errors
/// 422 for names that repeat and for wrong filters; 404 for an unknown project.
pub async fn compute(connection: &mut Connection, server: &ServerIdentity, request: RunStatisticsRequest) -> Result<RunStatisticsResponse> {
    if let Some(problem) = request.problem() {
        return Err(AppError::Malformed(format!("1 validation error:\n  {problem}")));
    }
    let filter = filter(&request.filter)?;
    let project = projects::scope(connection, server, &filter).await?;
    let limit = request.max_groups + 1;
    let groups = run_statistics::groups(connection, project, &filter, &request.groupings, &request.metrics, limit).await;
    let mut groups = groups.map_err(of_the_body)?;
    let truncated = groups.len() > request.max_groups;
    groups.truncate(request.max_groups);
    if request.groupings.iter().any(|grouping| matches!(grouping.by, GroupBy::Time { .. })) {
        groups.reverse();
    }
    Ok(RunStatisticsResponse { groups: groups.into_iter().map(|group| presented(group, &request)).collect(), truncated })
}

/// The filter of the body as the parameters of a list; null is "not set".
fn filter(filter: &Map<String, Value>) -> Result<ListRequest> {
    let mut pairs = Vec::new();
    for (name, value) in filter {
        let values = match value {
            Value::Array(values) => values.iter().collect(),
            value => vec![value],
        };
        for value in values.into_iter().filter(|value| !value.is_null()) {
            pairs.push((name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
        }
    }
    Ok(ListRequest::from_pairs(pairs)?)
}

/// A wrong filter is a part of the body here, not of the query.
fn of_the_body(error: ListError) -> AppError {
    match error {
        ListError::Invalid(message) => ListError::Malformed(message).into(),
        error => error.into(),
    }
}

fn presented(group: Group, request: &RunStatisticsRequest) -> RunStatisticsGroup {
    let keys = request.groupings.iter().zip(group.keys).map(|(grouping, text)| {
        let value = match (&grouping.by, text) {
            (_, None) => Value::Null,
            (GroupBy::Metadata { .. }, Some(json)) => {
                serde_json::from_str(&json).ok().filter(|value: &Value| !value.is_array() && !value.is_object()).unwrap_or_default()
            }
            (GroupBy::Status | GroupBy::Tag | GroupBy::Time { .. }, Some(text)) => Value::String(text),
            (_, Some(id)) => Value::String(id.parse::<Id>().map_or(id, |id| id.to_string())),
        };
        (grouping.name.clone(), value)
    });
    let metrics = request.metrics.iter().zip(group.metrics).map(|(metric, number)| (metric.name.clone(), Value::from(number)));
    RunStatisticsGroup { group_keys: keys.collect(), metrics: metrics.collect(), run_count: group.run_count }
}
