//! Lists the models of the server. They are names only: [`chat`](crate::chat) answers for every model.

use serde_json::{Value, json};

use crate::problem::Problem;

/// The models that `GET /models` names.
pub(crate) struct Models(Vec<String>);

impl Models {
    /// Without names, there is one model, because clients choose from the list.
    pub(crate) fn new(mut names: Vec<String>) -> Self {
        if names.is_empty() {
            names.push("gpt-4o-mini".to_owned());
        }
        Self(names)
    }

    pub(crate) fn list(&self) -> String {
        let models: Vec<Value> = self.0.iter().map(|name| model(name)).collect();
        json!({"object": "list", "data": models}).to_string()
    }

    pub(crate) fn get(&self, name: &str) -> Result<String, Problem> {
        if self.0.iter().any(|have| have == name) {
            return Ok(model(name).to_string());
        }
        let text =
            format!("The model '{name}' does not exist; the mock lists {}.", self.0.join(", "));
        Err(Problem::new(404, text).about("model").with_code("model_not_found"))
    }
}

fn model(name: &str) -> Value {
    json!({"id": name, "object": "model", "created": CREATED, "owned_by": "chatwire-mock"})
}

/// The moment at which all models were created, in seconds since 1970. It is the same in every answer.
const CREATED: u64 = 1_700_000_000;
