//! Columns.

use super::{Body, Declaration, Kind, Member, Reader, Spanned, Type};

/// Words that begin what stands behind a column's type.
const ATTRIBUTES: [&str; 40] = [
    "not",
    "null",
    "default",
    "primary",
    "unique",
    "key",
    "check",
    "references",
    "constraint",
    "collate",
    "comment",
    "auto_increment",
    "autoincrement",
    "identity",
    "generated",
    "as",
    "on",
    "character",
    "charset",
    "foreign",
    "index",
    "invisible",
    "visible",
    "sparse",
    "rowguidcol",
    "storage",
    "compression",
    "first",
    "after",
    "with",
    "encode",
    "options",
    "persisted",
    "stored",
    "virtual",
    "masked",
    "deferrable",
    "initially",
    "nocache",
    "encrypted",
];

impl Reader<'_> {
    /// Reads a column from token `from` and adds it. Whether another column follows without a comma.
    pub(super) fn column(&mut self, item: &mut Declaration, from: usize) -> bool {
        self.at = from;
        let is_name = |it: &super::Tok| matches!(it.kind, Kind::Word | Kind::Name);
        let Some(name_tok) = self.tok(0).filter(|it| is_name(it)) else {
            let shown = self.shown(self.at);
            self.unread(from..self.end, format!("expected a column, found `{shown}`"));
            self.at = self.end;
            return false;
        };
        let name = self.spanned(name_tok.inner.clone());
        self.at += 1;
        let start = self.at;
        let ty = if self.is_any(0, &ATTRIBUTES) && !self.is_word(0, "character") {
            None
        } else if self.tok(0).is_some_and(is_name) {
            self.ty()
        } else {
            None
        };
        let ty = match ty {
            Some(ty) => Spanned::new(ty, self.span(start..self.at)),
            None => Spanned::new(Type::Opaque(String::new()), name.span.tail()),
        };
        let mut member = Member::new(name, ty, source::Span::default());
        member.generated = is_serial(self.slice(self.range(start..self.at)));
        let mut more = false;
        while self.at < self.end {
            if self.attribute(&mut member) {
                continue;
            }
            let at = self.at;
            let shown = self.shown(at);
            more = self.tok(0).is_some_and(|it| it.first && is_name(it))
                && self.tok(1).is_some_and(|it| is_name(it) && !it.first);
            if more {
                self.unread(at..at + 1, format!("missing `,` before `{shown}`"));
            } else {
                self.unread(at..self.end, format!("unexpected `{shown}` in `{}`", member.name.value));
            }
            break;
        }
        member.span = self.span(from..self.at.max(from + 1));
        if let Body::Record(members) = &mut item.body {
            members.push(member);
        }
        if !more {
            self.at = self.end;
        }
        more
    }

    fn shown(&self, at: usize) -> String {
        let tok = self.toks.get(at);
        tok.map(|it| self.slice(it.range.clone()).chars().take(40).collect()).unwrap_or_default()
    }

    /// Reads one attribute. `false` if none stands here.
    fn attribute(&mut self, member: &mut Member) -> bool {
        if self.eat_words(&["not", "null"]) {
            member.not_null = Some(true);
        } else if self.eat_word("null") {
            member.not_null = Some(false);
        } else if self.eat_word("default") {
            member.default = self.default();
        } else if self.eat_words(&["primary", "key"]) {
            member.primary_key = true;
            while self.is_any(0, &["asc", "desc", "clustered", "nonclustered"]) {
                self.at += 1;
            }
        } else if self.eat_word("unique") {
            member.unique = true;
            while self.is_any(0, &["key", "index", "clustered", "nonclustered"]) {
                self.at += 1;
            }
        } else if self.eat_word("check") && self.is_sign(0, '(') {
            self.check(member);
        } else if self.eat_word("references") || self.eat_words(&["foreign", "key", "references"]) {
            member.references = self.reference();
            return member.references.is_some();
        } else if self.is_any(0, &["auto_increment", "autoincrement", "identity"]) {
            self.at += 1;
            self.skip_bracket();
            member.generated = true;
        } else if self.eat_word("generated") {
            member.generated = true;
            let _ = self.eat_word("always") || self.eat_words(&["by", "default"]);
            let _ = self.eat_words(&["on", "null"]);
            self.eat_word("as");
            let _ = self.eat_word("identity") || self.eat_words(&["row", "start"]) || self.eat_words(&["row", "end"]);
            self.skip_bracket();
        } else if self.is_word(0, "as") && self.is_sign(1, '(') {
            self.at += 1;
            self.skip_bracket();
            member.generated = true;
        } else if self.eat_word("comment") {
            let tok = self.tok(0).filter(|it| matches!(it.kind, Kind::Text | Kind::Name));
            let Some(tok) = tok else { return false };
            member.comments.push(self.spanned(tok.inner.clone()));
            self.at += 1;
        } else if self.is_any(0, &["constraint", "collate", "charset", "storage", "compression", "after", "encode"])
            || self.eat_words(&["character"])
        {
            self.at += 1;
            self.eat_sign('=');
            let _ = self.name();
        } else if self.eat_words(&["on", "update"]) || self.eat_words(&["on", "conflict"]) {
            let _ = self.default();
        } else if self.is_any(0, &["with", "options", "masked", "index"]) {
            self.at += 1;
            let _ = self.eat_word("with");
            if !self.is_sign(0, '(') {
                let _ = self.name();
            }
            self.skip_bracket();
        } else if self.is_any(
            0,
            &[
                "key",
                "invisible",
                "visible",
                "sparse",
                "rowguidcol",
                "first",
                "persisted",
                "stored",
                "virtual",
                "unsigned",
                "zerofill",
                "deferrable",
                "initially",
                "deferred",
                "immediate",
                "asc",
                "desc",
                "binary",
                "encrypted",
            ],
        ) {
            self.at += 1;
        } else if self.is_sign(0, '~') || self.is_sign(0, '.') || self.is_sign(0, '…') {
            // What is left of an ellipsis.
            self.at += 1;
        } else {
            return false;
        }
        true
    }

    fn check(&mut self, member: &mut Member) {
        let inside = self.inside();
        let set = self.set(inside.clone());
        self.skip_bracket();
        match set {
            Some(set)
                if set.column.eq_ignore_ascii_case(&member.name.value)
                    && super::checks::may_become(&member.ty.value, &set.ty) =>
            {
                member.ty.value = set.ty;
            }
            _ => member.checks.push(self.spanned(self.range(inside))),
        }
    }

    /// The expression after `DEFAULT`, without quotes, casts and brackets around it.
    fn default(&mut self) -> Option<Spanned<String>> {
        let start = self.at;
        while self.at < self.end {
            if self.is_sign(0, '(') {
                self.skip_bracket();
                continue;
            }
            let is_end = self.is_any(0, &ATTRIBUTES) && !(self.at == start && self.is_word(0, "null"));
            let next_line = self.at > start
                && self.tok(0).is_some_and(|it| it.first && it.kind == Kind::Word)
                && !self.continues(self.at - 1);
            if is_end && !self.is_cast_word() && !self.continues_zone() || next_line {
                break;
            }
            self.at += 1;
        }
        let mut toks = start..self.at;
        while self.toks.get(toks.start).is_some_and(|it| it.kind == Kind::Sign('('))
            && self.closing(toks.start) == Some(toks.end.saturating_sub(1))
            && toks.len() > 2
        {
            toks = toks.start + 1..toks.end - 1;
        }
        let first = self.toks.get(toks.start).filter(|_| !toks.is_empty())?;
        let is_cast =
            self.toks.get(toks.start + 1).is_some_and(|it| toks.len() > 1 && self.slice(it.range.clone()) == "::");
        if toks.len() == 1 || (is_cast && matches!(first.kind, Kind::Text | Kind::Number)) {
            return Some(self.spanned(first.inner.clone()));
        }
        Some(self.spanned(self.range(toks)))
    }

    /// Whether an expression goes on after the token, which is an operator.
    fn continues(&self, at: usize) -> bool {
        self.toks.get(at).is_some_and(|it| matches!(it.kind, Kind::Sign(sign) if sign != ')' && sign != ']'))
    }

    /// `character` in `'x'::character varying`.
    fn is_cast_word(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|it| self.toks.get(it));
        before.is_some_and(|it| self.slice(it.range.clone()) == "::")
    }

    /// `with time zone` in a cast.
    fn continues_zone(&self) -> bool {
        self.is_any(0, &["with", "without"]) && self.is_word(1, "time")
    }
}

fn is_serial(ty: &str) -> bool {
    let ty = ty.to_ascii_lowercase();
    matches!(ty.as_str(), "serial" | "bigserial" | "smallserial" | "rowversion")
}
