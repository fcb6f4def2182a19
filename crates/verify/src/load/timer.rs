//! Waits for sockets, and for a moment at the same time.
//!
//! Linux's `epoll` counts its time-out in whole milliseconds: on it, a request would start up to one late. So
//! the moment is a socket of its own there, a `timerfd`; elsewhere the time-out is fine enough or there is
//! nothing better.

use std::io;
use std::time::Duration;

use mio::{Events, Poll, Token};

/// The token of the timer.
#[cfg(target_os = "linux")]
const TIMER: Token = Token(usize::MAX);

/// A poll with a timer.
pub(super) struct Timer {
    poll: Poll,
    #[cfg(target_os = "linux")]
    timer: std::os::fd::OwnedFd,
}

impl Timer {
    #[cfg(target_os = "linux")]
    pub(super) fn new() -> io::Result<Timer> {
        use std::os::fd::AsRawFd as _;

        use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};

        let poll = Poll::new()?;
        let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
        let mut source = mio::unix::SourceFd(&timer.as_raw_fd());
        poll.registry().register(&mut source, TIMER, mio::Interest::READABLE)?;
        Ok(Timer { poll, timer })
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn new() -> io::Result<Timer> {
        Ok(Timer { poll: Poll::new()? })
    }

    pub(super) fn registry(&self) -> &mio::Registry {
        self.poll.registry()
    }

    /// Waits for events, until a moment, and at most for some time that may be exceeded by a millisecond.
    pub(super) fn wait(&mut self, events: &mut Events, until: Option<Duration>, most: Duration) -> io::Result<()> {
        let done = match until {
            Some(left) if left.is_zero() => self.poll.poll(events, Some(Duration::ZERO)),
            Some(left) if left < most => self.poll_until(events, left, most),
            _ => self.poll.poll(events, Some(most)),
        };
        match done {
            Err(it) if it.kind() == io::ErrorKind::Interrupted => {
                events.clear();
                Ok(())
            }
            done => done,
        }
    }

    #[cfg(target_os = "linux")]
    fn poll_until(&mut self, events: &mut Events, left: Duration, most: Duration) -> io::Result<()> {
        use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};

        let once = Timespec { tv_sec: 0, tv_nsec: 0 };
        let it_value = Timespec { tv_sec: left.as_secs() as _, tv_nsec: left.subsec_nanos() as _ };
        timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &Itimerspec { it_interval: once, it_value })?;
        self.poll.poll(events, Some(most))
    }

    #[cfg(not(target_os = "linux"))]
    fn poll_until(&mut self, events: &mut Events, left: Duration, _: Duration) -> io::Result<()> {
        self.poll.poll(events, Some(left))
    }
}

/// The connection that an event is about; `None` for the timer.
pub(super) fn connection(token: Token) -> Option<usize> {
    Some(token.0).filter(|it| *it != usize::MAX)
}
