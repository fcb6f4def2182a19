use source::FileId;

use super::*;

/// `<= 0.2 s p95 [at 100 rps]`
fn shown(found: &[Quantity]) -> String {
    let one = |it: &Quantity| {
        let sign = match it.bound {
            Bound::AtMost => "<= ",
            Bound::AtLeast => ">= ",
            Bound::Exactly => "",
            Bound::About => "~ ",
        };
        let round = |it: f64| format!("{}", (it * 1e9).round() / 1e9);
        let upper = it.upper.map(|it| format!("..{}", round(it))).unwrap_or_default();
        let unit = match &it.unit {
            Unit::Seconds => " s".to_owned(),
            Unit::Bytes => " B".to_owned(),
            Unit::Percent => " %".to_owned(),
            Unit::Change(word) => format!(" % {word}"),
            Unit::PerSecond(noun) => format!(" {noun}/s"),
            Unit::Count(noun) => format!(" {noun}"),
            Unit::Plain => String::new(),
        };
        let percentile = it.percentile.map(|it| format!(" p{it}")).unwrap_or_default();
        let conditions: String = it.conditions.iter().map(|it| format!(" [{it}]")).collect();
        format!("{sign}{}{upper}{unit}{percentile}{conditions}", round(it.value))
    };
    found.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn text(source: &str) -> Text {
    Text::verbatim(source, FileId(0), 0)
}

fn of_line(source: &str) -> String {
    let found = read(&text(source));
    for it in &found {
        assert!(source.get(it.span.range()).is_some() && source.get(it.number.range()).is_some(), "{source}");
    }
    shown(&found)
}

/// A line of prose, or the cells of a row under what its first cell says.
fn of_phrase(source: &str) -> String {
    if !source.contains(" | ") {
        return of_line(source);
    }
    let mut cells = source.trim_matches(['|', ' ']).split(" | ");
    let label = cells.next().unwrap_or("");
    let found: Vec<String> = cells.map(|it| shown(&read_under(label, &text(it)))).filter(|it| !it.is_empty()).collect();
    found.join(" | ")
}

/// What public specifications say of speed, load, sizes and availability.
#[test]
fn phrases() {
    crate::phrases::check(include_str!("phrases.txt"), 0.95, of_phrase);
}

const LINES: &[(&str, &str)] = &[
    ("Log retention: 90 days minimum", ">= 7776000 s"),
    ("N+1 queries", ""),
    ("no failure within 10 000 checks", ""),
    ("$0.25 per 1M tokens", ""),
    ("uptime 2h 14m", ""),
    ("1h30m, 1m 30s", ""),
    ("PORT=9090", ""),
    ("x += 1", ""),
    ("1. Login<br>2. Select", ""),
    ("max 200 chars", "<= 200 character"),
    ("5 min 10 s", ""),
    ("10K", ""),
    ("1M+", ""),
    ("95th percentile", ""),
    ("for 95% of requests", "95 %"),
    (">50 429s in 1 hour for single user", ">= 50 429 [in 1 hour] [for single user]"),
    (">100 429s/hour across all users", ">= 0.027777778 429/s [across all users]"),
    ("No 429s for 7 days", "604800 s"),
    ("Error rate > 1%", ">= 1 %"),
    ("p95 > 500ms", ">= 0.5 s p95"),
    ("CPU/Mem > 90%", ">= 90 %"),
    ("Any critical threshold breached", ""),
    ("`/api/v1/health` fails 3 checks in a row", "3 check"),
    ("Sponsor spend ≥ 80% of `FEE_LIMIT` in the window", ">= 80 %"),
    ("Relayed-transaction failures > 5% over 5 min", ">= 5 % [over 5 min]"),
    ("Sustained 429s from one IP", ""),
    ("A channel relayer missing or paused", ""),
    ("`rejected_total / requests_total > 0.1`", ">= 0.1"),
    ("`tokens_total > 80% of provider limit`", ">= 80 %"),
    ("`p99(duration) > 60s`", ">= 60 s p99"),
    ("Health check fail", ""),
    (">90% for 5min", ">= 90 % [for 5min]"),
    (">90% usage", ">= 90 %"),
    ("Connection pool exhausted", ""),
    ("Expires in <30 days", "<= 2592000 s"),
    ("< 500 credits remaining", "<= 500 credit"),
    ("< 40% for 2+ hours", "<= 40 % [for 2+ hours]"),
    ("> 5 per hour", ">= 0.001388889 /s"),
    ("> 10 per batch", ">= 10 [per batch]"),
    ("Fun ↓5 pts, build red 2×, P0 bug", ""),
    ("Metric drift >5%, debt +3", ">= 5 %"),
    (">10% increase in deprecated version calls", ">= 10 % increase"),
    ("Any requests to `/api/brands` (no version)", ""),
    (">5% error rate on any version", ">= 5 %"),
    ("30 days before sunset", "2592000 s"),
    (">100 410 responses/hour", ">= 0.027777778 410 response/s"),
    ("`trading_loop_latency_ms > 500` for 3m", ">= 500 [for 3m]"),
    ("Exposure / balance > `MAX_PORTFOLIO_LEVERAGE`", ""),
    ("Consumer lag > 200 msgs", ">= 200 message"),
    ("`/api/v1/health` failing 3+ consecutive checks (≈45s)", ">= 3 check; ~ 45 s"),
    ("relayed-tx failure ratio > 5% over 5 min", ">= 5 % [over 5 min]"),
    (">5% errors", ">= 5 %"),
    ("p95 >1s", ">= 1 s p95"),
    (
        "`order_intake.p99_latency_ms > 200ms for 3 consecutive minutes` → SNS → PagerDuty",
        ">= 0.2 s p99 [for 3 consecutive minutes]",
    ),
    ("`order_intake.error_rate > 1% for 5 minutes`", ">= 1 % [for 5 minutes]"),
    ("`sqs.dlq.message_count > 0`", ">= 0"),
    ("`settlement.lag_seconds.p95 > 3600s` → SNS → email (warn, not page)", ">= 3600 s p95"),
    ("`aurora.replica_lag > 5s`", ">= 5 s"),
    ("alarm at p95 > 1h", ">= 3600 s p95"),
    ("Error rate >10%, avg latency >90s, CosmosDB RU throttling", ">= 10 %; >= 90 s"),
    (
        "Alert threshold: p95 latency > 10 seconds (excluding polling interval)",
        ">= 10 s p95 [excluding polling interval]",
    ),
    ("Sentry alerts on OpenAI API failures (> 5% error rate)", ">= 5 %"),
    ("Track SSE disconnection rate (alert if > 10%)", ">= 10 %"),
    ("Monitor memory query latency (alert if p95 > 200ms)", ">= 0.2 s p95"),
    ("Alert if >10s extraction threshold exceeded", ">= 10 s"),
    ("alerts if costs exceed $50", ""),
    ("Alert on <90% QR scan success rate, <95% overall check-in success rate (QR + manual)", "<= 90 %; <= 95 %"),
    ("| Login success rate | Counter metric | Alert if <90% |", "<= 90 %"),
    ("| Response time | Histogram | Alert if >1s |", ">= 1 s"),
    ("Page load time >5 seconds", ">= 5 s"),
    ("API error rate >5%", ">= 5 %"),
    ("alert when disk usage exceeds 80%", ">= 80 %"),
    ("Alert on error occurrence (notification when error rate exceeds 5%)", ">= 5 %"),
    ("Disk space <10% remaining → alert DevOps", "<= 10 %"),
    ("Connection pool exhausted → page DevOps", ""),
    ("Slow queries >1s → investigate", ">= 1 s"),
    ("Rollback: flag off if error rate > 1% or p95 > 500ms", ">= 1 %; >= 0.5 s p95"),
    ("lag alerts at >10k msgs", ">= 10000 message"),
    ("Alerts: N/A (no production deployment)", ""),
    ("histogram_quantile(0.95, email_classification_duration_seconds) > 10", ">= 10"),
    ("for: 5m", ""),
    ("rate(api_errors_total[5m]) > 0.05", ">= 0.05"),
    ("db_connections > 80", ">= 80"),
    ("rfq_deadline_hours < 2 AND quotes_count = 0", "<= 2; 0"),
    ("compliance_models_documented_ratio < 1", "<= 1"),
    ("for: 1h", "3600 s"),
    ("fails 3 checks in a row", "3 check"),
    ("101 writes per second", "101 write/s"),
    ("1000 req/s", "1000 request/s"),
    ("250 rps", "250 request/s"),
    ("10K QPS", "10000 request/s"),
    ("100/min", "1.666666667 /s"),
    ("10MB/s", "10000000 byte/s"),
    ("1,200 orders/day", "0.013888889 order/s"),
    ("100 req/min per IP, 200 req/min per user", "1.666666667 request/s [per ip]; 3.333333333 request/s [per user]"),
    ("5 attempts per 15 minutes", "0.005555556 attempt/s"),
    ("10 runs per IP per hour", "0.002777778 run/s [per ip]"),
    ("100 requests per minute per user", "1.666666667 request/s [per user]"),
    ("p95 < 200ms under 100 rps", "<= 0.2 s p95 [under 100 rps]"),
    ("p95 &lt; 200ms under peak load", "<= 0.2 s p95 [under peak load]"),
    ("p99.9 <= 1s", "<= 1 s p99.9"),
    ("at most 5 seconds", "<= 5 s"),
    ("no more than 3 retries", "<= 3 retry"),
    ("between 1 and 5 seconds", "1..5 s"),
    ("100ms-200ms", "0.1..0.2 s"),
    ("2%-4%", "2..4 %"),
    ("80%+ line coverage", ">= 80 %"),
    ("`≥70%`", ">= 70 %"),
    ("70%+ overall, 90%+ domain/application layer", ">= 70 %; >= 90 %"),
    ("RPO 1h", "3600 s"),
    ("2025-01-16", ""),
    ("10:30", ""),
    ("v1.2.3", ""),
    ("Node 20", ""),
    ("Node 18+", ""),
    ("HTTP 404", ""),
    ("80/443", ""),
    ("3.1 Users", ""),
    ("Section 5 users", ""),
    ("Phase 2 tasks", ""),
    ("Story 3.2: 5 files", "5 file"),
    ("p95", ""),
    ("127.0.0.1", ""),
    ("24/7", ""),
    ("$50", ""),
    ("< 5", "<= 5"),
    ("= 3", "3"),
    ("5", ""),
    ("Python 3.11", ""),
    ("~1,500 users", "~ 1500 user"),
    ("16 KiB", "16384 B"),
    ("1M+ events", ">= 1000000 event"),
    ("ADR-047", ""),
    ("<100ms p50, <300ms p99", "<= 0.1 s p50; <= 0.3 s p99"),
    ("5 GB of RAM", "5000000000 B"),
    ("10 Mbps", "10000000 bit/s"),
    ("SHA-256", ""),
    ("UTF-8", ""),
    ("RFC 7231", ""),
    ("200 OK", ""),
    ("returns 429 for 5 seconds", "5 s"),
    ("é 5 ms", "0.005 s"),
    ("20 minutes", "1200 s"),
    ("10× faster", ""),
    ("4x", ""),
    ("top 10", ""),
    ("1-2 sprints", "1..2 sprint"),
];

#[test]
fn lines_of_prose() {
    let mut wrong = Vec::new();
    for (source, expected) in LINES {
        let found = of_line(source);
        if found != *expected {
            wrong.push(format!("{source:?}: {found:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn spans_hold_operator_number_and_unit() {
    for (source, spans) in [
        ("p95 ≤ 1,200 ms at 5 rps", &[("≤ 1,200 ms", "1,200")][..]),
        ("é: up to 5-10% of 3", &[("up to 5-10%", "5-10")]),
        ("~10K QPS, max: 80 users", &[("~10K QPS", "10K"), ("max: 80 users", "80")]),
        ("Orders/day: ~1000", &[("~1000", "1000")]),
    ] {
        let found = read(&Text::verbatim(source, FileId(0), 0));
        let found: Vec<_> = found.iter().map(|it| (&source[it.span.range()], &source[it.number.range()])).collect();
        assert_eq!(found, spans, "{source}");
    }
}

#[test]
fn broken_lines_never_panic() {
    let pieces: Vec<char> = "0159.,:/-–~<>≤%+()|`*& \nkKMspé_$".chars().collect();
    let mut state = 3_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    for _ in 0..8_000 {
        let mut chars: Vec<char> = LINES[next(LINES.len())].0.chars().collect();
        chars.extend(LINES[next(LINES.len())].0.chars());
        for _ in 0..=next(6) {
            let at = next(chars.len() + 1);
            match next(3) {
                0 if at < chars.len() => drop(chars.remove(at)),
                1 => chars.truncate(at),
                _ => chars.insert(at, pieces[next(pieces.len())]),
            }
        }
        of_line(&chars.into_iter().collect::<String>());
    }
}

#[test]
fn long_lines_take_linear_time() {
    for piece in ["1-", "< 5 ms ", "9", "for 5 ", "p95 ", "(", "1 to ", "a/", "&lt;", "~", "1,000", "5 users, "] {
        read(&Text::verbatim(piece.repeat(20_000), FileId(0), 0));
    }
}
