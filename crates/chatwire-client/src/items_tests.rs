//! Tests of lists that go on over pages: when the next page is asked for, and what ends a list. The server is that of
//! [`send_tests`](crate::send_tests).

use std::error::Error as _;

use crate::send_tests::{Script, Server, answer};
use crate::{ErrorKind, GetChatCompletionMessages, Items, ListChatCompletions};
use chatwire_types::{ChatCompletion, StoredMessage};

fn page(body: &str) -> Script {
    answer("200 OK", "", body)
}

/// A page with items of these ids, which may be several characters apart.
fn ids(ids: &str, has_more: &str) -> Script {
    let items: Vec<_> = ids.split_whitespace().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
    page(&format!(r#"{{"data":[{}]{has_more}}}"#, items.join(",")))
}

const MORE: &str = r#","has_more":true"#;
const LAST: &str = r#","has_more":false"#;

/// What a list gives: the ids, and `!` with the kind of an error.
async fn collect(mut all: Items<ChatCompletion>) -> String {
    let mut found = Vec::new();
    // A list that does not end fails the test.
    while let Some(item) = all.next().await {
        found.push(match item {
            Ok(item) => item.id.unwrap_or_else(|| "?".to_owned()),
            Err(error) => format!("!{:?}", error.kind()),
        });
        assert!(found.len() < 20, "{found:?}");
    }
    assert!(all.next().await.is_none(), "it goes on after its end");
    found.join(" ")
}

#[track_caller]
fn check_requests(server: &Server, expected: &[&str]) {
    let lines = server.requests();
    let paths = lines.iter().filter_map(|request| request.split_whitespace().nth(1));
    assert_eq!(paths.collect::<Vec<_>>(), expected);
}

async fn check(pages: Vec<Script>, expected: &str, requests: &[&str]) {
    let server = Server::start(pages).await;
    let client = server.client().build().unwrap();
    let all = client.list_chat_completions_all(&ListChatCompletions::new().limit(2));
    assert_eq!(collect(all).await, expected);
    let requests: Vec<_> =
        requests.iter().map(|query| format!("/v1/chat/completions?{query}limit=2")).collect();
    check_requests(&server, &requests.iter().map(String::as_str).collect::<Vec<_>>());
}

#[tokio::test]
async fn pages_follow_each_other() {
    check(
        vec![ids("a b", MORE), ids("c d", MORE), ids("e", LAST)],
        "a b c d e",
        &["", "after=b&", "after=d&"],
    )
    .await;
    check(vec![ids("a b", LAST)], "a b", &[""]).await;
    check(vec![ids("", MORE)], "", &[""]).await;
    check(vec![ids("a b", MORE), ids("", MORE)], "a b", &["", "after=b&"]).await;
    // Servers written in Go send null for an empty list.
    check(vec![ids("a", MORE), page(r#"{"data":null,"has_more":true}"#)], "a", &["", "after=a&"])
        .await;
}

/// Some servers do not say whether there is more, and ignore `after`.
#[tokio::test]
async fn a_page_that_comes_again_is_the_end() {
    check(vec![ids("a b", ""), ids("c", ""), ids("", "")], "a b c", &["", "after=b&", "after=c&"])
        .await;
    check(vec![ids("a b", ""), ids("a b", "")], "a b", &["", "after=b&"]).await;
    check(vec![ids("a b", MORE), ids("a b", MORE)], "a b", &["", "after=b&"]).await;
    let circle = vec![ids("a", MORE), ids("b", MORE), ids("a", MORE)];
    check(circle, "a b", &["", "after=a&", "after=b&"]).await;
}

#[tokio::test]
async fn the_cursor_is_the_id_of_the_last_item() {
    let page_of = |id: &str, last: &str| {
        page(&format!(
            r#"{{"data":[{{"id":{id},"object":"x"}}],"last_id":{last},"has_more":true}}"#
        ))
    };
    let end = || ids("z", LAST);
    check(vec![page_of(r#""a""#, r#""b""#), end()], "a z", &["", "after=a&"]).await;
    check(vec![page_of("null", r#""b""#), end()], "? z", &["", "after=b&"]).await;
    check(
        vec![page_of(r#""a b/ä&c""#, "null"), end()],
        "a b/ä&c z",
        &["", "after=a+b%2F%C3%A4%26c&"],
    )
    .await;
    // The rest would be lost unseen.
    check(vec![page_of("null", "null")], "? !InvalidBody", &[""]).await;
}

#[tokio::test]
async fn an_error_is_the_last_item() {
    let no = || answer("400 Bad Request", "", r#"{"error":{"message":"no"}}"#);
    check(vec![no()], "!Api", &[""]).await;
    check(vec![ids("a b", MORE), no()], "a b !Api", &["", "after=b&"]).await;
    let odd = page(r#"{"data":{"a":1},"has_more":true}"#);
    check(vec![ids("a", MORE), odd], "a !InvalidBody", &["", "after=a&"]).await;
    check(vec![ids("a", MORE), page("[]")], "a !InvalidBody", &["", "after=a&"]).await;
    // A failure that passes is retried.
    let busy = answer("503 Busy", "", "");
    check(vec![ids("a", MORE), busy, ids("b", LAST)], "a b", &["", "after=a&", "after=a&"]).await;
}

#[tokio::test]
async fn a_page_is_asked_for_when_it_is_needed() {
    let server = Server::start(vec![ids("a b", MORE), ids("c", LAST)]).await;
    let client = server.client().build().unwrap();
    let mut all = client.list_chat_completions_all(&ListChatCompletions::new().after("x y"));
    check_requests(&server, &[]);
    let (first, second) = ("/v1/chat/completions?after=x+y", "/v1/chat/completions?after=b");
    for (id, seen) in [("a", &[first][..]), ("b", &[first]), ("c", &[first, second])] {
        assert_eq!(all.next().await.unwrap().unwrap().id.as_deref(), Some(id));
        check_requests(&server, seen);
    }
    assert!(all.next().await.is_none());
}

/// The messages of a completion, over the `Stream` of `futures_core`, on another task.
#[tokio::test]
async fn every_list_has_its_items() {
    let server = Server::start(vec![ids("m1", MORE), ids("m2", LAST)]).await;
    let client = server.client().build().unwrap();
    let mut all: Items<StoredMessage> =
        client.get_chat_completion_messages_all("c/1", &GetChatCompletionMessages::new());
    drop(client);
    let found = tokio::spawn(async move {
        let mut found = Vec::new();
        loop {
            let next = std::future::poll_fn(|context| {
                futures_core::Stream::poll_next(std::pin::Pin::new(&mut all), context)
            });
            match next.await {
                Some(item) => found.extend(item.unwrap().id),
                None => return found,
            }
        }
    });
    assert_eq!(found.await.unwrap(), ["m1", "m2"]);
    let path = "/v1/chat/completions/c%2F1/messages";
    check_requests(&server, &[path, &format!("{path}?after=m1")]);
}

/// A wait for an item may be given up, and the page is not asked for again.
#[tokio::test]
async fn a_wait_can_be_given_up() {
    let text = r#"{"data":[{"id":"a"}],"has_more":false}"#;
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", text.len());
    let slow = Script { parts: vec![(0, head), (100, text.to_owned())], hang: false };
    let server = Server::start(vec![slow]).await;
    let client = server.client().build().unwrap();
    let mut all = client.list_chat_completions_all(&ListChatCompletions::new());
    let short = std::time::Duration::from_millis(20);
    assert!(tokio::time::timeout(short, all.next()).await.is_err());
    assert_eq!(all.next().await.unwrap().unwrap().id.as_deref(), Some("a"));
    assert_eq!(server.requests().len(), 1);
    assert_eq!(format!("{all:?}"), "Items { ready: 0, .. }");
}

#[tokio::test]
async fn an_error_of_a_page_says_what_is_wrong() {
    for (body, words) in [
        (
            r#"{"data":"sk-secret-123","has_more":true}"#,
            "200 OK, but `data` is not a list of objects, so the body is not an answer",
        ),
        (
            r#"{"data":[{"object":"sk-secret-123"}],"has_more":true}"#,
            "200 OK, but the page has no `id` after which the next one begins",
        ),
    ] {
        let server = Server::start(vec![answer("200 OK", "x-request-id: req_1\r\n", body)]).await;
        let client = server.client().build().unwrap();
        let mut all = client.list_chat_completions_all(&ListChatCompletions::new());
        let error = loop {
            match all.next().await.unwrap() {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert!(error.to_string().starts_with(words), "{error}");
        assert_eq!((error.kind(), error.request_id()), (ErrorKind::InvalidBody, Some("req_1")));
        let body = String::from_utf8_lossy(error.body().unwrap()).into_owned();
        assert!(!format!("{error} {error:?} {body}").contains("secret"), "{error}");
        assert!(error.source().is_none());
    }
}
