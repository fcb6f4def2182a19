//! The load under which targets are measured: the document's own where it states one.

use model::Spec;

use super::ask::{self, Ask, What};
use super::scope;

/// Requests per second where the document states none.
const MODEST: f64 = 50.0;
/// Fewer in a second would be too few to say anything of them.
const LEAST: f64 = 20.0;
/// The share of writes where the document states none and something is said of them.
const WRITES: f64 = 0.2;
/// The share of the rest that goes to other writes, where the stated ones are as many already.
const SOME: f64 = 0.05;
/// Requests per second of each caller, where only their number is said.
const EACH: f64 = 1.0;

/// A load, and what is measured in it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Load {
    /// Requests per second by endpoint.
    pub(super) mix: Vec<(usize, f64)>,
    pub(super) connections: usize,
    /// Where the rate comes from, in words.
    pub(super) from: &'static str,
    /// Indices of what was asked.
    pub(super) asks: Vec<usize>,
}

impl Load {
    /// Requests per second.
    pub(super) fn rate(&self) -> f64 {
        self.mix.iter().map(|it| it.1).sum()
    }
}

/// What the document says of its load.
#[derive(Debug, Default)]
struct Stated {
    /// All requests per second.
    all: Option<f64>,
    /// Of single endpoints.
    of: Vec<(usize, f64)>,
}

/// The loads in which all that was asked can be measured. `usable` are the endpoints that requests can be made for.
pub(super) fn loads(spec: &Spec, usable: &[usize], asks: &[Ask]) -> Vec<Load> {
    let stated = stated(spec, usable);
    let mut loads: Vec<Load> = Vec::new();
    // What holds under the document's load, and then each other load once.
    let own = |it: &Ask| it.demand == ask::Demand::default() && it.what != What::Users;
    let (common, others): (Vec<usize>, Vec<usize>) =
        (0..asks.len()).partition(|index| asks.get(*index).is_some_and(own));
    let of = |indices: &[usize]| indices.iter().filter_map(|it| asks.get(*it)).collect::<Vec<&Ask>>();
    let mut left = Vec::new();
    if !common.is_empty() {
        let mix = mix(spec, usable, &of(&common), &stated, None);
        let mut load = Load { connections: 0, from: stated.from(), asks: Vec::new(), mix };
        for index in common {
            let Some(it) = asks.get(index) else { continue };
            // A throughput that this load does not reach.
            if it.what == What::Throughput && load.rate_of(&it.endpoints) < 0.999 * it.limit {
                left.push(index);
            } else {
                load.asks.push(index);
            }
        }
        load.connections = connections(load.rate(), &of(&load.asks));
        loads.extend(Some(load).filter(|it| !it.asks.is_empty()));
    }
    for index in left.into_iter().chain(others) {
        let Some(ask) = asks.get(index) else { continue };
        let users = if ask.what == What::Users { Some(ask.limit) } else { ask.demand.users };
        let rate = if ask.what == What::Throughput { Some(ask.limit) } else { ask.demand.rate };
        let rate = rate.unwrap_or_else(|| users.map_or(MODEST, |it| (it * EACH).max(LEAST)));
        let only = Stated { all: Some(rate), of: Vec::new() };
        let part = (ask.what == What::Throughput && !ask.endpoints.is_empty()).then_some(&ask.endpoints);
        let mix = mix(spec, usable, &[ask], &only, part);
        let connections = users.map_or_else(|| connections(rate, &[ask]), |it| it.ceil() as usize);
        let from = "as the clause says";
        let same = loads.iter_mut().find(|it| it.mix == mix && it.connections == connections && it.from == from);
        match same {
            Some(it) => it.asks.push(index),
            None => loads.push(Load { mix, connections, from, asks: vec![index] }),
        }
    }
    loads.retain(|it| it.rate() > 0.0);
    loads
}

impl Load {
    /// Requests per second to some endpoints; none is all.
    pub(super) fn rate_of(&self, endpoints: &[usize]) -> f64 {
        self.mix.iter().filter(|it| endpoints.is_empty() || endpoints.contains(&it.0)).map(|it| it.1).sum()
    }
}

impl Stated {
    fn from(&self) -> &'static str {
        if self.all.is_some() || !self.of.is_empty() {
            "the document's load"
        } else {
            "a modest load; the document states none"
        }
    }
}

/// The loads of a document: the highest of each kind.
fn stated(spec: &Spec, usable: &[usize]) -> Stated {
    let mut found = Stated::default();
    for target in spec.targets.iter().filter(|it| it.kind == "load") {
        for (_, ask) in ask::of(spec, target) {
            let Ok(ask) = ask else { continue };
            if ask.what != What::Throughput {
                continue;
            }
            if ask.endpoints.is_empty() {
                found.all = Some(found.all.unwrap_or(0.0).max(ask.limit));
            } else if let Some(endpoint) = ask.endpoints.iter().find(|it| usable.contains(it)) {
                match found.of.iter_mut().find(|it| it.0 == *endpoint) {
                    Some(it) => it.1 = it.1.max(ask.limit),
                    None => found.of.push((*endpoint, ask.limit)),
                }
            }
        }
    }
    found
}

/// Requests per second by endpoint: those that are stated, and the rest spread over what is asked for, reads
/// if nothing is.
fn mix(spec: &Spec, usable: &[usize], asks: &[&Ask], stated: &Stated, only: Option<&Vec<usize>>) -> Vec<(usize, f64)> {
    let mut mix: Vec<(usize, f64)> = stated.of.clone();
    let fixed: f64 = mix.iter().map(|it| it.1).sum();
    let all = stated.all.unwrap_or(fixed + MODEST).max(fixed).max(LEAST);
    let mut asked: Vec<usize> = Vec::new();
    for index in asks.iter().flat_map(|it| &it.endpoints) {
        if usable.contains(index) && !asked.contains(index) && !mix.iter().any(|it| it.0 == *index) {
            asked.push(*index);
        }
    }
    if let Some(only) = only {
        asked.retain(|it| only.contains(it));
    }
    let read = |it: &usize| scope::is_read(spec, *it);
    let writes: Vec<usize> = asked.iter().copied().filter(|it| !read(it)).collect();
    let mut reads: Vec<usize> = asked.into_iter().filter(read).collect();
    if reads.is_empty() && only.is_none() {
        reads = usable.iter().copied().filter(|it| read(it) && !scope::is_operational(spec, *it)).collect();
    }
    let rest = all - fixed;
    let written: f64 = stated.of.iter().filter(|it| !read(&it.0)).map(|it| it.1).sum();
    let to_writes = match (writes.is_empty(), reads.is_empty()) {
        (true, _) => 0.0,
        (_, true) => rest,
        _ => (all * WRITES - written).max(rest * SOME),
    };
    for (endpoints, rate) in [(&reads, rest - to_writes), (&writes, to_writes)] {
        let each = rate / endpoints.len().max(1) as f64;
        mix.extend(endpoints.iter().map(|it| (*it, each)).filter(|it| it.1 > 0.0));
    }
    mix
}

/// Connections that are enough for as long as answers take no longer than twice what is allowed.
fn connections(rate: f64, asks: &[&Ask]) -> usize {
    let limits = asks.iter().filter(|it| matches!(it.what, What::Latency(..))).map(|it| it.limit);
    let longest = limits.fold(0.1_f64, f64::max);
    ((2.0 * rate * longest - 1e-6).ceil() as usize).clamp(8, 512)
}
