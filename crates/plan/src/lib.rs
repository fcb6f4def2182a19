//! What a document asks for, compiled once: tables, routes, answers and refusals, and what a change makes of
//! a record. Who serves a document and who tests an implementation against it read the same plan.
//!
//! It keeps no records and sends nothing.
#![expect(missing_docs, reason = "where the name says all, a comment would repeat it")]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod answers;
mod asks;
pub mod cell;
pub mod change;
pub mod condition;
pub mod contract;
pub mod digits;
mod error;
mod examples;
mod implicit;
pub mod level;
mod lines;
mod machines;
mod query;
mod reach;
mod refusals;
pub mod refused;
mod restrict;
mod routes;
mod settings;
pub mod shape;
mod tables;
mod tree;
mod types;
mod why;
mod words;

use model::Spec;
use source::{Sources, Span};
use syntax::route::Segment;

pub use self::answers::{Page, Part};
pub use self::asks::{Asks, asks};
pub use self::error::Error;
pub use self::lines::Lines;
pub use self::machines::{Machine, Step};
pub use self::query::{Order, Query, direction};
pub use self::reach::kinds;
pub use self::refusals::{Details, Refusal, Refusals, Slot, phrase};
pub use self::restrict::Restriction;
pub use self::routes::{Action, Parent, Route};
pub use self::tables::json;
pub use self::tree::{Match, Tree, decode};
pub use self::why::Why;
use crate::cell::Cell;
use crate::condition::{Condition, Conditions};
use crate::shape::Member;

/// A document, compiled.
pub struct Plan {
    /// The document's title.
    pub title: String,
    /// The document's file name, as clauses are cited.
    pub file: String,
    pub tables: Vec<Table>,
    pub routes: Vec<Route>,
    pub tree: Tree,
    pub conditions: Conditions,
    /// How requests are refused that reach no route.
    pub stray: Refusals,
    /// How callers prove who they are, in words.
    pub authentication: Option<String>,
    /// The line at which the document begins to say who may do what; 0 if it does not.
    pub authorization: u32,
    pub lines: Vec<RouteLine>,
    pub unenforced: Vec<Unenforced>,
}

/// One route, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteLine {
    /// The method, upper case.
    pub method: String,
    /// The path, parameters as `{name}`.
    pub path: String,
    /// What it does: `creates Customer`, `Order requested → confirmed (confirm)   else 409`.
    pub does: String,
    /// What the document does not say and was inferred.
    pub inferred: Vec<String>,
    /// Errors of the document that no request to it can come to.
    pub unprovoked: Vec<Unenforced>,
}

/// A part of the document that the service does not enforce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unenforced {
    /// Its words.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// The records of one entity.
pub struct Table {
    /// Its index in the plan.
    pub index: usize,
    /// The entity's name, as written.
    pub name: String,
    /// Index of the entity in the document, if a declaration describes it.
    pub entity: Option<usize>,
    /// The table's name in the database.
    pub sql: String,
    pub fields: Vec<Field>,
    /// Index of the field that identifies a record.
    pub key: usize,
    pub make_key: MakeKey,
    pub uniques: Vec<Unique>,
    pub references: Vec<Reference>,
    /// Fields, and what only their names say of them.
    pub inferred: Vec<(usize, String)>,
    pub relations: Vec<(Relation, u32)>,
    pub conditions: Vec<Condition>,
    /// What the conditions ask of single values.
    pub restrictions: Vec<Restriction>,
    pub machine: Option<Machine>,
    pub line: u32,
}

impl Table {
    pub fn field(&self, index: usize) -> Option<&Field> {
        self.fields.get(index)
    }

    pub fn key_field(&self) -> Option<&Field> {
        self.fields.get(self.key)
    }
}

/// A field of a record, a column of a table.
#[derive(Debug)]
pub struct Field {
    pub member: Member,
    /// Its name as declared, which conditions use.
    pub declared: String,
    /// Its column in the database.
    pub column: String,
    pub server_set: bool,
    pub immutable: bool,
    /// Whether no answer shows it.
    pub hidden: bool,
    /// Whether an answer leaves it out where it has no value.
    pub omitted: bool,
    /// Whether it is never null in the database.
    pub present: bool,
    /// What it is on creation where the request does not say it.
    pub fill: Fill,
    /// Whether each change sets it to the time of the change.
    pub touched: bool,
    /// Line of what forbids changes.
    pub immutable_line: u32,
}

/// What a field is where a request does not say it.
#[derive(Debug, Clone)]
pub enum Fill {
    Nothing,
    Value(Cell),
    /// The value that the examples show, because no request can carry one.
    Example(Cell),
    Now,
    Id,
}

/// Where keys come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MakeKey {
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
pub struct Unique {
    pub fields: Vec<usize>,
    pub line: u32,
}

/// A field that holds the key of a record elsewhere.
#[derive(Debug)]
pub struct Reference {
    pub field: usize,
    pub table: usize,
    /// `cascade`, `set null`, else restrict.
    pub on_delete: OnDelete,
    pub line: u32,
}

/// What happens to a record when the one that it refers to is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDelete {
    Restrict,
    Cascade,
    SetNull,
}

/// A constraint between fields.
#[derive(Debug)]
pub enum Relation {
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
    pub fn compile(spec: &Spec, sources: &Sources, settings: &[(String, String)]) -> Result<Plan, Error> {
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
    pub fn near(&self, path: &str) -> Option<String> {
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
