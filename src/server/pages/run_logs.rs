//! The logs of a run: what its runner, its process and its steps wrote, in pieces.

use std::sync::LazyLock;

use ansi_to_html::Converter;

use super::{context, pipeline_run};
use crate::{
    model::{
        error::PageError,
        pipeline_runs::{LOG_PIECE, LogLine, LogPage, LogPlace, LogStream, LogStreams},
        status::ExecutionStatus,
    },
    server::{
        db::{
            Connection,
            logs::{self, LogsRow},
            pipeline_runs::PipelineRunRow,
            step_runs::{self, StepRunRow},
        },
        error::{AppError, Result},
        id::Id,
        service::{
            log_entries::{self, LogEntry},
            log_files::{Part, Place},
            logs::RUNNER_SOURCE,
        },
        state::AppState,
    },
};

/// Colours are the page's own, by name.
static CONVERTER: LazyLock<Converter> = LazyLock::new(|| Converter::new().four_bit_var_prefix(Some("ansi-".to_owned())));

/// A piece of the log that `key` names; of the one that tells most where none is named. From line `from` on, or the end of
/// the log.
pub async fn get(project: &str, id: &str, key: &str, from: Option<usize>) -> Result<LogPage, PageError> {
    read(project, id, key, from.map_or(Part::Last, Part::FromLine)).await
}

/// What a log has after a place that an earlier piece gave.
pub async fn added(project: &str, id: &str, key: &str, after: LogPlace) -> Result<LogPage, PageError> {
    read(project, id, key, Part::From(Place { line: after.line, byte: after.byte })).await
}

async fn read(project: &str, id: &str, key: &str, part: Part) -> Result<LogPage, PageError> {
    let (state, _) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let run = pipeline_run::find(&mut connection, project, id).await?;
        let streams = Stream::of_run(&mut connection, &run).await?;
        drop(connection);
        piece(&state, &run, streams, key, part).await
    };
    Ok(read.await?)
}

/// The logs of a run, and which of them tells most.
pub async fn streams(project: &str, id: &str) -> Result<LogStreams, PageError> {
    let (state, _) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let run = pipeline_run::find(&mut connection, project, id).await?;
        Stream::of_run(&mut connection, &run).await
    };
    let streams = read.await?;
    let telling = telling(&streams).and_then(|position| streams.get(position)).map(|stream| stream.shown.key.clone());
    Ok(LogStreams { telling: telling.unwrap_or_default(), streams: streams.into_iter().map(|stream| stream.shown).collect() })
}

/// A log with what it belongs to.
struct Stream {
    shown: LogStream,
    logs: LogsRow,
    is_live: bool,
}

impl Stream {
    async fn of_run(connection: &mut Connection, run: &PipelineRunRow) -> Result<Vec<Self>> {
        let mut streams = Vec::new();
        let own = logs::of_runs(connection, [run.id]).await?.remove(&run.id).unwrap_or_default();
        let is_live = !run.status.is_finished();
        for logs in own {
            let label = match logs.source.as_str() {
                RUNNER_SOURCE => "Runner",
                "client" | "orchestrator" => "Pipeline",
                other => other,
            };
            let shown = LogStream { key: logs.source.clone(), label: label.to_owned(), status: None };
            // Of several logs with one source the newest counts.
            streams.retain(|stream: &Self| stream.shown.key != shown.key);
            streams.push(Self { shown, logs, is_live });
        }
        for (step, logs) in Self::of_steps(connection, run.id).await? {
            let shown = LogStream { key: format!("step/{}", step.name), label: step.name, status: Some(step.status) };
            streams.push(Self { shown, logs, is_live: !step.status.is_finished() });
        }
        Ok(streams)
    }

    /// The newest attempt of each step with the log that it wrote itself.
    async fn of_steps(connection: &mut Connection, run: Id) -> Result<Vec<(StepRunRow, LogsRow)>> {
        let steps = step_runs::last_of_run(connection, run).await?;
        let mut found = logs::of_steps(connection, steps.iter().map(|step| step.id)).await?;
        let log_of = |step: StepRunRow| {
            let mut logs = found.remove(&step.id)?;
            let position = logs.iter().rposition(|logs| logs.source == "step").or(logs.len().checked_sub(1))?;
            Some((step, logs.swap_remove(position)))
        };
        Ok(steps.into_iter().filter_map(log_of).collect())
    }
}

/// The log that tells most about a run: of what failed, else of what runs, else the first.
fn telling(streams: &[Stream]) -> Option<usize> {
    let with = |status: ExecutionStatus| streams.iter().position(|stream| stream.shown.status == Some(status));
    with(ExecutionStatus::Failed).or_else(|| with(ExecutionStatus::Running)).or_else(|| (!streams.is_empty()).then_some(0))
}

async fn piece(state: &AppState, run: &PipelineRunRow, streams: Vec<Stream>, key: &str, part: Part) -> Result<LogPage> {
    let named = streams.iter().position(|stream| stream.shown.key == key);
    let position = if key.is_empty() { telling(&streams) } else { named };
    let mut page = LogPage {
        shown: None,
        lines: Vec::new(),
        from: 0,
        next: LogPlace::default(),
        total: 0,
        is_live: !run.status.is_finished(),
        note: None,
    };
    let Some(stream) = position.and_then(|position| streams.into_iter().nth(position)) else { return Ok(page) };
    match log_entries::entries(state, &stream.logs, part, LOG_PIECE, stream.is_live).await {
        Ok(entries) => {
            page.total = entries.total;
            page.from = entries.from.line;
            page.next = LogPlace { line: entries.to.line, byte: entries.to.byte };
            page.lines = entries.items.iter().map(line).collect();
        }
        // Logs that are elsewhere are no failure of the page.
        Err(AppError::Internal(error)) => return Err(AppError::Internal(error)),
        Err(error) => page.note = Some(error.message()),
    }
    page.is_live = stream.is_live;
    page.shown = Some(stream.shown);
    Ok(page)
}

fn line(entry: &LogEntry) -> LogLine {
    LogLine {
        time: entry.timestamp.map(|time| time.format("%H:%M:%S")),
        level: entry.level.unwrap_or(20),
        html: CONVERTER.convert(&entry.message).unwrap_or_else(|_| escaped(&entry.message)),
    }
}

/// Text for HTML, without the control sequences that could not be read.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            character if character.is_control() && character != '\n' && character != '\t' => {}
            character => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{CONVERTER, escaped};

    #[test]
    fn colours_become_spans_and_markup_stays_text() {
        let html = CONVERTER.convert("\u{1b}[31m<b>red</b>\u{1b}[0m & more").expect("it converts");
        assert_eq!(html, "<span style='color:var(--ansi-red,#a00)'>&lt;b&gt;red&lt;/b&gt;</span> &amp; more");
    }

    #[test]
    fn what_cannot_be_converted_is_escaped() {
        assert_eq!(escaped("a <script> \u{1b}[ & b"), "a &lt;script&gt; [ &amp; b");
    }
}
