//! How much a line of a log matters, as documents say it.

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Not written.
    Debug,
    Info,
    Warn,
    Error,
}

impl Level {
    /// The first level that a text names: `WARN with the request id`.
    pub fn read(text: &str) -> Option<Level> {
        let lower = text.to_lowercase();
        lower.split(|it: char| !it.is_alphanumeric()).find_map(|it| {
            Some(match it {
                "none" | "off" | "trace" | "debug" => Level::Debug,
                "info" | "information" => Level::Info,
                "warn" | "warning" => Level::Warn,
                "error" | "critical" | "fatal" | "alert" => Level::Error,
                _ => return None,
            })
        })
    }

    /// The word of the log.
    pub fn word(self) -> &'static str {
        match self {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        }
    }
}
