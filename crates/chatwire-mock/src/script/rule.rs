//! Scripts and rules as a test builds them. [`rules`](super::rules) applies them.

use chatwire_types::CreateChatCompletionRequest;
use serde_json::Value;

use super::conditions::Conditions;
use super::pattern::Pattern;
use super::reply::Reply;
use crate::asked::Asked;

/// Rules that answer chat requests, for [`MockServerBuilder::script`](crate::MockServerBuilder::script).
///
/// The first rule whose conditions a request meets answers it. A request that meets those of no rule gets a
/// 404 that names the rules and what it misses. A last rule without conditions answers all others.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Script {
    pub(super) rules: Vec<Rule>,
}

/// Conditions, and the replies to the requests that meet all of them.
///
/// ```
/// use chatwire_mock::{Reply, Rule};
///
/// // Refuse twice, and then answer.
/// let rule = Rule::new()
///     .model("gpt-*")
///     .last_message("*weather*")
///     .reply(Reply::new().error(429, "Slow down.").header("retry-after", "1"))
///     .reply(Reply::new().error(503, "We are restarting."))
///     .reply(Reply::new().text("It is sunny."));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Rule {
    pub(super) name: Option<String>,
    pub(super) conditions: Conditions,
    pub(super) nth: Vec<u64>,
    pub(super) replies: Vec<Reply>,
}

impl Script {
    /// A script without rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a rule after the others.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    pub(crate) fn append(&mut self, mut other: Self) {
        self.rules.append(&mut other.rules);
    }
}

impl From<Rule> for Script {
    fn from(rule: Rule) -> Self {
        Self::new().rule(rule)
    }
}

/// A rule whose only condition is [`body`](Rule::body).
impl From<Value> for Rule {
    fn from(body: Value) -> Self {
        Self::new().body(body)
    }
}

/// A rule whose only condition is that the [`body`](Rule::body) has all that this request has.
impl From<&CreateChatCompletionRequest> for Rule {
    fn from(request: &CreateChatCompletionRequest) -> Self {
        // Its maps have texts as keys, so this does not fail.
        Self::new().body(serde_json::to_value(request).unwrap_or_default())
    }
}

impl Rule {
    /// A rule without conditions and replies. It answers every request as the server does without a
    /// script.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the rule, for errors and for the header `x-chatwire-rule` of its answers. By default, it is
    /// named by its place, such as `rule 2`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The model of the request must match.
    pub fn model(mut self, model: impl Into<Pattern>) -> Self {
        self.conditions.model = Some(model.into());
        self
    }

    /// The text of the last message must match. Its text parts are joined by spaces, and a part of another
    /// type stands there as `[type: …]`.
    pub fn last_message(mut self, text: impl Into<Pattern>) -> Self {
        self.conditions.last_message = Some(text.into());
        self
    }

    /// The last message must be of this role. After a tool call, it is `tool`.
    pub fn last_role(mut self, role: impl Into<String>) -> Self {
        self.conditions.last_role = Some(role.into());
        self
    }

    /// The request must offer a tool whose name matches. Call it again for more tools.
    pub fn tool(mut self, name: impl Into<Pattern>) -> Self {
        self.conditions.tools.push(name.into());
        self
    }

    /// The request must have a header of this name with a value that matches. Call it again for more
    /// headers.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Pattern>) -> Self {
        self.conditions.headers.push((name.into(), value.into()));
        self
    }

    /// The body must have all that this value has:
    ///
    /// - An object has the keys, and may have others. A null stands for an absent key, too.
    /// - A list has as many items.
    /// - Other values are equal.
    pub fn body(mut self, part: impl Into<Value>) -> Self {
        self.conditions.body = Some(part.into());
        self
    }

    /// Answers only the request of this number, counted from 1 among those that meet the other conditions
    /// of this rule, whichever rule answers them. Call it again for more numbers.
    pub fn nth(mut self, number: u64) -> Self {
        self.nth.push(number);
        self
    }

    /// What the request misses of all conditions but its number.
    pub(crate) fn misses(&self, asked: &Asked<'_>) -> Vec<String> {
        self.conditions.misses(asked)
    }

    /// How many requests there must be for all numbers.
    pub(crate) fn last_number(&self) -> u64 {
        self.nth.iter().copied().max().unwrap_or(1)
    }

    /// Adds a reply after the others. Each answers one request, and the last is repeated.
    pub fn reply(mut self, reply: impl Into<Reply>) -> Self {
        self.replies.push(reply.into());
        self
    }
}
