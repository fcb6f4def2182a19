//! Markdown to blocks, by pulldown-cmark, with what that parser does not say: table rows that lose
//! cells, fences that never close, the bytes that a value stands for.
//!
//! Not here: sections and families.

use std::iter::Peekable;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, LinkType, OffsetIter, Options, Parser, Tag, TagEnd};
use source::{FileId, Span, Text, TextBuilder};

use crate::inline::{Inline, Mark, MarkKind};

/// Nesting beyond this is flattened.
const MAX_DEPTH: usize = 64;

/// A block.
#[derive(Debug)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// All of it.
    pub span: Span,
}

/// The kinds of blocks. Headings are not blocks but begin sections.
#[derive(Debug)]
pub enum BlockKind {
    /// A paragraph.
    Paragraph(Inline),
    /// A list.
    List(List),
    /// A table.
    Table(Box<Table>),
    /// A code block.
    Fence(Box<Fence>),
    /// A block quote.
    Quote(Vec<Block>),
    /// HTML, comments among it.
    Html,
}

/// A list.
#[derive(Debug)]
pub struct List {
    /// Numbered.
    pub ordered: bool,
    /// Its items.
    pub items: Vec<Item>,
}

/// A list item.
#[derive(Debug)]
pub struct Item {
    /// The box of a task item.
    pub task: Option<bool>,
    /// Its first paragraph.
    pub text: Inline,
    /// What follows.
    pub children: Vec<Block>,
    /// All of it.
    pub span: Span,
}

/// A table.
#[derive(Debug)]
pub struct Table {
    /// The header's cells.
    pub header: Vec<Inline>,
    /// Their words in normal form.
    pub keys: Vec<String>,
    /// The header line.
    pub header_span: Span,
    /// The rows; each has exactly as many cells as the header.
    pub rows: Vec<Row>,
}

/// A row of a table.
#[derive(Debug)]
pub struct Row {
    /// Its cells; missing ones are empty and stand at the row's end.
    pub cells: Vec<Inline>,
    /// The row's line.
    pub span: Span,
    /// Cells beyond the header's, which no reader sees, where there are any.
    pub lost: Option<Span>,
}

/// A code block.
#[derive(Debug)]
pub struct Fence {
    /// First word of the info string, lower case; empty for indented code.
    pub lang: String,
    /// The characters that open it (three or more backticks or tildes); empty for indented code.
    pub marker: String,
    /// The info string.
    pub info: Span,
    /// The content.
    pub content: Text,
    /// Whether a closing fence was found.
    pub closed: bool,
    /// The opening line.
    pub open: Span,
}

/// A link or an image.
#[derive(Debug)]
pub struct Link {
    /// Where it leads, as written.
    pub dest: String,
    /// The place of the destination, or of the link.
    pub dest_span: Span,
    /// All of it.
    pub span: Span,
    /// An image.
    pub image: bool,
}

/// A heading as it was found.
#[derive(Debug)]
pub(crate) struct RawHeading {
    pub(crate) level: u8,
    pub(crate) text: Inline,
    pub(crate) span: Span,
}

/// What stands in a file, in order.
#[derive(Debug)]
pub(crate) enum Part {
    Heading(RawHeading),
    Block(Block),
}

/// `<!-- allow(rule): reason -->` as it was found.
#[derive(Debug)]
pub(crate) struct Comment {
    pub(crate) text: String,
    pub(crate) span: Span,
    /// The heading, row, item or paragraph that holds it; `None` if it stands alone.
    pub(crate) host: Option<Span>,
}

/// The page.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) parts: Vec<Part>,
    pub(crate) front: Option<Inline>,
    pub(crate) links: Vec<Link>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) html_ids: Vec<String>,
}

pub(crate) fn read(file: FileId, text: &str) -> Page {
    let base = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let body = text.get(base..).unwrap_or("");
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM;
    let events = Parser::new_ext(body, options).into_offset_iter().peekable();
    let mut reader = Reader {
        file,
        body,
        base,
        events,
        page: Page::default(),
        depth: 0,
        flattened: 0,
        host: None,
        text: TextBuilder::new(file),
        marks: Vec::new(),
        open: Vec::new(),
        items: Vec::new(),
        rows: Vec::new(),
        spare: Vec::new(),
    };
    reader.page();
    reader.page
}

struct Reader<'a> {
    file: FileId,
    body: &'a str,
    base: usize,
    events: Peekable<OffsetIter<'a>>,
    page: Page,
    depth: usize,
    flattened: usize,
    host: Option<Span>,
    /// What [`Reader::inline`] works with; empty between two calls.
    text: TextBuilder,
    marks: Vec<Mark>,
    open: Vec<(MarkKind, usize)>,
    /// Items of the lists that are being read.
    items: Vec<Item>,
    /// Rows of the table that is being read.
    rows: Vec<Row>,
    /// Empty, with room for the blocks of an item.
    spare: Vec<Vec<Block>>,
}

impl<'a> Reader<'a> {
    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.file, range.start + self.base..range.end + self.base)
    }

    fn raw(&self, range: &Range<usize>) -> &'a str {
        self.body.get(range.clone()).unwrap_or("")
    }

    fn page(&mut self) {
        self.page.parts.reserve(self.body.len() / 40);
        let mut blocks = Vec::new();
        while self.events.peek().is_some() {
            if let Some((Event::Start(Tag::Heading { level, .. }), range)) = self.events.peek() {
                let (level, range) = (*level, range.clone());
                self.events.next();
                let span = self.line_span(&range);
                self.host = Some(span);
                let text = self.inline(&range);
                self.host = None;
                self.events.next();
                self.heading(level, text, span, &range);
                continue;
            }
            self.block(&mut blocks);
            self.page.parts.extend(blocks.drain(..).map(Part::Block));
        }
    }

    /// A setext heading that is really labels above a ruler is a paragraph.
    fn heading(&mut self, level: HeadingLevel, text: Inline, span: Span, range: &Range<usize>) {
        let setext = !self.raw(range).trim_start().starts_with('#');
        if setext && text.all().lines().all(|it| crate::inline::label(it).is_some()) {
            self.page.parts.push(Part::Block(Block { kind: BlockKind::Paragraph(text), span }));
            return;
        }
        self.page.parts.push(Part::Heading(RawHeading { level: level as u8, text, span }));
    }

    /// The span without trailing line breaks.
    fn line_span(&self, range: &Range<usize>) -> Span {
        let raw = self.raw(range);
        self.span(range.start..range.start + raw.trim_end().len())
    }

    /// Reads one block, or the end of the enclosing one (`false`).
    fn block(&mut self, out: &mut Vec<Block>) -> bool {
        let Some((event, range)) = self.events.peek() else { return false };
        let range = range.clone();
        if let Event::End(_) = event {
            if self.flattened > 0 {
                self.flattened -= 1;
                self.events.next();
                return true;
            }
            if self.depth == 0 {
                self.events.next();
            }
            return self.depth == 0;
        }
        if is_inline(event) {
            let tagged = matches!(event, Event::Start(_));
            let text = self.inline(&range);
            if !tagged {
                let span = if text.as_str().is_empty() { self.span(range.clone()) } else { text.text.whole() };
                let span = Span { start: span.start.min((range.start + self.base) as u32), ..span };
                out.push(Block { kind: BlockKind::Paragraph(text), span });
            } else if text.as_str().is_empty() {
                self.events.next();
            } else {
                out.push(Block { kind: BlockKind::Paragraph(text), span: self.line_span(&range) });
            }
            return true;
        }
        let Some((event, _)) = self.events.next() else { return false };
        match event {
            Event::Start(tag) => match tag {
                Tag::Paragraph => {
                    let span = self.line_span(&range);
                    let outer = self.host;
                    self.host = outer.or(Some(span));
                    let text = self.inline(&range);
                    self.host = outer;
                    self.events.next();
                    out.push(Block { kind: BlockKind::Paragraph(text), span });
                }
                Tag::CodeBlock(kind) => {
                    let fence = self.fence(&kind, &range);
                    out.push(Block { kind: BlockKind::Fence(Box::new(fence)), span: self.line_span(&range) });
                }
                Tag::Table(columns) => {
                    self.table(out, &range, columns.len());
                }
                Tag::MetadataBlock(_) => {
                    let text = self.inline(&range);
                    self.events.next();
                    self.page.front = Some(text);
                }
                Tag::HtmlBlock => {
                    let span = self.line_span(&range);
                    self.html(self.raw(&range), range.start, None);
                    self.until_end();
                    out.push(Block { kind: BlockKind::Html, span });
                }
                Tag::List(_) | Tag::Item | Tag::BlockQuote(_) | Tag::FootnoteDefinition(_)
                    if self.depth >= MAX_DEPTH =>
                {
                    self.flattened += 1;
                }
                Tag::List(first) => {
                    let before = self.items.len();
                    self.depth += 1;
                    while let Some((Event::Start(Tag::Item), range)) = self.events.peek() {
                        let range = range.clone();
                        self.events.next();
                        let item = self.item(&range);
                        self.items.push(item);
                    }
                    self.depth -= 1;
                    self.events.next();
                    let list = List { ordered: first.is_some(), items: self.items.drain(before..).collect() };
                    out.push(Block { kind: BlockKind::List(list), span: self.line_span(&range) });
                }
                Tag::BlockQuote(_) | Tag::FootnoteDefinition(_) => {
                    let mut blocks = Vec::new();
                    self.depth += 1;
                    while self.block(&mut blocks) {}
                    self.depth -= 1;
                    self.events.next();
                    out.push(Block { kind: BlockKind::Quote(blocks), span: self.line_span(&range) });
                }
                Tag::Heading { .. } => {
                    // A heading inside a quote or an item opens no section.
                    let text = self.inline(&range);
                    self.events.next();
                    out.push(Block { kind: BlockKind::Paragraph(text), span: self.line_span(&range) });
                }
                _ => {}
            },
            Event::Html(_) => {
                self.html(self.raw(&range), range.start, None);
                out.push(Block { kind: BlockKind::Html, span: self.line_span(&range) });
            }
            _ => {}
        }
        true
    }

    fn until_end(&mut self) {
        let mut open = 1usize;
        while open > 0 {
            match self.events.next() {
                Some((Event::Start(_), _)) => open += 1,
                Some((Event::End(_), _)) => open -= 1,
                None => return,
                _ => {}
            }
        }
    }

    fn item(&mut self, range: &Range<usize>) -> Item {
        let span = self.line_span(range);
        let task = match self.events.peek() {
            Some((Event::TaskListMarker(done), _)) => Some(*done),
            _ => None,
        };
        if task.is_some() {
            self.events.next();
        }
        let outer = self.host.replace(self.first_line(span));
        let mut blocks = self.spare.pop().unwrap_or_default();
        self.depth += 1;
        while self.block(&mut blocks) {}
        self.depth -= 1;
        self.events.next();
        self.host = outer;
        let mut left = blocks.drain(..).peekable();
        let text = match left.next_if(|it| matches!(it.kind, BlockKind::Paragraph(_))) {
            Some(Block { kind: BlockKind::Paragraph(text), .. }) => text,
            _ => Inline { text: self.text.finish_at(span.start as usize), marks: Box::default() },
        };
        let children = left.collect();
        self.spare.push(blocks);
        Item { task, text, children, span }
    }

    fn first_line(&self, span: Span) -> Span {
        let range = span.start as usize - self.base..span.end as usize - self.base;
        let raw = self.raw(&range);
        let len = raw.find('\n').unwrap_or(raw.len());
        self.span(range.start..range.start + len)
    }

    /// Inline events up to the end of the block, or to a block inside a tight item.
    fn inline(&mut self, range: &Range<usize>) -> Inline {
        let first = self.events.next_if(|(event, _)| matches!(event, Event::Text(_)));
        if let Some((Event::Text(value), at)) = &first {
            // Most are one run of the file as it is.
            if value.len() == at.len() && self.events.peek().is_none_or(|it| ends_inline(&it.0)) {
                return Inline {
                    text: Text::verbatim(&**value, self.file, self.base + at.start),
                    marks: Box::default(),
                };
            }
            self.push(value, at);
        }
        while let Some((event, at)) = self.events.next_if(|(event, _)| !ends_inline(event)) {
            match event {
                Event::Text(value) => self.push(&value, &at),
                Event::Code(value) => {
                    let start = self.text.len();
                    self.push_code(&value, &at);
                    self.marks.push(mark(MarkKind::Code, start, self.text.len()));
                }
                Event::SoftBreak | Event::HardBreak => {
                    self.text.push_mapped("\n", self.base + at.start..self.base + at.end);
                }
                Event::InlineHtml(value) | Event::Html(value) => {
                    self.html(&value, at.start, self.host);
                    if value.starts_with("<br") {
                        self.text.push_mapped("\n", self.base + at.start..self.base + at.end);
                    }
                }
                Event::Start(tag) => {
                    let kind = match &tag {
                        Tag::Strong => MarkKind::Strong,
                        Tag::Emphasis => MarkKind::Emphasis,
                        Tag::Strikethrough => MarkKind::Strike,
                        _ => MarkKind::Link,
                    };
                    match tag {
                        Tag::Link { link_type, dest_url, .. } => self.link(&dest_url, link_type, &at, false),
                        Tag::Image { link_type, dest_url, .. } => self.link(&dest_url, link_type, &at, true),
                        _ => {}
                    }
                    self.open.push((kind, self.text.len()));
                }
                Event::End(_) => {
                    if let Some((kind, start)) = self.open.pop() {
                        self.marks.push(mark(kind, start, self.text.len()));
                    }
                }
                _ => {}
            }
        }
        self.open.clear();
        let marks = self.marks.as_slice().into();
        self.marks.clear();
        Inline { text: self.text.finish_at(self.base + range.start), marks }.sorted()
    }

    fn push(&mut self, value: &str, at: &Range<usize>) {
        self.text.push_mapped(value, self.base + at.start..self.base + at.end);
    }

    /// A code span: without its backticks, with `\|` of table cells mapped.
    fn push_code(&mut self, value: &str, at: &Range<usize>) {
        let raw = self.raw(at);
        let ticks = raw.len() - raw.trim_start_matches('`').len();
        let inner = raw.get(ticks..raw.len().saturating_sub(ticks)).unwrap_or("");
        let start = self.base + at.start + ticks;
        if inner == value {
            self.text.push(value, start);
        } else if inner.get(1..inner.len().saturating_sub(1)) == Some(value) {
            self.text.push(value, start + 1);
        } else if inner.replace("\\|", "|") == value {
            let mut from = 0;
            for (bar, _) in inner.match_indices("\\|") {
                self.text.push(inner.get(from..bar).unwrap_or(""), start + from);
                self.text.push_mapped("|", start + bar..start + bar + 2);
                from = bar + 2;
            }
            self.text.push(inner.get(from..).unwrap_or(""), start + from);
        } else {
            self.text.push_mapped(value, start..start + inner.len());
        }
    }

    fn link(&mut self, dest: &str, link_type: LinkType, at: &Range<usize>, image: bool) {
        let span = self.span(at.clone());
        let raw = self.raw(at);
        let found = match link_type {
            LinkType::Inline => raw.rfind(dest).filter(|_| !dest.is_empty()),
            _ => None,
        };
        let dest_span = found.map_or(span, |it| self.span(at.start + it..at.start + it + dest.len()));
        self.page.links.push(Link { dest: dest.to_owned(), dest_span, span, image });
    }

    fn html(&mut self, raw: &str, start: usize, host: Option<Span>) {
        let mut from = 0;
        while let Some(open) = raw.get(from..).and_then(|it| it.find("<!--")) {
            let begin = from + open;
            let rest = raw.get(begin + 4..).unwrap_or("");
            let (text, end) = match rest.find("-->") {
                Some(close) => (rest.get(..close).unwrap_or(""), begin + 4 + close + 3),
                None => (rest, raw.len()),
            };
            let span = self.span(start + begin..start + end);
            self.page.comments.push(Comment { text: text.trim().to_owned(), span, host });
            from = end;
        }
        for attribute in ["id=\"", "name=\""] {
            for (at, _) in raw.match_indices(attribute) {
                let value = raw.get(at + attribute.len()..).and_then(|it| it.split('"').next());
                self.page.html_ids.extend(value.map(str::to_owned));
            }
        }
    }

    fn fence(&mut self, kind: &CodeBlockKind<'_>, range: &Range<usize>) -> Fence {
        let raw = self.raw(range);
        let first = raw.lines().next().unwrap_or("");
        let open = self.span(range.start..range.start + first.trim_end().len());
        while let Some((event, at)) = self.events.next() {
            match event {
                Event::Text(value) => self.push(&value, &at),
                Event::End(_) => break,
                _ => {}
            }
        }
        let content_start = self.base + (range.start + first.len() + 1).min(range.end);
        let content = self.text.finish_at(content_start);
        let CodeBlockKind::Fenced(info) = kind else {
            return Fence {
                lang: String::new(),
                marker: String::new(),
                info: open.tail(),
                content,
                closed: true,
                open,
            };
        };
        let bar = first.trim_start();
        let tick = bar.chars().next().unwrap_or('`');
        let length = bar.len() - bar.trim_start_matches(tick).len();
        let last = raw.trim_end().lines().next_back().unwrap_or("");
        let last = last.trim_start_matches([' ', '\t', '>']);
        let closing = last.len() - last.trim_start_matches(tick).len();
        let closed =
            raw.trim_end().contains('\n') && closing >= length && last.trim_start_matches(tick).trim().is_empty();
        let info_span = first.find(info.as_ref()).filter(|_| !info.is_empty());
        let info_span = info_span.map_or(open, |it| self.span(range.start + it..range.start + it + info.len()));
        let lang = info.split([' ', ',', '{', '\t', ':']).next().unwrap_or("").to_lowercase();
        let marker = bar.get(..length).unwrap_or("").to_owned();
        Fence { lang, marker, info: info_span, content, closed, open }
    }

    fn table(&mut self, out: &mut Vec<Block>, range: &Range<usize>, columns: usize) {
        let mut header = Vec::new();
        let mut header_span = self.span(range.clone());
        let mut swallowed = Vec::new();
        let mut end = range.start;
        while let Some((event, at)) = self.events.next() {
            match event {
                Event::Start(Tag::TableHead) => {
                    header_span = self.line_span(&at);
                    self.host = Some(header_span);
                    header = self.cells(columns);
                    end = at.end;
                }
                Event::Start(Tag::TableRow) => {
                    let span = self.line_span(&at);
                    self.host = Some(span);
                    let mut cells = self.cells(columns);
                    let raw = self.raw(&at);
                    if !raw.contains('|') && header.len() > 1 {
                        let text = if cells.is_empty() { Inline::default() } else { cells.swap_remove(0) };
                        swallowed.push(Block { kind: BlockKind::Paragraph(text), span });
                        continue;
                    }
                    let beyond = lost_cells(raw, header.len());
                    // `| a | b | <!-- allow(rule): why -->` loses nothing.
                    let comment =
                        beyond.filter(|it| raw.get(*it..).is_some_and(|it| it.trim_start().starts_with("<!--")));
                    if let Some(from) = comment {
                        self.html(raw.get(from..).unwrap_or(""), at.start + from, Some(span));
                    }
                    let lost = beyond.filter(|_| comment.is_none());
                    let lost = lost.map(|it| self.span(at.start + it..at.start + raw.trim_end().len()));
                    self.rows.push(Row { cells, span, lost });
                    end = at.end;
                }
                Event::End(TagEnd::Table) => break,
                _ => {}
            }
        }
        self.host = None;
        let keys = header.iter().map(|it| crate::family::normal(it.as_str())).collect();
        let rows = self.rows.drain(..).collect();
        let span = self.line_span(&(range.start..end.max(range.start)));
        out.push(Block { kind: BlockKind::Table(Box::new(Table { keys, header, header_span, rows })), span });
        out.append(&mut swallowed);
    }

    fn cells(&mut self, columns: usize) -> Vec<Inline> {
        let mut cells = Vec::with_capacity(columns);
        while let Some((event, at)) = self.events.next() {
            match event {
                Event::Start(Tag::TableCell) => cells.push(self.inline(&at)),
                Event::End(TagEnd::TableCell) => {}
                _ => break,
            }
        }
        cells
    }
}

/// Whether inline text ends before an event.
fn ends_inline(event: &Event<'_>) -> bool {
    match event {
        Event::End(end) => !matches!(
            end,
            TagEnd::Strong
                | TagEnd::Emphasis
                | TagEnd::Strikethrough
                | TagEnd::Link
                | TagEnd::Image
                | TagEnd::Superscript
                | TagEnd::Subscript
        ),
        Event::Start(tag) => !matches!(
            tag,
            Tag::Strong
                | Tag::Emphasis
                | Tag::Strikethrough
                | Tag::Link { .. }
                | Tag::Image { .. }
                | Tag::Superscript
                | Tag::Subscript
        ),
        Event::Rule => true,
        _ => false,
    }
}

/// Whether a block that begins so is text without a block of its own around it.
fn is_inline(event: &Event<'_>) -> bool {
    match event {
        Event::Start(tag) => !matches!(
            tag,
            Tag::Paragraph
                | Tag::CodeBlock(_)
                | Tag::Table(_)
                | Tag::MetadataBlock(_)
                | Tag::HtmlBlock
                | Tag::List(_)
                | Tag::Item
                | Tag::BlockQuote(_)
                | Tag::FootnoteDefinition(_)
                | Tag::Heading { .. }
        ),
        Event::End(_) | Event::Rule | Event::Html(_) => false,
        _ => true,
    }
}

fn mark(kind: MarkKind, start: usize, end: usize) -> Mark {
    Mark { kind, start: start as u32, end: end as u32 }
}

/// Where the cells beyond `columns` begin in a row's source, if any of them holds text.
fn lost_cells(raw: &str, columns: usize) -> Option<usize> {
    let line = raw.trim_end();
    let lead = line.len() - line.trim_start().len();
    let first = lead + usize::from(line.get(lead..).is_some_and(|it| it.starts_with('|')));
    // As rows should, it has no more bars than its header, and ends with one.
    let bars = line.bytes().skip(first).filter(|it| *it == b'|').count();
    if bars < columns || bars == columns && line.ends_with('|') {
        return None;
    }
    let (mut cells, mut escaped) = (0, false);
    let mut begin = None;
    for (at, byte) in line.bytes().enumerate().skip(first) {
        if byte == b'|' && !escaped {
            cells += 1;
            if cells == columns {
                begin = Some(at + 1);
            }
        }
        escaped = byte == b'\\' && !escaped;
    }
    let begin = begin?;
    let rest = line.get(begin..)?;
    rest.contains(|c: char| c != '|' && !c.is_whitespace()).then_some(begin)
}
