//! TypeScript declarations: interfaces, type aliases, enums and classes. Other code in the fence is
//! skipped: it is code, not a declaration.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::OnceLock;

use rustc_hash::FxHashMap;
use source::{Spanned, Text};
use tree_sitter::{Node, Parser};

use crate::decl::{Base, Body, Declaration, Declarations, Language, Unread, comments};

mod heads;
mod members;
mod plain;
mod types;
mod zod;

use heads::Head;

thread_local! {
    static PARSER: RefCell<Option<Parser>> = RefCell::new(parser());
}

fn parser() -> Option<Parser> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into()).ok()?;
    Some(parser)
}

/// Reads a fence. Among other code and after a syntax error each declaration is read on its own, so that one error takes
/// nothing from its neighbours; at most its first error is reported.
pub fn read(text: &Text) -> Declarations {
    read_heads(text, heads::find(text.as_str()))
}

/// Reads a fence without its classes.
pub(super) fn read_shapes(text: &Text) -> Declarations {
    let mut heads = heads::find(text.as_str());
    heads.retain(|it| it.keyword != "class");
    let mut found = read_heads(text, heads);
    found.items.retain(|it| !matches!(it.body, Body::Class(_)));
    found
}

fn read_heads(text: &Text, heads: Vec<Head>) -> Declarations {
    let mut found = Declarations::default();
    if heads.is_empty() {
        return found;
    }
    if let Some(plain) = plain::read(text, &heads) {
        return plain;
    }
    let blanked = comments::without_holes(text.as_str());
    let src = blanked.as_deref().unwrap_or(text.as_str());
    let pieces = heads::pieces(src, &heads);
    // Where most is other code, only the declarations are worth parsing.
    let declared: usize = pieces.iter().map(|it| it.1.len()).sum();
    let whole = declared * 4 >= src.len() * 3;
    if !whole || !parse(text, src, 0..src.len(), &heads, None, &mut found) {
        found = Declarations::default();
        for (head, range) in pieces {
            parse(text, src, range, &heads, Some(head), &mut found);
        }
    }
    found
}

/// Reads a piece of the fence, which holds the declaration `head`; without one, only a piece without
/// errors is read and `false` is returned for others.
fn parse(
    text: &Text,
    src: &str,
    range: Range<usize>,
    heads: &[Head],
    head: Option<&Head>,
    found: &mut Declarations,
) -> bool {
    PARSER.with_borrow_mut(|parser| {
        let Some(parser) = parser.as_mut() else { return true };
        let Some(piece) = src.get(range.clone()) else { return true };
        let Some(tree) = parser.parse(piece, None) else { return true };
        let root = tree.root_node();
        if root.has_error() && head.is_none() {
            return false;
        }
        let mut reader = Reader::new(text, range.start, heads);
        let before = found.items.len();
        reader.statements(root, found);
        if let Some(head) = head.filter(|it| !matches!(it.keyword, "class" | "const") && found.items.len() == before) {
            found.unread.push(Unread {
                span: text.span(head.range.clone()),
                why: format!("cannot be read as `{}`", head.keyword),
            });
        }
        true
    })
}

/// Nested types deeper than this are opaque.
const DEPTH: u8 = 40;

/// Lowers one syntax tree.
struct Reader<'a> {
    text: &'a Text,
    /// Offset of the tree's text in the fence.
    base: usize,
    heads: &'a [Head],
    /// Type parameters of the declaration.
    parameters: Vec<&'a str>,
    /// Comments behind the opening brace of the object just read.
    opening: Vec<Spanned<String>>,
    depth: u8,
}

impl<'a> Reader<'a> {
    fn new(text: &'a Text, base: usize, heads: &'a [Head]) -> Reader<'a> {
        Reader { text, base, heads, parameters: Vec::new(), opening: Vec::new(), depth: DEPTH }
    }

    fn range(&self, node: Node<'_>) -> Range<usize> {
        let range = node.byte_range();
        range.start + self.base..range.end + self.base
    }

    fn slice(&self, range: Range<usize>) -> &'a str {
        self.text.as_str().get(range).unwrap_or_default()
    }

    fn written(&self, node: Node<'_>) -> &'a str {
        self.slice(self.range(node))
    }

    fn spanned(&self, range: Range<usize>) -> Spanned<String> {
        Spanned::new(self.slice(range.clone()).to_string(), self.text.span(range))
    }

    /// A name or a string, without quotes.
    fn unquoted(&self, node: Node<'_>) -> Spanned<String> {
        let mut range = self.range(node);
        if node.kind() == "string" && range.len() > 1 {
            range = range.start + 1..range.end - 1;
        }
        self.spanned(range)
    }

    fn statements(&mut self, parent: Node<'_>, found: &mut Declarations) {
        let Some(deeper) = self.depth.checked_sub(1) else { return };
        let mut above = Above::default();
        let mut last: Option<(usize, usize)> = None;
        for node in children(parent) {
            match node.kind() {
                "comment" => {
                    let lines = comments::lines(self.text, self.range(node));
                    let row = node.start_position().row;
                    match last.filter(|(_, start)| *start == row) {
                        Some((index, _)) => {
                            if let Some(item) = found.items.get_mut(index) {
                                item.comments.extend(lines);
                            }
                        }
                        None => above.push(node, lines),
                    }
                    continue;
                }
                "ERROR" | "statement_block" | "expression_statement" | "internal_module" | "module" => {
                    self.depth = deeper;
                    self.statements(node, found);
                    self.depth += 1;
                }
                _ => {
                    if let Some(inner) = declared(node) {
                        last = Some((found.items.len(), node.start_position().row));
                        self.declaration(node, inner, above.take(node), found);
                    }
                }
            }
            above = Above::default();
        }
    }

    fn declaration(
        &mut self,
        outer: Node<'_>,
        node: Node<'_>,
        mut comments: Vec<Spanned<String>>,
        found: &mut Declarations,
    ) {
        let name = field(node, "name").filter(|it| !it.is_missing());
        let Some(name) = name.map(|it| self.spanned(self.range(it))) else { return };
        self.parameters = self.type_parameters(node);
        self.opening.clear();
        let is_class = matches!(node.kind(), "class_declaration" | "abstract_class_declaration");
        let mut extends = Vec::new();
        let mut language = Language::TypeScript;
        let body = match node.kind() {
            "variable_declarator" => {
                language = Language::Zod;
                let value = field(node, "value");
                value.and_then(|it| self.schema_body(it, &mut extends))
            }
            "type_alias_declaration" => {
                let value = field(node, "value");
                value.map(|it| self.alias(it, &mut extends))
            }
            "enum_declaration" => field(node, "body").map(|it| Body::Alias(self.enumeration(it))),
            _ => {
                extends = self.heritage(node);
                field(node, "body").map(|it| {
                    let members = self.members(it);
                    if is_class { Body::Class(members) } else { Body::Record(members) }
                })
            }
        };
        let Some(body) = body else { return };
        let name = if language == Language::Zod { zod::described(&name) } else { name };
        // `type Loan = z.infer<typeof LoanSchema>` repeats the schema.
        if matches!(&body, Body::Alias(crate::types::Type::Named(it)) if it.value == name.value && it.span != name.span)
            && self.written(node).contains("infer<")
        {
            return;
        }
        comments.append(&mut self.opening);
        found.items.push(Declaration {
            name,
            language,
            stored: false,
            body,
            extends,
            table: Vec::new(),
            comments,
            span: self.text.span(self.range(outer)),
        });
        if node.has_error() && !is_class {
            found.unread.extend(first_error(node).map(|it| self.unread(it)));
        }
    }

    fn type_parameters(&self, node: Node<'_>) -> Vec<&'a str> {
        let Some(list) = field(node, "type_parameters") else { return Vec::new() };
        children(list).filter_map(|it| field(it, "name")).map(|it| self.written(it)).collect()
    }

    /// What stands after `extends`, without type arguments of its own.
    fn heritage(&self, node: Node<'_>) -> Vec<Base> {
        let mut names = Vec::new();
        let clauses = children(node).flat_map(|it| match it.kind() {
            "class_heritage" => children(it).collect(),
            _ => vec![it],
        });
        for clause in clauses {
            if !matches!(clause.kind(), "extends_type_clause" | "extends_clause") {
                continue;
            }
            for base in children(clause) {
                match base.kind() {
                    "identifier" | "nested_type_identifier" => names.push(Base::whole(self.name(base))),
                    "type_identifier" | "generic_type" => names.extend(self.base(base)),
                    _ => {}
                }
            }
        }
        names
    }

    fn unread(&self, error: Node<'_>) -> Unread {
        if error.is_missing() {
            let why = format!("missing `{}`", error.kind());
            return Unread { span: self.text.span(self.range(error)), why };
        }
        let range = self.range(error);
        let line = self.slice(range.clone()).lines().next().unwrap_or_default().trim_end();
        let shown: String = line.chars().take(40).collect();
        Unread { span: self.text.span(range.start..range.start + line.len()), why: format!("unexpected `{shown}`") }
    }
}

/// Comments that stand directly above what comes next.
#[derive(Default)]
struct Above {
    lines: Vec<Spanned<String>>,
    /// The row after the last of them.
    next: usize,
}

impl Above {
    fn push(&mut self, comment: Node<'_>, lines: Vec<Spanned<String>>) {
        if comment.start_position().row > self.next {
            self.lines.clear();
        }
        self.lines.extend(lines);
        self.next = comment.end_position().row + 1;
    }

    fn take(&mut self, node: Node<'_>) -> Vec<Spanned<String>> {
        let lines = std::mem::take(&mut self.lines);
        if node.start_position().row > self.next { Vec::new() } else { lines }
    }
}

/// The child of a node in a field of the grammar. The library looks each name up among all fields.
fn field<'t>(node: Node<'t>, name: &str) -> Option<Node<'t>> {
    static FIELDS: OnceLock<FxHashMap<String, u16>> = OnceLock::new();
    let fields = FIELDS.get_or_init(|| {
        let language = node.language();
        let name = |id| language.field_name_for_id(id).map(str::to_owned);
        (1..=language.field_count() as u16).filter_map(|id| Some((name(id)?, id))).collect()
    });
    node.child_by_field_id(*fields.get(name)?)
}

fn children<'t>(node: Node<'t>) -> impl Iterator<Item = Node<'t>> {
    let mut cursor = node.walk();
    let mut more = cursor.goto_first_child();
    std::iter::from_fn(move || {
        let node = more.then(|| cursor.node())?;
        more = cursor.goto_next_sibling();
        Some(node)
    })
}

/// The declaration in a statement.
fn declared(node: Node<'_>) -> Option<Node<'_>> {
    match node.kind() {
        "export_statement" | "ambient_declaration" => children(node).find_map(declared),
        "lexical_declaration" => children(node).find(|it| it.kind() == "variable_declarator"),
        "interface_declaration"
        | "type_alias_declaration"
        | "enum_declaration"
        | "class_declaration"
        | "abstract_class_declaration" => Some(node),
        _ => None,
    }
}

/// The first error in the order of the text.
fn first_error(node: Node<'_>) -> Option<Node<'_>> {
    let mut node = node;
    loop {
        if node.is_error() || node.is_missing() {
            return Some(node);
        }
        node = children(node).find(|it| it.has_error() || it.is_missing())?;
    }
}

#[cfg(test)]
mod tests;
