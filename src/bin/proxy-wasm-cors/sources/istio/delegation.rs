//! VirtualServices that delegate to others, of which one file shows only a half:
//! <https://istio.io/latest/docs/reference/config/networking/virtual-service/#Delegate>.

use crate::sources::at::At;
use crate::sources::draft::Draft;
use crate::sources::note::NoteKind::{Ask, Wider};

/// Another VirtualService has the routes of this one, by names that are put together from both, and its `corsPolicy`
/// counts before this one.
pub(super) fn ask_for_delegate(draft: &mut Draft, route: &At<'_>) {
    let Some(at) = route.get("delegate") else { return };
    let other = at.said("name").unwrap_or_default();
    let text = format!(
        "the routes of the VirtualService `{other}` are named after both and may have a `corsPolicy`, which is not read \
         here: convert that file too, and put its policies before this one"
    );
    draft.note(Ask, &at, text);
}

/// Only a VirtualService that others delegate to has none.
pub(super) fn ask_for_root(draft: &mut Draft, document: &At<'_>) {
    let Some(at) = document.get("spec") else { return };
    let text = "without `hosts` other VirtualServices delegate to this one: add their hosts and their paths to `match`, \
                and put their route's name and `-` before the names in `match.routes`";
    draft.note(Ask, &at, text);
    draft.note(Wider, &at, "as it stands, the policy is for these paths or names of routes on every host");
}
