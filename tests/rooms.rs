//! The rooms of `src` stand on four floors, and code that names something of another room looks down, never up or
//! sideways. A new arrow between rooms is a decision: write it down here, or notice that something lies in the wrong
//! room.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of each floor, from the ground up, and the rooms that each knows. `bin` is the command.
const FLOORS: [&[(&str, &[&str])]; 4] = [
    &[("origin", &[]), ("request", &[])],
    &[("policy", &["origin", "request"])],
    &[("config", &["origin", "policy", "request"]), ("telling", &["policy"])],
    &[
        ("plugin", &["config", "policy", "request", "telling"]),
        ("bin", &["config", "origin", "policy", "request"]),
    ],
];

/// What the code of a room names behind the root of the crate.
type Arrows = BTreeSet<String>;

#[test]
fn arrows_are_those_written_down() {
    for (room, known) in FLOORS.concat() {
        let mut found = Arrows::new();
        for file in files(&Path::new("src").join(room)) {
            let source = fs::read_to_string(&file).expect("a source can be read");
            found.extend(arrows(&source, room, file.ends_with(format!("{room}/mod.rs"))));
        }
        let known: Arrows = known.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(found, known, "the rooms that the code of `{room}` names, and those that it may");
    }
}

/// So there is no cycle.
#[test]
fn no_arrow_runs_up_or_beside() {
    let mut below: Vec<&str> = Vec::new();
    let mut count = 0_usize;
    for floor in FLOORS {
        for (room, known) in floor {
            for name in *known {
                assert!(below.contains(name), "`{room}` knows `{name}`, which is not below it");
            }
            count = count.saturating_add(known.len());
        }
        below.extend(floor.iter().map(|(room, _)| *room));
    }
    assert_eq!(count, 14);
}

/// A file beside the rooms would be in none of them, and a room with one file is not a room.
#[test]
fn everything_is_in_a_room_that_says_what_it_is() {
    let rooms: BTreeSet<_> = FLOORS.concat().iter().map(|(room, _)| Path::new("src").join(room)).collect();
    let mut there = entries(Path::new("src"));
    there.retain(|path| !path.ends_with("lib.rs"));
    assert_eq!(BTreeSet::from_iter(there), rooms);
    for room in rooms {
        let entry =
            if room.ends_with("bin") { room.join("proxy-wasm-cors/main.rs") } else { room.join("mod.rs") };
        let source = fs::read_to_string(&entry).expect("a room has an entrance");
        assert!(source.starts_with("//! "), "{} does not begin with what lives there", entry.display());
        assert!(files(&room).len() > 1, "{} has one file", room.display());
    }
}

/// Only the code that calls the host and the code that hands out memory are unsafe. The SDK's own host calls are not
/// used, because they end the module at an unexpected status.
#[test]
fn two_files_are_unsafe() {
    let files = files(Path::new("src")).into_iter().map(|path| {
        let source = fs::read_to_string(&path).expect("a source can be read");
        (path, source)
    });
    for (path, source) in files {
        assert!(!source.contains("hostcalls"), "{} calls the host by the SDK", path.display());
        let may_be_unsafe =
            ["plugin/host_calls.rs", "plugin/memory.rs"].iter().any(|file| path.ends_with(file));
        assert_eq!(source.contains("unsafe_code"), may_be_unsafe, "{}", path.display());
    }
}

/// The module is a room beside the plugin's, in its own crate: it knows the core as the plugin does, and calls Envoy in
/// one room.
#[test]
fn the_module_is_unsafe_in_the_room_of_its_host() {
    let (_, plugin) = FLOORS[3][0];
    let mut found = Arrows::new();
    for path in files(Path::new("module/src")) {
        let source = fs::read_to_string(&path).expect("a source can be read");
        assert!(source.starts_with("//! "), "{} does not begin with what lives there", path.display());
        assert!(!source.contains("proxy_wasm::"), "{} names a host of Wasm", path.display());
        let code: Vec<_> = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let is_of_host = path.starts_with("module/src/host");
        assert_eq!(code.join("\n").contains("unsafe"), is_of_host, "{}", path.display());
        found.extend(arrows(&source, "bin", false));
    }
    assert_eq!(found, plugin.iter().map(|name| (*name).to_owned()).collect());
}

#[test]
fn arrows_are_read() {
    let check = |source: &str, room: &str, is_entrance: bool, expected: &[&str]| {
        let expected: Arrows = expected.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(arrows(source, room, is_entrance), expected, "{source}");
    };
    check("use crate::policy::set::PolicySet;", "config", false, &["policy"]);
    check("    let a = crate::origin::own::f(crate::request::b);", "policy", false, &["origin", "request"]);
    check("use crate::{config::{self, X}, policy::Y};\n", "plugin", false, &["config", "policy"]);
    check("use crate::{\n    self as all,\n};", "plugin", false, &["self"]);
    check("use crate::*;", "plugin", false, &["*"]);
    check("use proxy_wasm_cors::vary::merge;\nuse crate::head::Head;", "bin", false, &["vary"]);
    check("use crate::origin::host;\n/// crate::policy\n// crate::config", "origin", false, &[]);
    check("use super::policy::Policy;", "origin", true, &["policy"]);
    check("use super::policy::Policy; use super::*;", "config", false, &[]);
}

/// The first names after the root of the crate, except the room's own.
fn arrows(source: &str, room: &str, is_entrance: bool) -> Arrows {
    let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.collect::<Vec<_>>().join("\n");
    assert!(!code.contains("super::super"), "write `crate::` in `{room}` where `super::super` stands");
    let root = if room == "bin" { "proxy_wasm_cors::" } else { "crate::" };
    let mut found: Arrows = code.split(root).skip(1).flat_map(first_names).collect();
    if is_entrance {
        // To the entrance of a room, `super` is the root of the crate; to a module of tests in it, the room.
        let rooms = FLOORS.concat();
        let names = code.split("super::").skip(1).flat_map(first_names);
        found.extend(names.filter(|name| rooms.iter().any(|(room, _)| room == name)));
    }
    found.remove(room);
    found
}

/// The name that a path goes on with, or each that a list in braces goes on with.
fn first_names(path: &str) -> Vec<String> {
    let Some(list) = path.strip_prefix('{') else { return vec![name(path)] };
    let mut names = vec![name(list)];
    let mut depth = 0_usize;
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth = depth.saturating_add(1),
            '}' if depth == 0 => break,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => names.extend(list.get(at..).map(|rest| name(rest.trim_start_matches(',')))),
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn name(text: &str) -> String {
    let text = text.trim_start();
    let is_of_name = |c: char| c == '_' || c == '*' || c.is_alphanumeric();
    text.chars().take_while(|c| is_of_name(*c)).collect()
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let (directories, mut found): (Vec<_>, Vec<_>) =
        entries(directory).into_iter().partition(|at| at.is_dir());
    found.extend(directories.iter().flat_map(|directory| files(directory)));
    found
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    entries.map(|entry| entry.expect("an entry can be read").path()).collect()
}
