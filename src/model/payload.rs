//! How the data of pages is written between server and browser: `postcard`, as text, behind the version of the program.
//!
//! Without names of fields it is half the size of JSON in the page, and the code that reads it a fifth of that for JSON in
//! the WebAssembly module. Both ends are the same program; a page that was loaded before the server was renewed is told
//! to load itself again.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

use super::error::{PageError, PageErrorKind};

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " ");

/// The text of some data.
pub fn write<T: Serialize>(data: &T) -> Result<String, PageError> {
    let bytes = postcard::to_allocvec(data).map_err(|error| PageError::new(PageErrorKind::Server, error.to_string()))?;
    let mut text = VERSION.to_owned();
    STANDARD_NO_PAD.encode_string(bytes, &mut text);
    Ok(text)
}

/// The data of a text.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, PageError> {
    postcard::from_bytes(&bytes(text).ok_or_else(outdated)?).map_err(|_| outdated())
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    STANDARD_NO_PAD.decode(text.strip_prefix(VERSION)?).ok()
}

fn outdated() -> PageError {
    PageError::new(PageErrorKind::Server, "This page is older than the server. Load it again.")
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::{read, write};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Data {
        name: String,
        numbers: Vec<Option<u64>>,
    }

    #[test]
    fn data_goes_both_ways() {
        let data = Data { name: "ü".to_owned(), numbers: vec![Some(1), None] };
        assert_eq!(read::<Data>(&write(&data).expect("it is written")).expect("it is read"), data);
    }

    #[test]
    fn another_version_is_told_apart() {
        assert!(read::<String>("9.9.9 BWhlbGxv").is_err());
        assert!(read::<String>("").is_err());
    }
}
