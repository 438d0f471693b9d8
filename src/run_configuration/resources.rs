//! What a run asks of the machines that it runs on.

use serde_json::{Map, Value};

use super::{decimal, snapshot::Snapshot};

/// GPUs that a snapshot asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GpuRequest<'a> {
    /// None: every step of a dynamic pipeline, whose steps are not known before it runs.
    pub step: Option<&'a str>,
    pub count: u64,
}

/// The GPUs that a snapshot asks for, by step; with what was merged into it, if it is a derived one.
pub fn gpu_requests(snapshot: &Snapshot) -> Vec<GpuRequest<'_>> {
    // Configurations of steps have those of the pipeline in them.
    let of_steps = snapshot.steps.iter().map(|step| (Some(step.name.as_str()), step.config.as_object()));
    let of_pipeline = snapshot.is_dynamic.then_some((None, Some(&snapshot.pipeline_configuration)));
    let requests = of_pipeline.into_iter().chain(of_steps);
    requests.filter_map(|(step, configuration)| Some(GpuRequest { step, count: gpu_count(configuration?)? })).collect()
}

/// `settings.resources.gpu_count` where it is more than none; pydantic also takes the digits of a number.
fn gpu_count(configuration: &Map<String, Value>) -> Option<u64> {
    let count = configuration.get("settings")?.get("resources")?.get("gpu_count")?;
    let count = count.as_f64().or_else(|| decimal::read(count.as_str()?.trim()))?;
    // Digits after the point are no number of GPUs; what is there all the same asks for some.
    (count > 0.0).then_some(count.ceil() as u64)
}

/// The requests in one sentence; none where there are none.
pub fn gpus_in_words(requests: &[GpuRequest<'_>]) -> Option<String> {
    let part = |request: &GpuRequest<'_>| match request.step {
        Some(step) => format!("`{step}` {}", request.count),
        None => format!("each step {}", request.count),
    };
    let parts: Vec<String> = requests.iter().map(part).collect();
    (!parts.is_empty()).then(|| format!("It asks for GPUs: {}.", parts.join(", ")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::run_configuration::{derive::derive, example::map, snapshot::Step};

    fn snapshot(own: Value) -> Snapshot {
        let step = |name: &str, overrides: Value| Step { name: name.to_owned(), spec: json!({}), config: overrides.clone(), overrides };
        let steps = vec![step("load", json!({})), step("train", json!({ "settings": own }))];
        Snapshot { run_name_template: "{date}".to_owned(), steps, ..Snapshot::default() }
    }

    fn asked(own: Value, configuration: Value) -> Vec<(String, u64)> {
        let derived = derive(&snapshot(own), &map(configuration), &[]).expect("a configuration without errors");
        let named = |request: GpuRequest<'_>| (request.step.unwrap_or_default().to_owned(), request.count);
        gpu_requests(&derived.snapshot).into_iter().map(named).collect()
    }

    fn gpus(count: u64) -> Value {
        json!({ "resources": { "gpu_count": count } })
    }

    #[test]
    fn what_a_step_says_counts_before_what_the_run_says() {
        for (of_run, of_step) in (0..3).flat_map(|of_run| [None, Some(0), Some(1), Some(2)].map(|of_step| (of_run, of_step))) {
            let steps = of_step.map_or(json!({}), |count| json!({ "train": { "settings": gpus(count) } }));
            let found = asked(json!({}), json!({ "settings": gpus(of_run), "steps": steps }));
            let expected = [("load", of_run), ("train", of_step.unwrap_or(of_run))];
            let expected = expected.into_iter().filter(|(_, count)| *count > 0).map(|(step, count)| (step.to_owned(), count));
            assert_eq!(found, expected.collect::<Vec<_>>(), "{of_run} {of_step:?}");
        }
    }

    #[test]
    fn the_snapshots_own_count_unless_they_are_taken_away() {
        assert_eq!(asked(gpus(2), json!({})), [("train".to_owned(), 2)]);
        assert_eq!(asked(gpus(2), json!({ "steps": { "train": { "settings": gpus(0) } } })), []);
    }

    #[test]
    fn a_dynamic_pipeline_is_known_as_a_whole() {
        let pipeline_configuration = map(json!({ "settings": { "resources": { "gpu_count": "1" } } }));
        let snapshot = Snapshot { is_dynamic: true, pipeline_configuration, ..Snapshot::default() };
        assert_eq!(gpus_in_words(&gpu_requests(&snapshot)).as_deref(), Some("It asks for GPUs: each step 1."));
        assert_eq!(gpus_in_words(&gpu_requests(&Snapshot::default())), None);
    }
}
