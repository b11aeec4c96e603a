//! Turns the Public Suffix List into sorted hashes that the plugin can afford to carry.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a build that cannot go on ends, and says why"
)]

use std::collections::BTreeSet;
use std::{env, fs, path::Path};

#[path = "src/public_suffix_rules.rs"]
mod public_suffix_rules;

use public_suffix_rules::{Rules, hash};

const LIST: &str = "data/public_suffix_list.dat";

fn main() {
    println!("cargo::rerun-if-changed={LIST}");
    println!("cargo::rerun-if-changed=src/public_suffix_rules.rs");
    compress_the_plugin();
    let list = fs::read_to_string(LIST).unwrap_or_else(|error| panic!("cannot read {LIST}: {error}"));
    // <https://github.com/publicsuffix/list/wiki/Format>: a rule is a line up to the first blank, `//` a comment.
    let rules =
        list.lines().filter_map(|line| line.split_whitespace().next()).filter(|rule| !rule.starts_with("//"));
    // Every single label is a public suffix, be it in the list or not.
    let rules = rules.filter(|rule| rule.contains('.'));
    let Rules { starts, rest } = sorted(&rules.map(hash_of).collect());
    let source = format!(
        "static RULES: Rules<[[u8; 3]; {}]> = Rules {{ starts: {starts:?}, rest: {rest:?} }};",
        rest.len()
    );
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("public_suffixes.rs"), source).expect("OUT_DIR can be written to");
}

/// Otherwise each address and index in the code of the plugin takes five bytes. The linker refuses this beside what a
/// debugger needs.
fn compress_the_plugin() {
    let is_wasm = env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm");
    if is_wasm && env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rustc-link-arg-cdylib=--strip-all");
        println!("cargo::rustc-link-arg-cdylib=--compress-relocations");
    }
}

fn hash_of(rule: &str) -> u32 {
    let sign = ["*.", "!"].into_iter().find(|sign| rule.starts_with(sign)).unwrap_or_default();
    let name = &rule[sign.len()..];
    assert!(!name.contains('*'), "a rule of a form that was not seen before: {rule}");
    hash(sign, &to_ascii(name))
}

fn sorted(hashes: &BTreeSet<u32>) -> Rules<Vec<[u8; 3]>> {
    let mut rules = Rules { starts: [0; 257], rest: Vec::new() };
    for hash in hashes {
        let [first, rest @ ..] = hash.to_be_bytes();
        rules.rest.push(rest);
        let end = u16::try_from(rules.rest.len()).expect("the list has fewer rules");
        rules.starts[usize::from(first) + 1..].fill(end);
    }
    rules
}

/// A name as hosts hold it: each label outside ASCII in punycode, <https://www.rfc-editor.org/rfc/rfc3492>.
fn to_ascii(name: &str) -> String {
    let labels = name.split('.').map(|label| match label.is_ascii() {
        true => label.to_owned(),
        false => format!("xn--{}", punycode::encode(label).expect("a label of the list has an encoding")),
    });
    labels.collect::<Vec<_>>().join(".")
}
