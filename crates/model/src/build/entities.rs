//! Entities: declarations of one name merged, field by field.

use rustc_hash::{FxHashMap, FxHashSet};
use source::{Span, Spanned};
use syntax::decl::Member;
use syntax::english::{self, Rule};
use syntax::types::Type;

use crate::build::settings::text;
use crate::cel::{self, Scope};
use crate::claim::{Claim, Claims, Clause, Form, Property, Purpose, SourceId, Subject, Value};
use crate::names::{entity_key, key};
use crate::read::purpose_of;
use crate::spec::{Alias, Constraint, Entity, Field, Meaning, Spec};

pub(super) fn build(spec: &mut Spec) {
    let claims = &spec.facts.claims;
    let mut parts: FxHashMap<&str, (Vec<&Subject>, Vec<&Subject>)> = FxHashMap::default();
    for subject in claims.subjects() {
        let Some(rest) = subject.as_str().strip_prefix("entity.") else { continue };
        let mut words = rest.splitn(3, '.');
        let (Some(entity), Some(kind), Some(_)) = (words.next(), words.next(), words.next()) else { continue };
        let (fields, constraints) = parts.entry(entity).or_default();
        if kind == "field" { fields.push(subject) } else { constraints.push(subject) }
    }
    // A name for anything that is declared as a record elsewhere is that record.
    let elsewhere = |it: &Alias| {
        it.ty == Type::Json && parts.get(entity_key(&it.name.value).as_str()).is_some_and(|it| !it.0.is_empty())
    };
    let aliases = claims.subjects_of("type").filter_map(|it| alias(claims, it));
    let aliases: Vec<Alias> = aliases.filter(|it| !elsewhere(it)).collect();
    let resolver = Aliases::new(&aliases);
    let mut entities = Vec::new();
    let mut pending = Vec::new();
    for subject in claims.subjects_of("entity") {
        let name = subject.as_str().strip_prefix("entity.").unwrap_or("");
        let Some((fields, constraints)) = parts.get(name) else { continue };
        if let Some(entity) = entity(claims, subject, fields, &resolver) {
            pending.push((entities.len(), constraints.clone()));
            entities.push(entity);
        }
    }
    // Constraints need the fields and the options.
    let mut read = Vec::new();
    for (index, constraints) in pending.iter().filter(|it| !it.1.is_empty()) {
        let Some(entity) = entities.get(*index) else { continue };
        let scope = scope(entity, &aliases, &entities, &spec.options);
        let meanings: Vec<Constraint> = constraints
            .iter()
            .flat_map(|it| claims.of(it, Property::Constraint))
            .map(|it| constraint(it, entity, &scope))
            .collect();
        read.push((*index, meanings));
    }
    for (index, constraints) in read {
        if let Some(entity) = entities.get_mut(index) {
            adopt(entity, constraints);
        }
    }
    spec.entities = entities;
    spec.aliases = aliases;
}

fn alias(claims: &Claims, subject: &Subject) -> Option<Alias> {
    let ty = claims.of(subject, Property::Type).find_map(|it| match &it.value {
        Value::Type(ty) => Some(ty.clone()),
        _ => None,
    });
    Some(Alias { name: text(claims, subject, Property::Declared)?, ty: ty? })
}

fn entity(claims: &Claims, subject: &Subject, fields: &[&Subject], aliases: &Aliases<'_>) -> Option<Entity> {
    let declared: Vec<&Claim> = claims.of(subject, Property::Declared).collect();
    // Every source says that it declares its subject.
    let mut sources: Vec<SourceId> = declared.iter().filter_map(|it| it.source).collect();
    sources.extend(fields.iter().flat_map(|it| claims.of(it, Property::Declared)).filter_map(|it| it.source));
    sources.sort_unstable();
    sources.dedup();
    let source = |id: &SourceId| claims.sources.get(id.0 as usize);
    let whole = sources.iter().filter_map(source).find(|it| it.purpose == Purpose::Whole);
    let purpose = whole.or_else(|| sources.iter().filter_map(source).next()).map_or(Purpose::Whole, |it| it.purpose);
    // A declaration in code writes the name as code does; a heading may write it in words.
    let name = declared.iter().find(|it| it.form != Form::Heading).or(declared.first())?;
    let form = name.form;
    let name = Spanned::new(name.value.as_text()?.to_owned(), name.span);
    let kept = purpose == Purpose::Whole
        && (declared.iter().any(|it| it.form == Form::Heading)
            || sources.iter().filter_map(source).any(|it| it.stored));
    let fields: Vec<Field> = fields.iter().filter_map(|it| field(claims, it, aliases)).collect();
    if fields.is_empty() {
        return None;
    }
    let base = matches!(purpose, Purpose::Request | Purpose::View)
        .then(|| purpose_of(&name.value, form).map(|it| it.1))
        .flatten();
    Some(Entity { subject: subject.clone(), name, purpose, base, kept, fields, constraints: Vec::new(), sources })
}

/// The claims about a subject that make the model: all but those of asides.
fn modelled<'a>(claims: &'a Claims, subject: &Subject, property: Property) -> impl Iterator<Item = &'a Claim> + 'a {
    claims.of(subject, property).filter(|it| claims.source_of(it).is_none_or(|it| it.purpose != Purpose::Aside))
}

fn field(claims: &Claims, subject: &Subject, aliases: &Aliases<'_>) -> Option<Field> {
    modelled(claims, subject, Property::Declared).next()?;
    let name = text(claims, subject, Property::Declared)?;
    let own_key = key(&name.value);
    let types = modelled(claims, subject, Property::Type).filter_map(|it| match &it.value {
        Value::Type(ty) => Some((ty, it.span)),
        _ => None,
    });
    let types: Vec<(Type, Span)> = types.map(|(ty, span)| (aliases.resolve(ty), span)).collect();
    let mut rules: Vec<Spanned<Rule>> = Vec::new();
    for claim in modelled(claims, subject, Property::Rule) {
        if let Value::Rule(rule) = &claim.value
            && !rules.iter().any(|it| it.value == *rule)
        {
            rules.push(Spanned::new(rule.clone(), claim.span));
        }
    }
    let flags: Vec<bool> = modelled(claims, subject, Property::Required)
        .filter_map(|it| match it.value {
            Value::Flag(flag) => Some(flag),
            _ => None,
        })
        .collect();
    let is_key = claims.of(subject, Property::Key).next().is_some();
    let required = !flags.is_empty() && flags.iter().all(|it| *it);
    let stored = |it: &Claim| claims.source_of(it).is_some_and(|it| it.stored);
    let sql_null = modelled(claims, subject, Property::Required).any(|it| stored(it) && it.value == Value::Flag(false));
    let nullable =
        sql_null || types.iter().any(|it| it.0.is_nullable()) || rules.iter().any(|it| it.value == Rule::Nullable);
    let ty = narrowest(&types, &rules);
    let default = text(claims, subject, Property::Default)
        .map(|it| Spanned::new(it.value.trim_matches(['`', '"', '\'']).to_owned(), it.span));
    let stamp = matches!(own_key.as_str(), "createdat" | "updatedat")
        && ty.as_ref().is_none_or(|it| {
            matches!(it.value.bare(), Type::DateTime | Type::Date | Type::Text(_) | Type::Number | Type::Integer)
        });
    let server_set = is_key || stamp || own_key == "id" || rules.iter().any(|it| it.value == Rule::ServerSet);
    Some(Field {
        subject: subject.clone(),
        key: own_key,
        name,
        ty,
        required,
        nullable,
        default,
        is_key,
        server_set,
        rules,
    })
}

/// Aliases by the form of their names in which spellings are equal.
struct Aliases<'a> {
    by_key: FxHashMap<String, &'a Alias>,
}

/// Aliases may refer to each other in a circle.
const MAX_ALIAS_DEPTH: usize = 16;

/// Aliases that hold others twice double with each step: with more parts than this, names are left.
const MAX_PARTS: usize = 4_000;

impl<'a> Aliases<'a> {
    fn new(aliases: &'a [Alias]) -> Aliases<'a> {
        let mut by_key = FxHashMap::default();
        for alias in aliases {
            by_key.entry(key(&alias.name.value)).or_insert(alias);
        }
        Aliases { by_key }
    }

    /// A type with its names resolved to aliases, and nested names too.
    fn resolve(&self, ty: &Type) -> Type {
        self.within(ty, 0, &mut 0)
    }

    fn within(&self, ty: &Type, depth: usize, parts: &mut usize) -> Type {
        *parts += 1;
        if depth > MAX_ALIAS_DEPTH || *parts > MAX_PARTS {
            return ty.clone();
        }
        let mut inner = |it: &Type| Box::new(self.within(it, depth + 1, parts));
        match ty {
            Type::Named(name) => match self.by_key.get(&key(&name.value)) {
                // A circle is a name for nothing.
                Some(found) if found.ty.bare() != ty => self.within(&found.ty, depth + 1, parts),
                _ => ty.clone(),
            },
            Type::Array(item) => Type::Array(inner(item)),
            Type::Map(item) => Type::Map(inner(item)),
            Type::Nullable(item) => Type::Nullable(inner(item)),
            Type::Object(members) => {
                let mut member = |it: &Member| {
                    let ty = Spanned::new(self.within(&it.ty.value, depth + 1, parts), it.ty.span);
                    Member { ty, ..it.clone() }
                };
                Type::Object(members.iter().map(&mut member).collect())
            }
            other => other.clone(),
        }
    }
}

/// How much a type says: the narrower of two compatible types says more.
fn rank(ty: &Type) -> u8 {
    match ty.bare() {
        Type::Opaque(_) => 0,
        Type::Json => 1,
        Type::Text(None) | Type::Number => 2,
        Type::Text(Some(_)) | Type::Named(_) => 3,
        Type::Integer | Type::Array(_) | Type::Map(_) => 4,
        Type::Decimal(None) => 4,
        Type::Date => 5,
        _ => 6,
    }
}

fn narrowest(types: &[(Type, Span)], rules: &[Spanned<Rule>]) -> Option<Spanned<Type>> {
    let mut best: Option<Spanned<Type>> = None;
    for (ty, span) in types {
        if best.as_ref().is_none_or(|it| rank(ty) > rank(&it.value)) {
            best = Some(Spanned::new(ty.clone(), *span));
        }
    }
    let best = best?;
    // Words about a text may name what it holds.
    for rule in rules {
        let narrowed = match (&rule.value, best.value.bare()) {
            (Rule::OneOf(words), Type::Text(_)) => Type::Enum(words.clone()),
            (Rule::Format(format), Type::Text(_)) => match format.as_str() {
                "uuid" => Type::Uuid,
                "email" => Type::Email,
                "url" => Type::Url,
                "iso 8601" | "date-time" | "datetime" => Type::DateTime,
                "date" | "yyyy-mm-dd" => Type::Date,
                _ => continue,
            },
            (Rule::Format(format), Type::Number) if format == "integer" => Type::Integer,
            _ => continue,
        };
        let narrowed = if best.value.is_nullable() { Type::Nullable(Box::new(narrowed)) } else { narrowed };
        return Some(Spanned::new(narrowed, best.span));
    }
    Some(best)
}

/// The names that a constraint of an entity may use.
pub(super) fn scope(
    entity: &Entity,
    aliases: &[Alias],
    entities: &[Entity],
    options: &[crate::spec::Setting],
) -> Scope {
    let fields = entity.fields.iter().map(|it| {
        let ty = it.ty.as_ref().map_or(Type::Json, |it| it.value.clone());
        let nullable = it.nullable || !it.required;
        (it.name.value.clone(), if nullable && !ty.is_nullable() { Type::Nullable(Box::new(ty)) } else { ty })
    });
    let config =
        options.iter().map(|it| (it.name.value.clone(), it.ty.as_ref().map_or(Type::Json, |it| it.value.clone())));
    let aliases = aliases.iter().map(|it| (it.name.value.clone(), it.ty.clone()));
    // A field may hold a record that is declared beside the entity.
    let names = names(entity);
    let records = entities
        .iter()
        .filter(|it| it.subject != entity.subject && names.contains(&it.name.value))
        .map(|it| (it.name.value.clone(), object(it)));
    Scope { fields: fields.collect(), config: config.collect(), types: aliases.chain(records).collect() }
}

/// Names of types that an entity's fields mention.
fn names(entity: &Entity) -> FxHashSet<String> {
    fn collect(ty: &Type, found: &mut FxHashSet<String>) {
        match ty {
            Type::Named(name) => {
                found.insert(name.value.clone());
            }
            Type::Array(inner) | Type::Map(inner) | Type::Nullable(inner) => collect(inner, found),
            Type::Object(members) => members.iter().for_each(|it| collect(&it.ty.value, found)),
            _ => {}
        }
    }
    let mut found = FxHashSet::default();
    entity.fields.iter().filter_map(|it| it.ty.as_ref()).for_each(|it| collect(&it.value, &mut found));
    found
}

/// The type of a record's values.
pub(crate) fn object(entity: &Entity) -> Type {
    let member = |field: &Field| Member {
        name: field.name.clone(),
        also: Vec::new(),
        ty: field.ty.clone().unwrap_or_else(|| Spanned::new(Type::Json, field.name.span)),
        optional: !field.required,
        not_null: Some(!field.nullable),
        default: field.default.clone(),
        primary_key: field.is_key,
        unique: false,
        references: None,
        generated: field.server_set,
        rules: Vec::new(),
        checks: Vec::new(),
        comments: Vec::new(),
        span: field.name.span,
    };
    Type::Object(entity.fields.iter().map(member).collect())
}

fn constraint(claim: &Claim, entity: &Entity, scope: &Scope) -> Constraint {
    let subject = claim.subject.clone();
    let Value::Clause(clause) = &claim.value else {
        let text = Spanned::new(claim.value.as_text().unwrap_or("").to_owned(), claim.span);
        return Constraint { subject, text, meaning: Meaning::Text };
    };
    let text = Spanned::new(clause.words.as_str().to_owned(), claim.span);
    let meaning =
        if claim.form == Form::Sql { sql_condition(clause, scope) } else { meaning(clause, Some(entity), scope) };
    Constraint { subject, text, meaning }
}

/// What words say: an expression if their code span is one or they type-check as one, else what the
/// English grammar reads.
pub(super) fn meaning(clause: &Clause, entity: Option<&Entity>, scope: &Scope) -> Meaning {
    if let Some(code) = &clause.code
        && cel::looks_like_expression(code.as_str())
    {
        return match cel::check(code, scope) {
            Ok(checked) if checked.kind == cel::Kind::Bool || checked.kind == cel::Kind::Dyn => Meaning::Cel(checked),
            // `order.total` in a sentence is a name.
            Ok(_) => Meaning::Text,
            Err(problems) if meant_as_cel(code.as_str(), scope) => Meaning::Broken(problems),
            Err(_) => Meaning::Text,
        };
    }
    if clause.code.is_none()
        && cel::looks_like_expression(clause.words.as_str())
        && let Ok(checked) = cel::check(&clause.words, scope)
        && checked.kind == cel::Kind::Bool
    {
        return Meaning::Cel(checked);
    }
    let names: Vec<&str> = entity.map_or(Vec::new(), |it| it.fields.iter().map(|it| it.name.value.as_str()).collect());
    let phrases = english::of_entity(&clause.words, &names);
    if phrases.is_empty() {
        return Meaning::Text;
    }
    Meaning::English(phrases.into_iter().map(|it| (it.field.map(|it| it.value), it.rule)).collect())
}

/// Whether code is meant as CEL: it speaks of `self`, or a field of the entity stands beside an operator
/// of CEL.
fn meant_as_cel(code: &str, scope: &Scope) -> bool {
    if code.contains("self.") || code.contains("oldSelf") {
        return true;
    }
    let operator = ["==", "!=", ">=", "<=", "&&", "||", " > ", " < ", " in "].iter().any(|it| code.contains(it));
    let first = code.split(|it: char| !it.is_alphanumeric() && it != '_').next().unwrap_or("");
    operator && scope.fields.iter().any(|it| it.0 == first)
}

/// A SQL condition as CEL, where the two differ only in spelling.
fn sql_condition(clause: &Clause, scope: &Scope) -> Meaning {
    let Some(rewritten) = crate::sql::to_cel(clause.words.as_str()) else { return Meaning::Text };
    let span = clause.words.whole();
    let mut builder = source::TextBuilder::new(span.file);
    builder.push_mapped(&rewritten, span.range());
    match cel::check(&builder.finish(), scope) {
        Ok(checked) if checked.kind == cel::Kind::Bool => Meaning::Cel(checked),
        _ => Meaning::Text,
    }
}

/// Adds constraints to an entity; what concerns one field becomes a rule of it.
fn adopt(entity: &mut Entity, constraints: Vec<Constraint>) {
    for constraint in &constraints {
        let Meaning::English(phrases) = &constraint.meaning else { continue };
        for (name, rule) in phrases {
            let Some(name) = name else { continue };
            let own = key(name);
            let Some(field) = entity.fields.iter_mut().find(|it| it.key == own) else { continue };
            let span = constraint.text.span;
            match rule {
                Rule::Default(value) if field.default.is_none() => field.default = Some(value.clone()),
                Rule::Required(flag) => field.required = *flag,
                Rule::Nullable => field.nullable = true,
                Rule::ServerSet => field.server_set = true,
                _ => {}
            }
            if !field.rules.iter().any(|it| it.value == *rule) {
                field.rules.push(Spanned::new(rule.clone(), span));
            }
            let types: Vec<(Type, Span)> = field.ty.iter().map(|it| (it.value.clone(), it.span)).collect();
            field.ty = narrowest(&types, &field.rules).or(field.ty.take());
        }
    }
    entity.constraints = constraints;
}
