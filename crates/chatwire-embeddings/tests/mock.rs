//! Asks the embedded server for vectors, with the settings and the errors of a client for chats.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test has no other way to say so"
)]

use chatwire_embeddings::{
    Client, CreateEmbeddingRequest, CreateEmbeddingResponse, EmbeddingInputItem, EmbeddingVector,
    EncodingFormat,
};
use chatwire_mock::MockServer;

async fn server() -> (MockServer, Client) {
    let server = MockServer::start().await.unwrap();
    let chat = chatwire_client::Client::builder().base_url(server.base_url());
    let client = Client::new(chat.max_retries(0).build().unwrap());
    (server, client)
}

#[tokio::test]
async fn a_vector_for_each_text() {
    let (_server, client) = server().await;
    let request = CreateEmbeddingRequest::new("small", ["a cat", "a dog"]).dimensions(4);
    let answer = client.create_embedding(&request).await.unwrap();
    let vectors = answer.data.as_ref().unwrap();
    assert_eq!(vectors.iter().map(|each| each.index).collect::<Vec<_>>(), [Some(0), Some(1)]);
    for each in vectors {
        assert!(
            matches!(&each.embedding, Some(EmbeddingVector::Numbers(numbers)) if numbers.len() == 4)
        );
    }
    assert!(answer.usage.as_ref().unwrap().total_tokens > Some(0));
}

#[tokio::test]
async fn base64_and_tokens() {
    let (server, client) = server().await;
    let tokens = vec![EmbeddingInputItem::Token(1), EmbeddingInputItem::Token(2)];
    let request =
        CreateEmbeddingRequest::new("small", tokens).encoding_format(EncodingFormat::Base64);
    let answer = client.create_embedding(&request).await.unwrap();
    let vector = &answer.data.as_ref().unwrap()[0].embedding;
    assert!(matches!(vector, Some(EmbeddingVector::Base64(_))), "{vector:?}");
    let received = server.received();
    assert_eq!((received[0].method(), received[0].target()), ("POST", "/v1/embeddings"));
}

#[tokio::test]
async fn errors_are_those_of_the_chat() {
    let (_server, client) = server().await;
    let error =
        client.create_embedding(&CreateEmbeddingRequest::new("small", "")).await.unwrap_err();
    assert_eq!(error.status(), Some(400));
    assert!(error.to_string().contains("an empty text"), "{error}");
}

#[test]
fn a_payload_of_a_service_comes_back_whole() {
    let text = r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,null]}],"model":"m","usage":{"prompt_tokens":8,"total_tokens":8,"cost":0.1},"id":"e"}"#;
    let answer: CreateEmbeddingResponse = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&answer).unwrap(), text);
}
