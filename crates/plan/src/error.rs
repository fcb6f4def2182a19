//! What keeps a document from being compiled.

/// Why there is no plan of a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
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
    /// Config options that conditions use, without a value.
    #[error("the document uses options that are not set: {}", .0.join(", "))]
    Missing(Vec<String>),
}
