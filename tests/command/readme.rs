//! The policies of the README are accepted as they stand there, without a warning.

use std::fs;

use crate::binary::{repository, run};
use crate::support::envoy::Directory;

#[test]
fn policies_of_the_readme() {
    let text = fs::read_to_string(repository().join("README.md")).expect("the README is text");
    let blocks =
        text.split("```yaml\n").skip(1).filter_map(|rest| rest.split_once("```")).map(|(block, _)| block);
    let policies: Vec<&str> = blocks.filter(|block| is_policy(block)).collect();
    assert!(policies.len() >= 6, "the README shows {} policies", policies.len());
    let directory = Directory::new();
    for policy in policies {
        fs::write(directory.path().join("policy.yaml"), policy)
            .expect("a temporary directory can be written to");
        let ended = run(directory.path(), &["check", "policy.yaml"]);
        assert_eq!((ended.code, clean(&ended.stdout)), (0, true), "{policy}\n{}", ended.stdout);
    }
}

fn is_policy(block: &str) -> bool {
    block.starts_with("allow_origins:") || block.starts_with("policies:")
}

fn clean(stdout: &str) -> bool {
    stdout.ends_with("policy.yaml: 1 configuration, 0 problems, 0 warnings\n")
}
