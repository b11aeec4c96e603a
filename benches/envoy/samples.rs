//! The measurements, their median and spread.

use std::collections::HashMap;

use crate::stage::Cell;
use crate::variant::Variant;

/// Microseconds of CPU time per request: of each cell, one for each round.
#[derive(Default)]
pub(crate) struct Samples(HashMap<Cell, Vec<f64>>);

/// The quartiles of some samples.
#[derive(Clone, Copy)]
pub(crate) struct Quartiles {
    pub(crate) low: f64,
    pub(crate) median: f64,
    pub(crate) high: f64,
}

impl Samples {
    /// Notes the sample of the next round.
    pub(crate) fn add(&mut self, cell: Cell, microseconds: f64) {
        self.0.entry(cell).or_default().push(microseconds);
    }

    /// What a request costs as a whole.
    pub(crate) fn whole(&self, cell: Cell) -> Quartiles {
        Quartiles::of(self.0[&cell].clone())
    }

    /// What the variant costs more than no filter. The two are compared round by round, because within a round they are
    /// measured shortly after each other: a machine that is slow for a while is slow for both.
    pub(crate) fn added(&self, cell: Cell) -> Quartiles {
        let without = &self.0[&Cell { variant: Variant::NoFilter, ..cell }];
        Quartiles::of(self.0[&cell].iter().zip(without).map(|(with, without)| with - without).collect())
    }
}

impl Quartiles {
    /// Of samples that there are.
    pub(crate) fn of(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        let last = samples.len() - 1;
        Self { low: samples[last / 4], median: samples[last / 2], high: samples[(last * 3).div_ceil(4)] }
    }
}
