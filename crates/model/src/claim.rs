//! Claims: what a document says, one fact at a time.
//!
//! A claim has a subject, a property, a value, a span, and the way in which it was said. Readers turn
//! a document into claims and nothing else; the model is folded from them, and rules that compare
//! compare claims about one subject.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use source::{Span, Text};
use syntax::access::Access;
use syntax::decl::Language;
use syntax::english::{Lifecycle, Rule};
use syntax::json::Body;
use syntax::quantity::Quantity;
use syntax::types::Type;

use crate::names::{entity_key, push_key};

/// What a claim is about: the stable part of an address (`entity.order.field.total`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject(Arc<str>);

impl Subject {
    /// The document itself.
    pub fn document() -> Subject {
        Subject("document".into())
    }

    /// `kind.name`, the name in the form in which spellings are equal.
    pub fn of(kind: &str, name: &str) -> Subject {
        Subject::joined(&[kind], name)
    }

    /// An entity or another named record.
    pub fn entity(name: &str) -> Subject {
        Subject(["entity.", &without_dots(entity_key(name))].concat().into())
    }

    /// An endpoint, by its method and the normal form of its path.
    pub fn endpoint(method: &str, path: &str) -> Subject {
        Subject(["endpoint.", method, ".", path].concat().into())
    }

    /// A part of this subject.
    pub fn part(&self, kind: &str, name: &str) -> Subject {
        Subject::joined(&[&self.0, kind], name)
    }

    /// Some parts and the key of a name, which holds none of the dots that separate parts.
    fn joined(parts: &[&str], name: &str) -> Subject {
        let mut address = String::with_capacity(parts.iter().map(|it| it.len() + 1).sum::<usize>() + name.len());
        for part in parts {
            address.push_str(part);
            address.push('.');
        }
        let start = address.len();
        push_key(&mut address, name);
        if address.get(start..).is_some_and(|it| it.contains('.')) {
            let key = address.split_off(start);
            address.push_str(&key.replace('.', "_"));
        }
        Subject(address.into())
    }

    /// The address without the file.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn without_dots(name: String) -> String {
    if name.contains('.') { name.replace('.', "_") } else { name }
}

/// What a claim says of its subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the document's own labels")]
pub enum Property {
    /// That it exists, with its name as written.
    Declared,
    /// Another name that it goes by.
    Called,
    /// That it is mentioned, and should be declared elsewhere.
    Referenced,
    /// That a description of the API beside the document has it, and what it answers there.
    Offered,
    Title,
    Date,
    Updated,
    Author,
    Status,
    Type,
    Required,
    Nullable,
    Default,
    Rule,
    Key,
    Description,
    Constraint,
    Parameter,
    Request,
    Response,
    ErrorRow,
    Auth,
    Access,
    Event,
    Behaviour,
    Transition,
    Final,
    /// That a state is the first of a composite one.
    Entry,
    /// The composite state that a state stands in.
    Within,
    When,
    Handling,
    UserMessage,
    Logging,
    Quantity,
    Condition,
    Step,
    Action,
    Likelihood,
    Impact,
    Mitigation,
    Open,
    Role,
    Signature,
    Change,
    Version,
    Choice,
    Link,
}

/// The content of a claim.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Words, as written.
    Text(String),
    /// A condition, a guard or another clause that may be an expression.
    Clause(Box<Clause>),
    /// Yes or no.
    Flag(bool),
    /// A type.
    Type(Type),
    /// A constraint on a field.
    Rule(Rule),
    /// A quantity.
    Quantity(Box<Quantity>),
    /// A body of a request or of a response with this status.
    Body(Option<u16>, Box<Body>),
    /// A shape of a request or of a response with this status, as a type.
    Shape(Option<u16>, Type),
    /// A status that a response has, without a body.
    Answer(Option<u16>),
    /// A row of an error table: status, symbolic code, reason.
    Error(Option<u16>, Option<String>, String),
    /// How callers prove who they are.
    Access(Box<Access>),
    /// A parameter.
    Parameter(Box<Parameter>),
    /// A transition.
    Transition(Box<Transition>),
    /// A sentence about states.
    Lifecycle(Box<Lifecycle>),
}

impl Value {
    /// The words of a text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Words that may be an expression, with the way back to the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// All of the words.
    pub words: Text,
    /// The code span that they begin with or are.
    pub code: Option<Text>,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// In the path.
    Path,
    /// In the query string.
    Query,
    /// In a header.
    Header,
}

/// A parameter as it was said.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Where it stands.
    pub place: Place,
    /// Its name as written.
    pub name: String,
    /// Its type, where it is said.
    pub ty: Option<Type>,
    /// Whether it is required, where it is said.
    pub required: Option<bool>,
    /// Its default, where it is said.
    pub default: Option<String>,
    /// Limits.
    pub rules: Vec<Rule>,
}

/// A transition as it was said.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// The state before; `None` is the initial marker, `Some("*")` any state.
    pub from: Option<String>,
    /// The state after; `None` is the final marker.
    pub to: Option<String>,
    /// The event, as written.
    pub event: Option<String>,
    /// The guard.
    pub guard: Option<Clause>,
    /// The action's words, and the code spans in them.
    pub action: Option<(Text, Vec<Text>)>,
    /// Where the state before stands.
    pub from_span: Span,
    /// Where the state after stands.
    pub to_span: Span,
    /// Where the event stands.
    pub event_span: Option<Span>,
}

/// How a claim was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Form {
    /// In a heading.
    Heading,
    /// As a label.
    Label,
    /// In a list.
    Item,
    /// In a row of a table.
    Table,
    /// In a TypeScript declaration.
    TypeScript,
    /// In a SQL declaration.
    Sql,
    /// In a declaration in another language.
    Code(Language),
    /// In a comment of a declaration.
    Comment,
    /// In an example.
    Example,
    /// In a diagram.
    Diagram,
    /// With arrows in text.
    Arrows,
    /// In a drawing of lines and words.
    Drawing,
    /// In a map of code or JSON from each state to the next ones.
    Map,
    /// In a block of `KEY=value` lines or of request lines.
    Fence,
    /// In prose.
    Prose,
}

/// Index of a [`Source`] in [`Claims::sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct SourceId(pub u32);

/// One declaration, table or diagram that claims come from.
#[derive(Debug, Clone)]
pub struct Source {
    /// What it declares.
    pub subject: Subject,
    /// How.
    pub form: Form,
    /// The place to point at when something is missing from it: its name or its header line.
    pub span: Span,
    /// Whether it says how records are kept: a table, a model of a database's mapper.
    pub stored: bool,
    /// Whether it means to list everything (no `...`, no `other fields`).
    pub complete: bool,
    /// What the declaration is for.
    pub purpose: Purpose,
}

/// What a declaration is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Declares the thing itself.
    Whole,
    /// Declares what a request carries.
    Request,
    /// Declares what a response shows.
    View,
    /// Declares what a part of the system works with, outside of the data model: no resource, and not kept.
    Local,
    /// Repeats a declaration outside of the data model: compared with it, and no part of the model.
    Aside,
}

/// One fact.
#[derive(Debug, Clone)]
pub struct Claim {
    /// What it is about.
    pub subject: Subject,
    /// What it says of it.
    pub property: Property,
    /// The content.
    pub value: Value,
    /// Where.
    pub span: Span,
    /// How.
    pub form: Form,
    /// Which declaration, table or diagram it belongs to, if any.
    pub source: Option<SourceId>,
}

/// The claims of one document, in the order in which they were read.
#[derive(Debug, Default)]
pub struct Claims {
    /// The claims.
    pub all: Vec<Claim>,
    /// The declarations, tables and diagrams that they come from.
    pub sources: Vec<Source>,
    /// For each claim the next one about its subject, where there is one.
    next: Vec<Option<NonZeroU32>>,
    /// The places of the subjects in [`Claims::order`].
    by_subject: FxHashMap<Subject, u32>,
    /// The subjects in the order in which they were first spoken of.
    order: Vec<(Subject, Chain)>,
    /// The place of the one that was spoken of last.
    latest: usize,
}

/// Claims of an ordinary document.
const USUAL: usize = 192;

/// The claims about one subject.
#[derive(Debug, Clone, Copy)]
struct Chain {
    first: u32,
    last: u32,
}

impl Claims {
    /// Adds a claim.
    pub fn say(&mut self, subject: &Subject, property: Property, value: Value, span: Span, form: Form) {
        self.say_in(None, subject, property, value, span, form);
    }

    /// Adds a claim that belongs to a source.
    pub fn say_in(
        &mut self,
        source: Option<SourceId>,
        subject: &Subject,
        property: Property,
        value: Value,
        span: Span,
        form: Form,
    ) {
        let index = self.all.len() as u32;
        if index == 0 {
            self.all.reserve(USUAL);
            self.next.reserve(USUAL);
            self.by_subject.reserve(USUAL / 2);
            self.order.reserve(USUAL / 2);
        }
        self.all.push(Claim { subject: subject.clone(), property, value, span, form, source });
        self.next.push(None);
        // Most claims are about the subject of the one before.
        if self.order.get(self.latest).is_none_or(|it| it.0 != *subject) {
            let known = self.by_subject.get(subject).map(|it| *it as usize);
            self.latest = known.unwrap_or(self.order.len());
        }
        match self.order.get_mut(self.latest) {
            Some((_, chain)) => {
                if let Some(next) = self.next.get_mut(chain.last as usize) {
                    *next = NonZeroU32::new(index);
                }
                chain.last = index;
            }
            None => {
                self.by_subject.insert(subject.clone(), self.latest as u32);
                self.order.push((subject.clone(), Chain { first: index, last: index }));
            }
        }
    }

    /// Gives back room that is not needed.
    pub(crate) fn shrink(&mut self) {
        self.all.shrink_to_fit();
        self.next.shrink_to_fit();
        self.order.shrink_to_fit();
    }

    /// Adds a source.
    pub fn source(&mut self, source: Source) -> SourceId {
        self.sources.push(source);
        SourceId(self.sources.len() as u32 - 1)
    }

    /// A source.
    pub fn source_of(&self, claim: &Claim) -> Option<&Source> {
        self.sources.get(claim.source?.0 as usize)
    }

    /// The subjects in the order in which they were first spoken of.
    pub fn subjects(&self) -> impl Iterator<Item = &Subject> {
        self.order.iter().map(|it| &it.0)
    }

    /// The claims about a subject, in order.
    pub fn about<'a>(&'a self, subject: &Subject) -> impl Iterator<Item = &'a Claim> + 'a {
        let at = self.by_subject.get(subject);
        let first = at.and_then(|it| self.order.get(*it as usize)).map(|it| it.1.first);
        let indices = std::iter::successors(first, |it| self.next.get(*it as usize)?.map(NonZeroU32::get));
        indices.filter_map(|it| self.all.get(it as usize))
    }

    /// The claims about a subject and one of its properties.
    pub fn of<'a>(&'a self, subject: &Subject, property: Property) -> impl Iterator<Item = &'a Claim> + 'a {
        self.about(subject).filter(move |it| it.property == property)
    }

    /// The subjects of a kind (`entity`), without their parts.
    pub fn subjects_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Subject> + 'a {
        self.subjects().filter(move |it| {
            let rest = it.as_str().strip_prefix(kind).and_then(|it| it.strip_prefix('.'));
            rest.is_some_and(|it| kind == "endpoint" || !it.contains('.'))
        })
    }
}
