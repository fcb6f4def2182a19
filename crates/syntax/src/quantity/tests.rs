use source::FileId;

use super::*;

/// `≤ 0.2 s p95 [at 100 rps]`
fn shown(source: &str) -> String {
    let one = |it: &Quantity| {
        assert!(source.get(it.span.range()).is_some() && source.get(it.number.range()).is_some(), "{source}");
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
            Unit::PerSecond(noun) => format!(" {noun}/s"),
            Unit::Count(noun) => format!(" {noun}"),
            Unit::Plain => String::new(),
        };
        let percentile = it.percentile.map(|it| format!(" p{it}")).unwrap_or_default();
        let conditions: String = it.conditions.iter().map(|it| format!(" [{it}]")).collect();
        format!("{sign}{}{upper}{unit}{percentile}{conditions}", round(it.value))
    };
    let found = read(&Text::verbatim(source, FileId(0), 0));
    found.iter().map(one).collect::<Vec<_>>().join("; ")
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
    ("Response time < 100ms", "<= 0.1 s"),
    ("- **Latency:** < 20ms for 20 features with 250 tasks", "<= 0.02 s [for 20 features] [with 250 tasks]"),
    ("| Feature Get (single) | < 100ms | ~30ms |", "<= 0.1 s; ~ 0.03 s"),
    ("- [ ] Feature get < 100ms (p95)", "<= 0.1 s p95"),
    ("| Task creation | < 10ms | ~2-5ms (SQLite local) |", "<= 0.01 s; ~ 0.002..0.005 s"),
    ("**Requirement**: <1ms per call", "<= 0.001 s [per call]"),
    ("**Requirement**: <2 seconds for 1,000 tasks", "<= 2 s [for 1,000 tasks]"),
    ("- **Target**: < 50ms (cold start without network)", "<= 0.05 s [cold start without network]"),
    ("- **Maximum**: < 200ms (including update check)", "<= 0.2 s [including update check]"),
    ("- **Small projects** (1-20 epics/features): <2 seconds", "1..20 epic; <= 2 s"),
    ("- Page load time (target: <2 seconds)", "<= 2 s"),
    ("- GET endpoints: < 200ms", "<= 0.2 s"),
    ("- Bulk operations: < 2 seconds", "<= 2 s"),
    ("API responses shall return within 500ms for standard operations", "<= 0.5 s [for standard operations]"),
    ("File uploads shall complete within 30 seconds for files up to 10MB", "<= 30 s [for files up to 10mb]"),
    ("| API Response Time | < 500ms | 320ms average |", "<= 0.5 s; 0.32 s [average]"),
    ("95th percentile < 5 seconds per task", "<= 5 s p95 [per task]"),
    ("Batch Quality Assessment: 100 tasks in < 2 minutes", "100 task; <= 120 s"),
    ("100 tasks against 10,000 existing tasks < 10 minutes", "100 task [against 10,000 existing tasks]; <= 600 s"),
    (
        "Event append operations complete in <10ms (P95) for PostgreSQL backend, <5ms for file backend",
        "<= 0.01 s p95 [for postgresql backend]; <= 0.005 s [for file backend]",
    ),
    ("Event queries return in <1 second for databases with 1M+ events", "<= 1 s [for databases] [with 1m+ events]"),
    (
        "Complete state reconstruction in <5 seconds for typical development cycles (50-100 events)",
        "<= 5 s [for typical development cycles]; 50..100 event",
    ),
    ("Models list view (50+ models with search/filter): <1.5 seconds", ">= 50 model [with search/filter]; <= 1.5 s"),
    ("Form validation (client-side): <50ms instant feedback", "<= 0.05 s"),
    ("CSV import (100 rows): <5 seconds", "100 row; <= 5 s"),
    (
        "Extraction completes in ≤10 seconds for typical 50MB files per NFR-1",
        "<= 10 s [for typical 50mb files] [per nfr-1]",
    ),
    ("API response time: < 500ms (p95)", "<= 0.5 s p95"),
    ("| **File Upload** | < 5 seconds for 10MB file |", "<= 5 s [for 10mb file]"),
    ("< 10ms overhead per request", "<= 0.01 s [per request]"),
    (
        "p95 <1200ms for initial event list display with 50 concurrent events (NFR001 target)",
        "<= 1.2 s p95 [for initial event list display] [with 50 concurrent events]",
    ),
    (
        "Response time <800ms for filter updates, <1500ms for map view rendering",
        "<= 0.8 s [for filter updates]; <= 1.5 s [for map view rendering]",
    ),
    ("<3s from button tap to confirmation", "<= 3 s"),
    ("Event map with 100+ pins loads in <2s, smooth 60fps panning and zooming", ">= 100 pin; <= 2 s; 60 frame/s"),
    ("thumbnails <500KB", "<= 500000 B"),
    ("| **Memory Query (p95)** | < 100ms | Fast recall ... |", "<= 0.1 s"),
    ("| **Vector Index Build** | < 5s per 10K memories |", "<= 5 s [per 10k memories]"),
    ("Email receipt → Telegram notification delivery ≤ 120 seconds", "<= 120 s"),
    ("~2-4 seconds (95th percentile)", "~ 2..4 s p95"),
    ("~500-1000ms", "~ 0.5..1 s"),
    ("Onboarding completion in <10 minutes (NFR005 alignment)", "<= 600 s"),
    ("Initial page load (First Contentful Paint): <1.5s", "<= 1.5 s"),
    ("Folder list render: <500ms for 50 folders", "<= 0.5 s [for 50 folders]"),
    ("| Standup gen (cached) | <100ms | _TBD_ |", "<= 0.1 s"),
    ("Within 100ms (requirement 6.1)", "<= 0.1 s"),
    ("p95 latency within 2 seconds (requirement 6.2)", "<= 2 s p95"),
    ("Search latency within 2 seconds with 10000 document index", "<= 2 s [with 10000 document index]"),
    ("`proxied_p50 - direct_p50 ≤ 0.5 ms` AND `proxied_p99 - direct_p99 ≤ 2 ms`", "<= 0.0005 s p50; <= 0.002 s p99"),
    ("| Cache hit response time | < 50ms P95 | Database lookup ... |", "<= 0.05 s p95"),
    ("- **FR-NFR-001**: Quran text retrieval < 200ms (p95)", "<= 0.2 s p95"),
    ("| Login response | <500ms target |", "<= 0.5 s"),
    ("Must complete within 5 seconds", "<= 5 s"),
    ("| Intent Analysis | 10s | 30s | 8s |", "10 s; 30 s; 8 s"),
    ("Wave planning: < 30 seconds for 100 orders", "<= 30 s [for 100 orders]"),
    ("P95 < 60 seconds for full 5-agent run", "<= 60 s p95 [for full 5-agent run]"),
    ("Accept 5-10s cold start for Consumption Plan", "5..10 s [cold start] [for consumption plan]"),
    ("<1s for form submission, p95 <2s including score calculation", "<= 1 s [for form submission]; <= 2 s p95"),
    (
        "<10s for 100 user batch activation, <30s for 500 users",
        "<= 10 s [for 100 user batch activation]; <= 30 s [for 500 users]",
    ),
    ("p95 order creation < 200ms at 1,000 req/s", "<= 0.2 s p95 [at 1,000 req/s]"),
    ("<200ms response time for 95% of requests", "<= 0.2 s p95"),
    (
        "**Latency budget (p99)**: <200 ms for order intake (request → 200 OK with order_id); settlement workflow latency unbounded",
        "<= 0.2 s p99 [for order intake]",
    ),
    ("Daily summary ≤500 ms (measure via unit/perf test with synthetic 1k trade file).", "<= 0.5 s"),
    ("Weekly summary ≤1.5 s warm (cache hit) / ≤2.5 s cold", "<= 1.5 s [warm] [cache hit]; <= 2.5 s [cold]"),
    ("Voice response: <800ms", "<= 0.8 s"),
    ("First paint: < 1s", "<= 1 s"),
    ("< 10 seconds on RTX 4090", "<= 10 s"),
    ("<5 seconds for 10MB PDF", "<= 5 s [for 10mb pdf]"),
    ("<500ms for 10K records", "<= 0.5 s [for 10k records]"),
    ("1000 requests/second", "1000 request/s"),
    ("~500 orders/sec peak, ~100 orders/sec sustained", "~ 500 order/s [peak]; ~ 100 order/s [sustained]"),
    ("**Orders/day**: ~1000 (estimated)", "~ 0.011574074 order/s [estimated]"),
    ("**Webhooks/day**: ~700 (1 per payment)", "~ 0.008101852 webhook/s"),
    ("**Refunds/day**: ~50 (5% refund rate)", "~ 0.000578704 refund/s; 5 %"),
    ("1-5 concurrent kiosks", "1..5 kiosk"),
    ("50-200 orders per day", "0.000578704..0.002314815 order/s"),
    ("100-500 receipts/block (high frequency, small campaigns)", "100..500 receipt"),
    ("Average agency: 5-10 presets", "5..10 preset"),
    ("Max realistic: 50 presets", "50 preset"),
    ("Typical usage: Single execution per project creation", ""),
    ("Peak usage: N/A (CLI tool, not server)", ""),
    ("**Throughput**: 1000 req/min (single instance)", "16.666666667 request/s [single instance]"),
    ("Stability at 1000 req/min, p95 latency within 3 seconds", "16.666666667 request/s; <= 3 s p95"),
    ("Support 10 concurrent runs (MVP scale)", "10 run"),
    ("System shall support 100+ concurrent users", ">= 100 user"),
    ("| Concurrent Users | 100+ simultaneous | 150+ tested |", ">= 100"),
    ("Peak throughput | 1,000 req/s", "1000 request/s"),
    ("k6, 1,000 req/s sustained 15 min, p95 < 200ms", "1000 request/s [sustained 15 min]; <= 0.2 s p95"),
    ("| Normal load | 100 | 30 min | <500ms response |", "1800 s; <= 0.5 s"),
    ("高并发告警处理 (10000+ QPS)", ">= 10000 request/s"),
    ("(< 100K requests/day)", "<= 1.157407407 request/s"),
    ("**Batch Processing**: 100 images/hour sustained", "0.027777778 image/s [sustained]"),
    ("| Storage (R2) | 100GB | 1TB | 10TB |", "100000000000 B; 1000000000000 B; 10000000000000 B"),
    ("- **Target**: < 15MB per platform", "<= 15000000 B [per platform]"),
    ("- **Idle**: < 20MB", "<= 20000000 B"),
    ("| Database size | < 1GB | ~10MB per 10k tasks |", "<= 1000000000 B; ~ 10000000 B [per 10k tasks]"),
    ("<500MB for 100K transactions", "<= 500000000 B [for 100k transactions]"),
    ("< 12GB VRAM for 4x upscaling", "<= 12000000000 B"),
    ("App bundle size < 40MB (iOS), < 30MB (Android)", "<= 40000000 B; <= 30000000 B"),
    ("60 FPS scrolling in lists", "60 frame/s"),
    ("Crash-free rate > 99.5%", ">= 99.5 %"),
    ("| Cache hit rate | 30-50% | Depends on input diversity |", "30..50 %"),
    ("Lighthouse score: > 80 across all metrics", ">= 80 [across all metrics]"),
    ("**Cache Hit Rate:** ≥ 95% L1, ≥ 85% L2, ≥ 70% L3", ">= 95 %; >= 85 %; >= 70 %"),
    ("**Multi-Core Scaling:** ≥ 80% efficiency up to 4 cores", ">= 80 % [up to 4 cores]"),
    ("**Bundle Size**: 40% reduction in initial bundle", ""),
    ("60% improvement in time to interactive", ""),
    ("- Uptime SLA: 99.9%", "99.9 %"),
    ("99.5%+ uptime during production operation", ">= 99.5 % [during production operation]"),
    ("| **PostgreSQL Database** | 99.99% (Neon SLA) |", "99.99 %"),
    ("| **FR-NFR-011**: 99.9% uptime SLA", "99.9 %"),
    ("99% uptime (Azure Functions SLA)", "99 %"),
    ("Business-hours availability | 99.9%", "99.9 %"),
    ("Data durability | 99.999999%", "99.999999 %"),
    ("99.9% (8.76 hours downtime/year)", "99.9 %; 31536 s"),
    ("RPO 1h / RTO 30 min", "3600 s; 1800 s"),
    ("CPU usage < 50%", "<= 50 %"),
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
    (">10% increase in deprecated version calls", ""),
    ("Any requests to `/api/brands` (no version)", ""),
    (">5% error rate on any version", ">= 5 %"),
    ("30 days before sunset", "2592000 s"),
    (">100 410 responses/hour", ">= 0.027777778 response/s"),
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
        let found = shown(source);
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
        shown(&chars.into_iter().collect::<String>());
    }
}

#[test]
fn long_lines_take_linear_time() {
    for piece in ["1-", "< 5 ms ", "9", "for 5 ", "p95 ", "(", "1 to ", "a/", "&lt;", "~", "1,000", "5 users, "] {
        read(&Text::verbatim(piece.repeat(20_000), FileId(0), 0));
    }
}
