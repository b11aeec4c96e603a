//! What a client in a page does, and what must come of it.

/// A row: its name, the page that plays it, the API that it calls, the call as an expression of JavaScript, in which `api`
/// is the API's base (`elsewhere` is the same API at another site), what the page is left with, and what Envoy logs:
/// `preflight METHOD HEADERS STATUS` or `METHOD STATUS`, with the reason of a denial behind it.
pub(crate) type Row = (&'static str, Page, &'static str, &'static str, &'static str, &'static [&'static str]);

/// Whose page it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// The one that most recipes allow.
    App,
    /// That of the recipe with cookies.
    Dashboard,
    /// The same in a browser that blocks cookies of other sites, as Safari and Debian's Chromium do by themselves.
    Guarded,
    /// One of another site, which no recipe names.
    Stranger,
}

/// The browsers: what they do with cookies of other sites (Chromium's `cookie_controls_mode`), and the pages that each opens.
pub(crate) const BROWSERS: [(u8, &[Page]); 2] =
    [(0, &[Page::App, Page::Dashboard, Page::Stranger]), (1, &[Page::Guarded])];

impl Page {
    pub(crate) const ALL: [Self; 4] = [Self::App, Self::Dashboard, Self::Guarded, Self::Stranger];

    pub(crate) fn host(self) -> &'static str {
        match self {
            Self::App => "app.example.com",
            Self::Dashboard | Self::Guarded => "dashboard.example.com",
            Self::Stranger => "evil.test",
        }
    }
}
