//! Records: passes requests on to a real server, and saves its answers as recordings.
//! [`replay`](crate::replay) answers from them, and [`recording`](crate::recording) has their files.

mod answer_file;
mod details_text;
mod draft;
mod forward;
mod recorder;
mod upstream;

pub(crate) use forward::answer;
pub(crate) use recorder::Recorder;
pub(crate) use upstream::Upstream;
