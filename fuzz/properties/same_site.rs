//! Whether a page and an API are of one site, by a crate that reads the Public Suffix List itself.

use std::sync::OnceLock;

use publicsuffix::{List, Psl};

use super::origin::NaiveOrigin;

const LIST: &str = include_str!("../../data/public_suffix_list.dat");

/// Whether `same-site` allows the origin at an authority; `None` where the crate is known to be wrong.
pub fn is_same_site(origin: &NaiveOrigin, authority: &[u8]) -> Option<bool> {
    let host = super::naive_set::host_of(authority).to_ascii_lowercase();
    // It stops looking for `*.cloud.int.apple` once it has seen a longer rule.
    if origin.host.ends_with("int.apple") || host.ends_with(b"int.apple") {
        return None;
    }
    let Some(api) = String::from_utf8(host)
        .ok()
        .and_then(|host| super::origin::read(format!("https://{host}").as_bytes()))
    else {
        return Some(false);
    };
    let are_names = origin.has_name() && api.has_name();
    let site = registrable_domain(&origin.host);
    Some(origin.scheme == "https" && are_names && site.is_some() && site == registrable_domain(&api.host))
}

fn registrable_domain(host: &str) -> Option<String> {
    static PARSED: OnceLock<Option<List>> = OnceLock::new();
    let list = PARSED.get_or_init(|| LIST.parse().ok()).as_ref()?;
    let domain = list.domain(host.as_bytes())?;
    Some(String::from_utf8_lossy(domain.as_bytes()).into_owned())
}
