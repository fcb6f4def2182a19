//! Declared types and rules as what a request is held to.

use model::names::key;
use model::{Entity, Field, Spec};
use source::{FileId, Spanned, Text};
use syntax::english::{self, Rule};
use syntax::json::Json;
use syntax::types::Type;

use crate::lines::Lines;
use crate::shape::{Kind, Limit, Member};

/// What types are resolved in.
pub(super) struct Types<'a> {
    pub(super) spec: &'a Spec,
    pub(super) lines: &'a Lines<'a>,
    /// Index of the table of each entity of the document that has one.
    pub(super) tables: &'a [Option<usize>],
}

/// Types may hold themselves; deeper than this they are not checked.
const MAX_DEPTH: usize = 12;

impl Types<'_> {
    /// A field of a record, with the value that examples show for it.
    pub(super) fn member(&self, field: &Field, name: String, example: Option<&Json>) -> Member {
        self.member_within(field, name, example, 0)
    }

    fn member_within(&self, field: &Field, name: String, example: Option<&Json>, depth: usize) -> Member {
        // Where its type is said most narrowly.
        let line = self.lines.of(field.ty.as_ref().map_or(field.name.span, |it| it.span));
        let kind = match &field.ty {
            Some(ty) => self.kind(&ty.value, example, depth),
            None => example.map_or(Kind::Any, |it| self.kind(&type_of(it), None, depth)),
        };
        let rules: Vec<(&Rule, u32)> = field.rules.iter().map(|it| (&it.value, self.lines.of(it.span))).collect();
        let refers = field.reference().and_then(|(target, _)| self.table(&target.value));
        let nullable = field.nullable || field.ty.as_ref().is_some_and(|it| it.value.is_nullable());
        Member {
            name,
            limits: limits(&kind, &rules),
            kind,
            nullable,
            required: field.required && field.default.is_none(),
            refers,
            line,
        }
    }

    /// The table of an entity, by its name in any spelling.
    pub(super) fn table(&self, name: &str) -> Option<usize> {
        let subject = model::claim::Subject::entity(name);
        let index = self.spec.entities.iter().position(|it| it.subject == subject)?;
        self.tables.get(index).copied().flatten()
    }

    pub(super) fn kind(&self, ty: &Type, example: Option<&Json>, depth: usize) -> Kind {
        if depth > MAX_DEPTH {
            return Kind::Any;
        }
        let item = |inner: &Type, example: Option<&Json>| {
            let nullable = inner.is_nullable();
            let kind = self.kind(inner, example, depth + 1);
            Box::new(Member {
                name: String::new(),
                kind,
                nullable,
                required: true,
                limits: Vec::new(),
                refers: None,
                line: 0,
            })
        };
        match ty {
            Type::Nullable(inner) => self.kind(inner, example, depth),
            Type::Text(limit) => Kind::Text(*limit),
            Type::Integer => Kind::Integer,
            Type::Number => Kind::Number,
            Type::Decimal(limit) => Kind::Decimal(*limit, matches!(example, Some(Json::String(_)))),
            Type::Boolean => Kind::Boolean,
            Type::Date => Kind::Date,
            Type::Time => Kind::Time,
            Type::DateTime if matches!(example, Some(Json::Number(_))) => Kind::Integer,
            Type::DateTime => Kind::DateTime,
            Type::Duration if matches!(example, Some(Json::Number(_))) => Kind::Number,
            Type::Duration => Kind::Duration,
            Type::Uuid => Kind::Uuid,
            Type::Email => Kind::Email,
            Type::Url => Kind::Url,
            Type::Ip => Kind::Ip,
            Type::Bytes => Kind::Text(None),
            Type::Json | Type::Opaque(_) => Kind::Any,
            Type::Enum(words) => Kind::Enum(words.iter().map(|it| it.value.clone()).collect()),
            Type::Literals(values) => {
                Kind::Literals(values.iter().filter_map(|it| serde_json::from_str(&it.value).ok()).collect())
            }
            Type::Array(inner) => Kind::List(item(inner, example.and_then(|it| Some(&it.elements().first()?.value)))),
            Type::Map(inner) => Kind::Map(item(inner, None)),
            Type::Object(members) => {
                let member = |it: &syntax::decl::Member| {
                    let shown = example.and_then(|json| json.get(&it.name.value)).map(|it| &it.value);
                    let kind = self.kind(&it.ty.value, shown, depth + 1);
                    let said: Vec<Rule> = it
                        .comments
                        .iter()
                        .flat_map(|it| english::of_field(&Text::verbatim(it.value.as_str(), FileId(0), 0)))
                        .map(|it| it.rule)
                        .collect();
                    let line = self.lines.of(it.name.span);
                    let rules: Vec<(&Rule, u32)> = said.iter().map(|it| (it, line)).collect();
                    Member {
                        name: it.name.value.clone(),
                        limits: limits(&kind, &rules),
                        kind,
                        nullable: it.ty.value.is_nullable() || it.not_null == Some(false),
                        required: !it.optional && it.not_null != Some(false) && it.default.is_none(),
                        refers: it.references.as_ref().and_then(|it| self.table(&it.table.value)),
                        line,
                    }
                };
                Kind::Object(members.iter().map(member).collect())
            }
            Type::Named(name) => self.named(name, example, depth),
        }
    }

    fn named(&self, name: &Spanned<String>, example: Option<&Json>, depth: usize) -> Kind {
        if let Some(ty) = self.spec.resolve(&name.value) {
            return self.kind(&ty, example, depth + 1);
        }
        let Some(entity) = self.spec.entity(&name.value) else { return Kind::Any };
        if matches!(example, Some(Json::String(_) | Json::Number(_))) {
            // The key of the record that is meant.
            return entity
                .id()
                .and_then(|it| it.ty.as_ref())
                .map_or(Kind::Text(None), |it| self.kind(&it.value, None, depth + 1));
        }
        Kind::Object(entity.fields.iter().map(|it| self.inner(entity, it, example, depth)).collect())
    }

    fn inner(&self, entity: &Entity, field: &Field, example: Option<&Json>, depth: usize) -> Member {
        let shown = |json: &Json| json.properties().iter().find(|it| key(&it.key.value) == field.key).cloned();
        let shown = example.and_then(shown);
        let name = shown.as_ref().map_or(&field.name.value, |it| &it.key.value).clone();
        let mut member = self.member_within(field, name, shown.as_ref().map(|it| &it.value.value), depth + 1);
        // What is kept elsewhere is embedded without what only its own endpoints set.
        member.required &= !(entity.kept && field.server_set);
        member
    }
}

/// The type of an example's value.
pub(super) fn type_of(json: &Json) -> Type {
    match json {
        Json::Bool(_) => Type::Boolean,
        Json::Number(_) => Type::Number,
        Json::String(text) if crate::shape::moment(text).is_some() => Type::DateTime,
        Json::String(_) => Type::Text(None),
        Json::Array(items) => Type::Array(Box::new(items.first().map_or(Type::Json, |it| type_of(&it.value)))),
        _ => Type::Json,
    }
}

/// What a default is as JSON: a word for texts, else what it says.
pub(super) fn default_value(kind: &Kind, text: &str) -> Option<serde_json::Value> {
    let textual = !matches!(
        kind,
        Kind::Integer
            | Kind::Number
            | Kind::Decimal(_, false)
            | Kind::Boolean
            | Kind::Any
            | Kind::Literals(_)
            | Kind::List(_)
            | Kind::Map(_)
            | Kind::Object(_)
    );
    if textual {
        return Some(if text == "null" || text == "NULL" {
            serde_json::Value::Null
        } else {
            serde_json::Value::String(text.to_owned())
        });
    }
    let text = text.trim();
    // Databases without truth values write them as bits.
    if *kind == Kind::Boolean
        && let Some(flag) = match text.trim_matches(['(', ')', '\'', 'b']) {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        }
    {
        return Some(serde_json::Value::Bool(flag));
    }
    serde_json::from_str(text).or_else(|_| serde_json::from_str(&text.to_lowercase())).ok()
}

/// The limits among the rules of a value.
pub(super) fn limits(kind: &Kind, rules: &[(&Rule, u32)]) -> Vec<(Limit, u32)> {
    let sized = matches!(kind, Kind::Text(_) | Kind::List(_) | Kind::Email | Kind::Url);
    let number = |it: &Option<(String, bool)>| {
        it.as_ref().and_then(|(text, equal)| {
            let value: f64 = text.parse().ok()?;
            Some((value, *equal))
        })
    };
    let mut found = Vec::new();
    for (rule, line) in rules {
        let limit = match rule {
            Rule::Length(least, most) => Limit::Length(*least, *most),
            Rule::NonEmpty => Limit::Length(Some(1), None),
            // `max 100` about a text limits its length.
            Rule::Range(least, most) if sized => {
                let whole = |bound: &Option<(String, bool)>, by: f64| {
                    number(bound).map(|(it, equal)| if equal { it } else { it + by }.max(0.0) as u64)
                };
                Limit::Length(whole(least, 1.0), whole(most, -1.0))
            }
            Rule::Range(least, most) => Limit::Range(least.clone(), most.clone()),
            Rule::Pattern(pattern) => match regex::Regex::new(pattern) {
                Ok(regex) => Limit::Pattern(regex),
                Err(_) => continue,
            },
            Rule::OneOf(words) if !matches!(kind, Kind::Enum(_)) => {
                Limit::OneOf(words.iter().map(|it| it.value.clone()).collect())
            }
            _ => continue,
        };
        found.push((limit, *line));
    }
    found
}
