//! What the query of a request may say: the page of a list, its order, equal values, and what the document
//! names besides.

use model::claim::{self, Place};
use model::names::key;
use model::{Endpoint, Spec};
use source::Spanned;
use syntax::english::Rule;
use syntax::types::Type;

use crate::Table;
use crate::Unenforced;
use crate::cell::Cell;
use crate::lines::Lines;
use crate::routes::Parent;
use crate::shape::{Found, Kind, Member};
use crate::types::{Types, default_value, limits};

/// What a query may say.
#[derive(Debug, Default)]
pub struct Query {
    /// For lists.
    pub page: Option<Paging>,
    pub sort: Option<Sort>,
    pub parameters: Vec<Parameter>,
    /// The line of the endpoint.
    pub line: u32,
}

/// The names by which a page is chosen.
#[derive(Debug)]
pub struct Paging {
    pub default: i64,
    pub most: i64,
    pub limit: String,
    pub cursor: String,
    /// Whether the document names them.
    pub limit_said: bool,
    pub cursor_said: bool,
    pub number: Option<String>,
    /// The number of the first page: 0 where the document says that it is the default.
    pub first: i64,
    pub offset: Option<String>,
    /// The line that limits the number of records.
    pub line: u32,
}

/// The names by which an order is chosen.
#[derive(Debug, Default)]
pub struct Sort {
    /// Names the field, perhaps with a direction.
    pub field: Option<String>,
    /// Names the direction.
    pub direction: Option<String>,
    /// What the document takes where the request says nothing.
    pub default: Option<Order>,
    /// The words that it allows, if it names any.
    pub words: Vec<String>,
    pub line: u32,
}

/// Records in the order of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Order {
    pub field: usize,
    pub descending: bool,
}

/// A parameter that selects records, or that has no effect.
#[derive(Debug)]
pub struct Parameter {
    pub name: String,
    /// What its values are held to.
    pub member: Member,
    /// The field whose records it selects; `None` has no effect here.
    pub field: Option<usize>,
    pub required: bool,
    /// What it is where the request does not say it.
    pub default: Option<Cell>,
    /// Whether the document names it.
    pub said: bool,
    pub line: u32,
}

const DEFAULT: i64 = 20;
const MOST: i64 = 100;

/// What a query is compiled for.
pub(super) struct Wanted<'a> {
    pub(super) spec: &'a Spec,
    pub(super) endpoint: &'a Endpoint,
    pub(super) table: Option<&'a Table>,
    pub(super) list: bool,
    pub(super) parents: &'a [Parent],
    pub(super) lines: &'a Lines<'a>,
}

pub(super) fn compile(wanted: &Wanted, unenforced: &mut Vec<Unenforced>) -> Query {
    let line = wanted.lines.of(wanted.endpoint.span);
    let mut query = Query { line, ..Query::default() };
    let table = wanted.table.filter(|_| wanted.list);
    if table.is_some() {
        query.page = Some(Paging {
            default: DEFAULT,
            most: MOST,
            limit: "limit".to_owned(),
            cursor: "cursor".to_owned(),
            limit_said: false,
            cursor_said: false,
            number: None,
            first: 1,
            offset: None,
            line,
        });
    }
    let said = || wanted.endpoint.parameters.iter().filter(|it| it.value.place == Place::Query);
    let sorts = said().any(|it| is_sort(&key(&it.value.name)));
    for parameter in said() {
        let field = table.and_then(|it| field(it, &parameter.value.name, wanted.parents));
        let line = wanted.lines.of(parameter.span);
        if field.is_none()
            && let Some(page) = query.page.as_mut()
            && (paging(page, &parameter.value, line)
                || table.is_some_and(|it| sorting(&mut query.sort, it, &parameter.value, sorts, line)))
        {
            continue;
        }
        if field.is_none() {
            let Endpoint { method, path, .. } = wanted.endpoint;
            let text = format!("query parameter {} of {method} {path}", parameter.value.name);
            unenforced.push(Unenforced { text, span: parameter.span });
        }
        query.parameters.push(documented(wanted, table, parameter, field));
    }
    // A direction alone orders nothing.
    if let Some(sort) = query.sort.take_if(|it| it.field.is_none() && it.default.is_none())
        && let Some(name) = sort.direction
    {
        query.parameters.push(idle(name, sort.line));
    }
    if let (Some(table), Some(page)) = (table, &query.page) {
        let taken = [&page.limit, &page.cursor].into_iter().chain(&page.number).chain(&page.offset);
        let sort = query.sort.iter().flat_map(|it| it.field.iter().chain(&it.direction));
        let taken: Vec<String> = taken.chain(sort).chain(query.parameters.iter().map(|it| &it.name)).cloned().collect();
        for (index, own) in table.fields.iter().enumerate() {
            let scalar = !matches!(own.member.kind, Kind::List(_) | Kind::Map(_) | Kind::Object(_) | Kind::Any);
            let above = wanted.parents.iter().any(|it| it.field == index);
            if scalar && !own.hidden && !above && !taken.contains(&own.member.name) {
                query.parameters.push(Parameter {
                    name: own.member.name.clone(),
                    member: Member { limits: Vec::new(), refers: None, ..own.member.clone() },
                    field: Some(index),
                    required: false,
                    default: None,
                    said: false,
                    line: own.member.line,
                });
            }
        }
    }
    query
}

/// The field that a parameter names, unless the path gives it.
fn field(table: &Table, name: &str, parents: &[Parent]) -> Option<usize> {
    let name = key(name);
    let found =
        table.fields.iter().position(|it| !it.hidden && (key(&it.declared) == name || key(&it.member.name) == name))?;
    (!parents.iter().any(|it| it.field == found)).then_some(found)
}

/// Whether a parameter chooses the page.
fn paging(page: &mut Paging, parameter: &claim::Parameter, line: u32) -> bool {
    match key(&parameter.name).as_str() {
        "limit" | "pagesize" | "perpage" | "size" | "take" | "count" | "first" | "maxresults" => {
            page.limit = parameter.name.clone();
            page.line = line;
            let most = parameter.rules.iter().find_map(|it| match it {
                Rule::Range(_, Some((most, equal))) => {
                    most.parse::<i64>().ok().map(|it| if *equal { it } else { it - 1 })
                }
                _ => None,
            });
            let default = parameter.default.as_ref().and_then(|it| it.trim_matches('`').parse().ok());
            page.most = most.unwrap_or(MOST.max(default.unwrap_or(0)));
            page.default = default.unwrap_or(DEFAULT.min(page.most));
            page.limit_said = true;
        }
        "cursor" | "after" | "pagetoken" | "nextcursor" | "startingafter" | "nexttoken" => {
            page.cursor = parameter.name.clone();
            page.cursor_said = true;
        }
        "page" | "pagenumber" => {
            page.number = Some(parameter.name.clone());
            page.first = i64::from(parameter.default.as_deref().map(|it| it.trim_matches('`')) != Some("0"));
            page.cursor_said = true;
        }
        "offset" | "skip" => {
            page.offset = Some(parameter.name.clone());
            page.cursor_said = true;
        }
        _ => return false,
    }
    true
}

/// Whether a name is one by which a field is chosen to order by.
fn is_sort(name: &str) -> bool {
    matches!(name, "sort" | "sortby" | "orderby" | "ordering" | "sortfield")
}

/// Whether a parameter chooses the order. `sorts` is whether another than `order` names the field.
fn sorting(sort: &mut Option<Sort>, table: &Table, parameter: &claim::Parameter, sorts: bool, line: u32) -> bool {
    let words: Vec<String> = match parameter.ty.as_ref().map(Type::bare) {
        Some(Type::Enum(words)) => words.iter().map(|it| it.value.clone()).collect(),
        _ => parameter
            .rules
            .iter()
            .find_map(|it| match it {
                Rule::OneOf(words) => Some(words.iter().map(|it| it.value.clone()).collect()),
                _ => None,
            })
            .unwrap_or_default(),
    };
    let directions = !words.is_empty() && words.iter().all(|it| direction(it).is_some());
    let default = parameter.default.as_ref().map(|it| it.trim_matches(['`', '"', '\'']));
    let own_name = parameter.name.clone();
    match key(&own_name).as_str() {
        name if (is_sort(name) || (name == "order" && !sorts))
            && !directions
            && default.and_then(direction).is_none() =>
        {
            // Words that name no order (`relevance`) are let pass without effect.
            if !words.is_empty() && words.iter().any(|it| Order::read(table, it).is_none()) {
                return false;
            }
            let own = sort.get_or_insert_default();
            own.field = Some(own_name);
            own.words = words;
            own.line = line;
            if let Some(order) = default.and_then(|it| Order::read(table, it)) {
                let descending = own.default.map_or(order.descending, |it| it.descending);
                own.default = Some(Order { descending, ..order });
            }
        }
        "order" | "sortorder" | "direction" | "dir" | "sortdir" | "sortdirection" | "orderdirection" => {
            let own = sort.get_or_insert_default();
            own.direction = Some(own_name);
            own.line = line;
            if let (Some(order), Some(descending)) = (own.default.as_mut(), default.and_then(direction)) {
                order.descending = descending;
            }
        }
        _ => return false,
    }
    true
}

/// Whether a word says descending or ascending.
pub fn direction(word: &str) -> Option<bool> {
    match key(word).as_str() {
        "desc" | "descending" => Some(true),
        "asc" | "ascending" => Some(false),
        _ => None,
    }
}

impl Order {
    /// `price`, `-price`, `price:desc`, `price_desc`, `newest`.
    pub fn read(table: &Table, text: &str) -> Option<Order> {
        let text = text.trim();
        let named = |name: &str| {
            let own = key(name);
            let mut each = table.fields.iter().enumerate();
            let fits = |kind: &Kind| !matches!(kind, Kind::List(_) | Kind::Map(_) | Kind::Object(_) | Kind::Any);
            let found = each.find(|(_, it)| {
                !it.hidden && fits(&it.member.kind) && (key(&it.member.name) == own || key(&it.declared) == own)
            });
            found.map(|it| it.0)
        };
        if let Some(field) = text.strip_prefix('-').and_then(named) {
            return Some(Order { field, descending: true });
        }
        if let Some(field) = named(text.strip_prefix('+').unwrap_or(text)) {
            return Some(Order { field, descending: false });
        }
        if let Some((name, word)) = text.rsplit_once([':', '_', '.', ' ', ',', '-'])
            && let (Some(descending), Some(field)) = (direction(word), named(name))
        {
            return Some(Order { field, descending });
        }
        let created = ["createdat", "created", "createdon"].iter().find_map(|it| named(it));
        match key(text).as_str() {
            "newest" | "latest" | "recent" => created.map(|field| Order { field, descending: true }),
            "oldest" => created.map(|field| Order { field, descending: false }),
            _ => None,
        }
    }
}

fn documented(
    wanted: &Wanted,
    table: Option<&Table>,
    parameter: &Spanned<claim::Parameter>,
    field: Option<usize>,
) -> Parameter {
    let one = &parameter.value;
    let line = wanted.lines.of(parameter.span);
    let types = Types { spec: wanted.spec, lines: wanted.lines, tables: &[] };
    let of_field = field.and_then(|it| table?.field(it)).map(|it| it.member.kind.clone());
    let kind = of_field.unwrap_or_else(|| one.ty.as_ref().map_or(Kind::Any, |it| types.kind(it, None, 0)));
    let rules: Vec<(&Rule, u32)> = one.rules.iter().map(|it| (it, line)).collect();
    let member = Member {
        name: one.name.clone(),
        limits: limits(&kind, &rules),
        kind,
        nullable: false,
        required: false,
        refers: None,
        line,
    };
    let default = one.default.as_ref().and_then(|it| default_value(&member.kind, it.trim_matches('`')));
    let default = default.filter(|it| !it.is_null()).and_then(|it| {
        let mut found = Found::default();
        let value = member.accept(it, "", &mut found);
        found.problems.is_empty().then(|| member.cell(value))
    });
    Parameter { name: one.name.clone(), member, field, required: one.required == Some(true), default, said: true, line }
}

fn idle(name: String, line: u32) -> Parameter {
    let member = Member {
        name: name.clone(),
        kind: Kind::Any,
        nullable: false,
        required: false,
        limits: Vec::new(),
        refers: None,
        line,
    };
    Parameter { name, member, field: None, required: false, default: None, said: true, line }
}
