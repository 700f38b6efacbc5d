//! The list of rules: what each difference is called, how much it matters, and why.
//! [`super::wire`] finds the differences.
//!
//! The rules `request-X` and `response-X` are about the same difference, which can mean the opposite
//! in the other direction: a server may ask for less than before, but it may not answer less.

use std::io;

use super::item::{Area, Direction, Level};

/// A kind of difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The id, stable over releases.
    pub id: &'static str,
    /// What it is about.
    pub area: Area,
    /// The messages in which the difference shows.
    pub direction: Direction,
    /// How much it matters.
    pub level: Level,
    /// What it means for whom, in one sentence.
    pub doc: &'static str,
}

/// Writes the list as lines `id direction level: sentence` below the name of their area.
macro_rules! rules {
    ($($area:ident { $($id:literal $direction:ident $level:ident: $doc:literal)+ })+) => {
        &[$($(Rule {
            id: $id,
            area: Area::$area,
            direction: Direction::$direction,
            level: Level::$level,
            doc: $doc,
        },)+)+]
    };
}

/// The rule and the verdict for what no other rule knows.
pub const UNKNOWN: &str = "unhandled";

static UNHANDLED: Rule = Rule {
    id: UNKNOWN,
    area: Area::Document,
    direction: Direction::Neutral,
    level: Level::Unhandled,
    doc: "no rule knows the difference, so nothing says that it is fine",
};

/// The rule with this id; the rule of unknown differences if there is none.
pub fn find(id: &str) -> &'static Rule {
    RULES.iter().find(|rule| rule.id == id).unwrap_or(&UNHANDLED)
}

/// Writes the table of rules, one line each.
///
/// # Errors
///
/// Returns an error if `out` cannot be written.
pub fn render(out: &mut dyn io::Write) -> io::Result<()> {
    let bold = anstyle::Style::new().bold();
    for Rule { id, area, direction, level, doc } in RULES {
        let style = level.style();
        let (area, direction, level) = (area.as_str(), direction.as_str(), level.as_str());
        write!(out, "{bold}{id:<36}{bold:#} {area:<10}{direction:<10}")?;
        writeln!(out, "{style}{level:<14}{style:#}{doc}")?;
    }
    Ok(())
}

/// All rules, by area.
pub static RULES: &[Rule] = rules! {
    Document {
        "unhandled" Neutral Unhandled:
            "no rule knows the difference, so nothing says that it is fine"
        "unreached" Neutral Generated:
            "no operation reaches the part, so no message can have it"
        "openapi-version" Neutral Documentation:
            "the generator reads every 3.0 version alike"
        "document-version" Neutral Documentation:
            "the version of the document is a text"
        "information" Neutral Documentation:
            "titles, licences and links are texts"
        "tags" Neutral Documentation:
            "tags only group operations"
        "order" Neutral Generated:
            "JSON does not depend on the order, and the generated code follows it"
        "server-added" Neutral Compatible:
            "callers may choose one more server"
        "server-removed" Request Breaking:
            "a caller of this server no longer reaches it"
        "security-added" Request Breaking:
            "a caller without credentials is refused"
        "security-removed" Request Compatible:
            "credentials may still be sent"
        "security-changed" Request Breaking:
            "a caller with the old credentials may be refused"
        "security-scheme-added" Request Compatible:
            "nobody uses the scheme before an operation asks for it"
        "security-scheme-removed" Request Breaking:
            "a caller who sends the credentials of this scheme is refused"
        "security-scheme-changed" Request Breaking:
            "a caller who sends the credentials in the old form is refused"
        "component-added" Neutral Generated:
            "a message has it only where something refers to it, which has an item of its own"
        "component-removed" Neutral Generated:
            "a message loses it only where something referred to it, which has an item of its own"
        "component-renamed" Neutral Generated:
            "the name of a component is not sent, but it is the name of the Rust type"
        "reference" Neutral Generated:
            "the name of a component is not sent; what differs behind it has items of its own"
    }
    Operation {
        "operation-added" Neutral Compatible:
            "nobody calls it yet"
        "operation-removed" Neutral Breaking:
            "a caller gets an error"
        "operation-method" Neutral Breaking:
            "a caller with the old method gets an error"
        "operation-path" Neutral Breaking:
            "a caller with the old path gets an error"
        "operation-id" Neutral Generated:
            "the id is not sent, but it is the name of the Rust method"
        "placeholder-name" Neutral Generated:
            "the name of a placeholder is not sent, but it is the name of the Rust argument"
        "deprecated" Neutral Compatible:
            "it still works, and the compiler warns those who use it"
        "no-longer-deprecated" Neutral Compatible:
            "it works as before, without a warning"
    }
    Parameter {
        "parameter-added-optional" Request Compatible:
            "a caller may leave it out"
        "parameter-added-required" Request Breaking:
            "a caller that does not send it is refused"
        "parameter-removed" Request Breaking:
            "a caller that sends it is ignored or refused"
        "parameter-became-required" Request Breaking:
            "a caller that leaves it out is refused"
        "parameter-became-optional" Request Compatible:
            "a caller may still send it"
        "parameter-style" Request Breaking:
            "the same value is written into the address in another way"
    }
    Body {
        "request-body-added-optional" Request Compatible:
            "a caller may leave it out"
        "request-body-added-required" Request Breaking:
            "a caller without a body is refused"
        "request-body-removed" Request Breaking:
            "a caller with a body is ignored or refused"
        "request-body-became-required" Request Breaking:
            "a caller without a body is refused"
        "request-body-became-optional" Request Compatible:
            "a caller may still send it"
        "request-media-type-added" Request Compatible:
            "a caller may still send the other media types"
        "request-media-type-removed" Request Breaking:
            "a caller that sends this media type is refused"
        "status-added" Response Compatible:
            "a reader must expect any status"
        "success-status-removed" Response Breaking:
            "a reader that waits for this status never gets it"
        "error-status-removed" Response Compatible:
            "a reader that handles this error has less to do"
        "response-media-type-added" Response Compatible:
            "a reader gets another media type only if it asks for it"
        "response-media-type-removed" Response Breaking:
            "a reader that asks for this media type no longer gets it"
        "header-added" Response Compatible:
            "a reader may ignore it"
        "header-removed" Response Breaking:
            "a reader that uses the header no longer gets it"
        "header-became-required" Response Compatible:
            "a reader that expects its absence has less to do"
        "header-became-optional" Response Breaking:
            "a reader that relies on the header may not get it"
    }
    Schema {
        "written-differently" Neutral Generated:
            "the same values are taken, and the Rust type may be another one"
        "request-type-widened" Request Compatible:
            "every value that a caller sent is still taken"
        "request-type-narrowed" Request Breaking:
            "some values that a caller sent are refused"
        "request-type-changed" Request Breaking:
            "values that a caller sent are refused"
        "response-type-widened" Response Breaking:
            "a reader gets values of a kind that it does not expect"
        "response-type-narrowed" Response Compatible:
            "every value that a reader gets is one that it already expects"
        "response-type-changed" Response Breaking:
            "a reader gets values of another kind"
        "request-became-nullable" Request Compatible:
            "a caller may still send a value"
        "request-no-longer-nullable" Request Breaking:
            "a caller that sends null is refused"
        "response-became-nullable" Response Breaking:
            "a reader that relies on a value may get null"
        "response-no-longer-nullable" Response Compatible:
            "a reader that expects null has less to do"
        "request-bound-tightened" Request Breaking:
            "values outside the new bound are refused"
        "request-bound-loosened" Request Compatible:
            "every value that a caller sent is still taken"
        "response-bound-tightened" Response Compatible:
            "every value that a reader gets is one that it already expects"
        "response-bound-loosened" Response Breaking:
            "a reader that relies on the old bound may get a value outside"
        "request-pattern-added" Request Breaking:
            "texts that do not match are refused"
        "request-pattern-removed" Request Compatible:
            "every text that a caller sent is still taken"
        "request-pattern-changed" Request Breaking:
            "texts that matched the old pattern may be refused"
        "response-pattern-added" Response Compatible:
            "every text that a reader gets is one that it already expects"
        "response-pattern-removed" Response Breaking:
            "a reader that relies on the pattern may get another text"
        "response-pattern-changed" Response Breaking:
            "a reader that relies on the old pattern may get another text"
        "request-format-added" Request Breaking:
            "values of another format are refused"
        "request-format-removed" Request Compatible:
            "every value that a caller sent is still taken"
        "request-format-changed" Request Breaking:
            "values of the old format may be refused"
        "response-format-added" Response Compatible:
            "every value that a reader gets is one that it already expects"
        "response-format-removed" Response Breaking:
            "a reader that relies on the format may get another value"
        "response-format-changed" Response Breaking:
            "a reader that relies on the old format may get another value"
        "request-default" Request Breaking:
            "a server acts differently for a caller that leaves the key out"
        "response-default" Response Compatible:
            "a reader gets the values that the server sends"
        "request-object-closed" Request Breaking:
            "a caller that sends other keys is refused"
        "request-object-opened" Request Compatible:
            "a caller need not send other keys"
        "response-object-closed" Response Compatible:
            "a reader gets fewer keys that it does not know"
        "response-object-opened" Response Compatible:
            "breaks only a reader that refuses unknown keys"
        "map" Neutral Generated:
            "any keys are allowed either way, but the Rust type is a map or a struct"
    }
    Property {
        "request-property-added-optional" Request Compatible:
            "a caller may leave it out"
        "request-property-added-required" Request Breaking:
            "a caller that does not send it is refused"
        "request-property-removed" Request Breaking:
            "a caller that sends it is ignored or refused"
        "request-property-became-required" Request Breaking:
            "a caller that leaves it out is refused"
        "request-property-became-optional" Request Compatible:
            "a caller may still send it"
        "response-property-added-optional" Response Compatible:
            "breaks only a reader that refuses unknown keys"
        "response-property-added-required" Response Compatible:
            "breaks only a reader that refuses unknown keys"
        "response-property-removed" Response Breaking:
            "a reader that uses the key no longer gets it"
        "response-property-became-required" Response Compatible:
            "a reader that expects its absence has less to do"
        "response-property-became-optional" Response Breaking:
            "a reader that relies on the key may not get it"
    }
    Enum {
        "request-enum-added" Request Breaking:
            "values that are not listed are refused"
        "request-enum-removed" Request Compatible:
            "every value that a caller sent is still taken"
        "response-enum-added" Response Compatible:
            "every value that a reader gets is one that it already expects"
        "response-enum-removed" Response Compatible:
            "breaks only a reader that refuses values that it does not know"
        "request-enum-value-added" Request Compatible:
            "a caller need not send it"
        "request-enum-value-removed" Request Breaking:
            "a caller that sends it is refused"
        "response-enum-value-added" Response Compatible:
            "breaks only a reader that refuses values that it does not know"
        "response-enum-value-removed" Response Compatible:
            "a reader that handles the value never gets it"
        "request-constant-changed" Request Breaking:
            "a caller that sends the old constant is refused"
        "response-constant-changed" Response Breaking:
            "a reader that waits for the old constant never gets it"
    }
    Union {
        "request-arm-added" Request Compatible:
            "a caller need not send it"
        "request-arm-removed" Request Breaking:
            "a caller that sends it is refused"
        "response-arm-added" Response Compatible:
            "breaks only a reader that refuses forms that it does not know"
        "response-arm-removed" Response Compatible:
            "a reader that handles the form never gets it"
        "request-discriminator" Request Breaking:
            "a server looks for the form under another key"
        "response-discriminator" Response Breaking:
            "a reader that chooses the form by the old key does not find it"
        "request-tag-added" Request Compatible:
            "a caller may still send the other tags"
        "request-tag-removed" Request Breaking:
            "a caller that sends the tag is refused"
        "request-tag-moved" Request Breaking:
            "a server reads the object under this tag as another form"
        "response-tag-added" Response Compatible:
            "breaks only a reader that refuses tags that it does not know"
        "response-tag-removed" Response Compatible:
            "a reader that handles the tag never gets it"
        "response-tag-moved" Response Breaking:
            "a reader takes the object under this tag for another form"
    }
    Extension {
        "boxed" Neutral Generated:
            "`x-boxed` decides whether the Rust field is boxed"
        "constructor-value" Neutral Generated:
            "`x-constructor-value` decides what `new` sets"
        "enum-names" Neutral Generated:
            "`x-enum-names` decides the names of Rust variants"
        "keep-null" Neutral Generated:
            "`x-keep-null` decides whether the Rust type keeps a null"
        "variant-names" Neutral Generated:
            "`x-variant-names` decides the names of Rust variants"
        "when-untagged" Neutral Generated:
            "`x-when-untagged` decides how an object without a tag is read"
        "wire-optional" Neutral Generated:
            "`x-wire-optional` decides whether `new` takes the key"
        "title" Neutral Generated:
            "the title of a form is the name of a Rust variant"
        "enum-descriptions" Neutral Documentation:
            "`x-enum-descriptions` are texts"
        "services" Neutral Documentation:
            "`x-services` says who sends the key, which is a text"
        "service-names" Neutral Documentation:
            "`x-service-names` says what the services are called"
        "wire-optional-reason" Neutral Documentation:
            "the reason in `x-wire-optional` is a text"
    }
    Text {
        "description" Neutral Documentation:
            "a description is a text"
        "example" Neutral Documentation:
            "an example is no rule"
    }
    Stream {
        "stream-answer-added" Stream Compatible:
            "a caller gets a stream only if it asks for one"
        "stream-answer-removed" Stream Breaking:
            "a caller that asks for a stream does not get one"
        "stream-piece-added" Stream Compatible:
            "the merge of the new pieces is generated"
        "stream-piece-removed" Stream Breaking:
            "the merge of these pieces is no longer generated, and hand-written code may call it"
        "stream-whole" Stream Breaking:
            "the pieces add up to another schema, and hand-written code may name the old one"
        "stream-unknown" Stream Breaking:
            "unknown keys of the same chunks add up to another completion"
        "stream-rule-added" Stream Compatible:
            "the merge of the key is generated, and its values are no longer merged by guess"
        "stream-rule-changed" Stream Breaking:
            "the same chunks add up to another completion"
        "stream-rule-removed" Stream Breaking:
            "no rule says how the values of the key add up"
        "stream-rule-hand-written" Stream Breaking:
            "hand-written code of the stream crate must begin or stop to handle the key"
        "stream-key-added" Stream Compatible:
            "the generated merge handles the key; no hand-written line is needed"
        "stream-key-removed" Stream Breaking:
            "a completion from a stream no longer has the key; hand-written code may name it"
        "stream-key-changed" Stream Generated:
            "the generated merge follows the type"
        "stream-hand-written-key-added" Stream Breaking:
            "hand-written code of the stream crate must handle the key"
        "stream-hand-written-key-removed" Stream Breaking:
            "hand-written code of the stream crate handles a key that is gone"
        "stream-hand-written-key-changed" Stream Breaking:
            "hand-written code of the stream crate must handle the new type"
    }
};
