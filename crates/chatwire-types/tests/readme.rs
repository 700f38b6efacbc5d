//! Runs the README's example of the types. `tests/tests/readme.rs` checks that the README has the
//! same code.

#![allow(clippy::indexing_slicing, reason = "an example of ten lines, as a user would write it")]

#[test]
fn types_alone() -> Result<(), Box<dyn std::error::Error>> {
    use chatwire_types::{ChatCompletion, FinishReason};

    let text = r#"{"id":"c1","choices":[{"finish_reason":"out_of_budget","vendor_score":0.25}]}"#;
    let completion: ChatCompletion = serde_json::from_str(text)?;

    let choice = &completion.choices.as_deref().unwrap_or_default()[0];
    let reason = choice.finish_reason.as_ref();
    assert!(
        matches!(reason, Some(FinishReason::Unknown(value)) if value.as_str() == "out_of_budget")
    );
    assert_eq!(choice.extra.get("vendor_score"), Some(&0.25.into()));
    assert_eq!(serde_json::to_string(&completion)?, text);
    Ok(())
}
