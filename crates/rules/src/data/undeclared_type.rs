//! Types that declarations use and nothing declares, in documents that declare nearly all of theirs.

use std::collections::{BTreeMap, HashSet};

use model::Spec;
use model::names::entity_key;
use source::{Level, NameIndex, Span};
use syntax::code::{self, Dialect, Kind, Token};
use syntax::needles::Needles;
use syntax::page::Fence;

use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "undeclared-type",
    summary: "a declaration uses a type that nothing declares",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/undeclared-type.md"),
    check: Check::Review(undeclared_type),
};

/// With fewer uses it cannot be said whether a document declares its types.
const MIN_USES: usize = 8;

/// One use in this many may be undeclared; with more, the document leaves types to its reader.
const ONE_IN: usize = 7;

fn undeclared_type(sink: &mut Sink<'_>, review: &Review<'_>) {
    let spec = review.spec;
    let mut fences: Vec<&Fence> = review.texts().fences().to_vec();
    fences.retain(|it| code::dialect(it).is_some());
    let mut names = Names::default();
    fences.iter().filter(|it| is_typescript(it)).for_each(|it| names.read(it));
    let uses = names.uses.len();
    if uses < MIN_USES {
        return;
    }
    fences.iter().filter(|it| !is_typescript(it)).for_each(|it| names.read(it));
    let entities: HashSet<String> = spec.entities.iter().map(|it| entity_key(&it.name.value)).collect();
    names.known.extend(spec.aliases.iter().map(|it| it.name.value.as_str()));
    let unknown = |name: &str| !names.known.contains(name) && !entities.contains(&entity_key(name));
    let mut dangling: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
    for (name, span) in names.uses.iter().filter(|it| unknown(it.0)) {
        dangling.entry(name).or_default().push(*span);
    }
    let missing: usize = dangling.values().map(Vec::len).sum();
    if missing == 0 || missing * ONE_IN > uses || names.adds || changes_a_schema(spec) {
        return;
    }
    let mut declared: Vec<&str> = names.known.iter().copied().filter(|it| is_type_name(it)).collect();
    declared.sort_unstable();
    let mut near = NameIndex::default();
    declared.iter().for_each(|it| near.add(it));
    let spoken = words_outside(sink, spec, &fences);
    for (name, spans) in dangling.iter().filter(|it| !spoken.contains(it.0)) {
        let Some((first, rest)) = spans.split_first() else { continue };
        let mut finding = sink.report(*first, format!("nothing declares `{name}`"));
        for span in rest.iter().take(MAX_LABELS) {
            finding = finding.label(*span, "also used here");
        }
        drop(match near.nearest(name) {
            Some(near) => finding.instead_of_each(name, Some(near), spans.iter().copied()),
            None => finding
                .note("nearly all other types that are used here are declared in this document")
                .help(format!("declare `{name}`, or say where it comes from")),
        });
    }
}

/// Whether a heading speaks of what changes in types that are there already: `Schema Changes`.
fn changes_a_schema(spec: &Spec) -> bool {
    static CHANGES: Needles = Needles::new(&["change", "update", "addition", "modification", "extension"]);
    static OF: Needles = Needles::new(&["schema", "data model", "type definition"]);
    let headings = spec.document().sections.iter().map(|it| it.title.whole.as_str());
    headings.filter(|it| CHANGES.are_in(it)).any(|it| OF.are_in(it) && it.split(' ').count() <= 4)
}

/// Whether a comment stands for what a declaration has already: `// ... existing fields`.
fn is_of_existing(comment: &str) -> bool {
    let lower = comment.to_lowercase();
    let of = ["field", "column", "propert", "member", "value", "model", "interface", "type", "relation"];
    lower.contains("existing ") && of.iter().any(|it| lower.contains(it))
}

/// Further uses that are shown.
const MAX_LABELS: usize = 3;

/// The words of the text outside of code.
fn words_outside<'a>(sink: &Sink<'a>, spec: &Spec, fences: &[&Fence]) -> HashSet<&'a str> {
    let doc = spec.document();
    let mut words = HashSet::new();
    let mut from = 0;
    let ends = fences.iter().map(|it| it.content.whole().range()).chain(std::iter::once(doc.len..doc.len));
    for code in ends {
        let text = sink.snippet(Span::new(doc.file, from.min(code.start)..code.start));
        words.extend(text.split(|it: char| !(it.is_alphanumeric() || it == '_')));
        from = code.end;
    }
    words
}

#[derive(Default)]
struct Names<'a> {
    /// What is declared or imported.
    known: HashSet<&'a str>,
    /// Types that records use.
    uses: Vec<(&'a str, Span)>,
    /// A declaration adds to what is there already.
    adds: bool,
}

impl<'a> Names<'a> {
    fn read(&mut self, fence: &'a Fence) {
        let Some(dialect) = code::dialect(fence) else { return };
        let mut tokens = code::tokens(fence.content.as_str(), dialect);
        self.adds |= tokens.iter().any(|it| it.kind == Kind::Comment && is_of_existing(it.text));
        tokens.retain(|it| !matches!(it.kind, Kind::Comment));
        let typescript = is_typescript(fence);
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += 1;
            if token.kind != Kind::Name {
                continue;
            }
            match token.text {
                "import" | "use" | "using" | "from" if starts_line(&tokens, at - 1) => at = self.import(&tokens, at),
                "interface" | "type" | "class" | "enum" | "struct" | "model" | "trait" | "record" | "object"
                | "message" | "union" | "const" | "function" | "namespace" | "protocol" => {
                    let Some(name) = tokens.get(at).filter(|it| it.kind == Kind::Name) else { continue };
                    self.known.insert(name.text);
                    // Parameters of the type, as in `Page<T>`.
                    let mut next = at + 1;
                    if tokens.get(next).is_some_and(|it| it.is("<")) {
                        while let Some(inner) = tokens.get(next).filter(|it| !it.is(">") && !it.is("{")) {
                            self.known.insert(inner.text);
                            next += 1;
                        }
                    }
                    if typescript && matches!(token.text, "interface" | "type") {
                        self.record(fence, &tokens, next);
                    }
                }
                _ => {}
            }
        }
        // `DateTime = str`, `Money = NewType(…)`, `Schema = z.object(…)`.
        if dialect == Dialect::Python {
            for pair in tokens.windows(2) {
                if let [name, equals] = pair
                    && name.kind == Kind::Name
                    && equals.is("=")
                {
                    self.known.insert(name.text);
                }
            }
        }
    }

    /// The names of an import, which ends with its line, or with `}` and the line after it.
    fn import(&mut self, tokens: &[Token<'a>], from: usize) -> usize {
        let mut at = from;
        let mut open = 0;
        let mut line = tokens.get(from).map_or(0, |it| it.line);
        while let Some(token) = tokens.get(at).filter(|it| it.line == line || open > 0) {
            match token.text {
                "{" | "(" => open += 1,
                "}" | ")" => open -= 1,
                _ if token.kind == Kind::Name => drop(self.known.insert(token.text)),
                _ => {}
            }
            line = token.line;
            at += 1;
        }
        at
    }

    /// The types in the body of a TypeScript declaration.
    fn record(&mut self, fence: &'a Fence, tokens: &[Token<'a>], from: usize) {
        let mut depth = 0;
        let mut opened = false;
        for (at, token) in tokens.iter().enumerate().skip(from) {
            match token.text {
                "{" | "(" | "[" if token.kind == Kind::Mark => {
                    depth += 1;
                    opened = true;
                }
                "}" | ")" | "]" if token.kind == Kind::Mark => {
                    depth -= 1;
                    if depth == 0 && token.is("}") {
                        return;
                    }
                }
                ";" if depth == 0 => return,
                "interface" | "type" | "class" | "export" | "function" | "const" if opened && depth == 0 => return,
                name if token.kind == Kind::Name && depth > 0 && is_type_name(name) => {
                    let next = tokens.get(at + 1);
                    let before = at.checked_sub(1).and_then(|it| tokens.get(it));
                    let member = next.is_some_and(|it| matches!(it.text, ":" | "?" | "(" | "." | "="));
                    // `[K in keyof T]`, `typeof X`, `A.B`.
                    let bound = before.is_some_and(|it| matches!(it.text, "." | "typeof" | "keyof" | "infer"));
                    let mapped = next.is_some_and(|it| it.is("in"));
                    if mapped {
                        self.known.insert(name);
                    } else if !member && !bound {
                        self.uses.push((name, token.span(&fence.content)));
                    }
                }
                _ => {}
            }
        }
    }
}

fn is_typescript(fence: &Fence) -> bool {
    matches!(fence.lang.as_str(), "typescript" | "ts" | "tsx")
}

fn starts_line(tokens: &[Token<'_>], at: usize) -> bool {
    let line = tokens.get(at).map(|it| it.line);
    at.checked_sub(1).and_then(|it| tokens.get(it)).map(|it| it.line) != line
}

/// Whether a name is that of a declared type: it begins with a capital and is neither the language's own,
/// nor a parameter such as `T` or `TData`, nor a constant.
fn is_type_name(name: &str) -> bool {
    let mut letters = name.chars();
    let capital = letters.next().is_some_and(char::is_uppercase);
    let parameter = name.starts_with('T') && name.chars().nth(1).is_none_or(char::is_uppercase);
    let constant = !name.chars().any(char::is_lowercase);
    capital && !parameter && !constant && BUILT_IN.binary_search(&name).is_err()
}

/// Types of TypeScript, of browsers, of Node and of the most used libraries.
const BUILT_IN: &[&str] = &[
    "AbortController",
    "AbortSignal",
    "Array",
    "ArrayBuffer",
    "ArrayLike",
    "AsyncGenerator",
    "AsyncIterable",
    "AsyncIterator",
    "Awaited",
    "BigInt",
    "Blob",
    "Boolean",
    "Buffer",
    "Capitalize",
    "ChangeEvent",
    "ComponentProps",
    "ComponentType",
    "ConstructorParameters",
    "CryptoKey",
    "CustomEvent",
    "DOMRect",
    "Date",
    "Decimal",
    "Dispatch",
    "Document",
    "DragEvent",
    "Duration",
    "Element",
    "Error",
    "Event",
    "EventEmitter",
    "EventSource",
    "EventTarget",
    "Exclude",
    "Extract",
    "File",
    "FileList",
    "Float32Array",
    "Float64Array",
    "FocusEvent",
    "FormData",
    "FormEvent",
    "Function",
    "Generator",
    "HTMLButtonElement",
    "HTMLDivElement",
    "HTMLElement",
    "HTMLFormElement",
    "HTMLInputElement",
    "HTMLTextAreaElement",
    "Headers",
    "InstanceType",
    "Iterable",
    "IterableIterator",
    "Iterator",
    "JsonObject",
    "JsonValue",
    "KeyboardEvent",
    "Lowercase",
    "Map",
    "MessageEvent",
    "MouseEvent",
    "MutableRefObject",
    "NextRequest",
    "NextResponse",
    "Node",
    "NonNullable",
    "Number",
    "Object",
    "Observable",
    "Omit",
    "OmitThisParameter",
    "Parameters",
    "Partial",
    "Pick",
    "PointerEvent",
    "Promise",
    "PromiseLike",
    "PropsWithChildren",
    "React",
    "ReactElement",
    "ReactNode",
    "ReadableStream",
    "Readonly",
    "ReadonlyArray",
    "ReadonlyMap",
    "ReadonlySet",
    "Record",
    "RefObject",
    "RegExp",
    "Request",
    "RequestInit",
    "Required",
    "Response",
    "ResponseInit",
    "ReturnType",
    "Set",
    "SetStateAction",
    "SharedArrayBuffer",
    "String",
    "Subject",
    "Symbol",
    "Timestamp",
    "TouchEvent",
    "Uint16Array",
    "Uint32Array",
    "Uint8Array",
    "Uncapitalize",
    "Uppercase",
    "WeakMap",
    "WeakSet",
    "WebSocket",
    "Window",
    "WritableStream",
];

#[cfg(test)]
mod tests {
    #[test]
    fn built_in_types_are_in_order() {
        assert!(super::BUILT_IN.is_sorted());
    }
}
