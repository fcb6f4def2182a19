//! Latencies and what can be said of them: percentiles with their confidence.
//!
//! Latencies of a run are no independent samples: whoever waits behind a slow answer is slow too. So the
//! interval of a percentile is Woodruff's (1952), with the windows of the run as clusters: the share of
//! latencies below the percentile varies between windows, that share's error is turned into two other
//! shares, and their percentiles are the ends. It is never narrower than that of independent samples.

use hdrhistogram::Histogram;

/// Windows into which a run is cut.
pub(super) const WINDOWS: usize = 10;
/// Nothing is kept as longer.
const LONGEST: u64 = 3_600_000_000_000;
/// Significant digits that are kept of a latency.
const DIGITS: u8 = 3;

/// Something measured, with the ends between which it lies with a confidence of 95 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end; `None` if the samples are too few to bound it.
    pub high: Option<f64>,
    /// How many samples it rests on.
    pub samples: u64,
}

/// Latencies, by window of the run.
#[derive(Debug)]
pub struct Latencies {
    windows: Vec<Histogram<u32>>,
}

impl Default for Latencies {
    fn default() -> Latencies {
        let empty = |_| Histogram::new(DIGITS).ok();
        Latencies { windows: (0..WINDOWS).filter_map(empty).collect() }
    }
}

impl Latencies {
    /// Adds a latency in nanoseconds.
    pub(super) fn add(&mut self, window: usize, latency: u64) {
        if let Some(it) = self.windows.get_mut(window.min(WINDOWS - 1)) {
            // It grows with what is recorded; the value is within all bounds.
            let _grown = it.record(latency.clamp(1, LONGEST));
        }
    }

    /// Those of several kinds together.
    pub fn joined<'a>(parts: impl IntoIterator<Item = &'a Latencies>) -> Latencies {
        let mut all = Latencies::default();
        for (own, other) in parts.into_iter().flat_map(|it| &it.windows).enumerate().map(|(at, it)| (at % WINDOWS, it))
        {
            if let Some(it) = all.windows.get_mut(own) {
                let _grown = it.add(other);
            }
        }
        all
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.windows.iter().map(Histogram::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn all(&self) -> Option<Histogram<u32>> {
        let mut all = Histogram::new(DIGITS).ok()?;
        for window in &self.windows {
            all.add(window).ok()?;
        }
        Some(all).filter(|it| !it.is_empty())
    }

    /// A percentile, from 0 to 100, in seconds.
    pub fn percentile(&self, percent: f64) -> Option<Estimate> {
        let all = self.all()?;
        let samples = all.len();
        let share = (percent / 100.0).clamp(0.0, 1.0);
        let at = |share: f64| seconds(all.value_at_quantile(share));
        let value = all.value_at_quantile(share);
        let error = self.error(share, value, samples as f64);
        let high = (share + error <= 1.0 - 0.5 / samples as f64).then(|| at(share + error));
        Some(Estimate { value: seconds(value), low: at((share - error).max(0.0)), high, samples })
    }

    /// Half the interval of the share of latencies up to a value.
    fn error(&self, share: f64, value: u64, samples: f64) -> f64 {
        let alone = (share * (1.0 - share) / samples).sqrt();
        let full: Vec<(f64, f64)> = self
            .windows
            .iter()
            .filter(|it| !it.is_empty())
            .map(|it| (it.count_between(0, value) as f64, it.len() as f64))
            .collect();
        let windows = full.len() as f64;
        if windows < 2.0 {
            return NORMAL * alone;
        }
        let below = full.iter().map(|it| it.0).sum::<f64>() / samples;
        let between: f64 = full.iter().map(|it| (it.0 - below * it.1).powi(2)).sum();
        let clustered = (windows / (windows - 1.0) * between).sqrt() / samples;
        (NORMAL * alone).max(student(full.len() - 1) * clustered)
    }

    /// The mean, in seconds.
    pub fn mean(&self) -> Option<Estimate> {
        let all = self.all()?;
        let means: Vec<f64> = self.windows.iter().filter(|it| !it.is_empty()).map(Histogram::mean).collect();
        let middle = seconds_of(all.mean());
        let alone = NORMAL * all.stdev() / (all.len() as f64).sqrt();
        let error = seconds_of(alone).max(seconds_of(spread(&means)));
        let samples = all.len();
        Some(Estimate {
            value: middle,
            low: (middle - error).max(0.0),
            high: (samples > 1).then_some(middle + error),
            samples,
        })
    }

    /// The longest, in seconds. Nothing bounds what the next one would be.
    pub fn longest(&self) -> Option<Estimate> {
        let all = self.all()?;
        let value = seconds(all.max());
        Some(Estimate { value, low: value, high: None, samples: all.len() })
    }

    /// Percentiles and their latencies in seconds, for a plot: the percentiles lie the closer the higher they
    /// are, and end where one sample is left.
    pub fn series(&self) -> Vec<(f64, f64)> {
        let Some(all) = self.all() else { return Vec::new() };
        let mut points: Vec<(f64, f64)> = Vec::new();
        let mut above = 1.0;
        while above * all.len() as f64 >= 1.0 && points.len() < 100 {
            points.push((100.0 * (1.0 - above), seconds(all.value_at_quantile(1.0 - above))));
            above *= 0.8;
        }
        points.push((100.0, seconds(all.max())));
        points
    }
}

fn seconds(nanoseconds: u64) -> f64 {
    seconds_of(nanoseconds as f64)
}

fn seconds_of(nanoseconds: f64) -> f64 {
    nanoseconds / 1e9
}

/// Half the interval of the mean of some figures.
pub(crate) fn spread(of: &[f64]) -> f64 {
    let count = of.len() as f64;
    if of.len() < 2 {
        return 0.0;
    }
    let mean = of.iter().sum::<f64>() / count;
    let variance = of.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / (count - 1.0);
    student(of.len() - 1) * (variance / count).sqrt()
}

/// The normal distribution's 97.5 % point.
const NORMAL: f64 = 1.96;

/// Student's 97.5 % point by degrees of freedom.
fn student(freedom: usize) -> f64 {
    const POINTS: [f64; 12] = [12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179];
    freedom.checked_sub(1).and_then(|it| POINTS.get(it)).copied().unwrap_or(2.179)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLISECOND: u64 = 1_000_000;

    fn near(own: f64, exact: f64) -> bool {
        (own / exact - 1.0).abs() < 0.002
    }

    #[test]
    fn percentiles_are_those_of_the_sorted_values() {
        // Values without an order, from 1 to 9,973 tenths of a millisecond, each once.
        let mut latencies = Latencies::default();
        let mut exact = Vec::new();
        for index in 0..9_973_u64 {
            let value = ((index * 5_003) % 9_973 + 1) * MILLISECOND / 10;
            latencies.add(index as usize * WINDOWS / 9_973, value);
            exact.push(value);
        }
        exact.sort_unstable();
        for percent in [0.1, 10.0, 50.0, 90.0, 95.0, 99.0, 99.9] {
            let rank = (percent / 100.0 * exact.len() as f64).ceil() as usize;
            let told = latencies.percentile(percent).unwrap();
            assert!(near(told.value, seconds(exact[rank - 1])), "p{percent}: {told:?}");
            assert!(told.low <= told.value && told.high.unwrap() >= told.value && told.samples == 9_973);
        }
        let mean = exact.iter().sum::<u64>() as f64 / exact.len() as f64;
        assert!(near(latencies.mean().unwrap().value, mean / 1e9));
        assert!(near(latencies.longest().unwrap().value, 0.9973));
        assert_eq!(latencies.percentile(100.0).unwrap().high, None);
    }

    /// Of independent samples, the interval is that of the ranks n·p ± 1.96·√(n·p·(1−p)).
    #[test]
    fn the_interval_of_independent_samples_is_that_of_their_ranks() {
        let mut latencies = Latencies::default();
        for value in 1..=10_000_u64 {
            latencies.add(value as usize % WINDOWS, value * MILLISECOND);
        }
        let told = latencies.percentile(90.0).unwrap();
        assert!(near(told.low, 9.0 - 0.0588) && near(told.high.unwrap(), 9.0 + 0.0588), "{told:?}");
    }

    /// A fifth of the latencies is slow. Spread over all windows they say little against a fast p90 … and
    /// all in two windows they say that the next run may have none.
    #[test]
    fn slow_answers_in_a_row_widen_the_interval() {
        let of = |slow: &dyn Fn(usize) -> bool| {
            let mut latencies = Latencies::default();
            for index in 0..10_000 {
                let value = if slow(index) { 100 + index as u64 % 10 } else { 1 };
                latencies.add(index / 1_000, value * MILLISECOND);
            }
            latencies.percentile(85.0).unwrap()
        };
        let spread = of(&|it| it % 5 == 0);
        let clustered = of(&|it| it >= 8_000);
        assert!(spread.low > 0.09 && clustered.low < 0.002, "{spread:?} {clustered:?}");
    }

    #[test]
    fn few_samples_do_not_bound_a_high_percentile() {
        let mut latencies = Latencies::default();
        for index in 0..100 {
            latencies.add(index / 10, MILLISECOND);
        }
        assert_eq!(latencies.percentile(99.0).unwrap().high, None);
        assert!(latencies.percentile(50.0).unwrap().high.is_some());
        assert_eq!(Latencies::default().percentile(50.0), None);
    }

    #[test]
    fn parts_are_joined_and_plotted() {
        let mut slow = Latencies::default();
        let mut fast = Latencies::default();
        for index in 0..1_000 {
            slow.add(index / 100, 50 * MILLISECOND);
            fast.add(index / 100, MILLISECOND);
        }
        let both = Latencies::joined([&slow, &fast]);
        assert_eq!(both.len(), 2_000);
        assert!(near(both.percentile(49.0).unwrap().value, 0.001) && near(both.percentile(51.0).unwrap().value, 0.05));
        let series = both.series();
        assert!(series.is_sorted_by(|a, b| a.0 <= b.0 && a.1 <= b.1), "{series:?}");
        assert!(series.first().is_some_and(|it| it.0 == 0.0) && series.last().is_some_and(|it| it.0 == 100.0));
    }
}
