//! Which faults a server has.

use crate::FAULTS;

/// The faults that are on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults(Vec<&'static str>);

impl Faults {
    /// # Errors
    /// A name that no fault has, in words.
    pub(crate) fn named(names: &[&str]) -> Result<Faults, String> {
        let find = |name: &&str| {
            let found = FAULTS.iter().map(|it| it.name).find(|it| it == name);
            found.ok_or_else(|| format!("there is no fault `{name}`; --list names them"))
        };
        names.iter().map(find).collect::<Result<_, _>>().map(Faults)
    }

    /// Whether a fault is on.
    pub(crate) fn on(&self, name: &str) -> bool {
        self.0.contains(&name)
    }

    /// One of two values: the faulty one if the fault is on.
    pub(crate) fn pick<T>(&self, name: &str, faulty: T, right: T) -> T {
        if self.on(name) { faulty } else { right }
    }
}
