//! Which packages a snapshot's runs need, from what was recorded of it. Pure: files come from the caller.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;

/// Requirement files that include each other this deep.
const MAX_INCLUDES: usize = 8;

/// The packages of a run, besides zenml itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirements {
    /// Lines of a pip requirements file.
    pub lines: Vec<String>,
    /// ZenML integrations whose packages are needed.
    pub integrations: Vec<String>,
    /// Where the lines come from, for people.
    pub origin: &'static str,
}

/// What the requirements are read from.
#[derive(Debug)]
pub struct Recorded<'a> {
    /// JSON of the pipeline configuration, whose `settings.docker` counts.
    pub pipeline_configuration: &'a str,
    /// JSON of the build's images, if there is a build.
    pub build_images: Option<&'a str>,
    /// What the client recorded of its own Python.
    pub client: &'a ClientEnvironment,
    /// Texts of the archive's files of which [`wanted`] says yes.
    pub files: HashMap<PathBuf, String>,
}

/// Whether a file of the archive may matter.
pub fn wanted(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "txt" || extension == "in") || path == Path::new("pyproject.toml")
}

/// What the client recorded of its own Python.
#[derive(Debug, Default)]
pub struct ClientEnvironment {
    pub python_version: Option<String>,
    /// The installed packages, without those that exist only on the client's machine.
    pub packages: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct EnvironmentDocument {
    python_version: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Packages {
    Lines(String),
    List(Vec<String>),
}

impl ClientEnvironment {
    /// Reads the environment's JSON and, apart from it, that of its `python_packages`. What cannot be read says nothing.
    pub fn read(environment: &str, packages: Option<&str>) -> Self {
        let python_version = serde_json::from_str::<EnvironmentDocument>(environment).unwrap_or_default().python_version;
        let packages = match packages.and_then(|json| serde_json::from_str::<Packages>(json).ok()) {
            Some(Packages::Lines(text)) => usable(text.lines()),
            Some(Packages::List(list)) => usable(list.iter().map(String::as_str)),
            None => Vec::new(),
        };
        Self { python_version, packages }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PipelineConfiguration {
    settings: Settings,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Settings {
    docker: Option<DockerSettings>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct DockerSettings {
    requirements: Option<DockerRequirements>,
    required_integrations: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum DockerRequirements {
    /// Path of a requirements file.
    File(PathBuf),
    List(Vec<String>),
}

#[derive(Deserialize)]
struct BuildImage {
    #[serde(default)]
    requirements: Option<String>,
}

#[derive(Deserialize)]
struct Pyproject {
    project: Option<Project>,
}

#[derive(Deserialize)]
struct Project {
    #[serde(default)]
    dependencies: Vec<String>,
}

impl Requirements {
    /// The best source there is: the build's image, the pipeline's Docker settings, `requirements.txt` or
    /// `pyproject.toml` in the captured code, else the packages the client had installed.
    pub fn read(recorded: &Recorded<'_>) -> Self {
        let docker = serde_json::from_str::<PipelineConfiguration>(recorded.pipeline_configuration).unwrap_or_default().settings.docker;
        let docker = docker.unwrap_or_default();
        let (lines, origin) = recorded
            .build_lines()
            .map(|lines| (lines, "the build"))
            .or_else(|| Some((recorded.docker_lines(docker.requirements.as_ref()?), "the pipeline's Docker settings")))
            .or_else(|| Some((recorded.file_lines(Path::new("requirements.txt"), 0)?, "requirements.txt of the code")))
            .or_else(|| Some((recorded.pyproject_lines()?, "pyproject.toml of the code")))
            .unwrap_or_else(|| (recorded.client.packages.clone(), "the packages of the client that made the snapshot"));
        Self { lines, integrations: docker.required_integrations, origin }
    }
}

impl Recorded<'_> {
    fn build_lines(&self) -> Option<Vec<String>> {
        let images: HashMap<String, BuildImage> = serde_json::from_str(self.build_images?).ok()?;
        let text = images.get("orchestrator").or_else(|| images.values().next())?.requirements.as_ref()?;
        Some(usable(text.lines()))
    }

    fn docker_lines(&self, requirements: &DockerRequirements) -> Vec<String> {
        match requirements {
            DockerRequirements::List(list) => usable(list.iter().map(String::as_str)),
            DockerRequirements::File(path) => self.file_lines(path, 0).unwrap_or_default(),
        }
    }

    /// The lines of a requirements file, with the files it includes in their place.
    fn file_lines(&self, path: &Path, depth: usize) -> Option<Vec<String>> {
        let path: PathBuf = path.components().filter(|part| *part != std::path::Component::CurDir).collect();
        let text = self.files.get(&path)?;
        let mut lines = Vec::new();
        for line in usable(text.lines()) {
            let included =
                line.strip_prefix("-r").or_else(|| line.strip_prefix("--requirement")).map(|rest| rest.trim_start_matches(['=', ' ']));
            match included {
                Some(file) if depth < MAX_INCLUDES => {
                    let relative = path.parent().unwrap_or(Path::new("")).join(file.trim());
                    lines.extend(self.file_lines(&relative, depth + 1).unwrap_or_default());
                }
                Some(_) => {}
                None => lines.push(line),
            }
        }
        Some(lines)
    }

    fn pyproject_lines(&self) -> Option<Vec<String>> {
        let project = toml::from_str::<Pyproject>(self.files.get(Path::new("pyproject.toml"))?).ok()?.project?;
        Some(usable(project.dependencies.iter().map(String::as_str)))
    }
}

/// The lines that can be installed on another machine; zenml itself comes in the snapshot's own version.
fn usable<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    lines
        .map(|line| line.split(" #").next().unwrap_or(line).trim())
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .filter(|line| !line.starts_with("-e") && !line.starts_with("--editable") && !line.contains("file:"))
        .filter(|line| !line.starts_with(['.', '/']) && project_name(line) != "zenml")
        .map(str::to_owned)
        .collect()
}

/// The name a requirement begins with, in lower case.
fn project_name(line: &str) -> String {
    let end = line.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(line.len());
    line[..end].to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKAGES: &str = r#""numpy==2.0\n-e git+https://x/y#egg=mine\nlocal @ file:///home/me/local\nzenml==0.98.0\nzenml-helper==1""#;

    fn read(configuration: &str, build: Option<&str>, files: &[(&str, &str)]) -> Requirements {
        let files = files.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned())).collect();
        let client = ClientEnvironment::read(r#"{"python_version": "3.11.7"}"#, Some(PACKAGES));
        let recorded = Recorded { pipeline_configuration: configuration, build_images: build, client: &client, files };
        Requirements::read(&recorded)
    }

    #[test]
    fn the_clients_packages_come_without_what_only_it_has() {
        assert_eq!(read("{}", None, &[]).lines, ["numpy==2.0", "zenml-helper==1"]);
        let listed = ClientEnvironment::read(r#"{"python_version": "3.11.7"}"#, Some(r#"["numpy==2.0", "zenml==0.98.0"]"#));
        assert_eq!((listed.python_version.as_deref(), listed.packages), (Some("3.11.7"), vec!["numpy==2.0".to_owned()]));
        assert!(ClientEnvironment::read("{}", None).packages.is_empty());
    }

    #[test]
    fn requirement_files_win_over_the_client_and_include_each_other() {
        let files = [
            ("requirements.txt", "-r deps/base.txt\npandas>=2  # tables\n-e .\n"),
            ("deps/base.txt", "scipy\n-r base.txt\nzenml[local]>=0.9"),
        ];
        let read_back = read("{}", None, &files);
        assert_eq!(read_back.lines.last().map(String::as_str), Some("pandas>=2"));
        assert_eq!(read_back.lines.first().map(String::as_str), Some("scipy"));
        assert!(!read_back.lines.iter().any(|line| line.contains("zenml")));
        let pyproject = read("{}", None, &[("pyproject.toml", "[project]\nname = \"x\"\ndependencies = [\"rich>=13\"]\n")]);
        assert_eq!((pyproject.lines, pyproject.origin), (vec!["rich>=13".to_owned()], "pyproject.toml of the code"));
    }

    #[test]
    fn the_build_wins_over_docker_settings_and_those_over_files() {
        let docker = r#"{"settings": {"docker": {"requirements": ["torch"], "required_integrations": ["mlflow"]}}}"#;
        let files = [("requirements.txt", "pandas")];
        let settings = read(docker, None, &files);
        assert_eq!((settings.lines, settings.integrations), (vec!["torch".to_owned()], vec!["mlflow".to_owned()]));
        let build = read(docker, Some(r#"{"orchestrator": {"image": "x", "requirements": "keras\nzenml==0.98.0"}}"#), &files);
        assert_eq!(build.lines, ["keras"]);
        let file = read(r#"{"settings": {"docker": {"requirements": "./requirements.txt"}}}"#, None, &files);
        assert_eq!(file.lines, ["pandas"]);
    }
}
