//! The generator of chatwire: an OpenAPI document in, the types crate and the client crate out.
//!
//! [`pipeline`] is the list of stages, [`commands`] what a person can ask for; every stage is a
//! module that knows only what the stage before it hands over.

pub mod commands;
pub mod coverage;
pub mod emit;
pub mod generator;
pub mod lint;
pub mod load;
pub mod lower;
pub mod model;
pub mod names;
pub mod overlay;
pub mod pipeline;
pub mod problem;
pub mod progress;
pub mod repository;
pub mod shape;
pub mod split;
pub mod stream;
pub mod suggest;
pub mod write;
