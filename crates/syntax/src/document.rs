//! A file as sections: the tree of headings and of bold lines that act as headings, each with its
//! family, its blocks and its stable name.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;
use source::{FileId, Span};

use crate::family::{Families, Family, Synonyms, Title};
use crate::inline::{Inline, Label, MarkKind, Slice, label, labels};
use crate::page::{self, Block, BlockKind, Comment, Link, Page, Part, RawHeading, Table};

/// Level of a section that a bold line opens: a name (`**Alternative 1: Kafka**`, `**GET /orders**`).
pub const BOLD_LINE: u8 = 7;

/// Level of a section that a bold line of a known family opens (`**Request**:`); it stands within one of
/// level [`BOLD_LINE`].
pub const BOLD_PART: u8 = 8;

/// Index of a section in [`Document::sections`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SectionId(pub u32);

/// A section: a heading, or a bold line that acts as one, and what stands under it.
#[derive(Debug)]
pub struct Section {
    /// Its own index.
    pub id: SectionId,
    /// The section that it stands in; `None` for what precedes the first heading.
    pub parent: Option<SectionId>,
    /// 1 to 6, [`BOLD_LINE`] or [`BOLD_PART`]; 0 for what precedes the first heading.
    pub level: u8,
    /// The heading's text.
    pub heading: Inline,
    /// Its words.
    pub title: Title,
    /// The heading's line.
    pub span: Span,
    /// From the heading to the end of the last section within it.
    pub extent: Span,
    /// The family of its own heading.
    pub own: Option<Family>,
    /// The nearest family, its own or of a section that it stands in.
    pub family: Option<Family>,
    /// Its own family and those of the sections that it stands in.
    pub within: Families,
    /// The blocks under it, without those of its subsections.
    pub blocks: Vec<Block>,
    /// Whether there are fences among them.
    pub fenced: bool,
}

impl Section {
    /// The heading's name, without numbering, kind word and ordinal.
    pub fn name(&self) -> Slice<'_> {
        self.heading.all().from(self.title.at).trim()
    }

    /// The text that an anchor is made of; bold lines have none.
    pub fn anchored(&self) -> Option<&str> {
        (1..BOLD_LINE).contains(&self.level).then(|| self.heading.as_str())
    }
}

/// `<!-- allow(rule): reason -->`.
#[derive(Debug, Clone)]
pub struct Allow {
    /// The rule's name, as written.
    pub rule: String,
    /// The reason; empty if there is none.
    pub reason: String,
    /// The comment.
    pub span: Span,
    /// What it covers.
    pub covers: Span,
}

/// A file, read.
#[derive(Debug)]
pub struct Document {
    /// The file.
    pub file: FileId,
    /// Its sections in order. The first holds what precedes the first heading.
    pub sections: Vec<Section>,
    /// The front matter.
    pub front: Option<Inline>,
    /// All links and images.
    pub links: Vec<Link>,
    /// Anchors that HTML in the document makes.
    pub html_ids: Vec<String>,
    /// Silences.
    pub allows: Vec<Allow>,
    /// Bytes of the file.
    pub len: usize,
    /// The anchors of the sections, once they are asked for.
    slugs: OnceLock<Vec<String>>,
}

impl Document {
    /// Reads a file. Never fails.
    pub fn read(file: FileId, text: &str) -> Document {
        Document::read_with(file, text, &Synonyms::default())
    }

    /// Reads a file of a project that has synonyms of its own for headings.
    pub fn read_with(file: FileId, text: &str, synonyms: &Synonyms) -> Document {
        let page = page::read(file, text);
        Builder::new(file, text.len(), synonyms).build(page)
    }

    /// A section.
    pub fn section(&self, id: SectionId) -> Option<&Section> {
        self.sections.get(id.0 as usize)
    }

    /// The anchor of a section, as GitHub makes it; empty if it has none.
    pub fn slug(&self, id: SectionId) -> &str {
        let slugs = self.slugs.get_or_init(|| slugs(self.sections.iter().map(Section::anchored)));
        slugs.get(id.0 as usize).map_or("", String::as_str)
    }

    /// The words of a section's stable name.
    pub fn section_name<'a>(&'a self, section: &'a Section) -> &'a str {
        let whole = &section.title.whole;
        if whole.is_empty() { self.slug(section.id) } else { whole }
    }

    /// The title: the first heading of level 1, else the first heading.
    pub fn title(&self) -> Option<&Section> {
        let headings = || self.sections.iter().filter(|it| it.level > 0 && it.level < BOLD_LINE);
        headings().find(|it| it.level == 1).or_else(|| headings().next())
    }

    /// The sections directly within one.
    pub fn children(&self, id: SectionId) -> impl Iterator<Item = &Section> {
        self.descendants(id).filter(move |it| it.parent == Some(id))
    }

    /// The sections within one, at any depth, in order.
    pub fn descendants(&self, id: SectionId) -> impl Iterator<Item = &Section> {
        let extent = self.section(id).map_or(Span::default(), |it| it.extent);
        let after = self.sections.get(id.0 as usize + 1..).unwrap_or(&[]);
        after.iter().take_while(move |it| extent.contains(it.span))
    }

    /// The section and the sections that it stands in, innermost first.
    pub fn ancestors(&self, id: SectionId) -> impl Iterator<Item = &Section> {
        std::iter::successors(self.section(id), |it| it.parent.and_then(|id| self.section(id)))
    }

    /// Whether a section is of a family or stands in one that is.
    pub fn is_within(&self, id: SectionId, family: Family) -> bool {
        self.section(id).is_some_and(|it| it.within.contains(family))
    }

    /// Sections whose own family is this one.
    pub fn of_family(&self, family: Family) -> impl Iterator<Item = &Section> {
        self.sections.iter().filter(move |it| it.own == Some(family))
    }

    /// The blocks of a section and of those within it that have no family of their own.
    pub fn blocks_of(&self, id: SectionId) -> Vec<&Block> {
        let mut blocks: Vec<&Block> = Vec::new();
        let Some(section) = self.section(id) else { return blocks };
        blocks.extend(&section.blocks);
        let mut skipped: Option<Span> = None;
        for inner in self.descendants(id) {
            if skipped.is_some_and(|it| it.contains(inner.span)) {
                continue;
            }
            if inner.own.is_some() {
                skipped = Some(inner.extent);
                continue;
            }
            blocks.extend(&inner.blocks);
        }
        blocks
    }

    /// The innermost section around a place.
    pub fn section_at(&self, span: Span) -> Option<&Section> {
        let index = self.sections.partition_point(|it| it.extent.start <= span.start);
        self.sections
            .get(..index)?
            .iter()
            .rev()
            .find(|it| it.extent.start <= span.start && span.start < it.extent.end.max(it.extent.start + 1))
    }

    /// Labels in a section's own blocks: lines of paragraphs, list items, quotes, rows of two-column
    /// tables without a header text.
    pub fn labels_of<'a>(&self, section: &'a Section) -> Vec<Label<'a>> {
        let mut found = Vec::new();
        for block in &section.blocks {
            block_labels(block, &mut found);
        }
        found
    }
}

/// Labels of a block.
pub fn block_labels<'a>(block: &'a Block, found: &mut Vec<Label<'a>>) {
    match &block.kind {
        BlockKind::Paragraph(text) => found.extend(labels(text)),
        BlockKind::List(list) => found.extend(list.items.iter().flat_map(|it| labels(&it.text))),
        BlockKind::Quote(blocks) => blocks.iter().for_each(|it| block_labels(it, found)),
        BlockKind::Table(table) if table.header.len() == 2 => {
            found.extend(std::iter::once(&table.header).chain(table.rows.iter().map(|it| &it.cells)).filter_map(
                |cells| {
                    let (key, value) = (cells.first()?.all().trim(), cells.get(1)?.all().trim());
                    Some(Label { key: key.trim_matches(|c| c == ':'), value, strong: true })
                },
            ));
        }
        _ => {}
    }
}

/// Calls `visit` with each table of a block, nested ones included.
pub fn tables<'a>(blocks: impl IntoIterator<Item = &'a Block>, visit: &mut impl FnMut(&'a Table, Span)) {
    for block in blocks {
        match &block.kind {
            BlockKind::Table(table) => visit(table, block.span),
            BlockKind::Quote(inner) => tables(inner, visit),
            BlockKind::List(list) => list.items.iter().for_each(|it| tables(&it.children, visit)),
            _ => {}
        }
    }
}

/// Calls `visit` with each fence of a block, nested ones included.
pub fn fences<'a>(blocks: impl IntoIterator<Item = &'a Block>, visit: &mut impl FnMut(&'a page::Fence, Span)) {
    for block in blocks {
        match &block.kind {
            BlockKind::Fence(fence) => visit(fence, block.span),
            BlockKind::Quote(inner) => fences(inner, visit),
            BlockKind::List(list) => list.items.iter().for_each(|it| fences(&it.children, visit)),
            _ => {}
        }
    }
}

/// Calls `visit` with each run of inline text of a block: paragraphs, items, cells.
pub fn inlines<'a>(blocks: impl IntoIterator<Item = &'a Block>, visit: &mut impl FnMut(&'a Inline)) {
    for block in blocks {
        match &block.kind {
            BlockKind::Paragraph(text) => visit(text),
            BlockKind::Quote(inner) => inlines(inner, visit),
            BlockKind::List(list) => {
                for item in &list.items {
                    visit(&item.text);
                    inlines(&item.children, visit);
                }
            }
            BlockKind::Table(table) => {
                table.header.iter().for_each(&mut *visit);
                table.rows.iter().flat_map(|it| &it.cells).for_each(&mut *visit);
            }
            _ => {}
        }
    }
}

struct Builder<'s> {
    synonyms: &'s Synonyms,
    document: Document,
    /// Open sections, outermost first.
    open: Vec<SectionId>,
    /// The blocks of the section that was opened last.
    blocks: Vec<Block>,
    end: u32,
}

impl<'s> Builder<'s> {
    fn new(file: FileId, len: usize, synonyms: &'s Synonyms) -> Builder<'s> {
        let front = Section {
            id: SectionId(0),
            parent: None,
            level: 0,
            heading: Inline::default(),
            title: Title::default(),
            span: Span::new(file, 0..0),
            extent: Span::new(file, 0..0),
            own: None,
            family: None,
            within: Families::default(),
            blocks: Vec::new(),
            fenced: false,
        };
        let document = Document {
            file,
            sections: vec![front],
            front: None,
            links: Vec::new(),
            html_ids: Vec::new(),
            allows: Vec::new(),
            len,
            slugs: OnceLock::new(),
        };
        Builder { synonyms, document, open: Vec::new(), blocks: Vec::new(), end: len as u32 }
    }

    fn build(mut self, page: Page) -> Document {
        let headings = page.parts.iter().filter(|it| matches!(it, Part::Heading(_))).count();
        self.document.sections.reserve(headings * 2);
        for part in page.parts {
            match part {
                Part::Heading(heading) => self.heading(heading),
                Part::Block(block) => self.block(block),
            }
        }
        self.keep_blocks();
        self.close(0, self.end);
        self.document.sections.shrink_to_fit();
        if let Some(front) = self.document.sections.first_mut()
            && front.extent.end == 0
        {
            front.extent.end = self.end;
        }
        self.document.front = page.front;
        self.document.links = page.links;
        self.document.html_ids = page.html_ids;
        self.document.allows = page.comments.iter().filter_map(|it| self.allow(it)).collect();
        self.document
    }

    fn heading(&mut self, heading: RawHeading) {
        let title = Title::read(heading.text.as_str());
        self.push(heading.level, heading.text, title, heading.span);
    }

    fn push(&mut self, level: u8, heading: Inline, title: Title, span: Span) {
        self.keep_blocks();
        self.close(level, span.start);
        if let Some(front) = self.document.sections.first_mut()
            && front.extent.end == 0
        {
            front.extent.end = span.start;
        }
        let id = SectionId(self.document.sections.len() as u32);
        let parent = self.open.last().copied();
        let above = parent.and_then(|it| self.document.section(it)).and_then(|it| it.own);
        // Below the title all of the document stands.
        let below = above.filter(|_| parent.and_then(|it| self.document.section(it)).is_some_and(|it| it.level != 1));
        let own = if (2..BOLD_LINE).contains(&level) { title.family_below(below) } else { title.family() };
        // An entity may have the name of a section: `Load`, `Alert`, `Role`.
        let own = own.filter(|it| above != Some(Family::DataModel) || it.is_of_data() || title.is_of_text());
        // `Contents` tells what is in a document; `Content` is a thing.
        let own = own.filter(|it| {
            *it != Family::Contents || title.whole != "content" || heading.as_str().trim_end().ends_with(['s', 'S'])
        });
        let own = self.synonyms.own(&title).or(own);
        let around = parent.and_then(|it| self.document.section(it));
        let inherited = around.and_then(|it| it.family);
        let within = around.map_or(Families::default(), |it| it.within);
        self.document.sections.push(Section {
            id,
            parent,
            level,
            heading,
            title,
            span,
            extent: span,
            own,
            family: own.or(inherited),
            within: own.map_or(within, |it| within.with(it)),
            blocks: Vec::new(),
            fenced: false,
        });
        self.open.push(id);
    }

    /// Closes the open sections of this level and deeper; all of them for level 0.
    fn close(&mut self, level: u8, at: u32) {
        while let Some(id) = self.open.last().copied() {
            let Some(section) = self.document.sections.get_mut(id.0 as usize) else { break };
            if level > 0 && section.level < level {
                break;
            }
            section.extent.end = at.max(section.span.end);
            self.open.pop();
        }
    }

    /// Adds a block. A last line that is a bold label without a value opens a section.
    fn block(&mut self, block: Block) {
        if let BlockKind::Paragraph(text) = &block.kind
            && let Some((before, heading)) = opener(text)
        {
            let span = heading.all().span();
            if let Some(before) = before {
                let span = before.all().span();
                self.blocks.push(Block { kind: BlockKind::Paragraph(before), span });
            }
            let title = Title::read(heading.as_str());
            let level = match self.synonyms.family(&title) {
                Some(family) if !family.is_item() => BOLD_PART,
                _ => BOLD_LINE,
            };
            self.push(level, heading, title, span);
            return;
        }
        self.blocks.push(block);
    }

    /// Gives the section that was opened last its blocks, in no more room than they need.
    fn keep_blocks(&mut self) {
        if let Some(section) = self.document.sections.last_mut()
            && !self.blocks.is_empty()
        {
            section.blocks = self.blocks.drain(..).collect();
            fences(&section.blocks, &mut |_, _| section.fenced = true);
        }
    }

    fn allow(&self, comment: &Comment) -> Option<Allow> {
        let rest = comment.text.strip_prefix("allow(")?;
        let (rule, rest) = rest.split_once(')')?;
        let reason = rest.trim_start().trim_start_matches(':').trim();
        let covers = match comment.host {
            Some(host) => self.section_of(host).unwrap_or(host),
            None => self.following(comment.span),
        };
        Some(Allow { rule: rule.trim().to_owned(), reason: reason.to_owned(), span: comment.span, covers })
    }

    fn section_of(&self, heading: Span) -> Option<Span> {
        let found = self.document.sections.iter().find(|it| it.level > 0 && it.span == heading)?;
        Some(found.extent)
    }

    /// What follows a comment: the next block, or the whole section if that is a heading.
    fn following(&self, comment: Span) -> Span {
        let mut best: Option<Span> = None;
        let mut consider = |start: u32, covers: Span| {
            if start >= comment.end && best.is_none_or(|it| start < it.start) {
                best = Some(covers);
            }
        };
        for section in &self.document.sections {
            if section.level > 0 {
                consider(section.span.start, section.extent);
            }
            for block in section.blocks.iter().filter(|it| !matches!(it.kind, BlockKind::Html)) {
                consider(block.span.start, block.span);
            }
        }
        best.unwrap_or(comment)
    }
}

/// The heading that a paragraph's last line is, and the lines before it.
fn opener(text: &Inline) -> Option<(Option<Inline>, Inline)> {
    if !text.marks.iter().any(|it| it.kind == MarkKind::Strong) {
        return None;
    }
    let (start, last) = match text.as_str().rfind('\n') {
        Some(at) => (at, text.all().from(at + 1).trim()),
        None => (0, text.all().trim()),
    };
    let bold = last.marked(MarkKind::Strong).next().filter(|it| it.offset_in(last) == 0)?;
    let all_bold = last.from(bold.as_str().len()).is_blank();
    let key = match label(last) {
        // `**Alternative 1: Kafka**` is a name with its kind.
        Some(_) if all_bold && Title::read(bold.as_str()).kind.is_some() => bold,
        Some(label) if label.value.is_blank() => label.key,
        Some(_) => return None,
        None => {
            let rest = last.from(bold.as_str().len()).trim();
            let rider = rest.is_blank()
                || rest.as_str().starts_with('(')
                || rest.as_str().starts_with(['—', '–', '-'])
                || is_joined(rest);
            // A sentence in bold is emphasis, not a heading.
            if !rider || bold.as_str().len() > 80 || bold.as_str().ends_with(['.', '!', '?']) {
                return None;
            }
            last
        }
    };
    let before = (start > 0).then(|| text.all().get(0..start).to_inline());
    Some((before, key.to_inline()))
}

/// Whether what follows a bold text is another one: `**GET /next** and **GET /previous**`.
fn is_joined(rest: Slice<'_>) -> bool {
    let joined = ["and ", "or ", "& ", "/ ", ", "].iter().find(|it| rest.as_str().starts_with(**it));
    joined.is_some_and(|it| rest.from(it.len()).is_all(MarkKind::Strong))
}

/// The anchors of headings in their order, as GitHub makes them: of equal ones all but the first get a number.
/// What is no heading has an empty one.
pub fn slugs<'a>(headings: impl Iterator<Item = Option<&'a str>>) -> Vec<String> {
    let mut counts: FxHashMap<String, u32> = FxHashMap::default();
    let mut numbered = |heading: &str| {
        let slug = slug(heading);
        let count = counts.entry(slug.clone()).or_insert(0);
        *count += 1;
        if *count > 1 { format!("{slug}-{}", *count - 1) } else { slug }
    };
    headings.map(|it| it.map_or(String::new(), &mut numbered)).collect()
}

/// The anchor that GitHub makes of a heading.
pub fn slug(heading: &str) -> String {
    let mut slug = String::with_capacity(heading.len());
    let mut rest = heading.trim();
    loop {
        let plain = rest.bytes().take_while(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_')).count();
        let (run, after) = rest.split_at_checked(plain).unwrap_or((rest, ""));
        slug.push_str(run);
        let mut chars = after.chars();
        let Some(c) = chars.next() else { break };
        rest = chars.as_str();
        match c {
            ' ' => slug.push('-'),
            _ if !c.is_ascii() && c.is_alphanumeric() => slug.extend(c.to_lowercase()),
            _ => {}
        }
    }
    slug.make_ascii_lowercase();
    slug
}

/// The family of a label's key.
pub fn key_family(key: &str) -> Option<Family> {
    Title::read(key).family()
}
