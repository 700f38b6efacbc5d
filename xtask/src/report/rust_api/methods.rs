//! Compares the methods of a type, and of each method the arguments and the return type.
//! [`super::members`] compares the fields that setters set.

use super::surface::{Method, TypeApi};
use super::{Change, Pair, notices, pointers};
use crate::model::Model;
use crate::report::rust_rules::{
    ARGUMENT_ADDED, ARGUMENT_REMOVED, ARGUMENT_RENAMED, ARGUMENT_TYPE_CHANGED, ARGUMENTS_REORDERED,
    DOC_CHANGED, METHOD_ADDED, METHOD_REMOVED, RETURN_TYPE_CHANGED, Rule, SETTER_ADDED,
    SETTER_REMOVED, SIGNATURE_CHANGED,
};

pub(super) fn compare(pair: Pair<'_>, old: &TypeApi, new: &TypeApi, out: &mut Vec<Change>) {
    for method in &old.methods {
        match named(&new.methods, &method.name) {
            Some(now) => Both { pair, owner: old, old: method, new: now }.compare(new, out),
            None => out.push(removed(pair, old, method, successor(old, new, method))),
        }
    }
    let added = new.methods.iter().filter(|method| named(&old.methods, &method.name).is_none());
    out.extend(added.map(|method| self::added(pair, new, method)));
}

fn added(pair: Pair<'_>, owner: &TypeApi, method: &Method) -> Change {
    let (rule, noun) = match owner.is_setter(method) {
        true => (SETTER_ADDED, "setter"),
        false => (METHOD_ADDED, "method"),
    };
    let path = path(owner, method);
    change(rule, pair, owner, method)
        .head(&method.signature)
        .says(format!("The {noun} `{path}` is new."))
}

/// The new method that differs from a method that is gone only in its name.
fn successor<'a>(old: &TypeApi, new: &'a TypeApi, gone: &Method) -> Option<&'a Method> {
    let is_new = |method: &&Method| named(&old.methods, &method.name).is_none();
    new.methods.iter().filter(is_new).find(|method| {
        let [old, new] = [gone, *method].map(|method| format!("fn {}", method.name));
        let renamed = method.signature.replacen(&new, &old, 1);
        renamed == gone.signature && !method.arguments.is_empty()
    })
}

fn removed(pair: Pair<'_>, owner: &TypeApi, method: &Method, successor: Option<&Method>) -> Change {
    let (rule, noun) = match owner.is_setter(method) {
        true => (SETTER_REMOVED, "setter"),
        false => (METHOD_REMOVED, "method"),
    };
    let path = path(owner, method);
    let hint = match successor {
        Some(new) => format!("; `{}` has its signature", self::path(owner, new)),
        None => String::new(),
    };
    change(rule, pair, owner, method)
        .base(&method.signature)
        .says(format!("The {noun} `{path}` is gone, so code that calls it does not compile{hint}."))
}

/// A method on both sides.
struct Both<'a> {
    pair: Pair<'a>,
    owner: &'a TypeApi,
    old: &'a Method,
    new: &'a Method,
}

impl Both<'_> {
    fn compare(&self, new_owner: &TypeApi, out: &mut Vec<Change>) {
        self.compare_arguments(out);
        let (old, new) = (self.old, self.new);
        if !self.pair.is_same_type(&old.output, &new.output) {
            let sentence = format!(
                "`{}` returned `{}` and now returns `{}`.",
                self.path(),
                old.output,
                new.output
            );
            out.push(self.change(RETURN_TYPE_CHANGED).says(sentence));
        }
        if old.frame != new.frame {
            let sentence =
                format!("The receiver, generics or qualifiers of `{}` changed.", self.path());
            out.push(self.change(SIGNATURE_CHANGED).says(sentence));
        }
        // The field of a setter says the same.
        if !(self.owner.is_setter(old) && new_owner.is_setter(new)) {
            out.extend(self.notices());
        }
    }

    /// What users are told about the method. A new signature has new documentation anyway.
    fn notices(&self) -> Vec<Change> {
        let (owner, old, new) = (&self.owner.name, self.old, self.new);
        let place = |model: &Model| {
            let of_method = pointers::of_method(model, owner, &old.name);
            of_method.or_else(|| pointers::of_type(model, owner))
        };
        let mut notices = Vec::new();
        let attributes = [&old.attributes, &new.attributes];
        notices::compare(self.pair, &self.path(), &place, attributes, &mut notices);
        notices.retain(|change| old.signature == new.signature || change.rule != DOC_CHANGED);
        notices
    }

    fn compare_arguments(&self, out: &mut Vec<Change>) {
        let gone = self.only_in(&self.old.arguments, &self.new.arguments);
        let come = self.only_in(&self.new.arguments, &self.old.arguments);
        if let (true, Some(renamed)) = (gone.len() == come.len(), self.renamed(&gone, &come)) {
            out.extend(renamed);
            return;
        }
        out.extend(gone.iter().map(|(_, name)| self.argument_removed(name)));
        out.extend(come.iter().map(|(_, name)| self.argument_added(name)));
        for (name, from) in &self.old.arguments {
            let now = self.new.arguments.iter().find(|(other, _)| other == name);
            if let Some((_, to)) = now.filter(|(_, to)| !self.pair.is_same_type(from, to)) {
                out.push(self.argument_changed(name, from, to));
            }
        }
        out.extend(self.reordered());
    }

    /// The arguments of `these` that the `others` lack, with their places.
    fn only_in<'a>(
        &self,
        these: &'a [(String, String)],
        others: &[(String, String)],
    ) -> Vec<(usize, &'a str)> {
        let is_missing = |name: &str| others.iter().all(|(other, _)| other != name);
        let places = these.iter().enumerate().map(|(place, (name, _))| (place, name.as_str()));
        places.filter(|(_, name)| is_missing(name)).collect()
    }

    /// The changes if every other argument is as before, and the new names stand in the old places
    /// with the old types.
    fn renamed(&self, gone: &[(usize, &str)], come: &[(usize, &str)]) -> Option<Vec<Change>> {
        let types = |method: &Method| -> Vec<String> {
            method.arguments.iter().map(|(_, argument)| argument.clone()).collect()
        };
        let (old, new) = (types(self.old), types(self.new));
        let same_places = gone.iter().zip(come).all(|((from, _), (to, _))| from == to);
        let same_types = old.len() == new.len()
            && old.iter().zip(&new).all(|(a, b)| self.pair.is_same_type(a, b));
        let renamed = !gone.is_empty() && same_places && same_types;
        renamed.then(|| {
            let pairs = gone.iter().zip(come);
            pairs.map(|((_, from), (_, to))| self.argument_renamed(from, to)).collect()
        })
    }

    fn argument_renamed(&self, from: &str, to: &str) -> Change {
        let path = self.path();
        self.of_argument(ARGUMENT_RENAMED, to).says(format!(
            "The argument `{from}` of `{path}` is now `{to}`, so the same call compiles and says \
             something else."
        ))
    }

    fn argument_removed(&self, name: &str) -> Change {
        let path = self.path();
        self.of_argument(ARGUMENT_REMOVED, name)
            .says(format!("`{path}` no longer takes `{name}`, so no call of it compiles."))
    }

    fn argument_added(&self, name: &str) -> Change {
        let path = self.path();
        self.of_argument(ARGUMENT_ADDED, name)
            .says(format!("`{path}` also takes `{name}`, so no call of it compiles."))
    }

    fn argument_changed(&self, name: &str, from: &str, to: &str) -> Change {
        let path = self.path();
        self.of_argument(ARGUMENT_TYPE_CHANGED, name).says(format!(
            "`{path}` took `{name}: {from}` and now takes `{name}: {to}`, so calls of it may not \
             compile."
        ))
    }

    fn reordered(&self) -> Option<Change> {
        let common = |these: &Method, others: &Method| -> Vec<String> {
            let names = these.arguments.iter().map(|(name, _)| name);
            let is_common =
                |name: &&String| others.arguments.iter().any(|(other, _)| other == *name);
            names.filter(is_common).cloned().collect()
        };
        let sentence = format!(
            "The arguments of `{}` are in another order, so the same call says something else or \
             does not compile.",
            self.path()
        );
        (common(self.old, self.new) != common(self.new, self.old))
            .then(|| self.change(ARGUMENTS_REORDERED).says(sentence))
    }

    fn path(&self) -> String {
        path(self.owner, self.old)
    }

    fn change(&self, rule: &'static Rule) -> Change {
        change(rule, self.pair, self.owner, self.old)
            .base(&self.old.signature)
            .head(&self.new.signature)
    }

    fn of_argument(&self, rule: &'static Rule, argument: &str) -> Change {
        let (owner, method) = (&self.owner.name, &self.old.name);
        let find = |model: &Model| pointers::of_argument(model, owner, method, argument);
        self.change(rule)
            .at(self.pair, find)
            .or_at(self.pair, |model| pointers::of_method(model, owner, method))
            .or_at(self.pair, |model| pointers::of_type(model, owner))
    }
}

fn change(rule: &'static Rule, pair: Pair<'_>, owner: &TypeApi, method: &Method) -> Change {
    Change::new(rule, pair, path(owner, method))
        .at(pair, |model| pointers::of_method(model, &owner.name, &method.name))
        .or_at(pair, |model| pointers::of_type(model, &owner.name))
}

fn path(owner: &TypeApi, method: &Method) -> String {
    format!("{}::{}()", owner.name, method.name)
}

fn named<'a>(methods: &'a [Method], name: &str) -> Option<&'a Method> {
    methods.iter().find(|method| method.name == name)
}
