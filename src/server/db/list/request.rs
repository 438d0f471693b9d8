//! What a client asks of a list, read from the query string.

use super::{DEFAULT_PAGE_SIZE, ListError, MAX_PAGE_SIZE};

/// A list request, read from the query string.
#[derive(Clone, Debug, Default)]
pub struct ListRequest {
    pub page: u64,
    pub size: u64,
    pub sort_by: String,
    pub any: bool,
    pub hydrate: bool,
    /// Every parameter in order, also the ones above; a name may repeat.
    pub parameters: Vec<(String, String)>,
}

impl ListRequest {
    /// Reads the parameters of a query string that was decoded into pairs.
    pub fn from_pairs(parameters: Vec<(String, String)>) -> Result<Self, ListError> {
        let last = |name: &str| parameters.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let number = |name: &str, default: u64, most: u64| match last(name) {
            None => Ok(default),
            Some(text) => match text.parse::<u64>() {
                Ok(number) if (1..=most).contains(&number) => Ok(number),
                _ => Err(ListError::Malformed(format!("`{name}` must be a whole number from 1 to {most}, not `{text}`."))),
            },
        };
        let page = number("page", 1, u64::MAX / MAX_PAGE_SIZE)?;
        let size = number("size", DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)?;
        let any = match last("logical_operator") {
            None | Some("and") => false,
            Some("or") => true,
            Some(other) => return Err(ListError::Malformed(format!("`logical_operator` is `and` or `or`, not `{other}`."))),
        };
        let hydrate = last("hydrate").map_or(Ok(false), |text| switch("hydrate", text))?;
        let sort_by = last("sort_by").unwrap_or("created").to_owned();
        Ok(Self { page, size, sort_by, any, hydrate, parameters })
    }

    /// The last value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a parameter is true or false; none where it is missing.
    pub fn switch(&self, name: &str) -> Result<Option<bool>, ListError> {
        self.get(name).map(|text| switch(name, text)).transpose()
    }

    /// Every value of a parameter, in order.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.parameters.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Adds a filter as if the client had sent it.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.parameters.push((name.to_owned(), value.into()));
        self
    }
}

/// True or false, in the words that FastAPI reads.
pub fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "y" | "on" | "t" => Some(true),
        "0" | "false" | "no" | "n" | "off" | "f" => Some(false),
        _ => None,
    }
}

pub(super) fn switch(name: &str, text: &str) -> Result<bool, ListError> {
    truth(text).ok_or_else(|| ListError::Malformed(format!("`{name}` is `true` or `false`, not `{text}`.")))
}
