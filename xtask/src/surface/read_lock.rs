//! Reads the lines of a lock back into a state. [`super::lock`] writes them.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Arms, Fact, Facts};
use super::lock::{BadLine, FORMAT, Lock, SAME};
use super::operations::OperationFacts;
use super::roots::Root;
use super::words::{Part, parts};

/// Reads the whole text.
pub(super) fn read(text: &str) -> Result<Lock, BadLine> {
    let mut reader = Reader::default();
    let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    let mut lines = numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    match lines.next() {
        Some((_, FORMAT)) => {}
        first => {
            let line = first.map_or(1, |(number, _)| number);
            return Err(BadLine { what: format!("no line `{FORMAT}`"), line, col: 1 });
        }
    }
    for (number, line) in lines {
        let bad = |(what, col)| BadLine { what, line: number, col };
        reader.line(line).map_err(bad)?;
    }
    Ok(reader.lock)
}

/// What is wrong, and the column.
type Bad = (String, usize);

#[derive(Default)]
struct Reader {
    lock: Lock,
    section: Section,
}

#[derive(Default)]
enum Section {
    #[default]
    Head,
    Operation(String),
    Body(Root),
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), Bad> {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            return self.open(name);
        }
        if let (Section::Body(root), Some(name)) = (&self.section, line.strip_prefix(SAME)) {
            let body = root_named(name).and_then(|of| self.lock.state.bodies.get(&of)).cloned();
            let body = body.ok_or_else(|| (format!("no body `{name}` above"), SAME.len() + 1))?;
            self.lock.state.bodies.insert(*root, body);
            return Ok(());
        }
        let parts =
            parts(line).map_err(|column| ("a line that does not parse".to_owned(), column))?;
        match &self.section {
            Section::Head => self.head(&parts),
            Section::Operation(key) => {
                let operations = &mut self.lock.state.operations;
                in_operation(operations.entry(key.clone()).or_default(), &parts)
            }
            Section::Body(root) => {
                let body = self.lock.state.bodies.entry(*root).or_default();
                add(body, &parts)
            }
        }
    }

    fn open(&mut self, name: &str) -> Result<(), Bad> {
        if let Some(root) = root_named(name) {
            self.lock.state.bodies.entry(root).or_default();
            self.section = Section::Body(root);
            return Ok(());
        }
        let parts = name.strip_prefix("operation ").and_then(|key| parts(key).ok());
        let key = parts.as_deref().and_then(|parts| parts.first()).and_then(only_name);
        let key = key.ok_or_else(|| (format!("`[{name}]` is not a section"), 1))?;
        self.lock.state.operations.entry(key.to_owned()).or_default();
        self.section = Section::Operation(key.to_owned());
        Ok(())
    }

    fn head(&mut self, parts: &[Part]) -> Result<(), Bad> {
        let names: Vec<_> = parts.iter().filter_map(only_name).collect();
        let place = match names.as_slice() {
            ["title", value] => (&mut self.lock.title, value),
            ["version", value] => (&mut self.lock.version, value),
            ["sha256", value] => (&mut self.lock.sha256, value),
            _ => return Err(("a line before the first section".to_owned(), 1)),
        };
        *place.0 = (*place.1).to_owned();
        Ok(())
    }
}

fn root_named(name: &str) -> Option<Root> {
    Root::ALL.into_iter().find(|root| root.as_str() == name)
}

/// The name of a part that is nothing but a name.
fn only_name(part: &Part) -> Option<&str> {
    match (part.names.as_slice(), &part.values, part.marked) {
        ([name], None, false) => Some(name),
        _ => None,
    }
}

fn in_operation(operation: &mut OperationFacts, parts: &[Part]) -> Result<(), Bad> {
    let Some((first, facts)) = parts.split_first() else { return Ok(()) };
    if only_name(first) != Some("facts") {
        return add(&mut operation.parameters, parts);
    }
    for fact in facts {
        match (fact.names.as_slice(), fact.values.as_deref()) {
            ([name], Some([value])) => operation.told.insert(name.clone(), value.clone()),
            _ => return Err(("a fact without a value".to_owned(), 1)),
        };
    }
    Ok(())
}

/// Reads `path @tag=value type flags… keyword=value…`.
fn add(places: &mut BTreeMap<String, Arms>, parts: &[Part]) -> Result<(), Bad> {
    let bad = |what: &str| (what.to_owned(), 1);
    let (path, rest) = parts.split_first().ok_or_else(|| bad("an empty line"))?;
    let path = only_name(path).ok_or_else(|| bad("a line without a path"))?;
    let (arm, rest) = match rest.split_first() {
        Some((part, rest)) if part.marked => (tag(part), rest),
        _ => (String::new(), rest),
    };
    let (types, rest) = rest.split_first().ok_or_else(|| bad("a path without a type"))?;
    let types = types.names.iter().cloned().collect();
    let mut facts = Facts { types, ..Facts::default() };
    for part in rest {
        fact(&mut facts, part).ok_or_else(|| bad("an unknown fact"))?;
    }
    places.entry(path.to_owned()).or_default().insert(arm, facts);
    Ok(())
}

fn tag(part: &Part) -> String {
    let first = |words: &[String]| words.first().cloned().unwrap_or_default();
    let value = part.values.as_deref().map(first).unwrap_or_default();
    format!("{}={value}", first(&part.names))
}

fn fact(facts: &mut Facts, part: &Part) -> Option<()> {
    let [name] = part.names.as_slice() else { return None };
    let set = || part.values.iter().flatten().cloned().collect::<BTreeSet<_>>();
    match (name.as_str(), part.values.as_deref()) {
        (name, None) => {
            let flags = [
                (Fact::Open, &mut facts.open),
                (Fact::Nullable, &mut facts.nullable),
                (Fact::Required, &mut facts.required),
                (Fact::Deprecated, &mut facts.deprecated),
            ];
            let flag = flags.into_iter().find(|(fact, _)| fact.as_str() == name)?;
            *flag.1 = true;
        }
        ("enum", _) => facts.values = set(),
        (name, _) if name == Fact::DeprecatedArms.as_str() => facts.deprecated_arms = set(),
        (name, Some([value])) => drop(facts.bounds.insert(name.to_owned(), value.clone())),
        _ => return None,
    }
    Some(())
}
