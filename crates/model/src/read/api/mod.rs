//! Endpoints in all their forms: where they are declared, what is said under them, and where they are
//! only referred to.

mod denied;
mod forms;
mod listing;
mod parts;
mod standing;
#[cfg(test)]
mod tests;
mod tree;

use source::Span;
use syntax::Family;
use syntax::document::{BOLD_LINE, Section, inlines};
use syntax::english::Rule;
use syntax::family::normal;
use syntax::inline::{Inline, MarkKind, Slice};
use syntax::page::{Block, BlockKind};
use syntax::route::{self, Found, Path};

use crate::claim::{Form, Parameter, Place, Property, Subject, Value};
use crate::read::api::forms::{alone, damage, in_fence, in_labels, in_table};
use crate::read::api::parts::{details, summary};
use crate::read::api::standing::{Aside, Consumed, Known, aside, in_api, is_route};
use crate::read::{Entry, ProblemKind, Reader, entries, fences_of};

/// A route and where it stands.
struct Route {
    subject: Subject,
    method: &'static str,
    path: Path,
    span: Span,
    /// Where it stands in the text that it was found in.
    at: std::ops::Range<usize>,
    /// A parameter of its path that is opened and not closed.
    open: Option<String>,
    /// Its path ends in a slash.
    slashed: bool,
}

pub(super) fn read(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    let mut consumed = Consumed::default();
    let (api, other): (Vec<&Section>, Vec<&Section>) = doc.sections.iter().partition(|it| in_api(reader, it));
    let none = Known::default();
    for section in api {
        if denied::section(doc, section) {
            continue;
        }
        let standing = if consumed.holds(doc, section, false) { Standing::Consumed } else { Standing::Declares };
        section_routes(reader, section, standing, None, &none);
    }
    // Beside the API only what it does not have is declared.
    let known = Known::of(&reader.claims);
    let api = doc.title().is_some_and(is_of_api);
    let mut asides = Vec::new();
    for section in other {
        if denied::section(doc, section) {
            continue;
        }
        match aside(reader, section, api) {
            Some(kind) => asides.push((section, kind)),
            None if !may_hold(section) => {}
            None if consumed.holds(doc, section, !known.is_empty()) => {
                section_routes(reader, section, Standing::Consumed, None, &known);
            }
            None => section_routes(reader, section, Standing::Declares, None, if api { &none } else { &known }),
        }
    }
    // Criteria and tables of permissions declare what a document has nowhere else.
    let declares_nothing = known.is_empty() && Known::of(&reader.claims).is_empty();
    for (section, kind) in asides {
        let standing = match kind {
            Aside::Tells if declares_nothing => Standing::Declares,
            _ => Standing::Refers,
        };
        section_routes(reader, section, standing, Some(kind), &known);
    }
    other_bodies(reader);
}

/// Whether a title is that of an API: `Lamps API`, `Lamps - API Documentation`.
fn is_of_api(title: &Section) -> bool {
    let words = || title.heading.as_str().split(|it: char| !it.is_alphanumeric());
    let named = |names: &[&str]| words().any(|word| names.iter().any(|it| it.eq_ignore_ascii_case(word)));
    let document =
        ["documentation", "docs", "reference", "specification", "spec", "contract", "contracts", "endpoints"];
    title.level == 1
        && (title.title.family_below(None) == Some(Family::Api) || named(&["api", "apis"]) && named(&document))
}

/// Bodies outside of endpoints: nothing is known of them, but they must be JSON.
fn other_bodies(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    let read: std::collections::HashSet<Span> = reader.bodies.iter().copied().collect();
    for section in &doc.sections {
        for fence in fences_of(section) {
            if matches!(fence.lang.as_str(), "json" | "jsonc") && !read.contains(&fence.open) {
                for problem in syntax::json::read(&fence.content).1 {
                    reader.problem(ProblemKind::Json, problem.span, problem.message, None);
                }
            }
        }
    }
    if reader.problems.iter().any(|it| it.kind == ProblemKind::Json) {
        let mut shown = Vec::new();
        for section in doc.sections.iter().filter(|it| it.fenced) {
            counterexamples(&section.blocks, Some(section.heading.as_str()), &mut shown);
        }
        let meant = |span: Span| shown.iter().any(|it| it.contains(span));
        reader.problems.retain(|it| it.kind != ProblemKind::Json || !meant(it.span));
    }
}

/// Fences that are shown as what is wrong by the line above them.
fn counterexamples<'a>(blocks: &'a [Block], mut said: Option<&'a str>, found: &mut Vec<Span>) {
    for block in blocks {
        match &block.kind {
            BlockKind::Paragraph(text) => said = text.as_str().trim_end().lines().last(),
            BlockKind::Fence(_) if said.take().is_some_and(syntax::json::is_counterexample) => found.push(block.span),
            BlockKind::List(list) => {
                list.items.iter().for_each(|it| counterexamples(&it.children, Some(it.text.as_str()), found));
                said = None;
            }
            _ => said = None,
        }
    }
}

/// What a mention of a route in a section is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Declares,
    Consumed,
    Refers,
}

impl Standing {
    /// What a route says that has the form of a declaration.
    fn property(self) -> Property {
        match self {
            Standing::Declares => Property::Declared,
            Standing::Consumed => Property::Choice,
            Standing::Refers => Property::Referenced,
        }
    }
}

/// Whether there may be a route in a section: most have none.
fn may_hold(section: &Section) -> bool {
    let heading = section.heading.as_str();
    let method = || route::METHODS.contains(&section.name().as_str());
    section.fenced || heading.contains('/') || method() || holds_slash(&section.blocks)
}

/// Whether a path may stand in the text of some blocks, fences aside.
fn holds_slash(blocks: &[Block]) -> bool {
    let mut found = false;
    inlines(blocks, &mut |it: &Inline| found = found || it.as_str().contains('/'));
    found
}

fn routes_in(slice: Slice<'_>) -> Vec<Route> {
    let text = slice.as_str();
    if !text.contains('/') {
        return Vec::new();
    }
    route::find(text).into_iter().filter_map(|found| route_of(&found, |range| slice.span_of(range))).collect()
}

fn route_of(found: &Found, span: impl Fn(std::ops::Range<usize>) -> Span) -> Option<Route> {
    let path = Path::read(&found.path)?;
    let subject = Subject::endpoint(found.method, &path.key());
    let from = if found.method_at.start <= found.path_at.start { found.method_at.start } else { found.path_at.start };
    let at = from..found.path_at.end;
    let open = route::unclosed(&found.path).map(str::to_owned);
    let slashed = is_slashed(&found.path);
    Some(Route { subject, method: found.method, path, span: span(at.clone()), at, open, slashed })
}

/// Whether a path is written with a slash at its end, before its query.
fn is_slashed(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or("");
    path.len() > 1 && path.ends_with('/')
}

fn declare(reader: &mut Reader<'_>, route: &Route, form: Form, property: Property) {
    let path: String = {
        let segments = route.path.segments.iter().map(|it| match it {
            route::Segment::Fixed(text) => format!("/{text}"),
            route::Segment::Parameter(name) => format!("/{{{name}}}"),
        });
        segments.collect()
    };
    let declared = property == Property::Declared;
    let slash = if path.is_empty() || route.slashed && declared { "/" } else { "" };
    let path = path + slash;
    reader.say(&route.subject, property, Value::Text(format!("{} {path}", route.method)), route.span, form);
    if declared {
        damage(reader, route);
        for (name, value) in &route.path.query {
            let parameter = Parameter {
                place: Place::Query,
                name: name.clone(),
                ty: None,
                required: None,
                default: None,
                rules: alternatives(value),
            };
            reader.say(&route.subject, Property::Parameter, Value::Parameter(Box::new(parameter)), route.span, form);
        }
    }
}

/// `status=running|stopped` lists the values.
fn alternatives(value: &str) -> Vec<Rule> {
    let words: Vec<&str> = value.split('|').filter(|it| !it.is_empty()).collect();
    if words.len() < 2 {
        return Vec::new();
    }
    vec![Rule::OneOf(words.into_iter().map(|it| source::Spanned::new(it.to_owned(), Span::default())).collect())]
}

/// `kind` is that of a section that stands aside.
fn section_routes(reader: &mut Reader<'_>, section: &Section, standing: Standing, kind: Option<Aside>, known: &Known) {
    let doc = reader.doc;
    let slash = holds_slash(&section.blocks);
    let mut detail = routes_in(section.heading.all());
    let mut labelled = false;
    if slash || section.heading.as_str().contains('/') {
        let routes = in_labels(&doc.labels_of(section), section.name());
        labelled = !routes.is_empty();
        detail.extend(routes);
    }
    if detail.is_empty() {
        detail.extend(forms::method_below_path(doc, section));
    }
    if detail.is_empty() && standing == Standing::Declares {
        let mut routes = alone(section);
        // A part of an endpoint's section repeats its route.
        if !routes.is_empty() {
            let above = doc.ancestors(section.id).skip(1).flat_map(|it| routes_in(it.heading.all()));
            let above: Vec<Subject> = above.map(|it| it.subject).collect();
            routes.retain(|it| !above.contains(&it.subject));
        }
        if !routes.is_empty() && leaf(reader, section) {
            detail.extend(routes);
        }
    }
    let form = if section.level >= BOLD_LINE { Form::Label } else { Form::Heading };
    // A heading that is a route specifies it wherever it stands, if nothing else does.
    let heading = standing == Standing::Refers && is_route(section);
    let mention = mentions(section);
    for route in &detail {
        // What the API only lists may be told elsewhere, once; examples tell it again.
        let told = (known.has(&route.subject) || mention || among_examples(reader, section))
            && reader.claims.of(&route.subject, Property::Title).next().is_some();
        let property = match standing {
            _ if told => Property::Referenced,
            Standing::Refers if heading && kind == Some(Aside::Tells) && !known.has_like(route) => Property::Declared,
            _ => standing.property(),
        };
        declare(reader, route, form, property);
        if property == Property::Declared && !mention {
            let name = if labelled { section.name().as_str().to_owned() } else { String::new() };
            reader.say(&route.subject, Property::Title, Value::Text(name), section.name().span(), form);
            details(reader, section.id, &route.subject);
        }
    }
    let page = Page { standing, known, detail: &detail, api: (slash || section.fenced) && in_api(reader, section) };
    if slash {
        let declares = Page { standing: Standing::Declares, ..page };
        let mut before = None;
        for block in &section.blocks {
            let led = standing == Standing::Refers && before.is_some_and(announces) && is_list(block);
            listed(reader, if led { &declares } else { &page }, entries([block]), false);
            before = Some(block);
        }
        syntax::document::tables(&section.blocks, &mut |table, _| in_table(reader, &page, table));
    }
    for fence in fences_of(section) {
        in_fence(reader, &page, fence);
    }
}

/// Whether a heading tells of a fault, a change or a step of an endpoint: `Fix 2: Check the limit in POST /loans`.
fn mentions(section: &Section) -> bool {
    const WORDS: [&str; 13] = [
        "issue", "fix", "bug", "problem", "step", "test", "change", "update", "case", "todo", "task", "finding",
        "question",
    ];
    let mut words = section.title.whole.split(' ');
    let first = words.next().unwrap_or("");
    let mut numbered = || words.next().is_some_and(|it| it.bytes().all(|it| it.is_ascii_digit()));
    matches!(first, "why" | "how") || WORDS.contains(&first) && numbered()
}

/// Whether a section stands below one of examples: `## Usage Examples`.
fn among_examples(reader: &Reader<'_>, section: &Section) -> bool {
    let above = reader.doc.ancestors(section.id).skip(1).filter(|it| it.level > 1);
    above.into_iter().any(|it| {
        let mut words = it.title.whole.split(' ');
        words.any(|it| matches!(it, "example" | "examples" | "sample" | "samples" | "walkthrough" | "tutorial"))
    })
}

/// Whether a block is `API Endpoints:`, to be followed by a list of them.
fn announces(block: &Block) -> bool {
    let BlockKind::Paragraph(text) = &block.kind else { return false };
    let last = text.as_str().lines().next_back().unwrap_or("").trim_end().trim_end_matches('*');
    let words = last.strip_suffix(':').unwrap_or("").to_ascii_lowercase();
    words.split_whitespace().count() <= 4 && (words.ends_with("endpoints") || words.ends_with("routes"))
}

fn is_list(block: &Block) -> bool {
    matches!(block.kind, BlockKind::List(_))
}

/// What decides on the routes in the blocks of a section.
#[derive(Clone, Copy)]
struct Page<'a> {
    standing: Standing,
    known: &'a Known,
    /// The routes that the section itself is about.
    detail: &'a [Route],
    /// Whether the section is one of the API.
    api: bool,
}

impl Page<'_> {
    /// What a route says that has the form of a declaration.
    fn property(&self, route: &Route) -> Property {
        let declares = self.standing == Standing::Declares;
        if !self.detail.is_empty() || (declares && self.known.has_like(route)) {
            return Property::Referenced;
        }
        self.standing.property()
    }

    fn is_own(&self, route: &Route) -> bool {
        self.detail.iter().any(|it| it.subject == route.subject)
    }
}

/// Whether a section may be one endpoint: an Endpoint, or named under the API with no routes below.
fn leaf(reader: &Reader<'_>, section: &Section) -> bool {
    section.level > 1
        && (section.own == Some(syntax::Family::Endpoint) || section.own.is_none())
        && !reader.doc.descendants(section.id).any(|it| !routes_in(it.heading.all()).is_empty())
}

/// Routes of list items and lines. `below` says that they stand below a route of the list.
fn listed(reader: &mut Reader<'_>, page: &Page<'_>, list: Vec<Entry<'_>>, below: bool) {
    for entry in list {
        let routes = routes_in(entry.whole);
        let label = if routes.is_empty() { None } else { entry.label() };
        let key = label.map(|it| normal(it.key.as_str()));
        let leading = |route: &Route| {
            begins(route, &entry)
                || page.api && named_before(route, &entry)
                || asked_for(route, &entry)
                || key.as_deref().is_some_and(|it| matches!(it, "endpoint" | "route" | "api"))
                || entry.form == Form::Item && label.is_some_and(|it| it.value.span().start + 2 >= route.span.start)
        };
        // How many routes lead: those behind the first belong to it, joined by `and` or as `GET/PUT`.
        let joined = |pair: &&[Route]| {
            let [a, b] = pair else { return false };
            let between = entry.whole.as_str().get(a.at.end..b.at.start).unwrap_or("");
            let between = between.trim_matches(['`', '*', ' ', '\n']);
            // `GET /loans → 200 · POST /loans`: what is said of one ends before the next.
            let ended = entry.form == Form::Item && between.ends_with(['|', '·', '•']);
            ended || matches!(between, "" | "and" | "or" | "," | "&" | "/")
        };
        let first = routes.first().is_some_and(leading);
        let leading = if first { 1 + routes.windows(2).take_while(joined).count() } else { 0 };
        let named = routes.len() == 1 && routes.iter().all(|it| ends(it, &entry));
        for (index, route) in routes.iter().enumerate() {
            // Where the section is the endpoint, its own route is repeated, not declared again.
            if page.is_own(route) || denied::denied(entry.whole, &route.at) {
                continue;
            }
            let property = if !below && (index < leading || named || scenario(&entry)) {
                page.property(route)
            } else {
                Property::Referenced
            };
            declare(reader, route, entry.form, property);
            if property == Property::Declared && index < leading {
                summary(reader, &route.subject, &entry);
            }
        }
        if !entry.children.is_empty() && holds_slash(entry.children) {
            listed(reader, page, entries(entry.children), below || first);
        }
    }
}

/// Whether a line or an item begins with a route. A sentence may begin with one too, so that in a line
/// something must set it apart.
fn begins(route: &Route, entry: &Entry<'_>) -> bool {
    let text = entry.whole.as_str();
    let before = text.get(..route.at.start).unwrap_or("");
    // `[p] **GET /loans**`: a box with a mark of its own.
    let before = match before.as_bytes() {
        [b'[', _, b']', ..] => before.get(3..).unwrap_or(""),
        _ => before,
    };
    if before.contains(|it: char| it.is_alphanumeric()) {
        return false;
    }
    let rest = text.get(route.at.end..).unwrap_or("");
    let apart =
        |it: &str| it.is_empty() || it.starts_with(['-', '—', '–', ':', '(', '#', '→', '=', ',', '|', '/', '\n']);
    let marked =
        entry.whole.in_mark(route.at.start, MarkKind::Code) || entry.whole.in_mark(route.at.start, MarkKind::Strong);
    entry.form == Form::Item || marked || apart(rest.trim_start_matches(['`', '*']).trim_start_matches(' '))
}

/// Whether a line or an item is bold words, a route in code, and what is said of it: ``**Create** `POST /loans` — …``,
/// ``All of them: `GET /loans` → `[Loan]` ``.
fn named_before(route: &Route, entry: &Entry<'_>) -> bool {
    let text = entry.whole.as_str();
    let before = text.get(..route.at.start).unwrap_or("").trim_end_matches(['`', ' ']);
    let name = entry.whole.marked(MarkKind::Strong).next();
    let named = name.is_some_and(|it| {
        let end = it.offset_in(entry.whole) + it.as_str().len();
        it.offset_in(entry.whole) <= 2
            && before.get(end..).is_some_and(|it| it.trim_matches(['*', '_']).is_empty())
            && it.as_str().split_whitespace().count() <= 4
    });
    let rest = text.get(route.at.end..).unwrap_or("").trim_start_matches('`').trim_start_matches(' ');
    let few = before.strip_suffix(':').is_some_and(|it| it.split_whitespace().count() <= 4 && !it.contains(['.', ',']));
    entry.whole.in_mark(route.at.start, MarkKind::Code)
        && (named && (rest.is_empty() || rest.starts_with(['-', '—', '–', ':', '(', '→', '\n']))
            || few && rest.starts_with('→'))
}

/// Whether an item asks for an endpoint: ``Add `GET /loans` ``, ``Endpoint `GET /loans` - all of them``.
fn asked_for(route: &Route, entry: &Entry<'_>) -> bool {
    let before = entry.whole.as_str().get(..route.at.start).unwrap_or("").trim_matches(['`', '*', ' ', ':']);
    let words = || before.split(' ');
    let known = |it: &str| {
        let it = it.to_ascii_lowercase();
        matches!(it.as_str(), "add" | "create" | "implement" | "expose" | "new" | "the" | "a" | "endpoint")
    };
    entry.form == Form::Item
        && words().all(known)
        && words().any(|it| {
            ["add", "create", "implement", "expose", "endpoint"].iter().any(|word| it.eq_ignore_ascii_case(word))
        })
}

/// Whether an item is a few words and a route behind them: ``Create a loan (`POST /loans`)``.
fn ends(route: &Route, entry: &Entry<'_>) -> bool {
    let text = entry.whole.as_str();
    let (before, after) = (text.get(..route.at.start).unwrap_or(""), text.get(route.at.end..).unwrap_or(""));
    let words = before.trim_end_matches([' ', '(', '—', '–', '-', ':', '`', '→']);
    entry.form == Form::Item
        && words.len() < before.len()
        && words.split_whitespace().count() <= 4
        && !words.contains(['.', ',', ';', '/', '→'])
        && after.trim_start_matches(['`', ')', '*']).trim().is_empty()
        && before.trim_end().ends_with(['(', '—', '–', '-', ':', '→'])
}

/// `WHEN the POST /loans endpoint is called`.
fn scenario(entry: &Entry<'_>) -> bool {
    let text = entry.whole.as_str();
    text.split_whitespace().next().is_some_and(|it| it.trim_matches(['*', ':']).eq_ignore_ascii_case("when"))
}
