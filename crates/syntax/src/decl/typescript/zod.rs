//! Zod schemas: what a chain of calls such as `z.string().min(1).optional()` describes.

use std::collections::HashSet;

use source::Spanned;
use tree_sitter::Node;

use super::{Reader, children, field};
use crate::decl::{Base, Body, Member, Part};
use crate::english::Rule;
use crate::types::Type;

/// What a schema describes.
struct Schema {
    ty: Type,
    optional: bool,
    default: Option<Spanned<String>>,
    rules: Vec<Spanned<Rule>>,
    comments: Vec<Spanned<String>>,
    /// Schemas that an object is built on.
    bases: Vec<Base>,
}

impl Schema {
    fn of(ty: Type) -> Schema {
        Schema { ty, optional: false, default: None, rules: Vec::new(), comments: Vec::new(), bases: Vec::new() }
    }
}

/// The name of what a schema describes: `OrderSchema` describes an order.
pub(super) fn described(name: &Spanned<String>) -> Spanned<String> {
    let bare = ["Schema", "Validator", "Zod", "_schema"].iter().find_map(|it| name.value.strip_suffix(it));
    let bare = bare.filter(|it| !it.is_empty()).unwrap_or(&name.value).to_owned();
    let end = name.span.start + bare.len() as u32;
    Spanned::new(bare, source::Span { end, ..name.span })
}

impl Reader<'_> {
    /// What the value of a constant declares, if it is a schema.
    pub(super) fn schema_body(&mut self, value: Node<'_>, extends: &mut Vec<Base>) -> Option<Body> {
        let schema = self.schema(value)?;
        Some(match schema.ty {
            Type::Object(members) => {
                *extends = schema.bases;
                Body::Record(members)
            }
            Type::Named(_) if !schema.bases.is_empty() => {
                *extends = schema.bases;
                Body::Record(Vec::new())
            }
            ty => Body::Alias(ty),
        })
    }

    fn schema(&mut self, node: Node<'_>) -> Option<Schema> {
        self.depth = self.depth.checked_sub(1)?;
        let found = match node.kind() {
            "identifier" => {
                let name = described(&self.spanned(self.range(node)));
                let base = Base { name: name.clone(), part: Part::All };
                Some(Schema { bases: vec![base], ..Schema::of(Type::Named(name)) })
            }
            "call_expression" => self.call(node),
            "parenthesized_expression" => children(node).find(|it| it.is_named()).and_then(|it| self.schema(it)),
            _ => None,
        };
        self.depth += 1;
        found
    }

    fn call(&mut self, node: Node<'_>) -> Option<Schema> {
        let function = field(node, "function").filter(|it| it.kind() == "member_expression")?;
        let method = self.written(field(function, "property")?);
        let object = field(function, "object")?;
        let arguments: Vec<Node<'_>> = field(node, "arguments")
            .map_or(Vec::new(), |it| children(it).filter(|it| it.is_named() && it.kind() != "comment").collect());
        if matches!(self.written(object), "z" | "z.coerce" | "z.iso" | "zod") {
            return self.base_schema(node, method, &arguments);
        }
        let mut schema = self.schema(object)?;
        self.refine(node, method, &arguments, &mut schema);
        Some(schema)
    }

    /// `z.method(…)`
    fn base_schema(&mut self, node: Node<'_>, method: &str, arguments: &[Node<'_>]) -> Option<Schema> {
        let first = arguments.first().copied();
        let inner = |reader: &mut Self, it: Option<Node<'_>>| it.and_then(|it| reader.schema(it)).map(|it| it.ty);
        let ty = match method {
            "string" | "nanoid" | "cuid" | "ulid" | "templateLiteral" => Type::Text(None),
            "number" => Type::Number,
            "int" | "bigint" | "int32" => Type::Integer,
            "boolean" => Type::Boolean,
            "date" if self.written(node).starts_with("z.iso") => Type::Date,
            "date" | "datetime" => Type::DateTime,
            "time" => Type::Time,
            "email" => Type::Email,
            "uuid" | "guid" => Type::Uuid,
            "url" => Type::Url,
            "ipv4" | "ipv6" => Type::Ip,
            "any" | "unknown" | "json" => Type::Json,
            "object" | "strictObject" | "looseObject" => return Some(self.object(first?)),
            "enum" => match first.map(|it| it.kind()) {
                Some("array") => Type::Enum(self.strings(first?)),
                Some("identifier") => Type::Named(self.spanned(self.range(first?))),
                _ => self.opaque(node),
            },
            "nativeEnum" => Type::Named(self.spanned(self.range(first?))),
            "literal" => match first?.kind() {
                "string" => Type::Enum(vec![self.unquoted(first?)]),
                "number" | "true" | "false" => Type::Literals(vec![self.unquoted(first?)]),
                _ => self.opaque(node),
            },
            "array" | "set" => Type::Array(Box::new(inner(self, first).unwrap_or(Type::Json))),
            "record" | "map" => Type::Map(Box::new(inner(self, arguments.last().copied()).unwrap_or(Type::Json))),
            "optional" => return self.schema(first?).map(|it| Schema { optional: true, ..it }),
            "nullable" => return self.schema(first?).map(|it| Schema { ty: it.ty.clone().nullable(), ..it }),
            "preprocess" => return self.schema(*arguments.get(1)?),
            "union" => {
                let parts = first.filter(|it| it.kind() == "array")?;
                let parts: Vec<Node<'_>> =
                    children(parts).filter(|it| it.is_named() && it.kind() != "comment").collect();
                let types: Vec<Type> = parts.into_iter().filter_map(|it| self.schema(it)).map(|it| it.ty).collect();
                let words = types.iter().flat_map(|it| match it {
                    Type::Enum(words) => words.clone(),
                    _ => Vec::new(),
                });
                match types.iter().all(|it| matches!(it, Type::Enum(_))) && !types.is_empty() {
                    true => Type::Enum(words.collect()),
                    false => self.opaque(node),
                }
            }
            _ => self.opaque(node),
        };
        Some(Schema::of(ty))
    }

    /// `{ name: z.string(), … }`
    fn object(&mut self, node: Node<'_>) -> Schema {
        let mut members: Vec<Member> = Vec::new();
        let mut bases = Vec::new();
        let mut last_row = usize::MAX;
        let mut above: Vec<Spanned<String>> = Vec::new();
        for pair in children(node) {
            match pair.kind() {
                "comment" => {
                    let lines = crate::decl::comments::lines(self.text, self.range(pair));
                    match members.last_mut() {
                        Some(member) if last_row == pair.start_position().row => member.comments.extend(lines),
                        _ => above.extend(lines),
                    }
                }
                "pair" => {
                    let (Some(key), Some(value)) = (field(pair, "key"), field(pair, "value")) else { continue };
                    let schema = self.schema(value).unwrap_or_else(|| Schema::of(self.opaque(value)));
                    let ty = Spanned::new(schema.ty, self.text.span(self.range(value)));
                    let mut member = Member::new(self.unquoted(key), ty, self.text.span(self.range(pair)));
                    member.optional = schema.optional;
                    member.default = schema.default;
                    member.rules = schema.rules;
                    member.comments = std::mem::take(&mut above);
                    member.comments.extend(schema.comments);
                    members.push(member);
                    last_row = pair.end_position().row;
                }
                // `...OrderSchema.shape`
                "spread_element" => {
                    let name = children(pair).find(|it| it.is_named()).map(|it| self.range(it));
                    let name = name.map(|it| self.spanned(it.start..it.start + self.slice(it).find('.').unwrap_or(0)));
                    bases.extend(
                        name.filter(|it| !it.value.is_empty()).map(|it| Base { name: described(&it), part: Part::All }),
                    );
                }
                _ => {}
            }
        }
        Schema { bases, ..Schema::of(Type::Object(members)) }
    }

    fn strings(&self, array: Node<'_>) -> Vec<Spanned<String>> {
        children(array).filter(|it| it.kind() == "string").map(|it| self.unquoted(it)).collect()
    }

    /// Names in `{ a: true, b: true }`.
    fn keys(&self, object: Option<&Node<'_>>) -> Vec<String> {
        let pairs = object.map_or(Vec::new(), |it| children(*it).filter(|it| it.kind() == "pair").collect());
        pairs.into_iter().filter_map(|it| field(it, "key")).map(|it| self.unquoted(it).value).collect()
    }

    /// `.method(…)` behind a schema.
    fn refine(&mut self, node: Node<'_>, method: &str, arguments: &[Node<'_>], schema: &mut Schema) {
        let end = self.range(node).end;
        let start = field(node, "function").and_then(|it| field(it, "property")).map_or(end, |it| self.range(it).start);
        let span = self.text.span(start..end);
        let first = arguments.first();
        let number = first.filter(|it| it.kind() == "number").map(|it| self.written(*it).replace('_', ""));
        let count = number.as_ref().and_then(|it| it.parse::<u64>().ok());
        let counted = matches!(schema.ty.bare(), Type::Number | Type::Integer | Type::Decimal(_));
        let mut say = |rule: Option<Rule>| schema.rules.extend(rule.map(|it| Spanned::new(it, span)));
        match method {
            "min" | "gte" if counted => say(number.map(|it| Rule::Range(Some((it, true)), None))),
            "max" | "lte" if counted => say(number.map(|it| Rule::Range(None, Some((it, true))))),
            "gt" => say(number.map(|it| Rule::Range(Some((it, false)), None))),
            "lt" => say(number.map(|it| Rule::Range(None, Some((it, false))))),
            "min" => say(count.map(|it| Rule::Length(Some(it), None))),
            "max" => say(count.map(|it| Rule::Length(None, Some(it)))),
            "length" => say(count.map(|it| Rule::Length(Some(it), Some(it)))),
            "positive" => say(Some(Rule::Range(Some(("0".into(), false)), None))),
            "nonnegative" => say(Some(Rule::Range(Some(("0".into(), true)), None))),
            "nonempty" => say(Some(Rule::NonEmpty)),
            "regex" => {
                let pattern = first.filter(|it| it.kind() == "regex").and_then(|it| field(*it, "pattern"));
                say(pattern.map(|it| Rule::Pattern(self.written(it).to_owned())));
            }
            "int" => schema.ty = Type::Integer,
            "email" => schema.ty = Type::Email,
            "uuid" | "guid" => schema.ty = Type::Uuid,
            "url" => schema.ty = Type::Url,
            "datetime" => schema.ty = Type::DateTime,
            "date" => schema.ty = Type::Date,
            "ip" => schema.ty = Type::Ip,
            "optional" => schema.optional = true,
            "nullable" => schema.ty = schema.ty.clone().nullable(),
            "nullish" => {
                schema.optional = true;
                schema.ty = schema.ty.clone().nullable();
            }
            "default" | "catch" => {
                let plain = first.filter(|it| matches!(it.kind(), "string" | "number" | "true" | "false"));
                schema.default = plain.map(|it| self.unquoted(*it));
            }
            "describe" => schema.comments.extend(first.filter(|it| it.kind() == "string").map(|it| self.unquoted(*it))),
            "array" => schema.ty = Type::Array(Box::new(schema.ty.clone())),
            "or" | "and" | "pipe" | "transform" => match (method, first.copied()) {
                ("and", Some(other)) => {
                    if let Some(other) = self.schema(other) {
                        schema.bases.extend(other.bases);
                        if let (Type::Object(own), Type::Object(more)) = (&mut schema.ty, other.ty) {
                            own.extend(more);
                        }
                    }
                }
                ("or", _) => schema.ty = self.opaque(node),
                // What comes out of a transformation is another thing; what goes in is described.
                _ => {}
            },
            "extend" | "safeExtend" | "merge" => {
                let Some(other) = first.copied() else { return };
                let other = if other.kind() == "object" { Some(self.object(other)) } else { self.schema(other) };
                let Some(other) = other else { return };
                schema.bases.extend(other.bases);
                match (&mut schema.ty, other.ty) {
                    (Type::Object(own), Type::Object(more)) => {
                        let names: HashSet<&str> = more.iter().map(|it| it.name.value.as_str()).collect();
                        own.retain(|it| !names.contains(it.name.value.as_str()));
                        own.extend(more);
                    }
                    (ty @ Type::Named(_), more @ Type::Object(_)) => *ty = more,
                    _ => {}
                }
            }
            "partial" | "deepPartial" => {
                schema.bases.iter_mut().for_each(|it| it.part = Part::Optional);
                if let Type::Object(members) = &mut schema.ty {
                    members.iter_mut().for_each(|it| it.optional = true);
                }
            }
            "omit" | "pick" => {
                let keys = self.keys(first);
                let omits = method == "omit";
                if let Type::Object(members) = &mut schema.ty {
                    members.retain(|it| keys.contains(&it.name.value) != omits);
                }
                for base in &mut schema.bases {
                    base.part = if omits { Part::Without(keys.clone()) } else { Part::Only(keys.clone()) };
                }
            }
            _ => {}
        }
    }
}
