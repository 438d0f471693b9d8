//! Numbers over groups of runs.

use super::{
    Connection, DbError, Dialect, Value,
    list::{ListError, ListRequest, Scope, condition},
    pipeline_runs::LIST,
    record::{Columns, Record},
};
use crate::{
    args,
    server::{
        api::wire::run_statistics::{Aggregation, Granularity, GroupBy, Grouping, Metric, MetricSource},
        id::Id,
    },
};

/// One group: the texts it is made of and the numbers, each in the order of the request.
#[derive(Debug)]
pub struct Group {
    pub keys: Vec<Option<String>>,
    pub metrics: Vec<Option<f64>>,
    pub run_count: i64,
}

impl Record for Group {
    /// Columns are told apart by the first letter of their names.
    fn read(columns: &mut Columns<'_>) -> Result<Self, DbError> {
        let mut group = Self { keys: Vec::new(), metrics: Vec::new(), run_count: 0 };
        while let Some(letter) = columns.name().map(|name| name.as_bytes().first().copied()) {
            match letter {
                Some(b'k') => group.keys.push(columns.value()?),
                Some(b'm') => group.metrics.push(columns.value()?),
                _ => group.run_count = columns.value()?,
            }
        }
        Ok(group)
    }
}

/// At most `limit` groups of a project's runs: the latest where time is a grouping, latest first; else the largest.
pub async fn groups(
    connection: &mut Connection,
    project: Id,
    request: &ListRequest,
    groupings: &[Grouping],
    metrics: &[Metric],
    limit: usize,
) -> Result<Vec<Group>, ListError> {
    let (filter, args) = condition(&LIST, request, &[Scope::new("r.project_id = $?", args![project])], connection.dialect())?;
    let mut query = Query { dialect: connection.dialect(), args };
    let keys: Vec<String> = groupings.iter().map(|grouping| query.key(&grouping.by)).collect();
    let numbers: Vec<String> = metrics.iter().map(|metric| query.number(&metric.of)).collect();
    let columns = |letter: &str, expressions: &[String]| -> String {
        expressions.iter().enumerate().map(|(n, expression)| format!("{expression} as {letter}{n}, ")).collect()
    };
    let names = |letter: &str, count: usize| -> String { (0..count).map(|n| format!("{letter}{n}, ")).collect() };
    let aggregates: String =
        metrics.iter().enumerate().map(|(n, metric)| format!("{}(m{n}) as m{n}, ", function(metric.aggregation))).collect();
    // The join gives a run with several tags to several groups.
    let by_tag = groupings.iter().any(|grouping| grouping.by == GroupBy::Tag);
    let tags =
        "left join tag_resources tr on tr.resource_type = 'pipeline_run' and tr.resource_id = r.id left join tags t on t.id = tr.tag_id";
    let runs = format!(
        "select {}{}r.id as run_id from {} {}{filter}",
        columns("k", &keys),
        columns("m", &numbers),
        LIST.from,
        if by_tag { tags } else { "" }
    );
    let group_by = if keys.is_empty() { String::new() } else { format!(" group by {}", names("k", keys.len()).trim_end_matches(", ")) };
    let sql = format!(
        "select {}{aggregates}cast(count(distinct run_id) as bigint) as run_count from ({runs}) runs{group_by}{} limit {limit}",
        names("k", keys.len()),
        order(groupings)
    );
    Ok(connection.fetch_all(&sql, query.args).await?)
}

/// Time first and descending, so that the limit keeps the latest; without time the largest groups first.
fn order(groupings: &[Grouping]) -> String {
    let time = groupings.iter().position(|grouping| matches!(grouping.by, GroupBy::Time { .. }));
    let others = (0..groupings.len()).filter(|n| Some(*n) != time);
    match time {
        Some(time) => {
            let others: String = others.map(|n| format!(", k{n} desc nulls last")).collect();
            format!(" order by k{time} desc nulls last{others}")
        }
        None => {
            let others: String = others.map(|n| format!(", k{n} nulls first")).collect();
            format!(" order by run_count desc{others}")
        }
    }
}

fn function(aggregation: Aggregation) -> &'static str {
    match aggregation {
        Aggregation::Avg => "avg",
        Aggregation::Sum => "sum",
        Aggregation::Min => "min",
        Aggregation::Max => "max",
    }
}

/// A query under construction.
struct Query {
    dialect: Dialect,
    args: Vec<Value>,
}

impl Query {
    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.args.push(value.into());
        format!("${}", self.args.len())
    }

    fn key(&mut self, by: &GroupBy) -> String {
        match by {
            GroupBy::Status => "r.status".to_owned(),
            GroupBy::Pipeline => "r.pipeline_id".to_owned(),
            GroupBy::Snapshot => "r.snapshot_id".to_owned(),
            GroupBy::SourceSnapshot => "r.source_snapshot_id".to_owned(),
            GroupBy::Stack => "r.stack_id".to_owned(),
            GroupBy::User => "r.user_id".to_owned(),
            GroupBy::Tag => "t.name".to_owned(),
            GroupBy::Trigger => "(select x.trigger_id from trigger_executions x where x.pipeline_run_id = r.id limit 1)".to_owned(),
            GroupBy::Time { granularity } => self.bucket(*granularity),
            GroupBy::Metadata { metadata_key } => format!("({})", self.metadata("m.value", metadata_key)),
        }
    }

    /// Times are stored as text of a fixed width, so that a bucket is the beginning of the text.
    fn bucket(&self, granularity: Granularity) -> String {
        match (granularity, self.dialect) {
            (Granularity::Hour, _) => "substr(r.start_time, 1, 10) || ' ' || substr(r.start_time, 12, 2) || ':00:00'".to_owned(),
            (Granularity::Day, _) => "substr(r.start_time, 1, 10)".to_owned(),
            (Granularity::Month, _) => "substr(r.start_time, 1, 7) || '-01'".to_owned(),
            (Granularity::Week, Dialect::Sqlite) => "date(r.start_time, '-6 days', 'weekday 1')".to_owned(),
            (Granularity::Week, Dialect::Postgres) => {
                "to_char(date_trunc('week', cast(r.start_time as timestamp)), 'YYYY-MM-DD')".to_owned()
            }
        }
    }

    fn number(&mut self, of: &MetricSource) -> String {
        let steps = "from step_runs s where s.pipeline_run_id = r.id";
        match of {
            MetricSource::Duration => match self.dialect {
                Dialect::Sqlite => "(julianday(r.end_time) - julianday(r.start_time)) * 86400.0".to_owned(),
                Dialect::Postgres => {
                    "cast(extract(epoch from cast(r.end_time as timestamp) - cast(r.start_time as timestamp)) as double precision)"
                        .to_owned()
                }
            },
            MetricSource::StepCount => format!("(select cast(count(distinct s.name) as double precision) {steps})"),
            MetricSource::CachedStepCount => {
                format!("(select cast(count(distinct s.name) as double precision) {steps} and s.status = 'cached')")
            }
            MetricSource::OutputArtifactCount => "(select cast(count(distinct o.artifact_version_id) as double precision) \
                 from step_runs s join step_run_outputs o on o.step_run_id = s.id where s.pipeline_run_id = r.id)"
                .to_owned(),
            MetricSource::Metadata { metadata_key } => {
                let number = "case when m.type in ('int', 'float') then cast(m.value as double precision) end";
                format!("({})", self.metadata(number, metadata_key))
            }
        }
    }

    /// Of the newest value that a run has for the key.
    fn metadata(&mut self, column: &str, key: &str) -> String {
        let key = self.bind(key);
        format!(
            "select {column} from run_metadata m where m.resource_type = 'pipeline_run' and m.resource_id = r.id and m.key = {key} \
             order by m.created desc, m.position desc limit 1"
        )
    }
}
