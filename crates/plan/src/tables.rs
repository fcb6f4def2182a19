//! Entities as tables: fields, keys, uniqueness, references and conditions.

use model::claim::Subject;
use model::names::{entity_key, key, words};
use model::{BehaviourKind, Endpoint, Entity, Meaning, Spec};
use syntax::english::Rule;
use syntax::json::{Json, Property};

use crate::Unenforced;
use crate::cell::Cell;
use crate::condition::{self, Condition, Conditions};
use crate::implicit::Implicit;
use crate::lines::Lines;
use crate::shape::{Found, Kind, Member};
use crate::types::{Types, default_value};
use crate::{Field, Fill, MakeKey, OnDelete, Reference, Relation, Table, Unique, examples, machines, restrict};

/// What a table is made from.
pub(super) struct Resource<'a> {
    pub(super) entity: &'a Entity,
    /// Its index in the document, if a declaration describes it.
    pub(super) declared: Option<usize>,
    /// Indices of the endpoints that work on it.
    pub(super) endpoints: Vec<usize>,
}

/// The entities that endpoints work on, and the implicit resources.
pub(super) fn subjects<'a>(spec: &'a Spec, resources: &'a [Implicit]) -> Vec<Resource<'a>> {
    let works = |index: usize| {
        let each = spec.endpoints.iter().enumerate();
        each.filter(move |(_, it)| it.behaviour.entity == Some(index) && it.behaviour.kind != BehaviourKind::Example)
            .map(|it| it.0)
    };
    let declared = spec.entities.iter().enumerate().map(|(index, entity)| Resource {
        entity,
        declared: Some(index),
        endpoints: works(index).collect(),
    });
    let implicit =
        resources.iter().map(|it| Resource { entity: &it.entity, declared: None, endpoints: it.endpoints.clone() });
    declared.filter(|it| !it.endpoints.is_empty()).chain(implicit).collect()
}

/// Compiles the tables.
pub(super) fn compile(
    spec: &Spec,
    subjects: &[Resource],
    lines: &Lines,
    conditions: &Conditions,
    unenforced: &mut Vec<Unenforced>,
) -> Vec<Table> {
    // What nothing creates cannot be referred to.
    let creates = |it: &Resource| {
        let mut endpoints = it.endpoints.iter().filter_map(|it| spec.endpoints.get(*it));
        endpoints.any(|it| it.behaviour.kind == BehaviourKind::Create)
    };
    let holder = |index| subjects.iter().position(|it| it.declared == Some(index) && creates(it));
    let of_entity: Vec<Option<usize>> = (0..spec.entities.len()).map(holder).collect();
    let types = Types { spec, lines, tables: &of_entity };
    let mut names: Vec<String> = Vec::new();
    let mut tables: Vec<Table> = Vec::new();
    for subject in subjects {
        let endpoints: Vec<&Endpoint> = subject.endpoints.iter().filter_map(|it| spec.endpoints.get(*it)).collect();
        tables.push(table(&types, subject, &endpoints, conditions, &mut names, unenforced));
    }
    references(subjects, &types, &mut tables, unenforced);
    for (index, table) in tables.iter_mut().enumerate() {
        table.index = index;
    }
    tables
}

fn table(
    types: &Types,
    subject: &Resource,
    endpoints: &[&Endpoint],
    conditions: &Conditions,
    names: &mut Vec<String>,
    unenforced: &mut Vec<Unenforced>,
) -> Table {
    let entity = subject.entity;
    let shown = examples::shown(endpoints, entity);
    let creates: Vec<examples::Drawn> = endpoints
        .iter()
        .filter(|it| {
            it.behaviour.kind == BehaviourKind::Create
                || (it.behaviour.kind == BehaviourKind::Singleton && it.method != "GET")
        })
        .filter_map(|it| examples::drawn(types.spec, it, Some(entity)))
        .collect();
    let single = endpoints.iter().any(|it| it.behaviour.kind == BehaviourKind::Singleton);
    let machine = machines::of(types.spec, subject.declared);
    let mut fields: Vec<Field> = entity
        .fields
        .iter()
        .map(|it| field(types, it, &shown, &creates, machine.as_ref().is_some_and(|(_, bound)| *bound == it.key)))
        .collect();
    let brought = |it: &str| creates.iter().flat_map(|it| &it.names).find(|(name, _)| key(name) == key(it));
    for (field, declared) in fields.iter_mut().zip(&entity.fields) {
        if examples::example(&shown, &declared.key).is_none()
            && let Some((name, _)) = brought(&field.declared)
        {
            field.member.name.clone_from(name);
        }
    }
    let shown_as: Vec<(String, String)> = fields
        .iter()
        .filter(|it| examples::example(&shown, &key(&it.declared)).is_some() || brought(&it.declared).is_some())
        .map(|it| (it.declared.clone(), it.member.name.clone()))
        .collect();
    let pairs: Vec<(&str, &str)> = shown_as.iter().map(|it| (it.0.as_str(), it.1.as_str())).collect();
    for field in fields.iter_mut().filter(|it| !pairs.iter().any(|(declared, _)| *declared == it.declared)) {
        field.member.name = examples::spelling(&field.declared, &pairs);
    }
    let mut inferred = Vec::new();
    if subject.declared.is_some() {
        for property in examples::undeclared(endpoints, entity) {
            inferred.push((fields.len(), format!("{}: a field of the examples", property.key.value)));
            fields.push(undeclared(types, entity, property));
        }
    }
    let (key, make_key) = identify(entity, &mut fields, &creates, single, endpoints);
    let mut columns: Vec<String> = Vec::new();
    for field in &mut fields {
        field.column = distinct(sql_name(&field.declared), &mut columns);
    }
    let sql = distinct(sql_name(&entity.name.value), names);
    let mut table = Table {
        index: 0,
        name: singular(&entity.name.value),
        entity: subject.declared,
        sql,
        fields,
        key,
        make_key,
        uniques: Vec::new(),
        references: Vec::new(),
        inferred,
        relations: Vec::new(),
        conditions: Vec::new(),
        restrictions: Vec::new(),
        machine: None,
        line: types.lines.of(entity.name.span),
    };
    constraints(types, entity, &mut table, conditions, unenforced);
    table.restrictions =
        table.conditions.iter().flat_map(|it| restrict::of(it.program.expression(), conditions)).collect();
    table.machine =
        machine.and_then(|(machine, field)| machines::compile(machine, &field, &table, types.lines, conditions));
    if let Some(machine) = table.machine.as_mut().filter(|it| it.initial.is_none()) {
        machine.initial = machine.beginning();
        if let (Some(initial), Some(field)) = (&machine.initial, table.fields.get(machine.field)) {
            let words = format!("{}: {initial}, to which nothing leads", field.member.name);
            table.inferred.push((machine.field, words));
        }
    }
    if let Some(machine) = &table.machine
        && let Some(initial) = machine.initial.clone()
        && let Some(field) = table.fields.get_mut(machine.field)
        && matches!(field.fill, Fill::Nothing | Fill::Example(_))
    {
        field.fill = Fill::Value(Cell::Text(initial));
        field.member.required = false;
    }
    table
}

/// A field that only examples have. What its value holds is not checked: they show one of many.
fn undeclared(types: &Types, entity: &Entity, property: &Property) -> Field {
    use syntax::types::Type;
    let ty = match &property.value.value {
        Json::Array(_) => Type::Array(Box::new(Type::Json)),
        Json::Object(_) => Type::Json,
        other => super::types::type_of(other),
    };
    let declared = model::Field {
        subject: entity.subject.part("field", &property.key.value),
        name: property.key.clone(),
        key: key(&property.key.value),
        ty: Some(source::Spanned::new(ty, property.value.span)),
        required: false,
        nullable: property.value.value == Json::Null,
        default: None,
        is_key: false,
        server_set: false,
        rules: Vec::new(),
    };
    field(types, &declared, &[property], &[], false)
}

fn field(types: &Types, field: &model::Field, shown: &[&Property], creates: &[examples::Drawn], state: bool) -> Field {
    let example = examples::example(shown, &field.key);
    let name = example.map_or(&field.name.value, |it| &it.key.value).clone();
    let value = example.map(|it| &it.value.value);
    let mut member = types.member(field, name, value);
    // An example that shows null shows that it may be.
    let null = |it: &&Property| key(&it.key.value) == field.key && it.value.value == Json::Null;
    member.nullable |= !field.required && shown.iter().any(null);
    let computed =
        |it: &str| it.contains('(') || it.eq_ignore_ascii_case("current_timestamp") || it.eq_ignore_ascii_case("now");
    let timed = matches!(member.kind, Kind::DateTime | Kind::Date | Kind::Integer | Kind::Number);
    let mut fill = match &field.default {
        Some(default) if computed(&default.value) && timed => Fill::Now,
        Some(default) if computed(&default.value) => Fill::Id,
        Some(default) => {
            let found = default_value(&member.kind, &default.value).map(|it| kept(&member, it));
            found.flatten().map_or(Fill::Nothing, Fill::Value)
        }
        None => Fill::Nothing,
    };
    let touched = timed
        && field.server_set
        && ["updated", "modified", "lastupdated", "lastmodified", "changed"].iter().any(|it| field.key.starts_with(it));
    let optional = member.nullable || !field.required;
    if field.server_set && matches!(fill, Fill::Nothing) {
        let stamp = touched || field.key.starts_with("created") || !optional;
        fill = match member.kind {
            _ if timed && stamp && matches!(member.kind, Kind::DateTime | Kind::Date) => Fill::Now,
            _ if timed && matches!(field.key.as_str(), "createdat" | "updatedat") => Fill::Now,
            Kind::Uuid if !optional => Fill::Id,
            _ => Fill::Nothing,
        };
    }
    let asked = !creates.is_empty()
        && creates.iter().all(|it| it.complete && !it.names.iter().any(|(name, _)| key(name) == field.key));
    if matches!(fill, Fill::Nothing)
        && !optional
        && !field.is_key
        && field.key != "id"
        && !state
        && (asked || field.server_set)
        && let Some(cell) = value.and_then(json).and_then(|it| kept(&member, it))
    {
        fill = Fill::Example(cell);
    }
    // What no request can bring and nothing gives a value to is not asked for.
    let unasked = asked && !optional && !field.is_key && field.key != "id" && !state && matches!(fill, Fill::Nothing);
    if unasked && member.kind == Kind::DateTime && field.key.starts_with("created") {
        fill = Fill::Now;
    } else if unasked {
        member.required = false;
    }
    let present = member.required && !member.nullable
        || matches!(fill, Fill::Now | Fill::Value(_) | Fill::Example(_)) && !optional;
    member.required &= !field.server_set && !member.nullable && matches!(fill, Fill::Nothing);
    // A drawn request may say otherwise than the record.
    if creates.iter().flat_map(|it| &it.names).any(|(name, said)| key(name) == field.key && *said == Some(false)) {
        member.required = false;
    }
    let immutable = field.rules.iter().find(|it| it.value == Rule::Immutable).map(|it| types.lines.of(it.span));
    Field {
        declared: field.name.value.clone(),
        column: String::new(),
        server_set: field.server_set,
        immutable: field.is_immutable() || field.key == "id",
        immutable_line: immutable.unwrap_or(member.line),
        hidden: field.is_write_only(),
        omitted: !member.nullable && (!field.required || unasked),
        present: present && field.required,
        member,
        fill,
        touched,
    }
}

/// A value in the form in which it is kept, if it fits.
fn kept(member: &Member, value: serde_json::Value) -> Option<Cell> {
    let mut found = Found::default();
    let value = member.accept(value, &member.name, &mut found);
    found.problems.is_empty().then(|| member.cell(value))
}

/// An example's value as JSON; holes as the words in them.
pub fn json(json: &Json) -> Option<serde_json::Value> {
    use serde_json::Value;
    Some(match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(text) => Value::Number(text.parse().ok()?),
        Json::String(text) => Value::String(text.clone()),
        Json::Hole(text) => Value::String(text.clone()),
        Json::Array(items) => Value::Array(items.iter().filter_map(|it| self::json(&it.value)).collect()),
        Json::Object(properties) => Value::Object(
            properties.iter().filter_map(|it| Some((it.key.value.clone(), self::json(&it.value.value)?))).collect(),
        ),
    })
}

/// Finds the field that identifies a record, or adds one.
fn identify(
    entity: &Entity,
    fields: &mut Vec<Field>,
    creates: &[examples::Drawn],
    single: bool,
    endpoints: &[&Endpoint],
) -> (usize, MakeKey) {
    let own = entity.id().and_then(|id| entity.fields.iter().position(|it| it.key == id.key));
    // `/users/{email}`: the parameter names the field.
    let by_path = || {
        let parameters = endpoints
            .iter()
            .filter_map(|it| syntax::route::Path::read(&it.path))
            .filter_map(|it| it.parameters().last().map(key));
        parameters.filter_map(|name| entity.fields.iter().position(|it| it.key == name && it.required)).next()
    };
    let given = |index: usize| {
        let declared = entity.fields.get(index);
        declared.is_some_and(|field| creates.iter().any(|it| it.names.iter().any(|(name, _)| key(name) == field.key)))
    };
    if !single && let Some(index) = own.or_else(by_path) {
        let brought = given(index)
            || own.is_none()
            || entity.fields.get(index).zip(fields.get(index)).is_some_and(|it| natural(it.0, it.1, creates));
        if let Some(field) = fields.get_mut(index) {
            field.present = true;
            field.omitted = false;
            field.member.nullable = false;
            if brought {
                field.server_set = false;
                field.member.required = true;
                field.immutable = true;
                return (index, MakeKey::Given);
            }
            field.server_set = true;
            field.member.required = false;
            let counted = matches!(field.member.kind, Kind::Integer | Kind::Number);
            return (index, if counted { MakeKey::Counted } else { MakeKey::Id });
        }
    }
    // A collection whose records can be reached one by one shows its keys.
    let reached = endpoints.iter().any(|it| it.path.trim_end_matches('/').ends_with('}'));
    let line = 0;
    fields.push(Field {
        member: Member {
            name: "id".to_owned(),
            kind: Kind::Text(None),
            nullable: false,
            required: false,
            limits: Vec::new(),
            refers: None,
            line,
        },
        declared: "_key".to_owned(),
        column: String::new(),
        server_set: true,
        immutable: true,
        immutable_line: line,
        hidden: single || !reached,
        omitted: false,
        present: true,
        fill: Fill::Nothing,
        touched: false,
    });
    (fields.len() - 1, if single { MakeKey::Single } else { MakeKey::Id })
}

/// Whether a key means something, so that only a request can know it: a text that is not called an id.
fn natural(field: &model::Field, kept: &Field, creates: &[examples::Drawn]) -> bool {
    let text = matches!(kept.member.kind, Kind::Text(_) | Kind::Email | Kind::Url);
    let artificial = ["id", "uuid", "guid", "key"].iter().any(|it| field.key.ends_with(it));
    // A request that is drawn without it leaves it to the service.
    text && !artificial && field.default.is_none() && creates.is_empty()
}

fn constraints(
    types: &Types,
    entity: &Entity,
    table: &mut Table,
    conditions: &Conditions,
    unenforced: &mut Vec<Unenforced>,
) {
    let index = |name: &str| entity.fields.iter().position(|it| it.key == key(name));
    for (at, field) in entity.fields.iter().enumerate() {
        for rule in &field.rules {
            let line = types.lines.of(rule.span);
            relate(table, Some(at), &rule.value, line, &index);
        }
    }
    for constraint in &entity.constraints {
        let line = types.lines.of(constraint.text.span);
        let mut text =
            || unenforced.push(Unenforced { text: constraint.text.value.clone(), span: constraint.text.span });
        match &constraint.meaning {
            Meaning::Cel(checked) => match conditions.compile(&checked.source) {
                Some(program) => table.conditions.push(Condition {
                    program,
                    reads: checked.reads.iter().filter_map(|it| index(it)).collect(),
                    compares_old: checked.compares_old,
                    words: reason(&constraint.text.value),
                    simple: condition::comparisons(&checked.source)
                        .into_iter()
                        .filter(|_| !checked.compares_old)
                        .filter_map(|(name, sign, number)| Some((index(name)?, sign.to_owned(), number.to_owned())))
                        .collect(),
                    line,
                }),
                None => text(),
            },
            Meaning::English(phrases) => {
                for (name, rule) in phrases.iter().filter(|it| it.0.is_none()) {
                    relate(table, name.as_deref().and_then(index), rule, line, &index);
                }
            }
            Meaning::Broken(_) | Meaning::Text => text(),
        }
    }
}

/// What is said of a value that breaks a constraint: the words after its expression, else the expression.
fn reason(text: &str) -> String {
    let after = text.rsplit_once(": ").map(|it| it.1.trim());
    let prose = after.filter(|it| words(it).len() > 2 && !it.contains(['=', '<', '>', '&', '|', '?']));
    prose.map_or_else(|| format!("does not satisfy: {}", text.trim()), |it| format!("({})", it.trim_end_matches('.')))
}

fn relate(table: &mut Table, at: Option<usize>, rule: &Rule, line: u32, index: &dyn Fn(&str) -> Option<usize>) {
    match (at, rule) {
        (at, Rule::Unique(with)) => {
            let mut fields: Vec<usize> = at.into_iter().chain(with.iter().filter_map(|it| index(&it.value))).collect();
            fields.sort_unstable();
            fields.dedup();
            if !fields.is_empty() && fields != [table.key] && !table.uniques.iter().any(|it| it.fields == fields) {
                table.uniques.push(Unique { fields, line });
            }
        }
        (Some(field), Rule::Compared { after, equal, other }) => {
            if let Some(other) = index(&other.value) {
                table.relations.push((Relation::Compared { field, other, after: *after, equal: *equal }, line));
            }
        }
        (Some(field), Rule::RequiredWhen(other, value)) => {
            if let Some(other) = index(&other.value) {
                table.relations.push((Relation::RequiredWhen { field, other, value: value.value.clone() }, line));
            }
        }
        (_, Rule::AtLeastOneOf(names)) => {
            let fields: Vec<usize> = names.iter().filter_map(|it| index(&it.value)).collect();
            if fields.len() == names.len()
                && !table.relations.iter().any(|it| matches!(&it.0, Relation::AtLeastOneOf(known) if *known == fields))
            {
                table.relations.push((Relation::AtLeastOneOf(fields), line));
            }
        }
        _ => {}
    }
}

/// References between tables. One to an entity that no endpoint keeps cannot be held to.
fn references(subjects: &[Resource], types: &Types, tables: &mut [Table], unenforced: &mut Vec<Unenforced>) {
    let kinds: Vec<Option<Kind>> = tables.iter().map(|it| it.key_field().map(|it| it.member.kind.clone())).collect();
    let single: Vec<bool> = tables.iter().map(|it| it.make_key == MakeKey::Single).collect();
    for (subject, table) in subjects.iter().zip(tables.iter_mut()) {
        for (index, declared) in subject.entity.fields.iter().enumerate() {
            let Some((target, action)) = declared.reference() else {
                implied(subject, types, index, declared, &kinds, table);
                continue;
            };
            let line = declared
                .rules
                .iter()
                .find(|it| matches!(it.value, Rule::References(..)))
                .map_or(0, |it| types.lines.of(it.span));
            let found = types.table(&target.value).filter(|it| single.get(*it) == Some(&false));
            let Some(field) = table.fields.get_mut(index) else { continue };
            // The column itself is checked as a reference, not as something inside a value.
            field.member.refers = None;
            let Some(found) = found else {
                let known = types.spec.entities.iter().any(|it| {
                    entity_key(&it.name.value) == entity_key(&target.value)
                        || it.subject == Subject::entity(&target.value)
                });
                let why = if known { "no endpoint creates" } else { "the document does not declare" };
                unenforced.push(Unenforced {
                    text: format!("{} references {}, which {why}", declared.name.value, target.value),
                    span: target.span,
                });
                continue;
            };
            if let Some(Some(kind)) = kinds.get(found)
                && is_open(&field.member.kind)
            {
                field.member.kind = kind.clone();
            }
            let on_delete = match action {
                Some(it) if it.contains("cascade") => OnDelete::Cascade,
                Some(it) if it.contains("null") => OnDelete::SetNull,
                _ => OnDelete::Restrict,
            };
            table.references.push(Reference { field: index, table: found, on_delete, line });
        }
    }
}

/// `customerId` where there is an entity Customer: a reference that only the name implies.
fn implied(
    subject: &Resource,
    types: &Types,
    index: usize,
    declared: &model::Field,
    kinds: &[Option<Kind>],
    table: &mut Table,
) {
    let Some(target) = declared.key.strip_suffix("id").filter(|it| !it.is_empty()) else { return };
    let named = |it: &&Entity| it.is_record() && key(&entity_key(&it.name.value)) == target;
    let Some(entity) = types.spec.entities.iter().find(named) else { return };
    let itself = std::ptr::eq(entity, subject.entity);
    let Some(found) = types.table(&entity.name.value).filter(|_| !itself) else { return };
    let (Some(field), Some(Some(kind))) = (table.fields.get_mut(index), kinds.get(found)) else { return };
    if field.server_set || index == table.key || !(field.member.kind == *kind || is_open(&field.member.kind)) {
        return;
    }
    field.member.kind = kind.clone();
    table.inferred.push((index, format!("{} refers to {}", field.member.name, entity.name.value)));
    table.references.push(Reference {
        field: index,
        table: found,
        on_delete: OnDelete::Restrict,
        line: field.member.line,
    });
}

/// Whether a key of any kind fits.
fn is_open(kind: &Kind) -> bool {
    matches!(kind, Kind::Text(_) | Kind::Any | Kind::Number)
}

/// How one record is called: tables are often named in the plural.
fn singular(name: &str) -> String {
    let lower = name.chars().all(|it| !it.is_uppercase());
    if lower { syntax::family::singular(name).to_owned() } else { name.to_owned() }
}

/// A name in the form that needs least care in SQL: snake case.
fn sql_name(name: &str) -> String {
    let joined = words(name).join("_");
    let prefix = if name.starts_with('_') { "_" } else { "" };
    let ascii: String =
        joined.chars().map(|it| if it.is_ascii_alphanumeric() || it == '_' { it } else { '_' }).collect();
    let name = format!("{prefix}{ascii}");
    // Names that SQLite and the records' own tables keep for themselves.
    if name.starts_with("sqlite_") || name.starts_with("_truespec") { format!("_{name}") } else { name }
}

fn distinct(name: String, taken: &mut Vec<String>) -> String {
    let mut found = name.clone();
    let mut number = 2;
    while taken.contains(&found) {
        found = format!("{name}_{number}");
        number += 1;
    }
    taken.push(found.clone());
    found
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_in_the_database() {
        for (name, expected) in [
            ("OrderLine", "order_line"),
            ("sqlite_master", "_sqlite_master"),
            ("_truespec", "__truespec"),
            ("sqliteReport", "_sqlite_report"),
            ("sqlites", "sqlites"),
        ] {
            assert_eq!(super::sql_name(name), expected);
        }
    }
}
