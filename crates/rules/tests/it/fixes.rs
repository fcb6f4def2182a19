//! What the fixes of the rules do to the fragments of their pages.

use testkit::{fixes, report, root};

#[test]
fn fixes_mend_what_they_are_for_and_nothing_gets_worse() {
    report(&fixes::check_fixes(&root().join("crates/rules/docs")));
}
