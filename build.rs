//! Turns the Public Suffix List into hashes that are small enough for the plugin.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a build that cannot go on ends, and says why"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::{env, fs, path::Path};

#[path = "src/origin/public_suffix_rules.rs"]
mod public_suffix_rules;

use public_suffix_rules::{BLOCK_BITS, Kind, PLAIN_BITS, Rules, hash, split};

const LIST: &str = "data/public_suffix_list.dat";

fn main() {
    println!("cargo::rerun-if-changed={LIST}");
    println!("cargo::rerun-if-changed=src/origin/public_suffix_rules.rs");
    println!("cargo::rerun-if-changed=tools/link_plugin.py");
    compress_the_plugin();
    let list = fs::read_to_string(LIST).unwrap_or_else(|error| panic!("cannot read {LIST}: {error}"));
    // <https://github.com/publicsuffix/list/wiki/Format>: a rule is a line up to the first space, and `//` begins a
    // comment.
    let rules =
        list.lines().filter_map(|line| line.split_whitespace().next()).filter(|rule| !rule.starts_with("//"));
    // Every single label is a public suffix, whether it is in the list or not.
    let rules = rules.filter(|rule| rule.contains('.'));
    // An exception allows what a rule refuses, so it has to be the very name.
    let (exceptions, rules): (Vec<&str>, Vec<&str>) = rules.partition(|rule| rule.starts_with('!'));
    let exceptions: Vec<String> = exceptions.iter().map(|rule| to_ascii(&rule[1..])).collect();
    let Rules { starts, gaps } = coded(&hashes_of(&rules));
    let source = format!(
        "static EXCEPTIONS: [&str; {}] = {exceptions:?};\n\
         static RULES: Rules<[u8; {}]> = Rules {{ starts: {starts:?}, gaps: {gaps:?} }};",
        exceptions.len(),
        gaps.len()
    );
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("public_suffixes.rs"), source).expect("OUT_DIR can be written to");
}

/// Otherwise each address and index in the plugin's code takes five bytes. The linker refuses this option together with
/// debug information.
///
/// Rebuilds a plugin that was built without wasm-opt, or with another version: cargo cannot see that the linker calls
/// it. The Makefile and tools/dist.py set the version.
fn compress_the_plugin() {
    let is_wasm = env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm");
    if is_wasm && env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-env-changed=WASM_OPT");
        println!("cargo::rerun-if-env-changed=WASM_OPT_VERSION");
        println!("cargo::rustc-link-arg-cdylib=--strip-all");
        println!("cargo::rustc-link-arg-cdylib=--compress-relocations");
    }
}

/// Each rule, and the names above it that are not suffixes themselves: a wildcard on such a name would include
/// everything below it.
fn hashes_of(rules: &[&str]) -> BTreeSet<u32> {
    let name_of = |rule: &str| to_ascii(rule.strip_prefix("*.").unwrap_or(rule));
    let suffixes: BTreeSet<String> =
        rules.iter().filter(|rule| !rule.starts_with("*.")).map(|rule| name_of(rule)).collect();
    let mut hashes = BTreeSet::new();
    for rule in rules {
        let name = name_of(rule);
        assert!(!name.contains(['*', '!']), "a rule of a form that was not seen before: {rule}");
        let kind = if rule.starts_with("*.") { Kind::AllBelow } else { Kind::Suffix };
        hashes.insert(hash(kind, &name));
        let mut below = name.as_str();
        while let Some((_label, parent)) = below.split_once('.').filter(|(_, parent)| parent.contains('.')) {
            if !suffixes.contains(parent) {
                hashes.insert(hash(Kind::Above, parent));
            }
            below = parent;
        }
    }
    hashes
}

fn coded(hashes: &BTreeSet<u32>) -> Rules<Vec<u8>> {
    let mut rules = Rules { starts: [0; (1 << BLOCK_BITS) + 1], gaps: Vec::new() };
    for block in 0..1 << BLOCK_BITS {
        let in_block = hashes.iter().map(|hash| split(*hash)).filter(|(place, _)| *place == block);
        rules.gaps.extend(block_of(in_block.map(|(_, rest)| rest)));
        rules.starts[block + 1] = u16::try_from(rules.gaps.len()).expect("the list has fewer rules");
    }
    rules
}

fn block_of(hashes: impl Iterator<Item = u32>) -> Vec<u8> {
    let (mut bits, mut least) = (String::new(), 0);
    for hash in hashes {
        let (above, plain) = ((hash - least) >> PLAIN_BITS, (hash - least) & !(u32::MAX << PLAIN_BITS));
        let width = PLAIN_BITS as usize;
        write!(bits, "{}0{plain:0width$b}", "1".repeat(above as usize)).expect("a string takes all");
        least = hash + 1;
    }
    let byte = |bits: &[u8]| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit == b'1'));
    bits.push_str(&"1".repeat(bits.len().next_multiple_of(8) - bits.len()));
    bits.as_bytes().chunks(8).map(byte).collect()
}

/// A name as it stands in hosts: each non-ASCII label in punycode, <https://www.rfc-editor.org/rfc/rfc3492>.
fn to_ascii(name: &str) -> String {
    let labels = name.split('.').map(|label| match label.is_ascii() {
        true => label.to_owned(),
        false => format!("xn--{}", punycode::encode(label).expect("a label of the list has an encoding")),
    });
    labels.collect::<Vec<_>>().join(".")
}
