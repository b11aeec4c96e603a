//! An origin as its page would send it, and what is wrong with how it was given.

use proxy_wasm_cors::origin::advice::suggestion;

/// An origin in the form that browsers send.
pub(super) struct Form {
    pub(super) origin: String,
    /// How what was given differs from that, as predicates.
    pub(super) faults: Vec<String>,
}

/// The form of the given text, if it can be an origin at all.
pub(super) fn form(given: &str) -> Option<Form> {
    let mut faults = Vec::new();
    let lower = given.to_ascii_lowercase();
    if lower != given {
        faults.push("has upper-case letters, which browsers never send".to_owned());
    }
    let undotted = without_final_dot(&lower);
    if undotted != lower {
        faults.push("has a host that ends with a dot, which makes it a different host".to_owned());
    }
    let origin = suggestion(&undotted)?;
    if origin != undotted {
        faults.push(format!("is not written as browsers send it: they would send `{origin}`"));
    }
    Some(Form { origin, faults })
}

fn without_final_dot(origin: &str) -> String {
    let Some((scheme, rest)) = origin.split_once("://") else { return origin.to_owned() };
    let end = rest.find(['/', ':', '?', '#']).unwrap_or(rest.len());
    let (host, rest) = rest.split_at_checked(end).unwrap_or((rest, ""));
    format!("{scheme}://{}{rest}", host.strip_suffix('.').unwrap_or(host))
}

/// The last labels of a host, as many as another has.
pub(super) fn last_labels<'a>(host: &'a str, other: &str) -> &'a str {
    let count = other.split('.').count();
    let ends = host.rmatch_indices('.').map(|(at, _)| at.saturating_add(1));
    ends.take(count).nth(count.saturating_sub(1)).and_then(|start| host.get(start..)).unwrap_or(host)
}
