//! A gateway to another service, with typed requests and answers: `OPENAI_API_KEY=… cargo run -p chatwire --example
//! gateway --features axum`.
//!
//! It checks each request, sends it to another model, and counts the tokens. A stream has comments while the other
//! service thinks, so that proxies do not close the connection.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chatwire::stream::encode::EventBody;
use chatwire::{Client, CreateChatCompletionRequest, GatewayError, StreamError, Usage};
use futures_util::{TryStreamExt, stream};

static TOKENS: AtomicU64 = AtomicU64::new(0);

/// Counts the tokens of an answer. Some services repeat the usage so far in each chunk.
fn count(usage: Option<&Usage>, counted: &mut u64) {
    let tokens = usage.and_then(|usage| usage.total_tokens).unwrap_or(*counted);
    TOKENS.fetch_add(tokens.saturating_sub(*counted), Ordering::Relaxed);
    *counted = tokens;
}

async fn chat(
    State(client): State<Client>,
    mut request: CreateChatCompletionRequest,
) -> Result<Response, GatewayError> {
    request.model = Some("gpt-4o-mini".to_owned());
    if request.stream != Some(true) {
        let completion = client.chat(&request).await?.into_inner();
        count(completion.usage.as_deref(), &mut 0);
        return Ok(Json(completion).into_response());
    }
    // Without this, most services leave the usage out of a stream.
    request.stream_options.get_or_insert_default().include_usage = Some(true);
    // The answer begins at once, so an error of the other service is an event in it.
    let answer = async move { Ok::<_, StreamError>(client.stream(&request).await?.into_inner()) };
    let mut counted = 0;
    let chunks = stream::once(answer)
        .try_flatten()
        .inspect_ok(move |chunk| count(chunk.usage.as_deref(), &mut counted));
    let every = Duration::from_secs(15);
    Ok(EventBody::new(Box::pin(chunks)).keep_alive(every, tokio::time::sleep).into_response())
}

async fn tokens() -> String {
    TOKENS.load(Ordering::Relaxed).to_string()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let router = Router::new()
        .route("/v1/chat/completions", post(chat))
        .route("/tokens", get(tokens))
        .layer(DefaultBodyLimit::max(32 << 20))
        .with_state(Client::from_env()?);
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}/v1", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}
