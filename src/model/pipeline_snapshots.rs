//! Snapshots as lists and their own page show them.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{list::Reference, pipeline_runs::LatestRun, readiness::Readiness, time::Moment};

/// A snapshot in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SnapshotRow {
    pub id: String,
    /// None: it was made by a run and not named.
    pub name: Option<String>,
    pub description: Option<String>,
    pub pipeline: Reference,
    pub stack: Option<Reference>,
    pub runnable: bool,
    pub latest_run: Option<LatestRun>,
    pub created: Moment,
    pub user: Option<String>,
    pub tags: Vec<String>,
    /// How many parameters a run can change.
    pub parameter_count: u64,
    /// Runs launched from it in the last 30 days.
    pub recent_runs: u64,
}

impl SnapshotRow {
    /// The name, or words for the lack of one.
    pub fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| "Unnamed snapshot".to_owned())
    }
}

/// Which list of snapshots a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SnapshotPlace {
    /// The list of the project.
    Project,
    /// The list of one pipeline, on that one's page.
    Pipeline,
    /// The choice of what to run.
    Choice,
}

/// The list of snapshots with what its filters offer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SnapshotList {
    /// The rows or cards, and the pages, as HTML.
    pub html: String,
    pub pipelines: Vec<Reference>,
    pub stacks: Vec<Reference>,
    pub users: Vec<Reference>,
    /// Names of tags.
    pub tags: Vec<String>,
    /// There are snapshots here and this server can run none of them.
    pub nothing_runs: bool,
}

/// What people wrote on a snapshot: what its form begins with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SnapshotTexts {
    /// Id of the pipeline, within which names are unique.
    pub pipeline: String,
    /// Empty if it has no name.
    pub name: String,
    /// Markdown.
    pub description: String,
    pub tags: Vec<String>,
    /// Launches from the browser are asked about.
    pub protected: bool,
}

/// The tabs of a snapshot's page, by their value of `tab` in the URL, with their names; [`FORM_TAB`] is a page of its own.
pub const SNAPSHOT_TABS: [(&str, &str); 7] = [
    ("overview", "Overview"),
    ("parameters", "Parameters"),
    (FORM_TAB, "Form view"),
    ("usage", "Usage"),
    ("history", "History"),
    ("access", "Access"),
    ("api", "API"),
];
/// The tab of the form view.
pub const FORM_TAB: &str = "form";

/// Who may run a snapshot, of those whose role lets them run any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum MayRun {
    /// All of them.
    Operators,
    /// Editors and admins.
    Editors,
    /// Those who are named, and admins.
    Named,
}

impl MayRun {
    /// Every rule, the widest first.
    pub const ALL: [Self; 3] = [Self::Operators, Self::Editors, Self::Named];

    /// The rule as the protocol and the database spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operators => "operators",
            Self::Editors => "editors",
            Self::Named => "named",
        }
    }

    /// The rule in the form, after "may be run by".
    pub const fn label(self) -> &'static str {
        match self {
            Self::Operators => "Everybody with the role operator or more",
            Self::Editors => "Editors and admins",
            Self::Named => "Those who are named below, and admins",
        }
    }
}

impl FromStr for MayRun {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|rule| rule.as_str() == text);
        found.ok_or_else(|| format!("`{text}` does not say who may run it: operators, editors or named"))
    }
}

/// A snapshot's page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SnapshotDetail {
    pub id: String,
    pub title: String,
    pub pipeline: Reference,
    pub texts: SnapshotTexts,
    pub runnable: bool,
    /// Why the reader may not run it; none if they may.
    pub denied: Option<String>,
    /// Whether its code can be saved as a file.
    pub has_code: bool,
    /// The facts below the heading, as HTML.
    pub facts: String,
    /// What the tab shows, as HTML.
    pub html: String,
    /// Only on the overview.
    pub readiness: Option<Readiness>,
    /// Only on the tab of the API.
    pub examples: Vec<CodeExample>,
}

/// What the form of a new snapshot begins with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewSnapshot {
    pub run: Reference,
    /// `#12`
    pub run_index: i64,
    pub pipeline: Reference,
    /// A name nobody is likely to have taken.
    pub name: String,
    /// Whether what the run was can be run again here.
    pub readiness: Readiness,
    /// What its form view can offer.
    pub exposable: Vec<Exposable>,
}

/// A value that a form view can offer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exposable {
    /// Where it is in a run configuration.
    pub path: String,
    /// The step, or another heading.
    pub group: String,
    pub name: String,
    /// The snapshot's value on one line; that of a password is not told.
    pub value: Option<String>,
}

impl Exposable {
    /// The name of its checkbox.
    pub fn input(&self) -> String {
        format!("{EXPOSE}.{}", self.path)
    }
}

/// The name of the choice between all values and some; the checkboxes of those have it with their paths behind it.
pub const EXPOSE: &str = "expose";
/// The value of it that means some.
pub const EXPOSE_CHOSEN: &str = "chosen";

/// Whether a name can be given to a snapshot of a pipeline.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NameCheck {
    /// What replacing the snapshot with this name does; none if the name is free.
    pub replacing: Option<String>,
}

/// A parameter that a run can change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterRow {
    /// None: a parameter of the pipeline.
    pub step: Option<String>,
    pub name: String,
    /// In words: "an integer", "a list of texts".
    pub kind: String,
    /// The snapshot's value on one line; none if it has to be given.
    pub value: Option<String>,
    pub description: Option<String>,
}

/// A way to run the snapshot, ready to be copied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CodeExample {
    /// "Python", "CLI", "curl".
    pub label: String,
    pub code: String,
}
