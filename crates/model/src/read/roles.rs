//! Roles and permissions: where a document lists them, and where it names one of them.

use source::Text;
use syntax::Family;
use syntax::columns::{boolean, cell, column, is_nothing};
use syntax::document::Section;
use syntax::family::normal;
use syntax::inline::Slice;
use syntax::needles::Needles;
use syntax::page::{Block, BlockKind, Table};

use crate::claim::{Form, Property, Subject, Value};
use crate::read::{Reader, entries, fences_of};

pub(super) fn read(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    for section in &doc.sections {
        let title = &section.title.whole;
        if speaks_of_roles(title) || holds_roles(&section.blocks) {
            section_roles(reader, section);
        }
        for fence in fences_of(section) {
            if fence.lang == "cedar" {
                cedar(reader, &fence.content);
            } else if GUARDS.are_in(fence.content.as_str()) {
                guards(reader, &fence.content);
            }
        }
    }
}

/// `Role` and `role`, `Permission` and `permission`.
static ROLES: Needles = Needles::new(&["ole", "ermission"]);

/// What the header of a column of roles holds.
static ROLE: Needles = Needles::new(&["role"]);

/// Calls in code that ask for a role.
static GUARDS: Needles = Needles::new(&["Role("]);

fn speaks_of_roles(text: &str) -> bool {
    ROLES.are_in(text)
}

/// Whether some blocks speak of roles, or hold a table that may be a matrix of them.
fn holds_roles(blocks: &[Block]) -> bool {
    blocks.iter().any(|block| match &block.kind {
        BlockKind::Paragraph(text) => speaks_of_roles(text.as_str()),
        BlockKind::List(list) => {
            list.items.iter().any(|it| speaks_of_roles(it.text.as_str()) || holds_roles(&it.children))
        }
        BlockKind::Quote(inner) => holds_roles(inner),
        BlockKind::Table(table) => {
            table.keys.iter().any(|it| ROLE.are_in(it))
                || table.header.len() > 2 && table.keys.first().is_some_and(|it| MATRICES.contains(&it.as_str()))
        }
        _ => false,
    })
}

/// First headers of tables that may have a column for each role.
const MATRICES: [&str; 9] =
    ["endpoint", "permission", "action", "feature", "resource", "operation", "capability", "route", "api"];

fn section_roles(reader: &mut Reader<'_>, section: &Section) {
    let listed = matches!(
        section.title.whole.as_str(),
        "role"
            | "user role"
            | "role definition"
            | "system role"
            | "available role"
            | "defined role"
            | "role and permission"
    );
    let of_endpoint = !syntax::route::find(section.heading.as_str()).is_empty();
    let mut announced: Option<Property> = None;
    for block in &section.blocks {
        match &block.kind {
            BlockKind::Table(table) => in_table(reader, section, table),
            BlockKind::Fence(fence) if fence.lang.is_empty() || fence.lang == "text" => {
                if let Some(property) = announced {
                    lines(reader, &fence.content, property);
                }
            }
            BlockKind::List(_) if announced.is_some() || listed => {
                for entry in entries([block]) {
                    let name = entry.name().unwrap_or(entry.whole);
                    let property = announced.unwrap_or(Property::Declared);
                    say(reader, names(name, property).into_iter().take(1), property, Form::Item);
                }
            }
            _ => in_words(reader, block, of_endpoint),
        }
        announced = announces(block, of_endpoint);
    }
    // `**Roles:**` over a table or a list is a section of its own; its endpoint is the one above.
    if section.title.whole == "allowed role" || section.title.whole == "required role" {
        for entry in entries(&section.blocks) {
            say(reader, names(entry.whole, Property::Referenced), Property::Referenced, Form::Item);
        }
    }
}

/// What the last line of a paragraph says of the list below it: `Allowed roles:`.
fn announces(block: &Block, of_endpoint: bool) -> Option<Property> {
    let BlockKind::Paragraph(text) = &block.kind else { return None };
    let line = text.all().lines().last()?.trim();
    let key = normal(line.as_str().strip_suffix(':')?);
    match key.as_str() {
        "allowed role" | "required role" | "permitted role" => Some(Property::Referenced),
        "role" | "user role" | "existing role" | "available role" if of_endpoint => Some(Property::Referenced),
        "role" | "user role" | "existing role" | "available role" => Some(Property::Declared),
        _ => None,
    }
}

/// Labels and enumerations in lines: `**Roles**: a, b`, `Role: Owner only`, `(3 roles: a, b, c)`.
fn in_words(reader: &mut Reader<'_>, block: &Block, of_endpoint: bool) {
    for entry in entries([block]) {
        let text = entry.whole.as_str();
        if !speaks_of_roles(text) {
            continue;
        }
        let Some(label) = entry.label() else {
            if let Some(found) = enumeration(entry.whole).map(declared).filter(|it| it.len() > 1) {
                say(reader, found, Property::Declared, entry.form);
            }
            continue;
        };
        let key = normal(label.key.as_str());
        let plural = label.key.as_str().trim().to_lowercase().ends_with("roles");
        match key.as_str() {
            "allowed role" | "required role" | "permitted role" | "minimum role" | "authorized role" => {
                say(reader, names(label.value, Property::Referenced), Property::Referenced, entry.form);
            }
            "role" | "user role" if of_endpoint || !plural => {
                say(reader, names(label.value, Property::Referenced), Property::Referenced, entry.form);
            }
            "authorization" | "permission" | "required permission" | "access" => {
                permissions(reader, label.value, entry.form);
            }
            _ if plural || key.contains("role value") || key.contains(" role") && label.value.codes().count() > 1 => {
                let found = names(label.value, Property::Declared);
                if found.len() > 1 {
                    say(reader, found, Property::Declared, entry.form);
                }
            }
            _ => {
                if let Some(found) = enumeration(label.value).map(declared).filter(|it| it.len() > 1) {
                    say(reader, found, Property::Declared, entry.form);
                }
            }
        }
    }
}

/// What follows `roles:` in a sentence, to the end of its bracket or of itself.
fn enumeration(words: Slice<'_>) -> Option<Slice<'_>> {
    let text = words.as_str();
    let at = text.find("roles: ").map(|it| it + 7)?;
    let rest = text.get(at..)?;
    let end = rest.find([')', '.', ';']).unwrap_or(rest.len());
    Some(words.get(at..at + end))
}

/// `` `approve_orders` permission ``: names of permissions stand in code.
fn permissions(reader: &mut Reader<'_>, value: Slice<'_>, form: Form) {
    let text = value.as_str().to_lowercase();
    if text.contains("permission") {
        for code in value.codes() {
            let subject = Subject::of("permission", code.as_str());
            reader.say_text(&subject, Property::Referenced, code, form);
        }
    } else if text.contains("role") {
        say(reader, value.codes(), Property::Referenced, form);
    }
}

fn say<'a>(reader: &mut Reader<'_>, found: impl IntoIterator<Item = Slice<'a>>, property: Property, form: Form) {
    for name in found {
        reader.say_text(&Subject::of("role", name.as_str()), property, name, form);
    }
}

/// Tables: one row for each role, a column of roles, or a column for each role.
fn in_table(reader: &mut Reader<'_>, section: &Section, table: &Table) {
    let role = column(table, &["role", "role name", "user role"]);
    let rights = column(table, &["permission", "access", "capability", "access level", "mfa required", "scope", "can"]);
    let secured = || {
        let families = [Family::Authorization, Family::Security, Family::Authentication];
        families.into_iter().any(|it| reader.doc.is_within(section.id, it))
    };
    let described = column(table, &["description", "responsibility", "purpose"]).is_some();
    let signed = column(table, &["signature", "name", "date", "approver"]).is_some();
    if role == Some(0) && !signed && (rights.is_some() || described && secured()) {
        for row in &table.rows {
            let found = cell(row, role).map_or(Vec::new(), declared);
            say(reader, found, Property::Declared, Form::Table);
            for code in cell(row, rights).into_iter().flat_map(Slice::codes) {
                reader.say_text(&Subject::of("permission", code.as_str()), Property::Declared, code, Form::Table);
            }
        }
        return;
    }
    let granted = column(
        table,
        &["permitted role", "allowed role", "required role", "authorized role", "minimum role", "role required"],
    );
    if granted.is_some() {
        for row in &table.rows {
            let found = cell(row, granted).map_or(Vec::new(), |it| names(it, Property::Referenced));
            say(reader, found, Property::Referenced, Form::Table);
        }
        return;
    }
    matrix(reader, table);
}

/// A table whose further columns say yes or no in all rows, one column for each role.
fn matrix(reader: &mut Reader<'_>, table: &Table) {
    let first = table.keys.first().map_or("", String::as_str);
    if !MATRICES.contains(&first) || table.rows.len() < 2 {
        return;
    }
    let says = |index: usize| {
        let mut cells = table.rows.iter().filter_map(|it| cell(it, Some(index)));
        cells.all(|it| boolean(it.as_str()).is_some() || is_nothing(it.as_str()))
    };
    let columns: Vec<usize> = (1..table.header.len()).filter(|it| says(*it)).collect();
    // One column that says yes or no is about something else.
    if columns.len() < 2 {
        return;
    }
    for index in columns {
        let Some(name) = table.header.get(index).map(|it| it.all().trim()) else { continue };
        say(reader, [name], Property::Referenced, Form::Table);
        for row in &table.rows {
            let Some(words) = cell(row, Some(index)) else { continue };
            let Some(flag) = boolean(words.as_str()) else { continue };
            let routes = row.cells.first().map_or(Vec::new(), |it| syntax::route::find(it.as_str()));
            for route in routes {
                let Some(path) = syntax::route::Path::read(&route.path) else { continue };
                let subject = Subject::endpoint(route.method, &path.key()).part("role", name.as_str());
                reader.say(&subject, Property::Access, Value::Flag(flag), words.span(), Form::Table);
            }
        }
    }
}

fn declared(list: Slice<'_>) -> Vec<Slice<'_>> {
    names(list, Property::Declared)
}

/// The names of a list in words, if all of its parts are names: `` `admin`, `staff` ``, `Curator and Grower`.
/// A word such as `user` names a role where roles are declared, and anybody where one is named.
fn names(list: Slice<'_>, property: Property) -> Vec<Slice<'_>> {
    let codes = outside_brackets(list);
    // `None (public, but with a `token`)`: what follows is no role.
    let head = list.get(0..codes.first().map_or(usize::MAX, |it| it.offset_in(list)));
    if property == Property::Referenced && !codes.is_empty() && is_nobody(head.as_str()) {
        return Vec::new();
    }
    let mut parts = Vec::new();
    if codes.is_empty() {
        for part in list.split_outside(&[',', '/', ';', '|']) {
            let text = part.as_str();
            match [" and ", " or ", " & "].iter().find_map(|it| Some((text.find(it)?, it.len()))) {
                Some((at, len)) => parts.extend([part.get(0..at), part.from(at + len)]),
                None => parts.push(part),
            }
        }
    } else {
        parts = codes;
    }
    let trimmed = parts.into_iter().map(|it| it.trim_matches(|it: char| !it.is_alphanumeric()));
    let parts: Vec<Slice<'_>> = trimmed.filter(|it| !it.is_blank()).collect();
    if !parts.iter().all(|it| is_name(it.as_str())) {
        return Vec::new();
    }
    let is_role = |it: &str| !if property == Property::Declared { is_no_name(it) } else { is_everybody(it) };
    parts.into_iter().filter(|it| !is_nothing(it.as_str()) && is_role(it.as_str())).collect()
}

/// The code spans of a list that do not stand in a rider: `` `admin` (with `scope`) ``.
fn outside_brackets(list: Slice<'_>) -> Vec<Slice<'_>> {
    let text = list.as_str();
    let (mut depth, mut at) = (0usize, 0);
    let mut found = Vec::new();
    for code in list.codes() {
        for it in text.get(at..code.offset_in(list)).unwrap_or("").chars() {
            match it {
                '(' | '[' => depth += 1,
                ')' | ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        at = code.offset_in(list) + code.as_str().len();
        if depth == 0 {
            found.push(code);
        }
    }
    found
}

/// Whether words begin by saying that no role is asked for.
fn is_nobody(words: &str) -> bool {
    const WORDS: [&str; 7] = ["none", "no", "public", "anonymous", "unauthenticated", "anyone", "everyone"];
    let first = words.split(|it: char| !it.is_alphanumeric()).find(|it| !it.is_empty()).unwrap_or("");
    WORDS.iter().any(|it| first.eq_ignore_ascii_case(it))
}

fn is_name(text: &str) -> bool {
    let plain = |it: char| it.is_alphanumeric() || matches!(it, '_' | '-' | ' ' | ':' | '.');
    text.split_whitespace().count() <= 2
        && text.len() < 40
        && text.starts_with(char::is_alphabetic)
        && text.chars().all(plain)
}

/// Whether words name no role but anybody, or what is not a person: `Any user`, `Owner`, `System`.
pub fn is_everybody(name: &str) -> bool {
    const WORDS: [&str; 9] =
        ["system", "public", "owner", "self", "authenticated", "anonymous", "service", "user", "users"];
    is_no_name(name) || has_word(name, &WORDS)
}

/// Whether words are no name of anybody.
fn is_no_name(name: &str) -> bool {
    const WORDS: [&str; 13] =
        ["all", "any", "anyone", "everyone", "none", "only", "required", "no", "yes", "n/a", "role", "roles", "based"];
    has_word(name, &WORDS)
}

fn has_word(name: &str, words: &[&str]) -> bool {
    name.split([' ', '-']).any(|own| words.iter().any(|it| own.eq_ignore_ascii_case(it)))
}

/// One name on each line of a text.
fn lines(reader: &mut Reader<'_>, text: &Text, property: Property) {
    let mut at = 0;
    for line in text.as_str().split_inclusive('\n') {
        let start = at + (line.len() - line.trim_start().len());
        at += line.len();
        let name = line.trim();
        let other = if property == Property::Declared { is_no_name(name) } else { is_everybody(name) };
        if !name.is_empty() && !name.contains(' ') && is_name(name) && !other {
            let span = text.span(start..start + name.len());
            reader.say(&Subject::of("role", name), property, Value::Text(name.to_owned()), span, Form::Fence);
        }
    }
}

/// `requireRole("admin")`, `hasRole('staff')` in code.
fn guards(reader: &mut Reader<'_>, text: &Text) {
    quoted_after(reader, text, &["Role(\"", "Role('"], "role");
}

/// Principals' roles, actions and kinds of resources of Cedar policies: `Role::"admin"`, `Action::"pay"`.
/// Only their names: a policy is not evaluated here, and `cedar-policy-core` adds 107 s of processor time to a
/// cold build.
fn cedar(reader: &mut Reader<'_>, text: &Text) {
    quoted_after(reader, text, &["Role::\"", "Group::\"", "UserGroup::\""], "role");
    quoted_after(reader, text, &["Action::\""], "permission");
}

/// Says the quoted names that follow one of some marks.
fn quoted_after(reader: &mut Reader<'_>, text: &Text, marks: &[&str], kind: &str) {
    let all = text.as_str();
    for mark in marks {
        for (at, found) in all.match_indices(mark) {
            // `UserRole::"x"` is found by its ending.
            let start = at + found.len();
            let Some(rest) = all.get(start..) else { continue };
            let Some(end) = rest.find(['"', '\'', '\n']).filter(|it| *it > 0) else { continue };
            let name = rest.get(..end).unwrap_or("");
            if is_name(name) {
                let span = text.span(start..start + end);
                let value = Value::Text(name.to_owned());
                reader.say(&Subject::of(kind, name), Property::Referenced, value, span, Form::Fence);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use source::FileId;

    use crate::claim::Property;

    #[test]
    fn roles_are_listed_and_named() {
        for (text, declared, referred) in [
            ("**Roles**: `Grower`, `Curator`", "Grower Curator", ""),
            ("## Roles\n\n- **admin**: all\n- **staff**: some", "admin staff", ""),
            (
                "## Authorization\n\n| Role | Permissions |\n|---|---|\n| `admin` | all |\n| viewer | `read_lamps` |",
                "admin viewer read_lamps",
                "",
            ),
            ("## Security\n\n| Role | Description |\n|---|---|\n| Clerk | lends |", "Clerk", ""),
            (
                "## Roles\n\n| Role | Permissions |\n|---|---|\n| user | own |\n| Product Owner | all |\n| Any | - |",
                "user Product Owner",
                "",
            ),
            ("### GET /lamps\n\n**Allowed roles**: admin, any user", "", "admin"),
            ("- Access control (3 roles: owner_admin, clerk, guest)", "owner_admin clerk guest", ""),
            ("- Existing role values: `shop_admin` and `staff`.", "shop_admin staff", ""),
            ("### GET /lamps\n\n**Authorization**: `view_lamps` permission", "", "view_lamps"),
            ("### GET /lamps\n\n**Allowed roles**: admin, clerk", "", "admin clerk"),
            ("### GET /lamps\n\nAllowed roles:\n\n```text\nshop_admin\nstaff\n```", "", "shop_admin staff"),
            ("### GET /lamps\n\n**Role:** Owner only", "", ""),
            ("### GET /lamps\n\n**Required role:** none (public, with a `token` of `POST /lamps`)", "", ""),
            ("### GET /lamps\n\n**Required role:** public, but with a `token`", "", ""),
            ("### GET /lamps\n\n**Required role:** one of `clerk` (with `lend`), `curator`", "", "clerk curator"),
            ("| From | To | Permitted Roles |\n|---|---|---|\n| a | b | Clerk, Curator |", "", "Clerk Curator"),
            (
                "| Endpoint | admin | guest |\n|---|---|---|\n| `GET /lamps` | ✅ | ❌ |\n| `PUT /lamps` | ✅ | ❌ |",
                "",
                "admin guest",
            ),
            ("| Feature | Supported | Tested |\n|---|---|---|\n| a | fast | ✅ |\n| b | slow | ❌ |", "", ""),
            (
                "```cedar\npermit(principal in Role::\"clerk\", action == Action::\"lend\", resource);\n```",
                "",
                "clerk lend",
            ),
            ("```ts\nrouter.use(requireRole('clerk'));\n```", "", "clerk"),
            ("## Approval\n\n| Role | Name | Signature | Date |\n|---|---|---|---|\n| Architect | A | - | - |", "", ""),
            ("The role of the gateway is to check roles: it drops what is not allowed.", "", ""),
        ] {
            let text = format!("# Technical Specification: Lamps\n\n{text}\n");
            let spec = crate::workspace::read(FileId(0), "spec.md", &text);
            let of = |property| {
                let about = |it: &str| it.starts_with("role.") || it.starts_with("permission.");
                let claims =
                    spec.claims().all.iter().filter(|it| it.property == property && about(it.subject.as_str()));
                claims.filter_map(|it| it.value.as_text()).collect::<Vec<_>>().join(" ")
            };
            assert_eq!(
                (of(Property::Declared).as_str(), of(Property::Referenced).as_str()),
                (declared, referred),
                "{text}"
            );
        }
    }

    #[test]
    fn a_matrix_says_who_may_call() {
        let text = "# T\n\n| Endpoint | admin | guest |\n|---|---|---|\n| `GET /lamps` | ✅ | ❌ |\n| `PUT /lamps` | ✅ | ❌ |\n";
        let spec = crate::workspace::read(FileId(0), "spec.md", text);
        let claims = spec.claims().all.iter().filter(|it| it.subject.as_str().contains(".role."));
        let said: Vec<String> = claims.map(|it| format!("{} {:?}", it.subject, it.value)).collect();
        assert_eq!(
            said,
            [
                "endpoint.GET./lamps.role.admin Flag(true)",
                "endpoint.PUT./lamps.role.admin Flag(true)",
                "endpoint.GET./lamps.role.guest Flag(false)",
                "endpoint.PUT./lamps.role.guest Flag(false)",
            ]
        );
    }
}
