//! To come.

use crate::sources::Conversion;
use crate::sources::at::At;

/// Whether a document is one.
pub(crate) fn is_of(_document: &At<'_>) -> bool {
    false
}

/// Reads a document.
pub(crate) fn read(_document: &At<'_>, _conversion: &mut Conversion) {}
