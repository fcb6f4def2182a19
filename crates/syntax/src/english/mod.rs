//! The small English grammar of constraints: what people write in comments, in description cells and
//! in constraint lists (`1-80 characters`, `name is unique`, `must be one of: a, b`).

mod entity;
mod field;
mod lifecycle;
mod measure;
mod predicate;
#[cfg(test)]
mod tests;
mod token;

use source::{Span, Spanned, Text};

/// What a phrase says about a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// Unique, alone or together with other fields.
    Unique(Vec<Spanned<String>>),
    /// Length in characters or items: least and most.
    Length(Option<u64>, Option<u64>),
    /// Value: least and most, and whether each is allowed itself. Numbers as written.
    Range(Option<(String, bool)>, Option<(String, bool)>),
    /// A regular expression.
    Pattern(String),
    /// One of these words.
    OneOf(Vec<Spanned<String>>),
    /// A default, as written without quotes.
    Default(Spanned<String>),
    /// Never changes after creation.
    Immutable,
    /// Set by the system, not by a request.
    ServerSet,
    /// Refers to a record of this entity; `on delete` action in lower case where said.
    References(Spanned<String>, Option<String>),
    /// Not empty.
    NonEmpty,
    /// Required (`true`) or optional (`false`).
    Required(bool),
    /// May be null.
    Nullable,
    /// Later (`true`) or earlier (`false`) than another field, and whether it may be equal.
    Compared {
        /// After, greater.
        after: bool,
        /// Equal is allowed.
        equal: bool,
        /// The other field.
        other: Spanned<String>,
    },
    /// Required when another field has this value.
    RequiredWhen(Spanned<String>, Spanned<String>),
    /// At least one of these fields is present.
    AtLeastOneOf(Vec<Spanned<String>>),
    /// Format words: `uuid`, `email`, `url`, `iso 8601` (date-time), `date`, `yyyy-mm-dd` (date), `integer`.
    Format(String),
    /// Never returned in a response.
    WriteOnly,
}

/// A phrase that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Phrase {
    /// The field that it names; `None` if the place says which field is meant.
    pub field: Option<Spanned<String>>,
    /// What it says.
    pub rule: Rule,
    /// The words.
    pub span: Span,
}

/// What a sentence says about the states of a record. What it names may be no state at all.
#[derive(Debug, Clone, PartialEq)]
pub enum Lifecycle {
    /// Something may be done from these states only.
    Only {
        /// From where.
        states: Vec<Spanned<String>>,
        /// The verb: `cancelled`.
        act: Spanned<String>,
        /// Where it leads, if that is said.
        to: Option<Spanned<String>>,
        /// What the record is called.
        record: Option<Record>,
    },
    /// Something may not be done from these states.
    Never {
        /// From where not.
        states: Vec<Spanned<String>>,
        /// The verb: `cancelled`.
        act: Spanned<String>,
        /// What the record is called.
        record: Option<Record>,
    },
    /// The request of this place is refused in all other states.
    Refused {
        /// Where it is not refused.
        states: Vec<Spanned<String>>,
    },
    /// Nothing leaves these states.
    Final {
        /// Which.
        states: Vec<Spanned<String>>,
    },
    /// A record begins here.
    Initial {
        /// Where.
        state: Spanned<String>,
    },
    /// Nothing of the record changes after this event or state.
    Locked {
        /// Which.
        after: Spanned<String>,
    },
}

/// The noun for the records of a sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// As written: `orders`.
    pub name: String,
    /// That the words before it are states is only told by their place (`shipped orders`), so that the sentence says
    /// nothing of records that are called otherwise.
    pub tells: bool,
}

/// Whether a text may hold a sentence that [`of_states`] reads; most do not.
pub fn may_be_of_states(text: &str) -> bool {
    lifecycle::ABOUT.are_in(text)
}

/// Reads one sentence about states; `None` if it is about something else or is not wholly understood up to its
/// first comma, dash or bracket.
pub fn of_states(text: &Text) -> Option<Lifecycle> {
    lifecycle::read(text)
}

/// Reads a comment or a description of one field. Words that say nothing are skipped; a sentence with
/// a reservation (`unless`, `usually`, `for admins`) says nothing, and examples do not either.
///
/// `max 100` without a unit is a [`Rule::Range`]: for text it limits the length, and the type that says
/// so is not known here. Numbers come without thousands separators.
pub fn of_field(text: &Text) -> Vec<Phrase> {
    field::read(text)
}

/// Reads an item of a constraint list. `fields` are the names of the entity's fields: the phrase's
/// subject must be one of them (matched without case, spaces, hyphens and underscores, singular or
/// plural) and is given as `fields` spell it. Empty if the item is not wholly understood: half a
/// constraint is text. A constraint over several fields has no subject.
pub fn of_entity(text: &Text, fields: &[&str]) -> Vec<Phrase> {
    entity::read(text, fields)
}
