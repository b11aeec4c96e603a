//! What the request path runs: all expressions of a policy as one table, which takes one step for each character of an
//! origin, whatever an attacker sends.

use super::class::{ORIGIN, Set, members, one};
use super::nfa::Nfa;
use super::place::Place;
use super::stepper::Stepper;
use super::syntax::Node;
use crate::origin::numbering::Numbering;

/// The most states that all tables of a policy have together, and the most steps: some 1 MiB in the plugin and in the
/// command alike, as states and steps are counted, not bytes.
pub const MAX_STATES: usize = 65_535;
const MAX_STEPS: usize = 131_072;

/// The most states of one table before the expressions are split into two tables.
const MAX_STATES_OF_ONE: usize = 8_192;
/// The most steps of the automaton while compiling, so that it soon shows if something does not fit.
const MAX_WORK: usize = 8_000_000;
/// The most tables: each is asked in turn.
const MAX_TABLES: usize = 16;

/// A set of expressions, compiled together.
#[derive(Debug, Default)]
pub struct Tables(Vec<Table>);

/// A deterministic automaton that reads origins from their end.
#[derive(Debug, Default)]
struct Table {
    /// For each state, where its steps begin, and whether the origin may begin there.
    states: Vec<(u32, bool)>,
    steps: Vec<Step>,
}

/// From one character to another: the state behind them.
#[derive(Clone, Copy, Debug)]
struct Step {
    from: u8,
    to: u8,
    next: u16,
}

/// There is no more room.
#[derive(Debug)]
pub struct TooLarge;

/// What is left of the limits.
struct Room {
    work: usize,
    states: usize,
    steps: usize,
}

impl Tables {
    /// Compiles expressions.
    ///
    /// # Errors
    /// When they need more states or steps than a policy may have.
    pub fn new(expressions: &[Node]) -> Result<Self, TooLarge> {
        let mut tables = Self::default();
        let mut room = Room { work: MAX_WORK, states: MAX_STATES, steps: MAX_STEPS };
        tables.add(expressions, &mut room)?;
        Ok(tables)
    }

    /// As one table or, if they do not fit together, as one table for each half.
    fn add(&mut self, expressions: &[Node], room: &mut Room) -> Result<(), TooLarge> {
        if expressions.is_empty() {
            return Ok(());
        }
        if let Some(table) = Table::new(expressions, room) {
            room.states = room.states.checked_sub(table.states.len()).ok_or(TooLarge)?;
            room.steps = room.steps.checked_sub(table.steps.len()).ok_or(TooLarge)?;
            self.0.push(table);
            return if self.0.len() > MAX_TABLES { Err(TooLarge) } else { Ok(()) };
        }
        let (one, other) = expressions.split_at_checked(expressions.len() / 2).ok_or(TooLarge)?;
        if one.is_empty() || room.work == 0 {
            return Err(TooLarge);
        }
        self.add(one, room)?;
        self.add(other, room)
    }

    /// Whether an expression matches the whole origin.
    #[must_use]
    pub fn is_match(&self, origin: &str) -> bool {
        self.0.iter().any(|table| table.is_match(origin.as_bytes()))
    }

    /// How many states there are.
    #[must_use]
    pub fn states(&self) -> usize {
        self.0.iter().map(|table| table.states.len()).sum()
    }
}

impl Table {
    /// `None` if there is no room for it.
    fn new(expressions: &[Node], room: &mut Room) -> Option<Self> {
        let mut nfa = Nfa::default();
        let starts: Vec<_> = expressions.iter().map(|node| nfa.add_whole(node)).collect::<Option<_>>()?;
        let mut builder =
            Builder { stepper: Stepper::new(&nfa), known: Numbering::default(), todo: Vec::new() };
        let start = builder.stepper.start(&starts, 0);
        builder.id(start)?;
        let mut table = Self::default();
        while let Some(place) = builder.todo.get_mut(table.states.len()).map(std::mem::take) {
            if builder.stepper.work > room.work {
                room.work = 0;
                return None;
            }
            let first = u32::try_from(table.steps.len()).ok()?;
            table.states.push((first, builder.stepper.accepting(&place).is_some()));
            for (chars, next) in builder.stepper.groups(&place, ORIGIN, 0) {
                let next = builder.id(next)?;
                add_steps(chars, next, &mut table.steps);
            }
            if table.states.len() > MAX_STATES_OF_ONE || table.steps.len() > MAX_STEPS {
                room.work = room.work.saturating_sub(builder.stepper.work);
                return None;
            }
        }
        room.work = room.work.saturating_sub(builder.stepper.work);
        Some(table)
    }

    fn is_match(&self, origin: &[u8]) -> bool {
        let mut at = 0;
        for byte in origin.iter().rev() {
            let Some(next) = self.step(at, *byte) else { return false };
            at = usize::from(next);
        }
        self.states.get(at).is_some_and(|(_, is_accepted)| *is_accepted)
    }

    fn step(&self, at: usize, byte: u8) -> Option<u16> {
        let (first, _) = self.states.get(at)?;
        let end = self.states.get(at.wrapping_add(1)).map_or(self.steps.len(), |(end, _)| *end as usize);
        let steps = self.steps.get(*first as usize..end)?;
        steps.iter().find(|step| step.from <= byte && byte <= step.to).map(|step| step.next)
    }
}

struct Builder<'a> {
    stepper: Stepper<'a>,
    known: Numbering,
    todo: Vec<Place>,
}

impl Builder<'_> {
    fn id(&mut self, place: Place) -> Option<u16> {
        let key = place.key();
        if let Some(id) = self.known.get(&key) {
            return u16::try_from(id).ok();
        }
        let id = u16::try_from(self.todo.len()).ok()?;
        self.todo.push(place);
        self.known.set(&key, u32::from(id));
        Some(id)
    }
}

/// A step for each run of neighbours.
fn add_steps(chars: Set, next: u16, steps: &mut Vec<Step>) {
    let mut last: Option<Step> = None;
    for byte in members(chars) {
        last = match last {
            Some(step) if one(step.to) << 1 == one(byte) => Some(Step { to: byte, ..step }),
            done => {
                steps.extend(done);
                Some(Step { from: byte, to: byte, next })
            }
        };
    }
    steps.extend(last);
}
