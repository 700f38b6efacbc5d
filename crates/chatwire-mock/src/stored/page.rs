//! Cuts a page out of a list. [`list_query`](super::list_query) says where, and
//! [`store`](super::store) has the lists.

use std::fmt::Write as _;

use serde_json::Value;

use super::list_query::ListQuery;
use crate::limits::LARGEST_ANSWER;
use crate::problem::Problem;

/// An item of a list.
pub(super) trait Item {
    fn id(&self) -> &str;

    /// Whether it passes the filters of the query.
    fn matches(&self, query: &ListQuery) -> bool;

    fn json(&self) -> String;
}

/// The page that the query asks for, as JSON. It ends before it is larger than an answer may be.
pub(super) fn page<'a, T: Item + 'a>(
    items: impl DoubleEndedIterator<Item = &'a T>,
    query: &ListQuery,
) -> Result<String, Problem> {
    let mut items: Box<dyn Iterator<Item = &T>> =
        if query.newest_first { Box::new(items.rev()) } else { Box::new(items) };
    if let Some(after) = &query.after {
        items.find(|item| item.id() == after).ok_or_else(|| not_found("after", after))?;
    }
    let mut items = items.filter(|item| item.matches(query)).peekable();
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    let (mut data, mut first, mut last) = (String::new(), None, None);
    for _ in 0..limit {
        let Some(item) = items.peek() else { break };
        let json = item.json();
        if !data.is_empty() {
            if data.len() + json.len() > LARGEST_ANSWER {
                break;
            }
            data.push(',');
        }
        data += &json;
        first.get_or_insert(item.id());
        last = items.next().map(Item::id);
    }
    let has_more = items.peek().is_some();
    let mut page = String::with_capacity(data.len() + 200);
    let (first, last) = (Value::from(first), Value::from(last));
    // Writing to a string does not fail.
    let _ = write!(
        page,
        r#"{{"object":"list","data":[{data}],"first_id":{first},"last_id":{last},"has_more":{has_more}}}"#
    );
    Ok(page)
}

/// The items of a page if the query does not say it.
const DEFAULT_LIMIT: usize = 20;

/// The 404 of the official service.
pub(super) fn not_found(param: &str, id: &str) -> Problem {
    Problem::new(404, format!("Completion {id} not found")).about(param).with_code("not_found")
}
