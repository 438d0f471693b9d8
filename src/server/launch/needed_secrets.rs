//! Which secrets a run needs, and whether the account that launches it has them.
//!
//! A run uses secrets in two ways: the values of those in a `secrets` list (of the pipeline, a step, the stack or a
//! component) become environment variables, and `{{secret.key}}` in a component's configuration or in settings stands for a
//! value. The runner looks them up with the rights of whoever launched the run.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    model::readiness::{Check, CheckName},
    run_configuration::{secret_reference::SecretReference, snapshot::Snapshot},
    server::{
        db::{
            Connection,
            secrets::{self, LinkedTo, SecretRow},
            stack_components,
        },
        encryption::Sealer,
        error::Result,
        id::Id,
        launch::readiness::{fail, pass},
        service,
    },
};

/// The secrets that a run names, each once and in order.
#[derive(Debug, Default, PartialEq, Eq)]
struct Needs {
    /// Names or ids.
    whole: BTreeSet<String>,
    /// Keys by the name of their secret.
    keys: BTreeMap<String, BTreeSet<String>>,
}

impl Needs {
    /// What the snapshot itself names.
    fn of(snapshot: &Snapshot) -> Self {
        let mut needs = Self::default();
        needs.whole_in(snapshot.pipeline_configuration.get("secrets"));
        needs.keys_in(snapshot.pipeline_configuration.get("settings"));
        for step in &snapshot.steps {
            needs.whole_in(step.config.get("secrets"));
            needs.keys_in(step.config.get("settings"));
        }
        needs
    }

    fn whole_in(&mut self, list: Option<&Value>) {
        self.whole.extend(list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
    }

    fn keys_in(&mut self, value: Option<&Value>) {
        for SecretReference { secret, key } in value.map(SecretReference::all_in).unwrap_or_default() {
            self.keys.entry(secret).or_default().insert(key);
        }
    }

    /// What the stack and its components add.
    async fn add_stack(&mut self, connection: &mut Connection, stack: Id) -> Result<()> {
        let components = stack_components::of_stack(connection, stack).await?;
        for component in &components {
            self.keys_in(Some(&serde_json::from_str(&component.configuration)?));
        }
        let ids: Vec<Id> = components.iter().map(|component| component.id).collect();
        let of_components = secrets::linked(connection, LinkedTo::Component, ids).await?;
        let of_stack = secrets::linked(connection, LinkedTo::Stack, [stack]).await?;
        self.whole.extend(of_components.into_values().chain(of_stack.into_values()).flatten().map(|id| id.to_string()));
        Ok(())
    }
}

/// Checks the secrets that a run of a snapshot on a stack needs, for an account.
pub async fn check(connection: &mut Connection, sealer: &Sealer, user: Id, stack: Option<Id>, snapshot: &Snapshot) -> Result<Check> {
    let mut needs = Needs::of(snapshot);
    if let Some(stack) = stack {
        needs.add_stack(connection, stack).await?;
    }
    let (mut there, mut missing) = (BTreeSet::new(), Vec::new());
    for name in &needs.whole {
        match service::secrets::find(connection, user, name).await? {
            Some(secret) => {
                there.insert(secret.name);
            }
            None => missing.push(missing_name(connection, name).await?),
        }
    }
    for (name, keys) in &needs.keys {
        let Some(secret) = service::secrets::find(connection, user, name).await? else {
            missing.push(format!("`{name}`"));
            continue;
        };
        let values = service::secrets::values(connection, sealer, secret.id).await?;
        missing.extend(keys.iter().filter(|key| values.get(key).is_none()).map(|key| format!("the key `{key}` of `{name}`")));
        there.insert(secret.name);
    }
    missing.dedup();
    Ok(outcome(there, missing))
}

/// What to call a secret that the account does not see. The name of a private one is not told.
async fn missing_name(connection: &mut Connection, name_or_id: &str) -> Result<String> {
    let by_id = match name_or_id.parse::<Id>() {
        Ok(id) => connection.get::<SecretRow>(id).await?,
        Err(_) => return Ok(format!("`{name_or_id}`")),
    };
    Ok(match by_id {
        Some(_) => "one that is private to another account".to_owned(),
        None => "one that was deleted".to_owned(),
    })
}

fn outcome(there: BTreeSet<String>, missing: Vec<String>) -> Check {
    let name = CheckName::Secrets;
    if !missing.is_empty() {
        let message = format!("You do not have every secret that the run needs. Missing: {}.", missing.join(", "));
        return fail(name, message, "Make it with `zenml secret create`, or ask its owner to make it public.");
    }
    if there.is_empty() {
        return pass(name, "The run needs no secrets.");
    }
    let names: Vec<String> = there.iter().map(|name| format!("`{name}`")).collect();
    pass(name, format!("You have the secrets that the run needs: {}.", names.join(", ")))
}
