//! What is said of a conversion: where the policy means something else than the file that it was made of.

/// How a policy differs from its source at some place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NoteKind {
    /// There is no difference, but a reader might think so.
    Same,
    /// Traffic looks different, and no page notices.
    Changed,
    /// Some page can do less.
    Narrower,
    /// Some page can do more.
    Wider,
    /// It had no effect in any browser.
    Dropped,
    /// A person has to decide or finish it.
    Ask,
}

impl NoteKind {
    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Changed => "changed",
            Self::Narrower => "narrower",
            Self::Wider => "wider",
            Self::Dropped => "dropped",
            Self::Ask => "ask",
        }
    }
}

/// A difference.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Note {
    /// What kind of difference.
    pub(crate) kind: NoteKind,
    /// The number of the file, among those given.
    pub(crate) file: usize,
    /// The line of the source, from 1.
    pub(crate) line: usize,
    /// The place in the document of the source.
    pub(crate) at: String,
    /// What is to be said.
    pub(crate) text: String,
    /// The place in the policy, such as `allow_origins[1]`, above which a comment says it too; empty if there is none.
    pub(crate) about: String,
}

impl Note {
    /// The note with the place in the policy that it is about.
    pub(crate) fn about(self, about: impl Into<String>) -> Self {
        Self { about: about.into(), ..self }
    }
}
