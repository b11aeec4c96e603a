//! The Public Suffix List as a tree, so that a host can be walked from its end:
//! <https://github.com/publicsuffix/list/wiki/Format>.

use std::collections::BTreeMap;

const LIST: &str = include_str!("../../data/public_suffix_list.dat");

/// The tree. Its first node is the root.
pub(crate) struct Suffixes(Vec<Node>);

#[derive(Default)]
struct Node {
    children: BTreeMap<String, usize>,
    rule: Option<Rule>,
    /// Whether a rule of the registries' own section goes through it.
    is_icann: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Rule {
    Suffix,
    Exception,
}

/// How many labels were read, and what the list says of them.
#[derive(Clone)]
pub(crate) struct Position {
    nodes: Vec<usize>,
    labels: usize,
    suffix: usize,
}

impl Position {
    /// The number of labels of the registrable domain, if so many were read.
    pub(crate) fn registrable(&self) -> Option<usize> {
        (self.labels > self.suffix).then_some(self.suffix + 1)
    }

    /// The nodes of the tree that the labels lead to.
    pub(crate) fn nodes(&self) -> &[usize] {
        &self.nodes
    }
}

impl Suffixes {
    /// Reads the list that the filter is built with.
    pub(crate) fn new() -> Self {
        let mut suffixes = Self(vec![Node::default()]);
        let (icann, private) = LIST.split_once("===END ICANN DOMAINS===").expect("the list has two sections");
        for (section, is_icann) in [(icann, true), (private, false)] {
            let lines = section.lines().filter(|line| !line.starts_with("//"));
            lines
                .filter_map(|line| line.split_whitespace().next())
                .for_each(|rule| suffixes.add(rule, is_icann));
        }
        suffixes
    }

    fn add(&mut self, rule: &str, is_icann: bool) {
        let (rule, kind) = match rule.strip_prefix('!') {
            Some(name) => (name, Rule::Exception),
            None => (rule, Rule::Suffix),
        };
        let ascii = idna::domain_to_ascii(rule).expect("a rule has a form in ASCII");
        let mut node = 0;
        for label in ascii.rsplit('.') {
            let fresh = self.0.len();
            node = *self.0[node].children.entry(label.to_owned()).or_insert(fresh);
            if node == fresh {
                self.0.push(Node::default());
            }
            self.0[node].is_icann |= is_icann;
        }
        self.0[node].rule = Some(kind);
    }

    /// Before any label is read.
    pub(crate) fn start(&self) -> Position {
        Position { nodes: vec![0], labels: 0, suffix: 0 }
    }

    /// Whether there is such a top-level domain.
    pub(crate) fn has_top_level(&self, label: &str) -> bool {
        self.0[0].children.get(label).is_some_and(|&node| self.0[node].is_icann)
    }

    /// Reads the next label from the end.
    pub(crate) fn step(&self, at: &Position, label: &str) -> Position {
        let labels = at.labels + 1;
        let below = at.nodes.iter().flat_map(|&node| {
            let children = &self.0[node].children;
            [children.get(label), children.get("*")]
        });
        let mut nodes: Vec<usize> = below.flatten().copied().collect();
        let rules: Vec<Rule> = nodes.iter().filter_map(|&node| self.0[node].rule).collect();
        // A top-level domain that the list does not know counts as a suffix.
        let mut suffix = if labels == 1 || rules.contains(&Rule::Suffix) { labels } else { at.suffix };
        if rules.contains(&Rule::Exception) {
            suffix = labels - 1;
            nodes.clear();
        }
        Position { nodes, labels, suffix }
    }

    /// The labels that the list has in front.
    pub(crate) fn children(&self, at: &Position) -> Vec<&str> {
        let all = at.nodes.iter().flat_map(|&node| self.0[node].children.keys());
        all.map(String::as_str).filter(|label| *label != "*").collect()
    }

    /// Whether the list has the label in front.
    pub(crate) fn has_child(&self, at: &Position, label: &str) -> bool {
        at.nodes.iter().any(|&node| self.0[node].children.contains_key(label))
    }

    /// Whether the list has anything in front.
    pub(crate) fn has_children(&self, at: &Position) -> bool {
        at.nodes.iter().any(|&node| !self.0[node].children.is_empty())
    }

    /// Whether the list has every label in front.
    pub(crate) fn has_wildcard(&self, at: &Position) -> bool {
        at.nodes.iter().any(|&node| self.0[node].children.contains_key("*"))
    }
}
