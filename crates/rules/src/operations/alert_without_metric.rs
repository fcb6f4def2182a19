//! Alerts on metrics that nothing declares.

use model::Spec;
use model::claim::{Property, Subject};
use model::names::key;
use source::Level;
use syntax::Family;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "alert-without-metric",
    summary: "an alert uses a metric that is declared nowhere",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/alert-without-metric.md"),
    check: Check::Spec(alert_without_metric),
};

fn alert_without_metric(sink: &mut Sink<'_>, spec: &Spec) {
    let claims = spec.claims();
    let metrics: Vec<(String, String)> = claims
        .subjects_of("metric")
        .filter_map(|it| claims.of(it, Property::Declared).next()?.value.as_text().map(|it| (key(it), it.to_owned())))
        .collect();
    // Without any metric in this form there is nothing to compare with.
    let Some(section) =
        spec.document().of_family(Family::Metrics).next().filter(|_| metrics.iter().any(|it| is_metric(&it.1)))
    else {
        return;
    };
    for subject in claims.subjects_of("alert") {
        for claim in claims.of(subject, Property::Referenced) {
            let Some(name) = claim.value.as_text() else { continue };
            let base = base(name);
            if metrics.iter().any(|it| it.0 == key(base) || it.0 == key(name))
                || is_given(name)
                || is_option(spec, name)
            {
                continue;
            }
            let near = source::nearest(name, metrics.iter().map(|it| it.1.as_str())).map(str::to_owned);
            drop(
                sink.report(claim.span, format!("the metric `{name}` is declared nowhere"))
                    .about(subject)
                    .label(section.heading.all().span(), "the metrics that are tracked")
                    .instead_of(name, near.as_deref()),
            );
        }
    }
}

/// `order_errors_total`.
fn is_metric(name: &str) -> bool {
    name.contains('_')
        && name.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || matches!(it, '_' | ':' | '.'))
}

/// A histogram or summary has these series.
fn base(name: &str) -> &str {
    ["_bucket", "_count", "_sum"].iter().find_map(|it| name.strip_suffix(it)).unwrap_or(name)
}

/// What every Prometheus and its usual exporters give.
fn is_given(name: &str) -> bool {
    ["process_", "node_", "go_", "container_", "kube_", "up_", "nodejs_", "jvm_", "python_", "pg_"]
        .iter()
        .any(|it| name.starts_with(it))
}

/// A name of a setting in a condition is its threshold.
fn is_option(spec: &Spec, name: &str) -> bool {
    let claims = spec.claims();
    ["config", "env"].iter().any(|kind| claims.about(&Subject::of(kind, name)).next().is_some())
}
