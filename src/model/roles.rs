//! Roles, and what each of them may do: said here once, for the server that enforces it and for the pages that tell it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What an account may do. Each role may do all that those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees everything but the values of secrets, and runs nothing.
    Viewer,
    /// Launches the snapshots that they may run, and looks after these runs.
    Operator,
    /// Runs pipelines from code, makes snapshots, and changes everything but accounts and the server: ZenML's user.
    Editor,
    /// Does everything.
    Admin,
}

/// What a route, a form or a page needs its user to be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// What needs no account: signing in, health, what carries a proof of its own.
    Open,
    /// Seeing what is there.
    Read,
    /// One's own name, password, devices and tokens.
    KeepAccount,
    /// One's own drafts and private presets.
    KeepDrafts,
    /// Launching a snapshot, if one is among those that may run it.
    Launch,
    /// Stopping a run and answering it; without [`Action::Edit`], only runs of one's own.
    Steer,
    /// Storing what a run does: the run itself, its snapshot, steps, artifacts, models, logs, heartbeats.
    Record,
    /// Reading the values of secrets and the credentials of connectors.
    ReadSecrets,
    /// Making, changing and deleting everything else.
    Edit,
    /// Accounts and the server's settings.
    Administer,
}

impl Action {
    /// Every action, in the order of the roles that are needed.
    pub const ALL: [Self; 10] = [
        Self::Open,
        Self::Read,
        Self::KeepAccount,
        Self::KeepDrafts,
        Self::Launch,
        Self::Steer,
        Self::Record,
        Self::ReadSecrets,
        Self::Edit,
        Self::Administer,
    ];

    /// The least role that may do it; none where no account is needed.
    pub const fn role(self) -> Option<Role> {
        match self {
            Self::Open => None,
            Self::Read | Self::KeepAccount => Some(Role::Viewer),
            Self::KeepDrafts | Self::Launch | Self::Steer => Some(Role::Operator),
            Self::Record | Self::ReadSecrets | Self::Edit => Some(Role::Editor),
            Self::Administer => Some(Role::Admin),
        }
    }

    /// Whether the process of a run may do it with the run's token, whatever the role of the run's owner: who may launch a
    /// snapshot lets its code do its work.
    pub const fn is_work_of_a_run(self) -> bool {
        matches!(self, Self::Read | Self::Launch | Self::Steer | Self::Record | Self::ReadSecrets)
    }

    /// The action in words, after "may" or "to".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Open => "sign in",
            Self::Read => "see what is here",
            Self::KeepAccount => "change one's own account",
            Self::KeepDrafts => "keep drafts and presets",
            Self::Launch => "launch snapshots",
            Self::Steer => "stop and answer runs",
            Self::Record => "run pipelines from code",
            Self::ReadSecrets => "read secrets",
            Self::Edit => "change things",
            Self::Administer => "manage accounts and the server",
        }
    }
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Operator, Self::Editor, Self::Admin];

    /// Whether an account with this role may do it.
    pub fn may(self, action: Action) -> bool {
        action.role().is_none_or(|least| self >= least)
    }

    /// Why an account with this role may not do it; none if it may.
    pub fn refusal(self, action: Action) -> Option<String> {
        if self.may(action) {
            return None;
        }
        let needed = action.role().unwrap_or(Self::Admin);
        Some(format!("To {} takes the role {needed}; yours is {self}.", action.words()))
    }

    /// The role as the protocol and the database spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }

    /// What the role is for, for whoever gives it.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Viewer => "Sees everything but the values of secrets; runs nothing.",
            Self::Operator => "Launches the snapshots that they may run, stops and answers these runs, keeps drafts and private presets.",
            Self::Editor => "Runs pipelines from code, makes snapshots, and changes everything but accounts and the server.",
            Self::Admin => "Does everything.",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|role| role.as_str() == text);
        found.ok_or_else(|| format!("`{text}` is no role; the roles are viewer, operator, editor and admin"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Role};

    #[test]
    fn each_role_may_do_what_those_before_it_may_and_more() {
        let allowed = |role: Role| Action::ALL.into_iter().filter(|action| role.may(*action)).count();
        assert_eq!(Role::ALL.map(allowed), [3, 6, 9, 10]);
        assert!(Action::ALL.is_sorted(), "the order of the roles that are needed");
    }

    #[test]
    fn a_run_does_its_work_and_changes_no_accounts() {
        let work: Vec<Action> = Action::ALL.into_iter().filter(|action| action.is_work_of_a_run()).collect();
        assert_eq!(work, [Action::Read, Action::Launch, Action::Steer, Action::Record, Action::ReadSecrets]);
    }

    #[test]
    fn a_refusal_says_what_is_needed_and_what_there_is() {
        assert_eq!(Role::Editor.refusal(Action::Edit), None);
        assert_eq!(Role::Viewer.refusal(Action::Launch).as_deref(), Some("To launch snapshots takes the role operator; yours is viewer."));
    }

    #[test]
    fn names_are_read_back() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert!("owner".parse::<Role>().is_err());
    }
}
