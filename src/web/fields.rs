//! A form of short texts and a small file, in either encoding of forms, as its fields by their names.

use std::collections::BTreeMap;

use axum::body::to_bytes;
use axum::extract::multipart::Multipart;
use axum::extract::{FromRequest, Request};
use axum::http::header;

use crate::web::BODY_MAX;

/// Fields of one form; more say nothing.
const FIELDS_MAX: usize = 100;

/// What was typed, by the names of the fields. A field that is not there reads as empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Reads a form; what cannot be read is missing, and nothing else is.
    pub async fn read(request: Request) -> Self {
        let content_type = request.headers().get(header::CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
        match content_type.starts_with(b"multipart/form-data") {
            true => Self::of_parts(request).await,
            false => {
                let bytes = to_bytes(request.into_body(), BODY_MAX).await.unwrap_or_default();
                let pairs = url::form_urlencoded::parse(&bytes).take(FIELDS_MAX);
                Self(pairs.map(|(name, text)| (name.into_owned(), text.into_owned())).collect())
            }
        }
    }

    async fn of_parts(request: Request) -> Self {
        let mut fields = Self::default();
        let Ok(mut parts) = Multipart::from_request(request, &()).await else { return fields };
        for _ in 0..FIELDS_MAX {
            let Ok(Some(part)) = parts.next_field().await else { break };
            let name = part.name().unwrap_or_default().to_owned();
            let Ok(bytes) = part.bytes().await else { break };
            fields.set(&name, &String::from_utf8_lossy(&bytes));
        }
        fields
    }

    /// The text of a field, without the blanks around it.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text.trim())
    }

    /// Fills a field in.
    pub fn set(&mut self, name: &str, text: &str) {
        self.0.insert(name.to_owned(), text.to_owned());
    }

    /// The lines of a field that say something.
    pub fn lines(&self, name: &str) -> Vec<String> {
        self.get(name).lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    async fn read(content_type: &str, body: &str) -> Fields {
        let request = Request::builder().header(header::CONTENT_TYPE, content_type);
        Fields::read(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    #[tokio::test]
    async fn both_encodings_of_a_form_are_read_alike() {
        let plain = read("application/x-www-form-urlencoded", "name=Kim+K&list=one%0D%0A%0D%0A+two&odd").await;
        let parts = "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nKim K\r\n--b\r\nContent-Disposition: \
                     form-data; name=\"list\"; filename=\"x.txt\"\r\n\r\none\r\n\r\n two\r\n--b\r\nContent-Disposition: \
                     form-data; name=\"odd\"\r\n\r\n\r\n--b--\r\n";
        assert_eq!(plain, read("multipart/form-data; boundary=b", parts).await);
        assert_eq!((plain.get("name"), plain.get("nothing")), ("Kim K", ""));
        assert_eq!(plain.lines("list"), ["one", "two"]);
    }

    #[tokio::test]
    async fn a_form_that_breaks_off_keeps_what_came() {
        let parts = "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nKim\r\n--b\r\nContent-Dis";
        assert_eq!(read("multipart/form-data; boundary=b", parts).await.get("name"), "Kim");
        assert_eq!(read("multipart/form-data", "x").await, Fields::default());
    }
}
