//! What calls say of a field: `Field(ge=1)`, `Column(String(80), nullable=False)`,
//! `models.CharField(max_length=80)`.

use std::ops::Range;

use source::{Span, Spanned};

use super::Reader;
use crate::code::Kind;
use crate::decl::lexed::Argument;
use crate::decl::{Member, Reference};
use crate::english::Rule;
use crate::types::{Type, known_name};

/// A field as a call describes it.
#[derive(Default)]
pub(super) struct Described {
    pub(super) ty: Option<Spanned<Type>>,
    /// It leads to another record and holds no value of its own.
    pub(super) relation: bool,
    pub(super) optional: bool,
    not_null: Option<bool>,
    primary_key: bool,
    unique: bool,
    generated: bool,
    default: Option<Spanned<String>>,
    references: Option<Reference>,
    rules: Vec<Spanned<Rule>>,
    checks: Vec<Spanned<String>>,
    comments: Vec<Spanned<String>>,
}

impl Described {
    pub(super) fn apply(self, member: &mut Member) {
        member.optional |= self.optional;
        member.not_null = self.not_null.or(member.not_null);
        member.primary_key = self.primary_key;
        member.unique = self.unique;
        member.generated = self.generated;
        member.default = self.default;
        member.references = self.references;
        member.rules = self.rules;
        member.checks = self.checks;
        member.comments.extend(self.comments);
    }
}

impl Reader<'_> {
    /// Reads the call that a value is, if it describes a field.
    pub(super) fn described(&mut self, value: Range<usize>) -> Option<Described> {
        let open = value.clone().find(|it| self.is(*it, "("))?;
        let name = self.code.name_at(open.checked_sub(1)?)?;
        let path = value.start..open;
        if path.clone().any(|it| self.code.name_at(it).is_none() && !self.is(it, ".")) {
            return None;
        }
        let models =
            path.len() > 1 && self.code.name_at(value.start).is_some_and(|it| matches!(it, "models" | "fields"));
        let arguments = self.code.arguments(open);
        match name {
            "Field" | "field" | "Query" | "Body" | "Path" | "Form" | "attrib" | "ib" => {
                let mut found = Described::default();
                self.pydantic(&mut found, &arguments);
                Some(found)
            }
            "Column" | "mapped_column" => Some(self.column(&arguments)),
            "relationship" | "dynamic_loader" | "association_proxy" | "column_property" | "hybrid_property" => {
                Some(Described { relation: true, ..Described::default() })
            }
            name if name.ends_with("Field") || name.ends_with("Key") || models => {
                Some(self.django(name, open, &arguments))
            }
            _ => None,
        }
    }

    fn pydantic(&mut self, found: &mut Described, arguments: &[Argument<'_>]) {
        if let Some(first) = arguments.first().filter(|it| it.name.is_none()) {
            self.said_default(found, first.value.clone());
        }
        for argument in arguments {
            let Some(name) = argument.name else { continue };
            match name {
                "default" => self.said_default(found, argument.value.clone()),
                "default_factory" | "factory" => {}
                "primary_key" => found.primary_key = self.flag(argument),
                "unique" => found.unique = self.flag(argument),
                "nullable" => found.not_null = Some(!self.flag(argument)),
                "foreign_key" => found.references = self.reference(argument.value.start),
                "sa_column" => {
                    if let Some(column) = self.described(argument.value.clone()) {
                        found.not_null = found.not_null.or(column.not_null);
                        found.primary_key |= column.primary_key;
                        found.unique |= column.unique;
                        found.references = found.references.take().or(column.references);
                    }
                }
                _ => self.limit(found, argument),
            }
        }
    }

    /// `ge=1`, `max_length=80`, `pattern="…"`, `description="…"`.
    fn limit(&mut self, found: &mut Described, argument: &Argument<'_>) {
        let written = self.code.written(argument.value.clone());
        let number = || written.parse::<f64>().is_ok().then(|| written.to_owned());
        let count = || written.parse::<u64>().ok();
        let rule = match argument.name.unwrap_or("") {
            "ge" | "min_value" => number().map(|it| Rule::Range(Some((it, true)), None)),
            "gt" => number().map(|it| Rule::Range(Some((it, false)), None)),
            "le" | "max_value" => number().map(|it| Rule::Range(None, Some((it, true)))),
            "lt" => number().map(|it| Rule::Range(None, Some((it, false)))),
            "min_length" | "min_items" => count().map(|it| Rule::Length(Some(it), None)),
            "max_length" | "max_items" => count().map(|it| Rule::Length(None, Some(it))),
            "pattern" | "regex" => {
                // `r"…"` is the letter and the text.
                let at = if self.code.name_at(argument.value.start) == Some("r") { 1 } else { 0 };
                self.code.unquoted(argument.value.start + at).map(|it| Rule::Pattern(it.value))
            }
            "description" | "comment" | "help_text" | "doc" => {
                found.comments.extend(self.code.unquoted(argument.value.start));
                None
            }
            _ => None,
        };
        if let Some(rule) = rule {
            let name = argument.value.start.saturating_sub(2);
            found.rules.push(Spanned::new(rule, self.code.span(name..argument.value.end)));
        }
    }

    fn said_default(&self, found: &mut Described, value: Range<usize>) {
        match self.literal(value.clone()) {
            Some(literal) => found.default = Some(literal),
            None => found.optional |= self.code.written(value) == "None",
        }
    }

    fn flag(&self, argument: &Argument<'_>) -> bool {
        self.code.written(argument.value.clone()) == "True"
    }

    /// `"orders.id"`
    fn reference(&self, at: usize) -> Option<Reference> {
        let path = self.code.unquoted(at)?;
        let (table, column) = match path.value.rsplit_once('.') {
            Some((table, column)) => (table, Some(column.to_owned())),
            None => (path.value.as_str(), None),
        };
        let span = Span { end: path.span.start + table.len() as u32, ..path.span };
        let table = table.rsplit('.').next().unwrap_or(table).to_owned();
        Some(Reference { table: Spanned::new(table, span), column, on_delete: None })
    }

    fn column(&mut self, arguments: &[Argument<'_>]) -> Described {
        let mut found = Described::default();
        for (index, argument) in arguments.iter().enumerate() {
            let at = argument.value.start;
            match argument.name {
                None => {
                    let open = argument.value.clone().find(|it| self.is(*it, "("));
                    let call = open.and_then(|it| self.code.name_at(it.checked_sub(1)?));
                    match (call, open) {
                        (Some("ForeignKey"), Some(open)) => {
                            let inner = self.code.arguments(open);
                            let target = inner.first().and_then(|it| self.reference(it.value.start));
                            let deleted = inner.iter().find(|it| it.name == Some("ondelete"));
                            let on_delete = deleted.and_then(|it| self.code.unquoted(it.value.start));
                            found.references = target
                                .map(|it| Reference { on_delete: on_delete.map(|it| it.value.to_lowercase()), ..it });
                        }
                        (Some("CheckConstraint"), Some(open)) => found.checks.extend(self.code.unquoted(open + 1)),
                        (Some("Identity" | "Sequence" | "Computed" | "FetchedValue"), _) => found.generated = true,
                        // The column's own name.
                        _ if index == 0 && self.code.unquoted(at).is_some() => {}
                        _ if found.ty.is_none() => {
                            let ty = self.column_type(argument.value.clone(), 0);
                            found.ty = ty.map(|it| Spanned::new(it, self.code.span(argument.value.clone())));
                        }
                        _ => {}
                    }
                }
                Some("nullable") => found.not_null = Some(!self.flag(argument)),
                Some("unique") => found.unique = self.flag(argument),
                Some("primary_key") => found.primary_key = self.flag(argument),
                Some("autoincrement") => found.generated |= self.flag(argument),
                Some("onupdate") => found.generated = true,
                Some("default" | "server_default") => {
                    let text = self.code.name_at(at) == Some("text") && self.is(at + 1, "(");
                    let value = match text {
                        true => self.code.unquoted(at + 2),
                        false => self.literal(argument.value.clone()),
                    };
                    found.default = value.or(found.default.take());
                }
                Some(_) => self.limit(&mut found, argument),
            }
        }
        if found.ty.is_none() && found.references.is_some() {
            let span = arguments.first().map_or(Span::default(), |it| self.code.span(it.value.clone()));
            found.ty = Some(Spanned::new(Type::Opaque(String::new()), span));
        }
        found
    }

    /// `String(80)`, `Numeric(10, 2)`, `Enum(Status)`, `ARRAY(String)`, `postgresql.JSONB`.
    fn column_type(&mut self, value: Range<usize>, depth: u8) -> Option<Type> {
        let open = value.clone().find(|it| self.is(*it, "("));
        let last = open.unwrap_or(value.end).checked_sub(1)?;
        let name = self.code.name_at(last)?;
        let inner = open.map_or(Vec::new(), |it| self.code.arguments(it));
        let number = |index: usize| -> Option<u32> {
            let argument = inner
                .get(index)
                .filter(|it| it.name.is_none_or(|it| it == "length" || it == "precision" || it == "scale"))?;
            self.code.written(argument.value.clone()).parse().ok()
        };
        Some(match name {
            "String" | "Unicode" | "VARCHAR" | "CHAR" | "NVARCHAR" | "StringField" | "AutoString" => {
                Type::Text(number(0))
            }
            "Text" | "UnicodeText" | "TEXT" | "CITEXT" => Type::Text(None),
            "Integer" | "BigInteger" | "SmallInteger" | "BIGINT" | "INTEGER" | "SMALLINT" => Type::Integer,
            "Float" | "REAL" | "FLOAT" | "Double" => Type::Number,
            "Numeric" | "DECIMAL" | "NUMERIC" => Type::Decimal(number(0).zip(number(1))),
            "Boolean" | "BOOLEAN" => Type::Boolean,
            "Date" | "DATE" => Type::Date,
            "Time" | "TIME" => Type::Time,
            "DateTime" | "TIMESTAMP" | "TIMESTAMPTZ" | "DATETIME" => Type::DateTime,
            "Interval" | "INTERVAL" => Type::Duration,
            "UUID" | "Uuid" | "PG_UUID" | "PGUUID" | "GUID" => Type::Uuid,
            "JSON" | "JSONB" | "MutableDict" => Type::Json,
            "LargeBinary" | "BYTEA" | "BLOB" => Type::Bytes,
            "INET" | "CIDR" => Type::Ip,
            "ARRAY" => {
                let item = inner.first().map(|it| it.value.clone()).filter(|_| depth < 4);
                let item = item.and_then(|it| self.column_type(it, depth + 1)).unwrap_or(Type::Json);
                Type::Array(Box::new(item))
            }
            name if name.ends_with("Enum") || name.ends_with("ENUM") || name == "EnumColumn" => {
                let words: Vec<_> = inner
                    .iter()
                    .filter(|it| it.name.is_none())
                    .filter_map(|it| self.code.unquoted(it.value.start))
                    .collect();
                match inner.first().and_then(|it| self.code.name_at(it.value.start)) {
                    _ if !words.is_empty() => Type::Enum(words),
                    Some(_) => Type::Named(self.code.spanned(inner.first()?.value.start)),
                    None => Type::Text(None),
                }
            }
            other => known_name(other).unwrap_or_else(|| Type::Opaque(self.code.written(value).to_owned())),
        })
    }

    fn django(&mut self, name: &str, open: usize, arguments: &[Argument<'_>]) -> Described {
        let mut found = Described { not_null: Some(true), ..Described::default() };
        let span = self.code.span(open.saturating_sub(1)..open);
        let named = |name: &str| arguments.iter().find(|it| it.name == Some(name)).map(|it| it.value.clone());
        let number = |it: Option<Range<usize>>| it.and_then(|it| self.code.written(it).parse::<u32>().ok());
        let ty = match name {
            "CharField" | "SlugField" | "FilePathField" | "FileField" | "ImageField" | "StringField" => {
                Type::Text(number(named("max_length")))
            }
            "TextField" => Type::Text(None),
            "IntegerField" | "BigIntegerField" | "SmallIntegerField" | "AutoField" | "BigAutoField" => Type::Integer,
            "PositiveIntegerField" | "PositiveSmallIntegerField" | "PositiveBigIntegerField" => {
                found.rules.push(Spanned::new(Rule::Range(Some(("0".into(), true)), None), span));
                Type::Integer
            }
            "FloatField" => Type::Number,
            "DecimalField" => Type::Decimal(number(named("max_digits")).zip(number(named("decimal_places")))),
            "BooleanField" | "NullBooleanField" => Type::Boolean,
            "DateField" => Type::Date,
            "TimeField" => Type::Time,
            "DateTimeField" => Type::DateTime,
            "DurationField" => Type::Duration,
            "UUIDField" => Type::Uuid,
            "EmailField" => Type::Email,
            "URLField" => Type::Url,
            "GenericIPAddressField" | "IPAddressField" => Type::Ip,
            "JSONField" | "HStoreField" | "DictField" => Type::Json,
            "BinaryField" => Type::Bytes,
            "ArrayField" | "ListField" => {
                let base = arguments.first().map(|it| it.value.clone());
                let base = base.and_then(|it| self.described(it)).and_then(|it| it.ty);
                Type::Array(Box::new(base.map_or(Type::Json, |it| it.value)))
            }
            "ForeignKey" | "OneToOneField" | "ParentalKey" => {
                let target = arguments.first().map(|it| it.value.clone());
                let target = target.and_then(|it| {
                    let text = self.code.unquoted(it.start).map(|it| it.map_tail());
                    text.or_else(|| {
                        it.clone().rev().find(|at| self.code.name_at(*at).is_some()).map(|it| self.code.spanned(it))
                    })
                });
                let deleted = named("on_delete").and_then(|it| self.code.name_at(it.end.saturating_sub(1)));
                let Some(target) = target else { return Described { relation: true, ..Described::default() } };
                found.references = Some(Reference {
                    table: target.clone(),
                    column: None,
                    on_delete: deleted.map(|it| it.to_lowercase().replace('_', " ")),
                });
                Type::Named(target)
            }
            "ManyToManyField" | "GenericForeignKey" | "ReverseField" => {
                return Described { relation: true, ..Described::default() };
            }
            _ => Type::Opaque(name.to_owned()),
        };
        let mut ty = Spanned::new(ty, span);
        for argument in arguments {
            let Some(name) = argument.name else { continue };
            match name {
                "null" => found.not_null = Some(!self.flag(argument)),
                "unique" => found.unique = self.flag(argument),
                "primary_key" => found.primary_key = self.flag(argument),
                "auto_now" | "auto_now_add" => found.generated = self.flag(argument),
                "default" => self.said_default(&mut found, argument.value.clone()),
                "choices" => {
                    let at = argument.value.start;
                    let words = match self.code.name_at(at) {
                        // `Status.choices`, `STATUSES`
                        Some(name) => self.values.get(name).cloned(),
                        None => Some(self.choices(at)).filter(|it| !it.is_empty()),
                    };
                    if let Some(words) = words.filter(|_| matches!(ty.value, Type::Text(_))) {
                        ty.value = Type::Enum(words);
                    }
                }
                "validators" => self.validators(&mut found, argument.value.start),
                "max_length" => {}
                _ => self.limit(&mut found, argument),
            }
        }
        if found.not_null == Some(false) {
            found.optional = true;
            ty.value = ty.value.nullable();
        }
        found.ty = Some(ty);
        found
    }

    /// `[MinValueValidator(1), MaxValueValidator(5)]`
    fn validators(&mut self, found: &mut Described, open: usize) {
        for argument in self.code.arguments(open) {
            let at = argument.value.start;
            let value = at + 2;
            let number = self.code.toks.get(value).filter(|it| it.kind == Kind::Number).map(|it| it.text.to_owned());
            let rule = match (self.code.name_at(at), number) {
                (Some("MinValueValidator"), Some(it)) => Rule::Range(Some((it, true)), None),
                (Some("MaxValueValidator"), Some(it)) => Rule::Range(None, Some((it, true))),
                (Some("MinLengthValidator"), Some(it)) => Rule::Length(it.parse().ok(), None),
                _ => continue,
            };
            found.rules.push(Spanned::new(rule, self.code.span(argument.value)));
        }
    }
}

/// `app.Model` is `Model`.
trait Tail {
    fn map_tail(self) -> Self;
}

impl Tail for Spanned<String> {
    fn map_tail(self) -> Self {
        let from = self.value.rfind('.').map_or(0, |it| it + 1);
        let name = self.value.get(from..).unwrap_or_default().to_owned();
        Spanned::new(name, Span { start: self.span.start + from as u32, ..self.span })
    }
}
