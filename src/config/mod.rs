//! The room of the configuration: from the bytes that a host passes to policies, or to everything that is wrong with them.
//!
//! `source` reads the bytes into a tree of values, `object` hands out its fields, and a file for each kind of field
//! judges what is written there. `guard` finds what nobody can have meant, `switches` holds what the operator wants
//! nevertheless, and `finding` puts it all into words.
//!
//! Any bytes may come in; only valid policies go out. This room knows those of origins, requests and policies.
//!
//! ```
//! use proxy_wasm_cors::config;
//!
//! let loaded = config::load(Some(br#"{"allow_origins": ["https://app.example.com/"]}"#));
//! assert!(loaded.policies.is_none());
//! assert_eq!(
//!     loaded.findings[0].to_string(),
//!     "config: allow_origins[0]: `https://app.example.com/` has a path; \
//!      an origin ends after the host or port: write `https://app.example.com`"
//! );
//! ```

mod coverage;
mod decimal;
mod finding;
mod fingerprint;
mod guard;
mod lists;
mod nearest;
mod numbers;
mod object;
mod origins;
mod partial;
mod paths;
mod policies;
mod policy;
mod regexes;
mod selectors;
mod source;
mod structpb;
mod switches;
mod value;
mod written;

pub use finding::{Finding, Severity};
pub use fingerprint::Fingerprint;
pub use object::{ON_INVALID, camel_case, member};
pub use policy::{DEFAULT_NAME, FIELDS};
pub use selectors::FIELDS as MATCH_FIELDS;
pub use switches::Switch;
pub use value::Value;

use crate::policy::decision::Reason;
use crate::policy::set::PolicySet;
use finding::{Findings, Path};

/// The result of reading a configuration.
#[derive(Debug)]
pub struct Loaded {
    /// The policies; `None` if the configuration is refused. If there are policies in spite of problems, the
    /// configuration says `on_invalid: deny`, and they allow no one.
    pub policies: Option<PolicySet>,
    /// Everything that is wrong or doubtful.
    pub findings: Vec<Finding>,
    /// Which configuration it is; `None` if the bytes are not one.
    pub fingerprint: Option<Fingerprint>,
}

impl Loaded {
    /// How many problems there are. If there are none, there are policies.
    #[must_use]
    pub fn problems(&self) -> usize {
        finding::problems(&self.findings)
    }
}

/// Reads a configuration: JSON text, or a binary `google.protobuf.Struct`; `None` if the host has none.
#[must_use]
pub fn load(bytes: Option<&[u8]>) -> Loaded {
    match source::parse(bytes.unwrap_or_default()) {
        Ok(value) => load_tree(&value),
        Err(fault) => {
            let mut findings = Findings::default();
            findings.problem(&Path::Root.field(&fault.place), fault.message);
            Loaded { policies: None, findings: findings.into_vec(), fingerprint: None }
        }
    }
}

/// Reads a configuration that is already a tree.
#[must_use]
pub fn load_tree(value: &Value) -> Loaded {
    let mut findings = Findings::default();
    let denies_if_invalid = policies::denies_if_invalid(value, &mut findings);
    let policies = policies::read(value, &mut findings);
    let policies = match (findings.problems(), denies_if_invalid) {
        (0, _) => Some(policies),
        (_, true) => Some(PolicySet::allowing_no_one(DEFAULT_NAME, Reason::ConfigInvalid)),
        (_, false) => None,
    };
    Loaded { policies, findings: findings.into_vec(), fingerprint: Some(Fingerprint::of(value)) }
}

#[cfg(test)]
mod tests;
