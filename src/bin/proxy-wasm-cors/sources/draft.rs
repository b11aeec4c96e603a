//! A policy while it is made from another product's settings.

use proxy_wasm_cors::config::Value;

use crate::sources::at::At;
use crate::sources::matching::Match;
use crate::sources::note::{Note, NoteKind};

/// A policy, and what there is to say about it.
#[derive(Clone)]
pub(crate) struct Draft {
    /// Where its name comes from, before it is made valid.
    pub(crate) name: String,
    pub(crate) matching: Match,
    pub(crate) settings: Settings,
    pub(crate) notes: Vec<Note>,
    pub(crate) standing: Standing,
    /// The number of the file that it comes from.
    pub(crate) file: usize,
    /// Where the source has it, by line and place.
    pub(crate) place: (usize, String),
    /// Where the source has each origin of the settings.
    pub(crate) origin_places: Vec<(usize, String)>,
    /// The number of the resource that says what the policy applies to, if `match` does not say it.
    pub(crate) target: Option<usize>,
}

/// How policies relate to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// One of `policies`, in the order of the source.
    Listed,
    /// One of `policies`; in the source the longest path decides, in whatever order.
    ByLongestPath,
    /// It only repeats a later policy, because others come between.
    Inherited,
    /// A policy by itself with its name, because the source does not mention hosts and paths.
    Alone,
    /// The same without a name.
    AloneUnnamed,
}

/// What a policy lets pages do. The default lets nobody do anything, so the source leaves requests alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Settings {
    pub(crate) origins: Vec<AllowedOrigin>,
    pub(crate) allow_credentials: bool,
    pub(crate) methods: Vec<String>,
    pub(crate) headers: Vec<String>,
    pub(crate) expose_headers: Vec<String>,
    pub(crate) max_age: Option<u32>,
    pub(crate) allow_private_network: bool,
    /// Whether the source only judges.
    pub(crate) is_shadow: bool,
}

/// An entry of `allow_origins`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum AllowedOrigin {
    /// `*`, an origin or a pattern.
    Pattern(String),
    /// A regular expression for the whole origin.
    Regex(String),
}

impl Draft {
    /// A policy that allows nobody yet, made of what stands there.
    pub(crate) fn new(name: impl Into<String>, at: &At<'_>, standing: Standing) -> Self {
        Self {
            name: name.into(),
            matching: Match::default(),
            settings: Settings::default(),
            notes: Vec::new(),
            standing,
            file: 0,
            place: (at.line(), at.path().to_owned()),
            origin_places: Vec::new(),
            target: None,
        }
    }

    /// Says something of the policy.
    pub(crate) fn note(&mut self, kind: NoteKind, at: &At<'_>, text: impl Into<String>) {
        self.notes.push(at.note(kind, text));
    }

    /// Says something about a field of the policy.
    pub(crate) fn note_about(&mut self, kind: NoteKind, at: &At<'_>, about: &str, text: impl Into<String>) {
        self.notes.push(at.note(kind, text).about(about));
    }

    /// A note on what the policy is made of.
    pub(crate) fn note_here(&self, kind: NoteKind, text: impl Into<String>) -> Note {
        let (line, at) = self.place.clone();
        Note { kind, file: self.file, line, at, text: text.into(), about: String::new() }
    }

    /// Adds an origin.
    pub(crate) fn allow(&mut self, at: &At<'_>, origin: AllowedOrigin) {
        if !self.settings.origins.contains(&origin) {
            self.settings.origins.push(origin);
            self.origin_places.push((at.line(), at.path().to_owned()));
        }
    }

    /// The place of the next origin, as notes are about it.
    pub(crate) fn next_origin(&self) -> String {
        format!("allow_origins[{}]", self.settings.origins.len())
    }

    /// Whether requests are left alone: the source allows nobody there.
    pub(crate) fn is_passthrough(&self) -> bool {
        self.settings.origins.is_empty()
    }

    /// Whether every origin is allowed.
    pub(crate) fn is_everyone(&self) -> bool {
        self.settings.origins.contains(&AllowedOrigin::everyone())
    }

    /// The policy as the filter reads it.
    pub(crate) fn to_value(&self, name: Option<&str>) -> Value {
        let mut members = Vec::new();
        if let Some(name) = name {
            members.push(("name".to_owned(), Value::Text(name.to_owned())));
        }
        if !self.matching.is_any() {
            members.push(("match".to_owned(), self.matching.to_value()));
        }
        match self.is_passthrough() {
            true => members.push(("mode".to_owned(), Value::Text("passthrough".to_owned()))),
            false => members.extend(self.settings.members()),
        }
        Value::Object(members)
    }
}

impl AllowedOrigin {
    /// `*`.
    pub(crate) fn everyone() -> Self {
        Self::Pattern("*".to_owned())
    }

    /// Whether it stands for all names below a domain.
    pub(crate) fn is_wildcard(&self) -> bool {
        matches!(self, Self::Pattern(text) if text.contains("://*."))
    }

    fn to_value(&self) -> Value {
        match self {
            Self::Pattern(text) => Value::Text(text.clone()),
            Self::Regex(regex) => Value::Object(vec![("regex".to_owned(), Value::Text(regex.clone()))]),
        }
    }
}

impl Settings {
    fn members(&self) -> Vec<(String, Value)> {
        let mut members = vec![("allow_origins", self.origins.iter().map(AllowedOrigin::to_value).collect())];
        let mut list = |name, texts: &[String]| members.push((name, texts_of(texts)));
        list("allow_methods", &self.methods);
        list("allow_headers", &self.headers);
        list("expose_headers", &self.expose_headers);
        let mut members: Vec<(String, Value)> = members
            .into_iter()
            .filter(|(_, values): &(&str, Vec<Value>)| !values.is_empty())
            .map(|(name, values)| (name.to_owned(), Value::List(values)))
            .collect();
        let mut add = |name: &str, value| members.push((name.to_owned(), value));
        if let Some(seconds) = self.max_age {
            add("max_age", Value::Number(seconds.into()));
        }
        if self.allow_private_network {
            add("allow_private_network", Value::Bool(true));
        }
        if self.is_shadow {
            add("mode", Value::Text("shadow".to_owned()));
        }
        if self.allow_credentials {
            members.insert(1, ("allow_credentials".to_owned(), Value::Bool(true)));
        }
        members
    }
}

/// A list of texts.
pub(crate) fn texts_of(texts: &[String]) -> Vec<Value> {
    texts.iter().map(|text| Value::Text(text.clone())).collect()
}
