//! A state machine drawn as SVG: states in layers from left to right, each transition an arrow with its
//! events. Colours are classes, for the page's style to say.

use std::fmt::Write;

use crate::contract::Machine;
use crate::page::escape;

/// A box in a layer: a state, or a place that an arrow passes between two states.
struct Node {
    label: Option<String>,
    /// `any`, which is no state but stands for all.
    any: bool,
    layer: usize,
    row: usize,
}

/// An arrow with the boxes that it passes, in the direction of the layers.
struct Arrow {
    path: Vec<usize>,
    /// Whether it points against the direction of the layers.
    back: bool,
    /// Whether another arrow joins the same states the other way.
    twin: bool,
    label: String,
}

const HEIGHT: f64 = 34.0;
const ROW: f64 = 62.0;
const LETTER: f64 = 7.4;
const MARGIN: f64 = 26.0;

/// Draws a machine.
pub(crate) fn svg(machine: &Machine) -> String {
    let mut names: Vec<&str> = machine.states.iter().map(String::as_str).collect();
    let any = machine.transitions.iter().any(|it| it.from.is_none());
    if any {
        names.push("any state");
    }
    let index = |name: &str| names.iter().position(|it| *it == name);
    let mut edges: Vec<(usize, usize, String)> = Vec::new();
    for transition in &machine.transitions {
        let from = transition.from.as_deref().map_or_else(|| names.len().checked_sub(1), index);
        let (Some(from), Some(to)) = (from, index(&transition.to)) else { continue };
        match edges.iter_mut().find(|it| (it.0, it.1) == (from, to)) {
            Some(edge) if transition.event.is_empty() || edge.2.contains(&transition.event) => {}
            Some(edge) => edge.2 = format!("{}, {}", edge.2, transition.event),
            None => edges.push((from, to, transition.event.clone())),
        }
    }
    let first = machine.initial.as_deref().and_then(index).unwrap_or(0);
    let back = backward(names.len(), first, &edges);
    let layers = layers(names.len(), &edges, &back);
    let mut nodes: Vec<Node> = names
        .iter()
        .enumerate()
        .map(|(at, name)| Node {
            label: Some((*name).to_owned()),
            any: any && at + 1 == names.len(),
            layer: layers.get(at).copied().unwrap_or(0),
            row: 0,
        })
        .collect();
    let loops: Vec<(usize, String)> = edges.iter().filter(|it| it.0 == it.1).map(|it| (it.0, it.2.clone())).collect();
    let mut arrows = Vec::new();
    for (at, (from, to, label)) in edges.iter().enumerate().filter(|it| it.1.0 != it.1.1) {
        let back = back.contains(&at);
        let (start, end) = if back { (*to, *from) } else { (*from, *to) };
        let (low, high) = (layer(&nodes, start), layer(&nodes, end));
        let mut path = vec![start];
        for between in low + 1..high {
            nodes.push(Node { label: None, any: false, layer: between, row: 0 });
            path.push(nodes.len() - 1);
        }
        path.push(end);
        let twin = edges.iter().any(|it| (it.0, it.1) == (*to, *from));
        arrows.push(Arrow { path, back, twin, label: label.clone() });
    }
    order(&mut nodes, &arrows);
    draw(machine, &nodes, &arrows, &loops, first)
}

fn layer(nodes: &[Node], at: usize) -> usize {
    nodes.get(at).map_or(0, |it| it.layer)
}

/// The edges that close a circle, as a walk from the initial state meets them.
fn backward(count: usize, first: usize, edges: &[(usize, usize, String)]) -> Vec<usize> {
    fn walk(at: usize, edges: &[(usize, usize, String)], seen: &mut [u8], back: &mut Vec<usize>) {
        if let Some(it) = seen.get_mut(at) {
            *it = 1;
        }
        for (index, (_, to, _)) in edges.iter().enumerate().filter(|it| it.1.0 == at) {
            match seen.get(*to) {
                Some(1) => back.push(index),
                Some(0) => walk(*to, edges, seen, back),
                _ => {}
            }
        }
        if let Some(it) = seen.get_mut(at) {
            *it = 2;
        }
    }
    let mut seen = vec![0_u8; count];
    let mut back = Vec::new();
    // A document may have very many states; none is that deep.
    for start in std::iter::once(first).chain(0..count).filter(|_| count <= 500) {
        if seen.get(start) == Some(&0) {
            walk(start, edges, &mut seen, &mut back);
        }
    }
    back
}

/// The longest way to each state, without the edges that close circles.
fn layers(count: usize, edges: &[(usize, usize, String)], back: &[usize]) -> Vec<usize> {
    let mut layers = vec![0; count];
    for _ in 0..count {
        let mut moved = false;
        for (_, (from, to, _)) in edges.iter().enumerate().filter(|(at, it)| !back.contains(at) && it.0 != it.1) {
            let least = layers.get(*from).copied().unwrap_or(0) + 1;
            if let Some(own) = layers.get_mut(*to).filter(|it| **it < least && least < count) {
                *own = least;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    layers
}

/// Gives each box its row: near the rows of those that it is joined to.
fn order(nodes: &mut [Node], arrows: &[Arrow]) {
    let most = nodes.iter().map(|it| it.layer).max().unwrap_or(0);
    let pairs: Vec<(usize, usize)> = arrows
        .iter()
        .flat_map(|it| it.path.windows(2).filter_map(|it| Some((*it.first()?, *it.last()?))).collect::<Vec<_>>())
        .collect();
    for layer in 0..=most {
        for (row, node) in nodes.iter_mut().filter(|it| it.layer == layer).enumerate() {
            node.row = row;
        }
    }
    for sweep in 0..8 {
        let downward = sweep % 2 == 0;
        for step in 0..=most {
            let layer = if downward { step } else { most - step };
            let mut members: Vec<(f64, usize)> = (0..nodes.len())
                .filter(|it| nodes.get(*it).is_some_and(|it| it.layer == layer))
                .map(|at| {
                    let joined = pairs.iter().filter_map(|(a, b)| match downward {
                        true if *b == at => Some(*a),
                        false if *a == at => Some(*b),
                        _ => None,
                    });
                    let rows: Vec<f64> = joined.filter_map(|it| nodes.get(it)).map(|it| it.row as f64).collect();
                    let own = nodes.get(at).map_or(0.0, |it| it.row as f64);
                    (if rows.is_empty() { own } else { rows.iter().sum::<f64>() / rows.len() as f64 }, at)
                })
                .collect();
            let row = |at: usize| nodes.get(at).map_or(0, |it| it.row);
            members.sort_by(|a, b| a.0.total_cmp(&b.0).then(row(a.1).cmp(&row(b.1))));
            for (row, (_, at)) in members.iter().enumerate() {
                if let Some(node) = nodes.get_mut(*at) {
                    node.row = row;
                }
            }
        }
    }
}

fn draw(machine: &Machine, nodes: &[Node], arrows: &[Arrow], loops: &[(usize, String)], first: usize) -> String {
    let most = nodes.iter().map(|it| it.layer).max().unwrap_or(0);
    let rows = |layer: usize| nodes.iter().filter(|it| it.layer == layer).count();
    let tallest = (0..=most).map(rows).max().unwrap_or(1).max(1);
    let wide = |it: &Node| it.label.as_ref().map_or(0.0, |it| it.chars().count() as f64 * LETTER + 30.0);
    let widths: Vec<f64> =
        (0..=most).map(|layer| nodes.iter().filter(|it| it.layer == layer).map(wide).fold(0.0, f64::max)).collect();
    let gap = |layer: usize| {
        let own = arrows.iter().filter(|it| labelled(it, nodes) == layer);
        // The two of a pair share the way.
        let letters = own.map(|it| it.label.chars().count() as f64 * if it.twin { 1.7 } else { 1.0 });
        letters.fold(0.0, f64::max) * 6.6 + 44.0
    };
    let mut lefts = vec![MARGIN + 14.0];
    for layer in 0..most {
        let before = lefts.last().copied().unwrap_or(0.0);
        lefts.push(before + widths.get(layer).copied().unwrap_or(0.0) + gap(layer));
    }
    let top = MARGIN + if loops.is_empty() { 0.0 } else { 26.0 };
    let middle = |it: &Node| {
        let x = lefts.get(it.layer).copied().unwrap_or(0.0) + widths.get(it.layer).copied().unwrap_or(0.0) / 2.0;
        // The first rows are in one line: they are mostly the way that all goes well.
        (x, top + HEIGHT / 2.0 + it.row as f64 * ROW)
    };
    let width = lefts.last().copied().unwrap_or(0.0) + widths.last().copied().unwrap_or(0.0) + MARGIN;
    let height = top + (tallest - 1) as f64 * ROW + HEIGHT + MARGIN;
    let mut out = String::new();
    let _ = write!(
        out,
        "<svg class=\"machine\" role=\"img\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" aria-label=\"State machine of {}\">",
        escape(&machine.field)
    );
    let mut labels = String::new();
    for arrow in arrows {
        let points: Vec<(f64, f64)> = arrow.path.iter().filter_map(|it| nodes.get(*it)).map(middle).collect();
        let halves: Vec<f64> = arrow.path.iter().filter_map(|it| nodes.get(*it)).map(|it| wide(it) / 2.0).collect();
        line(arrow, &points, &halves, &mut out, &mut labels);
    }
    for (at, label) in loops {
        let Some((x, y)) = nodes.get(*at).map(middle) else { continue };
        let above = y - HEIGHT / 2.0;
        let _ = write!(
            out,
            "<path class=\"edge\" d=\"M{:.1} {above:.1} C{:.1} {:.1} {:.1} {:.1} {:.1} {above:.1}\"/>",
            x - 12.0,
            x - 20.0,
            above - 26.0,
            x + 20.0,
            above - 26.0,
            x + 12.0,
        );
        head(x + 12.0, above, 0.25, -1.0, &mut out);
        text("event", x, above - 22.0, label, &mut labels);
    }
    if let Some((x, y)) = nodes.get(first).map(middle)
        && machine.initial.is_some()
    {
        let left = x - nodes.get(first).map_or(0.0, wide) / 2.0;
        let _ = write!(
            out,
            "<circle class=\"start\" cx=\"{:.1}\" cy=\"{y:.1}\" r=\"6\"/><path class=\"edge\" d=\"M{:.1} {y:.1} H{left:.1}\"/>",
            left - 28.0,
            left - 22.0
        );
        head(left, y, -1.0, 0.0, &mut out);
    }
    for node in nodes {
        let Some(label) = &node.label else { continue };
        let ((x, y), wide) = (middle(node), wide(node));
        let last = !machine.transitions.iter().any(|it| it.from.as_ref().is_none_or(|it| it == label));
        let class = if node.any { "state any" } else { "state" };
        let mut frame = |inset: f64| {
            let _ = write!(
                out,
                "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"{:.1}\"/>",
                x - wide / 2.0 + inset,
                y - HEIGHT / 2.0 + inset,
                wide - 2.0 * inset,
                HEIGHT - 2.0 * inset,
                9.0 - inset
            );
        };
        frame(0.0);
        if last {
            frame(3.0);
        }
        text("name", x, y + 4.5, label, &mut labels);
    }
    out.push_str(&labels);
    out.push_str("</svg>");
    out
}

/// The layer behind which an arrow's label stands.
fn labelled(arrow: &Arrow, nodes: &[Node]) -> usize {
    let at = if arrow.back { arrow.path.len().saturating_sub(2) } else { 0 };
    arrow.path.get(at).map_or(0, |it| layer(nodes, *it))
}

/// An arrow through its points, and its label in the middle of its first part.
fn line(arrow: &Arrow, points: &[(f64, f64)], halves: &[f64], out: &mut String, labels: &mut String) {
    let shift = match (arrow.twin, arrow.back) {
        (false, _) => 0.0,
        (true, false) => -8.0,
        (true, true) => 8.0,
    };
    let pieces = points.windows(2).zip(halves.windows(2));
    let count = points.len().saturating_sub(1);
    let mut path = String::new();
    for (at, (pair, half)) in pieces.enumerate() {
        let ([(x1, y1), (x2, y2)], [h1, h2]) = (pair, half) else { continue };
        let (x1, x2, y1, y2) = (x1 + h1, x2 - h2, y1 + shift, y2 + shift);
        let bend = (x2 - x1) / 2.0;
        if path.is_empty() {
            let _ = write!(path, "M{x1:.1} {y1:.1}");
        } else {
            let _ = write!(path, " L{x1:.1} {y1:.1}");
        }
        let _ = write!(path, " C{:.1} {y1:.1} {:.1} {y2:.1} {x2:.1} {y2:.1}", x1 + bend, x2 - bend);
        let own = if arrow.back { at + 1 == count } else { at == 0 };
        if own {
            // Labels of a pair stand apart, each nearer to where its arrow begins.
            let t: f64 = match (arrow.twin, arrow.back) {
                (false, _) => 0.5,
                (true, false) => 0.3,
                (true, true) => 0.8,
            };
            let (s, level) = (1.0 - t, (y1 - y2).abs() < 1.0);
            let (early, late) = (s * s * s + 3.0 * s * s * t, 3.0 * s * t * t + t * t * t);
            let middle = (x1 + x2) / 2.0;
            let x = s * s * s * x1 + 3.0 * s * t * middle + t * t * t * x2;
            let lift = match (level, arrow.twin && arrow.back) {
                (true, true) => 14.0,
                (true, false) => -5.0,
                _ => 4.0,
            };
            text("event", x, early * y1 + late * y2 + lift, &arrow.label, labels);
        }
        if at == 0 && arrow.back {
            head(x1, y1, 1.0, 0.0, out);
        }
        if at + 1 == count && !arrow.back {
            head(x2, y2, -1.0, 0.0, out);
        }
    }
    let _ = write!(out, "<path class=\"edge\" d=\"{path}\"/>");
}

/// The head of an arrow at a point; `dx`, `dy` lead back along it.
fn head(x: f64, y: f64, dx: f64, dy: f64, out: &mut String) {
    let (bx, by) = (x + dx * 8.0, y + dy * 8.0);
    let (px, py) = (-dy * 4.0, dx * 4.0);
    let _ = write!(
        out,
        "<path class=\"head\" d=\"M{x:.1} {y:.1} L{:.1} {:.1} L{:.1} {:.1} Z\"/>",
        bx + px,
        by + py,
        bx - px,
        by - py
    );
}

fn text(class: &str, x: f64, y: f64, words: &str, out: &mut String) {
    if words.is_empty() {
        return;
    }
    let _ = write!(out, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escape(words));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Transition;

    fn machine(steps: &[(&str, &str, &str)]) -> Machine {
        let mut states: Vec<String> = Vec::new();
        for name in steps.iter().flat_map(|it| [it.0, it.1]).filter(|it| *it != "*") {
            if !states.iter().any(|it| it == name) {
                states.push(name.to_owned());
            }
        }
        let step = |it: &(&str, &str, &str)| Transition {
            from: (it.0 != "*").then(|| it.0.to_owned()),
            to: it.1.to_owned(),
            event: it.2.to_owned(),
            guard: None,
            line: 0,
        };
        let initial = states.first().cloned();
        Machine { field: "state".to_owned(), initial, states, transitions: steps.iter().map(step).collect() }
    }

    #[test]
    fn every_state_and_event_is_drawn_once() {
        for steps in [
            &[("a", "b", "go"), ("b", "c", "on"), ("a", "c", "skip"), ("c", "a", "again"), ("b", "b", "stay")][..],
            &[("open", "shut", "close"), ("shut", "open", "open it"), ("*", "gone", "remove")],
            &[("a", "a", "")],
            &[],
        ] {
            let machine = machine(steps);
            let svg = svg(&machine);
            for name in machine.states.iter().chain(machine.transitions.iter().map(|it| &it.event)) {
                let count = svg.matches(&format!(">{name}</text>")).count();
                assert_eq!(count, usize::from(!name.is_empty()), "{name} in {svg}");
            }
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }

    #[test]
    fn states_stand_behind_those_that_lead_to_them() {
        let svg = svg(&machine(&[("a", "b", "x"), ("b", "c", "y"), ("a", "c", "z")]));
        let at = |name: &str| -> f64 {
            let before = svg.split(&format!(">{name}</text>")).next().unwrap();
            before.rsplit("x=\"").next().unwrap().split('"').next().unwrap().parse().unwrap()
        };
        assert!(at("a") < at("b") && at("b") < at("c"));
    }
}
