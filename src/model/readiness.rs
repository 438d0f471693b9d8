//! Whether a snapshot can be run by this server: a checklist, each item with what to do about it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckName {
    /// The code of the steps is at hand.
    Code,
    /// There is a Python (or an image) with the packages.
    Environment,
    /// The stack exists and is what the snapshot was made for.
    Stack,
    /// This server may and can start it.
    Launcher,
    /// Whoever launches it has the secrets it needs.
    Secrets,
    /// Whoever launches it may.
    Permission,
}

impl CheckName {
    /// The word used in style sheets and messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Environment => "environment",
            Self::Stack => "stack",
            Self::Launcher => "launcher",
            Self::Secrets => "secrets",
            Self::Permission => "permission",
        }
    }
}

impl fmt::Display for CheckName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckState {
    Pass,
    Fail,
    /// It cannot be told before the run.
    Unknown,
}

/// One item of the checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub name: CheckName,
    pub state: CheckState,
    /// What was found, in a sentence.
    pub message: String,
    /// What to do about it.
    pub fix: Option<String>,
}

/// The whole checklist of a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    pub checks: Vec<Check>,
}

impl Readiness {
    /// Whether every check passes.
    pub fn runnable(&self) -> bool {
        self.checks.iter().all(|check| check.state == CheckState::Pass)
    }

    /// Why whoever asks may not run it; none if they may.
    pub fn denied(&self) -> Option<String> {
        let failing = |check: &&Check| check.name == CheckName::Permission && check.state == CheckState::Fail;
        let check = self.checks.iter().find(failing)?;
        Some(format!("{} {}", check.message, check.fix.as_deref().unwrap_or_default()))
    }

    /// Whether every check passes that is not about who asks.
    pub fn runnable_by_some(&self) -> bool {
        self.checks.iter().all(|check| check.state == CheckState::Pass || check.name == CheckName::Permission)
    }

    /// What fails and what to do about it, for an error message; none where every check passes.
    pub fn refusal(&self) -> Option<String> {
        let failed: Vec<String> = self
            .checks
            .iter()
            .filter(|check| check.state != CheckState::Pass)
            .map(|check| match &check.fix {
                Some(fix) => format!("{} {fix}", check.message),
                None => check.message.clone(),
            })
            .collect();
        (!failed.is_empty()).then(|| failed.join(" "))
    }
}
