//! Secrets, what uses them, and service connectors. Values are opened with ZenML's key and sealed with ours.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::{
    importer::Importer,
    report::TableReport,
    source::{Cursor, Readable, Row},
};
use crate::server::{
    db::{
        secrets::{self, LinkedTo, SecretRow},
        service_connectors::ServiceConnectorRow,
    },
    encryption::SecretValues,
    error::Result,
    id::Id,
};

/// Carries secrets and connectors over.
pub async fn copy(importer: &mut Importer<'_>) -> Result<()> {
    copy_secrets(importer).await?;
    importer.copy("service_connector", connector).await
}

/// Carries over which stacks and components use which secrets.
pub async fn copy_links(importer: &mut Importer<'_>) -> Result<()> {
    let (mut cursor, mut report) = (Cursor::from("secret_resource"), TableReport::new("secret_resource"));
    while let Some(rows) = importer.next(&mut cursor, &mut report).await? {
        for (_, (to, owner, secret)) in importer.read(&mut report, rows, link) {
            secrets::link(&mut importer.target, to, owner, secret).await?;
            report.imported += 1;
        }
    }
    importer.report.tables.push(report);
    Ok(())
}

fn link(row: &Row) -> Readable<(LinkedTo, Id, Id)> {
    let to = match row.get::<String>("resource_type")?.as_str() {
        "stack" => LinkedTo::Stack,
        "stack_component" => LinkedTo::Component,
        other => return Err(format!("a {other} cannot use secrets")),
    };
    Ok((to, row.get("resource_id")?, row.get("secret_id")?))
}

async fn copy_secrets(importer: &mut Importer<'_>) -> Result<()> {
    let (mut cursor, mut report) = (Cursor::from("secret"), TableReport::new("secret"));
    while let Some(rows) = importer.next(&mut cursor, &mut report).await? {
        let key = importer.encryption_key.clone();
        let read = importer.read(&mut report, rows, |row| Ok((secret(row)?, values(row, key.as_ref())?)));
        let (mut rows, mut sealed) = (Vec::with_capacity(read.len()), Vec::with_capacity(read.len()));
        for (row, (ours, values)) in read {
            match values {
                Some(values) => sealed.push((ours.id, importer.sealer.seal(ours.id, &values)?)),
                None => report.change(row.name(), "its values are not in this database: another secrets store keeps them"),
            }
            rows.push((row, ours));
        }
        let stored = importer.store(&mut report, rows).await?;
        for (id, values) in sealed.into_iter().filter(|(id, _)| stored.contains(id)) {
            secrets::set_sealed(&mut importer.target, id, &values).await?;
        }
    }
    importer.report.tables.push(report);
    Ok(())
}

fn secret(row: &Row) -> Readable<SecretRow> {
    Ok(SecretRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        name: row.get("name")?,
        private: row.get("private")?,
        internal: row.get("internal")?,
    })
}

/// The key that ZenML encrypted secrets with, made from what its `ZENML_SECRETS_STORE_ENCRYPTION_KEY` says.
#[derive(Clone)]
pub struct EncryptionKey([u8; 32]);

impl EncryptionKey {
    /// From the text of the variable: ZenML uses its SHA-256.
    pub fn new(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// Opens base64 of a 12-byte nonce, a 16-byte tag and the encrypted bytes (AES-256-GCM).
    fn open(&self, sealed: &[u8]) -> Option<String> {
        const TAG_LEN: usize = 16;
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN)?;
        let (tag, encrypted) = rest.split_at_checked(TAG_LEN)?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &self.0).ok()?);
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = [encrypted, tag].concat();
        let opened = key.open_in_place(nonce, Aad::empty(), &mut text).ok()?;
        String::from_utf8(opened.to_vec()).ok()
    }
}

/// The values of a secret: JSON, encrypted where the server has a key for them, base64 in any case. None where the
/// database does not have them.
fn values(row: &Row, key: Option<&EncryptionKey>) -> Readable<Option<SecretValues>> {
    let Some(text) = row.get::<Option<String>>("values")? else { return Ok(None) };
    let bytes = STANDARD.decode(text.trim()).map_err(|_| "its values are not base64")?;
    let opened = key.and_then(|key| key.open(&bytes)).or_else(|| String::from_utf8(bytes).ok());
    let values = opened.and_then(|text| serde_json::from_str::<Map<String, Value>>(&text).ok());
    let unreadable = match key {
        Some(_) => "its values are encrypted with another key than the one that was given",
        None => "its values are encrypted: set ZENML_SECRETS_STORE_ENCRYPTION_KEY to the key that the ZenML server has",
    };
    let values = values.ok_or(unreadable)?;
    let text = |value: Value| if let Value::String(text) = value { text } else { value.to_string() };
    Ok(Some(values.into_iter().map(|(key, value)| (key, text(value))).collect()))
}

fn connector(row: &Row) -> Readable<ServiceConnectorRow> {
    let object = |column: &str| Ok::<_, String>(row.encoded_json(column)?.unwrap_or_else(|| "{}".to_owned()));
    Ok(ServiceConnectorRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        user_id: row.get("user_id")?,
        name: row.get("name")?,
        description: row.get("description")?,
        connector_type: row.get("connector_type")?,
        auth_method: row.get("auth_method")?,
        resource_types: row.encoded_json("resource_types")?.unwrap_or_else(|| "[]".to_owned()),
        resource_id: row.get("resource_id")?,
        supports_instances: row.get("supports_instances")?,
        configuration: object("configuration")?,
        secret_id: row.get("secret_id")?,
        expires_at: row.get("expires_at")?,
        expires_skew_tolerance: row.get("expires_skew_tolerance")?,
        expiration_seconds: row.get("expiration_seconds")?,
        labels: object("labels")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with Python: `AesGcmEngine` of sqlalchemy-utils with the key `k`, on `{"a": "b"}`.
    const SEALED: &str = "8RyYs5kJxRWEapGEF+mZM4MzF3+LppxbQeSmbNAcKlJJYk+F5rE=";

    #[test]
    fn what_zenml_sealed_opens_with_its_key_only() {
        let sealed = STANDARD.decode(SEALED).expect("base64");
        assert_eq!(EncryptionKey::new("k").open(&sealed).as_deref(), Some(r#"{"a": "b"}"#));
        assert_eq!(EncryptionKey::new("other").open(&sealed), None);
        assert_eq!(EncryptionKey::new("k").open(&sealed[..20]), None);
        assert_eq!(EncryptionKey::new("k").open(b""), None);
    }
}
