//! What can keep a document from being served.

use std::path::PathBuf;

/// Why a service could not be opened or served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A document that cannot be compiled.
    #[error(transparent)]
    Plan(plan::Error),
    /// What the document uses and nobody gave.
    #[error("the document uses what is not set: {}", missing(options, variables))]
    Missing {
        /// Config options that conditions use, without a default.
        options: Vec<String>,
        /// Environment variables that it asks for.
        variables: Vec<String>,
    },
    /// A key of tokens that cannot be used.
    #[error("the key for {algorithm} cannot be used: {why}")]
    BadKey {
        /// The algorithm.
        algorithm: String,
        /// Why.
        why: String,
    },
    /// A token is wanted and no private key was given.
    #[error("a token of {0} is signed with the private key, which is not known here")]
    NoPrivateKey(String),
    /// A token of a document that asks for none.
    #[error("the document asks callers for neither a token nor a key")]
    NoAuthentication,
    /// A token is wanted, and its secret is kept in a database that is not there yet.
    #[error("there is no secret to sign with yet")]
    NoSecret,
    /// A directory where a file should be.
    #[error("{} is a directory, and the records need a file", file.display())]
    Directory {
        /// The directory.
        file: PathBuf,
    },
    /// A file in a directory that is not there.
    #[error("the records cannot be kept in {}: there is no directory {}", file.display(), folder.display())]
    NoFolder {
        /// The file.
        file: PathBuf,
        /// The directory.
        folder: PathBuf,
    },
    /// A file, or its directory, that may not be written.
    #[error("the records cannot be kept in {}: it, or its directory, may not be written", file.display())]
    ReadOnly {
        /// The file.
        file: PathBuf,
    },
    /// No room for a new file.
    #[error("the records cannot be kept in {}: the disk is full", file.display())]
    Full {
        /// The file.
        file: PathBuf,
    },
    /// A file that cannot be opened for another reason.
    #[error("the records cannot be kept in {}: {error}", file.display())]
    Unusable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        #[source]
        error: std::io::Error,
    },
    /// A file whose records another process serves.
    #[error("{} is being served by another process", file.display())]
    Served {
        /// The file.
        file: PathBuf,
    },
    /// A database that another program holds.
    #[error("{} is held by another program", file.display())]
    Locked {
        /// The file.
        file: PathBuf,
    },
    /// A file that is no database of this kind.
    #[error("{} is not a database that a document was served from", file.display())]
    NotOurs {
        /// The file.
        file: PathBuf,
    },
    /// A file whose content is broken.
    #[error("{} is damaged", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
    },
    /// A database whose own tables are of a later version.
    #[error("{} was made by a newer version of truespec (its tables are of version {version}, this one knows {known})", file.display())]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its version.
        version: String,
        /// The version that is known.
        known: u32,
    },
    /// A database of another document.
    #[error("{} holds the records of another document, `{title}`, not of `{own}`", file.display())]
    OtherDocument {
        /// The file.
        file: PathBuf,
        /// That document's title.
        title: String,
        /// The title of the document to be served.
        own: String,
    },
    /// A database of another state of this document.
    #[error("{} was made from another state of this document", file.display())]
    OtherSchema {
        /// The file.
        file: PathBuf,
        /// What differs, one sentence each.
        differences: Vec<String>,
    },
    /// The database refused.
    #[error("the database cannot be used: {0}")]
    Database(#[from] rusqlite::Error),
    /// A socket or a thread refused.
    #[error("the server cannot run: {0}")]
    Io(#[from] std::io::Error),
}

impl From<plan::Error> for Error {
    fn from(error: plan::Error) -> Error {
        match error {
            plan::Error::Missing(options) => Error::Missing { options, variables: Vec::new() },
            other => Error::Plan(other),
        }
    }
}

impl Error {
    /// What differs between a database and the document, one sentence each.
    pub fn differences(&self) -> &[String] {
        match self {
            Error::OtherSchema { differences, .. } => differences,
            _ => &[],
        }
    }
}

fn missing(options: &[String], variables: &[String]) -> String {
    let list = |names: &[String], one: &str| match names {
        [] => None,
        [name] => Some(format!("{one} {name}")),
        names => Some(format!("{one}s {}", names.join(", "))),
    };
    let parts = [list(options, "config option"), list(variables, "environment variable")];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
