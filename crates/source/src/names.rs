//! Names that are nearly the same.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

/// The edit distance of two names (optimal string alignment: insertions, deletions, substitutions and
/// swaps of neighbours count one each), or `None` if it exceeds `limit`.
pub fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    if a.chars().count().abs_diff(b.chars().count()) > limit {
        return None;
    }
    // Each letter that only one of them has costs an edit.
    let (has, other) = (letters(a), letters(b));
    if (has & !other).count_ones().max((other & !has).count_ones()) as usize > limit {
        return None;
    }
    // What both begin and end with costs nothing.
    let begin = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).map(|it| it.0.len_utf8()).sum();
    let (a, b) = (a.get(begin..).unwrap_or(a), b.get(begin..).unwrap_or(b));
    let end = a.chars().rev().zip(b.chars().rev()).take_while(|(x, y)| x == y).count();
    let inner = |it: &str| it.chars().take(it.chars().count() - end).collect();
    let (a, b): (Vec<char>, Vec<char>) = (inner(a), inner(b));
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    let mut row: Vec<usize> = Vec::with_capacity(previous.len());
    for (i, x) in a.iter().enumerate() {
        row.clear();
        row.push(i + 1);
        for (j, y) in b.iter().enumerate() {
            let get = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
            let mut best = get(&previous, j) + usize::from(x != y);
            best = best.min(get(&previous, j + 1) + 1).min(get(&row, j) + 1);
            if i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x) {
                best = best.min(get(&before, j - 1) + 1);
            }
            row.push(best);
        }
        if row.iter().min().is_some_and(|it| *it > limit) {
            return None;
        }
        std::mem::swap(&mut before, &mut previous);
        std::mem::swap(&mut previous, &mut row);
    }
    previous.last().copied().filter(|it| *it <= limit)
}

/// A bit for each letter of a name; some letters share one.
fn letters(name: &str) -> u64 {
    name.chars().fold(0, |found, it| found | 1 << (it as u32 & 63))
}

/// The candidate nearest to `name` within edit distance 2 (1 for names of up to four characters),
/// without case; the first of equals.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = name.to_lowercase();
    let limit = if folded.chars().count() <= 4 { 1 } else { 2 };
    candidates
        .into_iter()
        .filter_map(|it| Some((distance(&folded, &it.to_lowercase(), limit)?, it)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, it)| it)
}

/// Names to look up near ones in, when there are many: only names that begin with the same letter and
/// are about as long are compared.
#[derive(Debug, Default)]
pub struct NameIndex {
    buckets: FxHashMap<(char, usize), BTreeSet<Box<str>>>,
}

impl NameIndex {
    /// Adds a name.
    pub fn add(&mut self, name: &str) {
        if let Some(first) = name.chars().next() {
            self.buckets.entry((first, name.chars().count())).or_default().insert(name.into());
        }
    }

    /// Takes a name out.
    pub fn remove(&mut self, name: &str) {
        if let Some(first) = name.chars().next()
            && let Some(bucket) = self.buckets.get_mut(&(first, name.chars().count()))
        {
            bucket.remove(name);
        }
    }

    /// A name within edit distance 2 (1 for names of up to four characters) that is not the name itself.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        let first = name.chars().next()?;
        let len = name.chars().count();
        let limit = if len <= 4 { 1 } else { 2 };
        let lengths = len.saturating_sub(limit)..=len + limit;
        lengths
            .filter_map(|len| self.buckets.get(&(first, len)))
            .flatten()
            .filter_map(|it| Some((distance(name, it, limit).filter(|it| *it > 0)?, it)))
            .min()
            .map(|it| &**it.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, expected) in [
            ("", "", Some(0)),
            ("paid", "payd", Some(1)),
            ("form", "from", Some(1)),
            ("totl", "total", Some(1)),
            ("shipped", "cancelled", None),
            ("svc-0042", "svc-0024", Some(1)),
            ("aab", "aba", Some(1)),
            ("naïve", "nave", Some(1)),
            ("abab", "ab", Some(2)),
        ] {
            assert_eq!(distance(a, b, 2), expected, "{a} {b}");
        }
    }

    #[test]
    fn short_names_must_be_nearer() {
        assert_eq!(nearest("nam", ["name", "date"]), Some("name"));
        assert_eq!(nearest("due", ["fee"]), None);
        assert_eq!(nearest("Custmer", ["order", "customer"]), Some("customer"));
    }
}
