//! What can keep a document from being served.

use std::path::PathBuf;

/// Why a service could not be opened or served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing to serve.
    #[error("the document declares no endpoints")]
    NoEndpoints,
    /// A setting for an option that the document does not have.
    #[error("no config option is named `{name}`{}", nearest.as_ref().map(|it| format!(": did you mean `{it}`?")).unwrap_or_default())]
    UnknownSetting {
        /// The name given.
        name: String,
        /// The option that was probably meant.
        nearest: Option<String>,
    },
    /// A setting that does not fit its option's type.
    #[error("`{value}` does not fit the config option `{name}`, which is {expected}")]
    BadSetting {
        /// The option.
        name: String,
        /// The value given.
        value: String,
        /// The type, in words.
        expected: String,
    },
    /// Options that conditions of the document use, without default and not set.
    #[error("these config options are used by the document and have no value: {}", .0.join(", "))]
    MissingSettings(Vec<String>),
    /// A file that is no database of this kind.
    #[error("{} is not a database that a document was served from", file.display())]
    NotOurs {
        /// The file.
        file: PathBuf,
    },
    /// A database of another document.
    #[error("{} holds the records of another document, `{title}`", file.display())]
    OtherDocument {
        /// The file.
        file: PathBuf,
        /// That document's title.
        title: String,
    },
    /// A database of another state of this document.
    #[error("{} was made from another state of this document: {}", file.display(), differences.join("; "))]
    OtherSchema {
        /// The file.
        file: PathBuf,
        /// What differs, one thing each.
        differences: Vec<String>,
    },
    /// The database refused.
    #[error("the database cannot be used: {0}")]
    Database(#[from] rusqlite::Error),
    /// A socket or a thread refused.
    #[error("the server cannot run: {0}")]
    Io(#[from] std::io::Error),
}
