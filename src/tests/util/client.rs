//! Sends requests to the router.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header},
};
use serde::Serialize;
use tower::ServiceExt as _;

use super::answer::Answer;

/// One role's way to call the server. Cloning it with [`Client::with_header`] leaves the original alone.
#[derive(Clone)]
pub struct Client {
    router: Router,
    headers: HeaderMap,
}

impl Client {
    /// Sends nothing but what each call says.
    pub fn new(router: Router) -> Self {
        Self { router, headers: HeaderMap::from_iter([(header::HOST, HeaderValue::from_static("127.0.0.1:8080"))]) }
    }

    /// Also sends this header.
    pub fn with_header(&self, name: &'static str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).expect("a header value"));
        client
    }

    /// `GET` with a path that may have a query.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, Body::empty()).await
    }

    /// `POST` with a JSON body.
    pub async fn post<T: Serialize + ?Sized>(&self, path: &str, body: &T) -> Answer {
        self.json(Method::POST, path, body).await
    }

    /// `PUT` with a JSON body.
    pub async fn put<T: Serialize + ?Sized>(&self, path: &str, body: &T) -> Answer {
        self.json(Method::PUT, path, body).await
    }

    /// `DELETE` without a body.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None, Body::empty()).await
    }

    /// `DELETE` with a JSON body.
    pub async fn delete_with<T: Serialize + ?Sized>(&self, path: &str, body: &T) -> Answer {
        self.json(Method::DELETE, path, body).await
    }

    /// `POST` with the fields of a form.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = serde_urlencoded::to_string(fields).expect("a form");
        self.send(Method::POST, path, Some("application/x-www-form-urlencoded"), Body::from(body)).await
    }

    /// Any request.
    pub async fn send(&self, method: Method, path: &str, content_type: Option<&str>, body: Body) -> Answer {
        let mut request = Request::builder().method(method).uri(path).body(body).expect("a request");
        request.headers_mut().extend(self.headers.clone());
        if let Some(content_type) = content_type {
            request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_str(content_type).expect("a content type"));
        }
        let response = self.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        Answer::read(path, response).await
    }

    async fn json<T: Serialize + ?Sized>(&self, method: Method, path: &str, body: &T) -> Answer {
        let body = serde_json::to_vec(body).expect("a JSON body");
        self.send(method, path, Some("application/json"), Body::from(body)).await
    }
}
