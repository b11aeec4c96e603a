//! The syntax of regex-lite, as far as it says which origins an expression matches:
//! <https://docs.rs/regex-lite/0.1/regex_lite/#syntax>.
//!
//! This parser may read what regex-lite refuses, since regex-lite is asked too. What regex-lite accepts, it reads in
//! exactly the same way.

use std::str::Chars;

use super::class::{Set, fold_case, perl, range_of_chars};

mod members;

/// How deep groups and repetitions may be nested, counted separately: regex-lite allows 50.
const MAX_DEPTH: u32 = 40;

/// An expression, read.
#[derive(Debug)]
pub enum Node {
    /// One character of a set.
    Set(Set),
    /// One character of any kind, as a dot says.
    Dot,
    /// A place between two characters.
    Look(Look),
    /// One after the other.
    Concat(Vec<Node>),
    /// Any one of them.
    Alternation(Vec<Node>),
    /// One several times: at least so often, and at most, if there is a limit.
    Repeat(Box<Node>, u32, Option<u32>),
}

/// What a place between two characters must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Look {
    /// The start of the text.
    Start,
    /// Its end.
    End,
    /// Between a word character and another.
    Word,
    /// Not between these.
    NotWord,
    /// Where a word begins.
    WordStart,
    /// Where a word ends.
    WordEnd,
    /// Not behind a word character.
    WordStartHalf,
    /// Not before a word character.
    WordEndHalf,
}

/// Reads an expression; `None` for what does not compile, or is nested too deeply.
#[must_use]
pub fn parse(source: &str) -> Option<Node> {
    let mut parser = Parser { rest: source.chars(), folds_case: false, skips_blanks: false, depth: 0 };
    let node = parser.alternatives()?;
    parser.rest.as_str().is_empty().then_some(node)
}

struct Parser<'a> {
    rest: Chars<'a>,
    folds_case: bool,
    skips_blanks: bool,
    depth: u32,
}

impl Parser<'_> {
    /// Up to a closing parenthesis, which stays, or the end.
    fn alternatives(&mut self) -> Option<Node> {
        self.depth = self.depth.checked_add(1).filter(|depth| *depth <= MAX_DEPTH)?;
        let (mut all, mut items, mut stacked) = (Vec::new(), Vec::new(), 0_u32);
        while let Some(next) = self.significant().filter(|c| *c != ')') {
            self.rest.next();
            if let '*' | '+' | '?' | '{' = next {
                stacked = stacked.checked_add(1).filter(|stacked| *stacked <= MAX_DEPTH)?;
                self.repetition(next, &mut items)?;
                continue;
            }
            stacked = 0;
            match next {
                '|' => all.push(Node::Concat(std::mem::take(&mut items))),
                '(' => items.extend(self.group()?),
                other => items.push(self.atom(other)?),
            }
        }
        self.depth = self.depth.saturating_sub(1);
        let last = Node::Concat(items);
        if all.is_empty() {
            return Some(last);
        }
        all.push(last);
        Some(Node::Alternation(all))
    }

    fn atom(&mut self, first: char) -> Option<Node> {
        Some(match first {
            '[' => Node::Set(self.class()?),
            '.' => Node::Dot,
            '^' => Node::Look(Look::Start),
            '$' => Node::Look(Look::End),
            '\\' => self.escape()?,
            literal => Node::Set(self.literal(literal)),
        })
    }

    fn literal(&self, c: char) -> Set {
        let set = range_of_chars(c, c);
        if self.folds_case { fold_case(set) } else { set }
    }

    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn next_if(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        if is_there {
            self.rest.next();
        }
        is_there
    }

    /// Skips what the flag `x` ignores, and looks at what follows.
    fn significant(&mut self) -> Option<char> {
        while self.skips_blanks {
            match self.peek()? {
                c if c.is_whitespace() => drop(self.rest.next()),
                '#' => drop(self.rest.find(|c| *c == '\n')),
                _ => break,
            }
        }
        self.peek()
    }

    fn repetition(&mut self, sign: char, items: &mut Vec<Node>) -> Option<()> {
        let what = Box::new(items.pop()?);
        let (least, most) = match sign {
            '*' => (0, None),
            '+' => (1, None),
            '?' => (0, Some(1)),
            _ => self.counted()?,
        };
        if sign == '{' {
            self.significant();
        }
        self.next_if('?');
        items.push(Node::Repeat(what, least, most));
        Some(())
    }

    /// `n}`, `n,}` or `n,m}`, with spaces around the numbers.
    fn counted(&mut self) -> Option<(u32, Option<u32>)> {
        let least = self.number()?;
        let most = match self.next_if(',') {
            false => Some(least),
            true if self.significant() == Some('}') => None,
            true => Some(self.number()?),
        };
        (self.next_if('}') && most.is_none_or(|most| most >= least)).then_some((least, most))
    }

    fn number(&mut self) -> Option<u32> {
        let mut digits = String::new();
        while let Some(c) = self.significant().filter(|c| c.is_ascii_digit() || c.is_whitespace()) {
            self.rest.next();
            if c.is_ascii_digit() {
                digits.push(c);
            }
        }
        digits.parse().ok()
    }

    /// Behind the opening parenthesis; none for one that only sets flags.
    fn group(&mut self) -> Option<Option<Node>> {
        let outside = (self.folds_case, self.skips_blanks);
        self.significant();
        if self.next_if('?') {
            let is_named = self.next_if('P') || self.peek() == Some('<');
            if is_named {
                self.rest.find(|c| *c == '>')?;
            } else if self.flags()? == ')' {
                return Some(None);
            }
        }
        let inside = self.alternatives()?;
        (self.folds_case, self.skips_blanks) = outside;
        self.next_if(')').then_some(Some(inside))
    }

    /// Sets flags, up to the `:` or the `)` behind them. Flags about line ends or about what is found first do not
    /// matter for whole origins.
    fn flags(&mut self) -> Option<char> {
        let mut is_on = true;
        loop {
            match self.rest.next()? {
                '-' => is_on = false,
                'i' => self.folds_case = is_on,
                'x' => self.skips_blanks = is_on,
                end @ (':' | ')') => return Some(end),
                's' | 'm' | 'R' | 'U' | 'u' => {}
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<Node> {
        let c = self.rest.next()?;
        if let Some(set) = perl(c) {
            return Some(Node::Set(set));
        }
        let look = match c {
            'A' => Look::Start,
            'z' => Look::End,
            'b' => self.word_boundary(),
            'B' => Look::NotWord,
            '<' => Look::WordStart,
            '>' => Look::WordEnd,
            _ => {
                let c = self.escaped_char(c)?;
                return Some(Node::Set(self.literal(c)));
            }
        };
        Some(Node::Look(look))
    }

    /// `\b`, or one of its special forms, such as `\b{start}`.
    fn word_boundary(&mut self) -> Look {
        let mut ahead = self.rest.clone();
        let inside: Option<String> = (ahead.next() == Some('{'))
            .then(|| ahead.by_ref().take_while(|c| *c != '}').filter(|c| !c.is_whitespace()).collect());
        let look = match inside.as_deref() {
            Some("start") => Look::WordStart,
            Some("end") => Look::WordEnd,
            Some("start-half") => Look::WordStartHalf,
            Some("end-half") => Look::WordEndHalf,
            _ => return Look::Word,
        };
        self.rest = ahead;
        look
    }
}
