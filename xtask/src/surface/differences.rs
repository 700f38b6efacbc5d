//! Compares the facts about one place in two documents. [`super::facts`] is the facts themselves, and
//! [`mod@super::changes`] compares whole documents.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Arms, Fact, Facts};

/// One fact on which two documents disagree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// The form of the object; empty for all of them.
    pub arm: String,
    /// The fact.
    pub fact: Fact,
    /// What the first document says; empty if it says nothing.
    pub from: String,
    /// What the second document says.
    pub to: String,
}

/// The facts on which `from` and `to` disagree. Forms are compared with the same form.
pub fn differences(from: &Arms, to: &Arms) -> Vec<Difference> {
    let common: Vec<&String> = from.keys().filter(|arm| to.contains_key(*arm)).collect();
    let (all_from, all_to) = (Facts::merged(from), Facts::merged(to));
    if common.is_empty() {
        return of_facts("", &all_from, &all_to);
    }
    let pairs = common.iter().filter_map(|arm| Some((*arm, from.get(*arm)?, to.get(*arm)?)));
    let mut found: Vec<_> = pairs.flat_map(|(arm, from, to)| of_facts(arm, from, to)).collect();
    let alike =
        found.iter().all(|one| found.iter().filter(|two| one.same(two)).count() == common.len());
    if alike {
        found.iter_mut().for_each(|difference| difference.arm.clear());
        found.sort();
        found.dedup();
    }
    // A form that only one document has can still add types to the path.
    let types = of_facts("", &all_from, &all_to);
    let types = types.into_iter().filter(|one| matches!(one.fact, Fact::Types | Fact::Nullable));
    let new: Vec<_> = types.filter(|one| found.iter().all(|two| two.fact != one.fact)).collect();
    found.extend(new);
    found
}

fn of_facts(arm: &str, from: &Facts, to: &Facts) -> Vec<Difference> {
    let (from, to) = (from.told(), to.told());
    let facts: BTreeSet<&Fact> = from.keys().chain(to.keys()).collect();
    let value = |told: &BTreeMap<Fact, String>, fact: &Fact| told.get(fact).cloned();
    let facts = facts.into_iter().map(|fact| Difference {
        arm: arm.to_owned(),
        fact: fact.clone(),
        from: value(&from, fact).unwrap_or_default(),
        to: value(&to, fact).unwrap_or_default(),
    });
    facts.filter(|difference| difference.from != difference.to).collect()
}

impl Difference {
    /// A difference in a fact that only has a name.
    pub fn of(name: &str, from: Option<&String>, to: Option<&String>) -> Self {
        let text = |side: Option<&String>| side.cloned().unwrap_or_default();
        let fact = Fact::Told(name.to_owned());
        Self { arm: String::new(), fact, from: text(from), to: text(to) }
    }

    fn same(&self, other: &Self) -> bool {
        (&self.fact, &self.from, &self.to) == (&other.fact, &other.from, &other.to)
    }
}
