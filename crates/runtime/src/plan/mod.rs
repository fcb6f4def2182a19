//! The plan: what a document asks for, compiled once, so that a request interprets nothing of it.

mod answers;
mod examples;
mod implicit;
mod lines;
mod machines;
mod query;
mod reach;
mod refusals;
mod restrict;
mod routes;
mod settings;
mod tables;
mod tree;
mod types;
mod why;
mod words;

use model::Spec;
use source::Sources;
use syntax::route::Segment;

pub(crate) use self::answers::{Page, Part};
pub(crate) use self::lines::Lines;
pub(crate) use self::machines::{Machine, Step};
pub(crate) use self::query::{Order, Query, direction};
pub(crate) use self::reach::kinds;
pub(crate) use self::refusals::{Details, Refusal, Refusals, Slot, phrase};
pub(crate) use self::restrict::Restriction;
pub(crate) use self::routes::{Action, Parent, Route};
pub(crate) use self::tables::json;
pub(crate) use self::tree::{Match, Tree, decode};
pub(crate) use self::why::Why;
use crate::cell::Cell;
use crate::condition::{Condition, Conditions};
use crate::shape::Member;
use crate::store::Statements;
use crate::{Error, RouteLine, Unenforced};

/// A document, compiled.
pub(crate) struct Plan {
    /// The document's title.
    pub(crate) title: String,
    /// The document's file name, as clauses are cited.
    pub(crate) file: String,
    pub(crate) tables: Vec<Table>,
    pub(crate) routes: Vec<Route>,
    pub(crate) tree: Tree,
    pub(crate) conditions: Conditions,
    /// How requests are refused that reach no route.
    pub(crate) stray: Refusals,
    /// How callers prove who they are, in words.
    pub(crate) authentication: Option<String>,
    /// The line at which the document begins to say who may do what; 0 if it does not.
    pub(crate) authorization: u32,
    pub(crate) lines: Vec<RouteLine>,
    pub(crate) unenforced: Vec<Unenforced>,
}

/// The records of one entity.
pub(crate) struct Table {
    /// The entity's name, as written.
    pub(crate) name: String,
    /// Index of the entity in the document, if a declaration describes it.
    pub(crate) entity: Option<usize>,
    /// The table's name in the database.
    pub(crate) sql: String,
    pub(crate) fields: Vec<Field>,
    /// Index of the field that identifies a record.
    pub(crate) key: usize,
    pub(crate) make_key: MakeKey,
    pub(crate) uniques: Vec<Unique>,
    pub(crate) references: Vec<Reference>,
    /// Fields, and what only their names say of them.
    pub(crate) inferred: Vec<(usize, String)>,
    pub(crate) relations: Vec<(Relation, u32)>,
    pub(crate) conditions: Vec<Condition>,
    /// What the conditions ask of single values.
    pub(crate) restrictions: Vec<Restriction>,
    pub(crate) machine: Option<Machine>,
    pub(crate) statements: Statements,
    pub(crate) line: u32,
}

impl Table {
    pub(crate) fn field(&self, index: usize) -> Option<&Field> {
        self.fields.get(index)
    }

    pub(crate) fn key_field(&self) -> Option<&Field> {
        self.fields.get(self.key)
    }
}

/// A field of a record, a column of a table.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) member: Member,
    /// Its name as declared, which conditions use.
    pub(crate) declared: String,
    /// Its column in the database.
    pub(crate) column: String,
    pub(crate) server_set: bool,
    pub(crate) immutable: bool,
    /// Whether no answer shows it.
    pub(crate) hidden: bool,
    /// Whether an answer leaves it out where it has no value.
    pub(crate) omitted: bool,
    /// Whether it is never null in the database.
    pub(crate) present: bool,
    /// What it is on creation where the request does not say it.
    pub(crate) fill: Fill,
    /// Whether each change sets it to the time of the change.
    pub(crate) touched: bool,
    /// Line of what forbids changes.
    pub(crate) immutable_line: u32,
}

/// What a field is where a request does not say it.
#[derive(Debug, Clone)]
pub(crate) enum Fill {
    Nothing,
    Value(Cell),
    /// The value that the examples show, because no request can carry one.
    Example(Cell),
    Now,
    Id,
}

/// Where keys come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MakeKey {
    /// A new id.
    Id,
    /// The database counts.
    Counted,
    /// The request brings it.
    Given,
    /// There is at most one record.
    Single,
}

/// Fields that are unique together.
#[derive(Debug)]
pub(crate) struct Unique {
    pub(crate) fields: Vec<usize>,
    pub(crate) line: u32,
}

/// A field that holds the key of a record elsewhere.
#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) field: usize,
    pub(crate) table: usize,
    /// `cascade`, `set null`, else restrict.
    pub(crate) on_delete: OnDelete,
    pub(crate) line: u32,
}

/// What happens to a record when the one that it refers to is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnDelete {
    Restrict,
    Cascade,
    SetNull,
}

/// A constraint between fields.
#[derive(Debug)]
pub(crate) enum Relation {
    /// The first is later or greater (`after`) than the second, or earlier, perhaps equal.
    Compared { field: usize, other: usize, after: bool, equal: bool },
    /// The first is there when the second has this value.
    RequiredWhen { field: usize, other: usize, value: String },
    /// At least one of these is there.
    AtLeastOneOf(Vec<usize>),
}

impl Plan {
    /// Compiles a document. `settings` are values of config options.
    ///
    /// # Errors
    /// A document without endpoints, and settings that do not fit.
    pub(crate) fn compile(spec: &Spec, sources: &Sources, settings: &[(String, String)]) -> Result<Plan, Error> {
        if spec.endpoints.is_empty() {
            return Err(Error::NoEndpoints);
        }
        let lines = Lines { sources };
        let conditions = Conditions::new(settings::values(spec, settings)?);
        let mut unenforced = Vec::new();
        let resources = implicit::resources(spec);
        let subjects = tables::subjects(spec, &resources);
        let tables = tables::compile(spec, &subjects, &lines, &conditions, &mut unenforced);
        let refused = refusals::Document::read(spec, &lines);
        let routes = routes::compile(spec, &subjects, &tables, &lines, &refused, &mut unenforced);
        let mut tree = Tree::default();
        for (index, route) in routes.iter().enumerate() {
            tree.add(&route.path, &route.method, index);
        }
        words::rest(spec, &mut unenforced);
        let route_lines = words::routes(spec, &routes, &tables);
        let file = spec.path.rsplit('/').next().unwrap_or(&spec.path).to_owned();
        Ok(Plan {
            title: spec.title.clone(),
            file,
            stray: refused.stray(),
            authentication: words::authentication(spec, &routes),
            authorization: words::authorization(spec, &lines),
            tables,
            routes,
            tree,
            conditions,
            lines: route_lines,
            unenforced,
        })
    }

    /// The path of the route that a path was probably meant for.
    pub(crate) fn near(&self, path: &str) -> Option<String> {
        let given: Vec<&str> = path.split('/').filter(|it| !it.is_empty()).collect();
        let meant = |route: &Route| {
            let segments = &route.path.segments;
            // The beginning may have been left out: `/orders` for `/api/v1/orders`.
            let prefix = segments.len().checked_sub(given.len()).filter(|_| !given.is_empty())?;
            let own = segments.iter().enumerate().map(|(index, it)| match it {
                Segment::Fixed(text) => text.as_str(),
                Segment::Parameter(_) => index.checked_sub(prefix).and_then(|it| given.get(it)).unwrap_or(&"…"),
            });
            let own: Vec<&str> = own.collect();
            // A parameter is like anything: some word must be the route's own.
            segments.get(prefix..)?.iter().find(|it| matches!(it, Segment::Fixed(_)))?;
            Some((own.get(prefix..).unwrap_or_default().join("/"), format!("/{}", own.join("/"))))
        };
        let known: Vec<(String, String)> = self.routes.iter().filter_map(meant).collect();
        let asked = given.join("/");
        let near = known.iter().find(|it| it.0 == asked).map(|it| it.0.as_str());
        let near = near.or_else(|| source::nearest(&asked, known.iter().map(|it| it.0.as_str())));
        near.and_then(|near| known.iter().find(|it| it.0 == near)).map(|it| it.1.clone())
    }
}
