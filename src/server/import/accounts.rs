//! Settings, projects, people and service accounts, and the ways they sign in.

use super::{
    importer::Importer,
    source::{Readable, Row},
};
use crate::{
    model::roles::Role,
    server::{
        db::{api_keys::ApiKeyRow, devices::DeviceRow, projects::ProjectRow, server_settings::ServerSettingsRow, users::UserRow},
        error::Result,
        time::Timestamp,
    },
};

/// Carries them over.
pub async fn copy(importer: &mut Importer<'_>) -> Result<()> {
    importer.copy("server_settings", settings).await?;
    importer.copy("project", project).await?;
    importer.copy("user", user).await?;
    importer.copy("api_key", api_key).await?;
    importer.copy("auth_devices", device).await
}

fn settings(row: &Row) -> Readable<ServerSettingsRow> {
    let updated: Timestamp = row.get("updated")?;
    Ok(ServerSettingsRow {
        id: row.get("id")?,
        server_name: row.get("server_name")?,
        logo_url: row.get("logo_url")?,
        active: row.get("active")?,
        setup_token_hash: None,
        display_announcements: row.get("display_announcements")?,
        display_updates: row.get("display_updates")?,
        enable_analytics: row.get("enable_analytics")?,
        onboarding_state: row.json("onboarding_state")?.unwrap_or_else(|| "[]".to_owned()),
        last_user_activity: row.get("last_user_activity")?,
        created: updated,
        updated,
    })
}

fn project(row: &Row) -> Readable<ProjectRow> {
    Ok(ProjectRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        name: row.get("name")?,
        display_name: row.get("display_name")?,
        description: row.get("description")?,
        project_metadata: row.json("project_metadata")?,
    })
}

/// Hashes are carried over as they are: `auth::imported` knows them.
fn user(row: &Row) -> Readable<UserRow> {
    Ok(UserRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        name: row.get("name")?,
        is_service_account: row.get("is_service_account")?,
        full_name: row.get("full_name")?,
        description: row.get_or("description", String::new())?,
        email: row.get("email")?,
        email_opted_in: row.get("email_opted_in")?,
        avatar_url: row.get("avatar_url")?,
        active: row.get("active")?,
        // Who is no admin there may change everything but accounts: so may an editor here.
        role: if row.get("is_admin")? { Role::Admin } else { Role::Editor },
        password_hash: row.get("password")?,
        password_changed_at: row.get("password_changed_at")?,
        activation_token_hash: row.get("activation_token")?,
        external_user_id: row.get("external_user_id")?,
        user_metadata: row.json("user_metadata")?.unwrap_or_else(|| "{}".to_owned()),
        default_project_id: row.get("default_project_id")?,
        last_seen: None,
    })
}

fn api_key(row: &Row) -> Readable<ApiKeyRow> {
    Ok(ApiKeyRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        service_account_id: row.get("service_account_id")?,
        name: row.get("name")?,
        description: row.get_or("description", String::new())?,
        key_hash: row.get("key")?,
        previous_key_hash: row.get("previous_key")?,
        key_generation: row.get("key_generation")?,
        retain_period_minutes: row.get("retain_period")?,
        active: row.get("active")?,
        last_login: row.get("last_login")?,
        last_rotated: row.get("last_rotated")?,
    })
}

/// A sign-in that is going on has to start again: the hashes of its codes, in ZenML's form, fit nothing here.
fn device(row: &Row) -> Readable<DeviceRow> {
    Ok(DeviceRow {
        id: row.get("id")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        client_id: row.get("client_id")?,
        user_id: row.get("user_id")?,
        user_code_hash: row.get("user_code")?,
        device_code_hash: row.get("device_code")?,
        status: row.get("status")?,
        failed_auth_attempts: row.get("failed_auth_attempts")?,
        expires: row.get("expires")?,
        last_login: row.get("last_login")?,
        trusted_device: row.get("trusted_device")?,
        os: row.get("os")?,
        ip_address: row.get("ip_address")?,
        hostname: row.get("hostname")?,
        python_version: row.get("python_version")?,
        zenml_version: row.get("zenml_version")?,
        city: row.get("city")?,
        region: row.get("region")?,
        country: row.get("country")?,
    })
}
