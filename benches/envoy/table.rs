//! The tables that the benchmark prints, in Markdown, and how they compare with the limits that the project has set
//! itself.

use crate::class::Class;
use crate::samples::{Quartiles, Samples};
use crate::stage::{Cell, Place};
use crate::variant::Variant;
use crate::vm::Cost;

/// The ratio between the costs of two things.
struct Ratio {
    name: &'static str,
    of: fn(&Samples, Place, Class) -> Option<f64>,
    limit: Option<Limit>,
}

/// What the project wants a ratio to be at most, and for which classes.
struct Limit {
    most: f64,
    is_for: fn(Place, Class) -> bool,
}

/// The plugin's cost, and how much of it is avoidable: no module can cost less than the one that makes the same host
/// calls and nothing else.
const RATIOS: [Ratio; 7] = [
    Ratio {
        name: "added by this plugin / by the same host calls",
        of: |samples, place, class| added(samples, place, class, Variant::Plugin, Variant::SameCalls),
        limit: None,
    },
    Ratio {
        name: "added by this plugin / by the empty hand-written module",
        of: |samples, place, class| added(samples, place, class, Variant::Plugin, Variant::EmptyModule),
        limit: None,
    },
    Ratio {
        name: "added by the same host calls / by the empty hand-written module",
        of: |samples, place, class| added(samples, place, class, Variant::SameCalls, Variant::EmptyModule),
        limit: None,
    },
    Ratio {
        name: "a whole request with this plugin / with Envoy's own filter",
        of: |samples, place, class| Some(whole(samples, place, class, Variant::Plugin)),
        limit: None,
    },
    Ratio {
        name: "a whole request with this dynamic module / with Envoy's own filter",
        of: |samples, place, class| Some(whole(samples, place, class, Variant::Module)),
        // An answered preflight is not proxied, and Envoy's own filter does not look at direct responses.
        limit: Some(Limit {
            most: 1.06,
            is_for: |place, class| place == Place::Upstream && class != Class::Preflight,
        }),
    },
    Ratio {
        name: "a preflight with this dynamic module / with Envoy's own filter",
        of: |samples, place, class| {
            (class == Class::Preflight).then(|| whole(samples, place, class, Variant::Module))
        },
        limit: Some(Limit { most: 1.15, is_for: |place, _| place == Place::Upstream }),
    },
    Ratio {
        name: "a whole request with the same host calls / with Envoy's own filter",
        of: |samples, place, class| Some(whole(samples, place, class, Variant::SameCalls)),
        limit: None,
    },
];

fn added(samples: &Samples, place: Place, class: Class, one: Variant, other: Variant) -> Option<f64> {
    // A preflight that a filter answers never reaches the upstream, so it costs less than without a filter.
    let is_spared = place == Place::Upstream && class == Class::Preflight;
    let added = |variant| samples.added(Cell { place, class, variant }).median;
    (!is_spared).then(|| added(one) / added(other))
}

fn whole(samples: &Samples, place: Place, class: Class, variant: Variant) -> f64 {
    let whole = |variant| samples.whole(Cell { place, class, variant }).median;
    whole(variant) / whole(Variant::Native)
}

/// Prints all there is to know.
pub(crate) fn print(samples: &Samples, vms: &[(Variant, Cost)]) {
    print_vms(vms);
    for place in Place::ALL {
        let cells = |of: fn(&Samples, Cell) -> Quartiles| {
            move |variant: Variant| {
                let cell = |class| show(of(samples, Cell { place, class, variant }));
                [variant.name().to_owned()].into_iter().chain(Class::ALL.map(cell)).collect()
            }
        };
        let title = |what: &str| format!("{}: {what}, µs of CPU time: median (quartiles)", place.name());
        let print = |title: &str, rows| print_table(title, &Class::ALL.map(Class::name), rows);
        print(&title("a whole request"), Variant::ALL.map(cells(Samples::whole)).to_vec());
        print(&title("added to no filter"), Variant::FILTERS.map(cells(Samples::added)).to_vec());
        let rows = RATIOS.map(|ratio| ratio.row(samples, place)).to_vec();
        print(&format!("{}: ratios of the medians", place.name()), rows);
    }
    for verdict in RATIOS.iter().filter_map(|ratio| ratio.verdict(samples)) {
        println!("{verdict}");
    }
}

fn print_vms(vms: &[(Variant, Cost)]) {
    let row = |(variant, cost): &(Variant, Cost)| {
        vec![variant.name().to_owned(), show(cost.milliseconds), show(cost.kibibytes)]
    };
    print_table(
        "what a filter costs at start, in the main thread and one worker: median (quartiles)",
        &["ms until Envoy serves", "KiB of memory"],
        vms.iter().map(row).collect(),
    );
}

impl Ratio {
    fn row(&self, samples: &Samples, place: Place) -> Vec<String> {
        let cell =
            |class| (self.of)(samples, place, class).map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
        [self.name.to_owned()].into_iter().chain(Class::ALL.map(cell)).collect()
    }

    fn verdict(&self, samples: &Samples) -> Option<String> {
        let limit = self.limit.as_ref()?;
        let classes = Place::ALL.into_iter().flat_map(|place| Class::ALL.map(|class| (place, class)));
        let limited = classes.filter(|(place, class)| (limit.is_for)(*place, *class));
        let ratios =
            limited.filter_map(|(place, class)| Some(((self.of)(samples, place, class)?, place, class)));
        let (found, place, class) = ratios.max_by(|(a, ..), (b, ..)| a.total_cmp(b))?;
        let verdict = if found <= limit.most { "within" } else { "ABOVE" };
        let (most, place, class) = (limit.most, place.name(), class.name());
        Some(format!("{}: at most {found:.2} ({class}, {place}), {verdict} the limit of {most}", self.name))
    }
}

fn show(quartiles: Quartiles) -> String {
    format!("{:.1} ({:.1} to {:.1})", quartiles.median, quartiles.low, quartiles.high)
}

fn print_table(title: &str, columns: &[&str], mut rows: Vec<Vec<String>>) {
    rows.insert(0, [""].iter().chain(columns).map(|&column| column.to_owned()).collect());
    let widths: Vec<usize> = (0..=columns.len())
        .map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default())
        .collect();
    rows.insert(1, widths.iter().map(|width| "-".repeat(*width)).collect());
    println!("\n{title}\n");
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!(" {cell:width$} |"));
        println!("|{}", cells.collect::<String>());
    }
    println!();
}
