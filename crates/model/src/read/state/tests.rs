use source::FileId;
use syntax::english::Lifecycle;

use crate::workspace;

/// `starts open; open -close [paid] / notify-> closed; ends closed; closed only from open`
fn shown(source: &str) -> String {
    let source = format!("# Technical Specification: Visits\n\n## State Machine\n\n{}\n", source.replace('⏎', "\n"));
    let spec = workspace::read(FileId(0), "visits.md", &source);
    let mut parts = Vec::new();
    for machine in &spec.machines {
        parts.extend(machine.starts.iter().map(|it| format!("starts {}", it.value)));
        for it in &machine.transitions {
            let event = it.event.as_ref().map(|it| it.value.clone()).unwrap_or_default();
            let guard = it.guard.as_ref().map(|it| format!(" [{}]", it.0.value)).unwrap_or_default();
            let action = it.action.as_ref().map(|it| format!(" / {}", it.value)).unwrap_or_default();
            parts.push(format!("{} -{event}{guard}{action}-> {}", it.from, it.to));
        }
        parts.extend(machine.states.iter().filter(|it| it.final_at.is_some()).map(|it| format!("ends {}", it.key)));
        for rule in &machine.rules {
            let names =
                |it: &[source::Spanned<String>]| it.iter().map(|it| it.value.as_str()).collect::<Vec<_>>().join("|");
            parts.push(match &rule.value {
                Lifecycle::Only { states, act, .. } => format!("{} only from {}", act.value, names(states)),
                Lifecycle::Never { states, act, .. } => format!("{} never from {}", act.value, names(states)),
                Lifecycle::Refused { states } => format!("refused but in {}", names(states)),
                Lifecycle::Final { states } => format!("final {}", names(states)),
                Lifecycle::Initial { state } => format!("initial {}", state.value),
                Lifecycle::Locked { after } => format!("locked after {}", after.value),
            });
        }
    }
    parts.join("; ")
}

/// How public specifications write transitions.
#[test]
fn phrases() {
    crate::phrases::check(include_str!("phrases.txt"), 0.95, shown);
}

/// A table of transitions is one wherever it begins with a row from nowhere; one of messages is none.
#[test]
fn tables_outside_of_the_section_on_states() {
    let read = |first: &str| {
        let source = format!(
            "# Technical Specification: Visits\n\n## Workflows\n\n| From | Event | To |\n|---|---|---|\n| {first} | open | a |\n| a | close | b |\n"
        );
        workspace::read(FileId(0), "visits.md", &source).machines.len()
    };
    assert_eq!([read("-"), read("[*]"), read("desk")], [1, 1, 0]);
}
