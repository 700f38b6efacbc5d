//! The generator of chatwire: it reads an OpenAPI document and writes the types, the client and the
//! stream rules.
//!
//! [`pipeline`] is the list of stages, and [`commands`] the command line. Each stage is a module
//! that knows only what the stage before it hands over.

pub mod accents;
pub mod adapt;
pub mod bindings;
pub mod changes;
pub mod commands;
pub mod coverage;
pub mod drift;
pub mod emit;
pub mod generator;
pub mod html_text;
pub mod layout;
pub mod lint;
pub mod load;
pub mod lower;
pub mod model;
pub mod names;
pub mod overlay;
pub mod pipeline;
pub mod problem;
pub mod progress;
pub mod release;
pub mod report;
pub mod repository;
pub mod safe_output;
pub mod scaffold;
pub mod select;
pub mod shape;
pub mod split;
pub mod stream;
pub mod suggest;
pub mod surface;
pub mod write;
