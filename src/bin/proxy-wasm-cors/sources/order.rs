//! The policies of a conversion in the order in which the filter has to try them, without those that decide nothing.

use std::collections::BTreeSet;

use crate::sources::Conversion;
use crate::sources::draft::{Draft, Standing};
use crate::sources::matching::all_paths_if_root;
use crate::sources::note::{Note, NoteKind};

/// The longest name of a policy.
const MAX_NAME_BYTES: usize = 64;

impl Conversion {
    /// Orders the drafts, and takes out those that nothing needs.
    pub(crate) fn finish(&mut self) {
        let (by_path, rest) = std::mem::take(&mut self.drafts)
            .into_iter()
            .partition(|draft: &Draft| draft.standing == Standing::ByLongestPath);
        self.drafts = longest_first(by_path);
        self.drafts.iter_mut().for_each(all_paths_if_root);
        self.drafts.extend(rest);
        self.drafts.sort_by_key(|draft| draft.matching.host_rank());
        self.longer_before_widened();
        self.drop_needless();
        self.drop_unreachable();
        self.say_what_narrowed_ones_leave();
        self.say_what_widened_ones_take();
        self.name();
    }

    /// A policy for one path would be for all below it, so those for paths below come first.
    fn longer_before_widened(&mut self) {
        let mut at = 0_usize;
        while let Some(draft) = self.drafts.get(at) {
            let later = self.drafts.iter().enumerate().skip(at.saturating_add(1));
            let is_widened = draft.matching.is_widened;
            let below = later.clone().find(|(_, later)| is_widened && is_below(draft, later));
            match below.map(|(place, _)| place) {
                Some(place) => {
                    let moved = self.drafts.remove(place);
                    self.drafts.insert(at, moved);
                }
                None => at = at.saturating_add(1),
            }
        }
    }

    /// Takes out what only leaves alone, or says again, what nothing later would touch or say otherwise.
    fn drop_needless(&mut self) {
        for at in (0..self.drafts.len()).rev() {
            let Some(draft) = self.drafts.get(at) else { continue };
            let mut later = self.drafts.iter().skip(at.saturating_add(1));
            let next = later.find(|later| later.matching.overlaps(&draft.matching));
            let is_needless = match (draft.is_passthrough(), next) {
                (true, None) => true,
                (true, Some(next)) => next.is_passthrough() && next.matching.covers(&draft.matching),
                (false, Some(next)) if draft.standing == Standing::Inherited => {
                    next.settings == draft.settings && next.matching.covers(&draft.matching)
                }
                (false, _) => false,
            };
            if is_needless {
                let draft = self.drafts.remove(at);
                self.notes.extend(draft.notes.into_iter().filter(|note| !note.about.starts_with("match.")));
            }
        }
    }

    /// The filter refuses a policy that an earlier one leaves nothing for.
    fn drop_unreachable(&mut self) {
        let mut at = 0_usize;
        while let Some(draft) = self.drafts.get(at) {
            let before = self.drafts.iter().take(at);
            let is_other_target = |other: &Draft| other.target != draft.target;
            let by = before.clone().find(|it| !is_other_target(it) && it.matching.covers(&draft.matching));
            let Some(by) = by else {
                at = at.saturating_add(1);
                continue;
            };
            let (kind, why) = match by.matching.is_widened {
                true => (
                    NoteKind::Ask,
                    "takes all requests that this is for, because `match` cannot name a single path",
                ),
                false => (NoteKind::Dropped, "takes all requests that this is for"),
            };
            let text = format!("what stands before it, at `{}`, {why}: it was left out", by.place.1);
            let draft = self.drafts.remove(at);
            self.notes.push(draft.note_here(kind, text));
        }
    }

    /// What a policy for a prefix of characters no longer takes, a later one does.
    fn say_what_narrowed_ones_leave(&mut self) {
        let all = self.drafts.clone();
        for (at, draft) in self.drafts.iter_mut().enumerate() {
            let narrower = |note: &&Note| note.kind == NoteKind::Narrower && note.about == "match.paths";
            let Some(mut note) = draft.notes.iter().find(narrower).cloned() else { continue };
            let mut later = all.iter().skip(at.saturating_add(1));
            let next = later.find(|it| it.matching.overlaps(&draft.matching) && !it.is_passthrough());
            let Some(next) = next.filter(|next| next.settings != draft.settings) else { continue };
            note.kind = NoteKind::Wider;
            note.text = format!("the rest goes to the policy of `{}`", next.place.1);
            draft.notes.push(note);
        }
    }

    /// What is below a path that was one alone is no longer a later policy's.
    fn say_what_widened_ones_take(&mut self) {
        let all = self.drafts.clone();
        for (at, draft) in self.drafts.iter_mut().enumerate() {
            let wider = |note: &&Note| note.kind == NoteKind::Wider && note.about == "match.paths";
            let Some(mut note) = draft.notes.iter().find(wider).cloned() else { continue };
            let mut later = all.iter().skip(at.saturating_add(1));
            let next = later.find(|it| it.matching.overlaps(&draft.matching) && !it.is_passthrough());
            let next = next.filter(|next| draft.matching.is_widened && next.settings != draft.settings);
            let Some(next) = next else { continue };
            note.kind = NoteKind::Narrower;
            note.text = format!("there, paths below it belonged to the policy of `{}`", next.place.1);
            draft.notes.push(note);
        }
    }

    /// Gives each policy a name that the filter takes, and that no other has.
    fn name(&mut self) {
        let mut taken = BTreeSet::new();
        for draft in &mut self.drafts {
            let plain = plain(&draft.name);
            let numbered = (1_usize..).map(|number| {
                let end = format!("-{number}");
                let kept = MAX_NAME_BYTES.saturating_sub(end.len());
                format!("{}{end}", plain.chars().take(kept).collect::<String>())
            });
            let name = std::iter::once(plain.clone()).chain(numbered).find(|name| taken.insert(name.clone()));
            draft.name = name.unwrap_or(plain);
        }
    }

    /// All notes, each once, in the order of the source.
    pub(crate) fn all_notes(&self) -> Vec<Note> {
        let mut all: Vec<Note> = Vec::new();
        for note in self.notes.iter().chain(self.drafts.iter().flat_map(|draft| &draft.notes)) {
            let is_same = |known: &Note| {
                (known.kind, known.file, known.line, &known.at, &known.text)
                    == (note.kind, note.file, note.line, &note.at, &note.text)
            };
            if !all.iter().any(is_same) {
                all.push(note.clone());
            }
        }
        all.sort_by_key(|note| (note.file, note.line));
        all
    }
}

fn is_below(draft: &Draft, later: &Draft) -> bool {
    let is_stricter = later.matching.paths.iter().all(|path| !draft.matching.paths.contains(path));
    is_stricter
        && !later.matching.paths.is_empty()
        && draft.matching.covers(&later.matching)
        && !later.matching.covers(&draft.matching)
}

/// Where the longest path decides, paths of one policy may have those of another between them.
fn longest_first(drafts: Vec<Draft>) -> Vec<Draft> {
    if drafts.len() < 2 {
        return drafts;
    }
    let mut single: Vec<(usize, Draft)> = drafts.into_iter().enumerate().flat_map(by_path).collect();
    let length = |draft: &Draft| draft.matching.paths.iter().map(String::len).max().unwrap_or(0);
    single.sort_by_key(|(_, draft)| (draft.matching.host_rank(), std::cmp::Reverse(length(draft))));
    let mut joined: Vec<(usize, Draft)> = Vec::new();
    for (number, draft) in single {
        match joined.last_mut().filter(|(last, _)| *last == number) {
            Some((_, last)) => last.matching.paths.extend(draft.matching.paths),
            None => joined.push((number, draft)),
        }
    }
    joined.into_iter().map(|(_, draft)| draft).collect()
}

fn by_path((number, draft): (usize, Draft)) -> Vec<(usize, Draft)> {
    if draft.matching.paths.is_empty() {
        return vec![(number, draft)];
    }
    let of = |path: &String| {
        let mut part = draft.clone();
        part.matching.paths = vec![path.clone()];
        (number, part)
    };
    draft.matching.paths.iter().map(of).collect()
}

/// A name in the characters that the filter takes.
fn plain(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    let lower = name.to_ascii_lowercase();
    let plain: String =
        lower.chars().map(|c| if is_plain(c) { c } else { '-' }).take(MAX_NAME_BYTES).collect();
    if plain.is_empty() { "cors".to_owned() } else { plain }
}
