//! What to say about a file that is not YAML. A parser names the broken rule; these sentences name what was meant.

use saphyr::ScanError;

use super::Unreadable;

/// What follows a backslash in double quotes: <https://yaml.org/spec/1.2.2/#57-escaped-characters>.
const ESCAPES: &str = "0abt\tnvfre \"/\\N_LPxuU";

/// Why a text cannot be parsed.
pub(super) fn not_yaml(error: &ScanError, text: &str) -> Unreadable {
    let number = error.marker().line();
    let lines: Vec<&str> = text.lines().collect();
    let line = number.checked_sub(1).and_then(|index| lines.get(index)).copied().unwrap_or_default();
    let fault = error.info();
    if fault == "duplicated key in mapping" {
        let key = key_at(error.marker().col(), line);
        let message = format!("`{key}` is given twice; keep one of the two");
        return Unreadable { line: Some(number), message };
    }
    // The parser may notice a mistake only in the line after it.
    let near = [number, number.saturating_sub(1), number.saturating_add(1)];
    let near = near.into_iter().filter_map(|number| Some((number, *lines.get(number.checked_sub(1)?)?)));
    let said = near.clone().find_map(|(number, line)| Some((number, sentence(fault, line)?)));
    let (line, message) = said
        .or_else(|| template(&lines))
        .unwrap_or_else(|| (number, format!("is neither YAML nor JSON: {fault}")));
    Unreadable { line: Some(line), message }
}

/// Why a map whose key is a map or a list is refused, as every host does.
pub(super) fn not_a_name(line: usize, lines: &[&str]) -> Unreadable {
    let text = line.checked_sub(1).and_then(|index| lines.get(index)).copied().unwrap_or_default();
    let message = template_in(text).unwrap_or_else(|| {
        "there is a list or a map where the name of a field belongs; write a name".to_owned()
    });
    Unreadable { line: Some(line), message }
}

/// The first template of a file, and what to do with it.
pub(super) fn template(lines: &[&str]) -> Option<(usize, String)> {
    (1..).zip(lines).find_map(|(number, line)| Some((number, template_in(line)?)))
}

fn sentence(fault: &str, line: &str) -> Option<String> {
    if let Some(message) = template_in(line) {
        return Some(message);
    }
    if fault.contains("alias") || fault.contains("anchor") {
        let pattern = star(line)?;
        return Some(format!("`{pattern}` without quotes is a YAML alias; write `\"{pattern}\"`"));
    }
    if fault.contains("escape") {
        return bad_escape(line);
    }
    let is_continued = fault == "invalid indentation";
    is_continued.then(|| {
        "a value in brackets or quotes continues on this line; indent it further than its field".to_owned()
    })
}

fn template_in(line: &str) -> Option<String> {
    let is_comment = line.trim_start().starts_with('#');
    let (_, from) = line.split_once("{{").filter(|_| !is_comment)?;
    let (template, _) = from.split_once("}}")?;
    Some(format!(
        "`{{{{{template}}}}}` is a template; render it, for example with `helm template`, and check the result"
    ))
}

/// The value on a line that begins with `*` outside quotes.
fn star(line: &str) -> Option<&str> {
    let (at, _) = line.char_indices().find(|(at, c)| {
        let before = line.get(..*at).unwrap_or_default();
        let is_quoted = ['"', '\''].iter().any(|quote| before.matches(*quote).count() % 2 == 1);
        *c == '*' && !is_quoted && before.trim_end().ends_with(['-', '[', ',', ':'])
    })?;
    let value = line.get(at..)?;
    value.split([',', ']', '}', ' ', '\t']).next()
}

/// A backslash in double quotes that does not begin an escape, most often from a regex.
fn bad_escape(line: &str) -> Option<String> {
    let mut quoted = None;
    let mut chars = line.char_indices();
    while let Some((at, c)) = chars.next() {
        match (c, quoted) {
            ('"', None) => quoted = Some(at),
            ('"', Some(_)) => quoted = None,
            ('\\', Some(start)) => {
                let (_, escaped) = chars.next()?;
                if !ESCAPES.contains(escaped) {
                    return Some(in_single_quotes(escaped, line.get(start..)?));
                }
            }
            _ => {}
        }
    }
    None
}

fn in_single_quotes(escaped: char, from: &str) -> String {
    let text = from.strip_prefix('"').and_then(|rest| rest.split_once('"')).map(|(text, _)| text);
    let example = text.filter(|text| !text.contains('\'')).map(|text| format!(": `'{text}'`"));
    format!(
        "`\\{}` means nothing in double quotes; write a regex in single quotes, which keep `\\` as it is{}",
        escaped.escape_debug(),
        example.unwrap_or_default()
    )
}

/// The text of the key that begins there, without the quotes that it may have.
fn key_at(column: usize, line: &str) -> String {
    let key: String = line.chars().skip(column).take_while(|c| *c != ':').collect();
    key.trim().trim_matches(['"', '\'']).to_owned()
}
