//! `CREATE TABLE`: its columns, its constraints and the comments between them.

use super::statements::member_named;
use super::{Body, Declaration, Kind, Member, Reader, TableConstraint, comments};
use crate::decl::Reference;

impl Reader<'_> {
    /// Reads from after `CREATE TABLE`.
    pub(super) fn table(&mut self, start: usize) {
        let _ = self.eat_words(&["if", "not", "exists"]);
        let Some(name) = self.name() else {
            self.unread(start..self.at, "a table without a name".into());
            return;
        };
        if self.is_any(0, &["as", "like", "partition", "using", "clone"]) {
            return;
        }
        if !self.is_sign(0, '(') {
            self.unread(start..self.at, format!("`{}` has no columns", name.value));
            return;
        }
        let mut item = self.declaration(start, name, Body::Record(Vec::new()));
        self.body(&mut item);
        item.span = self.span(start..self.at);
        self.found.items.push(item);
    }

    /// Reads the columns in brackets into a record.
    pub(super) fn body(&mut self, item: &mut Declaration) {
        let open = self.at;
        let limit = self.limit(open);
        let outer = std::mem::replace(&mut self.end, limit);
        let close = self.closing(open);
        let parts = self.parts(open + 1..close.unwrap_or(limit));
        let mut places = Vec::new();
        for part in parts {
            self.at = part.start;
            self.end = part.end;
            let from = part.start;
            if self.begins_constraint() {
                self.constraint(item);
                places.push((from, part.end, None));
                continue;
            }
            // A missing comma makes one part of several columns.
            let mut from = from;
            while self.at < part.end {
                let before = members(item);
                let more = self.column(item, from);
                let index = (members(item) > before).then_some(before);
                places.push((from, self.at, index));
                if !more || self.at <= from {
                    break;
                }
                if self.begins_constraint() {
                    self.constraint(item);
                    break;
                }
                from = self.at;
            }
        }
        self.end = outer;
        self.at = close.map_or(limit, |it| it + 1);
        if close.is_none() {
            let why = format!("missing `)` at the end of `{}`", item.name.value);
            let span = self.span(open..open + 1);
            self.found.unread.push(crate::decl::Unread { span, why });
        }
        self.comments_within(item, open, &places);
    }

    /// Where a body must end: before the next statement, even if a bracket is missing.
    fn limit(&self, open: usize) -> usize {
        for at in open + 1..self.end {
            let Some(tok) = self.toks.get(at) else { break };
            let ends = tok.kind == Kind::Sign(';') || tok.first && self.begins_statement(at);
            if ends {
                return at;
            }
        }
        self.end
    }

    /// Attaches each comment of the body to the column on whose line it stands, that it names first
    /// (`state values: a | b`), or that comes next.
    /// Those after the last column are the table's.
    fn comments_within(&self, item: &mut Declaration, open: usize, places: &[(usize, usize, Option<usize>)]) {
        let Some(first) = self.toks.get(open) else { return };
        let last = self.toks.get(self.at.saturating_sub(1)).unwrap_or(first);
        let line = |at: usize| self.toks.get(at).map_or(0, |it| it.line);
        let has_comment = |line| self.comments.iter().any(|it| (it.line..=it.end_line).contains(&line));
        for comment in self.comments {
            // What stands on the first line is already the table's.
            if comment.line <= first.line || comment.line > last.line {
                continue;
            }
            let is_after = |at: usize| self.toks.get(at).is_some_and(|it| it.range.start > comment.range.start);
            let on_line = places.iter().rfind(|(from, to, _)| {
                !is_after(*from) && (line(*from)..=line(to.saturating_sub(1))).contains(&comment.line)
            });
            let next = places.iter().find(|(from, ..)| is_after(*from));
            let above = next.filter(|(from, ..)| (comment.end_line + 1..line(*from)).all(has_comment));
            let lines = comments::lines(self.text, comment.range.clone());
            if on_line.is_none()
                && let Some(member) = lines.first().and_then(|it| told_of(item, &it.value))
            {
                member.comments.extend(lines);
                continue;
            }
            match (on_line.or(above), &mut item.body) {
                (Some((_, _, index)), Body::Record(members)) => {
                    if let Some(member) = index.and_then(|it| members.get_mut(it)) {
                        member.comments.extend(lines);
                    }
                }
                _ if next.is_none() => item.comments.extend(lines),
                _ => {}
            }
        }
    }

    /// Whether a constraint or an index of the table follows, and not a column.
    pub(super) fn begins_constraint(&self) -> bool {
        let Some(word) = self.word(0) else { return false };
        match word.to_ascii_lowercase().as_str() {
            "constraint" => matches!(self.tok(1).map(|it| it.kind), Some(Kind::Word | Kind::Name)),
            "primary" | "foreign" => self.is_word(1, "key"),
            "check" | "exclude" => self.is_sign(1, '(') || self.is_word(1, "using"),
            "unique" => self.is_any(1, &["key", "index", "nulls", "clustered"]) || self.bracket_near(),
            "key" | "index" => self.bracket_near() && self.word(1).is_none_or(|it| super::types::base(it).is_none()),
            "fulltext" | "spatial" => self.is_any(1, &["key", "index"]),
            "like" => true,
            "period" => self.is_word(1, "for"),
            _ => false,
        }
    }

    /// `(` or `name (` after the next token.
    fn bracket_near(&self) -> bool {
        self.is_sign(1, '(') || self.is_sign(2, '(') || self.is_word(2, "using")
    }

    /// Reads a constraint of the table.
    pub(super) fn constraint(&mut self, item: &mut Declaration) {
        let start = self.at;
        if self.eat_word("constraint") {
            self.at += 1;
        }
        let body = self.at;
        if self.eat_words(&["primary", "key"]) {
            self.skip_to_bracket();
            if let Some(names) = self.names() {
                item.table.push(TableConstraint::PrimaryKey(names, self.span(start..self.at)));
                return;
            }
        } else if self.eat_word("unique") {
            self.skip_to_bracket();
            if self.is_sign(0, '(') {
                // Columns of an index over expressions are not unique themselves.
                if let Some(names) = self.names() {
                    item.table.push(TableConstraint::Unique(names, self.span(start..self.at)));
                }
                return;
            }
        } else if self.eat_words(&["foreign", "key"]) {
            self.skip_to_bracket();
            let names = self.names();
            if let (Some(names), true) = (names, self.eat_word("references"))
                && let Some(reference) = self.reference()
            {
                let span = self.span(start..self.at);
                item.table.push(TableConstraint::ForeignKey(names, reference, span));
                return;
            }
        } else if self.eat_word("check") && self.is_sign(0, '(') {
            let inside = self.inside();
            let set = self.set(inside.clone());
            self.skip_bracket();
            let named = set.and_then(|set| Some((member_named(item, &set.column)?, set.ty)));
            match named {
                Some((member, ty)) if super::checks::may_become(&member.ty.value, &ty) => {
                    member.ty.value = ty;
                }
                _ => {
                    let condition = self.spanned(self.range(inside));
                    item.table.push(TableConstraint::Check(condition));
                }
            }
            return;
        } else if self.is_any(0, &["key", "index", "fulltext", "spatial", "exclude", "like", "period"]) {
            self.at = self.end;
            return;
        } else if body == start || self.at >= self.end {
            return;
        }
        let at = self.at.min(self.end.saturating_sub(1));
        let shown = self.toks.get(at).map(|it| self.slice(it.range.clone())).unwrap_or_default();
        let why = format!("a constraint that cannot be read at `{shown}`");
        self.unread(start..self.end, why);
    }

    fn skip_to_bracket(&mut self) {
        while self.at < self.end && !self.is_sign(0, '(') {
            self.at += 1;
        }
    }

    /// Reads from after `REFERENCES`.
    pub(super) fn reference(&mut self) -> Option<Reference> {
        let table = self.name()?;
        let column = match self.is_sign(0, '(') {
            true => self.names().and_then(|it| it.into_iter().next()).map(|it| it.value),
            false => None,
        };
        let mut on_delete = None;
        loop {
            if self.eat_words(&["on", "delete"]) {
                on_delete = self.action();
            } else if self.eat_words(&["on", "update"]) {
                let _ = self.action();
            } else if self.eat_word("match") {
                self.at += 1;
            } else if self.eat_words(&["not", "deferrable"])
                || self.eat_word("deferrable")
                || self.eat_words(&["initially", "deferred"])
                || self.eat_words(&["initially", "immediate"])
                || self.eat_words(&["not", "valid"])
            {
            } else {
                return Some(Reference { table, column, on_delete });
            }
        }
    }

    fn action(&mut self) -> Option<String> {
        for words in [&["set", "null"] as &[&str], &["set", "default"], &["no", "action"], &["cascade"], &["restrict"]]
        {
            if self.eat_words(words) {
                return Some(words.join(" "));
            }
        }
        None
    }
}

/// The column that a comment on a line of its own begins with: `state values: a | b`, `state: a | b`.
fn told_of<'a>(item: &'a mut Declaration, words: &str) -> Option<&'a mut Member> {
    let (name, rest) = words.split_once([' ', ':'])?;
    let is_list = words.get(name.len()..)?.starts_with(':') || rest.trim_start().starts_with("values");
    member_named(item, name).filter(|_| is_list)
}

fn members(item: &Declaration) -> usize {
    match &item.body {
        Body::Record(members) => members.len(),
        _ => 0,
    }
}
