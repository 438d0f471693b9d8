//! What a snapshot runs on: its stack as far as launching depends on it.

use md5::{Digest as _, Md5};

use crate::server::{
    db::{
        Connection, DbError,
        flavors::{self, FlavorRow},
        stack_components::{self, StackComponentRow},
        stacks::StackRow,
    },
    id::Id,
};

/// A stack's components with their flavors.
#[derive(Clone, Debug)]
pub struct Target {
    pub stack: StackRow,
    components: Vec<(StackComponentRow, Option<FlavorRow>)>,
}

impl Target {
    /// Reads a stack; none if it does not exist any more.
    pub async fn read(connection: &mut Connection, stack: Id) -> Result<Option<Self>, DbError> {
        let Some(stack) = connection.get::<StackRow>(stack).await? else { return Ok(None) };
        let components = stack_components::of_stack(connection, stack.id).await?;
        let known = flavors::of_components(connection, &components).await?;
        let components = components
            .into_iter()
            .map(|component| {
                let flavor = known.get(&(component.component_type.clone(), component.flavor.clone())).cloned();
                (component, flavor)
            })
            .collect();
        Ok(Some(Self { stack, components }))
    }

    /// The orchestrator runs the steps inside the runner, whose end is therefore the end of the run.
    pub fn runs_in_process(&self) -> bool {
        self.orchestrator_flavor().is_some_and(|flavor| flavor.is_local)
    }

    /// The name of the orchestrator's flavor.
    pub fn orchestrator(&self) -> Option<&str> {
        self.components
            .iter()
            .find(|(component, _)| component.component_type == "orchestrator")
            .map(|(component, _)| component.flavor.as_str())
    }

    fn orchestrator_flavor(&self) -> Option<&FlavorRow> {
        self.components.iter().find(|(component, _)| component.component_type == "orchestrator")?.1.as_ref()
    }

    /// A component whose flavor this server does not know.
    pub fn unknown_flavor(&self) -> Option<&StackComponentRow> {
        self.components.iter().find(|(_, flavor)| flavor.is_none()).map(|(component, _)| component)
    }

    /// The integrations of the components' flavors, sorted.
    pub fn integrations(&self) -> Vec<String> {
        let flavors = self.components.iter().filter_map(|(_, flavor)| flavor.as_ref());
        let mut names: Vec<String> = flavors.filter_map(|flavor| flavor.integration.clone()).filter(|name| name != "built-in").collect();
        names.sort();
        names.dedup();
        names
    }

    /// The checksum a build stores of its stack: MD5 of the integrations' names, one after the other.
    pub fn checksum(&self) -> String {
        hex::encode(Md5::digest(self.integrations().concat()))
    }
}
