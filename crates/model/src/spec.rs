//! The model of one document: entities, endpoints, machines and the rest, each with its spans.
//!
//! Spans take no part in equality. Everything here is folded from [`crate::claim::Claims`] by
//! [`crate::build`].

use rustc_hash::{FxHashMap, FxHashSet};
use source::{Span, Spanned};
use syntax::access::{Access, Details};
use syntax::english::{Lifecycle, Rule};
use syntax::json;
use syntax::quantity::Quantity;
use syntax::types::Type;

use crate::cel::Checked;
use crate::claim::{Form, Parameter, Purpose, SourceId, Subject};

/// What is kept, or another record that declarations name.
#[derive(Debug)]
pub struct Entity {
    /// Its address.
    pub subject: Subject,
    /// Its name as first written.
    pub name: Spanned<String>,
    /// What its declaration is for: a record, or the shape of a request or response of one.
    pub purpose: Purpose,
    /// For a shape of a request or response: the name of the entity that it belongs to.
    pub base: Option<String>,
    /// Whether it is kept: it has an entity heading, a SQL declaration or a collection path.
    pub kept: bool,
    /// Its fields, in the order of their first mention.
    pub fields: Vec<Field>,
    /// Its constraints over one or more fields.
    pub constraints: Vec<Constraint>,
    /// The declarations and tables that it comes from.
    pub sources: Vec<SourceId>,
}

impl Entity {
    /// Whether it is a thing of its own: no shape of a request or response of one, and nothing that only a
    /// part of the system works with.
    pub fn is_record(&self) -> bool {
        self.purpose == Purpose::Whole
    }

    /// Whether it, or what it is a shape of, may be what an endpoint works on.
    pub fn is_resource(&self) -> bool {
        self.purpose != Purpose::Local
    }

    /// A field by its name, in any spelling.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|it| crate::names::has_key(name, &it.key))
    }

    /// The field that identifies a record.
    pub fn id(&self) -> Option<&Field> {
        self.fields.iter().find(|it| it.is_key).or_else(|| self.fields.iter().find(|it| it.key == "id"))
    }
}

/// A field.
#[derive(Debug)]
pub struct Field {
    /// Its address.
    pub subject: Subject,
    /// Its name as first written.
    pub name: Spanned<String>,
    /// The form in which spellings of its name are equal.
    pub key: String,
    /// Its type: the narrowest that was said, named enums resolved. `None` if no type was said.
    pub ty: Option<Spanned<Type>>,
    /// Whether a record always has it.
    pub required: bool,
    /// Whether it may be null.
    pub nullable: bool,
    /// Its default, as written.
    pub default: Option<Spanned<String>>,
    /// Whether it identifies the record.
    pub is_key: bool,
    /// Whether the system sets it: no request may choose it.
    pub server_set: bool,
    /// Constraints on its value, with where they were said.
    pub rules: Vec<Spanned<Rule>>,
}

impl Field {
    /// Whether it is unique by itself.
    pub fn is_unique(&self) -> bool {
        self.rules.iter().any(|it| matches!(&it.value, Rule::Unique(with) if with.is_empty()))
    }

    /// Whether it never changes after creation.
    pub fn is_immutable(&self) -> bool {
        self.is_key || self.rules.iter().any(|it| it.value == Rule::Immutable)
    }

    /// Whether it is never shown.
    pub fn is_write_only(&self) -> bool {
        self.rules.iter().any(|it| it.value == Rule::WriteOnly)
    }

    /// The entity that it refers to, and the `on delete` action in lower case.
    pub fn reference(&self) -> Option<(&Spanned<String>, Option<&str>)> {
        self.rules.iter().find_map(|it| match &it.value {
            Rule::References(target, action) => Some((target, action.as_deref())),
            _ => None,
        })
    }

    /// The words that its value may be, if it is an enumeration.
    pub fn words(&self) -> Option<&[Spanned<String>]> {
        match self.ty.as_ref().map(|it| it.value.bare()) {
            Some(Type::Enum(words)) => Some(words),
            _ => None,
        }
    }
}

/// A constraint of an entity.
#[derive(Debug)]
pub struct Constraint {
    /// Its address.
    pub subject: Subject,
    /// The words.
    pub text: Spanned<String>,
    /// What they mean.
    pub meaning: Meaning,
}

/// What a constraint or a guard means.
#[derive(Debug)]
pub enum Meaning {
    /// A condition that is checked.
    Cel(Checked),
    /// Constraints that the English grammar read.
    English(Vec<(Option<String>, Rule)>),
    /// A code span that was meant as an expression and is wrong.
    Broken(Vec<crate::cel::Problem>),
    /// Words for people.
    Text,
}

/// A type's name, and what it stands for.
#[derive(Debug)]
pub struct Alias {
    /// The name.
    pub name: Spanned<String>,
    /// What it stands for.
    pub ty: Type,
}

/// An endpoint that is named and not declared.
#[derive(Debug, Clone, PartialEq)]
pub struct Mention<'a> {
    /// Upper case.
    pub method: &'a str,
    /// With parameters as `{name}`.
    pub path: &'a str,
    /// Whether the document says that it is another system's.
    pub called: bool,
    /// Where it is named first.
    pub span: Span,
}

/// An endpoint.
#[derive(Debug)]
pub struct Endpoint {
    /// Its address.
    pub subject: Subject,
    /// Upper case.
    pub method: String,
    /// With parameters as `{name}`, without a slash at its end.
    pub path: String,
    /// Whether the document writes it with one, which is of no meaning here.
    pub slashed: bool,
    /// The heading's name, where it has one apart from the route.
    pub name: Option<String>,
    /// What it is for, first sentence as written.
    pub description: Option<String>,
    /// Where the route stands: its detailed section, else its first mention.
    pub span: Span,
    /// Places of its detailed sections.
    pub details: Vec<Span>,
    /// Its parameters.
    pub parameters: Vec<Spanned<Parameter>>,
    /// Bodies of requests.
    pub requests: Vec<Spanned<Shape>>,
    /// Its responses, error examples among them.
    pub responses: Vec<Response>,
    /// Rows of its error table or list.
    pub errors: Vec<ErrorRow>,
    /// Where its error table stands, if it has one.
    pub error_table: Option<Span>,
    /// Words about who may call it.
    pub auth: Vec<Spanned<String>>,
    /// How callers prove who they are, where that is said of it.
    pub access: Option<Spanned<Access>>,
    /// What it does.
    pub behaviour: Behaviour,
}

impl Endpoint {
    /// The path as the document ends it.
    pub fn written_path(&self) -> String {
        let slash = if self.slashed { "/" } else { "" };
        format!("{}{slash}", self.path)
    }

    /// The status of a success where the document states none.
    pub fn default_status(&self) -> u16 {
        match (self.behaviour.kind, self.method.as_str()) {
            (BehaviourKind::Transition, _) => 200,
            // Nothing is known that could be answered.
            (BehaviourKind::Example, "POST" | "PUT" | "PATCH") if !self.responses.iter().any(|it| it.status < 400) => {
                204
            }
            (_, "POST") => 201,
            (_, "DELETE") => 204,
            _ => 200,
        }
    }
}

/// A body or a type in the place of one.
#[derive(Debug, Clone)]
pub enum Shape {
    /// A body as written, and whether it is an example (else its strings name types).
    Body(json::Body, bool),
    /// A type.
    Type(Type),
}

/// A response.
#[derive(Debug)]
pub struct Response {
    /// Its status.
    pub status: u16,
    /// Whether the status was not said but follows from the method.
    pub inferred: bool,
    /// Its body, where one is shown.
    pub body: Option<Shape>,
    /// Where.
    pub span: Span,
}

/// A row of an error table.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorRow {
    /// HTTP status.
    pub status: Option<u16>,
    /// Symbolic code.
    pub code: Option<String>,
    /// Why.
    pub reason: String,
    /// The row.
    pub span: Span,
}

/// The body of an error that no endpoint shows as its own.
#[derive(Debug)]
pub struct ErrorExample {
    /// Its status, where it is said.
    pub status: Option<u16>,
    /// What it holds.
    pub body: json::Body,
    /// Where.
    pub span: Span,
}

/// What an endpoint does, and what was inferred to say so.
#[derive(Debug, Default, Clone)]
pub struct Behaviour {
    /// The kind.
    pub kind: BehaviourKind,
    /// Index of the entity that it works on, in [`Spec::entities`].
    pub entity: Option<usize>,
    /// Index of the machine whose event it fires, in [`Spec::machines`].
    pub machine: Option<usize>,
    /// The event that it fires, as the machine writes it.
    pub event: Option<String>,
    /// The field of the entity that refers to the record that the path names before.
    pub parent: Option<String>,
    /// What the document does not say: lower case, in words.
    pub inferred: Vec<String>,
}

/// Kinds of behaviour.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the language's own")]
pub enum BehaviourKind {
    Create,
    List,
    Read,
    Replace,
    Update,
    Delete,
    Transition,
    Singleton,
    #[default]
    Example,
}

impl BehaviourKind {
    /// The word of the outline.
    pub fn as_str(self) -> &'static str {
        match self {
            BehaviourKind::Create => "create",
            BehaviourKind::List => "list",
            BehaviourKind::Read => "read",
            BehaviourKind::Replace => "replace",
            BehaviourKind::Update => "update",
            BehaviourKind::Delete => "delete",
            BehaviourKind::Transition => "transition",
            BehaviourKind::Singleton => "replace",
            BehaviourKind::Example => "example",
        }
    }
}

/// A state machine.
#[derive(Debug)]
pub struct Machine {
    /// Its address.
    pub subject: Subject,
    /// Its name.
    pub name: Spanned<String>,
    /// Its states, in order of first mention, as first written.
    pub states: Vec<State>,
    /// Its transitions; one that several sources say is one.
    pub transitions: Vec<Transition>,
    /// The initial state, by key, with where it is said: the first of [`Machine::starts`].
    pub initial: Option<Spanned<String>>,
    /// All states in which a record may begin, by key.
    pub starts: Vec<Spanned<String>>,
    /// The sources, in order.
    pub sources: Vec<MachineSource>,
    /// The entity and the field that it belongs to.
    pub bound: Option<Binding>,
    /// Index in [`Spec::aliases`] of the enumeration of its states, where it is bound to no field with words.
    pub values: Option<usize>,
    /// Sentences about its states, each of which names only states that it has.
    pub rules: Vec<Spanned<Lifecycle>>,
    /// Whether several fields fit equally, so that it stays unbound.
    pub tie: bool,
    /// Its composite states.
    pub composites: Vec<Composite>,
}

/// A state that has others in it.
#[derive(Debug)]
pub struct Composite {
    /// Its key.
    pub key: String,
    /// What stands for being in any of its states, where [`Machine::steps`] are followed; no state's key.
    pub inside: String,
    /// The composite state that it stands in, by index.
    pub within: Option<usize>,
}

/// A step from one state to another, by their keys.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// The state before, `*` for any.
    pub from: &'a str,
    /// The state after.
    pub to: &'a str,
    /// The transition that it is. Without one it takes no time: it leads into a composite state's first state, or
    /// to what can happen wherever one is in it.
    pub transition: Option<&'a Transition>,
}

impl Machine {
    /// The steps that can be taken: its transitions, where those of a composite state leave from each state in it.
    pub fn steps(&self) -> Vec<Step<'_>> {
        let composites: FxHashMap<&str, &Composite> = self.composites.iter().map(|it| (it.key.as_str(), it)).collect();
        let begun: FxHashSet<&str> =
            self.states.iter().filter(|it| it.entry).filter_map(|it| it.within.as_deref()).collect();
        let inside = |key: &str| composites.get(key).map(|it| it.inside.as_str());
        let transitions = self.transitions.iter();
        let mut steps: Vec<Step<'_>> = transitions
            .map(|it| Step { from: inside(&it.from).unwrap_or(&it.from), to: &it.to, transition: Some(it) })
            .collect();
        let mut quiet = |from, to| steps.push(Step { from, to, transition: None });
        for state in &self.states {
            let Some(outer) = state.within.as_deref().and_then(|it| composites.get(it)) else { continue };
            quiet(&state.key, &outer.inside);
            // Where it is not said which comes first, any may.
            if state.entry || !begun.contains(outer.key.as_str()) {
                quiet(&outer.key, &state.key);
            }
        }
        for composite in &self.composites {
            quiet(&composite.key, &composite.inside);
            if let Some(outer) = composite.within.and_then(|it| self.composites.get(it)) {
                quiet(&composite.inside, &outer.inside);
            }
        }
        steps
    }
}

/// Where the states of a machine are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Index in [`Spec::entities`].
    pub entity: usize,
    /// The field's key.
    pub field: String,
}

/// A state.
#[derive(Debug)]
pub struct State {
    /// As first written.
    pub name: Spanned<String>,
    /// The form in which spellings are equal.
    pub key: String,
    /// Where it is said to be final, if it is.
    pub final_at: Option<Span>,
    /// Whether it is the first of a composite state, and so entered with that.
    pub entry: bool,
    /// The key of the composite state that it stands in.
    pub within: Option<String>,
}

/// A source of a machine.
#[derive(Debug)]
pub struct MachineSource {
    /// Which.
    pub id: SourceId,
    /// How it is written.
    pub form: Form,
    /// Where to point when something is missing from it.
    pub span: Span,
}

/// A transition.
#[derive(Debug)]
pub struct Transition {
    /// Key of the state before; `*` is any.
    pub from: String,
    /// Key of the state after.
    pub to: String,
    /// The event, as first written.
    pub event: Option<Spanned<String>>,
    /// The guard.
    pub guard: Option<(Spanned<String>, Meaning)>,
    /// The action's words.
    pub action: Option<Spanned<String>>,
    /// Assignments `self.x = …` of its action: field key and checked expression.
    pub assignments: Vec<(String, Checked)>,
    /// The places that say it.
    pub said: Vec<Said>,
}

/// A place that says a transition.
#[derive(Debug, Clone)]
pub struct Said {
    /// Index in [`Machine::sources`].
    pub source: usize,
    /// The row or line.
    pub span: Span,
    /// The state before.
    pub from: Span,
    /// The state after.
    pub to: Span,
    /// The event.
    pub event: Option<Spanned<String>>,
}

/// A config option or an environment variable.
#[derive(Debug)]
pub struct Setting {
    /// Its address.
    pub subject: Subject,
    /// Its name.
    pub name: Spanned<String>,
    /// Its type, where it is said.
    pub ty: Option<Spanned<Type>>,
    /// Its default, as written.
    pub default: Option<Spanned<String>>,
    /// Whether it is required, where it is said.
    pub required: Option<bool>,
}

/// An error category.
#[derive(Debug)]
pub struct Category {
    /// Its address.
    pub subject: Subject,
    /// Its name.
    pub name: Spanned<String>,
    /// When it occurs.
    pub when: Option<Spanned<String>>,
    /// How it is handled.
    pub handling: Option<Spanned<String>>,
    /// What the user sees.
    pub message: Option<Spanned<String>>,
    /// What is logged.
    pub logging: Option<Spanned<String>>,
}

/// A goal, a load, a target, a limit of a rate or a coverage, with its quantities.
#[derive(Debug)]
pub struct Target {
    /// Its address.
    pub subject: Subject,
    /// `goal`, `load`, `target`, `limit` or `coverage`.
    pub kind: &'static str,
    /// Its words.
    pub text: Spanned<String>,
    /// Its quantities.
    pub quantities: Vec<Quantity>,
}

/// The model of one document.
#[derive(Debug)]
pub struct Spec {
    /// What the document says, claim by claim.
    pub facts: crate::read::Facts,
    /// The path as shown.
    pub path: String,
    /// The title without `Technical Specification:`.
    pub title: String,
    /// Records, in order.
    pub entities: Vec<Entity>,
    /// Named types.
    pub aliases: Vec<Alias>,
    /// Declared endpoints, in order.
    pub endpoints: Vec<Endpoint>,
    /// Machines.
    pub machines: Vec<Machine>,
    /// Error categories.
    pub categories: Vec<Category>,
    /// Error codes of the whole document.
    pub errors: Vec<ErrorRow>,
    /// Bodies of errors that are shown for the whole document.
    pub error_examples: Vec<ErrorExample>,
    /// Config options.
    pub options: Vec<Setting>,
    /// Environment variables.
    pub variables: Vec<Setting>,
    /// Goals, loads, targets, limits of rates and coverages.
    pub targets: Vec<Target>,
    /// How callers prove who they are, where that is said of all endpoints.
    pub access: Option<Spanned<Access>>,
    /// What is said of tokens and keys, wherever it is.
    pub credentials: Details,
}

impl Spec {
    /// The document.
    pub fn document(&self) -> &syntax::Document {
        &self.facts.document
    }

    /// The claims.
    pub fn claims(&self) -> &crate::claim::Claims {
        &self.facts.claims
    }

    /// The words that declare a machine's states: those of its field, or of the enumeration of that name.
    pub fn states_of(&self, machine: &Machine) -> &[Spanned<String>] {
        let field =
            |bound: &Binding| self.entities.get(bound.entity)?.fields.iter().find(|it| it.key == bound.field)?.words();
        let alias = || match self.aliases.get(machine.values?).map(|it| it.ty.bare()) {
            Some(Type::Enum(words)) => Some(&words[..]),
            _ => None,
        };
        machine.bound.as_ref().and_then(field).or_else(alias).unwrap_or(&[])
    }

    /// An entity by its name, in any spelling.
    pub fn entity(&self, name: &str) -> Option<&Entity> {
        let subject = Subject::entity(name);
        self.entities.iter().find(|it| it.subject == subject)
    }

    /// Endpoints that the text names and that are not declared: those of other systems that it calls, and
    /// those that nothing declares. Each once, where it is named first.
    pub fn mentions(&self) -> Vec<Mention<'_>> {
        use crate::claim::Property;
        let claims = self.claims();
        let mut found = Vec::new();
        for subject in claims.subjects_of("endpoint") {
            if claims.of(subject, Property::Declared).next().is_some() {
                continue;
            }
            let named = claims.about(subject).find_map(|it| {
                let calls = it.property == Property::Choice;
                let route = it.value.as_text().filter(|_| calls || it.property == Property::Referenced)?;
                let (method, path) = route.split_once(" /").map(|it| (it.0, route.get(it.0.len() + 1..)))?;
                Some(Mention { method, path: path?, called: calls, span: it.span })
            });
            found.extend(named);
        }
        found.sort_by_key(|it| it.span);
        found
    }

    /// What a named type stands for: an alias or a record's members.
    pub fn resolve(&self, name: &str) -> Option<Type> {
        let key = crate::names::key(name);
        self.aliases.iter().find(|it| crate::names::key(&it.name.value) == key).map(|it| it.ty.clone())
    }

    /// The stable address of a subject of this document.
    pub fn address(&self, subject: &Subject) -> String {
        format!("{}#{subject}", self.path)
    }

    /// The first word of the status that is one of the known ones.
    pub fn status(&self) -> Option<(Status, Span)> {
        let claim = self.claims().of(&Subject::document(), crate::claim::Property::Status).next()?;
        Some((Status::read(claim.value.as_text()?)?, claim.span))
    }
}

/// The status of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the template's own")]
pub enum Status {
    Draft,
    Review,
    Approved,
    Implemented,
    Superseded,
    Deprecated,
}

impl Status {
    /// The first known word of a text; `None` for the template's list of alternatives and for texts that
    /// say a known word only later, as a wish (`awaiting approval`).
    pub fn read(text: &str) -> Option<Status> {
        if text.contains(" | ") {
            return None;
        }
        let lower = text.to_lowercase();
        let first = lower.split(|it: char| !it.is_alphabetic()).find(|it| !it.is_empty())?;
        match first {
            "draft" => Some(Status::Draft),
            "review" | "reviewing" => Some(Status::Review),
            "approved" => Some(Status::Approved),
            "implemented" => Some(Status::Implemented),
            "superseded" => Some(Status::Superseded),
            "deprecated" => Some(Status::Deprecated),
            "in" if lower.starts_with("in review") => Some(Status::Review),
            _ => None,
        }
    }

    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Draft => "Draft",
            Status::Review => "Review",
            Status::Approved => "Approved",
            Status::Implemented => "Implemented",
            Status::Superseded => "Superseded",
            Status::Deprecated => "Deprecated",
        }
    }
}
