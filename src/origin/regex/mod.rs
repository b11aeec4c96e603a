//! Regular expressions over serialized origins, where the operator wrote some.
//!
//! An expression is analysed completely, not sampled: one parser ([`syntax`]) makes one automaton ([`nfa`]) that reads
//! origins from their end, in the plugin and in `proxy-wasm-cors check` alike. [`OriginRegex`] asks it who can match;
//! [`dfa`] is what a request runs. The compiler of regex-lite says what is an expression at all, and confirms each
//! origin that a message names.

use std::cell::LazyCell;
use std::fmt;

use regex_lite::RegexBuilder;

pub(crate) mod address;
pub mod class;
pub mod dfa;
mod glob;
pub mod named;
pub mod nfa;
mod parts;
pub mod place;
pub mod search;
pub mod stepper;
pub mod syntax;
pub mod tail;
pub(crate) mod tlds;
mod verdict;

pub use verdict::{OpenStart, Verdict};

use nfa::Nfa;
use syntax::Node;

/// The most steps for judging an expression. One that needs more is refused, never accepted without judgement.
pub(crate) const MAX_WORK: usize = 250_000;

/// The most bytes that regex-lite may use. No expression with at most [`nfa::MAX_STATES`] needs that much, so this
/// limit, which means different things in 32 and 64 bits, is never reached.
const MAX_COMPILED_BYTES: usize = 16 << 20;

/// A regular expression that matches whole origins, and what there is to say about it.
#[derive(Debug)]
pub struct OriginRegex {
    node: Node,
    verdict: Verdict,
    states: usize,
}

/// Why an expression cannot be judged. Its `Display` says what is wrong and then, after `;`, what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegexError {
    /// It is empty.
    Empty,
    /// It does not compile, as the compiler says.
    Syntax(String),
    /// It compiles alone, but not anchored.
    Unanchorable,
    /// It is a glob: the pattern that was meant, if that can be told.
    Glob(Option<String>),
    /// It has too many states, or takes too long to judge.
    TooComplex,
}

impl OriginRegex {
    /// Reads an expression and judges it, anchored at both ends.
    ///
    /// # Errors
    /// When it does not compile, is a glob, or is too complex to be judged.
    pub fn read(source: &str) -> Result<Self, RegexError> {
        if source.is_empty() {
            return Err(RegexError::Empty);
        }
        if let Some(meant) = glob::meant(source) {
            return Err(RegexError::Glob(meant));
        }
        let Some(node) = syntax::parse(source) else { return Err(unreadable(source)) };
        let mut nfa = Nfa::telling_what_is_free();
        let start = nfa.add_whole(&node).ok_or(RegexError::TooComplex)?;
        let whole = LazyCell::new(|| build(&format!("^(?:{source})$")));
        if is_worth_asking(source) && whole.is_err() {
            return Err(match build(source) {
                Err(error) => RegexError::Syntax(error),
                Ok(_) => RegexError::Unanchorable,
            });
        }
        let matches = |text: &str| whole.as_ref().is_ok_and(|whole| whole.is_match(text));
        let verdict = Verdict::of(&nfa, start, &matches).ok_or(RegexError::TooComplex)?;
        Ok(Self { node, verdict, states: nfa.size() })
    }

    /// What is to be said of it.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// How many states its automaton has.
    #[must_use]
    pub fn states(&self) -> usize {
        self.states
    }

    /// The expression, to be compiled with the others of its policy.
    #[must_use]
    pub fn into_node(self) -> Node {
        self.node
    }
}

/// Whether an expression contains anything that this parser accepts but that may not compile. Compiling a thousand
/// expressions takes long.
fn is_worth_asking(source: &str) -> bool {
    let bytes = source.as_bytes();
    bytes.iter().any(|byte| matches!(byte, b'(' | b'[' | b'{'))
        || bytes.windows(2).any(|pair| matches!(pair, [b'\\', byte] if byte.is_ascii_alphanumeric()))
}

/// What this parser cannot read does not compile either. Otherwise it could not be judged.
fn unreadable(source: &str) -> RegexError {
    match build(source) {
        Err(error) => RegexError::Syntax(error),
        Ok(_) => RegexError::TooComplex,
    }
}

fn build(source: &str) -> Result<regex_lite::Regex, String> {
    RegexBuilder::new(source).size_limit(MAX_COMPILED_BYTES).build().map_err(|error| error.to_string())
}

impl fmt::Display for RegexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty and matches nothing; write an expression, or remove the entry"),
            Self::Syntax(error) => write!(
                f,
                "is not a regular expression ({error}); fix it, or write a pattern such as `https://*.example.com`"
            ),
            Self::Unanchorable => f.write_str(
                "cannot be anchored at both ends; do not end it with a comment of the `x` flag",
            ),
            Self::Glob(Some(pattern)) => {
                write!(f, "is a glob, not a regular expression; write `\"{pattern}\"` without `regex`")
            }
            Self::Glob(None) => f.write_str(
                "is a glob, not a regular expression; write a pattern such as `\"https://*.example.com\"`, without `regex`",
            ),
            Self::TooComplex => f.write_str(
                "is too complex to judge whom it lets in; write it more simply, or as patterns such as `https://*.example.com`",
            ),
        }
    }
}

#[cfg(test)]
mod stranger_tests;
#[cfg(test)]
mod tests;
