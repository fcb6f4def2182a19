//! Code as tokens with their brackets matched, for the languages whose declarations are read by their
//! tokens alone, and the types that they write.
//!
//! A document shows fragments with holes, and of a fragment only heads and members are of use here: the
//! grammars of these languages would see errors where nothing is wrong, and bodies that nobody reads.

use std::ops::Range;

use source::{Span, Spanned, Text};

use crate::code::{Dialect, Kind, Token, tokens};
use crate::decl::comments;
use crate::types::{Type, known_name};

/// Types nest this deep at most; what is deeper is opaque.
const DEPTH: u8 = 16;

/// The tokens of a text and a place in them.
pub(super) struct Lexed<'a> {
    pub(super) text: &'a Text,
    pub(super) toks: Vec<Token<'a>>,
    comments: Vec<Token<'a>>,
    /// For each token that opens a bracket the one that closes it, for others itself.
    closing: Vec<u32>,
    pub(super) at: usize,
    depth: u8,
}

/// An argument of a call.
pub(super) struct Argument<'a> {
    /// `name` in `name=value`.
    pub(super) name: Option<&'a str>,
    /// The tokens of its value.
    pub(super) value: Range<usize>,
}

impl<'a> Lexed<'a> {
    pub(super) fn new(text: &'a Text, dialect: Dialect) -> Lexed<'a> {
        let (comments, toks): (Vec<_>, Vec<_>) =
            tokens(text.as_str(), dialect).into_iter().partition(|it| it.kind == Kind::Comment);
        let mut closing: Vec<u32> = (0..toks.len() as u32).collect();
        let mut open: Vec<(usize, &str)> = Vec::new();
        for (at, tok) in toks.iter().enumerate().filter(|it| it.1.kind == Kind::Mark) {
            let partner = match tok.text {
                "(" | "[" | "{" => {
                    open.push((at, tok.text));
                    continue;
                }
                ")" => "(",
                "]" => "[",
                "}" => "{",
                _ => continue,
            };
            // What is not closed reaches no further than what surrounds it.
            if let Some(found) = open.iter().rposition(|it| it.1 == partner) {
                if let Some(place) = open.get(found).and_then(|it| closing.get_mut(it.0)) {
                    *place = at as u32;
                }
                open.truncate(found);
            }
        }
        Lexed { text, toks, comments, closing, at: 0, depth: DEPTH }
    }

    pub(super) fn tok(&self, ahead: usize) -> Option<&Token<'a>> {
        self.toks.get(self.at + ahead)
    }

    /// Whether the token there is this name or mark.
    pub(super) fn is(&self, ahead: usize, text: &str) -> bool {
        self.tok(ahead).is_some_and(|it| it.is(text))
    }

    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.is(0, text);
        self.at += usize::from(found);
        found
    }

    /// The name there.
    pub(super) fn name(&self, ahead: usize) -> Option<&'a str> {
        self.tok(ahead).filter(|it| it.kind == Kind::Name).map(|it| it.text)
    }

    pub(super) fn name_at(&self, at: usize) -> Option<&'a str> {
        self.toks.get(at).filter(|it| it.kind == Kind::Name).map(|it| it.text)
    }

    /// The token that closes the bracket at `at`; `None` if none stands there or it is never closed.
    pub(super) fn closing(&self, at: usize) -> Option<usize> {
        self.closing.get(at).map(|it| *it as usize).filter(|it| *it != at)
    }

    /// The token after the one at `at`, or after the bracket that opens there.
    pub(super) fn after(&self, at: usize) -> usize {
        self.closing(at).unwrap_or(at) + 1
    }

    /// Skips a bracket and what is in it, if one opens here.
    pub(super) fn skip_bracket(&mut self, open: &str) -> bool {
        let found = self.is(0, open);
        if found {
            self.at = self.after(self.at);
        }
        found
    }

    /// Goes behind the angle brackets that open here.
    pub(super) fn skip_angles(&mut self) {
        if !self.is(0, "<") {
            return;
        }
        let mut depth = 0usize;
        while let Some(tok) = self.tok(0) {
            match tok.text {
                "<" => depth += 1,
                ">" => depth -= 1,
                ";" | "{" | "}" => return,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    /// The line on which the token ends.
    pub(super) fn last_line(&self, at: usize) -> u32 {
        self.toks.get(at).map_or(0, |it| it.line + newlines(it.text))
    }

    /// Whether the token is the first of its line.
    pub(super) fn starts_line(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else { return true };
        self.toks.get(at).is_some_and(|it| it.line > self.last_line(before))
    }

    pub(super) fn spanned(&self, at: usize) -> Spanned<String> {
        let Some(tok) = self.toks.get(at) else { return Spanned::new(String::new(), self.text.whole().tail()) };
        Spanned::new(tok.text.to_owned(), tok.span(self.text))
    }

    /// A string without its quotes.
    pub(super) fn unquoted(&self, at: usize) -> Option<Spanned<String>> {
        let tok = self.toks.get(at).filter(|it| it.kind == Kind::Quoted)?;
        let marks = ["\"\"\"", "'''", "\"", "'", "`"];
        let mark = marks.into_iter().find(|it| tok.text.len() >= 2 * it.len() && tok.text.starts_with(it))?;
        let inner = tok.text.strip_prefix(mark)?;
        let inner = inner.strip_suffix(mark).unwrap_or(inner);
        let start = tok.at + mark.len();
        Some(Spanned::new(inner.to_owned(), self.text.span(start..start + inner.len())))
    }

    /// Bytes from the first to the last of the tokens that are there.
    pub(super) fn range(&self, toks: Range<usize>) -> Range<usize> {
        match self.toks.get(toks.start..toks.end.min(self.toks.len())) {
            Some([first, .., last]) => first.at..last.at + last.text.len(),
            Some([only]) => only.at..only.at + only.text.len(),
            _ => 0..0,
        }
    }

    pub(super) fn span(&self, toks: Range<usize>) -> Span {
        self.text.span(self.range(toks))
    }

    pub(super) fn written(&self, toks: Range<usize>) -> &'a str {
        self.text.as_str().get(self.range(toks)).unwrap_or_default()
    }

    /// Comments directly above these tokens, and behind the last of them on its line.
    pub(super) fn comments(&self, toks: Range<usize>) -> Vec<Spanned<String>> {
        let (Some(first), Some(last)) = (self.toks.get(toks.start), self.toks.get(toks.end.saturating_sub(1))) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        let split = self.comments.partition_point(|it| it.at < first.at);
        let mut from = split;
        let mut line = first.line;
        let before = toks.start.checked_sub(1).map(|it| self.last_line(it));
        while let Some(above) = from.checked_sub(1).and_then(|it| self.comments.get(it)) {
            let end = above.line + newlines(above.text);
            if end + 1 < line || before == Some(above.line) {
                break;
            }
            line = above.line;
            from -= 1;
        }
        let mut add = |tok: &Token<'_>| found.extend(comments::lines(self.text, tok.at..tok.at + tok.text.len()));
        self.comments.get(from..split).unwrap_or(&[]).iter().for_each(&mut add);
        let end = last.line + newlines(last.text);
        let behind = self.comments.partition_point(|it| it.at < last.at);
        let behind = self.comments.get(behind..).unwrap_or(&[]);
        behind.iter().take_while(|it| it.line == end).for_each(add);
        found
    }

    /// The arguments in the bracket that opens at `open`.
    pub(super) fn arguments(&self, open: usize) -> Vec<Argument<'a>> {
        let Some(close) = self.closing(open) else { return Vec::new() };
        let mut found = Vec::new();
        let mut start = open + 1;
        let mut at = start;
        while at <= close {
            if at == close || self.toks.get(at).is_some_and(|it| it.is(",")) {
                if at > start {
                    let named = self.toks.get(start + 1).is_some_and(|it| it.is("=") || it.is(":"));
                    let name = self.name_at(start).filter(|_| named && at > start + 2);
                    found.push(Argument { name, value: if name.is_some() { start + 2..at } else { start..at } });
                }
                start = at + 1;
            }
            at = if at == close { at + 1 } else { self.after(at) };
        }
        found
    }

    /// Reads a type. Nothing is read if none stands here.
    pub(super) fn ty(&mut self) -> Option<Type> {
        let start = self.at;
        self.depth = self.depth.checked_sub(1)?;
        let found = self.union();
        self.depth += 1;
        if found.is_none() {
            self.at = start;
        }
        found
    }

    fn union(&mut self) -> Option<Type> {
        let mut parts = vec![self.postfix()?];
        while self.is(0, "|") {
            self.at += 1;
            parts.push(self.postfix()?);
        }
        Some(unite(parts))
    }

    fn postfix(&mut self) -> Option<Type> {
        let mut ty = self.primary()?;
        loop {
            if self.eat("?") {
                ty = ty.nullable();
            } else if self.is(0, "[") && self.is(1, "]") {
                self.at += 2;
                ty = list(ty);
            } else {
                return Some(ty);
            }
        }
    }

    fn primary(&mut self) -> Option<Type> {
        let start = self.at;
        let tok = *self.tok(0)?;
        match tok.kind {
            // The name of a type that is declared further down.
            Kind::Quoted => {
                let name = self.unquoted(start)?;
                self.at += 1;
                Some(named(name))
            }
            Kind::Mark => self.marked(tok.text),
            Kind::Name => self.named(start),
            _ => None,
        }
    }

    fn marked(&mut self, mark: &str) -> Option<Type> {
        let start = self.at;
        match mark {
            "*" => {
                self.at += 1;
                Some(self.ty()?.nullable())
            }
            "&" => {
                self.at += 1;
                if self.eat("'") {
                    self.at += 1;
                }
                self.eat("mut");
                self.ty()
            }
            "[" => {
                let close = self.closing(start)?;
                self.at += 1;
                if close == self.at || self.tok(0).is_some_and(|it| it.kind == Kind::Number) {
                    // `[]T`, `[16]T`
                    self.at = close + 1;
                    return Some(list(self.ty()?));
                }
                // `[T; 16]`
                let item = self.ty()?;
                self.at = close + 1;
                Some(list(item))
            }
            "(" => {
                self.at = self.after(start);
                Some(Type::Opaque(self.written(start..self.at).to_owned()))
            }
            _ => None,
        }
    }

    fn named(&mut self, start: usize) -> Option<Type> {
        match self.name(0)? {
            "map" if self.is(1, "[") => {
                self.at = self.after(start + 1);
                return Some(Type::Map(Box::new(self.ty()?)));
            }
            "interface" | "struct" if self.is(1, "{") => {
                self.at = self.after(start + 1);
                return Some(Type::Json);
            }
            "func" | "chan" | "dyn" | "impl" | "fn" => {
                while self.tok(0).is_some_and(|it| !it.is(",") && !it.is(";") && !it.is("}"))
                    && (self.at == start || !self.starts_line(self.at))
                {
                    self.at = self.after(self.at);
                }
                return Some(Type::Opaque(self.written(start..self.at).to_owned()));
            }
            _ => {}
        }
        // `a.b.C`, `a::C`: the last name, and the one before it.
        let mut module = None;
        let mut last = start;
        self.at += 1;
        loop {
            let step = match (self.is(0, "."), self.is(0, ":") && self.is(1, ":")) {
                (true, _) => 1,
                (_, true) => 2,
                _ => break,
            };
            if self.name(step).is_none() {
                break;
            }
            module = self.name_at(last);
            last = self.at + step;
            self.at = last + 1;
        }
        let name = self.spanned(last);
        if self.is(0, "[") && matches!(name.value.as_str(), "Literal") {
            return Some(self.literals());
        }
        let mut arguments = Vec::new();
        if self.is(0, "<") || (self.is(0, "[") && !self.is(1, "]")) {
            let square = self.is(0, "[");
            let close = if square { self.closing(self.at) } else { None };
            self.at += 1;
            loop {
                if self.is(0, "'") {
                    self.at += 2;
                } else if self.is(0, "?") {
                    // A wildcard.
                    self.at += 1;
                } else if let Some(ty) = self.ty() {
                    arguments.push(ty);
                }
                // What is no type says more of the one before it.
                while close.is_some_and(|it| self.at < it) && !self.is(0, ",") {
                    self.at = self.after(self.at);
                }
                if !self.eat(",") {
                    break;
                }
            }
            match close {
                Some(close) => self.at = close + 1,
                None => {
                    self.eat(">");
                }
            }
        }
        let written = || self.written(start..self.at).split_whitespace().collect::<Vec<_>>().join(" ");
        Some(lower(module, name, arguments, written))
    }

    /// `Literal["a", "b"]`
    fn literals(&mut self) -> Type {
        let open = self.at;
        let arguments = self.arguments(open);
        self.at = self.after(open);
        let words: Vec<_> = arguments.iter().filter_map(|it| self.unquoted(it.value.start)).collect();
        let nullable = arguments.iter().any(|it| self.written(it.value.clone()) == "None");
        let ty = if words.is_empty() {
            let values = arguments.iter().map(|it| it.value.clone()).filter(|it| self.written(it.clone()) != "None");
            let literal = |it: Range<usize>| Spanned::new(self.written(it.clone()).to_lowercase(), self.span(it));
            Type::Literals(values.map(literal).collect())
        } else {
            Type::Enum(words)
        };
        if nullable { ty.nullable() } else { ty }
    }
}

fn newlines(text: &str) -> u32 {
    text.bytes().filter(|it| *it == b'\n').count() as u32
}

fn list(item: Type) -> Type {
    match item {
        Type::Bytes => Type::Bytes,
        item => Type::Array(Box::new(item)),
    }
}

fn unite(mut parts: Vec<Type>) -> Type {
    let is_null = |it: &Type| matches!(it, Type::Named(name) if matches!(name.value.as_str(), "None" | "null"));
    let count = parts.len();
    parts.retain(|it| !is_null(it));
    let nullable = parts.len() < count || parts.iter().any(Type::is_nullable);
    let ty = match parts.as_slice() {
        [only] => only.clone(),
        [Type::Integer, Type::Number] | [Type::Number, Type::Integer] => Type::Number,
        several => Type::Opaque(several.iter().map(Type::describe).collect::<Vec<_>>().join(" | ")),
    };
    if nullable { ty.nullable() } else { ty }
}

fn named(name: Spanned<String>) -> Type {
    known_name(&name.value).unwrap_or(Type::Named(name))
}

/// What a name with arguments stands for, in any of the languages.
fn lower(module: Option<&str>, name: Spanned<String>, mut arguments: Vec<Type>, written: impl Fn() -> String) -> Type {
    let word = name.value.as_str();
    match (module, word) {
        (Some("time" | "datetime"), "Time" | "datetime") => return Type::DateTime,
        (Some("sql" | "null" | "pgtype"), _) => {
            let inner = match word.strip_prefix("Null").unwrap_or(word) {
                "String" | "Text" => Type::Text(None),
                "Int64" | "Int32" | "Int16" | "Int" | "Int4" | "Int8" => Type::Integer,
                "Float64" | "Float" | "Float8" => Type::Number,
                "Bool" => Type::Boolean,
                "Time" | "Timestamptz" | "Timestamp" => Type::DateTime,
                _ => Type::Opaque(written()),
            };
            return inner.nullable();
        }
        (Some("gorm"), "DeletedAt") => return Type::DateTime.nullable(),
        (Some("pq"), "StringArray") => return Type::Array(Box::new(Type::Text(None))),
        (Some("pq"), "Int64Array") => return Type::Array(Box::new(Type::Integer)),
        (Some("json"), "RawMessage") | (Some("serde_json"), "Value" | "Map") | (Some("datatypes"), "JSON") => {
            return Type::Json;
        }
        (Some("net"), "IP") => return Type::Ip,
        (Some("url"), "URL") => return Type::Url,
        (Some("big"), "Int") => return Type::Integer,
        _ => {}
    }
    let last = arguments.pop();
    let first = if arguments.is_empty() { last.clone() } else { arguments.first().cloned() };
    let several = !arguments.is_empty();
    match word {
        "Optional" | "Option" | "Nullable" => return first.unwrap_or(Type::Json).nullable(),
        "Tuple" | "tuple" if several => return Type::Opaque(written()),
        "List"
        | "list"
        | "Vec"
        | "VecDeque"
        | "SmallVec"
        | "Sequence"
        | "Set"
        | "set"
        | "frozenset"
        | "FrozenSet"
        | "Iterable"
        | "Collection"
        | "IList"
        | "ICollection"
        | "IEnumerable"
        | "IReadOnlyList"
        | "IReadOnlyCollection"
        | "ISet"
        | "HashSet"
        | "BTreeSet"
        | "LinkedHashSet"
        | "SortedSet"
        | "TreeSet"
        | "Tuple"
        | "tuple"
        | "ArrayList"
        | "LinkedList"
        | "Array"
        | "MutableList"
        | "MutableSet"
        | "ImmutableList"
        | "ImmutableArray"
        | "Deque"
        | "Queue" => {
            return list(first.unwrap_or(Type::Json));
        }
        "Dict"
        | "dict"
        | "Map"
        | "HashMap"
        | "BTreeMap"
        | "IndexMap"
        | "Mapping"
        | "MutableMapping"
        | "Dictionary"
        | "IDictionary"
        | "IReadOnlyDictionary"
        | "ConcurrentDictionary"
        | "SortedDictionary"
        | "defaultdict"
        | "OrderedDict"
        | "MutableMap"
        | "TreeMap"
        | "LinkedHashMap"
        | "ConcurrentHashMap"
        | "ConcurrentMap" => {
            return Type::Map(Box::new(last.unwrap_or(Type::Json)));
        }
        "Annotated" | "Mapped" | "Box" | "Arc" | "Rc" | "RefCell" | "Mutex" | "RwLock" | "Final" | "Required"
        | "ReadOnly" | "InitVar" => {
            if let Some(first) = first {
                return first;
            }
        }
        "NotRequired" => return first.unwrap_or(Type::Json),
        "Cow" => return last.unwrap_or(Type::Text(None)),
        "Union" => return unite(arguments.into_iter().chain(last).collect()),
        "Any" | "object" | "Object" | "dynamic" | "any" | "Value" | "JsonNode" | "JsonElement" | "JsonDocument"
        | "JObject" | "JSONObject" => {
            return Type::Json;
        }
        "EmailStr" => return Type::Email,
        "HttpUrl" | "AnyUrl" | "AnyHttpUrl" => return Type::Url,
        "SecretStr" | "StrictStr" | "Path" | "PathBuf" | "FilePath" | "char" | "Character" | "rune" | "ObjectID"
        | "PyObjectId" | "ObjectId" => return Type::Text(None),
        "StrictInt" | "PositiveInt" | "NonNegativeInt" | "i128" | "u128" | "BigInteger" | "BigInt" | "nint"
        | "ulong" | "ushort" | "Byte" | "Short" => {
            return Type::Integer;
        }
        "StrictFloat" | "PositiveFloat" | "NonNegativeFloat" => return Type::Number,
        "StrictBool" => return Type::Boolean,
        "NaiveDateTime" | "AwareDatetime" | "NaiveDatetime" | "SystemTime" | "OffsetDateTime" | "PrimitiveDateTime"
        | "ZonedDateTime" | "Timestamp" | "UtcDateTime" => return Type::DateTime,
        "NaiveDate" | "LocalDate" | "DateOnly" => return Type::Date,
        "NaiveTime" | "LocalTime" | "TimeOnly" => return Type::Time,
        "IPvAnyAddress" | "IpAddr" | "Ipv4Addr" | "Ipv6Addr" | "IPv4Address" | "IPAddress" => return Type::Ip,
        "bytes" | "Bytes" | "byte" | "ByteString" => return Type::Bytes,
        "timedelta" | "TimeSpan" | "Duration" if last.is_none() => return Type::Duration,
        "time" => return Type::Time,
        _ => {}
    }
    match last {
        // `DateTime<Utc>` is one; `Page<Order>` is what its own declaration says.
        Some(_) => match known_name(word) {
            Some(found) => found,
            None => Type::Opaque(written()),
        },
        None => named(name),
    }
}
