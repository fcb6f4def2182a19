//! Types in words: the type column of a table and the pseudo-types inside JSON
//! (`String (UUID)`, `enum(draft, paid)`, `List<Order>`, `string, required, max 80`).
//!
//! What stands beside the type and is not a type is handed on, not interpreted.

use std::ops::Range;

use source::{Spanned, Text};

use crate::types::vocabulary::fold;
use crate::types::{Type, TypeWords, known_word};

mod lexer;
mod riders;

use lexer::{Kind, Tok, lex};

/// Brackets and arguments nest this deep at most; what is deeper is opaque.
const DEPTH: u8 = 12;

/// Reads type words. `None` for an empty cell and for a dash; words that do not look like a type are
/// [`Type::Opaque`].
pub fn read_words(text: &Text) -> Option<TypeWords> {
    let src = text.as_str();
    let toks = lex(src);
    let is_dash = |it: &Tok| matches!(it.kind, Kind::Punct('-' | '—' | '–'));
    if toks.iter().all(is_dash) {
        return None;
    }
    let mut reader = Reader { text, src, toks: &toks, at: 0, depth: DEPTH };
    let (ty, known) = match reader.union() {
        Some(part) if part.known || reader.at_rider() => (part.ty, part.known),
        _ => {
            reader.at = reader.end_of_prose();
            let ty = Type::Opaque(reader.written(0..reader.at).to_string());
            (ty, false)
        }
    };
    let head = reader.range(0..reader.at);
    let mut words = TypeWords { ty, required: None, rest: Vec::new(), span: text.span(head) };
    riders::read(&mut reader, &mut words, known);
    if words.required.is_none() && words.ty.is_nullable() {
        words.required = Some(false);
    }
    Some(words)
}

/// A type, and whether its words are certainly those of a type.
struct Part {
    ty: Type,
    known: bool,
}

impl Part {
    fn known(ty: Type) -> Option<Part> {
        Some(Part { ty, known: true })
    }
}

struct Reader<'a> {
    text: &'a Text,
    src: &'a str,
    toks: &'a [Tok],
    at: usize,
    depth: u8,
}

impl<'a> Reader<'a> {
    fn tok(&self, ahead: usize) -> Option<&'a Tok> {
        self.toks.get(self.at + ahead)
    }

    fn is_punct(&self, ahead: usize, c: char) -> bool {
        self.tok(ahead).is_some_and(|it| it.kind == Kind::Punct(c))
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.is_punct(0, c);
        self.at += usize::from(found);
        found
    }

    fn slice(&self, range: Range<usize>) -> &'a str {
        self.src.get(range).unwrap_or_default()
    }

    fn word(&self, ahead: usize) -> Option<&'a str> {
        let tok = self.tok(ahead).filter(|it| it.kind == Kind::Word)?;
        Some(self.slice(tok.range.clone()))
    }

    fn is_word(&self, ahead: usize, word: &str) -> bool {
        self.word(ahead).is_some_and(|it| it.eq_ignore_ascii_case(word))
    }

    /// Bytes from the first to the last of the tokens.
    fn range(&self, toks: Range<usize>) -> Range<usize> {
        match self.toks.get(toks) {
            Some([first, .., last]) => first.range.start..last.range.end,
            Some([only]) => only.range.clone(),
            _ => 0..0,
        }
    }

    /// The tokens as written.
    fn written(&self, toks: Range<usize>) -> &'a str {
        self.slice(self.range(toks))
    }

    fn spanned(&self, toks: Range<usize>) -> Spanned<String> {
        let range = match self.toks.get(toks.clone()) {
            Some([only]) => only.inner.clone(),
            _ => self.range(toks),
        };
        Spanned::new(self.slice(range.clone()).to_string(), self.text.span(range))
    }

    /// Runs `read` one level deeper; nothing is consumed if it reads nothing.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let start = self.at;
        self.depth = self.depth.checked_sub(1)?;
        let found = read(self);
        self.depth += 1;
        if found.is_none() {
            self.at = start;
        }
        found
    }

    /// Whether what follows a doubtful type leaves it one: nothing, a rider in brackets, or words that
    /// say whether it is required.
    fn at_rider(&self) -> bool {
        match self.tok(0).map(|it| it.kind) {
            None | Some(Kind::Punct('(' | ',' | ';')) => true,
            Some(Kind::Word) => {
                let rest = self.written(self.at..self.toks.len());
                riders::requiredness(rest).is_some()
            }
            _ => false,
        }
    }

    /// The token at which brackets or a comma end words that are no type.
    fn end_of_prose(&self) -> usize {
        let rider = |it: &Tok| matches!(it.kind, Kind::Punct('(' | ',' | ';'));
        let mut end = self.toks.len();
        if let Some(at) = self.toks.iter().position(rider).filter(|at| *at > 0) {
            let says = |range: Range<usize>| {
                self.written(range).split(['(', ')', ',', ';']).any(|it| riders::requiredness(it.trim()).is_some())
            };
            if says(at..end) {
                end = at;
            }
        }
        end
    }

    /// `X`, `X | Y`, `X or Y`, `X/Y`.
    fn union(&mut self) -> Option<Part> {
        self.deeper(|it| {
            let start = it.at;
            it.eat('|');
            let mut parts = Vec::new();
            loop {
                let from = it.at;
                let part = it.postfix()?;
                parts.push((part, from..it.at));
                let separated = it.eat('|') || it.eat('/') || {
                    let or = it.is_word(0, "or") && it.tok(1).is_some();
                    it.at += usize::from(or);
                    or
                };
                if !separated {
                    break;
                }
            }
            it.unite(parts, start..it.at)
        })
    }

    fn unite(&self, parts: Vec<(Part, Range<usize>)>, whole: Range<usize>) -> Option<Part> {
        let is_null = |range: &Range<usize>| {
            matches!(self.written(range.clone()), "null" | "undefined" | "NULL" | "None" | "nil")
        };
        let count = parts.len();
        let mut rest: Vec<_> = parts.into_iter().filter(|(_, range)| !is_null(range)).collect();
        let nullable = rest.len() < count;
        if rest.len() == 1 {
            let part = rest.pop()?.0;
            let known = part.known || nullable;
            return Some(Part { ty: if nullable { part.ty.nullable() } else { part.ty }, known });
        }
        let is_word = |ty: &Type| matches!(ty, Type::Enum(_) | Type::Named(_));
        let ty = if rest.is_empty() {
            Type::Opaque(self.written(whole).to_string())
        } else if rest.iter().all(|(part, _)| is_word(&part.ty)) {
            let words = rest.into_iter().flat_map(|(part, range)| match part.ty {
                Type::Enum(words) => words,
                _ => vec![self.spanned(range)],
            });
            Type::Enum(words.collect())
        } else if rest.iter().all(|(part, _)| matches!(part.ty, Type::Literals(_))) {
            let words: Vec<_> = rest
                .into_iter()
                .flat_map(|(part, _)| match part.ty {
                    Type::Literals(words) => words,
                    _ => Vec::new(),
                })
                .collect();
            if words.iter().all(|it| matches!(it.value.as_str(), "true" | "false")) {
                Type::Boolean
            } else {
                Type::Literals(words)
            }
        } else {
            let mut kinds: Vec<Type> = Vec::new();
            for (part, _) in rest {
                if !kinds.contains(&part.ty) {
                    kinds.push(part.ty);
                }
            }
            match kinds.as_slice() {
                [only] => only.clone(),
                [Type::Integer, Type::Number] | [Type::Number, Type::Integer] => Type::Number,
                _ => return Part::known(Type::Opaque(self.written(whole).to_string())),
            }
        };
        Part::known(if nullable { ty.nullable() } else { ty })
    }

    /// `X`, `X[]`, `X?`, `X array`.
    fn postfix(&mut self) -> Option<Part> {
        let mut part = self.primary()?;
        loop {
            if self.is_punct(0, '[') && self.is_punct(1, ']') {
                self.at += 2;
                part = Part { ty: Type::Array(Box::new(part.ty)), known: true };
            } else if self.eat('?') {
                part = Part { ty: part.ty.nullable(), known: true };
            } else if self.eat('!') {
                part.known = true;
            } else if self.is_word(0, "array") || self.is_word(0, "list") {
                self.at += 1;
                part = Part { ty: Type::Array(Box::new(part.ty)), known: true };
            } else if matches!(part.ty, Type::Named(_))
                && ["reference", "ref", "fk"].iter().any(|it| self.is_word(0, it))
            {
                self.at += 1;
                part.known = true;
            } else {
                return Some(part);
            }
        }
    }

    fn primary(&mut self) -> Option<Part> {
        let tok = self.tok(0)?;
        match tok.kind {
            Kind::Quoted => {
                self.at += 1;
                Part::known(Type::Enum(vec![self.spanned(self.at - 1..self.at)]))
            }
            Kind::Number => {
                self.at += 1;
                Part::known(Type::Literals(vec![self.spanned(self.at - 1..self.at)]))
            }
            Kind::Punct('(') => self.deeper(|it| {
                it.at += 1;
                let part = it.union()?;
                it.eat(')').then_some(part)
            }),
            Kind::Punct('[') => self.deeper(|it| {
                it.at += 1;
                let part = it.union()?;
                it.eat(']').then_some(())?;
                Part::known(Type::Array(Box::new(part.ty)))
            }),
            Kind::Punct('{') => self.braces(),
            Kind::Punct(_) => None,
            Kind::Word => self.words(),
        }
    }

    /// An inline object, kept as written.
    fn braces(&mut self) -> Option<Part> {
        let start = self.at;
        let mut depth = 0usize;
        while let Some(tok) = self.tok(0) {
            self.at += 1;
            match tok.kind {
                Kind::Punct('{') => depth += 1,
                Kind::Punct('}') => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return Part::known(Type::Opaque(self.written(start..self.at).to_string()));
            }
        }
        self.at = start;
        None
    }

    fn words(&mut self) -> Option<Part> {
        let word = self.word(0)?;
        let folded = fold(word);
        if let Some(part) = self.enumeration(&folded) {
            return Some(part);
        }
        if let Some(part) = self.collection(&folded).or_else(|| self.reference(&folded)) {
            return Some(part);
        }
        if let Some(ty) = self.longest_known() {
            return Part::known(self.arguments(ty, &folded));
        }
        if matches!(folded.as_str(), "true" | "false") {
            self.at += 1;
            return Part::known(Type::Literals(vec![self.spanned(self.at - 1..self.at)]));
        }
        self.at += 1;
        let name = self.last_segment(self.at - 1)?;
        if self.is_punct(0, '<') {
            let start = self.at - 1;
            self.generics()?;
            return Part::known(Type::Opaque(self.written(start..self.at).to_string()));
        }
        Some(Part { ty: Type::Named(name), known: false })
    }

    /// The name without schema or module.
    fn last_segment(&self, at: usize) -> Option<Spanned<String>> {
        let range = self.toks.get(at)?.range.clone();
        let name = self.slice(range.clone());
        let start = range.start + name.rfind('.').map_or(0, |it| it + 1);
        let name = self.slice(start..range.end).to_string();
        Some(Spanned::new(name, self.text.span(start..range.end)))
    }

    /// The longest run of words that names a type.
    fn longest_known(&mut self) -> Option<Type> {
        for count in (1..=4).rev() {
            let run = self.toks.get(self.at..self.at + count);
            let plain = |it: &Tok| matches!(it.kind, Kind::Word | Kind::Number);
            let Some(run) = run.filter(|it| it.iter().all(plain)) else {
                continue;
            };
            let Some(first) = run.first() else { continue };
            let words = self.written(self.at..self.at + count).replace('`', "");
            if let Some(ty) = known_word(&words).filter(|_| first.kind == Kind::Word) {
                self.at += count;
                return Some(ty);
            }
        }
        None
    }

    /// `(255)`, `(10,2)`, `(MAX)` after a type's name. Other brackets are riders.
    fn arguments(&mut self, ty: Type, word: &str) -> Type {
        let mut numbers: Vec<u32> = Vec::new();
        let mut at = 1;
        if !self.is_punct(0, '(') {
            return ty;
        }
        loop {
            match self.tok(at) {
                Some(tok) if tok.kind == Kind::Number => {
                    numbers.extend(self.slice(tok.range.clone()).parse::<u32>().ok());
                }
                Some(_) if self.is_word(at, "max") && self.is_punct(at + 1, ')') => {}
                _ => return ty,
            }
            at += 2;
            if self.is_punct(at - 1, ')') {
                break;
            }
            if !self.is_punct(at - 1, ',') {
                return ty;
            }
        }
        self.at += at;
        sized(ty, word, &numbers)
    }

    /// `List<X>`, `Array of X`, `Map<K, V>`, `Optional[X]`.
    fn collection(&mut self, folded: &str) -> Option<Part> {
        self.deeper(|it| {
            let of = it.is_word(1, "of");
            let bracketed = it.is_punct(1, '<')
                || (it.is_punct(1, '[') && !it.is_punct(2, ']'))
                || (it.is_punct(1, '(') && matches!(folded, "array" | "list"));
            let args = if of {
                it.at += 2;
                vec![it.postfix()?]
            } else if bracketed {
                it.at += 1;
                it.generics()?
            } else {
                return None;
            };
            let last = Box::new(args.into_iter().next_back()?.ty);
            Part::known(match folded {
                "list" | "array" | "set" | "collection" | "vec" | "vector" | "seq" | "sequence" | "iterable"
                | "ienumerable" | "icollection" | "ilist" | "ireadonlylist" | "hashset" | "arraylist"
                | "readonlyarray" | "slice" => Type::Array(last),
                "map" | "record" | "dict" | "dictionary" | "hashmap" | "idictionary" | "object" | "mapping"
                | "btreemap" => Type::Map(last),
                "optional" | "option" | "maybe" | "nullable" => last.nullable(),
                "promise" | "task" | "partial" | "readonly" | "required" if !of => *last,
                "reference" | "ref" | "fk" if !of => *last,
                _ => return None,
            })
        })
    }

    /// `<X, Y>` and its forms in other brackets.
    fn generics(&mut self) -> Option<Vec<Part>> {
        let close = match self.tok(0)?.kind {
            Kind::Punct('<') => '>',
            Kind::Punct('[') => ']',
            _ => ')',
        };
        self.at += 1;
        let mut args = Vec::new();
        loop {
            args.push(self.union()?);
            if self.eat(close) {
                return Some(args);
            }
            self.eat(',').then_some(())?;
        }
    }

    /// `reference to Order`, `FK → orders(id)`, `Ref: Users.User_Id` as a whole type.
    fn reference(&mut self, folded: &str) -> Option<Part> {
        let foreign = folded == "foreign" && self.is_word(1, "key");
        if !foreign && !matches!(folded, "reference" | "ref" | "fk" | "references" | "foreignkey") {
            return None;
        }
        self.deeper(|it| {
            it.at += 1 + usize::from(foreign);
            while it.is_word(0, "to")
                || it.tok(0).is_some_and(|tok| matches!(tok.kind, Kind::Punct(':' | '→' | '>' | '-')))
            {
                it.at += 1;
            }
            let bracket = it.eat('(');
            let tok = it.tok(0).filter(|tok| tok.kind == Kind::Word)?;
            let mut start = tok.range.start;
            let mut name = it.slice(tok.range.clone());
            for schema in ["public.", "dbo."] {
                if let Some(rest) = name.strip_prefix(schema) {
                    start += schema.len();
                    name = rest;
                }
            }
            let name = name.split('.').next()?;
            it.at += 1;
            if bracket {
                it.eat(')').then_some(())?;
            } else if it.is_punct(0, '(') && it.word(1).is_some() && it.is_punct(2, ')') {
                it.at += 3;
            }
            let span = it.text.span(start..start + name.len());
            Part::known(Type::Named(Spanned::new(name.to_string(), span)))
        })
    }

    /// `enum(a, b)`, `Enum: a | b`, `one of a, b`, `enum OrderStatus`.
    fn enumeration(&mut self, folded: &str) -> Option<Part> {
        let one_of = folded == "one" && self.is_word(1, "of");
        if !one_of && !matches!(folded, "enum" | "enumeration" | "oneof") {
            return None;
        }
        self.deeper(|it| {
            let start = it.at;
            it.at += 1 + usize::from(one_of);
            if it.is_word(0, "of") {
                it.at += 1;
            }
            it.eat(':');
            let close = match it.tok(0).map(|tok| tok.kind) {
                Some(Kind::Punct('(')) => Some(')'),
                Some(Kind::Punct('{')) => Some('}'),
                Some(Kind::Punct('[')) => Some(']'),
                Some(Kind::Punct('<')) => Some('>'),
                _ => None,
            };
            it.at += usize::from(close.is_some());
            // `enum (values: a, b)`
            if it.is_punct(1, ':') {
                it.at += 2;
            }
            let end = close.and_then(|close| it.find(close)).unwrap_or(it.toks.len());
            let ty = it.values(it.at..end);
            it.at = end + usize::from(end < it.toks.len());
            Part::known(match ty {
                Some(Type::Enum(words)) if close != Some('{') => match words.as_slice() {
                    [only] if is_type_name(&only.value) => Type::Named(only.clone()),
                    _ => Type::Enum(words),
                },
                Some(ty) => ty,
                None => Type::Opaque(it.written(start..it.at).to_string()),
            })
        })
    }

    fn find(&self, close: char) -> Option<usize> {
        let rest = self.toks.get(self.at..)?;
        rest.iter().position(|it| it.kind == Kind::Punct(close)).map(|at| self.at + at)
    }

    /// The words of a list separated by commas, bars or slashes. Nothing if the list is cut short
    /// (`a, b, ...`).
    fn values(&self, toks: Range<usize>) -> Option<Type> {
        let mut words: Vec<Spanned<String>> = Vec::new();
        let mut start = toks.start;
        for at in toks.clone().chain([toks.end]) {
            let separator = match self.toks.get(at).filter(|_| at < toks.end) {
                None => true,
                Some(tok) if tok.kind == Kind::Punct('…') => return None,
                Some(tok) => matches!(tok.kind, Kind::Punct(',' | '|' | '/' | ';')),
            };
            if !separator {
                continue;
            }
            if at > start && riders::requiredness(self.written(start..at)).is_none() {
                words.push(self.spanned(start..at));
            }
            start = at + 1;
        }
        let number = |it: &Spanned<String>| it.value.parse::<f64>().is_ok();
        match words.is_empty() {
            true => None,
            false if words.iter().all(number) => Some(Type::Literals(words)),
            false => Some(Type::Enum(words)),
        }
    }
}

/// A type with the numbers that stand in brackets after its name.
pub(crate) fn sized(ty: Type, word: &str, numbers: &[u32]) -> Type {
    match (ty, numbers) {
        (Type::Text(_), [limit]) => Type::Text(Some(*limit)),
        (Type::Decimal(_), [digits]) => Type::Decimal(Some((*digits, 0))),
        (Type::Decimal(_), [digits, scale]) => Type::Decimal(Some((*digits, *scale))),
        (Type::Number, [digits, scale]) if word == "number" => Type::Decimal(Some((*digits, *scale))),
        (Type::Integer, [1]) if word == "tinyint" => Type::Boolean,
        (ty, _) => ty,
    }
}

/// `OrderStatus`: a capital, and a small letter in it.
fn is_type_name(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
        && word.chars().filter(|it| it.is_uppercase()).count() > 1
        && word.contains(char::is_lowercase)
        && word.chars().all(char::is_alphanumeric)
}

#[cfg(test)]
mod tests;
