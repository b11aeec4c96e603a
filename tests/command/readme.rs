//! The README and the pages of `docs`: their policies are accepted as they stand there, without a warning, and their links
//! lead somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::binary::{repository, run};
use crate::support::envoy::Directory;
use crate::support::failures::Failures;

/// More would not be read.
const MAX_WORDS_OF_README: usize = 1500;

#[test]
fn policies_of_the_pages() {
    let directory = Directory::new();
    let mut failures = Failures::new("policies of the pages");
    let mut count = 0;
    // Of the examples of messages every other one is wrong, and `messages.rs` tries them.
    for page in pages().into_iter().filter(|page| !page.ends_with("docs/messages.md")) {
        let text = read(&page);
        for policy in blocks(&text, "yaml").filter(|block| is_policy(block)) {
            fs::write(directory.path().join("policy.yaml"), policy).expect("it can be written");
            let ended = run(directory.path(), &["check", "policy.yaml"]);
            let is_clean = ended.stdout.ends_with("policy.yaml: 1 configuration, 0 problems, 0 warnings\n");
            let found = if is_clean { Vec::new() } else { vec![ended.stdout] };
            failures.row(format!("{}\n{policy}", page.display()), found);
            count += 1;
        }
    }
    assert!(count >= 20, "the pages show {count} policies");
    failures.finish();
}

/// The page shows exactly what the file contains, so that readers can try it.
#[test]
fn recipes_are_files() {
    let text = read(Path::new("docs/recipes.md"));
    let mut shown = BTreeSet::new();
    for block in blocks(&text, "yaml") {
        let Some((path, policy)) = block.strip_prefix("# ").and_then(|block| block.split_once('\n')) else {
            continue;
        };
        assert_eq!(read(Path::new(path)), policy, "{path} is not what docs/recipes.md shows");
        shown.insert(PathBuf::from(path));
    }
    let is_policy = |path: &PathBuf| !path.to_string_lossy().ends_with(".test.yaml");
    let there: BTreeSet<PathBuf> = entries("envoy/recipes").into_iter().filter(is_policy).collect();
    assert_eq!(shown, there);
    let expectations = read(Path::new("envoy/recipes/all.test.yaml"));
    for path in there {
        let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
        assert!(expectations.contains(&format!("configuration: {name}\n")), "nothing is expected of {name}");
    }
}

/// To files of the checkout, and to headings in them; other sites are not asked.
#[test]
fn links_lead_somewhere() {
    let mut failures = Failures::new("links");
    let mut count = 0;
    for page in pages() {
        let text = read(&page);
        for link in links(&text) {
            if link.contains("://") {
                continue;
            }
            let found = broken(&page, &link).into_iter().collect();
            failures.row(format!("{}: {link}", page.display()), found);
            count += 1;
        }
    }
    assert!(count >= 100, "the pages have {count} links");
    failures.finish();
}

#[test]
fn the_readme_is_short() {
    let words = read(Path::new("README.md")).split_whitespace().count();
    assert!(words <= MAX_WORDS_OF_README, "the README has {words} words");
}

/// All pages are in the table of contents, and so on the site.
#[test]
fn the_table_of_contents_is_whole() {
    let text = read(Path::new("docs/SUMMARY.md"));
    let named: BTreeSet<PathBuf> =
        links(&text).into_iter().map(|link| Path::new("docs").join(link)).collect();
    let is_page =
        |path: &PathBuf| path.extension().is_some_and(|it| it == "md") && !path.ends_with("SUMMARY.md");
    let there: BTreeSet<PathBuf> = entries("docs").into_iter().filter(is_page).collect();
    assert_eq!(named, there);
}

fn pages() -> Vec<PathBuf> {
    let mut pages = entries("docs");
    pages.retain(|path| path.extension().is_some_and(|it| it == "md"));
    pages.extend(["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(PathBuf::from));
    pages
}

/// The files of a directory of the checkout.
fn entries(directory: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(repository().join(directory)).expect("the directory is there");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| Path::new(directory).join(entry.expect("it can be read").file_name()))
        .filter(|path| repository().join(path).is_file())
        .collect();
    paths.sort();
    paths
}

fn read(path: &Path) -> String {
    fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn blocks<'a>(text: &'a str, language: &str) -> impl Iterator<Item = &'a str> {
    let fence = format!("```{language}\n");
    let blocks: Vec<&str> =
        text.split(fence.as_str()).skip(1).filter_map(|rest| rest.split("```").next()).collect();
    blocks.into_iter()
}

fn is_policy(block: &str) -> bool {
    let first = block.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
    first.starts_with("allow_origins:") || first.starts_with("policies:")
}

/// The targets of a page's links, outside its code.
fn links(text: &str) -> Vec<String> {
    let prose: String = text.split("```").step_by(2).collect();
    let targets = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.map(str::to_owned).collect()
}

/// What is wrong with a link.
fn broken(page: &Path, link: &str) -> Option<String> {
    let (file, heading) = link.split_once('#').map_or((link, None), |(file, heading)| (file, Some(heading)));
    let target = match file {
        "" => page.to_path_buf(),
        file => page.parent().expect("a page is in a directory").join(file),
    };
    if !repository().join(&target).exists() {
        return Some(format!("there is no {}", target.display()));
    }
    let heading = heading?;
    let text = read(&target);
    let anchors: Vec<String> = text.lines().filter(|line| line.starts_with('#')).map(anchor).collect();
    (!anchors.iter().any(|anchor| anchor == heading)).then(|| format!("no heading of {anchors:?}"))
}

/// As GitHub makes it of a heading.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}
