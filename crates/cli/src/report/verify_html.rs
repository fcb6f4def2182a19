//! `verify --format html`: one page to read and to pass on, with its style inside; it loads nothing and runs nothing.
//!
//! What the document and the target say is escaped: nothing of it becomes markup.

use std::collections::HashMap;
use std::fmt::Write;

use export::escape;
use verify::{Area, Clause, Finding, Judged, Verdict};

use crate::report::verify_plot;
use crate::report::verify_text::told;
use crate::report::verify_view::{Cell, Count, Issue, View, counted, credential_header, word};

/// What is added to the style of our pages.
const OWN: &str = include_str!("verify_html.css");

/// So many findings are shown; more would be no page to read.
const ISSUES: usize = 300;
/// So many characters of a request, and of an answer.
const REQUEST: usize = 4000;
const ANSWER: usize = 700;

/// The page.
pub(crate) fn report(view: &View<'_>) -> String {
    let report = view.report;
    let issues = view.issues();
    let mut out = String::with_capacity(64 * 1024);
    let title = escape(&report.title);
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><link rel=\"icon\" href=\"data:,\">\
         <title>{title}: verified</title><style>{}{OWN}</style></head><body>",
        export::STYLE
    );
    contents(view, &issues, &mut out);
    head(view, &issues, &mut out);
    summary(view, &mut out);
    findings(view, &issues, &mut out);
    performance(view, &mut out);
    endpoints(view, &mut out);
    grids(view, &mut out);
    records(view, &mut out);
    others(view, &mut out);
    untested(view, &mut out);
    words(view, &mut out);
    out.push_str("</main></body></html>\n");
    out
}

fn has(view: &View<'_>, area: Area) -> bool {
    view.of(area).next().is_some()
}

fn contents(view: &View<'_>, issues: &[Issue<'_>], out: &mut String) {
    let _ = write!(out, "<nav aria-label=\"Contents\"><p class=\"brand\">{}</p>", escape(&view.report.title));
    let mut link = |id: &str, name: &str| {
        let _ = write!(out, "<p><a href=\"#{id}\">{name}</a></p>");
    };
    link("summary", "Summary");
    if !issues.is_empty() {
        link("findings", "Findings");
        out.push_str("<ul>");
        for issue in issues.iter().take(ISSUES) {
            let _ = write!(
                out,
                "<li><a href=\"#f{}\"><span class=\"at\">{}</span><span>{}</span></a></li>",
                issue.number,
                issue.finding.line,
                escape(&short(&issue.finding.message.replace('`', ""), 70))
            );
        }
        out.push_str("</ul>");
    }
    let mut link = |there: bool, id: &str, name: &str| {
        if there {
            let _ = write!(out, "<p><a href=\"#{id}\">{name}</a></p>");
        }
    };
    link(!view.report.measured.is_empty(), "performance", "Performance");
    link(has(view, Area::Endpoint), "endpoints", "Endpoints and errors");
    link(has(view, Area::Transition), "states", "States and events");
    link(has(view, Area::Field) || has(view, Area::Constraint), "records", "Fields and constraints");
    link(has(view, Area::Scenario) || has(view, Area::Operations), "others", "Scenarios and operations");
    link(view.total().untested > 0, "untested", "Not tested");
    link(!view.report.text.is_empty(), "text", "For people only");
    out.push_str("</nav>");
}

fn head(view: &View<'_>, issues: &[Issue<'_>], out: &mut String) {
    let report = view.report;
    let (class, badge) = match (issues.len(), &report.cut) {
        (0, None) => ("held", "nothing found".to_owned()),
        (0, Some(_)) => ("untested", "nothing found so far".to_owned()),
        (many, _) => ("broken", counted(many, "finding", "findings")),
    };
    let when = view.started.replace('T', " ").replace('Z', " UTC");
    let _ = write!(
        out,
        "<main><header><h1>{}</h1><p class=\"verdict {class}\"><b>{badge}</b> {}</p><p class=\"facts\">\
         <span>at <code>{}</code></span><span>against <code>{}</code></span><span>{}</span><span>{}, {}, {:.1} s</span>\
         <span>seed {}</span><span>truespec {}</span></p>",
        escape(&report.title),
        escape(&view.sentence()),
        escape(&report.target),
        escape(&report.path),
        escape(&when),
        counted(report.cases as usize, "case", "cases"),
        counted(report.requests as usize, "request", "requests"),
        report.took.as_secs_f64(),
        report.seed,
        env!("CARGO_PKG_VERSION")
    );
    if let Some(cut) = &report.cut {
        let _ = write!(
            out,
            "<p class=\"cut\"><b>Ended early:</b> {}. What was not tried by then is listed as <a href=\"#untested\">not \
             tested</a>.</p>",
            escape(&cut.to_string())
        );
    }
    for note in &report.notes {
        let _ = write!(out, "<p class=\"note\">{}</p>", escape(note));
    }
    out.push_str("</header>");
}

fn summary(view: &View<'_>, out: &mut String) {
    out.push_str(
        "<section><h2 id=\"summary\">Summary</h2><table class=\"bars\"><thead><tr><th>Clauses</th><th></th>\
         <th>Held</th><th>Broken</th><th>Not tested</th></tr></thead><tbody>",
    );
    let rows = view.areas();
    for (area, count) in &rows {
        bar(area.word(), *count, out);
    }
    if rows.len() > 1 {
        bar("all", view.total(), out);
    }
    out.push_str("</tbody></table></section>");
}

fn bar(name: &str, count: Count, out: &mut String) {
    let _ = write!(out, "<tr><td>{name}</td><td><div class=\"bar\" aria-hidden=\"true\">");
    let all = count.all().max(1) as f64;
    for (class, part) in [("held", count.held), ("broken", count.broken), ("untested", count.untested)] {
        if part > 0 {
            let _ = write!(out, "<i class=\"{class}\" style=\"width:{:.2}%\"></i>", 100.0 * part as f64 / all);
        }
    }
    out.push_str("</div></td>");
    for (class, part) in [("held", count.held), ("broken", count.broken), ("untested", count.untested)] {
        let class = if part == 0 { "none" } else { class };
        let _ = write!(out, "<td class=\"number {class}\">{part}</td>");
    }
    out.push_str("</tr>");
}

fn findings(view: &View<'_>, issues: &[Issue<'_>], out: &mut String) {
    if issues.is_empty() {
        return;
    }
    out.push_str("<section class=\"group\"><h2 id=\"findings\">Findings</h2>");
    if let Some(header) = credential_header(view.report) {
        let _ = write!(
            out,
            "<p class=\"hint\"><code>$AUTH</code> in the requests is the header that lets one in: \
             <code>AUTH='{}: …'</code></p>",
            escape(header)
        );
    }
    for issue in issues.iter().take(ISSUES) {
        self::issue(view, issue, out);
    }
    if issues.len() > ISSUES {
        let _ = write!(
            out,
            "<p class=\"hint\">and {} more: <code>--format json</code> has them all</p>",
            issues.len() - ISSUES
        );
    }
    out.push_str("</section>");
}

fn issue(view: &View<'_>, issue: &Issue<'_>, out: &mut String) {
    let finding = issue.finding;
    let _ = write!(
        out,
        "<article class=\"issue\" id=\"f{}\"><div class=\"words\"><h3>{}</h3><p class=\"facts\"><span class=\"chip\">{}</span>",
        issue.number,
        prose(&finding.message),
        finding.probe,
    );
    if !finding.endpoint.is_empty() {
        let _ = write!(out, "<span>{}</span>", endpoint(&finding.endpoint));
    }
    if issue.cases() > 1 {
        let _ = write!(out, "<span>seen in {} cases</span>", issue.cases());
    }
    out.push_str("</p>");
    let also = issue.also();
    if !also.is_empty() {
        let each: Vec<String> = also.into_iter().map(prose).collect();
        let _ = write!(out, "<p class=\"hint\">also: {}</p>", each.join("; "));
    }
    if finding.line > 0 {
        let _ = write!(
            out,
            "<blockquote><code>{}</code><cite>{}:{}</cite></blockquote>",
            escape(&short(view.quoted(finding.line), 400)),
            escape(&view.report.path),
            finding.line
        );
    }
    let _ = write!(
        out,
        "<dl><dt>Expected</dt><dd class=\"held\">{}</dd><dt>Found</dt><dd class=\"broken\">{}</dd>",
        prose(&finding.expected),
        prose(&finding.found)
    );
    let mut others: Vec<&str> = issue.others.iter().map(|it| it.endpoint.as_str()).collect();
    others.retain(|it| !it.is_empty() && *it != finding.endpoint);
    others.dedup();
    if !others.is_empty() {
        let each: Vec<String> = others.iter().take(20).map(|it| endpoint(it)).collect();
        let _ = write!(out, "<dt>Also at</dt><dd>{}</dd>", each.join("<br>"));
    }
    out.push_str("</dl></div><div class=\"examples\">");
    requests(view, finding, out);
    out.push_str("</div></article>");
}

fn requests(view: &View<'_>, finding: &Finding, out: &mut String) {
    let lines = verify::replay::curl(&view.report.target, &finding.steps);
    if lines.is_empty() {
        return;
    }
    let many = lines.len() > 1;
    let caption = match (finding.probe, many) {
        ("race", _) => "The requests that show it; the last were sent at once",
        (_, true) => "The requests that show it, to paste into a shell",
        (_, false) => "The request that shows it",
    };
    let _ = write!(out, "<figure><figcaption>{caption}</figcaption><pre class=\"shell\" tabindex=\"0\">");
    for line in &lines {
        let _ = writeln!(out, "{}", escape(&short(line, REQUEST)));
    }
    out.push_str("</pre></figure>");
    let steps = verify::replay::steps(&finding.steps);
    let _ = write!(out, "<details><summary>{}</summary>", if many { "What was answered" } else { "The answer" });
    for step in &steps {
        let status = match step.status {
            Some(it) => format!("<span class=\"status s{}\">{it}</span>", it / 100),
            None => "<span class=\"status s5\">no answer</span>".to_owned(),
        };
        let path = step.target.split('?').next().unwrap_or("");
        let _ = write!(
            out,
            "<figure><figcaption>{status} to {} {}</figcaption>",
            escape(&step.method),
            escape(&short(path, 120))
        );
        if step.answered.is_empty() {
            out.push_str("<p>no body</p></figure>");
        } else {
            let _ = write!(out, "<pre tabindex=\"0\">{}</pre></figure>", escape(&short(&step.answered, ANSWER)));
        }
    }
    out.push_str("</details>");
}

fn performance(view: &View<'_>, out: &mut String) {
    if view.report.measured.is_empty() {
        return;
    }
    out.push_str("<section><h2 id=\"performance\">Performance</h2>");
    for measured in &view.report.measured {
        let (class, verdict, why) = match &measured.verdict {
            Judged::Met => ("held", "met", None),
            Judged::Missed => ("broken", "missed", None),
            Judged::Open(why) => ("untested", "not decided", Some(why)),
        };
        let line = view.sources.position(measured.span).line;
        let _ = write!(
            out,
            "<div class=\"target\"><p><span class=\"chip {class}\">{verdict}</span> {} <span class=\"place\">{}:{line}</span></p>",
            prose(&short(&measured.text, 300)),
            escape(&view.report.path)
        );
        if let Some(why) = why {
            let _ = write!(out, "<p class=\"hint\">{}</p>", escape(why));
        }
        if let Some(figure) = &measured.figure {
            let _ = write!(out, "<p class=\"hint\">{}</p>", escape(&told(figure)));
        }
        let plot = verify_plot::latencies(measured);
        if !plot.is_empty() {
            let _ = write!(out, "<div class=\"drawing\" tabindex=\"0\">{plot}</div>");
        }
        out.push_str("</div>");
    }
    out.push_str("</section>");
}

/// Endpoints as rows: their requests, who may send them, and each status of their error tables.
fn endpoints(view: &View<'_>, out: &mut String) {
    if !has(view, Area::Endpoint) {
        return;
    }
    let mut names: Vec<&str> = Vec::new();
    let mut own: HashMap<&str, (Vec<&Clause>, Vec<&Clause>)> = HashMap::new();
    for clause in view.of(Area::Endpoint) {
        let entry = own.entry(&clause.name).or_insert_with(|| {
            names.push(&clause.name);
            Default::default()
        });
        entry.0.push(clause);
    }
    for clause in view.of(Area::Authentication) {
        if let Some(entry) = own.get_mut(clause.name.as_str()) {
            entry.1.push(clause);
        }
    }
    let mut statuses: Vec<&str> = Vec::new();
    let mut rows: HashMap<(&str, &str), Vec<&Clause>> = HashMap::new();
    for clause in view.of(Area::Error) {
        let Some((name, status)) = clause.name.rsplit_once(' ') else { continue };
        if !statuses.contains(&status) {
            statuses.push(status);
        }
        rows.entry((name, status)).or_default().push(clause);
    }
    statuses.sort_unstable();
    let secured = has(view, Area::Authentication);
    out.push_str("<section><h2 id=\"endpoints\">Endpoints and errors</h2>");
    legend(false, out);
    out.push_str("<div class=\"wide\" tabindex=\"0\"><table class=\"grid\"><thead><tr><th>Endpoint</th><th>Line</th><th>Requests</th>");
    if secured {
        out.push_str("<th>Credentials</th>");
    }
    for status in &statuses {
        let _ = write!(out, "<th>{}</th>", escape(status));
    }
    out.push_str("</tr></thead><tbody>");
    for name in names {
        let Some((requests, credentials)) = own.get(name) else { continue };
        let line = requests.iter().map(|it| it.line).min().unwrap_or(0);
        let _ = write!(out, "<tr><th scope=\"row\">{}</th><td class=\"line\">{line}</td>", endpoint(name));
        square(requests, true, out);
        if secured {
            square(credentials, true, out);
        }
        for status in &statuses {
            square(rows.get(&(name, *status)).map_or(&[], Vec::as_slice), true, out);
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div></section>");
}

/// One cell for some clauses: the worst verdict among them.
fn square(clauses: &[&Clause], allowed: bool, out: &mut String) {
    let rank = |it: &&&Clause| match it.verdict() {
        Verdict::Untested => 0,
        Verdict::Passed => 1,
        Verdict::Failed => 2,
    };
    let Some(worst) = clauses.iter().max_by_key(|it| rank(it)) else {
        out.push_str("<td class=\"cell\"></td>");
        return;
    };
    let cases: u32 = clauses.iter().map(|it| it.cases).sum();
    let failed: u32 = clauses.iter().map(|it| it.failed).sum();
    let (class, mark, what) = match (worst.verdict(), allowed) {
        (Verdict::Passed, true) => ("held", "✓", format!("held in {}", counted(cases as usize, "case", "cases"))),
        (Verdict::Passed, false) => {
            ("refused", "⊘", format!("refused, as it should be, in {}", counted(cases as usize, "case", "cases")))
        }
        (Verdict::Failed, _) => ("broken", "✗", format!("broken in {failed} of {cases} cases")),
        (Verdict::Untested, _) => {
            let why = worst.reason.as_deref().unwrap_or("nothing tests it");
            ("untested", "?", format!("not tested: {why}"))
        }
    };
    let _ = write!(
        out,
        "<td class=\"cell {class}\" title=\"{}\"><span>{mark}</span></td>",
        escape(&format!("{what} (line {})", worst.line))
    );
}

fn legend(refused: bool, out: &mut String) {
    out.push_str(
        "<p class=\"legend\"><span class=\"cell held\"><span>✓</span></span> held \
         <span class=\"cell broken\"><span>✗</span></span> broken ",
    );
    if refused {
        out.push_str("<span class=\"cell refused\"><span>⊘</span></span> refused, as it should be ");
    }
    out.push_str("<span class=\"cell untested\"><span>?</span></span> not tested</p>");
}

fn grids(view: &View<'_>, out: &mut String) {
    let grids = view.grids();
    if grids.is_empty() {
        return;
    }
    out.push_str("<section><h2 id=\"states\">States and events</h2>");
    legend(true, out);
    for grid in grids {
        let _ = write!(
            out,
            "<h3>{}</h3><div class=\"wide\" tabindex=\"0\"><table class=\"grid\"><thead><tr><th>In state</th>",
            escape(grid.entity)
        );
        for event in &grid.events {
            let _ = write!(out, "<th>{}</th>", escape(event));
        }
        out.push_str("</tr></thead><tbody>");
        for (state, cells) in &grid.rows {
            let _ = write!(out, "<tr><th scope=\"row\">{}</th>", escape(state));
            for Cell { clause, allowed } in cells {
                square(clause.as_slice(), *allowed, out);
            }
            out.push_str("</tr>");
        }
        out.push_str("</tbody></table></div>");
    }
    out.push_str("</section>");
}

/// Fields and constraints, by the record that they are of.
fn records(view: &View<'_>, out: &mut String) {
    let mut groups: Vec<(&str, Vec<(&str, &Clause)>)> = Vec::new();
    for clause in view.of(Area::Field).chain(view.of(Area::Constraint)) {
        let cut = if clause.area == Area::Field { clause.name.split_once('.') } else { clause.name.split_once(": ") };
        let named = |it: &str| view.spec.entities.iter().any(|own| own.name.value == it);
        let (record, name) = cut.filter(|it| named(it.0)).unwrap_or(("", &clause.name));
        match groups.iter_mut().find(|it| it.0 == record) {
            Some(group) => group.1.push((name, clause)),
            None => groups.push((record, vec![(name, clause)])),
        }
    }
    if groups.is_empty() {
        return;
    }
    groups.sort_by_key(|it| it.0.is_empty());
    out.push_str("<section><h2 id=\"records\">Fields and constraints</h2>");
    for (record, clauses) in groups {
        let title = if record.is_empty() { "Other constraints" } else { record };
        let _ = write!(out, "<h3>{}</h3><p class=\"chips\">", escape(title));
        for (name, clause) in clauses {
            chip(name, clause, out);
        }
        out.push_str("</p>");
    }
    out.push_str("</section>");
}

fn chip(name: &str, clause: &Clause, out: &mut String) {
    let verdict = clause.verdict();
    let what = match verdict {
        Verdict::Passed => format!("held in {}", counted(clause.cases as usize, "case", "cases")),
        Verdict::Failed => format!("broken in {} of {} cases", clause.failed, clause.cases),
        Verdict::Untested => format!("not tested: {}", clause.reason.as_deref().unwrap_or("nothing tests it")),
    };
    let _ = write!(
        out,
        "<span class=\"chip {}\" title=\"{}\">{}</span> ",
        word(verdict),
        escape(&format!("line {}: {what}", clause.line)),
        escape(name)
    );
}

fn others(view: &View<'_>, out: &mut String) {
    let all = [Area::Scenario, Area::Operations];
    if !all.into_iter().any(|it| has(view, it)) {
        return;
    }
    out.push_str("<section><h2 id=\"others\">Scenarios and operations</h2>");
    for area in all.into_iter().filter(|it| has(view, *it)) {
        let _ = write!(out, "<h3>{}</h3><p class=\"chips\">", area.word());
        for clause in view.of(area) {
            chip(&clause.name, clause, out);
        }
        out.push_str("</p>");
    }
    out.push_str("</section>");
}

fn untested(view: &View<'_>, out: &mut String) {
    let groups = view.untested();
    if groups.is_empty() {
        return;
    }
    out.push_str("<section><h2 id=\"untested\">Not tested</h2>");
    for (why, clauses) in groups {
        let open = if clauses.len() <= 8 { " open" } else { "" };
        let _ = write!(
            out,
            "<details{open}><summary>{}: {}</summary><ul class=\"clauses\">",
            counted(clauses.len(), "clause", "clauses"),
            escape(why)
        );
        for clause in clauses {
            let _ = write!(
                out,
                "<li>{} <span class=\"place\">{}:{}</span></li>",
                escape(&clause.name),
                escape(&view.report.path),
                clause.line
            );
        }
        out.push_str("</ul></details>");
    }
    out.push_str("</section>");
}

fn words(view: &View<'_>, out: &mut String) {
    let text = &view.report.text;
    if text.is_empty() {
        return;
    }
    let _ = write!(
        out,
        "<section><h2 id=\"text\">For people only</h2><details><summary>{} that nothing here can test</summary><ul \
         class=\"clauses\">",
        counted(text.len(), "sentence", "sentences")
    );
    for (line, words) in text {
        let _ = write!(out, "<li>{} <span class=\"place\">line {line}</span></li>", prose(words));
    }
    out.push_str("</ul></details></section>");
}

/// A method and a path.
fn endpoint(name: &str) -> String {
    let Some((method, path)) = name.split_once(' ') else { return escape(name) };
    let parts =
        path.split('/').map(|it| if it.starts_with('{') { format!("<i>{}</i>", escape(it)) } else { escape(it) });
    let path = parts.collect::<Vec<_>>().join("/<wbr>");
    let method = escape(method);
    format!("<span class=\"method {method}\">{method}</span> <code class=\"path\">{path}</code>")
}

/// Text with what stands between backticks as code.
fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escape(text);
    }
    let each = parts.iter().enumerate().map(|(at, part)| match at % 2 {
        1 => format!("<code>{}</code>", escape(part)),
        _ => escape(part),
    });
    each.collect()
}

/// The beginning of a text.
fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most { text.to_owned() } else { text.chars().take(most).chain(['…']).collect() }
}
