//! Asks the embedded server for its models, with the settings and the errors of a client for chats.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test has no other way to say so"
)]

use chatwire_mock::MockServer;
use chatwire_models::{Client, Model, ModelList, Unknown};

async fn client(server: &MockServer, key: &str) -> Client {
    let chat = chatwire_client::Client::builder().base_url(server.base_url()).api_key(key);
    Client::new(chat.max_retries(0).build().unwrap())
}

#[tokio::test]
async fn the_models_of_the_server() {
    let builder = MockServer::builder().api_key("sk-test").model("small").model("team/large");
    let server = builder.start().await.unwrap();
    let client = client(&server, "sk-test").await;
    let models = client.list_models().await.unwrap();
    let names: Vec<_> = models.data.iter().flatten().filter_map(|model| model.id.clone()).collect();
    assert_eq!(names, ["small", "team/large"]);
    assert!(models.request_id().is_some());

    let model = client.get_model("small").await.unwrap();
    assert_eq!(model.owned_by.as_deref(), Some("chatwire-mock"));
}

#[tokio::test]
async fn errors_are_those_of_the_chat() {
    let server = MockServer::builder().api_key("sk-test").start().await.unwrap();
    let error = client(&server, "sk-test").await.get_model("absent").await.unwrap_err();
    assert_eq!(error.status(), Some(404));
    assert!(error.to_string().contains("The model 'absent' does not exist"), "{error}");
    let error = client(&server, "sk-wrong").await.list_models().await.unwrap_err();
    assert_eq!(error.status(), Some(401));
    assert!(!format!("{error:?}").contains("sk-wrong"));
}

#[test]
fn keys_of_one_service_are_kept() {
    let text =
        r#"{"object":"list","data":[{"id":"a","created":null,"context_length":8,"owned_by":7}]}"#;
    let mut models: ModelList = serde_json::from_str(text).unwrap();
    let model: &Model = &models.data.as_ref().unwrap()[0];
    assert_eq!(model.extra.get("context_length").unwrap(), 8);
    assert_eq!(model.extra.get("owned_by").unwrap(), 7);
    models.strip_unknown();
    assert_eq!(serde_json::to_string(&models).unwrap(), r#"{"object":"list","data":[{"id":"a"}]}"#);
}
