//! The rules of Traefik's routers, so far as a policy's `match` can say them:
//! <https://doc.traefik.io/traefik/reference/routing-configuration/http/routing/rules-and-priority/>.

use crate::sources::matching::PathKind;

/// A part of a rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Matcher<'a> {
    /// Any of these hosts.
    Hosts(Vec<&'a str>),
    /// Any of these paths.
    Paths(Vec<&'a str>, PathKind),
}

/// The parts that all have to fit, each of hosts or of paths once; `None` if the rule says anything else.
pub(crate) fn conjunction(rule: &str) -> Option<Vec<Matcher<'_>>> {
    let parts: Vec<Matcher<'_>> = split(rule, "&&").into_iter().map(disjunction).collect::<Option<_>>()?;
    let hosts = parts.iter().filter(|part| matches!(part, Matcher::Hosts(_))).count();
    let is_once = hosts <= 1 && parts.len().saturating_sub(hosts) <= 1;
    is_once.then_some(parts)
}

/// Alternatives of one kind.
fn disjunction(part: &str) -> Option<Matcher<'_>> {
    let part = without_parentheses(part);
    let mut matchers = split(part, "||").into_iter().map(matcher);
    let first = matchers.next()??;
    matchers.try_fold(first, |known, next| match (known, next?) {
        (Matcher::Hosts(known), Matcher::Hosts(next)) => Some(Matcher::Hosts([known, next].concat())),
        (Matcher::Paths(known, kind), Matcher::Paths(next, other)) if kind == other => {
            Some(Matcher::Paths([known, next].concat(), kind))
        }
        _ => None,
    })
}

fn matcher(text: &str) -> Option<Matcher<'_>> {
    let (name, rest) = without_parentheses(text).split_once('(')?;
    let arguments =
        rest.strip_suffix(')')?.split(',').map(|argument| quoted(argument.trim())).collect::<Option<_>>()?;
    match name.trim() {
        "Host" => Some(Matcher::Hosts(arguments)),
        "PathPrefix" => Some(Matcher::Paths(arguments, PathKind::Characters)),
        "Path" => Some(Matcher::Paths(arguments, PathKind::Exact)),
        _ => None,
    }
}

fn quoted(argument: &str) -> Option<&str> {
    let text =
        ['`', '"', '\''].iter().find_map(|quote| argument.strip_prefix(*quote)?.strip_suffix(*quote))?;
    (!text.is_empty() && !text.contains(['`', '"', '\'', '{', '('])).then_some(text)
}

/// Parentheses around the whole.
fn without_parentheses(text: &str) -> &str {
    let text = text.trim();
    match text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) if is_balanced(inner) => without_parentheses(inner),
        _ => text,
    }
}

fn is_balanced(text: &str) -> bool {
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '(' => depth = depth.saturating_add(1),
            ')' if depth == 0 => return false,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    depth == 0
}

/// The parts between operators that stand in no parentheses.
fn split<'a>(text: &'a str, operator: &str) -> Vec<&'a str> {
    let text = without_parentheses(text);
    let mut parts = Vec::new();
    let mut start = 0_usize;
    for (at, _) in text.match_indices(operator) {
        if text.get(..at).is_some_and(is_balanced) {
            parts.extend(text.get(start..at));
            start = at.saturating_add(operator.len());
        }
    }
    parts.extend(text.get(start..));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        use Matcher::{Hosts, Paths};
        use PathKind::{Characters, Exact};
        let check =
            |rule, expected: Option<Vec<Matcher<'_>>>| assert_eq!(conjunction(rule), expected, "{rule}");
        check("Host(`a`) && PathPrefix(`/v1`)", Some(vec![Hosts(vec!["a"]), Paths(vec!["/v1"], Characters)]));
        check("Host(`a`) || Host(`b`)", Some(vec![Hosts(vec!["a", "b"])]));
        check(
            "(Host(`a`) || Host(`b`)) && Path(`/x`)",
            Some(vec![Hosts(vec!["a", "b"]), Paths(vec!["/x"], Exact)]),
        );
        check("((Host(\"a\")))", Some(vec![Hosts(vec!["a"])]));
        check("Host(`a`, `b`)", Some(vec![Hosts(vec!["a", "b"])]));
        check("Host(`a`) || PathPrefix(`/b`)", None);
        check("Host(`a`) && !Path(`/b`)", None);
        check("HostRegexp(`.*`)", None);
        check("Host(`a`) && Host(`b`)", None);
        check("PathPrefix(`/a`) || Path(`/b`)", None);
        check("PathPrefix(`/{id}`)", None);
        for broken in ["", "Host", "Host(", "Host(`a`", "Host()", "&&", "Host(`a`) &&", ")("] {
            check(broken, None);
        }
    }
}
