//! Parsers under mutations of the project's own documents; `cargo xtask fuzz` goes on from here.

use std::panic::{AssertUnwindSafe, catch_unwind};

use testkit::probe::{Seeds, TARGETS, Target, seeds};
use testkit::random::Random;
use testkit::report;

/// Inputs for each target; documents are longer and fewer.
const ROUNDS: usize = 300;

/// What is put in: the beginnings and ends of everything that nests, and characters of every width.
const BITS: [&str; 28] = [
    "",
    "\n",
    "\r\n",
    "```",
    "`",
    "**",
    "|",
    "\\|",
    "- ",
    "## ",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "<!--",
    "-->",
    ":",
    "→",
    "\u{feff}",
    "é",
    "😀",
    "\0",
    "\"",
    "'",
    "99999999999999999999",
    "GET /a/{id}",
];

fn mutated(seeds: &[String], random: &mut Random) -> String {
    let mut text = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(4) {
        let at = text.floor_char_boundary(random.below(text.len() + 1));
        let end = text.floor_char_boundary((at + random.below(12)).min(text.len()));
        match random.below(4) {
            0 => text.replace_range(at..end, ""),
            1 => text.truncate(at),
            2 => {
                let other = &seeds[random.below(seeds.len())];
                let from = other.floor_char_boundary(random.below(other.len() + 1));
                let to = other.floor_char_boundary((from + 40).min(other.len()));
                text.insert_str(at, &other[from..to]);
            }
            _ => text.insert_str(at, BITS[random.below(BITS.len())]),
        }
    }
    text
}

fn failures(target: &Target) -> Vec<String> {
    let seeds = seeds(target);
    assert!(seeds.len() > 20, "{} has hardly a seed", target.name);
    let mut random = Random(11);
    let rounds = if target.seeds == Seeds::Documents { ROUNDS / 5 } else { ROUNDS };
    let inputs = (0..rounds).map(|_| mutated(&seeds, &mut random));
    let failed = inputs.filter(|it| catch_unwind(AssertUnwindSafe(|| (target.run)(it))).is_err());
    failed.take(3).map(|it| format!("{} fails on:\n{it}", target.name)).collect()
}

#[test]
fn no_input_makes_a_parser_panic_and_every_span_is_text() {
    let work = || TARGETS.iter().flat_map(failures).collect::<Vec<_>>();
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(work).expect("a thread can be started");
    report(&thread.join().expect("the probes end"));
}
