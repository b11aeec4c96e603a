//! `dangerously_allow`: the safety checks that an operator lifts by name.

use std::cell::Cell;
use std::fmt;

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
    /// `file://` as an origin.
    FileOrigin,
}

/// How messages offer the switch.
impl fmt::Display for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "or add `{}` to `dangerously_allow`", self.as_str())
    }
}

impl Switch {
    /// Every switch.
    pub const ALL: [Self; 5] = [
        Self::AnyOriginWithCredentials,
        Self::InsecureOriginsWithCredentials,
        Self::PublicSuffixWildcards,
        Self::NullOrigin,
        Self::FileOrigin,
    ];

    /// The switch as the operator writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AnyOriginWithCredentials => "any-origin-with-credentials",
            Self::InsecureOriginsWithCredentials => "insecure-origins-with-credentials",
            Self::PublicSuffixWildcards => "public-suffix-wildcards",
            Self::NullOrigin => "null-origin",
            Self::FileOrigin => "file-origin",
        }
    }
}

/// The switches that a policy sets.
#[derive(Debug, Default)]
pub struct Switches(Vec<Set>);

/// A switch that is set.
#[derive(Debug)]
struct Set {
    switch: Switch,
    /// Its place in the list.
    at: usize,
    /// Whether something dangerous needed it.
    has_lifted: Cell<bool>,
}

impl Switches {
    /// Reads `dangerously_allow`.
    pub fn read(object: &Object<'_>, findings: &mut Findings) -> Self {
        let place = object.place("dangerously_allow");
        let mut switches = Self::default();
        for (at, text) in object.texts("dangerously_allow", "[\"null-origin\"]", findings) {
            switches.add(&place, at, text, findings);
        }
        switches
    }

    fn add(&mut self, place: &Path<'_>, at: usize, text: &str, findings: &mut Findings) {
        let path = &place.item(at);
        match Switch::ALL.into_iter().find(|switch| switch.as_str() == text) {
            Some(switch) if self.has(switch) => {
                findings.warning(path, format_args!("{} is there twice; remove one", Quoted(text)));
            }
            Some(switch) => self.0.push(Set { switch, at, has_lifted: Cell::new(false) }),
            None => {
                let guess = guess(text, &Switch::ALL.map(Switch::as_str));
                findings.problem(path, format_args!("{} is not a known switch; {guess}", Quoted(text)));
            }
        }
    }

    /// Whether the check is lifted. Call this only for something dangerous: the switch then counts as used.
    #[must_use]
    pub fn lifts(&self, switch: Switch) -> bool {
        self.find(switch).inspect(|set| set.has_lifted.set(true)).is_some()
    }

    /// Whether the switch is set, needed or not.
    #[must_use]
    pub fn has(&self, switch: Switch) -> bool {
        self.find(switch).is_some()
    }

    fn find(&self, switch: Switch) -> Option<&Set> {
        self.0.iter().find(|set| set.switch == switch)
    }

    /// Warns about switches that lifted nothing in the policy: they would silently let tomorrow's mistake pass.
    pub fn warn_of_idle(&self, object: &Object<'_>, findings: &mut Findings) {
        let place = object.place("dangerously_allow");
        for set in self.0.iter().filter(|set| !set.has_lifted.get()) {
            let name = set.switch.as_str();
            findings.warning(
                &place.item(set.at),
                format_args!(
                    "`{name}` lifts nothing in this policy; remove it: it would hide a later mistake"
                ),
            );
        }
    }
}
