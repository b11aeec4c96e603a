//! `Vary`: what is merged names everything once and loses nothing.
//!
//! The first byte says which names are wanted, one bit each; the rest is the value that the upstream sent.

use proxy_wasm_cors::policy::response_edits::Vary;
use proxy_wasm_cors::policy::vary::merge;

use super::field;

/// Holds a merge against one made with lists.
pub fn check(input: &[u8]) {
    let Some((bits, current)) = input.split_first() else { return };
    let is_set = |bit: u8| bits >> bit & 1 == 1;
    let vary = Vary {
        origin: is_set(0),
        request_method: is_set(1),
        request_headers: is_set(2),
        request_private_network: is_set(3),
    };
    let merged = merge(Some(current), vary.names());
    assert_eq!(
        merged.as_deref(),
        naive(current, &vary).as_deref(),
        "{} and {vary:?}",
        current.escape_ascii()
    );
    if let Some(merged) = merged {
        check_merged(current, &merged, &vary);
    }
}

fn check_merged(current: &[u8], merged: &[u8], vary: &Vary) {
    let shown = merged.escape_ascii();
    assert_eq!(merge(Some(merged), vary.names()), None, "a second merge changes {shown}");
    if field::is_value(current) {
        assert!(field::is_value(merged), "{shown} is no value of a header");
    }
    assert!(names_all(merged, vary), "{shown} does not name {vary:?}");
}

/// Whether a value says that the response depends on the headers that are set in `vary`.
pub fn names_all(value: &[u8], vary: &Vary) -> bool {
    let named: Vec<Vec<u8>> = field::elements(value).iter().map(|name| name.to_ascii_lowercase()).collect();
    let is_named = |wanted: &str| named.contains(&wanted.to_ascii_lowercase().into_bytes());
    named.contains(&b"*".to_vec()) || wanted(vary).into_iter().all(is_named)
}

fn wanted(vary: &Vary) -> Vec<&'static str> {
    let mut names = Vec::new();
    names.extend(vary.origin.then_some("Origin"));
    names.extend(vary.request_method.then_some("Access-Control-Request-Method"));
    names.extend(vary.request_headers.then_some("Access-Control-Request-Headers"));
    names.extend(vary.request_private_network.then_some("Access-Control-Request-Private-Network"));
    names
}

fn naive(current: &[u8], vary: &Vary) -> Option<Vec<u8>> {
    let had = field::elements(current);
    if had.contains(&b"*".to_vec()) {
        return None;
    }
    // Repeats of the first 128 different names go.
    let known: Vec<Vec<u8>> = field::without_repeats(had.iter().cloned()).into_iter().take(128).collect();
    let is_known = |name: &Vec<u8>| known.iter().any(|known| known.eq_ignore_ascii_case(name));
    let others = had.iter().filter(|name| !is_known(name)).cloned();
    let kept: Vec<Vec<u8>> = known.iter().cloned().chain(others).collect();
    let is_there = |name: &&str| kept.iter().any(|known| known.eq_ignore_ascii_case(name.as_bytes()));
    let added = wanted(vary).into_iter().filter(|name| !is_there(name)).map(|name| name.as_bytes().to_vec());
    let all: Vec<Vec<u8>> = kept.iter().cloned().chain(added).collect();
    (all != had).then(|| all.join(&b", "[..]))
}
