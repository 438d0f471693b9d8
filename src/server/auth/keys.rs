//! The server's secret keys: files in the data directory that only its user can read.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

use anyhow::Context as _;
use rand::TryRngCore as _;

use crate::server::encryption::Sealer;

/// Keys in memory. Deliberately neither `Debug` nor `Serialize`.
pub struct Keys {
    /// Signs JSON Web Tokens (HS256).
    pub token_signing: [u8; 32],
    /// Encrypts the values of secrets.
    pub secrets: Sealer,
}

impl Keys {
    /// Reads the keys, making them on first start; the directory is made with mode 0700, the files with 0600. The key of
    /// secrets comes from `secrets_key_file` where one is given, which is not made: servers that share a database share it.
    pub fn load(data_dir: &Path, secrets_key_file: Option<&Path>) -> anyhow::Result<Self> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(data_dir)
            .with_context(|| format!("cannot make the data directory {}", data_dir.display()))?;
        let secrets = match secrets_key_file {
            Some(path) => parse(path, &fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?)?,
            None => load_or_make(&data_dir.join("secrets.key"))?,
        };
        Ok(Self { token_signing: load_or_make(&data_dir.join("token-signing.key"))?, secrets: Sealer::new(&secrets)? })
    }
}

fn load_or_make(path: &Path) -> anyhow::Result<[u8; 32]> {
    match fs::read_to_string(path) {
        Ok(text) => parse(path, &text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = random_bytes()?;
            let mut file = fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(path)
                .with_context(|| format!("cannot write {}", path.display()))?;
            writeln!(file, "{}", hex::encode(key))?;
            Ok(key)
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// A key as it stands in its file: 64 hexadecimal digits.
fn parse(path: &Path, text: &str) -> anyhow::Result<[u8; 32]> {
    let bytes = hex::decode(text.trim()).with_context(|| format!("{} is not hexadecimal", path.display()))?;
    bytes.try_into().map_err(|_| anyhow::anyhow!("{} does not hold 32 bytes", path.display()))
}

/// 32 bytes from the operating system's generator.
pub fn random_bytes() -> anyhow::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    rand::rngs::OsRng.try_fill_bytes(&mut bytes).context("the system has no random numbers")?;
    Ok(bytes)
}
