//! A form of a page, filled in and sent as a browser without scripts does it.

use axum::{body::Body, http::Method};
use scraper::{ElementRef, Html, Selector};

use crate::util::{Answer, Client};

const BOUNDARY: &str = "----of-a-test";

/// The controls of a form with their values, in the order of the page.
#[derive(Clone, Debug)]
pub struct PageForm {
    path: String,
    controls: Vec<(String, String)>,
    file: Option<(String, Vec<u8>)>,
}

impl PageForm {
    /// The form of this class on a page; it is sent to the page's own path.
    #[track_caller]
    pub fn find(answer: &Answer, path: &str, class: &str) -> Self {
        let page = Html::parse_document(&answer.text());
        let form = page.select(&selector(&format!("form.{class}"))).next().unwrap_or_else(|| panic!("no form on {path}"));
        let controls = selector("input[name], select[name], textarea[name]");
        Self { path: path.to_owned(), controls: form.select(&controls).filter_map(value).collect(), file: None }
    }

    /// The form, sent to another URL by a button that says so.
    pub fn sent_to(self, path: &str) -> Self {
        Self { path: path.to_owned(), ..self }
    }

    /// The value of a control; none where it would not be sent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.controls.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The form with another value in a control that it has.
    #[track_caller]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let control = self.controls.iter_mut().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no control {name}"));
        control.1 = value.to_owned();
        self
    }

    /// The form with one more box ticked.
    pub fn choose(mut self, name: &str, value: &str) -> Self {
        let position = self.controls.iter().rposition(|(known, _)| known == name).map_or(self.controls.len(), |position| position + 1);
        self.controls.insert(position, (name.to_owned(), value.to_owned()));
        self
    }

    /// The form with a chosen file.
    pub fn with_file(mut self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        self.file = Some((name.to_owned(), content.into()));
        self
    }

    /// Sends it by the button with this `action`.
    pub async fn send(&self, client: &Client, action: &str) -> Answer {
        let mut body = Vec::new();
        for (name, value) in self.controls.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain([("action", action)]) {
            // Browsers end lines with CRLF in what they send.
            let value = value.replace('\n', "\r\n");
            body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
        }
        let (file, content) = self.file.clone().unwrap_or_default();
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file}\"\r\n");
        body.extend(format!("{head}Content-Type: application/octet-stream\r\n\r\n").bytes());
        body.extend(content);
        body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
        client.send(Method::POST, &self.path, Some(&format!("multipart/form-data; boundary={BOUNDARY}")), Body::from(body)).await
    }
}

/// What a control sends: nothing for a file, a box that is not ticked, and a button.
fn value(control: ElementRef) -> Option<(String, String)> {
    let name = control.attr("name")?.to_owned();
    let value = match (control.value().name(), control.attr("type")) {
        ("textarea", _) => control.text().collect(),
        ("select", _) => {
            let options: Vec<ElementRef> = control.select(&selector("option")).collect();
            let chosen = options.iter().find(|option| option.attr("selected").is_some()).or(options.first())?;
            chosen.attr("value").unwrap_or_default().to_owned()
        }
        (_, Some("file" | "submit" | "button")) => return None,
        (_, Some("radio" | "checkbox")) if control.attr("checked").is_none() => return None,
        _ => control.attr("value").unwrap_or_default().to_owned(),
    };
    Some((name, value))
}

fn selector(text: &str) -> Selector {
    Selector::parse(text).expect("a selector")
}
