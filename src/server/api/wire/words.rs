//! Enums of the protocol whose values are words, stored as the words they are on the wire.

/// Declares an enum by its words: reading refuses any other word, and [`as_str`](HookType::as_str) gives the word back.
macro_rules! words {
    ($($(#[$meta:meta])* pub enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),* $(,)? })*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $word)] $variant),*
        }

        impl $name {
            /// The word on the wire and in the database.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    )*};
}

words! {
    /// When a hook is called.
    pub enum HookType {
        RunStart = "run_start",
        RunSuccess = "run_success",
        RunFailure = "run_failure",
        RunEnd = "run_end",
        RunPause = "run_pause",
        RunResume = "run_resume",
        StepStart = "step_start",
        StepEnd = "step_end",
        StepSuccess = "step_success",
        StepFailure = "step_failure",
        Custom = "custom",
    }

    /// What a run waits for.
    pub enum WaitConditionType {
        ExternalInput = "external_input",
    }

    /// How a wait condition was answered.
    pub enum Resolution {
        /// The run goes on, with the result if there is one.
        Continue = "continue",
        /// The run is stopped.
        Abort = "abort",
    }

    /// What the process that waits does with its lease.
    pub enum LeaseMode {
        /// It goes on waiting.
        Refresh = "refresh",
        /// It looked a last time, and ends if there is no answer: the run is paused.
        Finalize = "finalize",
        /// It cannot go on, whatever the answer.
        Abandon = "abandon",
    }

    /// Where a deployment stands.
    pub enum DeploymentStatus {
        Unknown = "unknown",
        Pending = "pending",
        Running = "running",
        Absent = "absent",
        Error = "error",
    }

    /// The state that the administrator of a service wants it in.
    pub enum ServiceState {
        Inactive = "inactive",
        Active = "active",
        PendingStartup = "pending_startup",
        PendingShutdown = "pending_shutdown",
        Error = "error",
        ScaledToZero = "scaled_to_zero",
    }

    /// How wide a picked visualization is shown.
    pub enum VisualizationSize {
        FullWidth = "full_width",
        HalfWidth = "half_width",
    }

    /// What a visualization can be picked for.
    pub enum VisualizationResource {
        Deployment = "deployment",
        Model = "model",
        Pipeline = "pipeline",
        PipelineRun = "pipeline_run",
        PipelineSnapshot = "pipeline_snapshot",
        Project = "project",
    }
}
