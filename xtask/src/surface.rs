//! What a document says about the chat operations: their bodies path by path, their parameters, and
//! the facts about each of them. [`crate::coverage`] compares it with our document, and
//! [`crate::drift`] with a recorded state.

mod changes;
mod differences;
mod facts;
mod keywords;
mod lock;
mod merged;
mod operations;
mod read_lock;
mod roots;
mod spread;
mod state;
mod walk;
mod words;

pub use changes::{Change, Place, What, changes};
pub use differences::{Difference, differences};
pub use facts::{Arms, Fact, Facts};
pub use lock::Lock;
pub use merged::{Allowed, Merged, Site, Step, arm};
pub use operations::{
    OperationFacts, node_of, operations, parameter, parameters_of, path_of, position_of,
};
pub use roots::{Parameter, Root, Surface, is_stream};
pub use state::{Body, State};
pub use walk::{Visit, walk};
