//! `dangerously_allow`: the safety checks that an operator lifts by name.

use super::finding::{Findings, Path};
use super::nearest::guess;
use super::object::Object;
use super::value::Quoted;

/// A safety check that can be lifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// `*` with credentials.
    AnyOriginWithCredentials,
    /// Pages that came over the network unprotected, with credentials.
    InsecureOriginsWithCredentials,
    /// `*.` directly on a public suffix.
    PublicSuffixWildcards,
    /// `null` as an origin.
    NullOrigin,
}

impl Switch {
    /// Every switch.
    pub const ALL: [Self; 4] = [
        Self::AnyOriginWithCredentials,
        Self::InsecureOriginsWithCredentials,
        Self::PublicSuffixWildcards,
        Self::NullOrigin,
    ];

    /// The switch as the operator writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AnyOriginWithCredentials => "any-origin-with-credentials",
            Self::InsecureOriginsWithCredentials => "insecure-origins-with-credentials",
            Self::PublicSuffixWildcards => "public-suffix-wildcards",
            Self::NullOrigin => "null-origin",
        }
    }
}

/// The switches that a policy sets.
#[derive(Debug, Default)]
pub struct Switches(Vec<Switch>);

impl Switches {
    /// Reads `dangerously_allow`.
    pub fn read(object: &Object<'_>, findings: &mut Findings) -> Self {
        let place = object.place("dangerously_allow");
        let mut switches = Self::default();
        for (at, text) in object.texts("dangerously_allow", "[\"null-origin\"]", findings) {
            switches.add(&place.item(at), text, findings);
        }
        switches
    }

    fn add(&mut self, path: &Path<'_>, text: &str, findings: &mut Findings) {
        match Switch::ALL.into_iter().find(|switch| switch.as_str() == text) {
            Some(switch) if self.lifts(switch) => {
                findings.warning(path, format_args!("{} is there twice; remove one", Quoted(text)));
            }
            Some(switch) => self.0.push(switch),
            None => {
                let guess = guess(text, &Switch::ALL.map(Switch::as_str));
                findings.problem(path, format_args!("{} is not a known switch; {guess}", Quoted(text)));
            }
        }
    }

    /// Whether the check is lifted.
    #[must_use]
    pub fn lifts(&self, switch: Switch) -> bool {
        self.0.contains(&switch)
    }
}
