//! What is wrong with a run configuration, where, and what to do about it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::value_path::ValuePath;

/// How much a problem matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The run is not launched.
    Error,
    /// The run is launched, but something typed has no effect or may not mean what it looks like.
    Warning,
}

/// One finding about a run configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Whether it stops the launch.
    pub level: Level,
    /// The value that is wrong; for a text that cannot be read, the nearest value around the place.
    pub path: ValuePath,
    /// Line in the text it was read from, from 1.
    pub line: Option<usize>,
    /// Column in that line in characters, from 1.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub fix: Option<String>,
}

impl Problem {
    /// A finding that stops the launch.
    pub fn error(path: ValuePath, message: impl Into<String>) -> Self {
        Self { level: Level::Error, path, line: None, column: None, message: message.into(), fix: None }
    }

    /// A finding that does not.
    pub fn warning(path: ValuePath, message: impl Into<String>) -> Self {
        Self { level: Level::Warning, ..Self::error(path, message) }
    }

    /// Adds the way out.
    pub fn with_fix(self, fix: impl Into<String>) -> Self {
        Self { fix: Some(fix.into()), ..self }
    }

    /// Adds the place in the text, both from 1.
    pub fn at(self, line: usize, column: usize) -> Self {
        Self { line: Some(line), column: Some(column), ..self }
    }

    /// Whether it stops the launch.
    pub fn is_error(&self) -> bool {
        self.level == Level::Error
    }
}

/// Whether one of the findings stops the launch.
pub fn has_errors(problems: &[Problem]) -> bool {
    problems.iter().any(Problem::is_error)
}

/// All errors in one text, for a plain error body: one finding a line.
pub fn error_text(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().filter(|problem| problem.is_error()).map(Problem::to_string).collect();
    lines.join("\n")
}

/// "line 4, column 7: steps.trainer.parameters.lr: expects a number, not the text \"fast\". Write …".
impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(formatter, "line {line}")?;
            if let Some(column) = self.column {
                write!(formatter, ", column {column}")?;
            }
            formatter.write_str(": ")?;
        }
        if !self.path.is_root() {
            write!(formatter, "{}: ", self.path)?;
        }
        formatter.write_str(&self.message)?;
        if let Some(fix) = &self.fix {
            write!(formatter, " {fix}")?;
        }
        Ok(())
    }
}
