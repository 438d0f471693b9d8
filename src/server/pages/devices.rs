//! Confirming a program's sign-in (`zenml login`).

use axum::{Form, extract::State, http::request::Parts, response::Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::{context, forms};
use crate::{
    model::{devices::Device, error::PageError, form::FormState},
    server::{
        auth::Account,
        db::devices::DeviceStatus,
        error::{AppError, Result},
        id::Id,
        service,
        state::AppState,
    },
};

/// The device that a verification link names.
pub async fn find(device_id: &str, user_code: &str) -> Result<Device, PageError> {
    let (state, account) = context::account().await?;
    let found = async {
        let id = parse(device_id)?;
        let mut connection = state.db.read().await?;
        service::devices::find(&mut connection, id, account.user.id, Some(user_code)).await
    };
    let device = found.await.map_err(|error| match error {
        AppError::NotFound(_) => {
            AppError::NotFound("This sign-in is unknown, or its code is wrong. Start it again in the terminal.".to_owned())
        }
        other => other,
    })?;
    Ok(Device {
        id: device.id.to_string(),
        pending: device.status == DeviceStatus::Pending,
        confirmed: matches!(device.status, DeviceStatus::Verified | DeviceStatus::Active),
        hostname: device.hostname,
        os: device.os,
        ip_address: device.ip_address,
        zenml_version: device.zenml_version,
        user_name: account.user.name,
    })
}

fn parse(device_id: &str) -> Result<Id> {
    device_id.parse().map_err(|_| AppError::NotFound("The link is not complete: its `device_id` is no id.".to_owned()))
}

/// The form of the verification page.
#[derive(Deserialize)]
pub struct DeviceForm {
    device_id: String,
    user_code: String,
    /// A checkbox: there when checked.
    trusted: Option<String>,
}

/// `POST /devices/verify`: lets the program act for the signed-in account.
pub async fn verify(State(state): State<AppState>, account: Account, parts: Parts, Form(form): Form<DeviceForm>) -> Result<Response> {
    let verified = async {
        let id = parse(&form.device_id)?;
        service::devices::verify(&state.db, id, &account.user, &form.user_code, form.trusted.is_some()).await
    };
    match verified.await {
        Ok(device) => {
            let code = utf8_percent_encode(&form.user_code, NON_ALPHANUMERIC);
            forms::see_other(&format!("/devices/verify?device_id={}&user_code={code}", device.id))
        }
        Err(error) => Ok(forms::refuse_error(&state, parts, FormState::default(), error).await),
    }
}
