//! The report form as a browser without script fills it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use fingerpost::web::limits::PeerAddress;
use fingerpost::web::{self, WebState};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::site::{Answer, HOST};
use crate::stage::{REPORT_TEXT, Stage};

/// A browser without script on the form's page.
pub struct Browser {
    pub pages: Router,
    /// `None`: as if there were no socket, and nobody is limited.
    pub peer: Option<&'static str>,
    pub headers: Vec<(&'static str, &'static str)>,
}

/// A form as a browser fills it; fields in the order of the page.
#[derive(Clone, Default)]
pub struct Form {
    fields: Vec<(String, String)>,
    files: Vec<(String, Vec<u8>)>,
}

impl Form {
    /// With `value` in a field.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(field, _)| field != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a chosen file.
    pub fn file(mut self, name: &str, bytes: &[u8]) -> Self {
        self.files.push((name.to_owned(), bytes.to_vec()));
        self
    }

    fn stamped(mut self, stamp: &str) -> Self {
        self.fields.insert(0, ("stamp".to_owned(), stamp.to_owned()));
        self
    }

    fn body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        for (name, value) in &self.fields {
            let head = format!("--b0undary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(value.replace('\n', "\r\n").as_bytes());
            body.extend_from_slice(b"\r\n");
        }
        let nothing_chosen = [(String::new(), Vec::new())];
        for (name, bytes) in if self.files.is_empty() { &nothing_chosen[..] } else { &self.files[..] } {
            let head = format!(
                "--b0undary\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--b0undary--\r\n");
        body
    }
}

/// A report by mail about nothing known.
pub fn report() -> Form {
    Form::default()
        .with("about", "unknown")
        .with("text", REPORT_TEXT)
        .with("reach", "mail")
        .with("email", "jane@finder.example")
}

impl Browser {
    pub fn on(stage: &Stage) -> Self {
        let state = WebState { house: Arc::clone(&stage.house), relay_configured: true, demo: None };
        Self { pages: web::router(state), peer: None, headers: Vec::new() }
    }

    pub async fn ask(&self, method: Method, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, content_type);
        request = request.header(header::CONTENT_LENGTH, body.len());
        if !self.headers.iter().any(|(name, _)| *name == "host") {
            request = request.header(header::HOST, HOST);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body)).unwrap();
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(PeerAddress(peer.parse().unwrap()));
        }
        let answer = self.pages.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, "text/plain", Vec::new()).await
    }

    /// Opens the form and takes its stamp.
    pub async fn open(&self) -> String {
        stamp_in(&self.get("/report").await)
    }

    pub async fn post(&self, path: &str, stamp: &str, form: &Form) -> Answer {
        let body = form.clone().stamped(stamp).body();
        self.ask(Method::POST, path, "multipart/form-data; boundary=b0undary", body).await
    }

    pub async fn send(&self, stamp: &str, form: &Form) -> Answer {
        self.post("/report", stamp, form).await
    }
}

/// The hidden stamp of a shown form.
pub fn stamp_in(answer: &Answer) -> String {
    let text = answer.text();
    let start = text.find("name=\"stamp\" value=\"").unwrap_or_else(|| panic!("no stamp in {text}")) + 20;
    text[start..].split('"').next().unwrap().to_owned()
}
