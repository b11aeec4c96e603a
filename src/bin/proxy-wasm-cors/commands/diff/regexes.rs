//! Examples of what a regex matches.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// So many are made of one regex.
const MOST: usize = 8;

/// Texts that a regex matches: one for each alternative, unless there are too many.
pub(super) fn samples(regex: &str) -> Vec<String> {
    // Origins are ASCII.
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
    parser.parse(regex).map(|hir| of(&hir)).unwrap_or_default()
}

fn of(hir: &Hir) -> Vec<String> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => vec![String::new()],
        HirKind::Literal(literal) => vec![String::from_utf8_lossy(&literal.0).into_owned()],
        HirKind::Class(class) => one_of(class).map(String::from).into_iter().collect(),
        HirKind::Capture(capture) => of(&capture.sub),
        HirKind::Repetition(repetition) => {
            // Once, unless it has to be more often.
            let times = usize::try_from(repetition.min.max(1)).unwrap_or(1);
            of(&repetition.sub).into_iter().map(|text| text.repeat(times)).collect()
        }
        HirKind::Concat(parts) => parts.iter().fold(vec![String::new()], |fronts, part| {
            let rests = of(part);
            let joined =
                fronts.iter().flat_map(|front| rests.iter().map(move |rest| format!("{front}{rest}")));
            joined.take(MOST).collect()
        }),
        HirKind::Alternation(all) => all.iter().flat_map(of).take(MOST).collect(),
    }
}

/// A letter if the class has one, else a digit, else whatever comes first.
fn one_of(class: &Class) -> Option<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.iter().map(|range| (range.start(), range.end())).collect(),
        Class::Bytes(class) => class.iter().map(|range| (range.start().into(), range.end().into())).collect(),
    };
    let has = |c: &char| ranges.iter().any(|(start, end)| start <= c && c <= end);
    let preferred = ('a'..='z').chain('0'..='9').find(has);
    preferred.or_else(|| ranges.first().map(|(start, _)| *start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_alternative() {
        assert_eq!(
            samples(r"https://(app|pr-[0-9]+)\.example\.com(:8080)?"),
            ["https://app.example.com:8080", "https://pr-0.example.com:8080"]
        );
        assert_eq!(samples(r"^https://.{3}\.\w+\d$"), ["https://aaa.a0"]);
        assert_eq!(samples("("), [""; 0]);
    }
}
