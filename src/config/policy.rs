//! One policy.

use super::finding::Findings;
use super::guard::Guard;
use super::lists::{allow_headers, allow_methods, expose_headers};
use super::numbers::{max_age, preflight_status};
use super::object::Object;
use super::origins;
use super::switches::Switches;
use super::value::{Quoted, Value};
use crate::origin::same_site::site;
use crate::policy::allow_origin::AllowOrigin;
use crate::policy::selector::{HostPattern, Selector};
use crate::policy::{Blocking, Mode, Policy};

/// The fields of a policy.
pub const FIELDS: [&str; 14] = [
    "allow_origins",
    "allow_credentials",
    "allow_methods",
    "allow_headers",
    "expose_headers",
    "max_age",
    "allow_private_network",
    "preflight_status",
    "allow_timing",
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

/// Reads a policy, which is for the requests that `selector` chooses; it means something only if no problem was found.
pub fn read(object: &Object<'_>, selector: &Selector, findings: &mut Findings) -> Policy {
    let name = name(object, findings);
    let mode = mode(object, findings);
    let are_origins_needed = mode != Mode::Passthrough || selector.allowed_origins_only;
    let problems = findings.problems();
    let switches = Switches::read(object, findings);
    let allow_credentials = object.flag("allow_credentials", findings);
    let guard = Guard { allow_credentials, switches: &switches };
    let allow_origin = origins::read(object, &guard, are_origins_needed, findings);
    // Nothing is known about the needs of something that could not be read.
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
        allow_timing: object.flag("allow_timing", findings),
        blocking: blocking(object, findings),
        mode,
    };
    match mode {
        Mode::Passthrough => warn_of_passed_over(object, are_origins_needed, findings),
        Mode::Enforce | Mode::Shadow => warn_of_no_effect(&policy, selector, object, findings),
    }
    warn_of_origins(&policy, selector, object, findings);
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

fn mode(object: &Object<'_>, findings: &mut Findings) -> Mode {
    let expected = "`\"enforce\"`, `\"shadow\"` to judge and record without touching traffic, or `\"passthrough\"` to do nothing";
    match object.text("mode", expected, findings) {
        Some("shadow") => Mode::Shadow,
        Some("passthrough") => Mode::Passthrough,
        None | Some("enforce") => Mode::Enforce,
        Some(_) => {
            object.wrong_type("mode", expected, findings);
            Mode::Enforce
        }
    }
}

fn blocking(object: &Object<'_>, findings: &mut Findings) -> Blocking {
    match object.get("block_denied_requests") {
        None | Some((_, Value::Bool(false))) => Blocking::Never,
        Some((_, Value::Bool(true))) => Blocking::Always,
        Some((_, Value::Text(text))) if text == "websockets" => Blocking::WebSockets,
        Some(_) => {
            let expected = "`true` or `false`, without quotes, or `\"websockets\"`";
            object.wrong_type("block_denied_requests", expected, findings);
            Blocking::Never
        }
    }
}

/// A policy that leaves requests alone has a name and a `match`; everything else in it means nothing.
fn warn_of_passed_over(object: &Object<'_>, are_origins_needed: bool, findings: &mut Findings) {
    for field in FIELDS {
        let is_meant = match field {
            "name" | "match" | "mode" => true,
            // A switch may be what allows the origins that choose the policy.
            "allow_origins" | "dangerously_allow" => are_origins_needed,
            _ => false,
        };
        if !is_meant && object.get(field).is_some() {
            findings.warning(
                &object.place(field),
                "has no effect in the mode `passthrough`, which leaves requests and responses untouched; remove it",
            );
        }
    }
}

fn warn_of_no_effect(policy: &Policy, selector: &Selector, object: &Object<'_>, findings: &mut Findings) {
    if policy.allow_private_network {
        findings.warning(
            &object.place("allow_private_network"),
            "no current browser sends this request any more, a permission prompt has replaced it; remove it unless old browsers call",
        );
    }
    if policy.blocking != Blocking::Never && policy.mode == Mode::Shadow {
        findings.warning(
            &object.place("block_denied_requests"),
            "has no effect in the mode `shadow`, which leaves traffic untouched; remove it, or write `\"enforce\"` as the mode",
        );
    } else if policy.blocking != Blocking::Never && matches!(policy.allow_origin, AllowOrigin::Any) {
        findings.warning(
            &object.place("block_denied_requests"),
            "has no effect beside the origin `*`, which denies no one; remove it, or name the origins",
        );
    } else if policy.blocking != Blocking::Never && selector.allowed_origins_only {
        findings.warning(
            &object.place("block_denied_requests"),
            "has nothing to block, as `allowed_origins_only` passes on requests of other origins; write it in the policy that takes them",
        );
    }
}

/// Origins that do not choose a policy as they seem to.
fn warn_of_origins(policy: &Policy, selector: &Selector, object: &Object<'_>, findings: &mut Findings) {
    if selector.allowed_origins_only && matches!(policy.allow_origin, AllowOrigin::Any) {
        findings.warning(
            &object.place("match"),
            "has `allowed_origins_only`, which passes on only requests without `Origin` if the policy allows `*`; remove it, or name the origins",
        );
    }
    let never_has_site = |hosts: &Vec<HostPattern>| {
        hosts.iter().all(|host| matches!(host, HostPattern::Exact(host) if site(host.as_bytes()).is_none()))
    };
    let is_same_site = matches!(&policy.allow_origin, AllowOrigin::Listed(listed) if listed.same_site);
    if is_same_site && selector.hosts.as_ref().is_some_and(never_has_site) {
        findings.warning(
            &object.place("allow_origins"),
            "has `same-site`, which never matches here, as no host in `match.hosts` has a registrable domain; write the origins",
        );
    }
}
