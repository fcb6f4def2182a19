//! Descriptions of an API in OpenAPI 3 and Swagger 2: the schemas as declarations, the operations as routes
//! with the statuses that they answer.

use source::{Span, Spanned, Text};

use crate::decl::{Base, Body, Declaration, Declarations, Language, Member, Part};
use crate::english::Rule;
use crate::route::METHODS;
use crate::types::Type;
use crate::yaml::{self, Id, Invalid, Yaml};

/// Schemas that are read of one description at most: aliases may lead to one place from many.
const SCHEMAS: usize = 50_000;

/// Schemas within schemas are read to this depth.
const DEPTH: u8 = 12;

/// What a description says.
#[derive(Debug, Default)]
pub struct OpenApi {
    /// Its schemas.
    pub schemas: Declarations,
    /// The path of its first server, without `/` at the end; often empty.
    pub base: String,
    /// Its operations, in order.
    pub operations: Vec<Operation>,
}

/// What one method does at one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The method, upper case, where it stands.
    pub method: Spanned<&'static str>,
    /// The path, below that of a server.
    pub path: String,
    /// The statuses of its answers that are numbers.
    pub statuses: Vec<Spanned<u16>>,
    /// It may answer more than these: `default`, `2XX`.
    pub open: bool,
}

/// Reads a description; `Ok(None)` for anything that says not to be one.
pub fn read(text: &Text) -> Result<Option<OpenApi>, Invalid> {
    if !is_meant(text.as_str()) {
        return Ok(None);
    }
    let Some(yaml) = yaml::read(text)? else { return Ok(None) };
    let root = yaml.root();
    if yaml.get(root, "openapi").or_else(|| yaml.get(root, "swagger")).and_then(|it| yaml.scalar(it)).is_none() {
        return Ok(None);
    }
    let mut reader = Reader { yaml: &yaml, left: SCHEMAS };
    let schemas = yaml.get(root, "components").and_then(|it| yaml.get(it, "schemas"));
    let schemas = schemas.or_else(|| yaml.get(root, "definitions"));
    let mut found = OpenApi::default();
    for (key, schema) in schemas.into_iter().flat_map(|it| yaml.entries(it)) {
        if let Some(name) = yaml.spanned(key) {
            found.schemas.items.extend(reader.declaration(name, schema));
        }
    }
    base(&yaml).clone_into(&mut found.base);
    operations(&yaml, &mut found.operations);
    Ok(Some(found))
}

/// Whether a text says that it is a description: a key of its outermost map is `openapi` or `swagger`.
fn is_meant(text: &str) -> bool {
    let key = |line: &str| {
        let line = line.trim_start_matches(['\u{feff}', '{', ' ', '\t', '"', '\'']);
        let rest = line.strip_prefix("openapi").or_else(|| line.strip_prefix("swagger"));
        rest.is_some_and(|it| it.trim_start_matches(['"', '\'']).trim_start().starts_with(':'))
    };
    // JSON on one line has it anywhere.
    text.lines().any(key) || text.starts_with('{') && (text.contains("\"openapi\"") || text.contains("\"swagger\""))
}

fn operations(yaml: &Yaml<'_>, found: &mut Vec<Operation>) {
    let root = yaml.root();
    for (key, item) in yaml.get(root, "paths").into_iter().flat_map(|it| yaml.entries(it)) {
        let Some(path) = yaml.scalar(key).filter(|it| it.starts_with('/')) else { continue };
        for (key, operation) in yaml.entries(item) {
            let Some(name) = yaml.spanned(key) else { continue };
            let Some(method) = METHODS.into_iter().find(|it| it.eq_ignore_ascii_case(&name.value)) else { continue };
            let mut statuses = Vec::new();
            let mut open = false;
            for (key, _) in yaml.get(operation, "responses").into_iter().flat_map(|it| yaml.entries(it)) {
                let Some(status) = yaml.spanned(key) else { continue };
                match status.value.parse::<u16>() {
                    Ok(number) => statuses.push(Spanned::new(number, status.span)),
                    Err(_) => open = true,
                }
            }
            found.push(Operation { method: Spanned::new(method, name.span), path: path.to_owned(), statuses, open });
        }
    }
}

/// The path of the first server, or the base path.
fn base<'a>(yaml: &'a Yaml<'_>) -> &'a str {
    let root = yaml.root();
    let server = yaml.get(root, "servers").and_then(|it| yaml.get(*yaml.items(it).first()?, "url"));
    let path = match server.and_then(|it| yaml.scalar(it)) {
        // A host may be a variable: `{scheme}://{host}/v1`.
        Some(url) => match url.split_once("://") {
            Some((_, rest)) => rest.find('/').and_then(|it| rest.get(it..)).unwrap_or(""),
            None => url,
        },
        None => yaml.get(root, "basePath").and_then(|it| yaml.scalar(it)).unwrap_or(""),
    };
    let path = path.trim_end_matches('/');
    if path.starts_with('/') { path } else { "" }
}

struct Reader<'y, 'a> {
    yaml: &'y Yaml<'a>,
    /// Schemas that may still be read.
    left: usize,
}

impl Reader<'_, '_> {
    /// The depth that is left below a schema; `None` if none is.
    fn below(&mut self, depth: u8) -> Option<u8> {
        self.left = self.left.checked_sub(1)?;
        depth.checked_sub(1)
    }

    fn declaration(&mut self, name: Spanned<String>, schema: Id) -> Option<Declaration> {
        let yaml = self.yaml;
        let mut members = Vec::new();
        let mut extends = Vec::new();
        let body = if self.record(schema, &mut members, &mut extends, DEPTH) {
            Body::Record(members)
        } else {
            match self.ty(schema, DEPTH) {
                Type::Opaque(_) => return None,
                ty => Body::Alias(ty),
            }
        };
        let span = name.span.to(yaml.span(schema));
        Some(Declaration {
            name,
            language: Language::OpenApi,
            body,
            stored: false,
            extends,
            table: Vec::new(),
            comments: Vec::new(),
            span,
        })
    }

    /// Reads the members of an object, also of one that is put together of others; whether it is one.
    fn record(&mut self, schema: Id, members: &mut Vec<Member>, extends: &mut Vec<Base>, depth: u8) -> bool {
        let yaml = self.yaml;
        let Some(depth) = self.below(depth) else { return false };
        let parts = yaml.get(schema, "allOf");
        for part in parts.into_iter().flat_map(|it| yaml.items(it)) {
            match self.reference(*part) {
                Some(name) => extends.push(Base { name, part: Part::All }),
                None => drop(self.record(*part, members, extends, depth)),
            }
        }
        let properties = yaml.get(schema, "properties");
        let required = yaml.get(schema, "required");
        let named: Vec<&str> =
            required.into_iter().flat_map(|it| yaml.items(it)).filter_map(|it| yaml.scalar(*it)).collect();
        for (key, value) in properties.into_iter().flat_map(|it| yaml.entries(it)) {
            let Some(name) = yaml.spanned(key) else { continue };
            let span = name.span.to(yaml.span(value));
            // Where no list names the required ones, nothing is said of them.
            let must = required.map(|_| named.contains(&name.value.as_str()));
            let mut member = Member::new(name, Spanned::new(self.ty(value, depth), self.type_span(value)), span);
            member.not_null = must;
            self.rules(value, &mut member);
            members.push(member);
        }
        properties.is_some() || !extends.is_empty()
    }

    /// The name of the schema that a reference within the description leads to.
    fn reference(&self, schema: Id) -> Option<Spanned<String>> {
        let target = self.yaml.spanned(self.yaml.get(schema, "$ref")?)?;
        let inside = target.value.strip_prefix("#/components/schemas/");
        let name = inside.or_else(|| target.value.strip_prefix("#/definitions/"))?;
        (!name.contains('/')).then(|| Spanned::new(name.to_owned(), target.span))
    }

    /// Where a schema says its type.
    fn type_span(&self, schema: Id) -> Span {
        let said = ["type", "$ref", "enum"].into_iter().find_map(|it| self.yaml.get(schema, it));
        self.yaml.span(said.unwrap_or(schema))
    }

    fn ty(&mut self, schema: Id, depth: u8) -> Type {
        let yaml = self.yaml;
        let unknown = || Type::Opaque(String::new());
        let Some(depth) = self.below(depth) else { return unknown() };
        if let Some(name) = self.reference(schema) {
            return Type::Named(name);
        }
        let nullable = ["nullable", "x-nullable"]
            .into_iter()
            .any(|it| yaml.get(schema, it).and_then(|it| yaml.flag(it)).unwrap_or(false));
        let (words, null) = self.words(schema);
        let ty = match self.choice(schema, depth) {
            Some(ty) => ty,
            None => match words.as_slice() {
                [only] => self.named(only, schema, depth),
                [] if yaml.get(schema, "properties").is_some() => self.named("object", schema, depth),
                [] => self.values(schema).unwrap_or_else(unknown),
                _ => unknown(),
            },
        };
        if (nullable || null) && !matches!(ty, Type::Opaque(_)) { ty.nullable() } else { ty }
    }

    /// What `type` names, without `null`, and whether `null` was there.
    fn words(&self, schema: Id) -> (Vec<String>, bool) {
        let Some(said) = self.yaml.get(schema, "type") else { return (Vec::new(), false) };
        let mut words: Vec<String> = match self.yaml.scalar(said) {
            Some(word) => vec![word.to_owned()],
            None => self.yaml.items(said).iter().filter_map(|it| self.yaml.scalar(*it)).map(str::to_owned).collect(),
        };
        let all = words.len();
        words.retain(|it| it != "null");
        let null = words.len() < all;
        (words, null)
    }

    /// One of several schemas: what all but `null` are, where that is one.
    fn choice(&mut self, schema: Id, depth: u8) -> Option<Type> {
        let yaml = self.yaml;
        let said = ["oneOf", "anyOf", "allOf"].into_iter().find_map(|it| yaml.get(schema, it))?;
        let is_null = |it: &Id| yaml.get(*it, "type").and_then(|it| yaml.scalar(it)) == Some("null");
        let all = yaml.items(said);
        let rest: Vec<Id> = all.iter().copied().filter(|it| !is_null(it)).collect();
        let [only] = rest.as_slice() else { return Some(Type::Opaque(String::new())) };
        let ty = self.ty(*only, depth);
        let null = rest.len() < all.len() && !matches!(ty, Type::Opaque(_));
        Some(if null { ty.nullable() } else { ty })
    }

    fn named(&mut self, word: &str, schema: Id, depth: u8) -> Type {
        let yaml = self.yaml;
        if let Some(values) = self.values(schema) {
            return values;
        }
        let format = yaml.get(schema, "format").and_then(|it| yaml.scalar(it)).unwrap_or("");
        match (word, format) {
            ("string", "uuid") => Type::Uuid,
            ("string", "date-time") => Type::DateTime,
            ("string", "date") => Type::Date,
            ("string", "time") => Type::Time,
            ("string", "duration") => Type::Duration,
            ("string", "email") => Type::Email,
            ("string", "uri" | "url") => Type::Url,
            ("string", "ipv4" | "ipv6" | "ip") => Type::Ip,
            ("string", "byte" | "binary") | ("file", _) => Type::Bytes,
            ("string", "decimal") => Type::Decimal(None),
            ("string", _) => Type::Text(None),
            ("integer", _) => Type::Integer,
            ("number", _) => Type::Number,
            ("boolean", _) => Type::Boolean,
            ("array", _) => {
                let item = yaml.get(schema, "items").map_or(Type::Json, |it| self.ty(it, depth));
                Type::Array(Box::new(item))
            }
            ("object", _) => self.object(schema, depth),
            _ => Type::Opaque(word.to_owned()),
        }
    }

    fn object(&mut self, schema: Id, depth: u8) -> Type {
        let (mut members, mut extends) = (Vec::new(), Vec::new());
        if self.record(schema, &mut members, &mut extends, depth) && extends.is_empty() {
            return Type::Object(members);
        }
        match self.yaml.get(schema, "additionalProperties") {
            Some(value) if self.yaml.scalar(value).is_none() => Type::Map(Box::new(self.ty(value, depth))),
            _ => Type::Json,
        }
    }

    /// The words of `enum` or `const`.
    fn values(&self, schema: Id) -> Option<Type> {
        let yaml = self.yaml;
        let said = yaml.get(schema, "enum").map(|it| yaml.items(it).to_vec());
        let said = said.or_else(|| yaml.get(schema, "const").map(|it| vec![it]))?;
        let all: Vec<Spanned<String>> =
            said.into_iter().filter(|it| !yaml.is_null(*it)).filter_map(|it| yaml.spanned(it)).collect();
        let text = self.words(schema).0.iter().all(|it| it == "string");
        (!all.is_empty()).then_some(if text { Type::Enum(all) } else { Type::Literals(all) })
    }

    /// What a schema says of its values besides their type.
    fn rules(&self, schema: Id, member: &mut Member) {
        let yaml = self.yaml;
        let get = |key: &str| yaml.get(schema, key);
        let number = |key: &str| {
            let id = get(key)?;
            let value = yaml.scalar(id)?;
            value.parse::<f64>().ok().filter(|it| it.is_finite())?;
            Some((value.to_owned(), yaml.span(id)))
        };
        let count = |key: &str| Some((number(key)?.0.parse::<u64>().ok()?, number(key)?.1));
        for (least, most) in [("minLength", "maxLength"), ("minItems", "maxItems")] {
            let (least, most) = (count(least), count(most));
            if let Some(span) = least.as_ref().or(most.as_ref()).map(|it| it.1) {
                let rule = Rule::Length(least.map(|it| it.0), most.map(|it| it.0));
                member.rules.push(Spanned::new(rule, span));
            }
        }
        // A flag in OpenAPI 3.0, the bound itself in 3.1.
        let bound = |key: &str, beyond: &str| match get(beyond).and_then(|it| yaml.flag(it)) {
            Some(flag) => number(key).map(|it| ((it.0, !flag), it.1)),
            None => match number(beyond) {
                Some(it) => Some(((it.0, false), it.1)),
                None => number(key).map(|it| ((it.0, true), it.1)),
            },
        };
        let (least, most) = (bound("minimum", "exclusiveMinimum"), bound("maximum", "exclusiveMaximum"));
        if let Some(span) = least.as_ref().or(most.as_ref()).map(|it| it.1) {
            member.rules.push(Spanned::new(Rule::Range(least.map(|it| it.0), most.map(|it| it.0)), span));
        }
        if let Some(pattern) = get("pattern").and_then(|it| yaml.spanned(it)) {
            member.rules.push(Spanned::new(Rule::Pattern(pattern.value), pattern.span));
        }
        if get("writeOnly").and_then(|it| yaml.flag(it)) == Some(true) {
            member.rules.push(Spanned::new(Rule::WriteOnly, member.name.span));
        }
        member.generated = get("readOnly").and_then(|it| yaml.flag(it)) == Some(true);
        member.default = get("default").and_then(|it| yaml.spanned(it)).filter(|it| !it.value.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use source::FileId;

    use super::*;
    use crate::decl::tests::check;

    fn schemas(text: &Text) -> Declarations {
        read(text).unwrap().unwrap_or_default().schemas
    }

    #[test]
    fn schemas_are_declarations() {
        let src = "openapi: 3.0.3
components:
  schemas:
    Status: {type: string, enum: [draft, 'placed']}
    Order:
      type: object
      required: [id, total]
      properties:
        id: {type: string, format: uuid, readOnly: true}
        total: {type: integer, minimum: 0, maximum: 99, exclusiveMaximum: true}
        note: {type: string, nullable: true, maxLength: 80, default: none}
        status: {$ref: '#/components/schemas/Status'}
        lines:
          type: array
          items: {$ref: \"#/components/schemas/Line\"}
        place: {type: object, properties: {city: {type: string}}}
        tags: {type: object, additionalProperties: {type: string}}
        any: {}
        far: {$ref: 'common.yaml#/Far'}
        either: {oneOf: [{type: string}, {type: integer}]}
        secret: {allOf: [{$ref: '#/components/schemas/Status'}], writeOnly: true}
    Line:
      allOf:
        - $ref: '#/components/schemas/Base'
        - properties: {sku: {type: [string, 'null'], pattern: '^[A-Z]+$'}}
    Base: {type: object, properties: {at: {type: string, format: date-time}}}
    Free: {type: object}
";
        let expected = "
alias Status = one of `draft`, `placed`
record Order
  id: uuid [not null, generated]
  total: integer [not null, range =0..99]
  note: string or null = none [null, length ..80]
  status: `Status` [null]
  lines: list of `Line` [null]
  place: object [null]
  tags: map to string [null]
  any: no type [null]
  far: no type [null]
  either: no type [null]
  secret: `Status` [null, WriteOnly]
record Line < Base
  sku: string or null [/^[A-Z]+$/]
record Base
  at: datetime
alias Free = json
";
        check(schemas, src, expected);
    }

    fn routes(src: &str) -> Vec<String> {
        let text = Text::verbatim(src, FileId(0), 0);
        let found = read(&text).unwrap().unwrap_or_default();
        let shown = found.operations.iter().map(|it| {
            let statuses: Vec<String> = it.statuses.iter().map(|it| it.value.to_string()).collect();
            assert!(src[it.method.span.range()].eq_ignore_ascii_case(it.method.value));
            format!(
                "{} {}{} {}{}",
                it.method.value,
                found.base,
                it.path,
                statuses.join(" "),
                if it.open { " …" } else { "" }
            )
        });
        shown.collect()
    }

    #[test]
    fn operations_are_routes_with_statuses() {
        let paths = "paths:\n  /orders:\n    parameters: []\n    get: {responses: {'200': {}, default: {}}}\n    \
                     post: {responses: {201: {}, \"409\": {}}}\n";
        for (head, base) in [
            ("openapi: 3.1.0\n", ""),
            ("openapi: 3.1.0\nservers: [{url: https://a.example/api/v1/}]\n", "/api/v1"),
            ("openapi: 3.1.0\nservers: [{url: '{host}'}]\n", ""),
            ("swagger: '2.0'\nbasePath: /v2\n", "/v2"),
        ] {
            let expected = [format!("GET {base}/orders 200 …"), format!("POST {base}/orders 201 409")];
            assert_eq!(routes(&format!("{head}{paths}")), expected);
        }
        let json = r##"{"openapi":"3.0.0","paths":{"/a/{id}":{"delete":{"responses":{"204":{}}}}}}"##;
        assert_eq!(routes(json), ["DELETE /a/{id} 204"]);
    }

    #[test]
    fn what_is_no_description_is_not_read() {
        for src in ["", "a: [", "services:\n  web: {image: x}\n", "{\"name\": \"openapi\"}", "- openapi: 3\n"] {
            assert!(read(&Text::verbatim(src, FileId(0), 0)).unwrap().is_none(), "{src}");
        }
        assert!(read(&Text::verbatim("openapi: 3.0.0\npaths: [\n", FileId(0), 0)).is_err());
    }

    #[test]
    fn a_schema_that_holds_itself_comes_to_an_end() {
        for own in ["{properties: {x: *a, y: *a, z: *a}}", "{allOf: [*a, *a, *a, *a, *a, *a]}"] {
            let src = format!("openapi: 3.0.0\ncomponents:\n  schemas:\n    A: &a {own}\n");
            assert!(schemas(&Text::verbatim(src, FileId(0), 0)).items.len() <= 1);
        }
    }
}
