//! SQL declarations.

use source::Text;

use crate::decl::Declarations;

/// Reads a fence.
pub fn read(_text: &Text) -> Declarations {
    Declarations::default()
}
