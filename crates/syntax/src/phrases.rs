//! Tables of phrases that people write, and what is read in each: the data of tests.
//!
//! A phrase stands on a line of its own, its reading on the next one, indented. `?` and a reason in place of
//! a reading say that the phrase is known and stays text. Lines that begin with `# ` are headings.

/// A phrase and its reading; `Err` holds the reason for which it is not read.
type Row<'a> = (&'a str, Result<&'a str, &'a str>);

fn rows(table: &str) -> Vec<Row<'_>> {
    let mut found = Vec::new();
    let mut phrase = None;
    for line in table.lines().filter(|it| !it.is_empty() && !it.starts_with("# ")) {
        match (line.strip_prefix("    "), phrase.take()) {
            (None, None) => phrase = Some(line),
            (Some(reading), Some(phrase)) => found.push((phrase, reading.strip_prefix("? ").map_or(Ok(reading), Err))),
            (_, other) => panic!("phrases and readings alternate: {line:?} after {other:?}"),
        }
    }
    assert!(phrase.is_none(), "the last phrase has no reading");
    found
}

/// Holds each phrase against its reading, and the share of those that are read against what it has to be.
pub(crate) fn check(table: &str, least: f64, read: impl Fn(&str) -> String) {
    let rows = rows(table);
    let mut wrong = String::new();
    for (phrase, expected) in &rows {
        let found = read(phrase);
        if found != expected.unwrap_or("") {
            wrong += &format!("{phrase}\n    {found}\n");
        }
    }
    assert!(wrong.is_empty(), "these are read otherwise:\n\n{wrong}");
    let share = rows.iter().filter(|it| it.1.is_ok_and(|it| !it.is_empty())).count() as f64 / rows.len() as f64;
    assert!(share >= least, "{:.1} % of {} phrases are read", share * 100.0, rows.len());
}

#[test]
fn a_phrase_that_is_not_read_counts_against_the_share() {
    let table = "# Heading\n\na\n    A\n\nb\n    ? no capital\n";
    let read = |it: &str| if it == "a" { "A".to_owned() } else { String::new() };
    check(table, 0.5, read);
    assert!(std::panic::catch_unwind(|| check(table, 0.6, read)).is_err());
    assert!(std::panic::catch_unwind(|| check("b\n    B\n", 0.0, read)).is_err());
}
