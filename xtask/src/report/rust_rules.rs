//! The list of rules about the generated Rust API, for people and for the test that each rule has a
//! folder which shows it. [`super::rust_api`] finds the changes.

use std::io;

use super::item::Level;
use crate::changes::Bump;

/// The part of the API that a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// Structs, enums and aliases.
    Types,
    /// Fields of structs.
    Fields,
    /// Variants of enums.
    Variants,
    /// Methods and their arguments, `new` and the operations of the client included.
    Methods,
    /// Associated constants.
    Constants,
    /// Impls of traits, derived ones included.
    Impls,
    /// Public items of kinds that the generator did not write until now.
    Other,
    /// What users read, but the compiler does not.
    Documentation,
    /// The code behind the signatures.
    Code,
}

impl Area {
    /// The word in a report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Types => "types",
            Self::Fields => "fields",
            Self::Variants => "variants",
            Self::Methods => "methods",
            Self::Constants => "constants",
            Self::Impls => "impls",
            Self::Other => "other",
            Self::Documentation => "documentation",
            Self::Code => "code",
        }
    }

    /// Whether the compiler of a user notices changes here.
    pub fn is_of_the_interface(self) -> bool {
        !matches!(self, Self::Documentation | Self::Code)
    }
}

/// A kind of change.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// The id, which never changes.
    pub id: &'static str,
    /// The part of the API.
    pub area: Area,
    /// What it asks of the next version. [`Bump::Patch`] and [`Bump::Minor`] let every program compile
    /// as before.
    pub bump: Bump,
    /// What happened, and what that means for users.
    pub sentence: &'static str,
}

impl Rule {
    /// How much a change of this kind matters.
    pub fn level(&self) -> Level {
        match (self.bump, self.area) {
            (_, Area::Other) => Level::Unhandled,
            (Bump::Major, _) => Level::Breaking,
            (Bump::Minor, _) => Level::Compatible,
            (_, Area::Documentation) => Level::Documentation,
            _ => Level::Generated,
        }
    }
}

macro_rules! rules {
    ($($name:ident = $id:literal, $area:ident, $bump:ident, $sentence:literal;)*) => {
        $(
            #[doc = concat!("`", $id, "`: ", $sentence)]
            pub const $name: &Rule =
                &Rule { id: $id, area: Area::$area, bump: Bump::$bump, sentence: $sentence };
        )*

        /// All rules, by area.
        pub const RULES: &[&Rule] = &[$($name),*];
    };
}

rules! {
    TYPE_ADDED = "rust-type-added", Types, Minor,
        "A type is new.";
    TYPE_REMOVED = "rust-type-removed", Types, Major,
        "A type is gone, so code that names it does not compile.";
    TYPE_KIND_CHANGED = "rust-type-kind-changed", Types, Major,
        "A type is of another kind, such as an enum instead of a struct.";
    ALIAS_CHANGED = "rust-alias-changed", Types, Major,
        "An alias stands for another type, so every place that uses it has another type.";
    NON_EXHAUSTIVE_ADDED = "rust-non-exhaustive-added", Types, Major,
        "A type became non-exhaustive, so code that builds it or matches all of it does not compile.";
    NON_EXHAUSTIVE_REMOVED = "rust-non-exhaustive-removed", Types, Major,
        "A type is no longer non-exhaustive, which breaks the promise that growing breaks nobody.";
    ATTRIBUTE_CHANGED = "rust-attribute-changed", Types, Major,
        "An attribute with unknown consequences changed, such as `cfg` or `repr`.";
    FIELD_ADDED = "rust-field-added", Fields, Minor,
        "A field is new. Users cannot list the fields of the struct, so all code still compiles.";
    FIELD_ADDED_EXHAUSTIVE = "rust-field-added-exhaustive", Fields, Major,
        "A field is new in a struct that is not non-exhaustive, so literals of it do not compile.";
    FIELD_REMOVED = "rust-field-removed", Fields, Major,
        "A field is gone, so code that reads it does not compile.";
    FIELD_TYPE_CHANGED = "rust-field-type-changed", Fields, Major,
        "A field has another type, so code that reads it may not compile.";
    VARIANT_ADDED = "rust-variant-added", Variants, Minor,
        "A variant is new. The enum is non-exhaustive, so every match has an arm for it already.";
    VARIANT_ADDED_EXHAUSTIVE = "rust-variant-added-exhaustive", Variants, Major,
        "A variant is new in an enum that is not non-exhaustive, so a match on it does not compile.";
    VARIANT_REMOVED = "rust-variant-removed", Variants, Major,
        "A variant is gone, so code that names it does not compile.";
    VARIANT_CONTENT_CHANGED = "rust-variant-content-changed", Variants, Major,
        "A variant holds something else, so code that builds or matches it may not compile.";
    METHOD_ADDED = "rust-method-added", Methods, Minor,
        "A method is new.";
    METHOD_REMOVED = "rust-method-removed", Methods, Major,
        "A method is gone, so code that calls it does not compile.";
    SETTER_ADDED = "rust-setter-added", Methods, Minor,
        "The setter of a field is new.";
    SETTER_REMOVED = "rust-setter-removed", Methods, Major,
        "The setter of a field is gone, so code that calls it does not compile.";
    ARGUMENT_ADDED = "rust-argument-added", Methods, Major,
        "A method takes one more argument, so no call of it compiles.";
    ARGUMENT_REMOVED = "rust-argument-removed", Methods, Major,
        "A method takes one argument less, so no call of it compiles.";
    ARGUMENT_TYPE_CHANGED = "rust-argument-type-changed", Methods, Major,
        "An argument has another type, so calls of the method may not compile.";
    ARGUMENT_RENAMED = "rust-argument-renamed", Methods, Major,
        "An argument has another name, so the same call compiles and says something else.";
    ARGUMENTS_REORDERED = "rust-arguments-reordered", Methods, Major,
        "Arguments are in another order, so the same call says something else or does not compile.";
    RETURN_TYPE_CHANGED = "rust-return-type-changed", Methods, Major,
        "A method returns another type, so code that uses the value may not compile.";
    SIGNATURE_CHANGED = "rust-signature-changed", Methods, Major,
        "A method has another receiver, other generics or another qualifier such as `async`.";
    CONSTANT_ADDED = "rust-constant-added", Constants, Minor,
        "An associated constant is new.";
    CONSTANT_REMOVED = "rust-constant-removed", Constants, Major,
        "An associated constant is gone, so code that names it does not compile.";
    CONSTANT_TYPE_CHANGED = "rust-constant-type-changed", Constants, Major,
        "An associated constant has another type.";
    IMPL_ADDED = "rust-impl-added", Impls, Minor,
        "A type implements one more trait.";
    IMPL_REMOVED = "rust-impl-removed", Impls, Major,
        "A type no longer implements a trait, so code that needs it does not compile.";
    IMPL_CHANGED = "rust-impl-changed", Impls, Major,
        "An associated type of a trait impl changed.";
    UNHANDLED = "rust-unhandled", Other, Major,
        "A public item changed that this report cannot judge.";
    DEPRECATED = "rust-deprecated", Documentation, Minor,
        "Something is deprecated, so its users get a warning.";
    DEPRECATION_CHANGED = "rust-deprecation-changed", Documentation, Patch,
        "Something is no longer deprecated, or the note says something else.";
    DOC_CHANGED = "rust-doc-changed", Documentation, Patch,
        "The documentation says something else.";
    ORDER_CHANGED = "rust-order-changed", Documentation, Patch,
        "Fields or variants are in another order, which only readers notice.";
    CODE_CHANGED = "rust-code-changed", Code, Patch,
        "The code of a file changed, and no signature in it did.";
}

/// Writes the table of rules, one line each.
///
/// # Errors
///
/// Returns an error if `out` cannot be written.
pub fn render(out: &mut dyn io::Write) -> io::Result<()> {
    let bold = anstyle::Style::new().bold();
    RULES.iter().try_for_each(|rule| {
        let (level, style) = (rule.level().as_str(), rule.level().style());
        write!(
            out,
            "{bold}{:<36}{bold:#} {:<20}",
            rule.id,
            format!("rust {}", rule.area.as_str())
        )?;
        writeln!(out, "{style}{level:<14}{style:#}{}", rule.sentence)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_sentences_end() {
        let ids: std::collections::BTreeSet<_> = RULES.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), RULES.len());
        assert!(RULES.iter().all(|rule| rule.id.starts_with("rust-")));
        assert!(RULES.iter().all(|rule| rule.sentence.ends_with('.')));
    }
}
