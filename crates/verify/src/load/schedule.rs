//! When requests are meant to be sent, and of which kind each is.

/// Nanoseconds in a second.
const SECOND: f64 = 1e9;

/// How the starts of requests follow each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spacing {
    /// At equal distances.
    Even,
    /// As those of many callers who do not know of each other: a Poisson process, by a seed.
    Random(u64),
}

/// The intended starts of a constant rate, one after another, whether or not anything was sent.
#[derive(Debug)]
pub(super) struct Schedule {
    /// Nanoseconds between two on average.
    gap: f64,
    /// Where the distances come from, unless they are even.
    random: Option<fastrand::Rng>,
    /// Nanoseconds from the beginning to the next one.
    next: f64,
}

impl Schedule {
    /// `rate` in requests per second.
    pub(super) fn new(rate: f64, spacing: Spacing) -> Schedule {
        let random = match spacing {
            Spacing::Even => None,
            Spacing::Random(seed) => Some(fastrand::Rng::with_seed(seed)),
        };
        let mut schedule = Schedule { gap: SECOND / rate, random, next: 0.0 };
        if schedule.random.is_some() {
            schedule.pass();
        }
        schedule
    }

    /// Nanoseconds from the beginning to the next intended start.
    pub(super) fn next(&self) -> u64 {
        self.next.round() as u64
    }

    /// Goes on to the one after.
    pub(super) fn pass(&mut self) {
        self.next += match &mut self.random {
            None => self.gap,
            Some(it) => -self.gap * (1.0 - it.f64()).ln(),
        };
    }
}

/// Takes kinds of requests by their weights, as evenly mixed as they can be.
#[derive(Debug)]
pub(super) struct Mix {
    /// Weight, and what is due to it.
    kinds: Vec<(f64, f64)>,
}

impl Mix {
    pub(super) fn new(weights: &[f64]) -> Mix {
        Mix { kinds: weights.iter().map(|it| (it.max(0.0), 0.0)).collect() }
    }

    /// The next kind; `None` if none has a weight.
    pub(super) fn take(&mut self) -> Option<usize> {
        let all: f64 = self.kinds.iter().map(|it| it.0).sum();
        let mut first: Option<(usize, f64)> = None;
        for (index, (weight, due)) in self.kinds.iter_mut().enumerate().filter(|it| it.1.0 > 0.0) {
            *due += *weight;
            if first.is_none_or(|it| *due > it.1) {
                first = Some((index, *due));
            }
        }
        let (index, _) = first?;
        if let Some((_, due)) = self.kinds.get_mut(index) {
            *due -= all;
        }
        Some(index)
    }

    /// Takes a kind no more.
    pub(super) fn drop(&mut self, kind: usize) {
        if let Some(it) = self.kinds.get_mut(kind) {
            *it = (0.0, 0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_starts_do_not_drift() {
        let mut schedule = Schedule::new(3_000.0, Spacing::Even);
        let starts: Vec<u64> = (0..30_001).map(|_| (schedule.next(), schedule.pass()).0).collect();
        assert_eq!(starts[0], 0);
        assert_eq!(starts[3], 1_000_000);
        assert!(starts[30_000].abs_diff(10_000_000_000) < 100, "{}", starts[30_000]);
    }

    /// The gaps of a Poisson process are as long on average as they deviate, and a seed gives the same ones.
    #[test]
    fn random_starts_have_the_rate() {
        let gaps = |seed| {
            let mut schedule = Schedule::new(1_000.0, Spacing::Random(seed));
            let starts: Vec<u64> = (0..20_000).map(|_| (schedule.next(), schedule.pass()).0).collect();
            starts.windows(2).map(|it| (it[1] - it[0]) as f64).collect::<Vec<f64>>()
        };
        let own = gaps(7);
        let mean = own.iter().sum::<f64>() / own.len() as f64;
        let deviation = (own.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / own.len() as f64).sqrt();
        assert!((mean / 1e6 - 1.0).abs() < 0.03, "{mean}");
        assert!((deviation / mean - 1.0).abs() < 0.05, "{deviation}");
        assert_eq!(own, gaps(7));
        assert_ne!(own, gaps(8));
    }

    #[test]
    fn kinds_are_mixed_by_weight() {
        let mut mix = Mix::new(&[5.0, 0.0, 1.0, 1.0]);
        let taken: Vec<usize> = (0..14).filter_map(|_| mix.take()).collect();
        assert_eq!(taken, [0, 0, 2, 0, 3, 0, 0, 0, 0, 2, 0, 3, 0, 0]);
        mix.drop(0);
        mix.drop(2);
        assert_eq!((mix.take(), mix.take()), (Some(3), Some(3)));
        mix.drop(3);
        assert_eq!(mix.take(), None);
    }
}
