//! Specifications to measure on: filled templates of about 7.5 KB, clean, one like the other and yet each
//! its own.

use std::fmt::Write;
use std::path::Path;

const THINGS: [&str; 16] = [
    "parcel", "invoice", "ticket", "booking", "device", "sensor", "account", "voucher", "shipment", "policy", "report",
    "tenant", "refund", "courier", "locker", "badge",
];
const VERBS: [&str; 8] = ["submit", "accept", "assign", "dispatch", "deliver", "settle", "archive", "reopen"];

/// Writes `count` documents to a directory.
pub(crate) fn write(out: &str, count: &str) -> Result<(), String> {
    let count: usize = count.parse().map_err(|_| format!("`{count}` is not a number"))?;
    std::fs::create_dir_all(out).map_err(|it| format!("{out}: {it}"))?;
    let mut bytes = 0;
    for index in 0..count {
        let text = document(index, count);
        bytes += text.len();
        let path = Path::new(out).join(format!("{}.md", name(index)));
        std::fs::write(&path, text).map_err(|it| format!("{}: {it}", path.display()))?;
    }
    println!("{count} specifications, {} bytes on average", bytes / count.max(1));
    Ok(())
}

fn name(index: usize) -> String {
    format!("unit-{index:04}")
}

/// One document. The second half depends on the first, so that there are no circles.
pub(crate) fn document(index: usize, count: usize) -> String {
    let thing = THINGS.get(index % THINGS.len()).copied().unwrap_or("thing");
    let mut letters = thing.chars();
    let entity: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    let rate = 50 + index % 100;
    let own = name(index);
    let mut out = String::with_capacity(8 << 10);
    let _ = write!(
        out,
        "# Technical Specification: {entity} Unit {index:04}\n\n**Date**: 2026-03-{:02}\n**Author**: Team {}\n**Status**: Draft\n\n---\n\n## Overview\n\n### Purpose\nKeeps every {thing} and moves it through its life.\n\n### Scope\nCreation, reading and changes of state; billing is done elsewhere.\n\n### Goals\n1. Take {rate} requests/second on one node\n2. Never lose a {thing} that was acknowledged\n\n---\n\n## System Context\n\n### Where This Fits\nBetween the gateway and the ledger.\n\n### Dependencies\n",
        1 + index % 28,
        index % 17
    );
    if index >= count / 2 && index > 0 {
        let other = name(index - count / 2);
        let _ = writeln!(out, "- [{other}]({other}.md): looks up what a {thing} refers to");
    }
    let _ = write!(
        out,
        "- PostgreSQL: keeps the records\n\n### Dependents\n- Back office: shows each {thing}\n\n---\n\n## Technical Approach\n\n### High-Level Design\nOne process and one database.\n\n### Technology Choices\n\n| Decision | Choice | Rationale |\n|----------|--------|-----------|\n| Language | Rust | Small and fast |\n| Database | PostgreSQL | Transactions |\n\n### Alternatives Considered\n\n**Alternative 1: A queue**\n- Pros: decouples the callers\n- Cons: nobody sees the result at once\n- Decision: Not chosen because callers wait for the answer\n\n---\n\n## Detailed Design\n\n### Component Breakdown\n\n#### Component 1: {entity} store\n\n**Purpose**: Reads and writes\n\n**Responsibilities**:\n- Keep the number unique\n- Write in one transaction\n\n---\n\n### Data Model\n\n#### Entity 1: {entity}\n\n```typescript\ninterface {entity} {{\n  id: string;\n  number: string; // 4-20 characters\n  weight: number;\n  state: 'open' | 'taken' | 'moving' | 'done' | 'dropped';\n  note?: string;\n  createdAt: Date;\n}}\n```\n\n**Fields**:\n| Field | Type | Required | Description |\n|-------|------|----------|-------------|\n| id | uuid | Yes | Unique identifier |\n| number | string | Yes | What is printed on it |\n| weight | integer | Yes | In grams |\n| state | string | Yes | Where it stands |\n| note | string | No | For people |\n| createdAt | datetime | Yes | When it came |\n\n**Constraints**:\n- number is unique\n- `self.weight > 0`: nothing weighs nothing\n- state defaults to open\n\n---\n\n### API Specification\n\n"
    );
    endpoints(&mut out, &own, thing, &entity);
    machine(&mut out, index);
    let _ = write!(
        out,
        "### Error Handling\n\n#### Error Categories\n\n**Category 1: Validation**\n- When: a field is missing or not valid\n- Handling: refuse with 400\n- User message: The request is not valid\n- Logging: info with the field\n\n---\n\n## Implementation Details\n\n### File Structure\n\n```\n{own}/\n├── src/\n│   ├── main.rs\n│   └── store.rs\n└── tests/\n```\n\n### Configuration\n\n#### Config Options\n\n| Option | Type | Default | Description |\n|--------|------|---------|-------------|\n| port | number | {} | Port to listen on |\n| verbose | boolean | false | Log each request |\n\n#### Environment Variables\n\n| Variable | Required | Description |\n|----------|----------|-------------|\n| DATABASE_URL | Yes | Where the records are |\n\n---\n\n## Security Considerations\n\n### Authentication\nThe gateway sees to it.\n\n### Authorization\nWho may come through the gateway may do everything here.\n\n### Data Protection\nThe records name no person; the disks are encrypted by the platform.\n\n### Threat Model\n| Threat | Mitigation |\n|--------|------------|\n| Replay of a change | The state refuses it |\n\n---\n\n## Performance Considerations\n\n### Expected Load\n- Requests: {rate} requests/second\n\n### Performance Targets\n- Response time: p95 < {} ms\n\n### Optimization Strategies\n- One index on the number, none on what nobody searches\n- Answers are written from the row without a second look\n\n### Bottlenecks\n- The disk at each commit: commits are grouped\n\n---\n\n## Testing Strategy\n\n### Unit Tests\n- What to test: the transitions\n- Coverage target: 80%\n\n### Integration Tests\n- What to test: every endpoint on a real database\n- Tools: a script of requests\n\n### End-to-End Tests\n- Scenarios: from the first request to the last state\n- Tools: the same script\n\n### Test Data\n- Made by the script, with fixed numbers\n\n---\n\n## Deployment\n\n### Build Process\n```bash\ncargo build --release\n```\n\n### Deployment Steps\n1. Build the image\n2. Migrate the database\n3. Replace one instance after the other\n\n### Environment Configuration\n- Staging: half the memory\n- Production: two instances\n\n### Rollback Plan\nDeploy the image before.\n\n---\n\n## Monitoring & Observability\n\n### Metrics to Track\n- {thing}_requests_total: traffic\n- {thing}_errors_total: refusals\n\n### Logging\n- Log level: info\n- What to log: each refusal with its reason\n\n### Alerts\n| Alert | Condition | Action |\n|-------|-----------|--------|\n| Errors | `rate({thing}_errors_total[5m]) > 0.1` | Wake somebody |\n\n---\n\n## Migration Strategy\n\n### From Current State\nNothing is there yet.\n\n### Data Migration\n- Migration plan: N/A, there is no data\n\n### Backward Compatibility\nN/A, this is the first version.\n\n---\n\n## Documentation\n\n### Code Documentation\n- Inline comments: where the why is not plain\n\n### User Documentation\n- User guide: in the handbook\n\n---\n\n## Future Enhancements\n\n### Planned Improvements\n- Labels in colour\n\n### Extensibility Points\n- A further state: one row in the table of transitions\n\n---\n\n## Risks & Mitigations\n\n| Risk | Likelihood | Impact | Mitigation |\n|------|------------|--------|------------|\n| The database fails | Low | High | A replica |\n\n---\n\n## Open Questions\n\n- [ ] How long is a {thing} kept?\n\n---\n\n## References\n\n- [Goals](#goals)\n\n---\n\n## Approval\n\n| Role | Name | Date | Signature |\n|------|------|------|-----------|\n| Spec Author | | | |\n\n---\n\n## Revision History\n\n| Date | Author | Changes |\n|------|--------|---------|\n| 2026-03-01 | Team {} | Initial draft |\n",
        8000 + index % 1000,
        60 + index % 60,
        index % 17
    );
    out
}

fn endpoints(out: &mut String, own: &str, thing: &str, entity: &str) {
    let record = r#"{ "id": "5b1f7a52-8c0e-4d36-9f55-2f0e6c1d7a90", "number": "A-1000", "weight": 250, "state": "open", "createdAt": "2026-03-01T08:00:00Z" }"#;
    let cases = [
        ("Create", "POST", format!("/api/v1/{own}/{thing}s"), 201, "400 | A field is not valid"),
        ("Read", "GET", format!("/api/v1/{own}/{thing}s/{{id}}"), 200, "404 | There is none"),
        ("Take", "POST", format!("/api/v1/{own}/{thing}s/{{id}}/take"), 200, "409 | It cannot be taken now"),
    ];
    for (number, (name, method, path, status, error)) in cases.into_iter().enumerate() {
        let _ =
            write!(out, "#### Endpoint {}: {name} {thing}\n\n**Method**: {method}\n**Path**: `{path}`\n\n", number + 1);
        if number == 0 {
            out.push_str("**Request**:\n```json\n{ \"number\": \"A-1000\", \"weight\": 250 }\n```\n\n");
        }
        let code = error.split(' ').next().unwrap_or("");
        let _ = write!(
            out,
            "**Response** (Success - {status}):\n```json\n{{ \"status\": \"success\", \"data\": {record} }}\n```\n\n**Response** (Error - {code}):\n```json\n{{ \"status\": \"error\", \"message\": \"The {entity} says no\" }}\n```\n\n**Errors**:\n| Code | Reason |\n|------|--------|\n| {error} |\n\n---\n\n"
        );
    }
}

fn machine(out: &mut String, index: usize) {
    let verb = |at: usize| VERBS.get((index + at) % VERBS.len()).copied().unwrap_or("go");
    let rows = [
        ("open", "take", "taken"),
        ("taken", verb(0), "moving"),
        ("moving", verb(1), "done"),
        ("taken", verb(2), "dropped"),
    ];
    out.push_str("### State Management\n\n#### State Diagram\n\n```mermaid\nstateDiagram-v2\n    [*] --> open\n");
    for (from, event, to) in rows {
        let _ = writeln!(out, "    {from} --> {to}: {event}");
    }
    out.push_str("    done --> [*]\n    dropped --> [*]\n```\n\n#### State Transitions\n\n| From State | Event | To State | Action |\n|------------|-------|----------|--------|\n");
    for (from, event, to) in rows {
        let _ = writeln!(out, "| {from} | {event} | {to} | write a record |");
    }
    out.push_str("\n---\n\n");
}
