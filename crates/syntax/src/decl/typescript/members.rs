//! Members of interfaces, object types and classes.

use source::{Span, Spanned};
use tree_sitter::Node;

use super::{Above, Reader, children, field};
use crate::decl::{Member, comments};
use crate::types::Type;

impl Reader<'_> {
    /// The fields of a body. Methods, index signatures and static members are skipped; comments behind
    /// the opening brace are left in `opening`.
    pub(super) fn members(&mut self, body: Node<'_>) -> Vec<Member> {
        let mut members: Vec<Member> = Vec::new();
        let mut opening = Vec::new();
        let mut above = Above::default();
        let first_row = body.start_position().row;
        // The row on which the last member ends, and its index unless it was skipped.
        let mut last: Option<(usize, Option<usize>)> = None;
        for node in children(body) {
            match node.kind() {
                "comment" => {
                    let lines = comments::lines(self.text, self.range(node));
                    let row = node.start_position().row;
                    match last {
                        Some((end, index)) if end == row => {
                            if let Some(member) = index.and_then(|it| members.get_mut(it)) {
                                member.comments.extend(lines);
                            }
                        }
                        None if row == first_row => opening.extend(lines),
                        _ => above.push(node, lines),
                    }
                    continue;
                }
                "property_signature" | "public_field_definition" => {
                    let comments = above.take(node);
                    let member = self.member(node, comments);
                    let index = member.is_some().then_some(members.len());
                    members.extend(member);
                    last = Some((node.end_position().row, index));
                }
                "method_definition" => {
                    members.extend(self.parameter_properties(node));
                    last = Some((node.end_position().row, None));
                }
                "decorator" => continue,
                _ if node.is_named() => last = Some((node.end_position().row, None)),
                _ => continue,
            }
            above = Above::default();
        }
        self.opening = opening;
        members
    }

    fn member(&mut self, node: Node<'_>, mut comments: Vec<Spanned<String>>) -> Option<Member> {
        if children(node).any(|it| it.kind() == "static") {
            return None;
        }
        let name = field(node, "name").filter(|it| !it.is_missing())?;
        if matches!(name.kind(), "computed_property_name" | "private_property_identifier") {
            return None;
        }
        let value = field(node, "value");
        let annotation = field(node, "type").and_then(annotated);
        let (ty, optional) = self.annotated_type(annotation, value);
        comments.append(&mut self.opening);
        let mut member = self.field(node, name, ty);
        member.optional |= optional;
        member.default = value.map(|it| self.unquoted(it));
        member.comments = comments;
        Some(member)
    }

    fn field(&self, node: Node<'_>, name: Node<'_>, ty: Spanned<Type>) -> Member {
        let has = |kind: &str| children(node).any(|it| it.kind() == kind);
        let name = self.unquoted(name);
        let ty = if ty.span == Span::default() { Spanned::new(ty.value, name.span.tail()) } else { ty };
        let mut member = Member::new(name, ty, self.text.span(self.range(node)));
        member.optional = has("?") || node.kind() == "optional_parameter";
        member.generated = has("readonly");
        member
    }

    /// The type, and whether `undefined` is one of its values.
    fn annotated_type(&mut self, annotation: Option<Node<'_>>, value: Option<Node<'_>>) -> (Spanned<Type>, bool) {
        self.opening.clear();
        match (annotation, value) {
            (Some(node), _) => {
                let (ty, optional) = self.ty(node);
                (Spanned::new(ty, self.text.span(self.range(node))), optional)
            }
            (None, Some(value)) => {
                let ty = match value.kind() {
                    "string" | "template_string" => Type::Text(None),
                    "number" => Type::Number,
                    "true" | "false" => Type::Boolean,
                    _ => Type::Opaque(String::new()),
                };
                (Spanned::new(ty, Span::default()), false)
            }
            (None, None) => (Spanned::new(Type::Opaque(String::new()), Span::default()), false),
        }
    }

    /// `constructor(public readonly id: string)` declares fields.
    fn parameter_properties(&mut self, method: Node<'_>) -> Vec<Member> {
        let name = field(method, "name");
        if name.is_none_or(|it| self.written(it) != "constructor") {
            return Vec::new();
        }
        let Some(parameters) = field(method, "parameters") else { return Vec::new() };
        let mut members = Vec::new();
        for node in children(parameters) {
            let is_public = children(node).any(|it| match it.kind() {
                "accessibility_modifier" => self.written(it) == "public",
                "readonly" => true,
                _ => false,
            });
            let is_private =
                children(node).any(|it| it.kind() == "accessibility_modifier" && self.written(it) != "public");
            let Some(name) = field(node, "pattern") else { continue };
            if is_public && !is_private && name.kind() == "identifier" {
                let annotation = field(node, "type").and_then(annotated);
                let (ty, optional) = self.annotated_type(annotation, None);
                let mut member = self.field(node, name, ty);
                member.optional |= optional;
                members.push(member);
            }
        }
        members
    }
}

fn annotated(annotation: Node<'_>) -> Option<Node<'_>> {
    children(annotation).find(|it| it.is_named() && it.kind() != "comment")
}
