//! A server with scripted answers, because the mock calls tools in one way only.

use std::sync::{Arc, Mutex};

use chatwire::Client;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The requests that the server got.
#[derive(Clone, Default)]
pub(crate) struct Requests(Arc<Mutex<Vec<Value>>>);

impl Requests {
    pub(crate) fn get(&self, position: usize) -> Value {
        self.0.lock().unwrap()[position].clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// The texts of the tool messages of a request.
    pub(crate) fn results(&self, position: usize) -> Vec<String> {
        let request = self.get(position);
        let messages = request["messages"].as_array().unwrap();
        let tools = messages.iter().filter(|message| message["role"] == "tool");
        tools.map(|message| message["content"].as_str().unwrap().to_owned()).collect()
    }
}

/// Starts a server that gives these answers, and repeats the last one.
pub(crate) async fn start(answers: Vec<Value>) -> (Client, Requests) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let requests = Requests::default();
    let seen = requests.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let position = seen.count().min(answers.len() - 1);
            answer(stream, &answers[position], &seen).await;
        }
    });
    let client = Client::builder().base_url(format!("http://{address}/v1")).build().unwrap();
    (client, requests)
}

async fn answer(mut stream: TcpStream, answer: &Value, requests: &Requests) {
    let mut bytes = Vec::new();
    let body = loop {
        let mut piece = [0; 4096];
        let count = stream.read(&mut piece).await.unwrap();
        bytes.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&bytes);
        let body =
            text.split_once("\r\n\r\n").and_then(|(_, body)| serde_json::from_str(body).ok());
        if let Some(body) = body {
            break body;
        }
    };
    requests.0.lock().unwrap().push(body);
    let body = answer.to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
}

#[expect(clippy::needless_pass_by_value, reason = "`json!` reads better without `&`")]
fn completion(message: Value, finish_reason: &str) -> Value {
    let choice = json!({"index": 0, "message": message, "finish_reason": finish_reason});
    let usage = json!({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15});
    json!({"id": "c", "object": "chat.completion", "choices": [choice], "usage": usage})
}

/// An answer with these calls: the id, the name and the arguments of each.
pub(crate) fn calls(calls: &[(&str, &str, &str)]) -> Value {
    let call = |(id, name, arguments): &(&str, &str, &str)| json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}});
    let calls: Vec<_> = calls.iter().map(call).collect();
    completion(json!({"role": "assistant", "content": null, "tool_calls": calls}), "tool_calls")
}

pub(crate) fn custom_call(name: &str, input: &str) -> Value {
    let call = json!({"id": "c1", "type": "custom", "custom": {"name": name, "input": input}});
    completion(json!({"role": "assistant", "content": null, "tool_calls": [call]}), "tool_calls")
}

pub(crate) fn says(text: &str) -> Value {
    completion(json!({"role": "assistant", "content": text}), "stop")
}
