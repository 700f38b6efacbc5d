//! Makes a JSON Schema for strict mode from a Rust type. [`crate::parse`] reads the answer that follows it, and
//! [`crate::tools`] uses it for the arguments of functions.
//!
//! Strict mode means that an answer follows its schema exactly. Services offer it for a part of JSON Schema only:
//!
//! - Every object is closed, and every property is required. A field that may be missing is nullable instead.
//! - A `$ref` stands alone. If a field has a description of its own, the type is written out in its place.
//! - `oneOf` becomes `anyOf`, and `const` becomes an `enum` of one value.
//! - Keywords and formats that strict mode does not have are dropped. [`StrictSchema::dropped`] lists them.
//! - The properties keep the order of the fields, because a model fills them in that order.
//!
//! What such a schema cannot express is a [`SchemaError`] with its place: maps with free keys, tuples, any JSON, and
//! a root that is not a struct.

mod definitions;
mod error;
mod limits;
mod merge;
mod rewrite;

use std::fmt;

use chatwire_types::{JsonSchemaDefinition, JsonSchemaFormat, ResponseFormat};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

pub use error::{Refused, SchemaError};

/// The longest name of a schema that services take.
const LONGEST_NAME: usize = 64;

/// A JSON Schema for strict mode, with its name and description.
///
/// It becomes a [`ResponseFormat`], so `request.response_format(strict_schema::<T>()?)` works.
#[derive(Clone, Debug, PartialEq)]
pub struct StrictSchema {
    name: String,
    description: Option<String>,
    json: Value,
    dropped: Vec<Dropped>,
}

/// A keyword of a type's schema that strict mode does not have. The answer need not obey it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Dropped {
    /// The place: the type, then its fields, such as `Order.lines[].count`.
    pub place: String,
    /// The keyword, such as `minLength`.
    pub keyword: String,
    /// The value of the keyword.
    pub value: Value,
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}: {}`", self.place, self.keyword, self.value)
    }
}

/// Makes the schema of a type for strict mode. The description is the doc comment of the type.
///
/// # Errors
///
/// Returns an error if strict mode cannot express the type. It lists every place and reason.
///
/// ```
/// use chatwire::schema::strict_schema;
/// use schemars::JsonSchema;
/// use serde_json::json;
///
/// /// An event in a calendar.
/// #[derive(JsonSchema)]
/// struct Event {
///     name: String,
///     /// The number of seats.
///     seats: Option<u8>,
/// }
///
/// let schema = strict_schema::<Event>()?;
/// assert_eq!(schema.name(), "Event");
/// assert_eq!(schema.description(), Some("An event in a calendar."));
/// assert_eq!(
///     schema.as_json(),
///     &json!({
///         "type": "object",
///         "properties": {
///             "name": {"type": "string"},
///             "seats": {
///                 "description": "The number of seats.",
///                 "type": ["integer", "null"],
///                 "minimum": 0,
///                 "maximum": 255,
///             },
///         },
///         "required": ["name", "seats"],
///         "additionalProperties": false,
///     }),
/// );
/// let dropped: Vec<_> = schema.dropped().iter().map(|each| each.to_string()).collect();
/// assert_eq!(dropped, [r#"Event.seats: `format: "uint8"`"#]);
///
/// type Table = std::collections::HashMap<String, u8>;
/// let error = strict_schema::<Table>().unwrap_err();
/// assert!(error.to_string().contains("free keys"), "{error}");
/// # Ok::<(), chatwire::schema::SchemaError>(())
/// ```
pub fn strict_schema<T: JsonSchema + ?Sized>() -> Result<StrictSchema, SchemaError> {
    let type_name = T::schema_name();
    let mut settings = SchemaSettings::draft2020_12();
    settings.meta_schema = None;
    let root = settings.into_generator().into_root_schema_for::<T>().to_value();
    let (mut json, dropped, mut refused) = rewrite::rewrite(root, &type_name);
    if refused.is_empty() {
        refused.extend(limits::check(&json, &type_name));
    }
    if !refused.is_empty() {
        return Err(SchemaError::new(type_name.into_owned(), refused));
    }
    let description = json.as_object_mut().and_then(|root| {
        // The service gets both beside the schema.
        root.shift_remove("title");
        root.shift_remove("description")
    });
    let description = description.as_ref().and_then(Value::as_str).map(str::to_owned);
    Ok(StrictSchema { name: plain_name(&type_name), description, json, dropped })
}

/// The name of a type, in the characters that services take.
fn plain_name(type_name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    type_name.chars().take(LONGEST_NAME).map(plain).collect()
}

impl StrictSchema {
    /// The name of the type, in letters, digits, `_` and `-`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The doc comment of the type.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// The JSON Schema.
    pub const fn as_json(&self) -> &Value {
        &self.json
    }

    /// Takes the JSON Schema.
    pub fn into_json(self) -> Value {
        self.json
    }

    /// The keywords that strict mode does not have. An answer need not obey them, so check what matters.
    pub fn dropped(&self) -> &[Dropped] {
        &self.dropped
    }
}

impl From<StrictSchema> for ResponseFormat {
    fn from(schema: StrictSchema) -> Self {
        let mut definition =
            JsonSchemaDefinition::new(schema.name).schema(schema.json).strict(true);
        definition.description = schema.description;
        JsonSchemaFormat::new(definition).into()
    }
}
