//! The settings of a run, its estimate, and its start. [`runner`](super::runner) runs the cases one by one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::fill::Known;
use super::order::{keep, order};
use super::request::{Sender, tokens};
use super::requests::Requests;
use super::runner::Runner;
use super::secrets::Secrets;
use super::verdict::{CaseResult, Report, Server};
use crate::case::{Case, CaseError, Request, shared_cases};
use crate::wire::{Address, AddressError, Connector, Waits};

/// A run of cases against one server.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use chatwire_mock::MockServer;
/// use chatwire_probe::{Level, Probe};
///
/// let server = MockServer::start().await?;
/// let probe = Probe::new(&server.base_url())?.only(["models"]);
/// let report = probe.run(&mut |_| {}).await?;
/// assert!(!report.fails(Level::Should));
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct Probe {
    address: Address,
    api_key: Option<String>,
    model: Option<String>,
    headers: Vec<(String, String)>,
    cases: Vec<Arc<Case>>,
    budget: Option<usize>,
    allow_store: bool,
    allow_large: bool,
    waits: Waits,
}

/// What a run will cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Estimate {
    /// The number of cases.
    pub cases: usize,
    /// The most requests, without those that a busy server asks to repeat. A model that takes only
    /// `max_completion_tokens` may need one more.
    pub requests: usize,
    /// The most tokens of all answers together.
    pub tokens: usize,
}

/// Why no case could run. `Display` says how to fix it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeError(pub(super) String);

impl fmt::Display for ProbeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ProbeError {}

impl From<AddressError> for ProbeError {
    fn from(error: AddressError) -> Self {
        Self(error.to_string())
    }
}

impl From<CaseError> for ProbeError {
    fn from(error: CaseError) -> Self {
        Self(error.to_string())
    }
}

impl Probe {
    /// A run of all cases of this crate against the server at a base URL, such as `http://127.0.0.1:8080/v1`.
    ///
    /// # Errors
    /// Returns an error if the base URL cannot be used.
    pub fn new(base_url: &str) -> Result<Self, ProbeError> {
        Ok(Self {
            address: Address::parse(base_url)?,
            api_key: None,
            model: None,
            headers: Vec::new(),
            cases: shared_cases()?,
            budget: None,
            allow_store: false,
            allow_large: false,
            waits: Waits { idle: IDLE, total: 2 * IDLE, bytes: MOST_BYTES },
        })
    }

    /// Sets the key that requests carry as `Authorization: Bearer`. By default, they carry none.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// Sets the model to ask. By default, it is the first one that `GET /models` names.
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// Adds a header to all requests. Reports do not show its value.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Replaces the cases by these, for example those of [`parse`](crate::parse).
    pub fn cases(mut self, cases: Vec<Case>) -> Self {
        self.cases = cases.into_iter().map(Arc::new).collect();
        self
    }

    /// Keeps only the cases of these groups, those with these names, and the cases that these need.
    pub fn only<S: AsRef<str>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        let names: Vec<String> = names.into_iter().map(|name| name.as_ref().to_owned()).collect();
        keep(&mut self.cases, |case| names.contains(&case.group) || names.contains(&case.id));
        self
    }

    /// Limits the number of requests. Cases beyond it are skipped.
    pub fn budget(mut self, requests: usize) -> Self {
        self.budget = Some(requests);
        self
    }

    /// Also runs cases that store data on the server. They delete it again.
    pub fn allow_store(mut self, allow: bool) -> Self {
        self.allow_store = allow;
        self
    }

    /// Also runs cases that send megabytes, which a server may charge for.
    pub fn allow_large(mut self, allow: bool) -> Self {
        self.allow_large = allow;
        self
    }

    /// Sets the longest wait for a piece of an answer. A whole answer may take twice as long. The default is 30
    /// seconds.
    pub fn timeout(mut self, longest: Duration) -> Self {
        self.waits = Waits { idle: longest, total: 2 * longest, ..self.waits };
        self
    }

    /// The base URL, without secrets.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.address.shown()
    }

    /// What the run will cost. No request is sent for it.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        let mut estimate = Estimate { cases: self.cases.len(), requests: 0, tokens: 0 };
        let known = Known { model: "m", limit: "max_tokens", earlier: &Value::Null };
        let sender = self.sender();
        let mut shared = BTreeSet::new();
        let mut count = |request: &Request, is_shared: bool| {
            if !is_shared || shared.insert(sender.bytes(request, &known).bytes) {
                estimate.requests += request.times;
                estimate.tokens += request.times * tokens(&request.body);
            }
        };
        if self.model.is_none() {
            count(&Request::model_list(), true);
        }
        count(&Request::small(), true);
        for case in self.cases.iter().filter(|case| self.skip_reason(case).is_none()) {
            case.steps.iter().for_each(|step| count(&step.request, case.is_shared()));
        }
        match self.budget {
            Some(budget) => Estimate { requests: estimate.requests.min(budget), ..estimate },
            None => estimate,
        }
    }

    /// Runs the cases one after the other, and calls `on_result` after each.
    ///
    /// # Errors
    /// Returns an error if the server cannot be reached, or if it refuses the key.
    pub async fn run(
        &self,
        on_result: &mut (dyn FnMut(&CaseResult) + Send),
    ) -> Result<Report, ProbeError> {
        let start = Instant::now();
        let connector = Connector::new(self.address.clone())
            .map_err(|error| ProbeError(format!("TLS cannot start: {error}")))?;
        let requests = Requests::new(connector, self.waits, self.budget.unwrap_or(usize::MAX));
        let mut runner = Runner::new(requests, self.sender(), self.secrets());
        runner.find_model(self.model.as_deref()).await?;
        let mut results = BTreeMap::new();
        for index in order(&self.cases) {
            let Some(case) = self.cases.get(index) else { continue };
            let result = match self.skip_reason(case) {
                Some(reason) => CaseResult::skipped(case, reason),
                None => runner.run(case).await,
            };
            on_result(&result);
            results.insert(index, result);
        }
        Ok(Report {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            server: Server {
                base_url: self.base_url(),
                model: runner.model.clone(),
                software: runner.software.clone(),
            },
            requests: runner.requests.count(),
            seconds: start.elapsed().as_secs_f64(),
            results: results.into_values().collect(),
        })
    }

    fn sender(&self) -> Sender<'_> {
        Sender { address: &self.address, api_key: self.api_key.as_deref(), headers: &self.headers }
    }

    fn secrets(&self) -> Secrets {
        let headers = self.headers.iter().map(|(_, value)| value.as_str());
        Secrets::new(self.api_key.as_deref().into_iter().chain(headers))
    }

    fn skip_reason(&self, case: &Case) -> Option<&'static str> {
        if case.stores && !self.allow_store {
            return Some("it stores data; --allow-store allows that");
        }
        if case.is_large && !self.allow_large {
            return Some("it sends megabytes; --allow-large allows that");
        }
        let has_key = self.api_key.is_some() || !self.headers.is_empty();
        (case.needs_key && !has_key).then_some("it needs a server with a key; --api-key gives it")
    }
}

const IDLE: Duration = Duration::from_secs(30);

/// No case asks for more than a few kilobytes.
const MOST_BYTES: usize = 4 << 20;
