//! A contract: operations, records, machines, as plain data. Shapes are JSON Schema (2020-12) without
//! references; records have names, and an object of [`reference`] stands for one.

use serde_json::{Value, json};

use crate::names;

/// What a service accepts and answers.
#[derive(Debug, Clone, Default)]
pub struct Contract {
    /// The document's title.
    pub title: String,
    /// Its version, as written.
    pub version: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// The document's file name, as lines are cited.
    pub file: String,
    /// What is kept.
    pub records: Vec<Record>,
    /// What can be asked, in the order of the document.
    pub operations: Vec<Operation>,
}

/// What is kept.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its name, unique among the records.
    pub name: String,
    /// The shape in which answers show it.
    pub schema: Value,
    /// Constraints, as the document words them.
    pub constraints: Vec<Clause>,
    /// The states of one of its fields.
    pub machine: Option<Machine>,
    /// The line of the document that declares it; 0 is none.
    pub line: u32,
}

/// Words of the document, and their line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// The words, as Markdown has them.
    pub text: String,
    /// The line; 0 is none.
    pub line: u32,
}

/// A state machine.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The field that holds the state, as JSON names it.
    pub field: String,
    /// The state of a new record.
    pub initial: Option<String>,
    /// All states, in the order of the document.
    pub states: Vec<String>,
    /// The transitions.
    pub transitions: Vec<Transition>,
}

/// A transition.
#[derive(Debug, Clone)]
pub struct Transition {
    /// The state before; `None` is any.
    pub from: Option<String>,
    /// The state after.
    pub to: String,
    /// The event, as written; empty if it has no name.
    pub event: String,
    /// The guard, as written.
    pub guard: Option<String>,
    /// Its line; 0 is none.
    pub line: u32,
}

/// A method and a path, and what is promised of it.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Unique, in camel case; given by [`Contract::identify`].
    pub id: String,
    /// Upper case.
    pub method: String,
    /// With parameters as `{name}`.
    pub path: String,
    /// The document's name for it.
    pub name: Option<String>,
    /// What it is for, in the document's words.
    pub description: Option<String>,
    /// One word for what it does: `create`, `list`, the name of an event; empty if there is none.
    pub verb: String,
    /// What it does: `creates Order`.
    pub does: String,
    /// What the document does not say and was inferred.
    pub inferred: Vec<String>,
    /// The name of the record that it works on.
    pub record: Option<String>,
    /// What a caller must send to say who it is.
    pub credential: Option<Credential>,
    /// Parameters of path, query and header.
    pub parameters: Vec<Parameter>,
    /// The body of a request.
    pub request: Option<Request>,
    /// What may be answered, by status: the success first.
    pub responses: Vec<Response>,
    /// Its line; 0 is none.
    pub line: u32,
}

/// What a caller sends to say who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A JSON Web Token after `Bearer`.
    Token,
    /// A key in this header.
    Key(String),
}

/// A parameter.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// `path`, `query` or `header`.
    pub place: &'static str,
    /// Its name.
    pub name: String,
    /// Whether a request without it is refused.
    pub required: bool,
    /// Its shape.
    pub schema: Value,
    /// What it does.
    pub description: Option<String>,
}

/// The body of a request, which is JSON.
#[derive(Debug, Clone)]
pub struct Request {
    /// Whether a request without it is refused.
    pub required: bool,
    /// Its shape.
    pub schema: Value,
    /// An example of the document.
    pub example: Option<Value>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// Its status.
    pub status: u16,
    /// When it is given, or what it says.
    pub description: String,
    /// Its body.
    pub body: Option<Body>,
    /// Names of headers that it has, and what they say.
    pub headers: Vec<(&'static str, &'static str)>,
}

/// The body of an answer.
#[derive(Debug, Clone)]
pub struct Body {
    /// Its media type.
    pub media: &'static str,
    /// Its shape.
    pub schema: Value,
    /// An example of the document.
    pub example: Option<Value>,
}

impl Contract {
    /// Gives each operation its id: the document's name for it, else what it does, else method and path.
    pub fn identify(&mut self) {
        let mut taken: Vec<String> = Vec::new();
        for operation in &mut self.operations {
            operation.id = names::distinct(names::operation(operation), &mut taken);
        }
    }

    /// A record by its name.
    pub fn record(&self, name: &str) -> Option<&Record> {
        self.records.iter().find(|it| it.name == name)
    }
}

/// A schema that stands for a record.
pub fn reference(record: &str) -> Value {
    json!({ "$ref": format!("{RECORDS}{record}") })
}

/// Where OpenAPI keeps the shapes of records.
pub(crate) const RECORDS: &str = "#/components/schemas/";
