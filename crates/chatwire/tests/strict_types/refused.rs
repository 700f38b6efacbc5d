//! Types that strict mode cannot express, each with the place and the reason.

#![allow(dead_code, reason = "the fields are there for their schema")]

use std::collections::{BTreeMap, HashMap};

use chatwire::schema::{SchemaError, strict_schema};
use schemars::JsonSchema;
use serde_json::{Map, Value};

macro_rules! types {
    ($($item:item)*) => { $(#[derive(JsonSchema)] $item)* };
}

types! {
    struct HoldsMap { prices: HashMap<String, f64> }
    struct HoldsNumberedMap { prices: BTreeMap<u8, String> }
    struct HoldsMapDeep { lines: Vec<Line> }
    struct Line { name: String, extra: Option<BTreeMap<String, String>> }
    struct HoldsJson { value: Value }
    struct HoldsDocumentedJson {
        /// Anything.
        value: Value,
    }
    struct HoldsOptionalJson { value: Option<Value> }
    struct HoldsJsonList { values: Vec<Value> }
    struct HoldsJsonObject { object: Map<String, Value> }
    struct HoldsTuple { pair: (u8, String) }
    struct Pair(u8, u8);
    struct HoldsPair { pair: Option<Pair> }
    enum Tuples { One(u8), Two(u8, u8) }
    struct HoldsTuples { value: Tuples }
    struct FlattenedMap { name: String, #[serde(flatten)] rest: HashMap<String, Value> }
    enum RootEnum { A { x: u8 }, B { y: u8 } }
    enum UnitEnum { A, B }
    #[serde(tag = "type")]
    enum First { A { x: u8 }, B }
    #[serde(tag = "kind")]
    enum Second { C { y: u8 }, D }
    struct Both { #[serde(flatten)] first: First, #[serde(flatten)] second: Second }
    struct HoldsBoth { both: Both }
    struct RootFlattened { name: String, #[serde(flatten)] first: First }
    struct Level<T> { inner: T }
    struct Conditional { #[schemars(extend("if" = {"const": 1}))] count: u8 }
    struct Several { a: (u8, u8), b: Value, c: HashMap<String, u8> }
}

type Deep = Level<Level<Level<Level<Level<Level<Level<Level<Level<Level<Level<u8>>>>>>>>>>>;

/// The type, the place of the first problem, and a part of its reason.
type Row = (fn() -> SchemaError, &'static str, &'static str);

fn error<T: JsonSchema>() -> SchemaError {
    strict_schema::<T>().err().unwrap_or_else(|| panic!("{} has a schema", T::schema_name()))
}

const ROWS: &[Row] = &[
    (error::<HashMap<String, u8>>, "Map_of_uint8", "free keys"),
    (error::<HoldsMap>, "HoldsMap.prices", "free keys"),
    (error::<HoldsNumberedMap>, "HoldsNumberedMap.prices", "free keys"),
    (error::<HoldsMapDeep>, "Line.extra", "free keys"),
    (error::<HoldsJson>, "HoldsJson.value", "any JSON"),
    (error::<HoldsDocumentedJson>, "HoldsDocumentedJson.value", "any JSON"),
    (error::<HoldsOptionalJson>, "HoldsOptionalJson.value", "any JSON"),
    (error::<HoldsJsonList>, "HoldsJsonList.values[]", "any JSON"),
    (error::<HoldsJsonObject>, "HoldsJsonObject.object", "free keys"),
    (error::<HoldsTuple>, "HoldsTuple.pair", "is a tuple"),
    (error::<HoldsPair>, "Pair", "is a tuple"),
    (error::<HoldsTuples>, "Tuples(Two).Two", "is a tuple"),
    (error::<FlattenedMap>, "FlattenedMap", "free keys"),
    (error::<RootEnum>, "RootEnum", "is a union at the root"),
    (error::<UnitEnum>, "UnitEnum", "is not an object"),
    (error::<RootFlattened>, "RootFlattened", "is a union at the root"),
    (error::<Vec<String>>, "Array_of_string", "is not an object"),
    (error::<String>, "string", "is not an object"),
    (error::<Option<Line>>, "Nullable_Line", "union at the root"),
    (error::<HoldsBoth>, "Both", "two flattened enums"),
    (error::<Conditional>, "Conditional.count", "has a condition"),
    (error::<Value>, "AnyValue", "any JSON"),
];

#[test]
fn each_has_a_place_and_a_reason() {
    for (error, place, reason) in ROWS {
        let error = error();
        let found = error.refused().iter().find(|refused| refused.place == *place);
        let found = found.unwrap_or_else(|| panic!("{place} is not in {:?}", error.refused()));
        assert!(found.reason.contains(reason), "{found}");
        assert!(error.to_string().contains("has no schema for strict mode"), "{error}");
    }
}

#[test]
fn all_places_are_listed() {
    let error = error::<Several>();
    let places: Vec<_> = error.refused().iter().map(|refused| &*refused.place).collect();
    assert_eq!(places, ["Several.a", "Several.b", "Several.c"]);
    assert_eq!(
        error.to_string(),
        "the type `Several` has no schema for strict mode: `Several.a` is a tuple, and strict mode has \
         only lists whose items are of one type; use a struct with named fields (and 2 more)",
    );
}

#[test]
fn limits() {
    let error = error::<Deep>();
    assert!(
        error.to_string().contains("has 11 objects inside each other, and strict mode allows 10")
    );
}
