//! Runs one case at a time, and judges it. Cases with the same request share one answer, because requests cost
//! money. [`probe`](super::probe) has the settings of a run.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::task::JoinSet;

use super::fill::Known;
use super::probe::ProbeError;
use super::request::Sender;
use super::secrets::Secrets;
use super::verdict::{CaseResult, Exchanged, Verdict};
use crate::Finding;
use crate::case::{Case, Level, Otherwise, Request, RequestBody, Rule, Step};
use crate::judge::{Seen, apply, check_all};
use crate::wire::{Connector, Ending, Sent, Waits, exchange};

pub(super) struct Runner<'a> {
    connector: Connector,
    sender: Sender<'a>,
    secrets: Secrets,
    waits: Waits,
    pub(super) budget: usize,
    pub(super) requests: usize,
    pub(super) model: String,
    pub(super) software: Option<String>,
    /// The key that limits the tokens of an answer.
    limit: &'static str,
    /// The answers that cases share, with the first case that failed by one.
    shared: HashMap<Sent, Shared>,
}

#[derive(Clone)]
struct Shared {
    seen: Arc<Seen>,
    failed: Option<String>,
}

/// A case that ends before its last check.
struct End(Verdict, String);

impl<'a> Runner<'a> {
    pub(super) fn new(
        connector: Connector,
        sender: Sender<'a>,
        secrets: Secrets,
        waits: Waits,
    ) -> Self {
        Self {
            connector,
            sender,
            secrets,
            waits,
            budget: usize::MAX,
            requests: 0,
            model: String::new(),
            software: None,
            limit: "max_tokens",
            shared: HashMap::new(),
        }
    }

    /// Finds out which model to ask and how to limit its answers, and whether the server is there at all.
    pub(super) async fn find_model(&mut self, model: Option<&str>) -> Result<(), ProbeError> {
        self.model = match model {
            Some(model) => model.to_owned(),
            None => self.first_model().await?,
        };
        let small = Request::small();
        let sent = self.sent(&small, &Value::Null);
        let Some(seen) = self.shared_answer(&sent).await else { return Ok(()) };
        self.check_reachable(&seen)?;
        self.software = header(&seen, "server").map(|software| self.secrets.hide(&software));
        let message = seen.view.pointer("/error/message").and_then(Value::as_str);
        if seen.status() == Some(400) && message.is_some_and(|m| m.contains(NEW_LIMIT)) {
            self.limit = NEW_LIMIT;
        }
        Ok(())
    }

    async fn first_model(&mut self) -> Result<String, ProbeError> {
        let list =
            Request { method: "GET".to_owned(), path: "/models".to_owned(), ..Request::empty() };
        let sent = self.sent(&list, &Value::Null);
        let Some(seen) = self.shared_answer(&sent).await else { return Ok(ANY_MODEL.to_owned()) };
        self.check_reachable(&seen)?;
        let models = seen.view.pointer("/json/data").and_then(Value::as_array);
        let names = models.into_iter().flatten().filter_map(|model| model.get("id")?.as_str());
        let chats = |name: &&str| !OTHER_MODELS.iter().any(|other| name.contains(other));
        Ok(names.clone().find(chats).or(names.clone().next()).unwrap_or(ANY_MODEL).to_owned())
    }

    fn check_reachable(&self, seen: &Seen) -> Result<(), ProbeError> {
        let base_url = self.connector.address.shown();
        if let Ending::Unreachable(error) = &seen.exchange.ending {
            return Err(ProbeError(format!(
                "no connection to {base_url}: {error}; is the server running, and is --base-url right?"
            )));
        }
        if matches!(seen.status(), Some(401 | 403)) {
            let message = self.secrets.hide(&message(seen));
            return Err(ProbeError(format!(
                "{base_url} refuses the key: {message}; give --api-key a key of this server"
            )));
        }
        Ok(())
    }

    pub(super) async fn run(&mut self, case: &Case) -> CaseResult {
        let mut earlier = Map::new();
        let mut seen = Vec::new();
        for step in &case.steps {
            let context = Value::Object(Map::from_iter([(
                "steps".to_owned(),
                earlier.get("steps").cloned().unwrap_or_else(|| json!([])),
            )]));
            let ended = self.run_step(case, step, &context, &mut seen).await;
            let (view, findings) = match ended {
                Ok(both) => both,
                Err(End(verdict, reason)) => {
                    return self.result(case, verdict, &reason, vec![], &seen);
                }
            };
            if !findings.is_empty() {
                return self.result(case, Verdict::Deviates, "", findings, &seen);
            }
            let steps = earlier.entry("steps").or_insert_with(|| json!([]));
            if let Some(steps) = steps.as_array_mut() {
                steps.push(view);
            }
        }
        CaseResult::new(case, Verdict::Pass, "")
    }

    /// Sends the request of one step, and returns the view of its answer and what is wrong with it.
    async fn run_step(
        &mut self,
        case: &Case,
        step: &Step,
        earlier: &Value,
        all: &mut Vec<Arc<Seen>>,
    ) -> Result<(Value, Vec<Finding>), End> {
        let sent = self.sent(&step.request, earlier);
        let seen = self.answers(case, &step.request, &sent).await?;
        let Some(first) = seen.first().cloned() else { return Err(out_of_budget()) };
        all.extend(seen.iter().cloned());
        let mut view = first.view.clone();
        if let Some(view) = view.as_object_mut() {
            view.extend(earlier.as_object().cloned().unwrap_or_default());
            if seen.len() > 1 {
                let views = seen.iter().map(|seen| seen.view.clone()).collect();
                view.insert("all".to_owned(), Value::Array(views));
            }
        }
        if case.is_shared()
            && let Some(by) = self.failed_by(&sent)
            && is_refusal(step, &first)
        {
            return Err(End(Verdict::Skipped, format!("its request failed in case {by}")));
        }
        refusal(case, step, &first)?;
        let wrong = status_findings(case, step, &first);
        if !wrong.is_empty() {
            if let Some(shared) = self.shared.get_mut(&sent).filter(|_| case.is_shared()) {
                shared.failed.get_or_insert_with(|| case.id.clone());
            }
            return Ok((view, wrong));
        }
        if let Some(unmet) = check_all(&step.only_if, &view).first() {
            let verdict = match step.otherwise {
                Otherwise::Unsupported => Verdict::Unsupported,
                Otherwise::Skipped => Verdict::Skipped,
            };
            let reason = format!("{} is {}, not {}", unmet.at, unmet.found, unmet.expected);
            return Err(End(verdict, reason));
        }
        let mut findings = check_all(&step.checks, &view);
        for seen in &seen {
            findings.extend(step.rules.iter().flat_map(|rule| apply(*rule, seen)));
        }
        Ok((view, findings))
    }

    /// The answers to all requests of a step.
    async fn answers(
        &mut self,
        case: &Case,
        request: &Request,
        sent: &Sent,
    ) -> Result<Vec<Arc<Seen>>, End> {
        if case.is_shared() {
            return Ok(self.shared_answer(sent).await.into_iter().collect());
        }
        if self.requests + request.times > self.budget {
            return Err(out_of_budget());
        }
        self.requests += request.times;
        let mut running = JoinSet::new();
        for _ in 0..request.times {
            let (connector, sent, waits) = (self.connector.clone(), sent.clone(), self.waits);
            running.spawn(async move {
                let answer = exchange(&connector, &sent, waits).await;
                Arc::new(Seen::new(sent, answer))
            });
        }
        Ok(running.join_all().await)
    }

    /// The answer to a request that other cases send, too. A busy server gets two more chances.
    async fn shared_answer(&mut self, sent: &Sent) -> Option<Arc<Seen>> {
        if let Some(shared) = self.shared.get(sent) {
            return Some(shared.seen.clone());
        }
        for chance in 1..=CHANCES {
            if self.requests >= self.budget {
                break;
            }
            self.requests += 1;
            let answer = exchange(&self.connector, sent, self.waits).await;
            let seen = Arc::new(Seen::new(sent.clone(), answer));
            let wait = wait_for(&seen).filter(|_| chance < CHANCES);
            self.shared.insert(sent.clone(), Shared { seen, failed: None });
            let Some(wait) = wait else { break };
            tokio::time::sleep(wait).await;
        }
        self.shared.get(sent).map(|shared| shared.seen.clone())
    }

    fn failed_by(&self, sent: &Sent) -> Option<&str> {
        self.shared.get(sent)?.failed.as_deref()
    }

    fn sent(&self, request: &Request, earlier: &Value) -> Sent {
        let known = Known { model: &self.model, limit: self.limit, earlier };
        self.sender.bytes(request, &known)
    }

    fn result(
        &self,
        case: &Case,
        verdict: Verdict,
        reason: &str,
        findings: Vec<Finding>,
        seen: &[Arc<Seen>],
    ) -> CaseResult {
        let hide = |text: &str| self.secrets.hide(text);
        let mut result = CaseResult::new(case, verdict, hide(reason));
        result.findings = findings
            .into_iter()
            .map(|f| Finding::new(hide(&f.at), hide(&f.expected), hide(&f.found)))
            .collect();
        if verdict == Verdict::Deviates {
            result.breaks.clone_from(&case.breaks);
        }
        if verdict != Verdict::Skipped {
            let seen = seen.iter().take(MOST_EXCHANGES);
            result.exchanges = seen.map(|seen| self.exchanged(seen)).collect();
        }
        result
    }

    fn exchanged(&self, seen: &Seen) -> Exchanged {
        let text = |bytes: &[u8]| {
            // The whole text is searched for keys before it is cut.
            let text = self.secrets.hide(&String::from_utf8_lossy(bytes)).replace("\r\n", "\n");
            match text.char_indices().nth(LONGEST_SHOWN) {
                Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
                None => text,
            }
        };
        let mut response = text(&without_cookies(seen));
        match &seen.exchange.ending {
            Ending::Complete | Ending::Closed => {}
            other => response += &format!("\n[{}]", self.secrets.hide(&format!("{other:?}"))),
        }
        Exchanged { request: text(&seen.sent.bytes), response }
    }
}

impl Case {
    /// Whether it may use the answer that another case got for the same request.
    pub(super) fn is_shared(&self) -> bool {
        match self.steps.as_slice() {
            [step] => step.request.times == 1 && !self.stores,
            _ => false,
        }
    }
}

impl Request {
    fn empty() -> Self {
        Self {
            method: "POST".to_owned(),
            path: "/chat/completions".to_owned(),
            headers: Vec::new(),
            body: RequestBody::None,
            times: 1,
            is_chunked: false,
            leaves: false,
        }
    }

    /// The request that most cases send.
    fn small() -> Self {
        Self { body: RequestBody::Chat { with: json!({}), without: vec![] }, ..Self::empty() }
    }
}

/// Cookies of a server belong to a session.
fn without_cookies(seen: &Seen) -> Vec<u8> {
    let received = &seen.exchange.received;
    let Some(answer) = &seen.answer else { return received.clone() };
    let (head, body) = received.split_at(answer.head_len.min(received.len()));
    let head = String::from_utf8_lossy(head);
    let kept = head.split_inclusive('\n').map(|line| match line.split_once(':') {
        Some((name, _)) if name.eq_ignore_ascii_case("set-cookie") => format!("{name}: ***\r\n"),
        _ => line.to_owned(),
    });
    [kept.collect::<String>().into_bytes(), body.to_vec()].concat()
}

fn out_of_budget() -> End {
    End(Verdict::Skipped, "the budget of requests is used up".to_owned())
}

/// Whether a step expects success and the server refused its request, or gave no answer.
fn is_refusal(step: &Step, seen: &Seen) -> bool {
    step.expects_success() && !seen.status().is_some_and(|status| (200..300).contains(&status))
}

/// A refusal that is not a deviation.
fn refusal(case: &Case, step: &Step, seen: &Seen) -> Result<(), End> {
    if !is_refusal(step, seen) {
        return Ok(());
    }
    let message = message(seen);
    match seen.status() {
        // The path and the model are right, because a small request was answered.
        Some(404) if step.is_chat() => Err(End(
            Verdict::Skipped,
            format!("the server has no answer to this prompt: {message}"),
        )),
        Some(429) => Err(End(Verdict::Skipped, format!("the server is busy: {message}"))),
        Some(400..=499 | 501) if case.level != Level::Must && seen.view.get("error").is_some() => {
            Err(End(Verdict::Unsupported, message))
        }
        Some(404 | 405 | 501) if case.level != Level::Must => {
            Err(End(Verdict::Unsupported, message))
        }
        _ => Ok(()),
    }
}

/// An answer with another status than that of success, if the step expects success; or none.
fn status_findings(case: &Case, step: &Step, seen: &Seen) -> Vec<Finding> {
    if seen.answer.is_none() {
        let framing = apply(Rule::Framing, seen);
        let nothing = || vec![Finding::new("/status", "an answer", "nothing")];
        return if framing.is_empty() { nothing() } else { framing };
    }
    if !is_refusal(step, seen) {
        return Vec::new();
    }
    let expected = match case.level {
        Level::Must => "200",
        _ => "200, or a refusal with a 4xx that says why",
    };
    vec![Finding::new("/status", expected, message(seen))]
}

impl Step {
    fn is_chat(&self) -> bool {
        matches!(&self.request.body, RequestBody::Chat { with, .. } if with.get("messages").is_some())
            || matches!(&self.request.body, RequestBody::Text(_))
    }

    /// A step that says nothing about the status expects success.
    fn expects_success(&self) -> bool {
        !self.checks.iter().any(|check| check.at == "/status")
    }
}

/// The status, and what the server says about it.
fn message(seen: &Seen) -> String {
    let status = seen.status().unwrap_or(0);
    match seen.view.pointer("/error/message").and_then(Value::as_str) {
        Some(message) => format!("{status}: {message}"),
        None => status.to_string(),
    }
}

fn header(seen: &Seen, name: &str) -> Option<String> {
    seen.answer.as_ref()?.header(name)
}

/// How long to wait for a busy server.
fn wait_for(seen: &Seen) -> Option<Duration> {
    matches!(seen.status(), Some(429 | 502..=504)).then_some(())?;
    let Some(seconds) = header(seen, "retry-after") else { return Some(SHORT_WAIT) };
    let seconds: f64 = seconds.trim().parse().ok()?;
    (seconds <= LONGEST_WAIT).then(|| Duration::try_from_secs_f64(seconds).ok()).flatten()
}

/// The newer name of `max_tokens`. Some models take no other.
const NEW_LIMIT: &str = "max_completion_tokens";

/// Parts of the names of models that do not chat.
const OTHER_MODELS: [&str; 8] =
    ["embed", "whisper", "tts", "dall-e", "image", "moderation", "rerank", "realtime"];

/// Many servers take any name.
const ANY_MODEL: &str = "gpt-4o-mini";

const SHORT_WAIT: Duration = Duration::from_millis(300);
const CHANCES: usize = 3;
const LONGEST_WAIT: f64 = 10.0;
const MOST_EXCHANGES: usize = 4;
const LONGEST_SHOWN: usize = 4_000;
