//! Reads the body of an answer as an event stream, for the view and for the rules. `chatwire-sse` cuts it into events,
//! and `chatwire-stream` turns them into chunks and a completion.

use chatwire_sse::Decoder;
use chatwire_stream::{Accumulator, ChunkDecoder, Done, StreamError};
use serde_json::{Map, Value, json};

use crate::wire::{Answer, Exchange};

/// An event stream, as far as it arrived.
#[derive(Debug)]
pub(crate) struct Events {
    /// What checks see.
    pub(super) view: Value,
    /// The end of the stream by `chatwire-stream`; `None` if it is whole and has its marker.
    pub(super) ending: Option<String>,
    /// What cannot be read as a chunk, and errors that the server sent.
    pub(super) errors: Vec<String>,
    /// The time of each event in milliseconds.
    pub(super) times: Vec<u64>,
}

impl Events {
    pub(super) fn read(answer: &Answer, exchange: &Exchange) -> Self {
        let body = &answer.body.bytes;
        let (ending, errors, completion) = chunks(answer);
        let (events, places) = events(body);
        let times = times(&places, answer, exchange);
        let mut view = view(&events, &completion);
        if let Some(view) = view.as_object_mut() {
            view.insert("comments".to_owned(), json!(comments(body)));
        }
        Self { view, ending, errors, times }
    }

    /// The JSON of each chunk.
    pub(super) fn chunks(&self) -> &[Value] {
        self.view.get("chunks").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}

/// Decodes the chunks: how the stream ended, what is wrong with events, and the completion.
fn chunks(answer: &Answer) -> (Option<String>, Vec<String>, Value) {
    let media = answer.header("content-type");
    let mut decoder = ChunkDecoder::new().response(answer.status, media.as_deref());
    let (mut accumulator, mut errors, mut ending) = (Accumulator::new(), vec![], None);
    let mut input = answer.body.bytes.as_slice();
    loop {
        let next = match decoder.next(&mut input) {
            Some(next) => Some(next),
            None => decoder.finish(),
        };
        match next {
            Some(Ok(chunk)) => accumulator.push(chunk),
            Some(Err(error @ (StreamError::Undecodable(_) | StreamError::Api(_)))) => {
                errors.push(error.to_string());
            }
            Some(Err(error)) => ending = Some(error.to_string()),
            None => break,
        }
    }
    if ending.is_none() && decoder.done() != Some(Done::Marker) && errors.is_empty() {
        ending = Some("the stream ends without `data: [DONE]`".to_owned());
    }
    if let Err(error) = accumulator.ensure_complete() {
        errors.push(error.to_string());
    }
    let completion = serde_json::to_value(accumulator.into_completion()).unwrap_or_default();
    (ending.or_else(|| unfinished(&completion)), errors, completion)
}

/// The first choice without a finish reason, as a finding.
fn unfinished(completion: &Value) -> Option<String> {
    let choices = completion.get("choices")?.as_array()?;
    let open =
        choices.iter().find(|choice| choice.get("finish_reason").is_none_or(Value::is_null))?;
    let index = open.get("index").cloned().unwrap_or_default();
    Some(format!("choice {index} has no finish reason before the end"))
}

/// The events, and how many bytes of the body came before the end of each.
fn events(body: &[u8]) -> (Vec<Value>, Vec<usize>) {
    let mut decoder = Decoder::new();
    let (mut events, mut places) = (vec![], vec![]);
    let mut input = body;
    while let Ok(Some(event)) = decoder.next(&mut input) {
        let mut json = Map::new();
        json.insert("event".to_owned(), json!(event.event_type()));
        json.insert("data".to_owned(), json!(event.data_lossy()));
        if !event.id.is_empty() {
            json.insert("id".to_owned(), json!(event.id_lossy()));
        }
        if let Some(retry) = event.retry {
            json.insert("retry".to_owned(), json!(retry));
        }
        events.push(Value::Object(json));
        places.push(body.len() - input.len());
    }
    (events, places)
}

fn view(events: &[Value], completion: &Value) -> Value {
    let text = |event: &Value| event.get("data").and_then(Value::as_str).map(str::to_owned);
    let texts: Vec<String> = events.iter().filter_map(text).collect();
    let marker = texts.iter().position(|text| text.trim() == DONE);
    let markers = texts.iter().filter(|text| text.trim() == DONE).count();
    let after = marker.map_or(0, |marker| texts.len() - marker - 1);
    let chunks: Vec<Value> = texts
        .iter()
        .filter(|text| text.trim() != DONE)
        .map(|text| serde_json::from_str(text).unwrap_or(Value::Null))
        .filter(|event| !is_error(event))
        .collect();
    let has_choice = |chunk: &&Value| chunk.pointer("/choices/0").is_some();
    let with_choices: Vec<&Value> = chunks.iter().filter(has_choice).collect();
    let usages: Vec<&Value> =
        chunks.iter().filter_map(|chunk| chunk.get("usage")).filter(|u| !u.is_null()).collect();
    json!({
        "events": events,
        "markers": markers,
        "after_marker": after,
        "choices": by_choice(&chunks),
        "usages": usages,
        "with_choices": with_choices,
        "chunks": chunks,
        "completion": completion,
    })
}

/// Whether an event reports an error instead of a chunk. It is judged by a rule of its own, and not as a chunk.
fn is_error(event: &Value) -> bool {
    event.get("error").is_some_and(|error| !error.is_null()) && event.get("choices").is_none()
}

/// The parts of each choice in their order, by the index of the choice.
fn by_choice(chunks: &[Value]) -> Value {
    let mut choices = Map::new();
    let parts = chunks.iter().filter_map(|chunk| chunk.get("choices")?.as_array()).flatten();
    for part in parts {
        let index = part.get("index").map_or_else(|| "none".to_owned(), Value::to_string);
        let list = choices.entry(index).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(part.clone());
        }
    }
    Value::Object(choices)
}

fn comments(body: &[u8]) -> usize {
    lines(&String::from_utf8_lossy(body)).filter(|line| line.starts_with(':')).count()
}

/// The lines of an event stream, which end with LF, CR or both.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split("\r\n").flat_map(|part| part.split(['\n', '\r']))
}

/// When each event was whole, in milliseconds after the request.
fn times(places: &[usize], answer: &Answer, exchange: &Exchange) -> Vec<u64> {
    let arrived = |place: usize| {
        let pieces = &answer.body.pieces;
        // The last piece that begins before the end of the event. Bytes without pieces arrive as they are.
        let piece = pieces.iter().rev().find(|(start, _)| *start < place);
        answer.head_len + piece.map_or(place, |(_, arrived)| *arrived)
    };
    let time = |place: usize| {
        let arrived = arrived(place);
        let mark = exchange.marks.iter().find(|(length, _)| *length >= arrived);
        mark.or(exchange.marks.last()).map_or(0, |(_, time)| time.as_millis() as u64)
    };
    places.iter().map(|place| time(*place)).collect()
}

const DONE: &str = "[DONE]";
