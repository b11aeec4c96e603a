//! Where the filter stands, as far as a whole file shows it: what answers before it, beside it or instead of it.

mod chain;
mod discovery;
mod failure;
mod filter;
mod kubernetes;
mod ours;
mod routes;
mod upgrades;

use crate::files::document::Node;
use crate::files::find::Found;
use ours::Ours;

/// Something about the filter's place that is accepted and rarely meant.
pub(crate) struct Doubt {
    pub(crate) line: usize,
    /// What it stands in.
    pub(crate) within: &'static str,
    pub(crate) message: String,
}

/// All that is doubtful about the places in which the filter, found before, stands in the documents of a file.
pub(crate) fn doubts(documents: &[Node], found: &[Found<'_>]) -> Vec<Doubt> {
    let ours = Ours::of(documents, found);
    let mut doubts = Vec::new();
    for document in documents {
        visit(document, &mut |node| {
            chain::look_at(node, &ours, &mut doubts);
            discovery::look_at(node, &ours, &mut doubts);
            failure::look_at(node, &ours, &mut doubts);
            kubernetes::look_at(node, &ours, &mut doubts);
        });
    }
    doubts
}

/// Calls for a node and for all nodes below it.
fn visit<'a>(node: &'a Node, call: &mut dyn FnMut(&'a Node)) {
    call(node);
    for child in node.children() {
        visit(child, call);
    }
}

/// Whether something holds for a node or for any node below it.
fn any(node: &Node, holds: &dyn Fn(&Node) -> bool) -> bool {
    holds(node) || node.children().into_iter().any(|child| any(child, holds))
}

/// The node that such names lead to, one below the other.
fn at<'a>(node: &'a Node, names: &[&str]) -> Option<&'a Node> {
    names.iter().try_fold(node, |node, name| node.get(&[name]))
}
