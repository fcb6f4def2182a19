//! TypeScript types.

use source::Spanned;
use tree_sitter::Node;

use super::{Reader, children, field};
use crate::decl::{Base, Body, Part};
use crate::types::{Type, known_name};

impl Reader<'_> {
    /// What a type alias declares: a record for an object or an intersection, else another name.
    pub(super) fn alias(&mut self, node: Node<'_>, extends: &mut Vec<Base>) -> Body {
        let mut parts = Vec::new();
        intersected(node, &mut parts);
        let is_record = |it: &Node<'_>| it.kind() == "object_type" && !is_map(*it);
        let is_name = |it: &Node<'_>| matches!(it.kind(), "type_identifier" | "generic_type");
        let picks = |it: &Node<'_>| {
            field(*it, "name").is_some_and(|it| matches!(self.written(it), "Partial" | "Required" | "Pick" | "Omit"))
                && self.base(*it).is_some()
        };
        let records =
            parts.iter().all(|it| is_record(it) || is_name(it)) && (parts.len() > 1 || parts.iter().all(picks));
        match parts.as_slice() {
            [only] if is_record(only) => Body::Record(self.members(*only)),
            _ if records => {
                let mut members = Vec::new();
                let mut opening = Vec::new();
                for part in parts {
                    if is_record(&part) {
                        members.extend(self.members(part));
                        opening.append(&mut self.opening);
                    } else {
                        extends.extend(self.base(part));
                    }
                }
                self.opening = opening;
                Body::Record(members)
            }
            _ => Body::Alias(self.ty(node).0),
        }
    }

    /// What a record is built on, and which of its members are taken.
    pub(super) fn base(&self, node: Node<'_>) -> Option<Base> {
        if node.kind() == "type_identifier" {
            return Some(Base::whole(self.name(node)));
        }
        let name = field(node, "name")?;
        let arguments = arguments(node);
        let of = |part| {
            let argument = arguments.first().filter(|it| it.kind() == "type_identifier")?;
            Some(Base { name: self.name(*argument), part })
        };
        let keys = || {
            let mut parts = Vec::new();
            arguments.get(1).into_iter().for_each(|it| alternatives(*it, &mut parts));
            let quoted = |it: Node<'_>| children(it).find(|it| it.kind() == "string").map(|it| self.unquoted(it).value);
            parts.into_iter().filter_map(quoted).collect()
        };
        match self.written(name) {
            "Readonly" => of(Part::All),
            "Partial" => of(Part::Optional),
            "Required" => of(Part::Required),
            "Pick" => of(Part::Only(keys())),
            "Omit" => of(Part::Without(keys())),
            "Exclude" | "Extract" => None,
            _ => Some(Base::whole(self.name(name))),
        }
    }

    /// A name without its module.
    pub(super) fn name(&self, node: Node<'_>) -> Spanned<String> {
        let range = self.range(node);
        let start = range.start + self.written(node).rfind('.').map_or(0, |it| it + 1);
        self.spanned(start..range.end)
    }

    /// An enum's values: those assigned, or its names where nothing is.
    pub(super) fn enumeration(&self, body: Node<'_>) -> Type {
        let mut words = Vec::new();
        let mut numbers = Vec::new();
        for node in children(body) {
            match node.kind() {
                "property_identifier" | "string" => words.push(self.unquoted(node)),
                "enum_assignment" => {
                    let Some(name) = field(node, "name") else { continue };
                    match field(node, "value") {
                        Some(value) if value.kind() == "string" => words.push(self.unquoted(value)),
                        Some(value) if value.kind() == "number" => {
                            words.push(self.unquoted(name));
                            numbers.push(self.unquoted(value));
                        }
                        _ => words.push(self.unquoted(name)),
                    }
                }
                _ => {}
            }
        }
        if !words.is_empty() && numbers.len() == words.len() {
            return Type::Literals(numbers);
        }
        Type::Enum(words)
    }

    /// A type, and whether `undefined` is one of its values.
    pub(super) fn ty(&mut self, node: Node<'_>) -> (Type, bool) {
        let Some(depth) = self.depth.checked_sub(1) else { return (self.opaque(node), false) };
        self.depth = depth;
        let found = match node.kind() {
            "union_type" => self.union(node),
            "parenthesized_type" | "readonly_type" => match first_type(node) {
                Some(inner) => self.ty(inner),
                None => (self.opaque(node), false),
            },
            "literal_type" if self.written(node) == "undefined" => (self.opaque(node), true),
            "undefined" => (self.opaque(node), true),
            _ => (self.single(node), false),
        };
        self.depth += 1;
        found
    }

    fn single(&mut self, node: Node<'_>) -> Type {
        match node.kind() {
            "predefined_type" => match self.written(node) {
                "string" => Type::Text(None),
                "number" => Type::Number,
                "boolean" => Type::Boolean,
                "any" | "unknown" | "object" => Type::Json,
                _ => self.opaque(node),
            },
            "literal_type" => match children(node).next() {
                Some(value) if value.kind() == "string" => Type::Enum(vec![self.unquoted(value)]),
                Some(value) if matches!(value.kind(), "number" | "true" | "false" | "unary_expression") => {
                    Type::Literals(vec![self.unquoted(value)])
                }
                _ => self.opaque(node),
            },
            "type_identifier" | "nested_type_identifier" => self.identifier(node),
            "array_type" => match first_type(node) {
                Some(item) => Type::Array(Box::new(self.ty(item).0)),
                None => self.opaque(node),
            },
            "generic_type" => self.generic(node),
            "object_type" => match map_value(node) {
                Some(value) => Type::Map(Box::new(self.ty(value).0)),
                None => match self.members(node) {
                    members if members.is_empty() => Type::Json,
                    members => Type::Object(members),
                },
            },
            "intersection_type" => self.intersection(node),
            _ => self.opaque(node),
        }
    }

    pub(super) fn opaque(&self, node: Node<'_>) -> Type {
        let words: Vec<&str> = self.written(node).split_whitespace().collect();
        Type::Opaque(words.join(" "))
    }

    fn identifier(&self, node: Node<'_>) -> Type {
        let name = self.name(node);
        if self.parameters.contains(&name.value.as_str()) {
            return self.opaque(node);
        }
        let declared = self.heads.iter().any(|it| it.name == name.value);
        let well_known = known_name(&name.value);
        well_known.filter(|_| !declared).unwrap_or(Type::Named(name))
    }

    fn generic(&mut self, node: Node<'_>) -> Type {
        let Some(name) = field(node, "name") else { return self.opaque(node) };
        let arguments = arguments(node);
        let (Some(first), Some(last)) = (arguments.first(), arguments.last()) else {
            return self.opaque(node);
        };
        match self.written(name) {
            "Array" | "ReadonlyArray" | "Set" | "ReadonlySet" | "List" => Type::Array(Box::new(self.ty(*first).0)),
            "Record" | "Map" | "ReadonlyMap" | "Dictionary" => Type::Map(Box::new(self.ty(*last).0)),
            "z.infer" | "z.input" | "z.output" | "infer" => {
                // `typeof LoanSchema`
                match first_type(*first).filter(|it| first.kind() == "type_query" && it.kind() == "identifier") {
                    Some(schema) => Type::Named(super::zod::described(&self.name(schema))),
                    None => self.opaque(node),
                }
            }
            "Promise" | "Partial" | "Readonly" | "Required" | "Awaited" | "NonNullable" => self.ty(*first).0,
            "Nullable" | "Maybe" | "Optional" => self.ty(*first).0.nullable(),
            "Ref" | "Reference" => self.ty(*first).0,
            _ => self.opaque(node),
        }
    }

    fn intersection(&mut self, node: Node<'_>) -> Type {
        let mut parts = Vec::new();
        intersected(node, &mut parts);
        let lowered: Vec<Type> = parts.iter().map(|it| self.ty(*it).0).collect();
        match lowered.as_slice() {
            // `string & { __brand: 'X' }` is a string.
            [base @ (Type::Text(_) | Type::Number), Type::Object(_) | Type::Json] => base.clone(),
            _ => self.opaque(node),
        }
    }

    fn union(&mut self, node: Node<'_>) -> (Type, bool) {
        let mut parts = Vec::new();
        alternatives(node, &mut parts);
        let (mut nullable, mut optional) = (false, false);
        let mut words = Vec::new();
        let mut literals = Vec::new();
        let mut others: Vec<Type> = Vec::new();
        for part in parts {
            match self.written(part) {
                "null" => nullable = true,
                "undefined" | "void" => optional = true,
                _ => {
                    let (ty, undefined) = self.ty(part);
                    optional |= undefined;
                    nullable |= ty.is_nullable();
                    match ty.bare().clone() {
                        Type::Enum(more) => words.extend(more),
                        Type::Literals(more) => literals.extend(more),
                        other if others.contains(&other) => {}
                        other => others.push(other),
                    }
                }
            }
        }
        let is_flag = |it: &Spanned<String>| matches!(it.value.as_str(), "true" | "false");
        let ty = match (others.as_slice(), words.is_empty(), literals.is_empty()) {
            ([], false, true) => Type::Enum(words),
            ([], true, false) if literals.len() > 1 && literals.iter().all(is_flag) => Type::Boolean,
            ([], true, false) => Type::Literals(literals),
            ([only], true, true) => only.clone(),
            ([Type::Text(_)], false, true) => Type::Text(None),
            ([Type::Text(_), Type::DateTime] | [Type::DateTime, Type::Text(_)], true, true) => Type::Text(None),
            ([Type::Number, Type::Integer] | [Type::Integer, Type::Number], true, true) => Type::Number,
            _ => self.opaque(node),
        };
        (if nullable { ty.nullable() } else { ty }, optional)
    }
}

fn first_type(node: Node<'_>) -> Option<Node<'_>> {
    children(node).find(|it| it.is_named() && it.kind() != "comment")
}

fn arguments(generic: Node<'_>) -> Vec<Node<'_>> {
    let list = field(generic, "type_arguments");
    list.map(|it| children(it).filter(|it| it.is_named() && it.kind() != "comment").collect()).unwrap_or_default()
}

/// The alternatives of a union, which nests to the left.
fn alternatives<'t>(node: Node<'t>, found: &mut Vec<Node<'t>>) {
    flatten(node, "union_type", found);
}

fn intersected<'t>(node: Node<'t>, found: &mut Vec<Node<'t>>) {
    flatten(node, "intersection_type", found);
}

fn flatten<'t>(node: Node<'t>, kind: &str, found: &mut Vec<Node<'t>>) {
    let mut stack = vec![node];
    while let Some(node) = stack.pop() {
        if node.kind() == kind {
            let parts: Vec<_> = children(node).filter(|it| it.is_named() && it.kind() != "comment").collect();
            stack.extend(parts.into_iter().rev());
        } else {
            found.push(node);
        }
    }
}

fn is_map(node: Node<'_>) -> bool {
    map_value(node).is_some()
}

/// The type of the values of `{ [key: string]: X }`.
fn map_value(object: Node<'_>) -> Option<Node<'_>> {
    let mut members = children(object).filter(|it| it.is_named() && it.kind() != "comment");
    let only = members.next().filter(|it| it.kind() == "index_signature")?;
    if members.next().is_some() {
        return None;
    }
    first_type(field(only, "type")?)
}
