//! One policy.

use super::finding::Findings;
use super::guard::Guard;
use super::lists::{allow_headers, allow_methods, expose_headers};
use super::numbers::{max_age, preflight_status};
use super::object::Object;
use super::origins;
use super::switches::Switches;
use super::value::Quoted;
use crate::policy::Policy;
use crate::policy::allow_origin::AllowOrigin;

/// The fields of a policy.
pub const FIELDS: [&str; 13] = [
    "allow_origins",
    "allow_credentials",
    "allow_methods",
    "allow_headers",
    "expose_headers",
    "max_age",
    "allow_private_network",
    "preflight_status",
    "block_denied_requests",
    "mode",
    "dangerously_allow",
    "name",
    "match",
];

/// The name of a policy that has none.
pub const DEFAULT_NAME: &str = "default";

/// The longest name of a policy, in characters.
const MAX_NAME_CHARS: usize = 64;

/// Reads a policy; it means something only if no problem was found.
pub fn read(object: &Object<'_>, findings: &mut Findings) -> Policy {
    let name = name(object, findings);
    let problems = findings.problems();
    let switches = Switches::read(object, findings);
    let allow_credentials = object.flag("allow_credentials", findings);
    let allow_origin = origins::read(object, &Guard { allow_credentials, switches: &switches }, findings);
    // Of what could not be read it is not known what it needs.
    if findings.problems() == problems {
        switches.warn_of_idle(object, findings);
    }
    let policy = Policy {
        name,
        allow_origin,
        allow_credentials,
        allow_methods: allow_methods(object, allow_credentials, findings),
        allow_headers: allow_headers(object, allow_credentials, findings),
        allow_private_network: object.flag("allow_private_network", findings),
        expose_headers: expose_headers(object, allow_credentials, findings),
        max_age: max_age(object, findings),
        preflight_status: preflight_status(object, findings),
        block_denied_requests: object.flag("block_denied_requests", findings),
        is_shadow: is_shadow(object, findings),
    };
    warn_of_no_effect(&policy, object, findings);
    policy
}

fn name(object: &Object<'_>, findings: &mut Findings) -> String {
    let expected = "1 to 64 of lower-case letters, digits, `_` and `-`";
    let Some(name) = object.text("name", expected, findings) else { return DEFAULT_NAME.to_owned() };
    let is_name_byte = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
    if name.is_empty() || name.len() > MAX_NAME_CHARS || !name.bytes().all(is_name_byte) {
        findings.problem(
            &object.place("name"),
            format_args!("{} cannot name a policy; write {expected}", Quoted(name)),
        );
    }
    name.to_owned()
}

fn is_shadow(object: &Object<'_>, findings: &mut Findings) -> bool {
    let expected = "`\"enforce\"`, or `\"shadow\"` to judge and leave traffic untouched";
    match object.text("mode", expected, findings) {
        Some("shadow") => true,
        None | Some("enforce") => false,
        Some(_) => {
            object.wrong_type("mode", expected, findings);
            false
        }
    }
}

fn warn_of_no_effect(policy: &Policy, object: &Object<'_>, findings: &mut Findings) {
    if policy.allow_private_network {
        findings.warning(
            &object.place("allow_private_network"),
            "asks for what no current browser sends, a permission has replaced it; remove it unless old browsers call",
        );
    }
    if policy.block_denied_requests && policy.is_shadow {
        findings.warning(
            &object.place("block_denied_requests"),
            "has no effect in the mode `shadow`, which leaves traffic untouched; remove it, or write `\"enforce\"` as the mode",
        );
    } else if policy.block_denied_requests && matches!(policy.allow_origin, AllowOrigin::Any) {
        findings.warning(
            &object.place("block_denied_requests"),
            "has no effect beside the origin `*`, which denies no one; remove it, or name the origins",
        );
    }
}
