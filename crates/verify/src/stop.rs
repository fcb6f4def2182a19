//! Ending a run from outside.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Ends a run that it was given to, from another thread.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<State>);

#[derive(Debug, Default)]
struct State {
    asked: AtomicBool,
    /// Whose requests are not waited for any more.
    agents: Mutex<Vec<ureq::Agent>>,
}

impl Stop {
    /// Asks the run to end: nothing more is sent, and answers that are due are still taken, as they say what was made.
    pub fn ask(&self) {
        self.0.asked.store(true, Ordering::SeqCst);
    }

    /// Asks the run to end without waiting for answers that are due.
    pub fn now(&self) {
        self.ask();
        let agents = std::mem::take(&mut *self.0.agents.lock().unwrap_or_else(PoisonError::into_inner));
        for agent in agents {
            agent.shutdown();
        }
    }

    /// Whether it was asked to.
    pub fn is_asked(&self) -> bool {
        self.0.asked.load(Ordering::SeqCst)
    }

    /// Ends the requests of these too when it is asked to.
    pub(crate) fn hold(&self, agents: [ureq::Agent; 2]) {
        self.0.agents.lock().unwrap_or_else(PoisonError::into_inner).extend(agents);
    }
}
