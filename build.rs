//! Turns the Public Suffix List into sorted hashes that the plugin can afford to carry.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a build that cannot go on ends, and says why"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::{env, fs, path::Path};

#[path = "src/public_suffix_hash.rs"]
mod public_suffix_hash;

use public_suffix_hash::hash;

const LIST: &str = "data/public_suffix_list.dat";

fn main() {
    println!("cargo::rerun-if-changed={LIST}");
    println!("cargo::rerun-if-changed=src/public_suffix_hash.rs");
    let list = fs::read_to_string(LIST).unwrap_or_else(|error| panic!("cannot read {LIST}: {error}"));
    let mut tables: [(&str, BTreeSet<u32>); 3] = [
        ("SUFFIXES", BTreeSet::new()),
        ("PARENTS_OF_SUFFIXES", BTreeSet::new()),
        ("EXCEPTIONS", BTreeSet::new()),
    ];
    // <https://github.com/publicsuffix/list/wiki/Format>: a rule is a line up to the first blank, `//` a comment.
    let rules =
        list.lines().filter_map(|line| line.split_whitespace().next()).filter(|rule| !rule.starts_with("//"));
    for rule in rules {
        let (table, name) = match (rule.strip_prefix("*."), rule.strip_prefix('!')) {
            (Some(parent), _) => (1, parent),
            (_, Some(exception)) => (2, exception),
            _ => (0, rule),
        };
        assert!(!name.contains('*'), "a rule of a form that was not seen before: {rule}");
        tables[table].1.insert(hash(&to_ascii(name)));
    }
    let mut source = String::new();
    for (name, hashes) in &tables {
        writeln!(source, "static {name}: [u32; {}] = {:?};", hashes.len(), hashes.iter().collect::<Vec<_>>())
            .expect("a string takes all");
    }
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("public_suffixes.rs"), source).expect("OUT_DIR can be written to");
}

/// A name as hosts hold it: each label outside ASCII in punycode, <https://www.rfc-editor.org/rfc/rfc3492>.
fn to_ascii(name: &str) -> String {
    let labels = name.split('.').map(|label| match label.is_ascii() {
        true => label.to_owned(),
        false => format!("xn--{}", punycode::encode(label).expect("a label of the list has an encoding")),
    });
    labels.collect::<Vec<_>>().join(".")
}
