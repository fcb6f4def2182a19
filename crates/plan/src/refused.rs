//! Why a request is refused, before it is put into the document's words.

use crate::shape::Problem;
use crate::{MakeKey, Table, Why};

/// A refusal.
#[derive(Debug, Clone)]
pub struct Refused {
    pub why: Why,
    /// A sentence of ours, for documents that have none.
    pub words: String,
    /// The fields that it is about, and what is wrong with them.
    pub problems: Vec<Problem>,
    /// The line that it rests on; 0 is that of the route's error.
    pub line: u32,
    /// What only the log says.
    pub log: Option<String>,
}

impl Refused {
    pub fn because(why: Why, words: String, line: u32) -> Refused {
        Refused { why, words, problems: Vec::new(), line, log: None }
    }

    /// It is about a field.
    pub fn about(mut self, field: &str, message: &str) -> Refused {
        let line = self.line;
        self.problems.push(Problem { field: field.to_owned(), message: message.to_owned(), line });
        self
    }

    pub fn internal(log: impl Into<String>) -> Refused {
        Refused {
            why: Why::Internal,
            words: "Something went wrong".to_owned(),
            problems: Vec::new(),
            line: 0,
            log: Some(log.into()),
        }
    }

    /// The records cannot be changed, or not even read, at the moment.
    pub fn unavailable(log: impl Into<String>) -> Refused {
        let words = "The records cannot be reached now".to_owned();
        Refused { log: Some(log.into()), ..Refused::because(Why::Unavailable, words, 0) }
    }

    /// There is no room for more records.
    pub fn full(log: impl Into<String>) -> Refused {
        let words = "There is no room for more records".to_owned();
        Refused { log: Some(log.into()), ..Refused::because(Why::Full, words, 0) }
    }

    pub fn invalid(problems: Vec<Problem>) -> Refused {
        let line = problems.first().map_or(0, |it| it.line);
        Refused { why: Why::Validation, words: String::new(), problems, line, log: None }
    }

    /// A request that is wrong as a whole.
    pub fn malformed(words: String) -> Refused {
        Refused::because(Why::Validation, words, 0)
    }

    /// No record has the key that a request names.
    pub fn not_found(table: &Table) -> Refused {
        let refused = Refused::because(Why::NotFound, format!("there is no such {}", table.name), 0);
        // Of what there is only one nobody names a key.
        if table.make_key == MakeKey::Single {
            return refused;
        }
        let name = table.key_field().map_or("id", |it| it.member.name.as_str());
        refused.about(name, "names no record")
    }
}
