//! What pages ask the server for.
//!
//! One type for all pages, answered with text by one server function: everything between asking and showing is then
//! compiled once for all pages and not once for each type of answer, which halves the WebAssembly module.

use serde::{Deserialize, Serialize};

use super::{
    list::ListQuery,
    pipeline_runs::{LogPlace, RunPlace},
    pipeline_snapshots::SnapshotPlace,
    roles::Action,
};

/// A page's question; each variant names the type of its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PageRequest {
    /// [`Activation`](super::activation::Activation): the account of an activation link.
    Activation { user: String, token: String },
    /// [`HtmlPage`](super::html_page::HtmlPage)
    Component { component: String },
    /// [`Device`](super::devices::Device): a program that asks to act for the signed-in account.
    Device { device_id: String, user_code: String },
    /// [`HtmlPage`](super::html_page::HtmlPage): the editor of a snapshot's form view; `saved` says that it just was.
    FormView { project: String, snapshot: String, saved: bool },
    /// HTML of what stands below the heading.
    Home,
    /// [`LaunchForm`](super::launches::LaunchForm), filled in with the values of a URL.
    LaunchForm { project: String, snapshot: String, values: Vec<(String, String)> },
    /// [`NewSnapshot`](super::pipeline_snapshots::NewSnapshot)
    NewSnapshot { project: String, run: String },
    /// [`PipelineDetail`](super::pipelines::PipelineDetail), by name or id.
    Pipeline { project: String, pipeline: String },
    /// HTML: the rows and the pages.
    Pipelines { project: String, query: ListQuery },
    /// [`RunDetail`](super::pipeline_runs::RunDetail)
    Run { project: String, run: String },
    /// HTML: the source of a step; of what failed, or the pipeline's, where none is named.
    RunCode { project: String, run: String, step: String },
    /// [`HtmlPage`](super::html_page::HtmlPage): the comparison of two runs, or the choice of two. Where only `b` is named, it
    /// is compared with the run of its pipeline before it.
    RunComparison { project: String, a: String, b: String },
    /// HTML: how the run was configured.
    RunConfiguration { project: String, run: String },
    /// HTML: the graph, with the step marked that is shown beside it.
    RunGraph { project: String, run: String, step: String },
    /// [`LogPage`](super::pipeline_runs::LogPage) of the log that is named, or of the one that tells most; from a line on,
    /// or its end.
    RunLog { project: String, run: String, log: String, from: Option<usize> },
    /// [`LogPage`](super::pipeline_runs::LogPage) of a log that is shown: what was added since.
    RunLogAdded { project: String, run: String, log: String, after: LogPlace },
    /// [`LogStreams`](super::pipeline_runs::LogStreams)
    RunLogStreams { project: String, run: String },
    /// HTML: the panel of a step, on a tab of the page; nothing where no step is named.
    RunStep { project: String, run: String, step: String, tab: String },
    /// HTML: the table of the steps.
    RunSteps { project: String, run: String },
    /// [`RunList`](super::pipeline_runs::RunList)
    Runs { project: String, query: ListQuery, place: RunPlace },
    /// [`Session`](super::session::Session)
    Session,
    /// [`Activation`](super::activation::Activation): the first admin, of a set-up link.
    Setup { token: String },
    /// [`SnapshotDetail`](super::pipeline_snapshots::SnapshotDetail) with what one tab shows; `search` finds parameters.
    Snapshot { project: String, snapshot: String, tab: String, search: String },
    /// [`SnapshotTexts`](super::pipeline_snapshots::SnapshotTexts)
    SnapshotTexts { project: String, snapshot: String },
    /// [`NameCheck`](super::pipeline_snapshots::NameCheck) of a name for a snapshot of a pipeline, given by id; `except` has it
    /// already.
    SnapshotName { project: String, pipeline: String, name: String, except: String },
    /// [`HtmlPage`](super::html_page::HtmlPage): the comparison of two snapshots, or the choice of two.
    SnapshotComparison { project: String, a: String, b: String },
    /// [`HtmlPage`](super::html_page::HtmlPage): what taking snapshots off the list means, and the button that does it.
    SnapshotRemoval { project: String, snapshots: Vec<String> },
    /// [`HtmlPage`](super::html_page::HtmlPage): the choice of the run that a new snapshot is made of.
    SnapshotSource { project: String },
    /// [`SnapshotList`](super::pipeline_snapshots::SnapshotList)
    Snapshots { project: String, query: ListQuery, place: SnapshotPlace },
    /// [`HtmlPage`](super::html_page::HtmlPage)
    Stack { stack: String },
    /// HTML: the rows and the pages.
    Stacks { query: ListQuery },
    /// [`FormState`](super::form::FormState): the form that was just refused.
    SubmittedForm,
    /// [`HtmlPage`](super::html_page::HtmlPage): the accounts and their roles.
    Users,
}

impl PageRequest {
    /// What the page needs its reader to be allowed.
    pub fn action(&self) -> Action {
        match self {
            Self::Activation { .. } | Self::Setup { .. } | Self::SubmittedForm => Action::Open,
            Self::Device { .. } => Action::KeepAccount,
            Self::Users => Action::Administer,
            Self::NewSnapshot { .. }
            | Self::SnapshotName { .. }
            | Self::SnapshotRemoval { .. }
            | Self::SnapshotSource { .. }
            | Self::SnapshotTexts { .. } => Action::Edit,
            Self::Component { .. }
            | Self::FormView { .. }
            | Self::Home
            | Self::LaunchForm { .. }
            | Self::Pipeline { .. }
            | Self::Pipelines { .. }
            | Self::Run { .. }
            | Self::RunCode { .. }
            | Self::RunComparison { .. }
            | Self::RunConfiguration { .. }
            | Self::RunGraph { .. }
            | Self::RunLog { .. }
            | Self::RunLogAdded { .. }
            | Self::RunLogStreams { .. }
            | Self::RunStep { .. }
            | Self::RunSteps { .. }
            | Self::Runs { .. }
            | Self::Session
            | Self::Snapshot { .. }
            | Self::SnapshotComparison { .. }
            | Self::Snapshots { .. }
            | Self::Stack { .. }
            | Self::Stacks { .. } => Action::Read,
        }
    }
}
