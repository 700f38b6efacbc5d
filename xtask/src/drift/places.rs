//! Finds for each wire path of the upstream document the place in ours, and for each of its
//! components the name in ours. [`super::paste`] writes what goes there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::load::{Document, Entry, Node};
use crate::problem::{Position, Problem};
use crate::surface::{Merged, Root, Site, Surface, Visit, arm, walk};

/// What both documents have at one wire path.
#[derive(Debug)]
pub(super) struct Spot<'a, 'b> {
    /// The last key of the path; `None` for items and map values.
    pub(super) key: Option<&'b str>,
    /// The schemas in theirs.
    pub(super) theirs: Vec<Site<'b>>,
    /// The schemas in ours.
    pub(super) ours: Vec<Site<'a>>,
    /// The objects in ours that have the key, or should have it.
    pub(super) owners: Vec<&'a Node>,
    /// The unions in ours that have these objects as forms.
    pub(super) unions: Vec<&'a Node>,
}

impl<'a, 'b> Spot<'a, 'b> {
    /// The object in ours that should have the key: the one with the tag of theirs, else the first.
    pub(super) fn owner(&self) -> Option<&'a Node> {
        let arms: Vec<_> = self.theirs.iter().map(|site| site.arm.as_str()).collect();
        let tagged = self.owners.iter().find(|owner| arms.contains(&arm(owner).as_str()));
        tagged.or_else(|| self.owners.first()).copied()
    }

    /// The form of theirs that has the key, if ours has a union without that form.
    pub(super) fn new_form(&self) -> Option<(&'b Node, &'a Node)> {
        let known: BTreeSet<_> = self.owners.iter().map(|owner| arm(owner)).collect();
        let is_new = |site: &&Site<'b>| !site.arm.is_empty() && !known.contains(&site.arm);
        let all_new = self.theirs.iter().all(|site| is_new(&site));
        let form = self.theirs.first().filter(|_| all_new)?.owner?;
        Some((form, self.unions.first()?))
    }

    /// The schema in ours, in an object with this tag if there is one.
    pub(super) fn our_site(&self, arm: &str) -> Option<&'a Node> {
        let tagged = self.ours.iter().find(|site| site.arm == arm);
        tagged.or_else(|| self.ours.first()).map(|site| site.schema)
    }

    /// The schemas in ours with everything that they refer to.
    pub(super) fn ours_parts(&self, ours: &'a Document) -> Vec<&'a Node> {
        Merged::of_sites(ours, &self.ours, &mut Vec::new()).parts().to_vec()
    }
}

/// All wire paths of theirs.
#[derive(Debug)]
pub(super) struct Places<'a, 'b> {
    spots: HashMap<(Root, String), Spot<'a, 'b>>,
    /// Our names for their components.
    pub(super) names: BTreeMap<String, String>,
    /// The names of our components, and of those that are already among the texts to paste.
    pub(super) ours: BTreeSet<String>,
    components: BTreeMap<&'a Position, &'a str>,
}

impl<'a, 'b> Places<'a, 'b> {
    pub(super) fn new(ours: &'a Document, theirs: &'b Document) -> Result<Self, Problem> {
        let (our_surface, their_surface) = (Surface::new(ours)?, Surface::new(theirs)?);
        let components = schemas(ours).iter().map(|entry| (&entry.value.at, entry.key.as_str()));
        let mut places = Self {
            spots: HashMap::new(),
            names: BTreeMap::new(),
            ours: schemas(ours).iter().map(|entry| entry.key.clone()).collect(),
            components: components.collect(),
        };
        for root in Root::ALL {
            // `coverage` has reported what is broken.
            let broken = &mut Vec::new();
            let Some(body) = their_surface.body(root, broken) else { continue };
            let our_body = our_surface.body(root, broken);
            let visits = walk((theirs, ours), &body, our_body.as_ref(), broken)?;
            places.add(root, &visits, our_body.as_ref());
        }
        Ok(places)
    }

    pub(super) fn spot(&self, root: Root, path: &str) -> Option<&Spot<'a, 'b>> {
        self.spots.get(&(root, path.to_owned()))
    }

    /// The name of one of our components, by its schema.
    pub(super) fn component(&self, node: &Node) -> Option<&'a str> {
        self.components.get(&node.at).copied()
    }

    fn add(&mut self, root: Root, visits: &[Visit<'b, 'a>], body: Option<&Merged<'a>>) {
        for visit in visits {
            let above = match visit.parent {
                Some(parent) => visits.get(parent).and_then(|parent| parent.there.as_ref()),
                None => body,
            };
            let parts = above.map(Merged::parts).unwrap_or_default();
            let owners = parts.iter().filter(|part| part.get("properties").is_some());
            let unions = parts.iter().filter(|part| part.get("oneOf").is_some());
            self.name(visit);
            let spot = Spot {
                key: visit.key,
                theirs: visit.sites.clone(),
                ours: visit.sites_there.clone(),
                owners: owners.copied().collect(),
                unions: unions.copied().collect(),
            };
            self.spots.insert((root, visit.path.clone()), spot);
        }
    }

    /// If both documents refer to a component at the same place, the components are the same.
    fn name(&mut self, visit: &Visit<'b, 'a>) {
        let theirs = visit.sites.iter().find_map(|site| component_name(site.schema));
        let ours = visit.sites_there.iter().find_map(|site| component_name(site.schema));
        if let (Some(theirs), Some(ours)) = (theirs, ours) {
            self.names.entry(theirs).or_insert(ours);
        }
    }
}

fn schemas(document: &Document) -> &[Entry] {
    document.node_at("#/components/schemas").map(Node::entries).unwrap_or_default()
}

/// The component that a schema refers to, also in a wrapper around one reference.
fn component_name(schema: &Node) -> Option<String> {
    let pointer = |node: &Node| {
        let pointer = node.get("$ref")?.as_str()?;
        pointer.strip_prefix("#/components/schemas/").map(str::to_owned)
    };
    let wrapped = ["allOf", "anyOf", "oneOf"].iter().filter_map(|key| schema.get(key));
    let mut wrapped = wrapped.flat_map(Node::items).filter_map(pointer);
    pointer(schema).or_else(|| match (wrapped.next(), wrapped.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    })
}
