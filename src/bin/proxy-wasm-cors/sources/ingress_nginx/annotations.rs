//! The annotations, their defaults, and what ingress-nginx makes of invalid ones.

use proxy_wasm_cors::config::Value;
use proxy_wasm_cors::request::header_name::is_token;

use crate::sources::at::At;
use crate::sources::draft::Draft;
use crate::sources::lists;
use crate::sources::note::Note;
use crate::sources::note::NoteKind::{Ask, Changed, Dropped, Same};

use super::origins;

const METHODS: &str = "GET, PUT, POST, DELETE, PATCH, OPTIONS";
const HEADERS: &str = "DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,\
                       Authorization";
const MAX_AGE: f64 = 1_728_000.0;
const PREFIX: &str = "nginx.ingress.kubernetes.io/";

const KNOWN: [&str; 6] = [
    "cors-allow-origin",
    "cors-allow-methods",
    "cors-allow-headers",
    "cors-expose-headers",
    "cors-allow-credentials",
    "cors-max-age",
];

/// The annotations of an Ingress.
pub(super) struct Annotations<'a> {
    pub(super) at: At<'a>,
}

impl<'a> Annotations<'a> {
    pub(super) fn new(at: At<'a>) -> Self {
        Self { at }
    }

    /// An annotation by its name without the prefix, which notes also use.
    pub(super) fn get(&self, name: &str) -> Option<At<'a>> {
        let found = self.at.get(&format!("{PREFIX}{name}"))?;
        Some(found.called(self.place(name)))
    }

    fn place(&self, name: &str) -> String {
        format!("{}.{name}", self.at.path())
    }

    /// Where an absent annotation would stand.
    fn absent(&self, name: &str) -> At<'a> {
        self.at.clone().called(self.place(name))
    }

    /// The text of an annotation. Kubernetes takes no others, so whatever else is there is asked about.
    fn text(&self, name: &str, notes: &mut Vec<Note>) -> Option<(String, At<'a>)> {
        let at = self.get(name)?;
        let text = match at.value() {
            Value::Text(text) => return Some((text, at)),
            Value::Bool(flag) => flag.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Null | Value::List(_) | Value::Object(_) => {
                notes.push(at.wrong("a text"));
                return None;
            }
        };
        notes.push(
            at.note(Ask, format!("Kubernetes refuses an annotation that is not a text; write `\"{text}\"`")),
        );
        Some((text, at))
    }

    fn flag(&self, name: &str, notes: &mut Vec<Note>) -> Option<bool> {
        let (text, _) = self.text(name, notes)?;
        match text.as_str() {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
            _ => None,
        }
    }

    /// Whether CORS is on.
    pub(super) fn is_enabled(&self, notes: &mut Vec<Note>) -> bool {
        self.flag("enable-cors", notes).unwrap_or(false)
    }

    /// Whether the paths are expressions.
    pub(super) fn has_regexes(&self) -> bool {
        let mut unsaid = Vec::new();
        self.flag("use-regex", &mut unsaid).unwrap_or(false) || self.get("rewrite-target").is_some()
    }

    /// The settings that result from the annotations.
    pub(super) fn settle(&self, draft: &mut Draft) {
        self.unknown(draft);
        let origins = self.text("cors-allow-origin", &mut draft.notes);
        let is_everyone = origins.as_ref().is_none_or(|(text, _)| origins::is_everyone(text));
        self.credentials(draft, is_everyone);
        match &origins {
            Some((text, at)) => origins::read(draft, at, text),
            None => origins::everyone(draft, &self.at),
        }
        self.methods(draft);
        self.headers(draft);
        if let Some((text, at)) = self.text("cors-expose-headers", &mut draft.notes) {
            let entries = lists::with_commas(&text, &at);
            lists::expose_headers(draft, &at, &entries);
        }
        self.max_age(draft);
    }

    fn unknown(&self, draft: &mut Draft) {
        let cors = self.at.members().into_iter().filter_map(|(name, at)| {
            let name = name.strip_prefix(PREFIX).filter(|name| name.starts_with("cors-"))?;
            (!KNOWN.contains(&name)).then(|| at.called(self.place(name)))
        });
        for at in cors {
            draft.note(Ask, &at, "ingress-nginx does not know this annotation, so it was left out");
        }
    }

    /// On by default, and of no use beside a literal `*`.
    fn credentials(&self, draft: &mut Draft, is_everyone: bool) {
        let name = "cors-allow-credentials";
        let given = self.flag(name, &mut draft.notes);
        draft.settings.allow_credentials = given.unwrap_or(true) && !is_everyone;
        if is_everyone && given.unwrap_or(true) {
            let at = self.get(name).unwrap_or_else(|| self.at.clone());
            let text = "credentials are on there, but with a literal `*` as the origin. Browsers do not accept that \
                for a call with cookies, so credentials are off here. Echoing the origin that asks would let every website act as the user";
            draft.note_about(Same, &at, "allow_origins", text);
        } else if given.is_none() && !is_everyone {
            let at = self.get(name).unwrap_or_else(|| self.absent(name));
            draft.note_about(Changed, &at, "allow_credentials", "absent means true there");
        }
    }

    fn methods(&self, draft: &mut Draft) {
        let given = self.text("cors-allow-methods", &mut draft.notes);
        let is_valid = |text: &str| is_list(text, |name| name.chars().all(|c| c.is_ascii_alphabetic()));
        let (text, at) = self.valid_or(draft, given, METHODS, is_valid);
        let entries = lists::with_commas(&text, &at);
        lists::methods(draft, &at, &entries);
    }

    fn headers(&self, draft: &mut Draft) {
        let given = self.text("cors-allow-headers", &mut draft.notes);
        let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        let (text, at) = self.valid_or(draft, given, HEADERS, |text| is_list(text, is_name));
        let entries = lists::with_commas(&text, &at);
        lists::headers(draft, &at, &entries);
    }

    /// A list, or the default if there is none or it is invalid.
    fn valid_or(
        &self,
        draft: &mut Draft,
        given: Option<(String, At<'a>)>,
        otherwise: &str,
        is_valid: impl Fn(&str) -> bool,
    ) -> (String, At<'a>) {
        match given {
            Some((text, at)) if is_valid(&text) => (text, at),
            Some((text, at)) => {
                let text = format!("`{}` is invalid there, so the default applies", text.escape_debug());
                draft.note(Same, &at, text);
                (otherwise.to_owned(), at)
            }
            None => (otherwise.to_owned(), self.at.clone()),
        }
    }

    fn max_age(&self, draft: &mut Draft) {
        match self.text("cors-max-age", &mut draft.notes) {
            Some((text, at)) => match text.trim().parse::<i32>() {
                Ok(seconds) => lists::max_age(draft, &at, f64::from(seconds)),
                Err(_) => {
                    draft.note(Dropped, &at, "is not a number there, so the default applies");
                    lists::max_age(draft, &at, MAX_AGE);
                }
            },
            None => lists::max_age(draft, &self.at, MAX_AGE),
        }
    }
}

fn is_list(text: &str, is_name: impl Fn(&str) -> bool) -> bool {
    let mut names = text.split(',').map(str::trim).filter(|name| !name.is_empty()).peekable();
    names.peek().is_some() && names.all(|name| is_token(name.as_bytes()) && is_name(name))
}
