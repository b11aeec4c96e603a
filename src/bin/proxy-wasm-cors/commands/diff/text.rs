//! What `diff` says to people.

use super::Difference;
use super::changes::{Change, Field, Kind};
use crate::style::{BAD, GOOD, LABEL, styled};

/// The names of fields are padded to this.
const WIDTH: usize = 22;

/// Everything that changes, then whether something does.
pub(super) fn of(difference: &Difference) -> String {
    let mut lines: Vec<String> = difference.policies.iter().flat_map(policy).collect();
    if let Some((before, now)) = &difference.order {
        lines.push(format!("{} {} -> {}", styled(LABEL, "order"), before.join(", "), now.join(", ")));
    }
    if let Some((before, now)) = &difference.on_invalid {
        lines.push(format!("{} {before} -> {now}", styled(LABEL, "on_invalid")));
    }
    lines.extend(calls(difference));
    lines.push(sum(difference));
    lines.join("\n")
}

fn policy(change: &Change) -> Vec<String> {
    let what = match (change.kind, &change.was) {
        (Kind::Added, _) => " is new".to_owned(),
        (Kind::Removed, _) => " is gone".to_owned(),
        (Kind::Changed, Some(was)) => format!(", which was `{was}`"),
        (Kind::Changed, None) => String::new(),
    };
    let title = format!("{}{what}", styled(LABEL, &format!("policy `{}`", change.name)));
    [title].into_iter().chain(change.fields.iter().flat_map(field)).collect()
}

fn field(field: &Field) -> Vec<String> {
    match field {
        Field::Value { name, old, new } => vec![format!("  {name:<WIDTH$} {old} -> {new}")],
        Field::List { name, gained, lost, covered } => {
            let gained = gained.iter().map(|item| styled(GOOD, &format!("+ {item}")));
            let lost = lost.iter().map(|item| styled(BAD, &format!("- {item}")));
            let covered = covered.iter().map(|(item, by)| format!("= {item}, which {by} covers"));
            let items = gained.chain(lost).chain(covered);
            // The name stands beside the first item alone.
            let names = [*name].into_iter().chain(std::iter::repeat(""));
            items.zip(names).map(|(item, name)| format!("  {name:<WIDTH$} {item}")).collect()
        }
    }
}

fn calls(difference: &Difference) -> Vec<String> {
    if difference.calls.is_empty() {
        return Vec::new();
    }
    let title = styled(LABEL, "calls that turn out differently, for example");
    let call = |turned: &super::Turned| format!("  {}: {}", turned.target.told(&turned.call), turned.told());
    let more = (difference.more > 0).then(|| format!("  and {} more", difference.more));
    [title].into_iter().chain(difference.calls.iter().map(call)).chain(more).collect()
}

fn sum(difference: &Difference) -> String {
    let [old, new] = &difference.fingerprints;
    let [from, to] = difference.files.each_ref().map(|file| file.display());
    if difference.is_none() && old == new {
        return format!("{from} and {to} {}: fingerprint {old}", styled(GOOD, "mean the same"));
    }
    let what = if difference.is_none() {
        styled(GOOD, "nothing changes for pages")
    } else if difference.calls.is_empty() {
        format!("{}, and every call that was tried turns out as before", styled(BAD, "settings change"))
    } else {
        styled(BAD, "something changes for pages")
    };
    format!("{from} -> {to}: {what}; fingerprint {old} -> {new}")
}
