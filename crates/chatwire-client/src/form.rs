//! Forms: bodies with named texts and files, for operations that do not take JSON. Generated operations of
//! other bindings send them; the body of a chat is JSON.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::HeaderValue;
use serde::Serialize;
use serde_json::Value;

use crate::Error;

/// A form with texts and files, in the order in which they were added.
///
/// ```
/// # use chatwire_client::Form;
/// let form = Form::new().text("model", "whisper-1").file("file", "a.wav", *b"RIFF");
/// let form = Form::of(&serde_json::json!({"model": "whisper-1", "language": null}))?;
/// # Ok::<(), chatwire_client::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    fields: Vec<Field>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Field {
    name: String,
    content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Text(String),
    File { name: String, bytes: Vec<u8> },
}

/// What HTML forms leave as it is.
const URL_ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

impl Form {
    /// A form without fields.
    #[must_use]
    pub const fn new() -> Self {
        Self { fields: Vec::new() }
    }

    /// A form with a field for each key of an object, such as a generated type. Nulls are left out, a list
    /// repeats its key, and an object becomes JSON.
    ///
    /// # Errors
    ///
    /// Returns an error if the value is not an object.
    pub fn of(value: &impl Serialize) -> Result<Self, Error> {
        let json = serde_json::to_value(value);
        let json =
            json.map_err(|error| Error::request(format!("the form is not JSON: {error}")))?;
        let Value::Object(object) = json else {
            return Err(Error::request(
                "a form has named fields; give an object instead of another value".to_owned(),
            ));
        };
        Ok(object.into_iter().fold(Self::new(), |form, (key, value)| form.value(&key, value)))
    }

    /// Adds a text.
    #[must_use]
    pub fn text(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.fields.push(Field { name: name.into(), content: Content::Text(text.into()) });
        self
    }

    /// Adds a file with its name and its content.
    #[must_use]
    pub fn file(
        mut self,
        name: impl Into<String>,
        file_name: impl Into<String>,
        bytes: impl Into<Vec<u8>>,
    ) -> Self {
        let content = Content::File { name: file_name.into(), bytes: bytes.into() };
        self.fields.push(Field { name: name.into(), content });
        self
    }

    fn value(self, key: &str, value: Value) -> Self {
        match value {
            Value::Null => self,
            Value::String(text) => self.text(key, text),
            Value::Array(items) => items.into_iter().fold(self, |form, item| form.value(key, item)),
            other => self.text(key, other.to_string()),
        }
    }

    /// The body as `multipart/form-data` (RFC 7578).
    #[doc(hidden)]
    #[must_use]
    pub fn multipart(&self) -> Vec<u8> {
        let boundary = self.boundary();
        let mut body = Vec::new();
        for Field { name, content } in &self.fields {
            let name = quoted(name);
            let head = format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"");
            body.extend_from_slice(head.as_bytes());
            match content {
                Content::Text(text) => {
                    body.extend_from_slice(b"\r\n\r\n");
                    body.extend_from_slice(text.as_bytes());
                }
                Content::File { name, bytes } => {
                    let head = format!(
                        "; filename=\"{}\"\r\ncontent-type: application/octet-stream\r\n\r\n",
                        quoted(name)
                    );
                    body.extend_from_slice(head.as_bytes());
                    body.extend_from_slice(bytes);
                }
            }
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        body
    }

    /// The media type of [`multipart`](Self::multipart).
    #[doc(hidden)]
    #[must_use]
    pub fn multipart_type(&self) -> HeaderValue {
        let text = format!("multipart/form-data; boundary={}", self.boundary());
        HeaderValue::try_from(text)
            .unwrap_or_else(|_| HeaderValue::from_static("multipart/form-data"))
    }

    /// The body as `application/x-www-form-urlencoded`.
    ///
    /// # Errors
    ///
    /// Returns an error if there is a file, which such a body cannot carry.
    #[doc(hidden)]
    pub fn url_encoded(&self) -> Result<String, Error> {
        let encode =
            |text: &str| utf8_percent_encode(text, URL_ENCODED).to_string().replace("%20", "+");
        let pairs = self.fields.iter().map(|field| match &field.content {
            Content::Text(text) => Ok(format!("{}={}", encode(&field.name), encode(text))),
            Content::File { .. } => Err(Error::request(format!(
                "the field `{}` is a file, and this operation takes a form of texts; send it as a text",
                field.name
            ))),
        });
        Ok(pairs.collect::<Result<Vec<_>, Error>>()?.join("&"))
    }

    /// A text that occurs in no field.
    fn boundary(&self) -> String {
        let contains = |boundary: &str| {
            self.fields.iter().any(|field| {
                let bytes = match &field.content {
                    Content::Text(text) => text.as_bytes(),
                    Content::File { bytes, .. } => bytes,
                };
                bytes.windows(boundary.len()).any(|window| window == boundary.as_bytes())
            })
        };
        let mut number = 0_u64;
        loop {
            let boundary = format!("chatwire-form-{number:016x}");
            if !contains(&boundary) {
                return boundary;
            }
            number += 1;
        }
    }
}

/// A name between quotes, as browsers write it.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_multipart_body_cannot_be_broken_by_its_fields() {
        let form = Form::new().text("a\"\r\nb", "--chatwire-form-0000000000000000\r\n").file(
            "f",
            "x.bin",
            [0, 255],
        );
        let body = form.multipart();
        let text = String::from_utf8_lossy(&body);
        assert_eq!(
            form.multipart_type(),
            "multipart/form-data; boundary=chatwire-form-0000000000000001"
        );
        assert_eq!(text.matches("--chatwire-form-0000000000000001").count(), 3);
        assert!(text.contains("name=\"a%22%0D%0Ab\"\r\n\r\n"), "{text}");
        assert!(text.contains("filename=\"x.bin\"\r\ncontent-type: application/octet-stream"));
    }

    #[test]
    fn an_encoded_form_has_texts_only() {
        let json =
            serde_json::json!({"a b": "c&d", "list": [1, true], "none": null, "o": {"k": 1}});
        let form = Form::of(&json).unwrap();
        assert_eq!(form.url_encoded().unwrap(), "a+b=c%26d&list=1&list=true&o=%7B%22k%22%3A1%7D");
        assert!(form.file("f", "n", []).url_encoded().unwrap_err().to_string().contains("`f`"));
        assert!(Form::of(&1).is_err());
    }
}
