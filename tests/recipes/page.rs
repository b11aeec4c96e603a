//! `docs/recipes.md`, and the policies in `envoy/recipes`.

use serde_json::Value;

use crate::support::example;
use crate::support::yaml;

/// The policy in a file of `envoy/recipes`.
pub(crate) fn policy(name: &str) -> Value {
    yaml::document(&example::read(&format!("envoy/recipes/{name}.yaml")))
}

/// The first block of a language below a heading.
#[track_caller]
pub(crate) fn block(heading: &str, language: &str) -> String {
    let first = blocks(heading, language).into_iter().next();
    first.unwrap_or_else(|| panic!("no {language} below {heading}"))
}

/// All blocks of a language below a heading.
#[track_caller]
pub(crate) fn blocks(heading: &str, language: &str) -> Vec<String> {
    let page = example::read("docs/recipes.md");
    let (_, section) = page.split_once(&format!("\n### {heading}\n")).expect("the page has this heading");
    let section = section.split("\n## ").next().and_then(|section| section.split("\n### ").next());
    let fence = format!("```{language}\n");
    let blocks = section.into_iter().flat_map(|section| section.split(&fence).skip(1));
    blocks.filter_map(|rest| rest.split("```").next().map(str::to_owned)).collect()
}
