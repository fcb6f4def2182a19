use super::*;
use source::FileId;

fn diagram(text: &str) -> Diagram {
    read(&Text::verbatim(text, FileId(0), 0)).expect("a diagram")
}

fn end(node: &Node) -> &str {
    match node {
        Node::Start | Node::End => "[*]",
        Node::Named(name) => name,
    }
}

/// `from>to:label@within` of each arrow.
fn edges(text: &str) -> Vec<String> {
    let edge = |it: &Edge| {
        let label = it.label.as_ref().map_or(String::new(), |it| format!(":{}", it.value));
        let within = it.within.as_ref().map_or(String::new(), |it| format!("@{it}"));
        format!("{}>{}{label}{within}", end(&it.from.value), end(&it.to.value))
    };
    diagram(text).edges.iter().map(edge).collect()
}

/// `place: message; help` of each problem.
fn problems(text: &str) -> Vec<String> {
    let problem = |it: &Problem| {
        let help = it.help.as_ref().map_or(String::new(), |it| format!("; {it}"));
        format!("{}: {}{help}", &text[it.span.range()], it.message)
    };
    diagram(text).problems.iter().map(problem).collect()
}

#[test]
fn kinds() {
    for (text, kind) in [
        ("stateDiagram\n", Kind::State),
        ("---\ntitle: Orders\n---\n%%{init: {\n}}%%\n%% note\nstateDiagram-v2\n", Kind::State),
        ("graph TD;A-->B", Kind::Flowchart),
        ("flowchart-elk LR", Kind::Flowchart),
        ("pie title Shares", Kind::Other("pie".to_owned())),
        ("gitGraph:", Kind::Other("gitGraph".to_owned())),
        ("sequenceDiagram\nA->B: hi", Kind::Other("sequenceDiagram".to_owned())),
    ] {
        let diagram = diagram(text);
        assert_eq!(diagram.kind.value, kind, "{text}");
        assert_eq!(diagram.problems, [], "{text}");
    }
    for text in ["", " \n", "%% only a comment", "---\ntitle: x\n---\n"] {
        assert_eq!(read(&Text::verbatim(text, FileId(0), 0)), None, "{text}");
    }
}

#[test]
fn an_unknown_kind_is_read_as_the_nearest() {
    let text = "stateDiagramm-v2\nOpen --> Done : close";
    let message = "stateDiagramm-v2: `stateDiagramm-v2` is not a kind of diagram that Mermaid knows; did you mean `stateDiagram-v2`";
    assert_eq!(problems(text), [message]);
    assert_eq!(edges(text), ["Open>Done:close"]);
    assert!(edges("nonsense\nA --> B").is_empty());
}

#[test]
fn transitions() {
    for (body, expected) in [
        ("[*] --> Open\nOpen-->Done:close\nDone --> [*]", "[*]>Open Open>Done:close Done>[*]"),
        ("A --> B : if x > 1: go -> {now}; [ok]", "A>B:if x > 1: go -> {now}; [ok]"),
        ("A --> B; B --> C;", "A>B B>C"),
        ("état --> 完成 : ok %% why", "état>完成:ok"),
        ("A:::hot --> B:::cold : go", "A>B:go"),
        ("A --> B # why", "A>B"),
        ("A --> B\n  : late", "A>B:late"),
        ("\"In work\" --> Done", "In work>Done"),
        ("state P {\n [*] --> X\n --\n Y --> Z\n state Q { A --> B }\n}\nP --> E", "[*]>X@P Y>Z@P A>B@Q P>E"),
        ("note right of A\n B --> C\nend note\nA --> B\nnote left of B : A --> C", "A>B"),
        ("direction LR\nhide empty description\nclassDef x fill:#fff\nclass A x\nA --> B", "A>B"),
    ] {
        let text = format!("stateDiagram-v2\n{body}");
        assert_eq!(edges(&text).join(" "), expected, "{body}");
        assert_eq!(problems(&text), Vec::<String>::new(), "{body}");
    }
}

#[test]
fn declared_states() {
    let text = "stateDiagram-v2\nstate \"Waiting for money\" as W\nstate pick <<choice>>\nstate j [[join]]\nP : Being packed\nstate C {\n}\nW --> pick";
    let nodes: Vec<String> = diagram(text)
        .nodes
        .iter()
        .map(|it| format!("{} {:?} {} {}", it.id.value, it.label, it.branching, it.composite))
        .collect();
    let expected = [
        "W Some(\"Waiting for money\") false false",
        "pick None true false",
        "j None true false",
        "P Some(\"Being packed\") false false",
        "C None false true",
    ];
    assert_eq!(nodes, expected);
}

#[test]
fn states_stand_in_composite_ones() {
    let text = "stateDiagram-v2\nA --> C\nD --> A\nstate C {\n[*] --> D\nstate E {\nF\n}\nC --> D\n}\nF --> A";
    let nodes: Vec<String> = diagram(text)
        .nodes
        .iter()
        .map(|it| format!("{}@{}", it.id.value, it.within.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(nodes, ["A@", "C@", "D@C", "E@C", "F@E"]);
}

#[test]
fn wrong_state_diagrams() {
    for (body, expected) in [
        ("A -> B", "->: `->` is not an arrow of a state diagram; write `-->`"),
        ("A -->", "-->: no state stands after `-->`"),
        ("--> A", "-->: no state stands before `-->`"),
        (
            "state A {\nB --> C",
            "{: this `{` is never closed; write `}` on a line of its own after the last inner state",
        ),
        ("A -- go --> B", "-- go -->: a label cannot stand inside an arrow; write `A --> B : label`"),
        ("in-work --> B", "in-work: Mermaid cannot read `-` in the name of a state; write `in_work`"),
        ("state \"Open", "\"Open: missing closing quote"),
    ] {
        assert_eq!(problems(&format!("stateDiagram-v2\n{body}")), [expected], "{body}");
    }
    assert_eq!(edges("stateDiagram-v2\nA -> B : go\nB --> C"), ["A>B:go", "B>C"]);
}

#[test]
fn chains_and_labels() {
    for (body, expected) in [
        ("A --> B --> C", "A>B B>C"),
        ("A & B --> C & D", "A>C A>D B>C B>D"),
        ("A -->|yes| B -- no --> C", "A>B:yes B>C:no"),
        ("A -. maybe .-> B == sure ==> C", "A>B:maybe B>C:sure"),
        ("A --- B --o C --x D <--> E ~~~ F ----> G -..-> H ===> I", "A>B B>C C>D D>E E>F F>G G>H H>I"),
        ("A -->|\"a | b\"| B", "A>B:a | b"),
        ("A[x] -->\n%% why\nB{y?}\n--> C", "A>B B>C"),
        ("subgraph S [Side]\ndirection LR\nA --> B\nend\nS --> C", "A>B@S S>C"),
        ("A@{ shape: diam, label: \"x }\" } e1@--> B:::hot", "A>B"),
        ("style A fill:#fff\nA-->B;B-->C;\nclick A \"x\"", "A>B B>C"),
    ] {
        let text = format!("flowchart TD\n{body}");
        assert_eq!(edges(&text).join(" "), expected, "{body}");
        assert_eq!(problems(&text), Vec::<String>::new(), "{body}");
    }
}

#[test]
fn shapes() {
    for node in [
        "A[x]",
        "A(x)",
        "A([x])",
        "A[[x]]",
        "A[(x)]",
        "A((x))",
        "A(((x)))",
        "A>x]",
        "A{x}",
        "A{{x}}",
        "A[/x/]",
        "A[\\x\\]",
        "A[/x\\]",
        "A[\\x/]",
        "A[\"x\"]",
        "A[\"`x`\"]",
        "A(-x-)",
    ] {
        let text = format!("graph LR\n{node} --> B[\"line (one)<br/>line\ntwo\"]");
        let diagram = diagram(&text);
        assert_eq!(diagram.problems, [], "{node}");
        let labels: Vec<_> = diagram.nodes.iter().map(|it| it.label.as_deref()).collect();
        assert_eq!(labels, [Some("x"), Some("line (one) line two")], "{node}");
        assert_eq!(diagram.nodes[0].branching, node == "A{x}", "{node}");
    }
}

#[test]
fn wrong_flowcharts() {
    for (body, expected) in [
        ("A -> B", "->: `->` is not an arrow of a flowchart; write `-->`"),
        ("A -->", "-->: no node stands after `-->`"),
        ("A[x --> B", "[: this `[` is never closed; write `]` after the label"),
        ("A[x (y)] --> B", "(: `(` in a label that is not quoted as a whole; write `[\"x (y)\"]`"),
        ("A[/api/x] --> B", "[/api/x]: a label after `[/` that is not quoted; write `[\"/api/x\"]`"),
        ("A --> end", "end: `end` cannot be a node; write `End`: Mermaid reserves the word"),
        ("A --> B]", "]: this `]` closes nothing"),
        ("A -- B", "--: `--` is only the first half of an arrow; write `-->`, or close it after the label"),
    ] {
        assert_eq!(problems(&format!("graph TD\nC --> D[x]\n{body}")), [expected], "{body}");
    }
}

#[test]
fn no_input_panics() {
    let seeds = [
        "stateDiagram-v2\nstate \"é\" as X {\nA --> B : x\n--\n}\nnote left of A\nend note\nA -> état; [*]-->A",
        "flowchart TD\nsubgraph s [t]\nA[\"é\"] & B{x} -->|y| C -- z --> D@{ shape: x }\nend\nA -. t .-> B ==> 完",
        "---\nt\n---\n%%{a}%%\ngraph LR;A[/x\\]-->B",
    ];
    let bits = [
        "\"", "[", "]", "{", "}", "--", ">", ":", "\n", "é", "|", "-", ".", "=", " ", "%%", "end", "&", ";", "<<",
        "state ",
    ];
    let mut random = 7u64;
    let mut next = |limit: usize| {
        random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (random >> 33) as usize % limit.max(1)
    };
    for round in 0..6000 {
        let mut chars: Vec<char> = seeds[round % seeds.len()].chars().collect();
        for _ in 0..1 + next(6) {
            let at = next(chars.len());
            match next(3) {
                0 => chars.truncate(at),
                1 if !chars.is_empty() => {
                    chars.remove(at);
                }
                _ => {
                    let bit = bits[next(bits.len())];
                    chars.splice(at..at, bit.chars());
                }
            }
        }
        let text: String = chars.into_iter().collect();
        if let Some(diagram) = read(&Text::verbatim(text.as_str(), FileId(0), 0)) {
            for problem in &diagram.problems {
                assert!(text.get(problem.span.range()).is_some_and(|it| !it.is_empty()), "{text}");
            }
            for edge in &diagram.edges {
                assert!(text.get(edge.span.range()).is_some(), "{text}");
            }
        }
    }
}
