//! Python: data classes, Pydantic models, typed dictionaries, mapped classes of SQLAlchemy and Django,
//! enumerations, and names for types.

use std::collections::HashMap;
use std::ops::Range;

use source::{Spanned, Text};

use super::lexed::Lexed;
use super::{Base, Body, Declaration, Declarations, Language, Member, TableConstraint};
use crate::code::{Dialect, Kind};
use crate::types::Type;

mod fields;

/// Reads a fence.
pub(super) fn read(text: &Text) -> Declarations {
    let src = text.as_str();
    if !src.contains("class ") && !src.contains("Literal[") {
        return Declarations::default();
    }
    let code = Lexed::new(text, Dialect::Python);
    let lines = lines(&code);
    let mut reader = Reader { code, values: HashMap::new(), classes: HashMap::new(), found: Declarations::default() };
    let is_class = |it: &Reader<'_>, line: &Line| it.code.name_at(line.toks.start) == Some("class");
    // A class may hold the enumeration that its fields use.
    for (index, line) in lines.iter().enumerate() {
        reader.constant(line);
        if is_class(&reader, line) {
            reader.known_values(line, lines.get(index + 1..).unwrap_or(&[]));
        }
    }
    for (index, line) in lines.iter().enumerate() {
        if reader.code.name_at(line.toks.start) == Some("class") {
            let rest = lines.get(index + 1..).unwrap_or(&[]);
            let body = rest.get(..rest.iter().take_while(|it| it.indent > line.indent).count()).unwrap_or(&[]);
            // `class A(B): x: int`
            let above = lines.get(..index).unwrap_or(&[]);
            let decorators = above.iter().rev().take_while(|it| reader.is(it.toks.start, "@")).count();
            reader.class(above.get(index - decorators..).unwrap_or(&[]), line, body);
        } else if line.indent == 0 {
            reader.alias(line);
        }
    }
    reader.found
}

/// A logical line.
#[derive(Debug)]
struct Line {
    indent: usize,
    toks: Range<usize>,
}

fn lines(code: &Lexed<'_>) -> Vec<Line> {
    let mut found: Vec<Line> = Vec::new();
    let src = code.text.as_str();
    let mut at = 0;
    while let Some(tok) = code.toks.get(at) {
        let next = code.after(at);
        let goes_on = at.checked_sub(1).and_then(|it| code.toks.get(it)).is_some_and(|it| it.is("\\"));
        match found.last_mut() {
            Some(last) if !code.starts_line(at) || goes_on => last.toks.end = next,
            _ => {
                let begin = src.get(..tok.at).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
                found.push(Line { indent: tok.at - begin, toks: at..next });
            }
        }
        at = next;
    }
    found
}

struct Reader<'a> {
    code: Lexed<'a>,
    /// Sets of values by the name of the enumeration or of the list that holds them.
    values: HashMap<String, Vec<Spanned<String>>>,
    /// What the classes so far are.
    classes: HashMap<String, Kindred>,
    found: Declarations,
}

/// What the bases and decorators of a class make of it.
#[derive(Clone, Copy, PartialEq)]
enum Kindred {
    /// Fields with types, or with calls that describe them.
    Record,
    /// A mapped class: its attributes are columns.
    Stored,
    /// Its attributes are values.
    Values,
    /// Keys of a dictionary, which need not be there.
    Partial,
    /// Nothing is known; it is data if its attributes are.
    Unknown,
    /// It does something.
    Doing,
}

impl<'a> Reader<'a> {
    fn is(&self, at: usize, text: &str) -> bool {
        self.code.toks.get(at).is_some_and(|it| it.is(text))
    }

    /// Keeps the values of a class that is an enumeration.
    fn known_values(&mut self, head: &Line, rest: &[Line]) {
        let name = head.toks.start + 1;
        let mut bases = head.toks.clone().skip(3).filter_map(|it| self.code.name_at(it));
        let Some(written) = self.code.name_at(name) else { return };
        if bases.any(|it| kindred_of(it) == Kindred::Values) {
            let body: Vec<&Line> = rest.iter().take_while(|it| it.indent > head.indent).collect();
            let (names, values) = self.enumeration(&body);
            let words = if values.len() == names.len() { values } else { names };
            self.values.insert(written.to_owned(), words);
        }
    }

    fn class(&mut self, decorators: &[Line], head: &Line, body: &[Line]) {
        let name = head.toks.start + 1;
        if self.code.name_at(name).is_none() {
            return;
        }
        let open = self.is(name + 1, "(").then_some(name + 1);
        let bases = open.map_or(Vec::new(), |it| self.code.arguments(it));
        let mut kindred = Kindred::Unknown;
        let mut extends = Vec::new();
        for base in bases {
            let last = base
                .value
                .clone()
                .take_while(|it| !self.is(*it, "["))
                .filter(|it| self.code.name_at(*it).is_some())
                .last();
            let Some(last) = last else { continue };
            if base.name == Some("table") {
                kindred = Kindred::Stored;
                continue;
            }
            if base.name == Some("total") {
                kindred = Kindred::Partial;
                continue;
            }
            if base.name.is_some() {
                continue;
            }
            let base = self.code.name_at(last).unwrap_or("");
            match kindred_of(base) {
                Kindred::Unknown => {
                    let base = self.code.spanned(last);
                    if kindred == Kindred::Unknown
                        && let Some(known) = self.classes.get(&base.value)
                    {
                        kindred = *known;
                    }
                    let framework = matches!(base.value.as_str(), "str" | "int" | "object" | "Generic");
                    extends.extend((!framework).then_some(base));
                }
                found if matches!(kindred, Kindred::Unknown | Kindred::Record) => kindred = found,
                _ => {}
            }
        }
        let decorated = |it: &Line| {
            let names = ["dataclass", "define", "frozen", "attrs", "s"];
            let end = (it.toks.start + 5).min(it.toks.end);
            (it.toks.start..end).any(|at| self.code.name_at(at).is_some_and(|it| names.contains(&it)))
        };
        if kindred == Kindred::Unknown && decorators.iter().any(decorated) {
            kindred = Kindred::Record;
        }
        if kindred == Kindred::Doing {
            return;
        }
        let indent = body.iter().find(|it| self.code.name_at(it.toks.start).is_some()).map(|it| it.indent);
        let own: Vec<&Line> = body.iter().filter(|it| Some(it.indent) == indent).collect();
        let start = decorators.first().map_or(head.toks.start, |it| it.toks.start);
        let end = body.last().map_or(head.toks.end, |it| it.toks.end);
        let mut table = Vec::new();
        let body = if kindred == Kindred::Values {
            let (names, values) = self.enumeration(&own);
            if names.is_empty() {
                return;
            }
            let words = match values.len() == names.len() {
                true => values,
                false => names,
            };
            let numbers = words.iter().all(|it| it.value.parse::<f64>().is_ok());
            Body::Alias(if numbers { Type::Literals(words) } else { Type::Enum(words) })
        } else {
            let mut members = Vec::new();
            let mut does = false;
            let fielded = if kindred == Kindred::Unknown { Kindred::Record } else { kindred };
            for line in &own {
                does |= matches!(self.code.name_at(line.toks.start), Some("def" | "async"));
                match self.code.name_at(line.toks.start) {
                    Some("__table_args__") => table.extend(self.table_arguments(line)),
                    Some("def" | "async" | "class" | "return" | "pass" | "if" | "for" | "try" | "with" | "raise") => {}
                    Some(_) => members.extend(self.field(line, fielded)),
                    None => {}
                }
            }
            // A class that nothing calls data is a part of a program once it does something.
            if kindred == Kindred::Unknown && extends.iter().any(|it| it.value.ends_with("Base")) {
                kindred = Kindred::Record;
            }
            if members.is_empty() || (kindred == Kindred::Unknown && (does || members.len() < 2)) {
                return;
            }
            self.classes.insert(self.code.name_at(name).unwrap_or("").to_owned(), kindred);
            if kindred == Kindred::Unknown { Body::Class(members) } else { Body::Record(members) }
        };
        let line = self.code.comments(start..head.toks.end);
        self.found.items.push(Declaration {
            name: self.code.spanned(name),
            language: Language::Python,
            stored: kindred == Kindred::Stored && matches!(body, Body::Record(_)),
            body,
            extends: extends.into_iter().map(Base::whole).collect(),
            table,
            comments: line,
            span: self.code.span(start..end),
        });
    }

    fn field(&mut self, line: &Line, kindred: Kindred) -> Option<Member> {
        let at = line.toks.start;
        let name = self.code.name_at(at)?;
        if name.starts_with('_') || matches!(name, "model_config" | "objects") {
            return None;
        }
        let mut annotation = None;
        let mut next = at + 1;
        if self.is(next, ":") {
            self.code.at = next + 1;
            let from = self.code.at;
            if self.code.name_at(from) == Some("ClassVar") {
                return None;
            }
            let ty = self.code.ty().filter(|_| self.code.at <= line.toks.end);
            let ends = self.code.at.max(from);
            let ends = (ends..line.toks.end).find(|it| self.is(*it, "=")).unwrap_or(line.toks.end);
            let whole = self.code.at == ends;
            let ty = ty.filter(|_| whole).unwrap_or_else(|| Type::Opaque(self.code.written(from..ends).to_owned()));
            annotation = Some(Spanned::new(ty, self.code.span(from..ends.max(from + 1))));
            next = ends;
        }
        let value = self.is(next, "=").then_some(next + 1..line.toks.end).filter(|it| !it.is_empty());
        // `Annotated[str, Field(…)]`
        let annotated =
            annotation.as_ref().and_then(|_| (at + 2..next).find(|it| self.code.name_at(*it) == Some("Field")));
        let described = match (value.clone().and_then(|it| self.described(it)), annotated) {
            (None, Some(inner)) if self.is(inner + 1, "(") => self.described(inner..self.code.after(inner + 1)),
            (found, _) => found,
        };
        let member_at = |ty| Member::new(self.code.spanned(at), ty, self.code.span(line.toks.clone()));
        let mut member = match (annotation, &described) {
            (_, Some(call)) if call.relation => return None,
            (Some(annotation), Some(call)) => {
                let nullable = annotation.value.is_nullable();
                let mut member = match &call.ty {
                    Some(ty) if kindred == Kindred::Stored => member_at(Spanned::new(
                        if nullable { ty.value.clone().nullable() } else { ty.value.clone() },
                        ty.span,
                    )),
                    _ => member_at(annotation),
                };
                member.optional = call.optional;
                if kindred == Kindred::Stored {
                    member.not_null = Some(!nullable);
                }
                member
            }
            (Some(annotation), None) => {
                let mapped = kindred == Kindred::Stored;
                let nullable = annotation.value.is_nullable();
                let mut member = member_at(annotation);
                if mapped {
                    member.not_null = Some(!nullable);
                }
                member
            }
            (None, Some(call)) => member_at(call.ty.clone()?),
            (None, None) => return None,
        };
        member.optional |= kindred == Kindred::Partial || self.code.name_at(at + 2) == Some("NotRequired");
        let called = described.is_some() && annotated.is_none();
        if let Some(call) = described {
            call.apply(&mut member);
        }
        if let Some(value) = value.filter(|_| !called) {
            self.default(&mut member, value);
        }
        member.comments.extend(self.code.comments(line.toks.clone()));
        Some(member)
    }

    /// A plain value behind `=`.
    fn default(&self, member: &mut Member, value: Range<usize>) {
        match self.literal(value.clone()) {
            Some(literal) => member.default = Some(literal),
            None if self.code.written(value) == "None" => member.optional = true,
            None => {}
        }
    }

    /// Text, a number, a flag, or a value of an enumeration that is known.
    fn literal(&self, value: Range<usize>) -> Option<Spanned<String>> {
        let first = self.code.toks.get(value.start)?;
        let written = self.code.written(value.clone());
        match (value.len(), first.kind) {
            (1, Kind::Quoted) => self.code.unquoted(value.start),
            (1, Kind::Number) => Some(Spanned::new(written.replace('_', ""), self.code.span(value))),
            (2, Kind::Mark) if first.is("-") => Some(Spanned::new(written.to_owned(), self.code.span(value))),
            (1, Kind::Name) if matches!(written, "True" | "False") => {
                Some(Spanned::new(written.to_lowercase(), self.code.span(value)))
            }
            (3, Kind::Name) if self.is(value.start + 1, ".") => {
                let known = self.values.get(first.text)?;
                let name = self.code.name_at(value.start + 2)?;
                let found = known.iter().find(|it| crate::types::same_word(&it.value, name))?;
                Some(Spanned::new(found.value.clone(), self.code.span(value)))
            }
            _ => None,
        }
    }

    /// Names and values of an enumeration. A value may carry a label: `OPEN = "open", "Open"`.
    fn enumeration(&self, lines: &[&Line]) -> (Vec<Spanned<String>>, Vec<Spanned<String>>) {
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for line in lines {
            let at = line.toks.start;
            let assigned = self.code.name_at(at).filter(|it| !it.starts_with('_')).is_some() && self.is(at + 1, "=");
            if !assigned || at + 2 >= line.toks.end {
                continue;
            }
            names.push(self.code.spanned(at));
            let first = if self.is(at + 2, "(") { at + 3 } else { at + 2 };
            let number = self.code.toks.get(first).filter(|it| it.kind == Kind::Number);
            values.extend(self.code.unquoted(first).or_else(|| number.map(|_| self.code.spanned(first))));
        }
        (names, values)
    }

    /// Lists of choices, by their names: `LEVELS = [("a", "A"), …]`, `LEVELS = ["a", "b"]`.
    fn constant(&mut self, line: &Line) {
        let at = line.toks.start;
        let Some(name) = self.code.name_at(at) else { return };
        if !self.is(at + 1, "=")
            || !(self.is(at + 2, "[") || self.is(at + 2, "("))
            || self.code.after(at + 2) != line.toks.end
        {
            return;
        }
        let words = self.choices(at + 2);
        if !words.is_empty() {
            self.values.insert(name.to_owned(), words);
        }
    }

    fn choices(&self, open: usize) -> Vec<Spanned<String>> {
        let arguments = self.code.arguments(open);
        let first = |it: &super::lexed::Argument<'_>| {
            let nested = self.is(it.value.start, "(") || self.is(it.value.start, "[");
            self.code.unquoted(if nested { it.value.start + 1 } else { it.value.start })
        };
        let words: Vec<_> = arguments.iter().filter_map(first).collect();
        if words.len() == arguments.len() { words } else { Vec::new() }
    }

    /// `Level = Literal["a", "b"]`, `Level: TypeAlias = …`
    fn alias(&mut self, line: &Line) {
        let at = line.toks.start;
        let value = match (self.is(at + 1, "="), self.is(at + 1, ":") && self.is(at + 3, "=")) {
            (true, _) => at + 2,
            (_, true) if self.code.name_at(at + 2) == Some("TypeAlias") => at + 4,
            _ => return,
        };
        let heads = ["Literal", "Union", "Optional", "Annotated"];
        if self.code.name_at(at).is_none() || !self.code.name_at(value).is_some_and(|it| heads.contains(&it)) {
            return;
        }
        self.code.at = value;
        let Some(ty) = self.code.ty() else { return };
        if let Type::Enum(words) = &ty {
            self.values.insert(self.code.name_at(at).unwrap_or("").to_owned(), words.clone());
        }
        self.found.items.push(Declaration {
            name: self.code.spanned(at),
            language: Language::Python,
            stored: false,
            body: Body::Alias(ty),
            extends: Vec::new(),
            table: Vec::new(),
            comments: self.code.comments(line.toks.clone()),
            span: self.code.span(line.toks.clone()),
        });
    }

    /// `__table_args__ = (UniqueConstraint("a", "b"), CheckConstraint("a > 0"))`
    fn table_arguments(&self, line: &Line) -> Vec<TableConstraint> {
        let mut found = Vec::new();
        let open = line.toks.start + 2;
        for argument in self.code.arguments(open) {
            let name = argument
                .value
                .clone()
                .rev()
                .find_map(|at| Some((at, self.code.name_at(at)?)).filter(|_| self.is(at + 1, "(")));
            let Some((at, name)) = name else { continue };
            let inner = self.code.arguments(at + 1);
            let words =
                || inner.iter().filter(|it| it.name.is_none()).filter_map(|it| self.code.unquoted(it.value.start));
            let span = self.code.span(argument.value.clone());
            match name {
                "UniqueConstraint" => found.push(TableConstraint::Unique(words().collect(), span)),
                "PrimaryKeyConstraint" => found.push(TableConstraint::PrimaryKey(words().collect(), span)),
                "CheckConstraint" => found.extend(words().next().map(TableConstraint::Check)),
                _ => {}
            }
        }
        found
    }
}

fn kindred_of(base: &str) -> Kindred {
    match base {
        "BaseModel" | "TypedDict" | "NamedTuple" | "Schema" | "Struct" | "RootModel" | "GenericModel"
        | "CamelModel" | "SQLModel" => Kindred::Record,
        "Base" | "Model" | "DeclarativeBase" | "Document" | "AbstractUser" | "AbstractBaseUser"
        | "TimeStampedModel" => Kindred::Stored,
        "Enum" | "StrEnum" | "IntEnum" | "PyEnum" | "TextChoices" | "IntegerChoices" | "IntFlag" => Kindred::Values,
        "ABC" | "Protocol" | "Exception" | "BaseSettings" | "BaseHTTPMiddleware" | "TestCase" | "Thread"
        | "APIView" | "BaseCommand" | "Task" => Kindred::Doing,
        "str" | "int" | "object" | "Generic" => Kindred::Unknown,
        other if other.ends_with("Enum") => Kindred::Values,
        other if other.ends_with("BaseModel") => Kindred::Record,
        other
            if ["Error", "Exception", "ViewSet", "View", "Serializer", "Service", "Mixin"]
                .iter()
                .any(|it| other.ends_with(it)) =>
        {
            match other.ends_with("Mixin") {
                true => Kindred::Unknown,
                false => Kindred::Doing,
            }
        }
        _ => Kindred::Unknown,
    }
}

#[cfg(test)]
mod tests;
