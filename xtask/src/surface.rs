//! What a document says about the chat operations: their bodies path by path, their parameters, and
//! the facts about each of them. [`crate::coverage`] compares it with our document, and
//! [`crate::drift`] with a recorded state.

mod changes;
mod facts;
mod lock;
mod merged;
mod operations;
mod read_lock;
mod roots;
mod state;
mod walk;
mod words;

pub use changes::{Change, Place, What, changes};
pub use facts::{Arms, Difference, Fact, Facts, differences};
pub use lock::Lock;
pub use merged::{Allowed, Merged, Site, Step};
pub use operations::{OperationFacts, node_of, operations, parameter, position_of};
pub use roots::{Parameter, Root, Surface};
pub use state::{Body, State};
pub use walk::{Visit, walk};
