//! The public interface of a generated crate as plain data, so that it can leave the thread that
//! generated it. [`super::read`] reads it from the syntax tree.

use std::collections::BTreeMap;

/// The interface of one crate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surface {
    /// The structs, enums and aliases in the order of the file, and types that only get methods.
    pub types: Vec<TypeApi>,
    /// The trait impls: `impl From<String> for Stop`, and what else the impl says.
    pub impls: BTreeMap<String, Impl>,
    /// Public items of other kinds, each with its tokens.
    pub others: BTreeMap<String, String>,
    /// What each alias stands for.
    pub aliases: BTreeMap<String, String>,
}

/// A type and its inherent methods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeApi {
    /// The name.
    pub name: String,
    /// What kind of type it is.
    pub kind: TypeKind,
    /// The generics, or nothing.
    pub generics: String,
    /// The attributes of the declaration.
    pub attributes: Attributes,
    /// Whether users can list all fields or variants, now and later.
    pub is_exhaustive: bool,
    /// The public fields of a struct, or the variants of an enum.
    pub members: Vec<Member>,
    /// The public methods.
    pub methods: Vec<Method>,
    /// The public constants.
    pub constants: Vec<Member>,
}

/// The kind of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeKind {
    /// A struct.
    Struct,
    /// An enum.
    Enum,
    /// An alias of the type in the text.
    Alias(String),
    /// A hand-written type that gets generated methods.
    HandWritten,
}

/// A field, a variant or a constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name.
    pub name: String,
    /// The type of a field or constant; what a variant holds, in its brackets.
    pub content: String,
    /// The attributes.
    pub attributes: Attributes,
}

/// A method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// The name.
    pub name: String,
    /// Everything before the body, on one line.
    pub signature: String,
    /// Qualifiers, generics and receiver.
    pub frame: String,
    /// The names and types of the arguments after the receiver.
    pub arguments: Vec<(String, String)>,
    /// The return type.
    pub output: String,
    /// The attributes.
    pub attributes: Attributes,
}

/// A trait impl.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impl {
    /// The generated type that it belongs to.
    pub owner: String,
    /// The associated types: `type Err = Infallible`.
    pub types: Vec<String>,
}

/// The attributes of an item that users notice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// The documentation.
    pub doc: String,
    /// The note of `#[deprecated]`.
    pub deprecated: Option<String>,
    /// Whether it is `#[non_exhaustive]`.
    pub non_exhaustive: bool,
    /// Whether it is `#[doc(hidden)]`, so that it does not count as public.
    pub hidden: bool,
    /// The traits in `#[derive]`.
    pub derives: Vec<String>,
    /// Every attribute that is not known to be harmless.
    pub others: Vec<String>,
}

impl Surface {
    /// The interface that the files of a crate make together.
    pub(super) fn joined(files: impl IntoIterator<Item = Self>) -> Self {
        let mut joined = Self::default();
        let mut extended = Vec::new();
        for file in files {
            let is_extended = |each: &TypeApi| each.kind == TypeKind::HandWritten;
            let (methods, types): (Vec<_>, Vec<_>) = file.types.into_iter().partition(is_extended);
            extended.extend(methods);
            joined.types.extend(types);
            joined.impls.extend(file.impls);
            joined.others.extend(file.others);
            joined.aliases.extend(file.aliases);
        }
        extended.into_iter().for_each(|each| joined.extend(each));
        joined
    }

    /// Adds methods and constants to a type, which may be declared in another file.
    fn extend(&mut self, methods: TypeApi) {
        match self.types.iter_mut().find(|each| each.name == methods.name) {
            Some(owner) => {
                owner.methods.extend(methods.methods);
                owner.constants.extend(methods.constants);
            }
            None => self.types.push(methods),
        }
    }

    /// The type with this name.
    pub fn type_named(&self, name: &str) -> Option<&TypeApi> {
        self.types.iter().find(|each| each.name == name)
    }
}

impl TypeApi {
    /// The declaration on one line.
    pub fn signature(&self) -> String {
        let Self { name, generics, .. } = self;
        match &self.kind {
            TypeKind::Struct => format!("struct {name}{generics}"),
            TypeKind::Enum => format!("enum {name}{generics}"),
            TypeKind::Alias(target) => format!("type {name}{generics} = {target}"),
            TypeKind::HandWritten => format!("impl {name}"),
        }
    }

    /// The word for its kind.
    pub fn kind_word(&self) -> &'static str {
        match self.kind {
            TypeKind::Struct => "struct",
            TypeKind::Enum => "enum",
            TypeKind::Alias(_) => "alias",
            TypeKind::HandWritten => "type",
        }
    }

    /// The member with this name.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }

    /// Whether the method sets the field of its name.
    pub fn is_setter(&self, method: &Method) -> bool {
        matches!(self.kind, TypeKind::Struct)
            && method.arguments.len() == 1
            && self.member(&method.name).is_some()
    }
}
