//! Statements: which of them declare something.

use std::ops::Range;

use super::{Body, Declaration, Kind, Language, Reader, Span, Spanned, TableConstraint, Type, comments};

impl Reader<'_> {
    pub(super) fn statements(&mut self) {
        while self.at < self.end {
            let start = self.at;
            if self.eat_word("create") {
                self.create(start);
            } else if self.eat_words(&["alter", "table"]) {
                self.alter();
            } else if self.eat_words(&["comment", "on", "column"]) {
                self.comment_on_column();
            }
            self.at = self.next_statement(start.max(self.at.saturating_sub(1)));
        }
    }

    /// The token after the next semicolon outside brackets, or the next line that begins a statement.
    fn next_statement(&self, from: usize) -> usize {
        let mut depth = 0usize;
        for at in from..self.end {
            let Some(tok) = self.toks.get(at) else { break };
            match tok.kind {
                Kind::Sign('(') => depth += 1,
                Kind::Sign(')') => depth = depth.saturating_sub(1),
                Kind::Sign(';') if depth == 0 => return at + 1,
                Kind::Word if at > from && tok.first && self.begins_statement(at) => return at,
                _ => {}
            }
        }
        self.end
    }

    /// Whether a line begins with the words of a statement and not with a column's name.
    pub(super) fn begins_statement(&self, at: usize) -> bool {
        let is = |at: usize, words: &[&str]| {
            self.toks.get(at).filter(|it| it.kind == Kind::Word).is_some_and(|it| {
                let word = self.slice(it.range.clone());
                words.iter().any(|it| it.eq_ignore_ascii_case(word))
            })
        };
        is(at, &["create", "alter", "drop"])
            && is(
                at + 1,
                &[
                    "table",
                    "type",
                    "index",
                    "unique",
                    "or",
                    "temp",
                    "temporary",
                    "unlogged",
                    "global",
                    "view",
                    "materialized",
                    "function",
                    "trigger",
                    "schema",
                    "extension",
                    "domain",
                    "policy",
                    "sequence",
                    "database",
                    "procedure",
                    "role",
                    "user",
                    "virtual",
                    "clustered",
                    "nonclustered",
                    "fulltext",
                ],
            )
            || is(at, &["insert"]) && is(at + 1, &["into"])
            || is(at, &["comment"]) && is(at + 1, &["on"])
    }

    fn create(&mut self, start: usize) {
        let _ = self.eat_words(&["or", "replace"]);
        while self.is_any(0, &["global", "local", "temp", "temporary", "unlogged", "external"]) {
            self.at += 1;
        }
        if self.eat_word("table") {
            self.table(start);
        } else if self.eat_word("type") {
            self.new_type(start);
        } else if self.eat_word("domain") {
            self.domain(start);
        } else if self.eat_words(&["unique", "index"]) {
            self.unique_index();
        }
    }

    fn new_type(&mut self, start: usize) {
        let Some(name) = self.name() else { return };
        self.eat_word("as");
        let body = if self.eat_word("enum") {
            let open = self.at;
            let words = self.words_in_bracket();
            if words.is_empty() {
                self.unread(start..open, format!("`{}` has no values that can be read", name.value));
                return;
            }
            Body::Alias(Type::Enum(words))
        } else if self.is_sign(0, '(') {
            let mut item = self.declaration(start, name, Body::Record(Vec::new()));
            self.body(&mut item);
            item.span = self.span(start..self.at);
            self.found.items.push(item);
            return;
        } else {
            return;
        };
        let item = self.declaration(start, name, body);
        self.found.items.push(item);
    }

    fn domain(&mut self, start: usize) {
        let Some(name) = self.name() else { return };
        self.eat_word("as");
        let Some(ty) = self.ty() else { return };
        let mut item = self.declaration(start, name, Body::Alias(ty));
        while self.at < self.end && !self.is_sign(0, ';') {
            if self.eat_word("check") && self.is_sign(0, '(') {
                let inside = self.inside();
                if let (Some(set), Body::Alias(ty)) = (self.set(inside), &mut item.body) {
                    *ty = set.ty;
                }
                self.skip_bracket();
            } else if self.begins_statement(self.at) {
                break;
            } else {
                self.at += 1;
            }
        }
        item.span = self.span(start..self.at);
        self.found.items.push(item);
    }

    /// `CREATE UNIQUE INDEX … ON t (a, b)`, unless it is over a part of the rows.
    fn unique_index(&mut self) {
        let start = self.at.saturating_sub(3);
        while self.at < self.end && !self.is_word(0, "on") && !self.is_sign(0, ';') {
            self.at += 1;
        }
        if !self.eat_word("on") {
            return;
        }
        let Some(table) = self.name() else { return };
        if self.eat_word("using") {
            self.at += 1;
        }
        let Some(names) = self.names() else { return };
        let span = self.span(start..self.at);
        let stop = self.next_statement(self.at.saturating_sub(1));
        let partial = (self.at..stop)
            .any(|at| self.toks.get(at).is_some_and(|it| self.slice(it.range.clone()).eq_ignore_ascii_case("where")));
        if let Some(item) = self.table_named(&table.value).filter(|_| !partial) {
            item.table.push(TableConstraint::Unique(names, span));
        }
    }

    fn comment_on_column(&mut self) {
        let from = self.at;
        while matches!(self.tok(0).map(|it| it.kind), Some(Kind::Word | Kind::Name | Kind::Sign('.')))
            && !self.is_word(0, "is")
        {
            self.at += 1;
        }
        let names: Vec<Spanned<String>> = (from..self.at)
            .filter_map(|at| self.toks.get(at))
            .filter(|it| it.kind != Kind::Sign('.'))
            .map(|it| self.spanned(it.inner.clone()))
            .collect();
        let ([.., table, column], true) = (names.as_slice(), self.eat_word("is")) else { return };
        let Some(tok) = self.tok(0).filter(|it| it.kind == Kind::Text) else { return };
        let comment = self.spanned(tok.inner.clone());
        let Some(item) = self.table_named(&table.value) else { return };
        if let Some(member) = member_named(item, &column.value) {
            member.comments.push(comment);
        }
    }

    fn alter(&mut self) {
        let _ = self.eat_words(&["if", "exists"]);
        self.eat_word("only");
        let Some(name) = self.name() else { return };
        let Some(index) = self.found.items.iter().position(|it| is_named(it, &name.value)) else {
            return;
        };
        let stop = self.next_statement(self.at);
        let mut item = self.found.items.remove(index);
        let end = self.end;
        for part in self.parts(self.at..stop) {
            self.at = part.start;
            self.end = part.end;
            if !self.eat_word("add") {
                continue;
            }
            if self.eat_word("column") || !self.begins_constraint() {
                let _ = self.eat_words(&["if", "not", "exists"]);
                self.column(&mut item, self.at);
            } else {
                self.constraint(&mut item);
            }
        }
        self.found.items.insert(index, item);
        self.at = stop;
        self.end = end;
    }

    /// Parts between commas outside brackets, without a closing semicolon; empty ones are dropped.
    pub(super) fn parts(&self, toks: Range<usize>) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let mut start = toks.start;
        let mut depth = 0usize;
        for at in toks.clone() {
            match self.toks.get(at).map(|it| it.kind) {
                Some(Kind::Sign('(' | '[')) => depth += 1,
                Some(Kind::Sign(')' | ']')) => depth = depth.saturating_sub(1),
                Some(Kind::Sign(',' | ';')) if depth == 0 => {
                    parts.push(start..at);
                    start = at + 1;
                }
                _ => {}
            }
        }
        parts.push(start..toks.end);
        parts.retain(|it| !it.is_empty());
        parts
    }

    /// A declaration that begins at token `start`, with the comments around its beginning.
    pub(super) fn declaration(&self, start: usize, name: Spanned<String>, body: Body) -> Declaration {
        let first = self.toks.get(start).map_or(0, |it| it.line);
        let last = self.toks.get(self.at.saturating_sub(1)).map_or(first, |it| it.line);
        let mut found = Vec::new();
        let mut line = first;
        for comment in self.comments.iter().rev() {
            let begins_line = comment.end_line < first && !self.has_token_before(comment.line, comment);
            if begins_line && comment.end_line + 1 == line {
                line = comment.line;
                found.splice(0..0, comments::lines(self.text, comment.range.clone()));
            }
        }
        for comment in self.comments.iter().filter(|it| it.line >= first && it.line <= last) {
            let before = self.toks.get(start).is_some_and(|it| comment.range.start > it.range.start);
            if before {
                found.extend(comments::lines(self.text, comment.range.clone()));
            }
        }
        let span = if self.at > start { self.span(start..self.at) } else { Span::default() };
        Declaration {
            name,
            language: Language::Sql,
            stored: true,
            body,
            extends: Vec::new(),
            table: Vec::new(),
            comments: found,
            span,
        }
    }

    fn has_token_before(&self, line: usize, comment: &super::Comment) -> bool {
        let at = self.toks.partition_point(|it| it.range.start < comment.range.start);
        at.checked_sub(1).and_then(|it| self.toks.get(it)).is_some_and(|it| it.line == line)
    }

    fn table_named(&mut self, name: &str) -> Option<&mut Declaration> {
        self.found.items.iter_mut().find(|it| is_named(it, name))
    }
}

fn is_named(item: &Declaration, name: &str) -> bool {
    matches!(item.body, Body::Record(_)) && item.name.value.eq_ignore_ascii_case(name)
}

pub(super) fn member_named<'a>(item: &'a mut Declaration, name: &str) -> Option<&'a mut super::Member> {
    let Body::Record(members) = &mut item.body else { return None };
    members.iter_mut().find(|it| it.name.value.eq_ignore_ascii_case(name))
}
