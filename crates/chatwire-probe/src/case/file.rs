//! Reads a file of cases, and says where a mistake is. [`keys`](super::keys) has the keys.

use std::collections::BTreeSet;
use std::fmt;

use serde_saphyr::{Error, Location, Spanned};

use super::check::Check;
use super::keys::{CaseKeys, CheckKeys, FileKeys, StepKeys};
use super::{Case, Rule, Step};

/// A case file that cannot be read. `Display` gives the file, the line and the column, what is wrong, and how to
/// fix it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseError {
    message: String,
}

impl fmt::Display for CaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CaseError {}

pub(super) fn read(name: &str, text: &str) -> Result<Vec<Case>, CaseError> {
    read_cases(text).map_err(|problem| problem.of(name))
}

/// What is wrong, and where.
struct Problem {
    place: Option<(u64, u64)>,
    message: String,
}

impl Problem {
    fn at(location: Location, message: impl Into<String>) -> Self {
        Self { place: Some((location.line(), location.column())), message: message.into() }
    }

    fn of(self, file: &str) -> CaseError {
        let (line, column) = self.place.unwrap_or((1, 1));
        CaseError { message: format!("{file}:{line}:{column}: {}", self.message) }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let place = error.location().map(|location| (location.line(), location.column()));
        let mut message = error.without_snippet().to_string();
        if let Some((line, column)) = place {
            let suffix = format!(" at line {line}, column {column}");
            message = message.trim_end_matches(&suffix).to_owned();
        }
        Self { place, message: format!("{message}; the README of chatwire-probe lists the keys") }
    }
}

fn read_cases(text: &str) -> Result<Vec<Case>, Problem> {
    let FileKeys { group, needs, cases } = serde_saphyr::from_str(text)?;
    let mut names = BTreeSet::new();
    for case in &cases {
        if !names.insert(case.value.id.clone()) {
            let message = format!("two cases have the id `{}`: rename one", case.value.id);
            return Err(Problem::at(case.referenced, message));
        }
    }
    cases.into_iter().map(|case| read_case(&group, &needs, case)).collect()
}

fn read_case(group: &str, of_file: &[String], case: Spanned<CaseKeys>) -> Result<Case, Problem> {
    let Spanned { value: keys, referenced, .. } = case;
    let fail = |message: &str| Err(Problem::at(referenced, message));
    for (name, text) in [("title", &keys.title), ("why", &keys.why), ("source", &keys.source)] {
        if text.trim().is_empty() {
            return fail(&format!("`{name}` is blank: write a sentence"));
        }
    }
    if keys.id.is_empty() || !keys.id.bytes().all(is_id_byte) {
        return fail("`id` is not a name of small letters, digits and dashes: rename the case");
    }
    let needs = keys.needs.unwrap_or_else(|| of_file.to_vec());
    if needs.contains(&keys.id) {
        return fail("the case needs itself: give it `needs` without its name");
    }
    let has_step = keys.request.is_some() || keys.expect.is_some() || keys.rules.is_some();
    let steps = match keys.steps {
        Some(_) if has_step => {
            return fail("the case has `steps` and keys of one step: move them into a step");
        }
        Some(steps) => steps.into_iter().map(|s| read_step(s.value, s.referenced)).collect(),
        None => {
            let step = StepKeys {
                request: keys.request,
                only_if: keys.only_if,
                otherwise: keys.otherwise,
                expect: keys.expect,
                rules: keys.rules,
            };
            read_step(step, referenced).map(|step| vec![step])
        }
    };
    let steps: Vec<Step> = steps?;
    if steps.is_empty() {
        return fail("`steps` is empty: write a request");
    }
    Ok(Case {
        id: keys.id,
        group: group.to_owned(),
        title: keys.title,
        level: keys.level,
        why: keys.why,
        source: keys.source,
        breaks: keys.breaks,
        needs,
        stores: keys.stores,
        needs_key: keys.needs_key,
        is_large: keys.large,
        steps,
    })
}

fn is_id_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

fn read_step(keys: StepKeys, place: Location) -> Result<Step, Problem> {
    let request = keys.request.unwrap_or_default().request();
    let request = request.map_err(|message| Problem::at(place, message))?;
    let rules = keys.rules.iter().flatten().map(read_rule).collect::<Result<Vec<_>, _>>()?;
    let checks = read_checks(keys.expect.unwrap_or_default())?;
    if checks.is_empty() && rules.is_empty() {
        return Err(Problem::at(place, "the request expects nothing: add `expect` or `rules`"));
    }
    Ok(Step {
        request,
        only_if: read_checks(keys.only_if.unwrap_or_default())?,
        otherwise: keys.otherwise.map(Into::into).unwrap_or_default(),
        checks,
        rules,
    })
}

fn read_checks(checks: Vec<Spanned<CheckKeys>>) -> Result<Vec<Check>, Problem> {
    let read = |check: Spanned<CheckKeys>| {
        check.value.check().map_err(|message| Problem::at(check.referenced, message))
    };
    checks.into_iter().map(read).collect()
}

fn read_rule(rule: &Spanned<String>) -> Result<Rule, Problem> {
    let found = Rule::ALL.iter().find(|(_, name, _)| *name == rule.value);
    found.map(|(rule, ..)| *rule).ok_or_else(|| {
        let names: Vec<_> = Rule::ALL.iter().map(|(_, name, _)| *name).collect();
        let message = format!("there is no rule `{}`: use one of {}", rule.value, names.join(", "));
        Problem::at(rule.referenced, message)
    })
}
