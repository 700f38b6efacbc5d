//! Prints results: for people as text and HTML, for programs as JUnit and a badge, and as a matrix of several servers. A
//! [`Report`](crate::Report) is JSON by `serde`. Each function writes to what it is given, so that tests see what people
//! see.

mod badge;
mod cells;
mod escape;
mod html;
mod junit;
mod matrix;
mod matrix_html;
mod page;
mod text;

pub use badge::write_badge;
pub use html::write_html;
pub use junit::write_junit;
pub use matrix::write_matrix;
pub use matrix_html::write_matrix_html;
pub use text::{Look, write_text};
