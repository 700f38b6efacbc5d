//! Types that strict mode can express.

#![allow(dead_code, reason = "the fields are there for their schema")]

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet, VecDeque};
use std::num::{NonZeroI16, NonZeroU32};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Case;

macro_rules! types {
    ($($item:item)*) => { $(#[derive(Deserialize, JsonSchema)] $item)* };
}

types! {
    struct Scalars { text: String, flag: bool, count: i64, ratio: f64 }

    struct Nested { first: Scalars, second: Vec<Scalars>, third: Vec<Vec<String>> }

    struct Optional { a: Option<String>, b: Option<Scalars>, c: Option<Vec<u8>>, d: Vec<Option<bool>> }

    struct OptionOfOption { a: Option<Option<u32>>, b: Option<Box<Optional>> }

    struct Defaults {
        #[serde(default)] count: u32,
        #[serde(default = "ten")] most: u64,
        #[serde(default)] names: Vec<String>,
        #[serde(default)] color: Color,
        #[serde(default)] note: Option<String>,
    }

    #[derive(Default)]
    enum Color { #[default] Red, Green, #[serde(rename = "sky blue")] Blue }

    enum Documented {
        /// When it is late.
        Urgent,
        /// When there is time.
        Normal,
        Low,
    }

    struct Enums { color: Color, maybe: Option<Color>, level: Documented, levels: Vec<Documented> }

    enum Shape { Point, Circle { radius: f64 }, Square(f64), Named(Scalars) }

    struct ExternallyTagged { shape: Shape, maybe: Option<Shape>, all: Vec<Shape> }

    #[serde(tag = "type", rename_all = "snake_case")]
    enum Step { Wait { seconds: u32 }, Say { text: String, loud: Option<bool> }, Stop }

    struct InternallyTagged { step: Step, more: Vec<Step> }

    #[serde(tag = "kind")]
    enum Payment { Card(Card), Cash, Other(Other) }

    /// A card with a number.
    struct Card { number: String, limit: Option<u32> }

    struct Other { words: String }

    struct TaggedNewtypes { payment: Payment }

    #[serde(tag = "t", content = "c")]
    enum Message { Text(String), Image { url: String, alt: Option<String> }, Ping }

    struct AdjacentlyTagged { message: Message }

    #[serde(untagged)]
    enum Id { Number(u64), Text(String), Pair { major: u8, minor: u8 } }

    struct Untagged { id: Id, maybe: Option<Id> }

    struct List { value: i32, next: Option<Box<List>> }

    struct Tree { name: String, children: Vec<Tree> }

    struct Root { tree: Tree, list: Option<List> }

    struct Person { name: String, employer: Option<Box<Company>> }

    struct Company { title: String, staff: Vec<Person> }

    enum Expression {
        Number(f64),
        Negative(Box<Expression>),
        Sum {
            /// The left side.
            left: Box<Expression>,
            /// The right side.
            right: Box<Expression>,
        },
    }

    struct Formula { expression: Expression }

    struct Base { id: u32, label: Option<String> }

    struct Flattened { name: String, #[serde(flatten)] base: Base, last: bool }

    struct FlattenedEnum { name: String, #[serde(flatten)] step: Step }

    struct HoldsFlattenedEnum { item: FlattenedEnum, items: Vec<FlattenedEnum> }

    struct OptionalFlattened { name: String, #[serde(flatten)] base: Option<Base> }

    struct Metres(f64);

    struct Newtypes { height: Metres, widths: Vec<Metres>, depth: Option<Metres> }

    struct NewtypeRoot(Scalars);

    #[serde(transparent)]
    struct Transparent { inner: Scalars }

    #[serde(rename_all = "camelCase", rename = "renamed-type")]
    struct Renamed { first_name: String, #[serde(rename = "type")] kind: String, #[serde(alias = "z")] zip: u32 }

    /// An order.
    ///
    /// It has two paragraphs.
    struct DocumentedStruct {
        /// The address of the buyer.
        buyer: Address,
        /// The address of the seller, if it is not the buyer's.
        seller: Option<Address>,
        /// How fast it goes.
        level: Documented,
        /// All of the addresses.
        all: Vec<Address>,
    }

    /// Where somebody lives.
    struct Address { street: String, #[doc = "Five digits."] zip: u32 }

    struct Numbers {
        a: i8, b: i16, c: i32, d: i64, e: u8, f: u16, g: u32, h: u64, i: usize, j: isize, k: f32, l: f64,
        m: i128, n: u128,
    }

    struct NotZero { a: NonZeroU32, b: Option<NonZeroI16> }

    struct Dates {
        #[schemars(extend("format" = "date-time"))] at: String,
        #[schemars(extend("format" = "date"))] on: Option<String>,
        #[schemars(email)] email: String,
        #[schemars(url)] page: String,
    }

    struct Validated {
        #[schemars(length(min = 1, max = 8))] name: String,
        #[schemars(range(min = 1, max = 5))] stars: u8,
        #[schemars(regex(pattern = "^[a-z]+$"))] slug: String,
        #[schemars(length(min = 2, max = 3))] tags: Vec<String>,
    }

    struct Page<T> { items: Vec<T>, next: Option<u32> }

    struct Either<A, B> { left: Option<A>, right: B }

    struct Generic { people: Page<Base>, words: Page<String>, either: Either<Page<u8>, Color> }

    struct Boxed { inner: Box<Scalars>, text: Box<str>, borrowed: Cow<'static, str>, list: Box<[u8]> }

    struct Arrays { point: [f64; 3], pairs: Vec<[Color; 2]>, empty: [u8; 0] }

    struct Collections { names: HashSet<String>, sorted: BTreeSet<u16>, queue: VecDeque<bool> }

    struct Letters { letter: char, maybe: Option<char> }

    struct Times { timeout: Duration, maybe: Option<Duration> }

    struct Outcome { result: Result<Scalars, String> }

    struct Units { nothing: (), maybe: Option<()> }

    struct Empty {}

    struct HoldsEmpty { empty: Empty }

    #[serde(deny_unknown_fields)]
    struct Closed { a: u8, b: Inner }

    #[serde(deny_unknown_fields)]
    struct Inner { c: Option<u8> }

    #[schemars(title = "A title", extend("x-vendor" = true))]
    struct Annotated {
        #[schemars(example = &"Oslo")] city: String,
        #[deprecated] old: Option<u8>,
        #[serde(skip)] hidden: u8,
    }

    struct Größe { höhe: f64, tiefe: Option<Tiefe>, tiefen: Vec<Tiefe> }

    struct Tiefe { meter: f64 }

    struct Level<T> { inner: T }
}

fn ten() -> u64 {
    10
}

/// Ten objects inside each other.
type Deep = Level<Level<Level<Level<Level<Level<Level<Level<Level<Empty>>>>>>>>>;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::of::<Scalars>(),
        Case::of::<Nested>(),
        Case::of::<Optional>(),
        Case::of::<OptionOfOption>(),
        Case::of::<Defaults>(),
        Case::of::<Enums>(),
        Case::of::<ExternallyTagged>(),
        Case::of::<InternallyTagged>(),
        Case::of::<TaggedNewtypes>(),
        Case::of::<AdjacentlyTagged>(),
        Case::of::<Untagged>(),
        Case::of::<List>(),
        Case::of::<Tree>(),
        Case::of::<Root>(),
        Case::of::<Person>(),
        Case::of::<Formula>(),
        Case::of::<Flattened>(),
        Case::of::<HoldsFlattenedEnum>(),
        Case::of::<OptionalFlattened>(),
        Case::of::<Newtypes>(),
        Case::of::<NewtypeRoot>(),
        Case::of::<Transparent>(),
        Case::of::<Renamed>(),
        Case::of::<DocumentedStruct>(),
        Case::of::<Numbers>(),
        Case::of::<NotZero>(),
        Case::of::<Dates>(),
        Case::of::<Validated>(),
        Case::of::<Page<Scalars>>(),
        Case::of::<Generic>(),
        Case::of::<Boxed>(),
        Case::of::<Arrays>(),
        Case::of::<Collections>(),
        Case::of::<Letters>(),
        Case::of::<Times>(),
        Case::of::<Outcome>(),
        Case::of::<Units>(),
        Case::of::<Empty>(),
        Case::of::<HoldsEmpty>(),
        Case::of::<Closed>(),
        Case::of::<Annotated>(),
        Case::of::<Größe>(),
        Case::of::<Deep>(),
    ]
}
