//! Drawings of states with lines and arrows between plain words:
//!
//! ```text
//! DRAFT ──→ PAID ──→ CANCELLED
//!   │                   ↑
//!   └───────────────────┘
//! ```
//!
//! Lines are followed from each arrowhead back to where they begin. A drawing with boxes, with words on its
//! lines, or with a line that leads nowhere is not read at all: half a drawing would be another one.

use rustc_hash::{FxHashMap, FxHashSet};
use source::{Span, Text};

/// An arrow between two words, and where the words stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrow {
    /// The word that it leaves.
    pub from: (String, Span),
    /// The word that it enters.
    pub to: (String, Span),
}

/// Drawings are small; what is larger is none.
const MAX_CELLS: usize = 8_000;
const MAX_HEADS: usize = 200;
const MAX_JOINTS: usize = 64;

/// The arrows of a drawing, in the order of their heads; `None` if a part of it is not understood.
pub fn read(text: &Text) -> Option<Vec<Arrow>> {
    let grid = Grid::of(text)?;
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut heads = 0;
    for (row, line) in grid.rows.iter().enumerate() {
        for column in 0..line.len() {
            let Some(way) = grid.head(row, column) else { continue };
            heads += 1;
            if heads > MAX_HEADS {
                return None;
            }
            let to = grid.target(row, column, way)?;
            let mut sources = Vec::new();
            grid.back(row, column, way, &mut sources)?;
            if sources.is_empty() {
                return None;
            }
            found.extend(sources.into_iter().map(|from| (from, to)));
        }
    }
    let used: FxHashSet<usize> = found.iter().flat_map(|it| [it.0, it.1]).collect();
    if found.is_empty() || used.len() < grid.words.len() {
        return None;
    }
    let word = |index: usize| grid.words.get(index).map(|it| (it.text.clone(), it.span));
    found.into_iter().map(|(from, to)| Some(Arrow { from: word(from)?, to: word(to)? })).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
    Left,
    Right,
}

impl Way {
    fn back(self) -> Way {
        match self {
            Way::Up => Way::Down,
            Way::Down => Way::Up,
            Way::Left => Way::Right,
            Way::Right => Way::Left,
        }
    }

    fn step(self, row: usize, column: usize) -> Option<(usize, usize)> {
        Some(match self {
            Way::Up => (row.checked_sub(1)?, column),
            Way::Down => (row + 1, column),
            Way::Left => (row, column.checked_sub(1)?),
            Way::Right => (row, column + 1),
        })
    }
}

struct Word {
    text: String,
    span: Span,
    row: usize,
    from: usize,
    to: usize,
}

struct Grid {
    rows: Vec<Vec<char>>,
    words: Vec<Word>,
    /// For each cell the word that stands on it.
    covered: FxHashMap<(usize, usize), usize>,
}

impl Grid {
    fn of(text: &Text) -> Option<Grid> {
        let whole = text.as_str();
        if whole.len() > MAX_CELLS {
            return None;
        }
        let mut rows = Vec::new();
        let mut words: Vec<Word> = Vec::new();
        let mut start = 0;
        for (row, line) in whole.split('\n').enumerate() {
            let cells: Vec<char> = line.chars().collect();
            let mut offset = start;
            let mut open: Option<(usize, usize)> = None;
            for (column, c) in cells.iter().copied().chain([' ']).enumerate() {
                let next = cells.get(column + 1).copied().unwrap_or(' ');
                let before = column.checked_sub(1).and_then(|it| cells.get(it)).copied().unwrap_or(' ');
                // `v` alone is an arrowhead; a single blank may stand inside a name.
                let head = matches!(c, 'v' | 'V') && !next.is_alphanumeric() && !before.is_alphanumeric();
                let inside = c.is_alphanumeric() && !head
                    || c == '_' && (before.is_alphanumeric() || next.is_alphanumeric())
                    || c == ' ' && before.is_alphanumeric() && next.is_alphabetic() && open.is_some();
                match (inside, open) {
                    (true, None) => open = Some((column, offset)),
                    (false, Some((from, at))) => {
                        let name = whole.get(at..offset).unwrap_or("").to_owned();
                        words.push(Word { text: name, span: text.span(at..offset), row, from, to: column });
                        open = None;
                    }
                    _ => {}
                }
                offset += c.len_utf8();
            }
            start += line.len() + 1;
            rows.push(cells);
        }
        let mut grid = Grid { rows, words, covered: FxHashMap::default() };
        grid.cover();
        // Words between bars stand in a box; words in brackets are marked; other signs are remarks.
        let plain = grid.rows.iter().flatten().all(|it| {
            it.is_alphanumeric()
                || it.is_whitespace()
                || is_line(*it)
                || is_arrow(*it)
                || matches!(it, '_' | '[' | ']' | '<')
        });
        let boxed = grid.words.iter().any(|it| {
            let side = |column: Option<usize>| column.is_some_and(|at| matches!(grid.at(it.row, at), '│' | '|' | '║'));
            let near = |way: i8| {
                (1..=2_usize).any(|by| side(if way < 0 { it.from.checked_sub(by) } else { Some(it.to - 1 + by) }))
            };
            near(-1) && near(1)
        });
        let glued = grid.words.iter().any(|it| {
            let touch = |c: char| is_line(c) && !matches!(c, '|' | '│');
            it.from.checked_sub(1).is_some_and(|at| touch(grid.at(it.row, at))) && touch(grid.at(it.row, it.to))
        });
        (plain && !boxed && !glued && grid.words.len() >= 2).then_some(grid)
    }

    fn at(&self, row: usize, column: usize) -> char {
        self.rows.get(row).and_then(|it| it.get(column)).copied().unwrap_or(' ')
    }

    /// Notes the cells of each word; brackets around it belong to it.
    fn cover(&mut self) {
        let mut covered = FxHashMap::default();
        for (index, word) in self.words.iter().enumerate() {
            let open = word.from > 0 && self.at(word.row, word.from - 1) == '[';
            let close = self.at(word.row, word.to) == ']';
            for column in word.from - usize::from(open)..word.to + usize::from(close) {
                covered.insert((word.row, column), index);
            }
        }
        self.covered = covered;
    }

    fn word_at(&self, row: usize, column: usize) -> Option<usize> {
        self.covered.get(&(row, column)).copied()
    }

    /// Where an arrowhead points.
    fn head(&self, row: usize, column: usize) -> Option<Way> {
        let before = column.checked_sub(1).map_or(' ', |it| self.at(row, it));
        let after = self.at(row, column + 1);
        let above = row.checked_sub(1).map_or(' ', |it| self.at(it, column));
        match self.at(row, column) {
            '→' | '▶' | '►' | '⟶' | '➜' | '➔' => Some(Way::Right),
            '>' if is_flat(before) => Some(Way::Right),
            '←' | '◀' | '◄' | '⟵' => Some(Way::Left),
            '<' if is_flat(after) => Some(Way::Left),
            '↑' | '▲' => Some(Way::Up),
            '^' => Some(Way::Up),
            '↓' | '▼' => Some(Way::Down),
            'v' | 'V' if self.word_at(row, column).is_none() && is_upright(above) => Some(Way::Down),
            _ => None,
        }
    }

    /// The word that an arrowhead points at.
    fn target(&self, row: usize, column: usize, way: Way) -> Option<usize> {
        let mut at = (row, column);
        for _ in 0..3 {
            at = way.step(at.0, at.1)?;
            if let Some(word) = self.word_at(at.0, at.1) {
                return Some(word);
            }
            if self.at(at.0, at.1) != ' ' {
                return None;
            }
        }
        None
    }

    /// Adds the words at the beginnings of the lines that end in an arrowhead.
    fn back(&self, row: usize, column: usize, way: Way, sources: &mut Vec<usize>) -> Option<()> {
        let mut open = vec![((row, column), way.back())];
        let mut seen = Vec::new();
        while let Some((from, way)) = open.pop() {
            let mut at = from;
            let mut blanks = 0;
            loop {
                at = way.step(at.0, at.1)?;
                if let Some(word) = self.word_at(at.0, at.1) {
                    sources.push(word);
                    break;
                }
                let sign = self.at(at.0, at.1);
                let across = matches!(way, Way::Left | Way::Right);
                match sign {
                    ' ' if blanks == 0 => blanks += 1,
                    _ if blanks > 0 => return None,
                    _ if across && is_flat(sign) || !across && is_upright(sign) => {}
                    // An arm may lead to other heads only.
                    _ if is_joint(sign) => {
                        if seen.contains(&at) {
                            break;
                        }
                        if seen.len() >= MAX_JOINTS {
                            return None;
                        }
                        seen.push(at);
                        for next in [Way::Up, Way::Down, Way::Left, Way::Right] {
                            if next != way.back() && self.leads(at, sign, next) {
                                open.push((at, next));
                            }
                        }
                        break;
                    }
                    // Another head: the arrow goes both ways, or ends here.
                    _ => return None,
                }
            }
        }
        sources.dedup();
        Some(())
    }

    /// Whether a joint has a line in this direction, and does not send it off as an arrow.
    fn leads(&self, at: (usize, usize), sign: char, way: Way) -> bool {
        let Some(next) = way.step(at.0, at.1) else { return false };
        let beyond = self.at(next.0, next.1);
        let there = match way {
            Way::Up | Way::Down => is_upright(beyond) || is_joint(beyond) || self.word_at(next.0, next.1).is_some(),
            Way::Left | Way::Right => {
                let word = |at: Option<(usize, usize)>| at.is_some_and(|it| self.word_at(it.0, it.1).is_some());
                is_flat(beyond) && !self.leaves(next, way)
                    || is_joint(beyond)
                    || word(Some(next))
                    || beyond == ' ' && word(way.step(next.0, next.1))
            }
        };
        let arm = match way {
            Way::Up => matches!(sign, '+' | '└' | '┘' | '├' | '┤' | '┴' | '┼'),
            Way::Down => matches!(sign, '+' | '┌' | '┐' | '├' | '┤' | '┬' | '┼'),
            Way::Left => matches!(sign, '+' | '┐' | '┘' | '┤' | '┬' | '┴' | '┼'),
            Way::Right => matches!(sign, '+' | '┌' | '└' | '├' | '┬' | '┴' | '┼'),
        };
        arm && there
    }

    /// Whether a flat line that begins here ends in a head that points away.
    fn leaves(&self, from: (usize, usize), way: Way) -> bool {
        let mut at = from;
        while is_flat(self.at(at.0, at.1)) {
            match way.step(at.0, at.1) {
                Some(next) => at = next,
                None => return false,
            }
        }
        self.head(at.0, at.1) == Some(way)
    }
}

fn is_flat(c: char) -> bool {
    matches!(c, '─' | '-' | '━' | '═' | '=' | '–' | '—')
}

fn is_upright(c: char) -> bool {
    matches!(c, '│' | '|' | '┃' | '║')
}

fn is_joint(c: char) -> bool {
    matches!(c, '+' | '└' | '┘' | '┌' | '┐' | '├' | '┤' | '┬' | '┴' | '┼' | '╰' | '╯' | '╭' | '╮')
}

fn is_line(c: char) -> bool {
    is_flat(c) || is_upright(c) || is_joint(c)
}

fn is_arrow(c: char) -> bool {
    matches!(c, '→' | '▶' | '►' | '⟶' | '➜' | '➔' | '>' | '←' | '◀' | '◄' | '⟵' | '↑' | '▲' | '^' | '↓' | '▼')
}

#[cfg(test)]
mod tests {
    use source::FileId;

    use super::*;

    fn shown(source: &str) -> String {
        let Some(arrows) = read(&Text::verbatim(source, FileId(0), 0)) else { return "not read".to_owned() };
        for it in &arrows {
            assert_eq!((&source[it.from.1.range()], &source[it.to.1.range()]), (&*it.from.0, &*it.to.0));
        }
        arrows.iter().map(|it| format!("{} > {}", it.from.0, it.to.0)).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn lines_are_followed_from_arrowheads() {
        for (source, expected) in [
            ("A ──→ B ──→ C", "A > B, B > C"),
            ("new -> in use --> Done", "new > in use, in use > Done"),
            ("A ──→ B ──→ C\n│           ↑\n└───────────┘", "A > B, B > C, A > C"),
            ("A -> B -> C\n|         ^\n+---------+", "A > B, B > C, A > C"),
            ("A -> B -> C\n|    |\n+----+-> D", "A > B, B > C, A > D, B > D"),
            ("[A] ──> [B]\n         │\n         ▼\n        [C]", "A > B, B > C"),
            ("A ←── B", "B > A"),
            ("A\n|\nv\nB", "A > B"),
            ("A ┬─→ B\n  └─→ C", "A > B, A > C"),
            ("┌───┐    ┌───┐\n│ A │ ─→ │ B │\n└───┘    └───┘", "not read"),
            ("A ──pay──→ B", "not read"),
            ("A ──→ B\n\nC", "not read"),
            ("A ──→", "not read"),
            ("A ←─→ B", "not read"),
            ("A ──→ B (paid)", "not read"),
            ("a table of words", "not read"),
            ("", "not read"),
        ] {
            assert_eq!(shown(source), expected, "{source}");
        }
    }

    #[test]
    fn broken_drawings_never_panic() {
        let pieces: Vec<char> = "AB ──→→│┐└┴┼+|-> \nv^é".chars().collect();
        let mut state = 5_u64;
        for _ in 0..4_000 {
            let mut source = String::new();
            for _ in 0..40 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                source.push(pieces[(state >> 33) as usize % pieces.len()]);
            }
            shown(&source);
        }
        shown(&"┼".repeat(3_000));
        shown(&"A─+\n│".repeat(1_500));
    }
}
