//! Envoy's own CORS filter: `CorsPolicy` of virtual hosts and routes, wherever a file has them:
//! <https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/cors_filter>.

mod levels;
mod routes;

use crate::sources::Conversion;
use crate::sources::at::At;
use crate::sources::draft::{Draft, Standing};
use crate::sources::matching;
use crate::sources::note::NoteKind::{Changed, Same};
use levels::{Levels, cors_of, deprecated_cors};

const VIRTUAL_HOSTS: [&str; 2] = ["virtual_hosts", "virtualHosts"];

/// Whether a document has virtual hosts of Envoy somewhere.
pub(crate) fn is_of(document: &At<'_>) -> bool {
    document.get("kind").is_none() && !configurations(document).is_empty()
}

/// Reads every route configuration of a document.
pub(crate) fn read(document: &At<'_>, conversion: &mut Conversion) {
    for configuration in configurations(document) {
        Reading { configuration, is_said: false }.read(conversion);
    }
}

/// The route configurations at whatever depth; a virtual host by itself counts as one.
fn configurations<'a>(at: &At<'a>) -> Vec<At<'a>> {
    if at.get_any(&VIRTUAL_HOSTS).is_some() || is_virtual_host(at) {
        return vec![at.clone()];
    }
    let members = at.members().into_iter().map(|(_, member)| member);
    members.chain(at.items()).flat_map(|below| configurations(&below)).collect()
}

fn is_virtual_host(at: &At<'_>) -> bool {
    at.get("domains").is_some_and(|domains| domains.is_list()) && at.get("routes").is_some()
}

/// A route configuration while it is read.
struct Reading<'a> {
    configuration: At<'a>,
    /// Whether what holds for all policies was said.
    is_said: bool,
}

impl<'a> Reading<'a> {
    fn read(&mut self, conversion: &mut Conversion) {
        let own = self.configuration.clone().sealed();
        let top = cors_of(&own, &mut conversion.notes);
        let hosts = match self.configuration.get_any(&VIRTUAL_HOSTS) {
            Some(hosts) => hosts.list(&mut conversion.notes),
            None => vec![self.configuration.clone()],
        };
        for host in hosts {
            self.host(&host, &top, conversion);
        }
    }

    /// The policies of a virtual host: those of its routes, and its own last.
    fn host(&mut self, host: &At<'a>, top: &Option<At<'a>>, conversion: &mut Conversion) {
        let Some(host) = host.map(&mut conversion.notes) else { return };
        let own = host.clone().sealed();
        let typed = cors_of(&own, &mut conversion.notes);
        let levels = Levels {
            typed: top.iter().chain(&typed).cloned().collect(),
            deprecated: deprecated_cors(&own).into_iter().collect(),
        };
        let mut last = self.draft(host.said("name").unwrap_or("host"), &host, &levels, Standing::Listed);
        conversion.is_found |= levels.is_any();
        let (domains, is_none) = self.domains(&host, &mut last);
        if is_none {
            conversion.notes.append(&mut last.notes);
            return;
        }
        last.matching.hosts.clone_from(&domains);
        if levels.is_any() && last.is_passthrough() {
            left_alone(&mut last, &host);
        }
        routes::read(self, &host, &levels, &domains, conversion);
        self.say_once(&mut last, &host);
        conversion.drafts.push(last);
    }

    fn domains(&self, host: &At<'_>, draft: &mut Draft) -> (Vec<String>, bool) {
        let domains = host.get("domains").map(|at| at.texts(&mut draft.notes)).unwrap_or_default();
        let hosts = matching::hosts(&domains, draft);
        (hosts.names, hosts.is_none)
    }

    /// A policy of what the levels come to.
    fn draft(&self, name: &str, at: &At<'_>, levels: &Levels<'_>, standing: Standing) -> Draft {
        let mut draft = Draft::new(name, at, standing);
        levels.settle(&mut draft, at);
        draft
    }

    /// What holds for all policies of a file is said where the first is.
    fn say_once(&mut self, draft: &mut Draft, at: &At<'_>) {
        if draft.is_passthrough() || std::mem::replace(&mut self.is_said, true) {
            return;
        }
        let text = "a preflight of another origin was forwarded, unless `forward_not_matching_preflights` is false; \
            here it gets 403";
        draft.note(Changed, at, text);
        let text = "Vary: Origin is sent from now on, and the upstream's own Access-Control-* headers no longer \
            reach the \
                    client; errors, redirects and direct responses have CORS headers too. Remove the filter envoy.filters.http.cors; otherwise both decide";
        draft.note(Changed, at, text);
    }
}

/// Notes that requests are left alone.
fn left_alone(draft: &mut Draft, at: &At<'_>) {
    draft.note(Same, at, "it allows nobody, so requests pass untouched, as before");
}
