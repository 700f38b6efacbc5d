//! Runs one case at a time, and judges it. [`requests`](super::requests) sends what it asks for, and
//! [`probe`](super::probe) has the settings of a run.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::fill::Known;
use super::request::Sender;
use super::requests::{MOST_SILENCE, Over, Requests};
use super::secrets::Secrets;
use super::shown::exchanged;
use super::verdict::{CaseResult, Verdict};
use crate::Finding;
use crate::case::{Case, Level, Otherwise, Request, RequestBody, Rule, Step};
use crate::judge::{Seen, apply, check_all};
use crate::wire::Sent;

pub(super) struct Runner<'a> {
    pub(super) requests: Requests,
    sender: Sender<'a>,
    pub(super) secrets: Secrets,
    pub(super) model: String,
    pub(super) software: Option<String>,
    /// The key that limits the tokens of an answer.
    pub(super) limit: &'static str,
    /// The first case that each request failed in, for requests that cases share.
    failed: HashMap<Sent, String>,
    /// The cases that others may not need, each with the case that is to blame, and with its verdict.
    missing: HashMap<String, (String, Verdict)>,
    /// The case in which the run came to its end.
    last: Option<String>,
}

/// A case that ends before its last check.
struct End {
    verdict: Verdict,
    reason: String,
    because: Option<String>,
}

impl End {
    fn new(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self { verdict, reason: reason.into(), because: None }
    }

    fn because(case: &str, reason: String) -> Self {
        Self { because: Some(case.to_owned()), ..Self::new(Verdict::Skipped, reason) }
    }
}

impl<'a> Runner<'a> {
    pub(super) fn new(requests: Requests, sender: Sender<'a>, secrets: Secrets) -> Self {
        Self {
            requests,
            sender,
            secrets,
            model: String::new(),
            software: None,
            limit: "max_tokens",
            failed: HashMap::new(),
            missing: HashMap::new(),
            last: None,
        }
    }

    /// The result of a case. The cases that it needs come before it.
    pub(super) async fn run(&mut self, case: &Case) -> CaseResult {
        let result = match self.not_judged(case) {
            Some(end) => self.result(case, end, &[]),
            None => self.judged(case).await,
        };
        if self.requests.over().is_some() && self.last.is_none() {
            self.last = Some(case.id.clone());
        }
        let blame = result.because.clone().unwrap_or_else(|| case.id.clone());
        match result.verdict {
            Verdict::Deviates | Verdict::Unsupported => {
                self.missing.insert(case.id.clone(), (blame, result.verdict));
            }
            Verdict::Skipped if result.because.is_some() => {
                let verdict = self.missing.get(&blame).map_or(Verdict::Deviates, |(_, v)| *v);
                self.missing.insert(case.id.clone(), (blame, verdict));
            }
            _ => {}
        }
        result
    }

    /// Why nothing is sent for a case.
    fn not_judged(&self, case: &Case) -> Option<End> {
        if let Some(over) = self.requests.over() {
            return Some(self.end_of_run(over));
        }
        let (blame, verdict) = case.needs.iter().find_map(|need| self.missing.get(need))?;
        let what = if *verdict == Verdict::Deviates { "deviates" } else { "is unsupported" };
        Some(End::because(blame, format!("it needs `{blame}`, which {what}")))
    }

    fn end_of_run(&self, over: &Over) -> End {
        let last = self.last.as_deref().unwrap_or_default();
        let reason = match over {
            Over::Gone => format!("the server takes no connections since case `{last}`"),
            Over::Silent => format!(
                "answers that did not become whole took {} seconds until case `{last}`",
                MOST_SILENCE.as_secs()
            ),
            Over::Busy(message) => format!("the server is busy: {message}"),
        };
        match self.missing.get(last) {
            Some((_, Verdict::Deviates)) if !matches!(over, Over::Busy(_)) => {
                End::because(last, reason)
            }
            _ => End::new(Verdict::Skipped, reason),
        }
    }

    async fn judged(&mut self, case: &Case) -> CaseResult {
        let mut steps = Vec::new();
        let mut seen = Vec::new();
        for step in &case.steps {
            let context = json!({ "steps": steps });
            match self.run_step(case, step, &context, &mut seen).await {
                Ok((view, findings)) if findings.is_empty() => steps.push(view),
                Ok((_, findings)) => {
                    let end = End::new(Verdict::Deviates, "");
                    return CaseResult {
                        findings: self.hidden(findings),
                        breaks: case.breaks.clone(),
                        ..self.result(case, end, &seen)
                    };
                }
                Err(end) => return self.result(case, end, &seen),
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
        let seen = self.answers(case, &step.request, &sent).await;
        let Some(first) = seen.first().cloned() else {
            return Err(End::new(Verdict::Skipped, "the budget of requests is used up"));
        };
        all.extend(seen.iter().cloned());
        let view = view(&seen, earlier);
        if let Some(busy) = seen.iter().find(|seen| seen.is_busy()) {
            let reason = format!("the server is busy: {}", busy.message());
            return Err(End::new(Verdict::Skipped, reason));
        }
        if let Some(by) = self.failed.get(&sent).filter(|_| is_refusal(step, &first)) {
            return Err(End::because(by, format!("its request failed in case `{by}`")));
        }
        refusal(case, step, &first)?;
        let wrong = status_findings(case, step, &first);
        if !wrong.is_empty() {
            if case.is_shared() {
                self.failed.entry(sent).or_insert_with(|| case.id.clone());
            }
            return Ok((view, wrong));
        }
        if let Some(unmet) = check_all(&step.only_if, &view).first() {
            let verdict = match step.otherwise {
                Otherwise::Unsupported => Verdict::Unsupported,
                Otherwise::Skipped => Verdict::Skipped,
            };
            let reason = format!("{} is {}, not {}", unmet.at, unmet.found, unmet.expected);
            return Err(End::new(verdict, reason));
        }
        // A rule says more than a place that is missing because of what it finds.
        let of_rules = |seen: &Arc<Seen>| {
            step.rules.iter().flat_map(|rule| apply(*rule, seen)).collect::<Vec<_>>()
        };
        let mut findings: Vec<_> = seen.iter().flat_map(of_rules).collect();
        findings.extend(check_all(&step.checks, &view));
        Ok((view, findings))
    }

    /// The answers to all requests of a step. Empty if they are beyond the budget.
    async fn answers(&mut self, case: &Case, request: &Request, sent: &Sent) -> Vec<Arc<Seen>> {
        if case.is_shared() {
            return self.requests.shared(sent).await.into_iter().collect();
        }
        match request.times {
            1 => self.requests.one(sent).await.into_iter().collect(),
            times => self.requests.at_once(sent, times).await,
        }
    }

    pub(super) fn sent(&self, request: &Request, earlier: &Value) -> Sent {
        let known = Known { model: &self.model, limit: self.limit, earlier };
        self.sender.bytes(request, &known)
    }

    fn result(&self, case: &Case, end: End, seen: &[Arc<Seen>]) -> CaseResult {
        let mut result = CaseResult::new(case, end.verdict, self.secrets.hide(&end.reason));
        result.because = end.because;
        if end.verdict != Verdict::Skipped {
            let seen = seen.iter().take(MOST_EXCHANGES);
            result.exchanges = seen.map(|seen| exchanged(seen, &self.secrets)).collect();
        }
        result
    }

    fn hidden(&self, findings: Vec<Finding>) -> Vec<Finding> {
        let hide = |text: &str| self.secrets.hide(text);
        let findings = findings.into_iter();
        findings.map(|f| Finding::new(hide(&f.at), hide(&f.expected), hide(&f.found))).collect()
    }
}

/// The view of the first answer, with the earlier steps, and with all answers if there are several.
fn view(seen: &[Arc<Seen>], earlier: &Value) -> Value {
    let mut view = match seen.first().map(|seen| seen.view.clone()) {
        Some(Value::Object(view)) => view,
        _ => Map::new(),
    };
    view.extend(earlier.as_object().cloned().unwrap_or_default());
    if seen.len() > 1 {
        let views = seen.iter().map(|seen| seen.view.clone()).collect();
        view.insert("all".to_owned(), Value::Array(views));
    }
    Value::Object(view)
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

    pub(super) fn model_list() -> Self {
        Self { method: "GET".to_owned(), path: "/models".to_owned(), ..Self::empty() }
    }

    /// The request that most cases send.
    pub(super) fn small() -> Self {
        Self { body: RequestBody::Chat { with: json!({}), without: vec![] }, ..Self::empty() }
    }
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
    let message = seen.message();
    match seen.status() {
        // The path and the model are right, because a small request was answered.
        Some(404) if step.is_chat() => Err(End::new(
            Verdict::Skipped,
            format!("the server has no answer to this prompt: {message}"),
        )),
        Some(400..=499 | 501) if case.level != Level::Must && seen.view.get("error").is_some() => {
            Err(End::new(Verdict::Unsupported, message))
        }
        Some(404 | 405 | 501) if case.level != Level::Must => {
            Err(End::new(Verdict::Unsupported, message))
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
    vec![Finding::new("/status", expected, seen.message())]
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

const MOST_EXCHANGES: usize = 4;
