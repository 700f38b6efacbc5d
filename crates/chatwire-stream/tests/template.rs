//! Tests that decoding with a template gives the same chunks and errors as parsing each event alone.
//! `outcomes` tests the meaning of chunks.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use chatwire_stream::ChunkDecoder;
use chatwire_types::ChatCompletionChunk;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Events that can become templates, and some that only look like it.
const EVENTS: [&str; 42] = [
    r#"{"id":"c1","object":"chat.completion.chunk","created":1700000001,"model":"m","choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}],"obfuscation":"abc"}"#,
    r#"{"id":"c1","object":"chat.completion.chunk","created":1700000001,"model":"m","choices":[{"index":1,"delta":{"content":"lo"},"finish_reason":null}],"obfuscation":"x"}"#,
    r#"{"id":"c2","created":1700000002,"choices":[{"index":0,"delta":{"role":"assistant","content":"a\nb \"c\" é😀"}}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}"#,
    r#"{"id":"c2","created":1700000003,"choices":[{"index":0,"delta":{"role":"assistant","content":"d"}}],"usage":{"prompt_tokens":1,"completion_tokens":12,"total_tokens":13}}"#,
    r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}},{"index":1,"custom":{"input":"x"}}]}}]}"#,
    r#"{"choices":[{"index":0,"delta":{"reasoning":"Hm","reasoning_details":[{"type":"reasoning.text","text":"Hm","index":0},{"summary":"s","text":null}]}}]}"#,
    r#"{"choices":[{"delta":{"function_call":{"name":"f","arguments":"1"},"refusal":"no","reasoning_content":"so"}}]}"#,
    r#"{"choices":[{"delta":{"audio":{"id":"a","data":"AAAA","transcript":"hi"},"thought":"t","channel":"final"}}],"p":"abcdef"}"#,
    r#"{"choices":[{"index":0,"delta":{"content":"a"},"logprobs":{"content":[{"token":"a","logprob":-0.25,"bytes":[97],"top_logprobs":[{"token":"a","logprob":-1e-5,"bytes":[97,98]},{"token":"b","logprob":-3,"bytes":null}]}],"refusal":[]}}]}"#,
    r#"{"choices":[{"index":0,"message":{"content":"a","calls":[{"arguments":"b","n":1}]},"delta":{"content":null},"logprobs":null}],"usage":{"completion_tokens":2,"completion_tokens_details":{"reasoning_tokens":2}}}"#,
    r#"{"x":{"at":12345,"s":"a"},"y":[1.5,"b"],"choices":[{"delta":{"content":"a"}}]}"#,
    r#"{"x":{"at":12346,"s":"a"},"y":[2,"c"],"choices":[{"delta":{"content":"a"}}]}"#,
    r#"{"x":{"at":12346,"s":"a","at":1},"created":1.5,"prompt_token_ids":[1.5,2],"model":["a"],"choices":[{"delta":{"content":"a","refusal":[1],"tool_calls":[1,{"index":1.5}]},"index":1.5,"finish_reason":["a"]}]}"#,
    r#"{"x":{"at":12347,"s":"a","at":1},"created":2.5,"prompt_token_ids":[2.5,2],"model":["b"],"choices":[{"delta":{"content":"a","refusal":[1],"tool_calls":[1,{"index":2.5}]},"index":2.5,"finish_reason":["b"]}]}"#,
    r#"{"choices":[{"delta":{"content":"a"},"logprobs":{"content":[{"token":"a","token":"a","logprob":1,"bytes":[1,-1]},{"token":7,"logprob":"x","bytes":["a"]}]}}]}"#,
    r#"{"choices":[{"index":0,"delta":{"reasoning_content":"a"},"logprobs":{"reasoning_content":[{"id":97,"token":"a","logprob":-0.25,"top_logprobs":[{"id":98,"token":"b","logprob":-3}]}]}}]}"#,
    // These add more to the answer than texts, or add the texts elsewhere the second time.
    r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]}}]}"#,
    r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{}"}}]}}]}"#,
    r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"function":{"arguments":"x"},"s":"t"}],"annotations":[{"n":1}]}}]}"#,
    r#"{"choices":[{"index":0,"delta":{"content":"a","phase":{"s":"b"},"type":"t","list":[1,"u"]},"matched":"c"},{"index":0,"delta":{"content":"d"}}]}"#,
    r#"{"choices":[{"index":0,"delta":{"content":"a","role":"assistant","thought":"","reasoning_details":[{"type":"reasoning.text","text":"b","index":1},{"type":"reasoning.encrypted","data":"c","index":2}]},"token_ids":[1]}]}"#,
    r#"{"choices":[{"index":0,"delta":{"content":[{"type":"text","text":"a"}],"refusal":"b"},"finish_reason":""}],"provider":"","x":null}"#,
    r#"{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"a"}},{"index":5,"function":{"arguments":"b"}}]}}]}"#,
    r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"a"}},{"index":0,"id":"y","function":{"arguments":"b"}}]}}]}"#,
    r#"{"choices":[{"delta":{"reasoning_details":[{"index":1,"type":"reasoning.text","text":"a","signature":"s"},{"index":1,"type":"reasoning.text","id":"b","summary":"c"}]}}]}"#,
    r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}]}"#,
    r#"{"choices":[{"delta":{"tool_calls":[{"function":{"name":"f","arguments":""}},{"function":{"name":"g","arguments":""}}]}}]}"#,
    r#"{"choices":[{"delta":{"tool_calls":[{"index":"1","function":{"arguments":"a"}},{"index":"1","function":{"name":"g","arguments":"b"}}]}}]}"#,
    r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"},"custom":{"name":"c","input":""}}]}}]}"#,
    r#"{"choices":[{"delta":{"content":"a"},"content_filter_results":{"hate":{"filtered":false},"s":"a"}}],"x_groq":{"id":"a","n":1},"timings":{"n":1}}"#,
    // These are not templates, or have fewer holes than it seems.
    r#"{"choices":[{"delta":{"content":"a","content":"a"}}]}"#,
    r#"{"choices":[{"delta":{"content":"a","cont\u0065nt":"a"}}]}"#,
    r#"{"choices":[{"delta":{"content":"a"},"delta":{"content":"a"}}]}"#,
    r#"{"choices":[{"delta":{"content":["a"],"reasoning":{"content":"a"},"thought":"a","thought":"a"}}]}"#,
    r#"{"id":7,"created":"1700000001","choices":[{"delta":{"content":"a"}}],"obfuscation":{"p":"x"},"p":"a","p":"a"}"#,
    r#"{"created":17e8,"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"a"}},"x"]}}]}"#,
    r#"{"created":1.0,"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":-1,"total_tokens":2.5}}"#,
    r#"{"choices":[{"delta":{"content":"a"}}],"choices":[{"delta":{"content":"a"}}]}"#,
    r#" {"choices" : [ {"delta" : {"content" : "a" , "refusal" : "b"} , "index" : 0} ] } "#,
    r#"{"choices":[{"delta":{"content":"a"}}],"error":{"message":"no"}}"#,
    r#"{"error":{"message":"no"}}"#,
    "null",
];

/// Bytes that replace some bytes of an event. A single half of a surrogate pair is not in the list, because
/// it waits for the next event; see `outcomes/surrogates.rs`.
const REPLACEMENTS: [&[u8]; 31] = [
    b"",
    b"a",
    b"\"",
    b"\\",
    b"\\\"",
    b"\\n",
    b"\\u00e9",
    b"\\ud83d\\ude00",
    b"\\x",
    "é".as_bytes(),
    "😀".as_bytes(),
    b"\xFF",
    b"\xC3",
    b"\x01",
    b"\t",
    b" ",
    b"0",
    b"7",
    b"-",
    b".5",
    b"e3",
    b"99999999999999999999",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"null",
    b"\"content\":\"b\",",
    b"a long text, longer than the sixteen bytes that are compared at once",
];

#[derive(Clone, Debug)]
struct Edit {
    at: Index,
    length: usize,
    with: &'static [u8],
}

/// The number of cases. A debug build is slow, so it tries a few; `.ci/run` also tests a release build.
fn cases(all: u32) -> u32 {
    if cfg!(debug_assertions) { all / 5 } else { all }
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = (any::<Index>(), 0..4_usize, select(&REPLACEMENTS[..]));
    let edit = edit.prop_map(|(at, length, with)| Edit { at, length, with });
    prop::collection::vec(edit, 0..3)
}

/// Events of a few shapes, so that shapes repeat. Some events are changed.
fn events() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let few = prop::collection::vec(0..EVENTS.len(), 1..5);
    let picks = prop::collection::vec((any::<Index>(), edits()), 1..24);
    (few, picks).prop_map(|(few, picks)| {
        picks
            .into_iter()
            .map(|(pick, edits)| edited(EVENTS[few[pick.index(few.len())]].as_bytes(), &edits))
            .collect()
    })
}

fn edited(event: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut event = event.to_vec();
    for edit in edits {
        let start = edit.at.index(event.len() + 1);
        let end = (start + edit.length).min(event.len());
        event.splice(start..end, edit.with.iter().copied());
    }
    event
}

/// Texts before the choices of chunks that take turns. `<t>` and `<n>` change.
const HEADS: [&str; 9] = [
    r#""model":"m","#,
    r#""model":"m","timings":{"predicted_n":1},"#,
    r#""model":"m","timings":{"predicted_n":2},"#,
    r#""model":"m","n":1,"#,
    r#""model":"m","n":2,"#,
    r#""model":"m","n":<n>,"s":"<t>","#,
    r#""model":"m","usage":{"prompt_tokens":1,"total_tokens":<n>},"#,
    r#""model":"m","provider":"<t>","#,
    r#""id":"<t>","created":<n>,"model":"m","#,
];

const INDEXES: [&str; 9] = [
    r#""index":0,"#,
    r#""index":1,"#,
    r#""index":10,"#,
    r#""index":-1,"#,
    r#""index":9223372036854775807,"#,
    r#""index":9223372036854775808,"#,
    r#""index":1.0,"#,
    r#""index":"1","#,
    "",
];

const DELTAS: [&str; 11] = [
    r#""delta":{"reasoning":"<t>"}"#,
    r#""delta":{"content":"<t>"}"#,
    r#""delta":{"content":"<t>"},"stop_reason":1"#,
    r#""delta":{"content":"<t>"},"stop_reason":2"#,
    r#""delta":{"reasoning_content":"","reasoning":"<t>","k":"<t>"}"#,
    r#""delta":{"content":"<t>"},"matched":"<t>""#,
    r#""delta":{"content":"<t>"},"index":1"#,
    r#""delta":{"content":"<t>"},"finish_reason":"stop""#,
    r#""delta":{"content":"<t>"},"logprobs":{"content":[{"token":"<t>","logprob":<n>}]}"#,
    r#""delta":{"tool_calls":[{"index":0,"function":{"arguments":"<t>"}}]}"#,
    r#""delta":{"content":"<t>"},"token_ids":[<n>,7]"#,
];

/// Events of a few shapes that take turns.
fn turns() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let choice = (select(&INDEXES[..]), select(&DELTAS[..]));
    let choice = choice.prop_map(|(index, delta)| format!("{{{index}{delta}}}"));
    let choices = prop::collection::vec(choice, 1..3).prop_map(|choices| choices.join(","));
    let (same, others) = (select(&HEADS[..]), prop::collection::vec(select(&HEADS[..]), 5));
    let picks = prop::collection::vec((any::<Index>(), "[a-c]{0,2}", 0..3_usize), 8..48);
    (same, others, any::<bool>(), prop::collection::vec(choices, 1..6), picks).prop_map(
        |(same, others, is_same, choices, picks)| {
            let event = |(pick, text, number): (Index, String, usize)| {
                let shape = pick.index(choices.len());
                let head = if is_same { same } else { others[shape] };
                event(head, &choices[shape], &text, number)
            };
            picks.into_iter().map(event).collect()
        },
    )
}

fn event(head: &str, choices: &str, text: &str, number: usize) -> Vec<u8> {
    let event = format!("{{{head}\"choices\":[{choices}]}}");
    event.replace("<t>", text).replace("<n>", &number.to_string()).into_bytes()
}

/// Chunks in which `<t>` and `<n>` change.
const KINDS: [&str; 12] = [
    r#""choices":[{"index":0,"delta":{"content":"<t>"}}]"#,
    r#""choices":[{"index":0,"delta":{"content":"<t>"},"token_ids":[<n>]}]"#,
    r#""choices":[{"index":0,"delta":{"content":"<t>"},"token_ids":[<n>, 5,0],"stop_reason":<n>}]"#,
    r#""choices":[{"index":0,"delta":{"content":"<t>"},"timings":{"ms":<n>.5}}]"#,
    r#""choices":[{"index":0,"delta":{"content":"<t>"}}],"timings":{"n":<n>,"ms":[<n>.5,1e<n>]}"#,
    r#""choices":[{"index":0,"delta":{"content":"<t>"}}],"usage":{"total_tokens":<n>,"cost":<n>e-5}"#,
    r#""choices":[{"index":0,"delta":{"content":[{"type":"text","text":"<t><n>"}]}}]"#,
    r#""choices":[{"index":0,"delta":{"reasoning_details":[{"text":"<t>","index":<n>}]}}]"#,
    r#""choices":[{"index":0,"delta":{"tool_calls":[{"index":<n>,"function":{"arguments":"<t>"}}]}}]"#,
    r#""choices":[{"index":<n>,"delta":{"content":"<t>"}}]"#,
    r#""choices":[{"index":0,"delta":{"content":"<t>"},"token_ids":[<n>],"logprobs":{"content":[{"token":"<t>","logprob":-<n>.5,"bytes":[<n>]}]}}]"#,
    r#""choices":[{"index":0,"delta":{"content":"<t>"},"token_ids":null,"token_ids":[<n>]}]"#,
];

/// Streams whose chunks change their shape several times.
fn phases() -> impl Strategy<Value = Vec<Vec<u8>>> {
    // The number takes this many values. With one value, it never changes.
    let phase = (select(&KINDS[..]), 1..30_usize, select(&[1, 2, 5, 9, 100][..]));
    prop::collection::vec(phase, 2..6).prop_map(|phases| {
        let phase = |(kind, length, numbers): (&str, usize, usize)| {
            let text = |number: usize| &"abcdefgh"[number % 5..number % 3 + 5];
            let event = |number: usize| {
                let event = format!("{{{kind}}}").replace("<t>", text(number));
                event.replace("<n>", &(number % numbers).to_string()).into_bytes()
            };
            (0..length).map(event).collect::<Vec<_>>()
        };
        phases.into_iter().flat_map(phase).collect()
    })
}

type Read = Vec<Result<ChatCompletionChunk, String>>;

fn frame(event: &[u8]) -> Vec<u8> {
    [b"data: ", event, b"\n\n"].concat()
}

/// Reads every event with a new decoder.
fn alone(events: &[Vec<u8>]) -> Read {
    let mut read = Vec::new();
    for event in events {
        let mut decoder = ChunkDecoder::new();
        let body = frame(event);
        let mut input = &body[..];
        while let Some(chunk) = decoder.next(&mut input) {
            read.push(chunk.cloned().map_err(|error| format!("{error:?}")));
        }
    }
    read
}

/// All events, as one stream or, after what ends a stream, as several.
fn together(
    events: &[Vec<u8>],
    next: impl Fn(&mut ChunkDecoder, &mut &[u8]) -> Option<Read>,
) -> Read {
    let mut read = Vec::new();
    let mut decoder = ChunkDecoder::new();
    for event in events {
        let body = frame(event);
        let mut input = &body[..];
        while let Some(chunk) = next(&mut decoder, &mut input) {
            read.extend(chunk);
        }
        if decoder.is_over() {
            decoder = ChunkDecoder::new();
        }
    }
    read
}

fn borrowed(decoder: &mut ChunkDecoder, input: &mut &[u8]) -> Option<Read> {
    let chunk = decoder.next(input)?;
    Some(vec![chunk.cloned().map_err(|error| format!("{error:?}"))])
}

fn taken(decoder: &mut ChunkDecoder, input: &mut &[u8]) -> Option<Read> {
    let error = decoder.next(input)?.err().map(|error| format!("{error:?}"));
    Some(vec![error.map_or_else(|| Ok(decoder.take()), Err)])
}

/// How a stream of these events ends.
fn end(events: &[Vec<u8>], next: impl Fn(&mut ChunkDecoder, &mut &[u8]) -> Option<Read>) -> String {
    let mut decoder = ChunkDecoder::new();
    for event in events {
        let body = frame(event);
        let mut input = &body[..];
        while next(&mut decoder, &mut input).is_some() {}
    }
    let error = decoder.finish().and_then(Result::err);
    format!("{:?} {error:?}", decoder.done())
}

/// Checks that a template does not change how a stream ends.
#[track_caller]
fn check_end(events: &[Vec<u8>]) {
    // A text with invalid UTF-8 is always parsed.
    let read_in_full = |event: &Vec<u8>| [b"{\"\xFF\":0,", &event[1..]].concat();
    let expected = end(&events.iter().map(read_in_full).collect::<Vec<_>>(), borrowed);
    assert_eq!(end(events, borrowed), expected, "{}", events.join(&b"\n"[..]).escape_ascii());
}

#[track_caller]
fn check(events: &[Vec<u8>]) {
    let expected = alone(events);
    for next in [borrowed, taken] {
        assert_eq!(together(events, next), expected, "{}", events.join(&b"\n"[..]).escape_ascii());
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(3000), failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn any_change_is_read_as_if_alone(events in events()) {
        check(&events);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(500), failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn turns_are_read_as_if_alone(events in turns()) {
        check(&events);
        check_end(&events);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(1000), failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn phases_are_read_as_if_alone(
        mut events in phases(), at in any::<Index>(), edits in edits(),
    ) {
        check_end(&events);
        let event = at.get_mut(&mut events);
        *event = edited(event, &edits);
        check(&events);
    }
}

/// The kind of a number decides how it is read, so a fraction is not a hole where an integer may stand.
#[test]
fn an_integer_after_fractions_is_an_integer() {
    check(&["1.5", "2.5", "3.5", "4", "17e8", "5"].map(event_created));
}

fn event_created(created: &str) -> Vec<u8> {
    format!(r#"{{"created":{created},"choices":[{{"delta":{{"content":"a"}}}}]}}"#).into_bytes()
}

/// Each shape becomes a template, and then they take turns.
#[test]
fn every_two_shapes_take_turns() {
    let heads =
        HEADS.iter().flat_map(|head| HEADS.map(|other| [(*head, DELTAS[0]), (other, DELTAS[0])]));
    let deltas =
        DELTAS.iter().flat_map(|delta| DELTAS.map(|other| [(HEADS[0], *delta), (HEADS[0], other)]));
    for shapes in heads.chain(deltas).step_by(EVERY) {
        for indexes in INDEXES.iter().flat_map(|index| INDEXES.map(|other| [*index, other])) {
            let event = |(turn, shape): (usize, usize)| {
                let ((head, delta), index) = (shapes[shape], indexes[shape]);
                event(head, &format!("{{{index}{delta}}}"), ["a", "b", ""][turn % 3], turn / 5)
            };
            let order = [0, 0, 1, 1, 0, 1, 0, 1, 0, 1];
            check(&order.into_iter().enumerate().map(event).collect::<Vec<_>>());
        }
    }
}

/// The distance of the tested positions in bytes, and of the tested pairs of shapes. A debug build tests a sample;
/// the release run of CI tests all.
const EVERY: usize = if cfg!(debug_assertions) { 13 } else { 1 };

#[test]
fn every_event_twice_and_with_every_replacement_everywhere() {
    for (number, event) in EVENTS.iter().enumerate() {
        let event = event.as_bytes();
        for at in (number % EVERY..=event.len()).step_by(EVERY) {
            let with = REPLACEMENTS.iter().flat_map(|with| {
                let insert = [&event[..at], with, &event[at..]].concat();
                let replace =
                    [&event[..at], with, event.get(at + 1..).unwrap_or_default()].concat();
                [insert, replace]
            });
            let mut events = vec![event.to_vec(), event.to_vec()];
            events.extend(with);
            check(&events);
        }
    }
}

#[test]
fn shapes_that_take_turns() {
    let event = |index: usize, ticks: usize, text: &str| {
        format!(
            r#"{{"id":"{index}","created":{ticks},"choices":[{{"index":{index},"delta":{{"content":"{text}"}}}}]}}"#
        )
        .into_bytes()
    };
    for choices in (1..8).chain([128, 130]) {
        let mut events: Vec<_> = (0..20 + 3 * choices)
            .map(|turn| event(turn % choices, turn / 9, &"x".repeat(turn % 40)))
            .collect();
        check(&events);
        for index in 0..choices {
            check_end(&events);
            let last = format!(r#"{{"choices":[{{"index":{index},"finish_reason":"stop"}}]}}"#);
            events.push(last.into_bytes());
        }
        check(&events);
        assert_eq!(end(&events, borrowed), "Some(FinishReason) None");
    }
}
