//! The loop: sends what is due, takes what comes, and counts it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use mio::{Events, Token};

use super::answer::Fault;
use super::connection::{Connection, Happened, Sent, State};
use super::latency::{Latencies, WINDOWS};
use super::schedule::{Mix, Schedule};
use super::timer::{self, Timer};
use super::{Ended, Error, Kind, MAX_CONNECTIONS, Pace, Plan, Run};

/// How often what has no event is looked after: time-outs, connections to be opened again.
const TICK: u64 = 20 * MILLISECOND;
/// How long it waits before a connection is opened again.
const AGAIN: u64 = 50 * MILLISECOND;
/// Without a connection for so long, the server is dead.
const DEAD: u64 = 1_000 * MILLISECOND;
const MILLISECOND: u64 = 1_000_000;
/// Bytes that are read at once.
const SCRATCH: usize = 64 * 1024;
/// More requests per second are not asked for.
const MAX_RATE: f64 = 1_000_000.0;

/// Runs a plan. `next` writes the next request of a kind, or answers that there is no more of it; `tick` is
/// called some times in a second with the time since the beginning.
pub fn run(
    plan: &Plan,
    next: &mut dyn FnMut(usize, &mut Vec<u8>) -> bool,
    tick: &mut dyn FnMut(Duration),
) -> Result<Run, Error> {
    let mut engine = Engine::new(plan)?;
    engine.go(next, tick)?;
    Ok(engine.told())
}

struct Engine {
    plan: Plan,
    begin: Instant,
    /// Nanoseconds from the beginning to the end of the warm-up, of what is measured, and of all.
    warm: u64,
    end: u64,
    hard: u64,
    timer: Timer,
    connections: Vec<Connection>,
    /// Connections that wait for a request, the longest first.
    idle: VecDeque<usize>,
    schedule: Option<Schedule>,
    mix: Mix,
    kinds: Vec<Kind>,
    lag: Latencies,
    /// When a connection was last open.
    alive: u64,
    /// Whether one ever was.
    reached: bool,
    ended: Option<Ended>,
}

impl Engine {
    fn new(plan: &Plan) -> Result<Engine, Error> {
        let nanoseconds = |it: Duration| u64::try_from(it.as_nanos()).unwrap_or(u64::MAX / 8).min(u64::MAX / 8);
        let warm = nanoseconds(plan.warm_up);
        let duration = nanoseconds(plan.duration).max(1);
        let schedule = match plan.pace {
            Pace::Open(rate, spacing) => Some(Schedule::new(rate.clamp(1e-3, MAX_RATE), spacing)),
            Pace::Closed => None,
        };
        let connections = plan.connections.clamp(1, MAX_CONNECTIONS);
        Ok(Engine {
            begin: Instant::now(),
            warm,
            end: warm + duration,
            hard: warm + duration + nanoseconds(plan.timeout).min(duration),
            timer: Timer::new().map_err(Error::Sockets)?,
            connections: (0..connections).map(|_| Connection::new()).collect(),
            idle: VecDeque::with_capacity(connections),
            schedule,
            mix: Mix::new(&plan.weights),
            kinds: plan.weights.iter().map(|_| Kind::default()).collect(),
            lag: Latencies::default(),
            alive: 0,
            reached: false,
            ended: None,
            plan: plan.clone(),
        })
    }

    fn now(&self) -> u64 {
        self.begin.elapsed().as_nanos() as u64
    }

    fn go(
        &mut self,
        next: &mut dyn FnMut(usize, &mut Vec<u8>) -> bool,
        tick: &mut dyn FnMut(Duration),
    ) -> Result<(), Error> {
        let mut events = Events::with_capacity(1024);
        let mut scratch = vec![0; SCRATCH];
        let mut ticked = 0;
        self.look()?;
        loop {
            let now = self.now();
            if now >= ticked + TICK {
                ticked = now;
                tick(Duration::from_nanos(now));
                self.look()?;
            }
            self.send(next);
            if self.ended.is_some() || self.is_over(now) {
                break;
            }
            let left = |it: u64| Duration::from_nanos(it.saturating_sub(self.now()));
            let due = self.schedule.as_ref().map(Schedule::next).filter(|it| *it < self.end && !self.idle.is_empty());
            let until = due.map(left);
            let most = Duration::from_nanos(TICK).min(left(self.hard));
            self.timer.wait(&mut events, until, most).map_err(Error::Sockets)?;
            for event in &events {
                let Some(index) = timer::connection(event.token()) else { continue };
                let now = self.now();
                let Some(connection) = self.connections.get_mut(index) else { continue };
                let happened = connection.ready(event, &mut scratch, now);
                self.happened(index, happened, next);
            }
        }
        self.finish();
        Ok(())
    }

    /// Whether nothing is to be sent or waited for any more.
    fn is_over(&self, now: u64) -> bool {
        let sent = self.schedule.as_ref().map_or(now >= self.end, |it| it.next() >= self.end);
        now >= self.hard || now >= self.end && sent && !self.connections.iter().any(Connection::is_due)
    }

    /// Sends what is due on connections that are free.
    fn send(&mut self, next: &mut dyn FnMut(usize, &mut Vec<u8>) -> bool) {
        while let Some(index) = self.idle.front().copied() {
            let now = self.now();
            let intended = self.schedule.as_ref().map_or(now, Schedule::next);
            if intended > now || intended >= self.end {
                return;
            }
            let Some(connection) = self.connections.get_mut(index) else { return };
            let State::Idle(free) = connection.state else {
                self.idle.pop_front();
                continue;
            };
            let Some(kind) = self.mix.take() else {
                self.ended = Some(Ended::Dry);
                return;
            };
            connection.out.clear();
            if !next(kind, &mut connection.out) || connection.out.is_empty() {
                self.mix.drop(kind);
                continue;
            }
            self.idle.pop_front();
            let now = self.begin.elapsed().as_nanos() as u64;
            // Without a schedule it starts when it is ready.
            let intended = if self.schedule.is_some() { intended } else { now };
            let happened = connection.send(kind, intended, now);
            self.pass(kind, intended);
            if intended >= self.warm {
                let window = self.window(intended);
                self.lag.add(window, now.saturating_sub(intended.max(free)));
            }
            self.happened(index, happened, next);
        }
    }

    /// Counts a request as offered, and goes on to the next.
    fn pass(&mut self, kind: usize, intended: u64) {
        if let Some(it) = self.kinds.get_mut(kind) {
            it.offered += u64::from(intended >= self.warm);
        }
        if let Some(it) = &mut self.schedule {
            it.pass();
        }
    }

    fn happened(&mut self, index: usize, happened: Happened, next: &mut dyn FnMut(usize, &mut Vec<u8>) -> bool) {
        match happened {
            Happened::Nothing => {}
            Happened::Open => {
                self.alive = self.now();
                self.reached = true;
                self.free(index);
            }
            Happened::Unopened(sent) => self.unopened(index, sent),
            Happened::Answered(sent, status, keep) => {
                let now = self.now();
                self.alive = now;
                self.answered(sent, status, now);
                if !keep {
                    self.open(index);
                } else if let Some(connection) = self.connections.get_mut(index) {
                    connection.state = State::Idle(now);
                    self.free(index);
                    // At once: a closed loop is as fast as this.
                    self.send(next);
                }
            }
            Happened::Failed(sent, fault) => {
                let now = self.now();
                self.failed(sent, &fault, now);
                self.open(index);
            }
            Happened::Closed => {
                self.idle.retain(|it| *it != index);
                match self.connections.get_mut(index) {
                    // A server that only closes is not asked without a pause.
                    Some(it) if it.is_fresh() => it.state = State::Down(self.begin.elapsed().as_nanos() as u64 + AGAIN),
                    _ => self.open(index),
                }
            }
        }
    }

    fn free(&mut self, index: usize) {
        if self.connections.get(index).is_some_and(|it| matches!(it.state, State::Idle(_))) {
            self.idle.push_back(index);
        }
    }

    /// Opens a connection anew.
    fn open(&mut self, index: usize) {
        let now = self.now();
        let Some(connection) = self.connections.get_mut(index) else { return };
        let sent = connection.is_due();
        if connection.open(self.plan.address, self.timer.registry(), Token(index), now).is_err() {
            let sent = if sent { connection.close() } else { None };
            self.unopened(index, sent);
        }
    }

    /// A connection cannot be opened: the request that waited for it fails, or the next one that is due.
    fn unopened(&mut self, index: usize, sent: Option<Sent>) {
        let now = self.now();
        if let Some(it) = self.connections.get_mut(index) {
            it.state = State::Down(now + AGAIN);
        }
        if !self.reached {
            return;
        }
        if let Some(sent) = sent {
            if let Some(kind) = self.kinds.get_mut(sent.kind).filter(|_| sent.intended >= self.warm) {
                kind.faults.unconnected += 1;
            }
            return;
        }
        let intended = self.schedule.as_ref().map_or(now, Schedule::next);
        if intended > now || intended >= self.end {
            return;
        }
        let Some(kind) = self.mix.take() else { return };
        self.pass(kind, intended);
        if let Some(kind) = self.kinds.get_mut(kind).filter(|_| intended >= self.warm) {
            kind.faults.unconnected += 1;
        }
    }

    /// Looks after what has no event.
    fn look(&mut self) -> Result<(), Error> {
        let now = self.now();
        let timeout = u64::try_from(self.plan.timeout.as_nanos()).unwrap_or(u64::MAX);
        let mut open = false;
        for index in 0..self.connections.len() {
            let Some(connection) = self.connections.get_mut(index) else { continue };
            match connection.state {
                State::Down(until) if until <= now && now < self.end => self.open(index),
                State::Opening(since) if now.saturating_sub(since) > timeout => {
                    let sent = connection.close();
                    self.unopened(index, sent);
                }
                State::Idle(_) => open = true,
                State::Busy => {
                    open = true;
                    let late = connection.busy().filter(|it| now.saturating_sub(it.at) > timeout);
                    if let Some(sent) = late {
                        connection.close();
                        self.late(sent, now);
                        self.open(index);
                    }
                }
                _ => {}
            }
        }
        if open {
            self.alive = now;
        } else if now.saturating_sub(self.alive) > if self.reached { DEAD } else { timeout.max(DEAD) } && now < self.end
        {
            if !self.reached {
                let error = std::io::ErrorKind::ConnectionRefused.into();
                return Err(Error::Unreachable(self.plan.address.to_string(), error));
            }
            self.ended = Some(Ended::Died(Duration::from_nanos(self.alive.saturating_sub(self.warm))));
        }
        Ok(())
    }

    fn window(&self, at: u64) -> usize {
        let length = (self.end - self.warm).max(1);
        let window = u128::from(at.saturating_sub(self.warm)) * WINDOWS as u128 / u128::from(length);
        (window as usize).min(WINDOWS - 1)
    }

    fn answered(&mut self, sent: Sent, status: u16, now: u64) {
        let good = status < 400;
        let (window, came) = (self.window(sent.intended), self.window(now));
        let Some(kind) = self.kinds.get_mut(sent.kind) else { return };
        if good
            && (self.warm..self.end).contains(&now)
            && let Some(it) = kind.held.get_mut(came)
        {
            *it += 1;
        }
        if sent.intended < self.warm {
            return;
        }
        match kind.statuses.iter_mut().find(|it| it.0 == status) {
            Some(it) => it.1 += 1,
            None => kind.statuses.push((status, 1)),
        }
        if good {
            kind.latencies.add(window, now.saturating_sub(sent.intended));
        }
    }

    fn failed(&mut self, sent: Sent, fault: &Fault, _: u64) {
        let Some(kind) = self.kinds.get_mut(sent.kind).filter(|_| sent.intended >= self.warm) else { return };
        match fault {
            Fault::Garbage => kind.faults.garbage += 1,
            Fault::TooLong => kind.faults.long += 1,
            Fault::Cut => kind.faults.cut += 1,
        }
    }

    fn late(&mut self, sent: Sent, now: u64) {
        let window = self.window(sent.intended);
        let Some(kind) = self.kinds.get_mut(sent.kind).filter(|_| sent.intended >= self.warm) else { return };
        kind.faults.late += 1;
        kind.latencies.add(window, now.saturating_sub(sent.intended));
    }

    /// Counts what was not answered, or not even sent.
    fn finish(&mut self) {
        let now = self.now();
        let died = matches!(self.ended, Some(Ended::Died(_)));
        for index in 0..self.connections.len() {
            let Some(sent) = self.connections.get_mut(index).and_then(Connection::close) else { continue };
            if died {
                self.failed(sent, &Fault::Cut, now);
            } else {
                self.unfinished(sent.kind, sent.intended, now);
            }
        }
        while let Some(intended) = self.schedule.as_ref().map(Schedule::next).filter(|it| *it < self.end) {
            let Some(kind) = self.mix.take().filter(|_| self.ended.is_none()) else { return };
            self.pass(kind, intended);
            self.unfinished(kind, intended, now);
        }
    }

    fn unfinished(&mut self, kind: usize, intended: u64, now: u64) {
        let window = self.window(intended);
        let Some(kind) = self.kinds.get_mut(kind).filter(|_| intended >= self.warm) else { return };
        kind.faults.unfinished += 1;
        kind.latencies.add(window, now.saturating_sub(intended));
    }

    fn told(mut self) -> Run {
        let ended = self.ended.unwrap_or(Ended::Done);
        let whole = self.end - self.warm;
        let measured = match ended {
            Ended::Done => whole,
            Ended::Died(at) => u64::try_from(at.as_nanos()).unwrap_or(whole).min(whole),
            Ended::Dry => self.now().saturating_sub(self.warm).min(whole),
        };
        Run {
            kinds: std::mem::take(&mut self.kinds),
            measured: Duration::from_nanos(measured),
            window: whole as f64 / 1e9 / WINDOWS as f64,
            lag: self.lag,
            ended,
        }
    }
}
