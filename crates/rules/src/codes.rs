//! Symbolic error codes: where a document lists them, and where it uses them.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use model::names::{key, words};
use model::{Shape, Spec};
use rustc_hash::FxHashSet;
use source::Span;
use syntax::code::{self, Kind};
use syntax::document::Section;
use syntax::inline::{Inline, MarkKind, Slice};
use syntax::json::Json;
use syntax::page::{Block, BlockKind, Fence, Item, Table};
use syntax::{Document, Family};

use crate::texts::{Holds, Texts};

static THROWS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("throw"));
static DECLARED: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("rrorCode"));

/// A code at a place, with the HTTP status that stands beside it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said<'a> {
    pub(crate) code: &'a str,
    pub(crate) status: Option<u16>,
    pub(crate) span: Span,
    /// Whether it stands with one endpoint: in its section, in a table row with its route.
    pub(crate) endpoint: bool,
}

/// The codes of a document.
#[derive(Debug, Default)]
pub(crate) struct Codes<'a> {
    /// Those of the tables, lists and enumerations that mean to hold all.
    pub(crate) listed: Vec<Said<'a>>,
    /// Those in bodies, at endpoints, in prose.
    pub(crate) used: Vec<Said<'a>>,
    /// Exceptions of tables that map them to statuses.
    pub(crate) exceptions: Vec<Said<'a>>,
    /// Exceptions that something is said to throw.
    pub(crate) thrown: Vec<Said<'a>>,
    /// Symbols in code that stand beside each other: codes, if one of them is.
    groups: Vec<Vec<Said<'a>>>,
    /// Whether the section that is read speaks of what is thrown.
    throws: bool,
}

/// What a text holds that names an exception, or a code of several words.
const SYMBOLS: Holds = Holds::THROW.and(Holds::UNDERSCORE);

/// What a text holds that names a code of one word beside its status.
const CODED: Holds = Holds::CODE.and(Holds::DIGIT);

/// A table or a list of fewer codes is no catalogue.
const MIN_LISTED: usize = 3;

impl<'a> Codes<'a> {
    /// Reads the codes of a document.
    pub(crate) fn read(spec: &'a Spec, texts: &Texts<'a>) -> Codes<'a> {
        let mut codes = Codes::default();
        let doc = spec.document();
        for fence in texts.fences().iter().filter(|it| DECLARED.find(it.content.as_str().as_bytes()).is_some()) {
            codes.declared(fence);
        }
        codes.bodies(spec);
        let errors = || !spec.errors.is_empty() || spec.endpoints.iter().any(|it| !it.errors.is_empty());
        let titled = |it: &Section| texts.heading(it.id).any(Holds::ERROR) && it.title.whole.contains("error code");
        let titled = || doc.sections.iter().any(titled);
        if codes.listed.is_empty() && codes.used.is_empty() && !errors() && !titled() {
            return codes;
        }
        for section in doc.sections.iter().filter(|it| !it.blocks.is_empty()) {
            let holds = texts.section(section.id);
            let titled = texts.heading(section.id).any(Holds::ERROR) && section.title.whole.contains("error");
            let errors = titled || is_of_errors(doc, section);
            let coded = holds.any(SYMBOLS) || holds.all(CODED);
            if !(errors || coded) || is_elsewhere(doc, section) {
                continue;
            }
            codes.throws = holds.any(Holds::THROW);
            let endpoint = is_of_endpoint(doc, section);
            if coded || !endpoint {
                codes.section(section, errors && !endpoint, endpoint);
            }
        }
        let known: FxHashSet<&str> = codes.listed.iter().chain(&codes.used).map(|it| it.code).collect();
        for group in std::mem::take(&mut codes.groups) {
            if group.iter().any(|it| known.contains(it.code)) {
                codes.used.extend(group);
            }
        }
        codes.listed.sort_by_key(|it| it.span.start);
        codes.used.sort_by_key(|it| it.span.start);
        codes.used.dedup_by_key(|it| it.span.start);
        codes
    }

    fn bodies(&mut self, spec: &'a Spec) {
        for endpoint in &spec.endpoints {
            for response in endpoint.responses.iter().filter(|it| it.status >= 400) {
                if let Some(Shape::Body(body, true)) = &response.body
                    && let Some((code, span)) = body.value.as_ref().and_then(|it| code_in(&it.value))
                {
                    let status = (!response.inferred).then_some(response.status);
                    self.used.push(Said { code, status, span, endpoint: true });
                }
            }
        }
        for example in &spec.error_examples {
            if let Some((code, span)) = example.body.value.as_ref().and_then(|it| code_in(&it.value)) {
                self.used.push(Said { code, status: example.status, span, endpoint: false });
            }
        }
    }

    /// The codes of `enum ErrorCode { … }`, of `type ErrorCode = 'A' | 'B'` and of the like.
    fn declared(&mut self, fence: &'a Fence) {
        let Some(dialect) = code::dialect(fence) else { return };
        let tokens = code::tokens(fence.content.as_str(), dialect);
        let declares = |it: &str| matches!(it, "enum" | "class" | "type" | "const");
        let Some(at) = tokens.windows(2).position(|it| {
            matches!(it, [word, name] if declares(word.text) && name.kind == Kind::Name && is_code_type(name.text))
        }) else {
            return;
        };
        let mut depth = 0usize;
        let mut seen: FxHashSet<&str> = FxHashSet::default();
        for token in tokens.iter().skip(at + 2) {
            match token.text {
                "{" if token.kind == Kind::Mark => depth += 1,
                "}" if token.kind == Kind::Mark && depth == 1 => break,
                "}" if token.kind == Kind::Mark => depth = depth.saturating_sub(1),
                "class" | "enum" | "interface" | "export" | "type" if depth == 0 && token.kind == Kind::Name => break,
                _ => {}
            }
            let bare = token.text.trim_matches(['"', '\'', '`']);
            if matches!(token.kind, Kind::Name | Kind::Quoted) && is_upper(bare) && seen.insert(bare) {
                let span = token.span(&fence.content);
                self.listed.push(Said { code: bare, status: None, span, endpoint: false });
            }
        }
    }

    fn section(&mut self, section: &'a Section, errors: bool, endpoint: bool) {
        for block in &section.blocks {
            match &block.kind {
                BlockKind::Table(table) => self.table(table, errors, endpoint),
                BlockKind::List(list) => {
                    let leading = |it: &'a Item| if errors { leading(it.text.all(), endpoint) } else { None };
                    let leading: Vec<Option<Said<'a>>> = list.items.iter().map(leading).collect();
                    let count = leading.iter().flatten().count();
                    let lists = count >= MIN_LISTED && count * 2 > leading.len();
                    for (item, said) in list.items.iter().zip(leading) {
                        match said.filter(|_| lists) {
                            Some(said) => self.listed.push(said),
                            None => self.prose(&item.text, endpoint),
                        }
                        syntax::document::inlines(&item.children, &mut |it| self.prose(it, endpoint));
                    }
                }
                _ => syntax::document::inlines(std::iter::once::<&'a Block>(block), &mut |it| self.prose(it, endpoint)),
            }
        }
    }

    fn table(&mut self, table: &'a Table, errors: bool, endpoint: bool) {
        let named = |it: &String| matches!(it.as_str(), "error code" | "code" | "error" | "name");
        let column = table.keys.iter().position(named).filter(|_| errors);
        let in_column = |row: &'a syntax::page::Row| row.cells.get(column?).and_then(|it| lone(it.all()));
        let count = table.rows.iter().filter(|it| in_column(it).is_some()).count();
        let lists = count >= MIN_LISTED && count * 3 >= table.rows.len() * 2;
        if let Some(column) = table.keys.iter().position(|it| it == "exception").filter(|_| !endpoint) {
            let cells = table.rows.iter().filter_map(|it| it.cells.get(column));
            let names = cells.map(|it| it.all().trim_matches(|it| matches!(it, '`' | ' ' | '*')));
            self.exceptions.extend(names.filter(|it| is_exception(it.as_str())).map(|it| Said {
                code: it.as_str(),
                status: None,
                span: it.span(),
                endpoint: false,
            }));
        }
        let throws = self.throws;
        for row in table.rows.iter().filter(|row| row.cells.iter().any(|it| may_hold_code(it.as_str(), throws))) {
            let routed = row.cells.iter().any(|it| !syntax::route::find(it.as_str()).is_empty());
            let statuses: Vec<u16> = row.cells.iter().flat_map(|it| statuses(it.as_str())).collect();
            let status = statuses.first().copied().filter(|_| statuses.len() == 1);
            if let Some(code) = in_column(row).filter(|_| lists && !routed) {
                self.listed.push(Said { code: code.as_str(), status, span: code.span(), endpoint: false });
                continue;
            }
            for (at, cell) in row.cells.iter().enumerate() {
                let coded = table.keys.get(at).is_some_and(|it| it.contains("code") || it.contains("error"));
                match lone(cell.all()).filter(|it| coded && it.as_str().contains('_')) {
                    Some(code) => {
                        let said =
                            Said { code: code.as_str(), status, span: code.span(), endpoint: endpoint || routed };
                        self.used.push(said);
                    }
                    None => self.prose(cell, endpoint || routed),
                }
            }
        }
    }

    /// Codes beside a status or a word that says what they are.
    fn prose(&mut self, text: &'a Inline, endpoint: bool) {
        let whole = text.as_str();
        if self.throws {
            self.thrown.extend(thrown(text.all()));
        }
        let coded = || whole.bytes().any(|it| it.is_ascii_digit()) && text.all().codes().next().is_some();
        if !(may_name_symbol(whole) || coded()) {
            return;
        }
        for line in text.all().lines() {
            let symbols = symbols(line);
            let (told, loose): (Vec<Slice<'_>>, Vec<Slice<'_>>) = symbols.into_iter().partition(|it| is_told(line, it));
            let said =
                |it: Slice<'a>| Said { code: it.as_str(), status: status_beside(line, &it), span: it.span(), endpoint };
            let coded = |it: &Slice<'_>| line.in_mark(it.offset_in(line), MarkKind::Code);
            let loose: Vec<Said<'a>> = loose.into_iter().filter(coded).map(said).collect();
            // Beside a code that is told, the others of a list are codes too.
            match told.is_empty() {
                false => self.used.extend(loose),
                true if loose.len() > 1 => self.groups.push(loose),
                true => {}
            }
            self.used.extend(told.into_iter().map(said));
        }
    }
}

/// `throws X`, `throw X`, `raise X`: the exception.
fn thrown(text: Slice<'_>) -> Option<Said<'_>> {
    let whole = text.as_str();
    let at = THROWS.find(whole.as_bytes())? + THROWS.needle().len();
    let rest = whole.get(at..).unwrap_or("");
    let verb = rest.strip_prefix('s').unwrap_or(rest).trim_start();
    let name = verb.trim_start_matches(['`', ' ', '*']);
    let start = at + rest.len() - name.len();
    let end = start + name.find(|it: char| !it.is_ascii_alphanumeric()).unwrap_or(name.len());
    let name = text.get(start..end);
    is_exception(name.as_str()).then(|| Said { code: name.as_str(), status: None, span: name.span(), endpoint: false })
}

fn is_exception(name: &str) -> bool {
    let stem = name.strip_suffix("Exception").or_else(|| name.strip_suffix("Error"));
    stem.is_some_and(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric()))
        && name.starts_with(|it: char| it.is_ascii_uppercase())
}

/// `ORDER_NOT_FOUND`, not `error` or `Not found`.
pub(crate) fn is_symbol(code: &str) -> bool {
    code.contains('_') && is_upper(code) && code != "ERROR_CODE"
}

fn is_upper(code: &str) -> bool {
    code.len() >= 4
        && code.starts_with(|it: char| it.is_ascii_uppercase())
        && code.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_')
        && !code.ends_with('_')
}

fn is_code_type(name: &str) -> bool {
    matches!(key(name).as_str(), "errorcode" | "errorcodes" | "apierrorcode" | "apierrorcodes")
}

/// The code that a cell is.
fn lone(cell: Slice<'_>) -> Option<Slice<'_>> {
    let bare = cell.trim_matches(|it| it.is_whitespace() || matches!(it, '`' | '*' | '"'));
    is_upper(bare.as_str()).then_some(bare)
}

/// The code that an item begins with.
fn leading(item: Slice<'_>, endpoint: bool) -> Option<Said<'_>> {
    let first = item.lines().next()?;
    let text = first.as_str();
    let end = text.find(|it: char| !(it.is_ascii_alphanumeric() || it == '_')).unwrap_or(text.len());
    let code = first.get(0..end);
    if !is_upper(code.as_str()) {
        return None;
    }
    let rest = text.get(end..).unwrap_or("").trim_start();
    let ends = rest.is_empty() || rest.starts_with([':', '-', '–', '—', '(', '→']);
    let all = statuses(rest);
    let status = all.first().copied().filter(|_| all.len() == 1);
    ends.then(|| Said { code: code.as_str(), status, span: code.span(), endpoint })
}

/// The symbols of a line.
fn symbols(line: Slice<'_>) -> Vec<Slice<'_>> {
    let text = line.as_str();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|it| it.find('_')).map(|it| it + from) {
        let word = |it: char| it.is_ascii_alphanumeric() || it == '_';
        let start = text
            .get(..at)
            .unwrap_or("")
            .rfind(|it| !word(it))
            .map_or(0, |it| it + text.get(it..).and_then(|it| it.chars().next()).map_or(1, char::len_utf8));
        let end = text.get(at..).unwrap_or("").find(|it| !word(it)).map_or(text.len(), |it| at + it);
        let symbol = line.get(start..end);
        // `ErrorCode.X_Y` is code, `X_Y=1` and `$X_Y` are variables.
        let before = text.get(..start).unwrap_or("").chars().next_back();
        let after = text.get(end..).unwrap_or("").chars().next();
        if is_symbol(symbol.as_str()) && !matches!(before, Some('$' | '{' | '.')) && !matches!(after, Some('=' | '*')) {
            found.push(symbol);
        }
        from = end;
    }
    // Without an underscore only code is a symbol, and only beside its status.
    found.extend(
        line.codes()
            .filter(|it| is_upper(it.as_str()) && !it.as_str().contains('_') && status_beside(line, it).is_some()),
    );
    found
}

/// Whether a line says that a symbol is an error code.
fn is_told(line: Slice<'_>, symbol: &Slice<'_>) -> bool {
    if status_beside(line, symbol).is_some() {
        return true;
    }
    let at = symbol.offset_in(line);
    let before = line.as_str().get(..at).unwrap_or("").trim_end_matches(['`', '"', '\'', '(', ' ', ':', '*']);
    let last = before.rsplit(|it: char| !it.is_ascii_alphabetic()).next().unwrap_or("");
    let previous = before.get(..before.len() - last.len()).unwrap_or("").trim_end();
    match last.to_ascii_lowercase().as_str() {
        "error" => true,
        "code" => previous.to_ascii_lowercase().ends_with("error") || previous.ends_with("with"),
        _ => false,
    }
}

/// The status directly before or after a symbol.
fn status_beside(line: Slice<'_>, symbol: &Slice<'_>) -> Option<u16> {
    let text = line.as_str();
    let at = symbol.offset_in(line);
    let loose = |it: char| matches!(it, '`' | '"' | '\'' | '(' | ')' | ' ' | ':' | '*' | '-' | '–' | '—' | '→' | '/');
    let mut before = text.get(..at).unwrap_or("").trim_end_matches(loose);
    for word in ["code", "error", "with", "and"] {
        before = before.strip_suffix(word).unwrap_or(before).trim_end_matches(loose);
    }
    // `404 Not Found` has words between the two.
    let tail: Vec<&str> = before.rsplitn(4, ' ').collect();
    let number = |it: &str| {
        let it = it.trim_matches(loose);
        it.parse().ok().filter(|it| (400..600).contains(it))
    };
    if let Some(found) = tail.first().and_then(|it| number(it)) {
        return Some(found);
    }
    let named = tail
        .iter()
        .position(|it| number(it).is_some())
        .filter(|it| tail.iter().take(*it).all(|it| it.starts_with(|it: char| it.is_ascii_uppercase())));
    if let Some(found) = named.and_then(|it| tail.get(it)).and_then(|it| number(it)) {
        return Some(found);
    }
    let after = text.get(at + symbol.as_str().len()..).unwrap_or("").trim_start_matches(loose);
    let after = after.strip_prefix("HTTP").unwrap_or(after).trim_start();
    let digits = after.get(..3).and_then(|it| it.parse().ok()).filter(|it| (400..600).contains(it))?;
    let ends = after.get(3..).is_none_or(|it| !it.starts_with(|it: char| it.is_ascii_alphanumeric()));
    ends.then_some(digits)
}

/// Numbers from 400 to 599 that stand by themselves.
fn statuses(text: &str) -> Vec<u16> {
    let numbers = text.split(|it: char| !it.is_ascii_alphanumeric());
    numbers.filter(|it| it.len() == 3).filter_map(|it| it.parse().ok()).filter(|it| (400..600).contains(it)).collect()
}

/// The symbolic code in the body of an error, at most two levels deep.
pub(crate) fn code_in(json: &Json) -> Option<(&str, Span)> {
    let Json::Object(properties) = json else { return None };
    properties.iter().find_map(|it| match &it.value.value {
        Json::String(text)
            if is_symbol(text) && matches!(it.key.value.as_str(), "code" | "error" | "errorCode" | "error_code") =>
        {
            Some((text.as_str(), it.value.span))
        }
        Json::Object(inner) if it.key.value == "error" => inner.iter().find_map(|it| match &it.value.value {
            Json::String(text) if is_symbol(text) && matches!(it.key.value.as_str(), "code" | "type") => {
                Some((text.as_str(), it.value.span))
            }
            _ => None,
        }),
        _ => None,
    })
}

/// Whether a section is part of one endpoint.
pub(crate) fn is_of_endpoint(doc: &Document, section: &Section) -> bool {
    doc.ancestors(section.id).any(heads_endpoint)
}

/// Whether a heading is that of an endpoint.
fn heads_endpoint(section: &Section) -> bool {
    section.own == Some(Family::Endpoint) || !syntax::route::find(section.heading.as_str()).is_empty()
}

/// Whether a text may hold a code or an exception: it has two capitals beside each other, or a word for what is
/// thrown.
fn may_hold_code(text: &str, throws: bool) -> bool {
    let bytes = text.as_bytes();
    bytes.windows(2).any(|it| it.iter().all(u8::is_ascii_uppercase)) || throws && THROWS.find(bytes).is_some()
}

/// Whether a text may hold a symbol of several words: an underscore after a capital or a digit.
fn may_name_symbol(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut places = memchr::memchr_iter(b'_', bytes).filter_map(|it| bytes.get(it.checked_sub(1)?));
    places.any(|it| it.is_ascii_uppercase() || it.is_ascii_digit())
}

/// Whether a section is one of errors, by its family.
fn is_of_errors(doc: &Document, section: &Section) -> bool {
    section.own == Some(Family::Errors) || doc.is_within(section.id, Family::ErrorHandling)
}

/// Whether a section speaks of other systems or other times.
pub(crate) fn is_elsewhere(doc: &Document, section: &Section) -> bool {
    doc.ancestors(section.id).any(|it| it.own.is_some_and(Family::is_of_others))
}

/// Whether a place stands in the API.
pub(crate) fn in_api(doc: &Document, span: Span) -> bool {
    doc.section_at(span).is_some_and(|it| doc.is_within(it.id, Family::Api) || doc.is_within(it.id, Family::Endpoint))
}

/// Whether a place stands in a list that says itself that it is not complete: `### Key Endpoints (sample)`.
pub(crate) fn is_extract(doc: &Document, span: Span) -> bool {
    const WORDS: [&str; 9] =
        ["key", "main", "important", "primary", "selected", "sample", "example", "examples", "excerpt"];
    let above = doc.section_at(span).into_iter().flat_map(|it| doc.ancestors(it.id)).filter(|it| it.level > 1);
    let says = |text: &str| {
        text.split(|it: char| !it.is_alphabetic()).any(|word| WORDS.iter().any(|it| it.eq_ignore_ascii_case(word)))
    };
    above.into_iter().any(|it| says(it.heading.as_str()))
}

/// The listed code that a name almost is: the same words in another order, a letter or two, one word of three
/// exchanged or cut short, or the same status and a word in common.
pub(crate) fn kin<'a>(said: &Said<'_>, listed: &[Said<'a>]) -> Option<&'a str> {
    let known: FxHashSet<&str> = listed.iter().map(|it| it.code).collect();
    let own = words(said.code);
    let close = |it: &&Said<'a>| {
        let theirs = words(it.code);
        let shared = own.iter().filter(|it| theirs.contains(it)).count();
        let longest = own.len().max(theirs.len());
        let cut = own.len() == theirs.len()
            && own.iter().zip(&theirs).all(|(a, b)| {
                a == b || (a.len() > 2 && b.starts_with(a.as_str())) || (b.len() > 2 && a.starts_with(b.as_str()))
            });
        shared == longest
            || cut
            || (longest >= 3 && shared * 3 >= longest * 2 && own.first() == theirs.first())
            || (said.status.is_some() && said.status == it.status && shared > 0 && own.first() == theirs.first())
    };
    source::nearest(said.code, known.iter().copied().filter(|it| it.len() > 5))
        .or_else(|| listed.iter().find(close).map(|it| it.code))
        .and_then(|found| listed.iter().map(|it| it.code).find(|it| *it == found))
}
