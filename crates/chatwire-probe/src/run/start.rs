//! Begins a run: finds the model to ask, and whether the server can be probed at all. [`runner`](super::runner) then
//! runs the cases.

use std::sync::Arc;

use serde_json::Value;

use super::probe::ProbeError;
use super::requests::Over;
use super::runner::Runner;
use crate::case::Request;
use crate::judge::Seen;
use crate::wire::Ending;

impl Runner<'_> {
    /// Finds out which model to ask and how to limit its answers, and whether the server is there at all.
    pub(super) async fn find_model(&mut self, model: Option<&str>) -> Result<(), ProbeError> {
        self.model = match model {
            Some(model) => model.to_owned(),
            None => self.first_model().await?,
        };
        let small = Request::small();
        let mut sent = self.sent(&small, &Value::Null);
        let Some(mut seen) = self.requests.shared(&sent).await else { return Ok(()) };
        let message = seen.view.pointer("/error/message").and_then(Value::as_str);
        if seen.status() == Some(400) && message.is_some_and(|m| m.contains(NEW_LIMIT)) {
            self.limit = NEW_LIMIT;
            sent = self.sent(&small, &Value::Null);
            let Some(again) = self.requests.shared(&sent).await else { return Ok(()) };
            seen = again;
        }
        self.check_reachable(&seen)?;
        self.check_chat(&seen).await?;
        self.software = seen.header("server").map(|software| self.secrets.hide(&software));
        Ok(())
    }

    async fn first_model(&mut self) -> Result<String, ProbeError> {
        let Some(seen) = self.model_list().await else { return Ok(ANY_MODEL.to_owned()) };
        self.check_reachable(&seen)?;
        let names = model_names(&seen);
        let chats = |name: &&&str| !OTHER_MODELS.iter().any(|other| name.contains(other));
        Ok((*names.iter().find(chats).or(names.first()).unwrap_or(&ANY_MODEL)).to_owned())
    }

    async fn model_list(&mut self) -> Option<Arc<Seen>> {
        let sent = self.sent(&Request::model_list(), &Value::Null);
        self.requests.shared(&sent).await
    }

    fn check_reachable(&self, seen: &Seen) -> Result<(), ProbeError> {
        let base_url = self.requests.base_url();
        if let Ending::Unreachable(error) = &seen.exchange.ending {
            let advice = advice(error);
            return Err(ProbeError(format!("no connection to {base_url}: {error}; {advice}")));
        }
        if matches!(seen.status(), Some(401 | 403)) {
            let message = self.secrets.hide(&seen.message());
            return Err(ProbeError(format!(
                "{base_url} refuses the key: {message}; give --api-key a key of this server"
            )));
        }
        Ok(())
    }

    /// A server without the chat, or without the model, would fail in every case.
    async fn check_chat(&mut self, seen: &Seen) -> Result<(), ProbeError> {
        let (base_url, message) = (self.requests.base_url(), self.secrets.hide(&seen.message()));
        if let Some(Over::Busy(message)) = self.requests.over() {
            let message = self.secrets.hide(message);
            return Err(ProbeError(format!("{base_url} is busy: {message}; try again later")));
        }
        if seen.is_busy() {
            return Err(ProbeError(format!("{base_url} is busy: {message}; try again later")));
        }
        if !matches!(seen.status(), Some(404 | 405)) {
            return Ok(());
        }
        let list = self.model_list().await;
        let names = list.as_deref().map(model_names).unwrap_or_default();
        let model = self.model.as_str();
        if !names.is_empty() && !names.contains(&model) {
            let names = names.into_iter().take(MOST_NAMES).collect::<Vec<_>>().join(", ");
            return Err(ProbeError(format!(
                "{base_url} does not know the model {model}: {message}; give --model one of {names}"
            )));
        }
        let says_model = message.contains(model) || message.to_lowercase().contains("model");
        if says_model {
            return Err(ProbeError(format!(
                "{base_url} does not know the model {model}: {message}; give --model another name"
            )));
        }
        let other = match base_url.strip_suffix("/v1") {
            Some(without) => without.to_owned(),
            None => format!("{base_url}/v1"),
        };
        Err(ProbeError(format!(
            "{base_url}/chat/completions is not there: {message}; is --base-url right? try {other}"
        )))
    }
}

fn model_names(list: &Seen) -> Vec<&str> {
    let models = list.view.pointer("/json/data").and_then(Value::as_array);
    models.into_iter().flatten().filter_map(|model| model.get("id")?.as_str()).collect()
}

/// What people can do about a connection that fails.
fn advice(error: &str) -> &'static str {
    if error.contains("CaUsedAsEndEntity") {
        return "the server shows the certificate of an authority as its own: make one with `CA:FALSE`, and name it in \
                SSL_CERT_FILE";
    }
    if error.contains("certificate") {
        return "if the certificate is your own, name the file of its issuer in SSL_CERT_FILE";
    }
    if error.contains("corrupt message") {
        return "the server does not speak TLS there: is it http:// instead of https://?";
    }
    "is the server running, and is --base-url right?"
}

/// The newer name of `max_tokens`. Some models take no other.
const NEW_LIMIT: &str = "max_completion_tokens";

/// Parts of the names of models that do not chat.
const OTHER_MODELS: [&str; 8] =
    ["embed", "whisper", "tts", "dall-e", "image", "moderation", "rerank", "realtime"];

/// Many servers take any name.
const ANY_MODEL: &str = "gpt-4o-mini";

const MOST_NAMES: usize = 10;
