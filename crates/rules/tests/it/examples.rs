//! The examples, whole and with one fault at a time.

use testkit::{fault, report, root};

#[test]
fn the_examples_are_clean() {
    report(&fault::check_examples(&root().join("examples")));
}

#[test]
fn each_fault_is_found_at_its_place() {
    report(&fault::check_faults(&root().join("testkit/suite/faults.toml"), &root().join("examples")));
}
