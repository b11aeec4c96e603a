//! The chart of what proxied requests cost, for a light page and a dark one.

use std::fmt::Write as _;

use crate::class::Class;
use crate::samples::Samples;
use crate::stage::{Cell, Place};
use crate::variant::Variant;

/// The bars of each class, from the top, and their colours.
const BARS: [(Variant, &str); 5] = [
    (Variant::NoFilter, "#8c959f"),
    (Variant::Native, "#4493f8"),
    (Variant::SameCalls, "#bf8700"),
    (Variant::Plugin, "#2da44e"),
    (Variant::Module, "#8250df"),
];

const WIDTH: f64 = 720.0;
/// Where bars begin, and how long the longest is; the number stands behind it.
const LEFT: f64 = 90.0;
const LONGEST: f64 = WIDTH - LEFT - 60.0;
/// Where the first class begins, below title and legend.
const TOP: f64 = 58.0;
const BAR: f64 = 13.0;
const CLASS: f64 = BAR * 5.0 + 14.0;

const STYLE: &str = "text { font: 12px system-ui, sans-serif; fill: #57606a } .title { font-weight: 600 } \
    .spread { stroke: #24292f } \
    @media (prefers-color-scheme: dark) { text { fill: #adbac7 } .spread { stroke: #e6edf3 } }";

/// The chart as SVG.
pub(crate) fn draw(samples: &Samples) -> String {
    let height = TOP + CLASS * Class::ALL.len() as f64;
    let title = "CPU time of Envoy per proxied request, in µs (median; the line spans the middle half)";
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n\
         <text class=\"title\" x=\"0\" y=\"14\">{title}</text>\n"
    );
    draw_legend(&mut svg);
    let most = cells().map(|(_, _, cell)| samples.whole(cell).high).fold(0.0, f64::max);
    for (top, colour, cell) in cells() {
        draw_bar(&mut svg, top, colour, samples, cell, LONGEST / most);
    }
    for (class, index) in Class::ALL.into_iter().zip(0..) {
        let middle = TOP + CLASS * f64::from(index) + BAR * 2.5 + 4.0;
        line(&mut svg, format_args!("<text x=\"0\" y=\"{middle}\">{}</text>", class.name()));
    }
    svg + "</svg>\n"
}

/// Each bar's top, colour and cell.
fn cells() -> impl Iterator<Item = (f64, &'static str, Cell)> {
    Class::ALL.into_iter().zip(0..).flat_map(|(class, index)| {
        let top = TOP + CLASS * f64::from(index);
        let bar = move |((variant, colour), bar)| {
            (top + BAR * f64::from(bar), colour, Cell { place: Place::Upstream, class, variant })
        };
        BARS.into_iter().zip(0..).map(bar)
    })
}

fn draw_legend(svg: &mut String) {
    for ((variant, colour), index) in BARS.into_iter().zip(0..) {
        let left = LEFT + 126.0 * f64::from(index);
        line(svg, format_args!("<rect x=\"{left}\" y=\"28\" width=\"10\" height=\"10\" fill=\"{colour}\"/>"));
        line(svg, format_args!("<text x=\"{}\" y=\"37\">{}</text>", left + 15.0, variant.short_name()));
    }
}

fn draw_bar(svg: &mut String, top: f64, colour: &str, samples: &Samples, cell: Cell, scale: f64) {
    let quartiles = samples.whole(cell);
    let width = quartiles.median * scale;
    let (low, high) = (LEFT + quartiles.low * scale, LEFT + quartiles.high * scale);
    let (middle, bottom) = (top + BAR / 2.0 - 1.0, top + BAR - 3.0);
    line(
        svg,
        format_args!(
            "<rect x=\"{LEFT}\" y=\"{top}\" width=\"{width:.1}\" height=\"{}\" fill=\"{colour}\"/>",
            BAR - 2.0
        ),
    );
    line(svg, format_args!("<path class=\"spread\" d=\"M{low:.1} {middle}H{high:.1}\"/>"));
    line(svg, format_args!("<text x=\"{:.1}\" y=\"{bottom}\">{:.1}</text>", high + 6.0, quartiles.median));
}

fn line(svg: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(svg, "{text}").expect("a String grows");
}
