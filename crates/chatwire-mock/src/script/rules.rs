//! Picks the rule that answers a request, and its next reply. [`conditions`](super::conditions) says what a
//! request misses.

use std::io;
use std::sync::{Mutex, PoisonError};

use super::conditions::Conditions;
use super::prepared::Prepared;
use super::rule::{Rule, Script};
use crate::asked::Asked;
use crate::problem::Problem;

/// The rules of a running server.
pub(crate) struct Rules(Vec<Running>);

struct Running {
    name: String,
    conditions: Conditions,
    nth: Vec<u64>,
    replies: Vec<Prepared>,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    /// The requests that met the conditions.
    met: u64,
    /// The requests that the rule answered.
    answered: usize,
}

/// A reply, and the name of its rule.
pub(crate) struct Picked<'a> {
    pub(crate) rule: &'a str,
    pub(crate) reply: &'a Prepared,
}

impl Rules {
    /// Checks all replies of a script.
    pub(crate) fn new(script: Script) -> io::Result<Self> {
        (1..)
            .zip(script.rules)
            .map(|(place, rule)| Running::new(place, rule))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The reply to a request, or `None` if the script has no rules.
    pub(crate) fn pick(&self, asked: &Asked<'_>) -> Result<Option<Picked<'_>>, Problem> {
        let mut missed = Vec::new();
        let mut picked = None;
        // Each rule counts the request, also those after the one that answers.
        for rule in &self.0 {
            let mut misses = rule.conditions.misses(asked);
            if misses.is_empty() {
                let mut counts = rule.counts.lock().unwrap_or_else(PoisonError::into_inner);
                counts.met += 1;
                if !rule.nth.is_empty() && !rule.nth.contains(&counts.met) {
                    misses.push(wrong_number(counts.met, &rule.nth));
                } else if picked.is_none() {
                    let reply = rule.replies.get(counts.answered).or(rule.replies.last());
                    counts.answered += 1;
                    picked = reply.map(|reply| Picked { rule: &rule.name, reply });
                }
            }
            missed.push((rule.name.as_str(), misses));
        }
        match picked {
            None if !self.0.is_empty() => Err(no_rule(missed)),
            picked => Ok(picked),
        }
    }
}

impl Running {
    fn new(place: usize, rule: Rule) -> io::Result<Self> {
        let Rule { name, conditions, nth, mut replies } = rule;
        let name = name.unwrap_or_else(|| format!("rule {place}"));
        if replies.is_empty() {
            replies.push(super::reply::Reply::new());
        }
        let count = replies.len();
        let prepare = |(place, reply)| {
            Prepared::new(reply).map_err(|problem| {
                let reply =
                    if count == 1 { "the reply".to_owned() } else { format!("reply {place}") };
                let text =
                    format!("the script cannot be played: {reply} of '{name}' is wrong: {problem}");
                io::Error::new(io::ErrorKind::InvalidInput, text)
            })
        };
        let replies = (1..).zip(replies).map(prepare).collect::<Result<_, _>>()?;
        Ok(Self { name, conditions, nth, replies, counts: Mutex::default() })
    }
}

fn wrong_number(number: u64, wanted: &[u64]) -> String {
    let wanted: Vec<_> = wanted.iter().map(u64::to_string).collect();
    format!("it is request {number} of this kind, not {}", wanted.join(" or "))
}

/// Names the nearest rules, and what the request misses of each.
fn no_rule(mut missed: Vec<(&str, Vec<String>)>) -> Problem {
    missed.sort_by_key(|(_, misses)| misses.len());
    let named = missed.iter().take(MOST_NAMED);
    let named: Vec<_> =
        named.map(|(rule, misses)| format!("'{rule}': {}", misses.join(", "))).collect();
    let mut text =
        format!("No rule of the script matches this request. It misses {}", named.join("; "));
    if missed.len() > MOST_NAMED {
        text += &format!("; and {} more rules", missed.len() - MOST_NAMED);
    }
    text += ". Correct the request, or add a rule without conditions at the end.";
    Problem::new(404, text).with_code("no_rule_matched")
}

/// The rules that an error names.
const MOST_NAMED: usize = 5;
