//! One technology that is used in two versions.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use rustc_hash::{FxHashMap, FxHashSet};
use source::{Level, Span};
use syntax::document::Section;
use syntax::inline::{Inline, Slice};
use syntax::page::{Block, BlockKind, Fence, Row, Table};
use syntax::{Document, Family};

use syntax::quantity::figure;

use crate::texts::Holds;
use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "versions-disagree",
    summary: "one technology is used in two versions",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/versions-disagree.md"),
    check: Check::Review(versions_disagree),
};

fn versions_disagree(sink: &mut Sink<'_>, review: &Review<'_>) {
    let doc = review.spec.document();
    let texts = review.texts();
    let mut uses: Vec<Use> = Vec::new();
    for section in &doc.sections {
        let named = texts.section(section.id).all(NAMED);
        if !named && !texts.fences_of(section.id).iter().any(|it| installs(it)) {
            continue;
        }
        let before = uses.len();
        blocks(&section.blocks, &mut uses);
        if uses.len() > before && doc.ancestors(section.id).any(is_aside) {
            uses.truncate(before);
        }
    }
    if uses.len() < 2 {
        return;
    }
    let mut first: FxHashMap<&'static str, Vec<&Use>> = FxHashMap::default();
    let mut seen = FxHashSet::default();
    let mut wrong: Vec<(&Use, &Use)> = Vec::new();
    for own in &uses {
        let known = first.entry(own.name).or_default();
        // Each version is told once, and what was told is no measure for others.
        if !seen.insert((own.name, &own.parts, own.least)) {
            continue;
        }
        match known.iter().find(|it| conflict(it, own)) {
            Some(other) if is_package(doc, own) || is_package(doc, other) => {}
            Some(other) => wrong.push((own, other)),
            None if known.len() < MAX_KNOWN => known.push(own),
            None => {}
        }
    }
    let mut count: FxHashMap<&str, usize> = FxHashMap::default();
    wrong.iter().for_each(|it| *count.entry(it.0.name).or_default() += 1);
    // Three versions of one technology are its history.
    for (own, other) in wrong.iter().filter(|it| count.get(it.0.name) == Some(&1)) {
        let said = |it: &Use| if it.least { format!("at least {}", it.written()) } else { it.written() };
        let level = if own.listed || other.listed { Level::Warning } else { Level::Info };
        drop(
            sink.report(own.span, format!("{} is {} here, {} there", own.name, said(own), said(other)))
                .label(other.span, format!("{} here", said(other)))
                .level(level),
        );
    }
}

/// What a text with a technology and its version holds.
const NAMED: Holds = Holds::DIGIT.and(Holds::TECHNOLOGY);

/// Whether a version is that of a package of a technology's name, which is listed with what is installed:
/// `redis>=5.0.1`, `"redis": "^5.0.1"`. A client has versions of its own.
fn is_package(doc: &Document, used: &Use) -> bool {
    let mut found = false;
    for section in &doc.sections {
        syntax::document::fences(&section.blocks, &mut |fence, _| {
            found |= fence.content.as_str().lines().any(|line| {
                let line = line.trim().trim_start_matches('"');
                let end = line.find(|it: char| !it.is_ascii_alphanumeric() && it != '.').unwrap_or(line.len());
                let (name, rest) = (line.get(..end).unwrap_or(""), line.get(end..).unwrap_or(""));
                let rest = rest.trim_start_matches('"').trim_start();
                let pinned = ["==", ">=", "~=", "^", ": \"^", ": \"~", ": \"", "@^", "@"];
                technology(name) == Some(used.name)
                    && pinned.iter().find_map(|it| rest.strip_prefix(it)).is_some_and(|it| {
                        let len = version_len(it, 0);
                        let parts: Vec<u32> =
                            it.get(..len).unwrap_or("").split('.').filter_map(|it| it.parse().ok()).collect();
                        parts.starts_with(&used.parts)
                    })
            });
        });
    }
    found
}

/// Versions of one technology that are compared.
const MAX_KNOWN: usize = 8;

/// Whether a section speaks of versions that are not, or not yet, or no longer used.
fn is_aside(section: &Section) -> bool {
    let family = matches!(
        section.own,
        Some(
            Family::Alternatives
                | Family::Alternative
                | Family::Migration
                | Family::DataMigration
                | Family::CurrentState
                | Family::Compatibility
                | Family::Future
                | Family::Improvements
                | Family::Revisions
                | Family::References
                | Family::Risks
                | Family::Questions
                | Family::Environments
        )
    );
    let key = section.title.key();
    family
        || ["changelog", "change log", "upgrad", "migrat", "legacy", "current", "support", "compatib"]
            .iter()
            .any(|it| key.contains(it))
}

/// A place that says that a technology is used in a version.
struct Use {
    name: &'static str,
    parts: Vec<u32>,
    least: bool,
    span: Span,
    /// In a table, a list, a fence.
    listed: bool,
    /// Its line: what one line tells apart is meant so.
    line: u32,
}

impl Use {
    fn written(&self) -> String {
        self.parts.iter().map(u32::to_string).collect::<Vec<_>>().join(".")
    }
}

fn conflict(a: &Use, b: &Use) -> bool {
    if a.line == b.line {
        return false;
    }
    let differ = a.parts.iter().zip(&b.parts).find(|(a, b)| a != b);
    match (differ, a.least, b.least) {
        (None, ..) | (_, true, true) => false,
        (Some(_), false, false) => true,
        (Some((least, used)), true, false) | (Some((used, least)), false, true) => used < least,
    }
}

fn blocks(inner: &[Block], found: &mut Vec<Use>) {
    for block in inner {
        match &block.kind {
            BlockKind::Paragraph(text) => lines(text, false, found),
            BlockKind::List(list) => {
                for item in &list.items {
                    lines(&item.text, true, found);
                    blocks(&item.children, found);
                }
            }
            BlockKind::Table(table) => self::table(table, found),
            BlockKind::Fence(fence) => self::fence(fence, found),
            BlockKind::Quote(inner) => blocks(inner, found),
            BlockKind::Html => {}
        }
    }
}

fn lines(text: &Inline, listed: bool, found: &mut Vec<Use>) {
    text.all().lines().for_each(|it| line(it, listed, found));
}

/// `PostgreSQL 16`, `Node.js v20+`, `Python >= 3.12` in a line that speaks of what is used.
fn line(line: Slice<'_>, listed: bool, found: &mut Vec<Use>) {
    let text = line.as_str();
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut doubtful = None;
    while let Some(offset) = bytes.get(at..).and_then(|it| it.iter().position(u8::is_ascii_digit)) {
        at += offset;
        let len = version_len(text, at);
        if let Some((name, start)) = name_before(text, at)
            && let Some((parts, least)) = version(text, at, len, name)
            && !*doubtful.get_or_insert_with(|| is_doubtful(text))
        {
            found.push(Use {
                name,
                parts,
                least,
                span: line.get(start..at + len).span(),
                listed,
                line: line.span().start,
            });
        }
        at += len.max(1);
    }
}

/// Digits and dots.
fn version_len(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or("");
    let len = rest.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(rest.len());
    rest.get(..len).unwrap_or("").trim_end_matches('.').len()
}

/// The version at a place, and whether it is the least one; `None` where the number is something else.
fn version(text: &str, at: usize, len: usize, name: &str) -> Option<(Vec<u32>, bool)> {
    let digits = text.get(at..at + len)?;
    let parts: Option<Vec<u32>> = digits.split('.').map(|it| it.parse().ok()).collect();
    let parts = parts?;
    let first = *parts.first()?;
    if first > 1000 || parts.len() > 4 || parts.len() < 2 && matches!(name, "Go" | "Rust" | "Python") && first < 2 {
        return None;
    }
    let after = text.get(at + len..)?;
    let before = text.get(..at)?.trim_end().trim_end_matches(['v', 'V']).trim_end();
    let mut least = before.ends_with(['≥', '>']) || before.ends_with(">=");
    let mut rest = after;
    if let Some(open) = after.strip_prefix('+') {
        least = true;
        rest = open;
    }
    rest = rest.strip_prefix(".x").unwrap_or(rest);
    let lower = figure::head(rest.trim_start(), 24).to_ascii_lowercase();
    for words in
        ["or later", "or newer", "or higher", "or above", "and above", "and later", "and up", "(or later", "(minimum"]
    {
        if lower.starts_with(words) {
            return Some((parts, true));
        }
    }
    // A range, alternatives, a measure, things that are counted.
    if rest.starts_with(['-', '–', '/', '%', '_']) && !rest.starts_with("-alpine") && !rest.starts_with("-slim")
        || lower.starts_with("or ")
        || lower.starts_with("to ")
        || rest.starts_with(char::is_alphanumeric)
    {
        return None;
    }
    let word = lower.split(|it: char| !it.is_alphabetic()).next().unwrap_or("");
    let follows = rest.is_empty()
        || rest.starts_with([',', '.', ';', ':', ')', ']', '|', '*', '`', '"', '\'', '('])
        || rest.trim_start().starts_with(['+', '(', '—', '–', '-', '|', '&', ',', '→'])
        || matches!(
            word,
            "and"
                | "with"
                | "on"
                | "for"
                | "as"
                | "is"
                | "via"
                | "using"
                | "in"
                | "database"
                | "server"
                | "runtime"
                | "lts"
                | "stack"
                | "app"
                | "backend"
                | "frontend"
                | "instance"
                | "installed"
                | "required"
                | "sdk"
                | "compiler"
                | "cluster"
                | "solution"
                | "minimal"
                | "project"
                | "image"
                | "release"
        );
    (follows || parts.len() > 1).then_some((parts, least))
}

/// The technology named right before a place, and where its name begins.
fn name_before(text: &str, at: usize) -> Option<(&'static str, usize)> {
    let before = text.get(..at)?;
    let gap = before.trim_end_matches(['v', 'V']);
    let marked = gap.len() < before.len();
    // `PostgreSQL (v1.0.6)`: a version of something else that the line speaks of.
    if marked && gap.ends_with('(') {
        return None;
    }
    let gap = if marked && gap.ends_with([' ', ':', '@', '*', '`']) { gap } else { before };
    let trimmed = gap.trim_end_matches([' ', ':', '(', '*', '`', '>', '=', '≥', '^', '~', '@', '"']);
    if trimmed.len() == gap.len() {
        return None;
    }
    let trimmed = trimmed.strip_suffix(" version").or(trimmed.strip_suffix(" Version")).unwrap_or(trimmed);
    let start = trimmed
        .rfind(|it: char| !it.is_alphanumeric() && it != '.' && it != '#')
        .map_or(0, |it| it + trimmed.get(it..).and_then(|it| it.chars().next()).map_or(1, char::len_utf8));
    let word = trimmed.get(start..)?;
    if word.eq_ignore_ascii_case("boot")
        && trimmed.get(start.saturating_sub(7)..start).is_some_and(|it| it.eq_ignore_ascii_case("spring "))
    {
        return Some(("Spring Boot", start - "spring ".len()));
    }
    let name = technology(word)?;
    // `node 3` of a cluster; a verb; a longer name (`Lucide React`).
    let is_word = matches!(word, "node" | "go" | "swift" | "rust" | "express" | "react" | "dart" | "spring");
    let joined = trimmed.get(..start)?;
    let last = joined.trim_end_matches(' ').rsplit([' ', '/']).next().unwrap_or("");
    let longer = joined.ends_with(' ')
        && last.starts_with(char::is_uppercase)
        && last.ends_with(char::is_alphanumeric)
        && !is_verb(last)
        || joined.ends_with(['-', '_', '.']);
    (!is_word && !longer).then_some((name, start))
}

fn is_verb(word: &str) -> bool {
    matches!(
        word.to_ascii_lowercase().as_str(),
        "use"
            | "uses"
            | "using"
            | "requires"
            | "require"
            | "with"
            | "on"
            | "install"
            | "runs"
            | "run"
            | "the"
            | "a"
            | "needs"
            | "in"
            | "database"
            | "language"
            | "runtime"
            | "backend"
            | "frontend"
            | "storage"
            | "queue"
            | "cache"
            | "and"
            | "initialise"
            | "initialize"
            | "microsoft"
            | "oracle"
            | "apache"
            | "aws"
            | "azure"
    )
}

/// Technologies whose versions matter: how each is called here, and the names that people write, in lower case.
pub(crate) const TECHNOLOGIES: &[(&str, &[&str])] = &[
    ("PostgreSQL", &["postgres", "postgresql"]),
    ("Node.js", &["node", "node.js", "nodejs"]),
    ("Python", &["python"]),
    ("Redis", &["redis"]),
    ("Java", &["java", "jdk", "openjdk"]),
    ("Go", &["go", "golang"]),
    ("TypeScript", &["typescript"]),
    ("React", &["react"]),
    ("Next.js", &["next.js", "nextjs"]),
    ("Vue", &["vue", "vue.js"]),
    ("Angular", &["angular"]),
    ("Svelte", &["svelte"]),
    (".NET", &[".net", "dotnet"]),
    ("MySQL", &["mysql"]),
    ("MariaDB", &["mariadb"]),
    ("MongoDB", &["mongodb", "mongo"]),
    ("Kafka", &["kafka"]),
    ("Elasticsearch", &["elasticsearch"]),
    ("OpenSearch", &["opensearch"]),
    ("RabbitMQ", &["rabbitmq"]),
    ("nginx", &["nginx"]),
    ("Docker", &["docker"]),
    ("Kubernetes", &["kubernetes"]),
    ("Ruby", &["ruby"]),
    ("Rails", &["rails"]),
    ("PHP", &["php"]),
    ("Laravel", &["laravel"]),
    ("Rust", &["rust"]),
    ("Django", &["django"]),
    ("FastAPI", &["fastapi"]),
    ("Flask", &["flask"]),
    ("Kotlin", &["kotlin"]),
    ("Swift", &["swift"]),
    ("Prisma", &["prisma"]),
    ("Express", &["express", "express.js"]),
    ("NestJS", &["nestjs"]),
    ("Flutter", &["flutter"]),
    ("Terraform", &["terraform"]),
    ("SQLite", &["sqlite"]),
    ("Spring Boot", &["spring boot"]),
];

/// The technology that a word names.
fn technology(word: &str) -> Option<&'static str> {
    let named = |names: &[&str]| names.iter().any(|it| it.eq_ignore_ascii_case(word));
    TECHNOLOGIES.iter().find(|it| named(it.1)).map(|it| it.0)
}

/// Whether a line speaks of versions that it does not say are used.
fn is_doubtful(text: &str) -> bool {
    if tells_release(text) {
        return true;
    }
    const WORDS: [&str; 34] = [
        "upgrad",
        "migrat",
        "from ",
        "instead",
        "alternativ",
        "downgrad",
        "support",
        "compatib",
        "legacy",
        "deprecat",
        "previous",
        "old ",
        "former",
        "until",
        "since",
        "introduc",
        "end of life",
        "eol",
        "currently",
        "drop",
        "replac",
        "reject",
        "not ",
        "no longer",
        "native",
        "before",
        "future",
        "tested",
        "matrix",
        "e.g.",
        "example",
        "feature",
        "client",
        "driver",
    ];
    let lower = text.to_ascii_lowercase();
    WORDS.iter().any(|it| lower.contains(it))
}

/// Rows with a name in one cell and a version in another.
fn table(table: &Table, found: &mut Vec<Use>) {
    let column = table
        .keys
        .iter()
        .position(|it| matches!(it.as_str(), "version" | "minimum version" | "min version" | "required version"));
    for row in &table.rows {
        let before = found.len();
        self::row(row, table, column, found);
        if found.len() > before && row.cells.iter().any(|it| is_doubtful(it.as_str())) {
            found.truncate(before);
        }
    }
}

fn row(row: &Row, table: &Table, column: Option<usize>, found: &mut Vec<Use>) {
    for cell in &row.cells {
        lines(cell, true, found);
    }
    let Some(cell) = column.and_then(|it| row.cells.get(it)) else { return };
    let name = row.cells.iter().find_map(|it| technology(it.as_str().trim()));
    let slice = cell.all().trim();
    let words = slice.as_str();
    let Some(at) = words.find(|it: char| it.is_ascii_digit()) else { return };
    let head = words.get(..at).unwrap_or("").trim_end_matches(['v', 'V']).trim();
    let len = version_len(words, at);
    let tail = words.get(at + len..).unwrap_or("");
    let plain = matches!(head, "" | "^" | "~" | ">=" | "≥" | ">")
        && (matches!(tail, "" | "+" | ".x" | "+ (LTS)") || tail.starts_with(" LTS") || tail.starts_with(" (LTS"));
    let (Some(name), true) = (name, plain) else { return };
    if let Some((parts, least)) = version(words, at, len, name) {
        let least = least || table.keys.get(column.unwrap_or(0)).is_some_and(|it| it.starts_with("min"));
        found.push(Use { name, parts, least, span: slice.span(), listed: true, line: row.span.start });
    }
}

static INSTALLS: LazyLock<[Finder<'static>; 6]> =
    LazyLock::new(|| ["FROM ", "image:", "docker run", "\"node\"", "-version:", "services:"].map(Finder::new));

/// Whether code may say what is installed.
fn installs(fence: &Fence) -> bool {
    let relevant = matches!(
        fence.lang.as_str(),
        "" | "yaml" | "yml" | "dockerfile" | "docker" | "bash" | "sh" | "shell" | "json" | "toml" | "text"
    );
    relevant && INSTALLS.iter().any(|it| it.find(fence.content.as_str().as_bytes()).is_some())
}

/// Images (`image: postgres:16`, `FROM node:20-alpine`) and engines (`"node": ">=20"`).
fn fence(fence: &Fence, found: &mut Vec<Use>) {
    if !installs(fence) {
        return;
    }
    let text = fence.content.as_str();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let own = line.trim();
        let image = own.strip_prefix("FROM ").or(own.strip_prefix("image:")).or(own.strip_prefix("- image:"));
        let named = match image {
            Some(image) => {
                let image = image.trim().trim_matches(['"', '\'']);
                let last = image.split([' ', '@']).next().unwrap_or("").rsplit('/').next().unwrap_or("");
                last.split_once(':')
            }
            None => own
                .split_once(':')
                .filter(|it| {
                    matches!(
                        it.0.trim_matches('"'),
                        "node" | "node-version" | "python-version" | "go-version" | "java-version"
                    )
                })
                .map(|it| (it.0.trim_matches('"').trim_end_matches("-version"), it.1)),
        };
        if let Some((name, tag)) = named
            && let Some(name) = technology(name.trim())
        {
            let tag = tag.trim().trim_end_matches(',').trim_matches(['"', '\'']);
            let least = tag.starts_with('>');
            let plain = tag.trim_start_matches(['>', '=', '^', '~', 'v', ' ']);
            let len = version_len(plain, 0);
            let parts: Option<Vec<u32>> = plain.get(..len).unwrap_or("").split('.').map(|it| it.parse().ok()).collect();
            if let Some(parts) = parts.filter(|it| !it.is_empty())
                && let Some(at) = line.find(plain)
            {
                let span = fence.content.span(start + at..start + at + len);
                found.push(Use { name, parts, least, span, listed: true, line: span.start });
            }
        }
        start += line.len();
    }
}

/// `Tills 2.2: Ruby 3.3`: what one release of the product needs.
fn tells_release(text: &str) -> bool {
    let Some((head, _)) = text.split_once(": ") else { return false };
    let mut words = head.split_whitespace().rev();
    let digits = words.next().unwrap_or("").trim_start_matches(['v', 'V']);
    let version = digits.contains('.') && digits.chars().all(|it| it.is_ascii_digit() || it == '.');
    version && words.next().is_none_or(|it| technology(it).is_none())
}
