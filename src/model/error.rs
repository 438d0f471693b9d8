//! What a page can be told when its data cannot be had.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a page, or a part of it, cannot be shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageError {
    pub kind: PageErrorKind,
    /// For a person to read, with a way out where there is one.
    pub message: String,
}

/// The kinds that pages treat differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PageErrorKind {
    NotFound,
    Forbidden,
    /// No session, or it ended: sign in again.
    SignedOut,
    /// A parameter of the URL or a field is wrong.
    Invalid,
    /// The server had a problem; it is in its log.
    Server,
    /// The server was not reached.
    Offline,
}

impl PageError {
    /// An error of this kind.
    pub fn new(kind: PageErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// The heading above the message.
    pub fn title(&self) -> &'static str {
        match self.kind {
            PageErrorKind::NotFound => "Not found",
            PageErrorKind::Forbidden => "Not allowed",
            PageErrorKind::SignedOut => "Signed out",
            PageErrorKind::Invalid => "This cannot be shown",
            PageErrorKind::Server => "The server had a problem",
            PageErrorKind::Offline => "The server cannot be reached",
        }
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}
