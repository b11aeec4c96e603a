//! A list that was written as one text.

use std::fmt::{self, Write as _};

use crate::origin::advice::suggestion;

/// The most items and bytes of a list that a message shows.
const MAX_SHOWN: (usize, usize) = (50, 1000);

/// The items of a text that was meant as a list, separated by commas or else by spaces.
pub fn items(text: &str) -> Vec<&str> {
    match text.contains(',') {
        true => text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect(),
        false => text.split_whitespace().collect(),
    }
}

/// A list of texts in JSON, as messages show it: in backticks, escaped, cut if it is long.
pub struct Written<'a, T>(pub &'a [T]);

impl<T: AsRef<str>> fmt::Display for Written<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut room, mut between) = (MAX_SHOWN.1, "");
        f.write_str("`[")?;
        for (at, item) in self.0.iter().enumerate() {
            let item = item.as_ref();
            f.write_str(between)?;
            between = ", ";
            if at == MAX_SHOWN.0 || item.len() > room {
                f.write_str("...")?;
                break;
            }
            room = room.saturating_sub(item.len());
            write_item(item, f)?;
        }
        f.write_str("]`")
    }
}

fn write_item(item: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for c in item.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            _ if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
            _ => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

/// The origins in a text that has several, each corrected.
pub fn as_entries(text: &str) -> String {
    let blanks = |item: &&str| !item.is_empty();
    let items = text.split([',', ' ', '\t', '\n', '\r']).filter(blanks);
    let right = |item: &str| match item {
        "*" | "null" => Some(item.to_owned()),
        _ => suggestion(item),
    };
    match items.map(right).collect::<Option<Vec<String>>>() {
        Some(origins) if !origins.is_empty() => {
            format!("write each as an entry of its own: {}", Written(&origins))
        }
        _ => "write each origin as an entry of its own".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Written(&items(text)).to_string(), expected);
    }

    #[test]
    fn a_text_is_written_out_as_the_list_that_was_meant() {
        check("GET, PUT,DELETE,", r#"`["GET", "PUT", "DELETE"]`"#);
        check("GET PUT", r#"`["GET", "PUT"]`"#);
        check("two words, a", r#"`["two words", "a"]`"#);
        check("a\"\\\u{1}", r#"`["a\"\\\u0001"]`"#);
        check("", "`[]`");
    }

    #[test]
    fn a_long_list_is_cut() {
        let many = vec!["a"; 51];
        assert!(Written(&many).to_string().ends_with(r#", "a", ...]`"#));
        assert!(Written(&many[..50]).to_string().ends_with(r#", "a"]`"#));
        let long = "a".repeat(1000);
        assert_eq!(Written(&[long.as_str(), "b"]).to_string(), format!(r#"`["{long}", ...]`"#));
    }
}
