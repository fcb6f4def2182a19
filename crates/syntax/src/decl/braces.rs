//! C# and Java: classes with their properties and fields, records, enumerations.

use std::ops::Range;

use source::{Spanned, Text};

use super::lexed::Lexed;
use super::{Base, Body, Declaration, Declarations, Language, Member};
use crate::code::{Dialect, Kind};
use crate::english::Rule;
use crate::types::Type;

/// Reads a fence in one of the two.
pub(super) fn read(text: &Text, language: Language) -> Declarations {
    if !["class ", "record ", "struct ", "enum "].iter().any(|it| text.as_str().contains(it)) {
        return Declarations::default();
    }
    let code = Lexed::new(text, Dialect::Braces);
    let mut reader = Reader { code, language, found: Declarations::default() };
    let mut at = 0;
    let mut start = None;
    while at < reader.code.toks.len() {
        let (next, goes_on) = reader.before_head(at);
        if goes_on {
            start = start.or(Some(at));
            at = next;
            continue;
        }
        let from = start.take().unwrap_or(at);
        if let Some(keyword) = reader.keyword(at) {
            reader.declaration(from, at, keyword);
        }
        at += 1;
    }
    reader.found
}

const MODIFIERS: &[&str] = &[
    "public",
    "private",
    "protected",
    "internal",
    "static",
    "readonly",
    "const",
    "virtual",
    "override",
    "abstract",
    "sealed",
    "required",
    "new",
    "partial",
    "async",
    "final",
    "transient",
    "volatile",
    "synchronized",
    "default",
    "extern",
    "unsafe",
    "file",
];

/// Bases and annotations of classes that do something and hold no data.
const DOING: &[&str] = &[
    "Service",
    "RestController",
    "Controller",
    "Component",
    "Repository",
    "Configuration",
    "ControllerBase",
    "DbContext",
    "ApiController",
    "Mapper",
    "SpringBootApplication",
    "TestFixture",
    "IRequestHandler",
    "INotificationHandler",
    "IConsumer",
    "BackgroundService",
    "Exception",
    "RuntimeException",
    "AbstractValidator",
    "Migration",
    "IEntityTypeConfiguration",
    "Attribute",
    "Hub",
    "Profile",
];

struct Reader<'a> {
    code: Lexed<'a>,
    language: Language,
    found: Declarations,
}

impl<'a> Reader<'a> {
    fn is(&self, at: usize, text: &str) -> bool {
        self.code.toks.get(at).is_some_and(|it| it.is(text))
    }

    /// Whether an attribute or a modifier stands here, and the token after it.
    fn before_head(&self, at: usize) -> (usize, bool) {
        let code = &self.code;
        if self.is(at, "@") && code.name_at(at + 1).is_some_and(|it| it != "interface") {
            let mut end = at + 2;
            while self.is(end, ".") && code.name_at(end + 1).is_some() {
                end += 2;
            }
            return (if self.is(end, "(") { code.after(end) } else { end }, true);
        }
        if self.language == Language::CSharp && self.is(at, "[") && code.name_at(at + 1).is_some() {
            let before = at.checked_sub(1).and_then(|it| code.toks.get(it));
            let begins =
                before.is_none_or(|it| matches!(it.text, "{" | "}" | ";" | "]" | "(" | ",")) || code.starts_line(at);
            return (code.after(at), begins);
        }
        let modifier = code.name_at(at).is_some_and(|it| MODIFIERS.contains(&it));
        (at + 1, modifier)
    }

    /// The keyword of a declaration that stands here.
    fn keyword(&self, at: usize) -> Option<&'static str> {
        let word = self.code.name_at(at)?;
        let keyword = ["class", "record", "struct", "enum"].into_iter().find(|it| *it == word)?;
        self.code.name_at(at + 1)?;
        let before = at.checked_sub(1).and_then(|it| self.code.toks.get(it));
        let free = before.is_none_or(|it| !matches!(it.text, "." | ":" | "<" | "," | "=" | "("));
        let next = self.code.toks.get(at + 2);
        let head = next.is_none_or(|it| {
            matches!(it.text, "{" | "(" | "<" | ":" | ";" | "extends" | "implements" | "where")
                || it.line > self.code.last_line(at + 1)
        });
        let record_of = keyword == "record" && matches!(self.code.name_at(at + 1), Some("class" | "struct"));
        (free && (head || record_of)).then_some(keyword)
    }

    fn declaration(&mut self, start: usize, at: usize, keyword: &str) {
        let mut name = at + 1;
        if keyword == "record" && matches!(self.code.name_at(name), Some("class" | "struct")) {
            name += 1;
        }
        let language = self.language;
        let code = &mut self.code;
        code.at = name + 1;
        code.skip_angles();
        let primary = code.is(0, "(").then_some(code.at);
        code.skip_bracket("(");
        let mut extends = Vec::new();
        while let Some(tok) = code.tok(0).filter(|it| !it.is("{") && !it.is(";")) {
            // The head of a fragment may be all there is.
            if tok.line > code.last_line(code.at.saturating_sub(1)) + 1 || tok.is("}") || tok.is(")") {
                break;
            }
            if tok.kind == Kind::Name && !matches!(tok.text, "extends" | "implements" | "where" | "class" | "new") {
                extends.push(code.spanned(code.at));
            }
            if code.is(0, "<") { code.skip_angles() } else { code.at = code.after(code.at) }
        }
        let open = code.is(0, "{").then_some(code.at);
        let end = open.map_or(code.at, |it| code.closing(it).unwrap_or(code.toks.len()));
        let attributes = start..at;
        let doing = |it: &str| DOING.contains(&it) || it.ends_with("Handler") || it.ends_with("Controller");
        if extends.iter().any(|it| doing(&it.value))
            || attributes.clone().any(|it| code.name_at(it).is_some_and(doing))
            || attributes.clone().any(|it| code.name_at(it) == Some("static"))
        {
            return;
        }
        let stored = attributes.clone().any(|it| matches!(code.name_at(it), Some("Entity" | "Table" | "Document")));
        let body = if keyword == "enum" {
            let Some(open) = open else { return };
            let words = self.values(open + 1..end);
            if words.is_empty() {
                return;
            }
            Body::Alias(Type::Enum(words))
        } else {
            let mut members = primary.map_or(Vec::new(), |it| self.parameters(it));
            if let Some(open) = open {
                members.extend(self.members(open + 1..end));
            }
            if members.is_empty() {
                return;
            }
            // Where one field says that it must be there, the others say that they need not.
            if language == Language::Java && members.iter().any(|it| it.not_null == Some(true)) {
                for member in members.iter_mut().filter(|it| it.not_null.is_none() && !it.primary_key) {
                    member.optional = true;
                }
            }
            if keyword == "record" { Body::Record(members) } else { Body::Class(members) }
        };
        let code = &self.code;
        self.found.items.push(Declaration {
            name: code.spanned(name),
            language,
            stored,
            body,
            // Interfaces and bases of C# look alike; an interface declares no fields.
            extends: extends.into_iter().filter(|it| !is_interface(&it.value)).take(1).map(Base::whole).collect(),
            table: Vec::new(),
            comments: code.comments(start..name + 1),
            span: code.span(start..(end + 1).min(code.toks.len())),
        });
    }

    /// Names of an enumeration.
    fn values(&self, body: Range<usize>) -> Vec<Spanned<String>> {
        let code = &self.code;
        let mut words = Vec::new();
        let mut at = body.start;
        let mut expected = true;
        while at < body.end && !self.is(at, ";") {
            let (next, attribute) = self.before_head(at);
            if attribute && !code.name_at(at).is_some_and(|it| MODIFIERS.contains(&it)) {
                at = next;
                continue;
            }
            if self.is(at, ",") {
                expected = true;
            } else if expected && code.name_at(at).is_some() {
                words.push(code.spanned(at));
                expected = false;
            }
            at = code.after(at);
        }
        words
    }

    /// The components of a record.
    fn parameters(&mut self, open: usize) -> Vec<Member> {
        let Some(close) = self.code.closing(open) else { return Vec::new() };
        let mut members = Vec::new();
        let mut at = open + 1;
        while at < close {
            let start = at;
            let mut attributes = at..at;
            loop {
                let (next, goes_on) = self.before_head(at);
                if !goes_on || next > close {
                    break;
                }
                at = next;
                attributes.end = at;
            }
            self.code.at = at;
            let ty = self.code.ty();
            let ty_toks = at..self.code.at;
            let name = self.code.at;
            let mut end = name;
            while end < close && !self.is(end, ",") {
                end = self.code.after(end);
            }
            if let Some(ty) = ty.filter(|_| name < close && self.code.name_at(name).is_some()) {
                let default = self.is(name + 1, "=").then_some(name + 2..end);
                let end = end.max(name + 1);
                let comma = if end < close { end + 1 } else { end };
                members.push(self.member(start..end, attributes, ty, ty_toks, name, default, start..comma));
            }
            at = end + 1;
        }
        members
    }

    fn members(&mut self, body: Range<usize>) -> Vec<Member> {
        let mut members = Vec::new();
        let mut at = body.start;
        while at < body.end {
            let start = at;
            let mut hidden = false;
            loop {
                let (next, goes_on) = self.before_head(at);
                if !goes_on || next > body.end {
                    break;
                }
                let word = self.code.name_at(at);
                hidden |= matches!(word, Some("static" | "const"));
                hidden |= self.language == Language::CSharp && matches!(word, Some("private" | "protected"));
                at = next;
            }
            let attributes = start..at;
            if self.keyword(at).is_some() || self.code.name_at(at) == Some("interface") {
                at = self.end_of_member(at, body.end);
                continue;
            }
            self.code.at = at;
            let ty = self.code.ty();
            let ty_toks = at..self.code.at;
            let name = self.code.at;
            let named = ty.is_some() && name < body.end && self.code.name_at(name).is_some();
            let mut end;
            let mut default = None;
            let mut data = named && !hidden;
            if named && self.is(name + 1, "{") {
                end = self.code.after(name + 1);
                let accessors = self.code.closing(name + 1).map_or(0..0, |it| name + 2..it);
                data &= accessors.clone().any(|it| matches!(self.code.name_at(it), Some("get" | "set" | "init")));
                // A property with a body is computed.
                data &= !accessors.into_iter().any(|it| self.is(it, "{") || (self.is(it, "=") && self.is(it + 1, ">")));
                if self.is(end, "=") && !self.is(end + 1, ">") {
                    let from = end + 1;
                    end = self.semicolon(end, body.end);
                    default = Some(from..end);
                    end += 1;
                }
            } else if named && (self.is(name + 1, ";") || (self.is(name + 1, "=") && !self.is(name + 2, ">"))) {
                end = self.semicolon(name, body.end);
                default = self.is(name + 1, "=").then_some(name + 2..end);
                end += 1;
                // A field of C# that is no property is the class's own affair.
                data &= self.language == Language::Java
                    || attributes.clone().any(|it| self.code.name_at(it) == Some("public"));
            } else {
                data = false;
                end = self.end_of_member(at, body.end);
            }
            if let Some(ty) = ty.filter(|_| data) {
                let whole = start..end.max(name + 1);
                members.push(self.member(whole.clone(), attributes, ty, ty_toks, name, default, whole));
            }
            at = end.max(start + 1);
        }
        members
    }

    fn semicolon(&self, from: usize, end: usize) -> usize {
        let mut at = from;
        while at < end && !self.is(at, ";") {
            at = self.code.after(at);
        }
        at.min(end)
    }

    /// The token after a method or a nested declaration.
    fn end_of_member(&self, from: usize, end: usize) -> usize {
        let mut at = from;
        while at < end {
            if self.is(at, ";") {
                return at + 1;
            }
            let block = self.is(at, "{");
            at = self.code.after(at);
            if block {
                return at;
            }
        }
        end.max(from + 1)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one member")]
    fn member(
        &self,
        whole: Range<usize>,
        attributes: Range<usize>,
        ty: Type,
        ty_toks: Range<usize>,
        name: usize,
        default: Option<Range<usize>>,
        line: Range<usize>,
    ) -> Member {
        let code = &self.code;
        let mut member = Member::new(code.spanned(name), Spanned::new(ty, code.span(ty_toks)), code.span(whole));
        member.optional = member.ty.value.is_nullable();
        member.comments = code.comments(line);
        if let Some(value) = default.filter(|it| it.len() == 1) {
            let literal =
                code.toks.get(value.start).filter(|it| it.kind == Kind::Number || it.is("true") || it.is("false"));
            member.default = code
                .unquoted(value.start)
                .or_else(|| literal.map(|it| Spanned::new(number(it.text), it.span(code.text))));
        }
        self.attributes(&mut member, attributes);
        member
    }

    /// What `[Required, MaxLength(80)]` or `@NotNull @Size(max = 80)` say.
    fn attributes(&self, member: &mut Member, toks: Range<usize>) {
        let code = &self.code;
        for at in toks.clone() {
            let before = at.checked_sub(1).and_then(|it| code.toks.get(it)).map(|it| it.text);
            if !matches!(before, Some("@" | "[" | "," | ":")) {
                continue;
            }
            let Some(name) = code.name_at(at) else { continue };
            let open = self.is(at + 1, "(").then_some(at + 1);
            let span = code.span(at..open.map_or(at + 1, |it| code.after(it)));
            let arguments = open.map_or(Vec::new(), |it| code.arguments(it));
            let named =
                |name: &str| arguments.iter().find(|it| it.name == Some(name)).map(|it| code.written(it.value.clone()));
            let plain =
                |index: usize| arguments.iter().filter(|it| it.name.is_none()).nth(index).map(|it| it.value.clone());
            let count = |it: Option<&str>| it.and_then(|it| it.parse::<u64>().ok());
            let figure = |index: usize| {
                let written = code.written(plain(index)?);
                let bare = number(written.trim_matches('"'));
                bare.parse::<f64>().is_ok().then_some(bare)
            };
            let first = || count(plain(0).map(|it| code.written(it)));
            match name {
                "Required" | "NotNull" | "NonNull" | "JsonRequired" => {
                    member.not_null = Some(true);
                    member.optional = false;
                }
                "NotBlank" | "NotEmpty" => {
                    member.not_null = Some(true);
                    member.optional = false;
                    member.say(Rule::NonEmpty, span);
                }
                "Nullable" => member.optional = true,
                "Key" | "Id" | "EmbeddedId" | "BsonId" => member.primary_key = true,
                "GeneratedValue" | "CreationTimestamp" | "UpdateTimestamp" | "CreatedDate" | "LastModifiedDate"
                | "DatabaseGenerated" | "Timestamp" => member.generated = true,
                "MaxLength" | "StringLength" => {
                    let least = count(named("MinimumLength"));
                    if let Some(most) = first() {
                        member.say(Rule::Length(least, Some(most)), span);
                    }
                }
                "MinLength" => {
                    if let Some(least) = first() {
                        member.say(Rule::Length(Some(least), None), span);
                    }
                }
                "Length" if self.language == Language::CSharp => {
                    let most = count(plain(1).map(|it| code.written(it)));
                    member.say(Rule::Length(first(), most), span);
                }
                "Size" | "Length" => {
                    let (least, most) = (count(named("min")), count(named("max")));
                    if least.is_some() || most.is_some() {
                        member.say(Rule::Length(least, most), span);
                    }
                }
                "Range" => {
                    if let (Some(least), Some(most)) = (figure(0), figure(1)) {
                        member.say(Rule::Range(Some((least, true)), Some((most, true))), span);
                    }
                }
                "Min" | "DecimalMin" => {
                    if let Some(least) = figure(0) {
                        member.say(Rule::Range(Some((least, true)), None), span);
                    }
                }
                "Max" | "DecimalMax" => {
                    if let Some(most) = figure(0) {
                        member.say(Rule::Range(None, Some((most, true))), span);
                    }
                }
                "Positive" => member.say(Rule::Range(Some(("0".into(), false)), None), span),
                "PositiveOrZero" => member.say(Rule::Range(Some(("0".into(), true)), None), span),
                "Email" | "EmailAddress" => member.say(Rule::Format("email".into()), span),
                "Url" | "URL" => member.say(Rule::Format("url".into()), span),
                "RegularExpression" => {
                    if let Some(pattern) = plain(0).and_then(|it| code.unquoted(it.start)) {
                        member.say(Rule::Pattern(pattern.value), span);
                    }
                }
                "Pattern" => {
                    let pattern = arguments.iter().find(|it| it.name == Some("regexp"));
                    if let Some(pattern) = pattern.and_then(|it| code.unquoted(it.value.start)) {
                        member.say(Rule::Pattern(pattern.value), span);
                    }
                }
                "JsonPropertyName" | "JsonProperty" => {
                    if let Some(name) = plain(0).and_then(|it| code.unquoted(it.start)) {
                        member.rename(name);
                    }
                }
                "JsonIgnore" => member.say(Rule::WriteOnly, span),
                "Column" => {
                    let name = arguments.iter().find(|it| it.name.is_none_or(|it| it == "name"));
                    member.also.extend(name.and_then(|it| code.unquoted(it.value.start)).map(|it| it.value));
                    if named("nullable") == Some("false") {
                        member.not_null = Some(true);
                    }
                    member.unique |= named("unique") == Some("true");
                    if let Some(most) = count(named("length")) {
                        member.say(Rule::Length(None, Some(most)), span);
                    }
                }
                _ => {}
            }
        }
    }
}

/// A number without the letter that says how it is kept: `1.5m`, `10L`.
fn number(written: &str) -> String {
    let digits = written.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    if digits {
        written.trim_end_matches(|c: char| c.is_ascii_alphabetic()).replace('_', "")
    } else {
        written.to_owned()
    }
}

/// `IOrder`, `Serializable`
fn is_interface(name: &str) -> bool {
    let mut letters = name.chars();
    let prefixed = letters.next() == Some('I') && letters.next().is_some_and(char::is_uppercase);
    prefixed || name.ends_with("able")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decl::tests::{check, mutate};

    const CSHARP: &str = r#"
namespace Library.Domain;

// What is lent.
[Table("books")]
public class Book : EntityBase, IAudited
{
    [Key]
    public Guid Id { get; init; }

    /// <summary>Shown in lists.</summary>
    [Required, StringLength(80, MinimumLength = 1)]
    public string Title { get; set; } = string.Empty;
    public string? Subtitle { get; set; } // often missing
    [Range(0, 5)] public decimal Rating { get; set; } = 2.5m;
    public List<string> Tags { get; set; } = new();
    public BookStatus Status { get; private set; } = BookStatus.Free;
    public DateTimeOffset CreatedAt { get; init; } = DateTimeOffset.UtcNow;
    public byte[] Cover { get; set; }
    public bool IsLent => Status == BookStatus.Lent;
    private readonly ILogger _log;
    public static Book Empty { get; } = new();
    public void Lend(Member to) { Status = BookStatus.Lent; }
}

public enum BookStatus { Free, Lent = 2, [Obsolete] Lost }

public sealed record LoanDto(
    Guid Id,
    string Member, // who has it
    [property: JsonPropertyName("due_on")] DateOnly? Due,
    Dictionary<string, object>? Details = null
);

public class BookService(IBooks books) : Service { public int Count { get; set; } }
"#;

    #[test]
    fn csharp() {
        check(
            |it| read(it, Language::CSharp),
            CSHARP,
            "
stored Book < EntityBase // What is lent.
  Id: uuid [key]
  Title: string [not null, length 1..80] // <summary>Shown in lists.</summary>
  Subtitle?: string or null // often missing
  Rating: decimal = 2.5 [range =0..=5]
  Tags: list of string
  Status: `BookStatus`
  CreatedAt: datetime
  Cover: bytes
alias BookStatus = one of `Free`, `Lent`, `Lost`
record LoanDto
  Id: uuid
  Member: string // who has it
  due_on?: date or null
  Details?: map to json or null",
        );
    }

    const JAVA: &str = r#"
package shelf;

/** A reader of books. */
@Entity
@Table(name = "members")
public class Member extends Base implements Serializable {
    private static final long serialVersionUID = 1L;

    @Id
    @GeneratedValue(strategy = GenerationType.UUID)
    private UUID id;

    @NotBlank
    @Size(min = 1, max = 80)
    @Column(nullable = false, unique = true)
    private String name;

    @Email private String email;
    private Map<String, List<Integer>> points = new HashMap<>();
    private int level = 1;

    public String getName() { return name; }

    public enum Level { BASIC("b"), GOLD("g"); private final String code; }
}

public record LoanRequest(@NotNull UUID bookId, @Min(1) @Max(30) Integer days) {}

@Service
public class MemberService {
    private final Members members;
}
"#;

    #[test]
    fn java() {
        check(
            |it| read(it, Language::Java),
            JAVA,
            "
stored Member < Base // A reader of books.
  id: uuid [key, generated]
  name: string [not null, unique, NonEmpty, length 1..80]
  email?: string [email]
  points?: map to list of integer
  level?: integer = 1
alias Level = one of `BASIC`, `GOLD`
record LoanRequest
  bookId: uuid [not null]
  days?: integer [range =1.., range ..=30]",
        );
    }

    #[test]
    fn damage_is_tolerated() {
        mutate(CSHARP, 300, |it| read(it, Language::CSharp));
        mutate(JAVA, 300, |it| read(it, Language::Java));
    }
}
