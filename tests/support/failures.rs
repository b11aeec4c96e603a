//! Failures, collected, so that one wrong row does not hide the others.

/// As many failures are shown in detail; the rest are counted.
const SHOWN: usize = 30;

/// What a suite of rows found.
pub(crate) struct Failures {
    suite: &'static str,
    rows: usize,
    failed: Vec<(String, Vec<String>)>,
}

impl Failures {
    /// No row judged yet.
    pub(crate) fn new(suite: &'static str) -> Self {
        Self { suite, rows: 0, failed: Vec::new() }
    }

    /// Counts a row; it held if there are no `differences`.
    pub(crate) fn row(&mut self, name: impl Into<String>, differences: Vec<String>) {
        self.rows = self.rows.saturating_add(1);
        if !differences.is_empty() {
            self.failed.push((name.into(), differences));
        }
    }

    /// Prints the counts and the failed rows, and panics if there are any.
    #[track_caller]
    pub(crate) fn finish(mut self) {
        self.failed.sort();
        for (name, differences) in self.failed.iter().take(SHOWN) {
            println!("FAILED {name}");
            differences.iter().for_each(|difference| println!("    {difference}"));
        }
        for (name, _) in self.failed.iter().skip(SHOWN) {
            println!("FAILED {name}");
        }
        let held = self.rows.saturating_sub(self.failed.len());
        println!("{}: {} rows, {held} held", self.suite, self.rows);
        assert!(self.rows > 0, "{}: no row was judged", self.suite);
        assert!(self.failed.is_empty(), "{}: {} of {} rows failed", self.suite, self.failed.len(), self.rows);
    }
}
