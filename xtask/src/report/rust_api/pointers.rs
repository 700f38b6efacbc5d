//! Finds the place in the document that a Rust item comes from, as a JSON pointer. The wire part of
//! the report names the same places.

use crate::model::{Component, Kind, Model, Operation};
use crate::names;

/// The schema of a type, or the operation of the struct with its optional parameters.
pub(super) fn of_type(model: &Model, name: &str) -> Option<String> {
    model.component(name).map(schema).or_else(|| operation_of_struct(model, name).map(path))
}

/// The property of a field, or the value or form of a variant.
pub(super) fn of_member(model: &Model, owner: &str, member: &str) -> Option<String> {
    let component = model.component(owner)?;
    let inside = match &component.kind {
        Kind::Object(_) => return of_property(component, |field| field == member),
        Kind::Enum(values) => {
            format!("enum/{}", values.iter().position(|value| value.variant == member)?)
        }
        Kind::Union(union) => {
            format!("oneOf/{}", union.arms.iter().position(|arm| arm.variant == member)?)
        }
        Kind::Alias => return None,
    };
    Some(format!("{}/{inside}", schema(component)))
}

/// The property or the parameter of a setter, or the operation of a client method.
pub(super) fn of_method(model: &Model, owner: &str, method: &str) -> Option<String> {
    let Some(component) = model.component(owner) else {
        return match operation_of_struct(model, owner) {
            Some(operation) => parameter(operation, method),
            None => model.operation_of(method).map(|(operation, _)| path(operation)),
        };
    };
    let is_of = |field: &str| {
        let (set, get) = names::null_methods(field);
        [field, set.as_str(), get.as_str()].contains(&method)
    };
    of_property(component, is_of)
}

/// The property of an argument of `new`, or the parameter of an operation.
pub(super) fn of_argument(
    model: &Model,
    owner: &str,
    method: &str,
    argument: &str,
) -> Option<String> {
    if let Some(component) = model.component(owner) {
        return of_property(component, |field| field == argument);
    }
    if let Some(operation) = operation_of_struct(model, owner) {
        return parameter(operation, method);
    }
    let (operation, _) = model.operation_of(method)?;
    Some(match (parameter(operation, argument), argument) {
        (Some(parameter), _) => parameter,
        (None, "body") => format!("{}/requestBody", path(operation)),
        (None, _) => path(operation),
    })
}

/// The parameter with this Rust name.
fn parameter(operation: &Operation, name: &str) -> Option<String> {
    let mut parameters = operation.parameters.iter();
    let position = parameters.position(|parameter| names::field(parameter.name) == name)?;
    Some(format!("{}/parameters/{position}", path(operation)))
}

fn of_property(component: &Component, is_wanted: impl Fn(&str) -> bool) -> Option<String> {
    let mut properties = component.properties().iter();
    let property = properties.find(|property| is_wanted(&property.field))?;
    Some(format!("{}/properties/{}", schema(component), escaped(property.key)))
}

/// The operation whose optional parameters are in the struct with this name.
fn operation_of_struct<'a>(model: &'a Model<'a>, name: &str) -> Option<&'a Operation<'a>> {
    model.operations.iter().find(|operation| names::variant(operation.id) == name)
}

fn schema(component: &Component) -> String {
    format!("/components/schemas/{}", escaped(component.name))
}

fn path(operation: &Operation) -> String {
    format!("/paths/{}/{}", escaped(operation.path), operation.method)
}

fn escaped(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}
