//! The fragments of the rule pages and of the suites.

use testkit::{pages, report, root};

#[test]
fn pages_say_what_their_rule_finds() {
    report(&pages::check_pages(&root().join("crates/rules/docs")));
}

#[test]
fn suites_say_what_the_rules_find() {
    report(&pages::check_suites(&root().join("testkit/suite")));
}
