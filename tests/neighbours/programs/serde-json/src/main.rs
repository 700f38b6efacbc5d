//! Relies on sorted keys, and sorts them itself because chatwire makes the maps of serde_json keep their
//! order.

use serde_json::Value;

fn main() -> Result<(), serde_json::Error> {
    let mut value: Value = serde_json::from_str(r#"{"b":[{"d":1,"c":2}],"a":0.5}"#)?;
    value.sort_all_objects();
    println!("{value}");
    #[cfg(feature = "chat")]
    chat::over_https();
    Ok(())
}
