//! The tables that the benchmark prints, in Markdown, and what they say of the limits that the project has set itself.

use crate::class::Class;
use crate::samples::{Quartiles, Samples};
use crate::stage::{Cell, Place};
use crate::variant::Variant;

/// A quotient of what this plugin costs and what something else does.
struct Ratio {
    name: &'static str,
    of: fn(&Samples, Place, Class) -> Option<f64>,
    limit: f64,
    /// Whether the limit is for this class.
    is_limited: fn(Place, Class) -> bool,
}

const RATIOS: [Ratio; 3] = [
    Ratio {
        name: "added by this plugin / by the same host calls",
        of: |samples, place, class| added(samples, place, class, Variant::SameCalls),
        limit: 1.3,
        is_limited: |_, _| true,
    },
    Ratio {
        name: "added by this plugin / by the empty hand-written module",
        of: |samples, place, class| added(samples, place, class, Variant::EmptyModule),
        limit: 2.0,
        is_limited: |_, class| class == Class::NoOrigin,
    },
    Ratio {
        name: "a whole request with this plugin / with Envoy's own filter",
        of: |samples, place, class| {
            let whole = |variant| samples.whole(Cell { place, class, variant }).median;
            Some(whole(Variant::Plugin) / whole(Variant::Native))
        },
        limit: 1.15,
        // A preflight that is answered is not proxied, and direct responses Envoy's own filter does not look at.
        is_limited: |place, class| place == Place::Upstream && class != Class::Preflight,
    },
];

fn added(samples: &Samples, place: Place, class: Class, other: Variant) -> Option<f64> {
    // A preflight that a filter answers never comes to the upstream: it takes less than without a filter.
    let is_spared = place == Place::Upstream && class == Class::Preflight;
    let added = |variant| samples.added(Cell { place, class, variant }).median;
    (!is_spared).then(|| added(Variant::Plugin) / added(other))
}

/// Prints all there is to know.
pub(crate) fn print(samples: &Samples) {
    for place in Place::ALL {
        let cells = |of: fn(&Samples, Cell) -> Quartiles| {
            move |variant: Variant| {
                let cell = |class| show(of(samples, Cell { place, class, variant }));
                [variant.name().to_owned()].into_iter().chain(Class::ALL.map(cell)).collect()
            }
        };
        let title = |what: &str| format!("{}: {what}, µs of CPU time: median (quartiles)", place.name());
        print_table(&title("a whole request"), Variant::ALL.map(cells(Samples::whole)).to_vec());
        print_table(&title("added to no filter"), Variant::FILTERS.map(cells(Samples::added)).to_vec());
        print_table(
            &format!("{}: ratios of the medians", place.name()),
            RATIOS.map(|ratio| ratio.row(samples, place)).to_vec(),
        );
    }
    for ratio in RATIOS {
        println!("{}", ratio.verdict(samples));
    }
}

impl Ratio {
    fn row(&self, samples: &Samples, place: Place) -> Vec<String> {
        let cell =
            |class| (self.of)(samples, place, class).map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
        [self.name.to_owned()].into_iter().chain(Class::ALL.map(cell)).collect()
    }

    fn verdict(&self, samples: &Samples) -> String {
        let classes = Place::ALL.into_iter().flat_map(|place| Class::ALL.map(|class| (place, class)));
        let limited = classes.filter(|(place, class)| (self.is_limited)(*place, *class));
        let ratios =
            limited.filter_map(|(place, class)| Some(((self.of)(samples, place, class)?, place, class)));
        let (most, place, class) =
            ratios.max_by(|(a, ..), (b, ..)| a.total_cmp(b)).expect("a ratio has a class that it is for");
        let verdict = if most <= self.limit { "within" } else { "ABOVE" };
        let (limit, place, class) = (self.limit, place.name(), class.name());
        format!("{}: at most {most:.2} ({class}, {place}), {verdict} the limit of {limit}", self.name)
    }
}

fn show(quartiles: Quartiles) -> String {
    format!("{:.1} ({:.1} to {:.1})", quartiles.median, quartiles.low, quartiles.high)
}

fn print_table(title: &str, mut rows: Vec<Vec<String>>) {
    let head = [""].into_iter().chain(Class::ALL.map(Class::name)).map(str::to_owned);
    rows.insert(0, head.collect());
    let widths: Vec<usize> = (0..=Class::ALL.len())
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
