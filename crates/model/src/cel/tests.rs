use source::{FileId, Span, Spanned};
use syntax::decl::Member;

use super::*;

fn spanned<T>(value: T) -> Spanned<T> {
    Spanned::new(value, Span::default())
}

fn words(all: &[&str]) -> Type {
    Type::Enum(all.iter().map(|it| spanned((*it).to_owned())).collect())
}

fn member(name: &str, ty: Type) -> Member {
    Member::new(spanned(name.to_owned()), spanned(ty), Span::default())
}

fn scope() -> Scope {
    let line = Type::Object(vec![member("sku", Type::Text(None)), member("quantity", Type::Integer)]);
    let field = |(name, ty): (&str, Type)| (name.to_owned(), ty);
    Scope {
        fields: [
            ("id", Type::Uuid),
            ("name", Type::Text(Some(80))),
            ("note", Type::Nullable(Box::new(Type::Text(None)))),
            ("status", Type::Named(spanned("Status".to_owned()))),
            ("quantity", Type::Integer),
            ("total", Type::Number),
            ("price", Type::Decimal(Some((10, 2)))),
            ("paid", Type::Boolean),
            ("email", Type::Email),
            ("createdAt", Type::DateTime),
            ("endDate", Type::Date),
            ("opens", Type::Time),
            ("tags", Type::Array(Box::new(Type::Text(None)))),
            ("items", Type::Array(Box::new(line.clone()))),
            ("line", line),
            ("labels", Type::Map(Box::new(Type::Text(None)))),
            ("extra", Type::Json),
            ("loop", Type::Named(spanned("Loop".to_owned()))),
        ]
        .into_iter()
        .map(field)
        .collect(),
        config: vec![field(("maxItems", Type::Integer))],
        types: vec![
            field(("Status", words(&["draft", "active", "done"]))),
            field(("Loop", Type::Named(spanned("Loop".to_owned())))),
        ],
    }
}

fn run(source: &str) -> Result<Checked, Vec<Problem>> {
    check(&Text::verbatim(source, FileId(0), 0), &scope())
}

/// What the runtime compiles, or the first problem as `words of the place: message (help)`.
fn shown(source: &str) -> String {
    match run(source) {
        Ok(checked) => {
            assert!(cel::Program::compile(&checked.source).is_ok(), "{source} -> {}", checked.source);
            checked.source
        }
        Err(problems) => {
            let first = &problems[0];
            let place = &source[first.span.range()];
            let help = first.help.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
            format!("{place}: {}{help}", first.message)
        }
    }
}

#[test]
fn what_fits_is_rewritten_for_the_runtime() {
    for (source, expected) in [
        ("total >= 0", "self.total >= 0.0"),
        ("-1 <= total", "-1.0 <= self.total"),
        ("self.total >= 0.5", "self.total >= 0.5"),
        ("price > 0 && quantity > 0", "self.price > 0.0 && self.quantity > 0"),
        ("total == price * quantity", "self.total == self.price * double(self.quantity)"),
        ("total == (quantity + 1) * price", "self.total == (double(self.quantity + 1)) * self.price"),
        ("total in [1, 2.5]", "self.total in [1.0, 2.5]"),
        ("total in [1, 2]", "self.total in [1.0, 2.0]"),
        ("total == (paid ? 1 : 2)", "self.total == (double(self.paid ? 1 : 2))"),
        ("total == 0x10", "self.total == double(0x10)"),
        ("endDate > createdAt", "self.endDate > self.createdAt"),
        ("endDate >= '2026-01-01'", "self.endDate >= timestamp(\"2026-01-01T00:00:00Z\")"),
        ("timestamp('2026-01-01') < now", "timestamp(\"2026-01-01T00:00:00Z\") < now"),
        ("now - createdAt < '24h'", "now - self.createdAt < duration(\"24h\")"),
        ("createdAt + duration('1h') > now", "self.createdAt + duration('1h') > now"),
        ("opens < '18:00'", "self.opens < '18:00'"),
        ("status == 'draft'", "self.status == 'draft'"),
        ("status in ['draft', 'done']", "self.status in ['draft', 'done']"),
        ("note != null", "self.note != null"),
        ("has(note)", "(has(self.note) && self.note != null)"),
        ("!has(line.sku) || paid", "!(has(self.line.sku) && self.line.sku != null) || self.paid"),
        (
            "has(self.note) || has(note)",
            "(has(self.note) && self.note != null) || (has(self.note) && self.note != null)",
        ),
        ("oldSelf.total == self.total", "oldSelf.total == self.total"),
        ("size(tags) <= config.maxItems", "size(self.tags) <= config.maxItems"),
        ("tags.size() <= 10", "self.tags.size() <= 10"),
        ("name.matches('^[A-Z]{3}$')", "self.name.matches('^[A-Z]{3}$')"),
        ("items.all(i, i.quantity > 0)", "self.items.all(i, i.quantity > 0)"),
        ("items.all(quantity, quantity.sku != name)", "self.items.all(quantity, quantity.sku != self.name)"),
        (
            "items.map(i, i.quantity).exists(q, q > quantity)",
            "self.items.map(i, i.quantity).exists(q, q > self.quantity)",
        ),
        ("items.filter(i, i.quantity > 1).size() > 0", "self.items.filter(i, i.quantity > 1).size() > 0"),
        ("items.exists_one(i, i.sku == name)", "self.items.exists_one(i, i.sku == self.name)"),
        ("items[0].sku.startsWith('A')", "self.items[0].sku.startsWith('A')"),
        ("labels['a'] == 'b'", "self.labels['a'] == 'b'"),
        ("labels.a == 'b'", "self.labels.a == 'b'"),
        ("'a' in labels", "'a' in self.labels"),
        ("'a' in tags", "'a' in self.tags"),
        ("principal.id == id", "principal.id == self.id"),
        ("extra.deep.down == 1", "self.extra.deep.down == 1"),
        ("self.loop == 1", "self.loop == 1"),
        ("createdAt.getFullYear() >= 2020", "self.createdAt.getFullYear() >= 2020"),
        ("paid ? total > 0 : total == 0", "self.paid ? self.total > 0.0 : self.total == 0.0"),
        ("name + 'é' == \"ü\" && total > 1", "self.name + 'é' == \"ü\" && self.total > 1.0"),
        ("!paid", "!self.paid"),
        ("type(total) == double", "type(self.total) == double"),
        ("{'a': total}['a'] > 1", "{'a': self.total}['a'] > 1.0"),
        ("(total) > (0)", "(self.total) > (0.0)"),
        ("total > 0 // never free", "self.total > 0.0 // never free"),
    ] {
        assert_eq!(shown(source), expected, "{source}");
    }
}

#[test]
fn what_does_not_fit_is_told_at_the_smallest_place() {
    for (source, expected) in [
        ("totl > 0", "totl: `totl` is not a field (did you mean `total`?)"),
        ("self.Total > 0", "Total: `Total` is not a field (did you mean `total`?)"),
        ("line.skuu == 'a'", "skuu: `skuu` is not a field (did you mean `sku`?)"),
        ("config.maxItem > 1", "maxItem: `maxItem` is not a config option (did you mean `maxItems`?)"),
        ("items.all(i, i.qty > 0)", "qty: `qty` is not a field"),
        ("status == 'actve'", "'actve': `actve` is not one of `draft`, `active`, `done` (did you mean `active`?)"),
        ("status in ['draft', 'paid']", "'paid': `paid` is not one of `draft`, `active`, `done`"),
        ("status == active", "active: `active` is not a field (put it in quotes: `\"active\"`)"),
        ("total > 'a'", "'a': `total` is a number, `'a'` is text: they cannot be compared"),
        ("name > 5", "5: `name` is text, `5` is a whole number: they cannot be compared"),
        ("name == total", "total: `name` is text, `total` is a number: they cannot be compared"),
        ("total && paid", "total: `total` is a number, not true or false"),
        ("items.all(i, i.quantity)", "i.quantity: `i.quantity` is a whole number, not true or false"),
        ("total.all(i, i > 0)", "total: `total` is a number, not a list"),
        ("name.first == 'a'", "first: `name` is text and has no fields"),
        (
            "endDate > 'tomorrow'",
            "'tomorrow': `tomorrow` is not a date (write it as `\"2026-01-31\"` or `\"2026-01-31T12:00:00Z\"`)",
        ),
        ("createdAt + createdAt > now", "createdAt: `+` does not join a point in time and a point in time"),
        ("tags > tags", "tags: `tags` has no order: it is a list"),
        ("total % 2 == 0", "total: `total` is a number, not a whole number"),
        ("tags.contains('a')", "tags: `tags` is a list, not text (write `'a' in tags`)"),
        ("'a' in name", "name: `name` is text, not a list (write `text.contains(part)`)"),
        ("name.matches('[')", "'[': `[` is not a regular expression"),
        ("name.startWith('a')", "startWith: there is no function `startWith` (did you mean `startsWith`?)"),
        ("size(total) > 1", "total: `total` is a number, not text, a list or a map"),
        ("has(notes)", "notes: `has` takes a field (write `has(self.field)`)"),
        ("has(note) && totl > 0", "totl: `totl` is not a field (did you mean `total`?)"),
        ("-name == 'a'", "name: `name` is text, not a number"),
        ("quantity > 1u", "1u: `1u` is unsigned, and no field is (leave out the `u`)"),
        ("loop > 1", "loop: `loop` is a reserved word (write `self.loop`)"),
        ("total >", ": the expression ends too early"),
        ("(total > 1", ": `)` is missing"),
        ("total = 1", "=: `=` compares nothing (write `==`)"),
        ("total ≥ 1", "≥: `≥` is no operator (write `>=`)"),
        ("paid and total > 1", "and: `and` has no place here (write `&&`)"),
        ("name == 'a", "'a: the string has no end (close the quote)"),
        ("", ": an expression is missing"),
        ("has(note) && total >", ": the expression ends too early"),
        ("a ? b", ": `:` and the other value are missing"),
    ] {
        assert_eq!(shown(source), expected, "{source}");
    }
}

#[test]
fn kinds_and_reads() {
    for (source, kind, reads, old) in [
        ("total > price", Kind::Bool, vec!["total", "price"], false),
        ("quantity + 1", Kind::Int, vec!["quantity"], false),
        ("quantity + total", Kind::Double, vec!["quantity", "total"], false),
        ("items.map(i, i.sku)", Kind::List(Box::new(Kind::String)), vec!["items"], false),
        ("items.filter(i, true)", Kind::List(Box::new(Kind::Map)), vec!["items"], false),
        ("oldSelf.paid", Kind::Bool, vec![], true),
        ("now - createdAt", Kind::Duration, vec!["createdAt"], false),
        ("items.exists_one(i, true)", Kind::Bool, vec!["items"], false),
        ("extra.x", Kind::Dyn, vec!["extra"], false),
    ] {
        let checked = run(source).unwrap();
        assert_eq!((checked.kind, checked.compares_old), (kind, old), "{source}");
        assert_eq!(checked.reads, reads, "{source}");
    }
}

#[test]
fn prose_is_not_taken_for_an_expression() {
    for (text, expected) in [
        ("total >= 0", true),
        ("self.paid", true),
        ("!paid", true),
        ("items.all(i, i.qty > 0)", true),
        ("size(tags) < 3", true),
        ("status in ['a']", true),
        ("isbn", false),
        ("order.total", false),
        ("42", false),
        ("name is unique", false),
        ("total must be >= 0", false),
        ("orders(id)", false),
        ("read-only", false),
        ("and/or", false),
        ("> 0", false),
        ("Title is required.", false),
        ("a, b", false),
        ("≥ 1", false),
        ("", false),
    ] {
        assert_eq!(looks_like_expression(text), expected, "{text}");
    }
}

#[test]
fn hostile_input_is_answered() {
    let many = [
        "(".repeat(1_000) + "total" + &")".repeat(1_000),
        "[".repeat(1_000),
        "a.all(x,".repeat(1_000),
        "total + ".repeat(12_000),
        "total + ".repeat(1_000) + "1",
        "paid ? 1 : ".repeat(500) + "1",
        "!".repeat(5_000) + "paid",
        "-".repeat(5_000) + "total",
        "self".to_owned() + &".a".repeat(4_000),
        "paid && ".repeat(1_000) + "paid",
        "extra".to_owned() + &"[0]".repeat(1_000),
        "paid ? 1 : ".repeat(56) + "1",
        "total + ".repeat(165) + "1",
        "extra".to_owned() + &".a".repeat(165),
        "size([".repeat(4) + "extra" + &"])".repeat(4),
        "items.all(i, ".repeat(8) + "paid" + &")".repeat(8),
        "paid && ".repeat(990) + "paid",
        "'".repeat(9_999),
        "é".repeat(4_000),
        "(total + ".repeat(8) + "1" + &")".repeat(8),
        "\u{0}".to_owned(),
        "'\\".to_owned(),
        "self.".to_owned(),
        "a\n\n>\n\n".to_owned(),
        ".total > 1".to_owned(),
        "Foo{a: 1}".to_owned(),
        "99999999999999999999 > total".to_owned(),
    ];
    for source in &many {
        if let Err(problems) = run(source) {
            assert!(!problems.is_empty());
            assert!(problems.iter().all(|it| it.span.range().end <= source.len()));
        }
        looks_like_expression(source);
    }
}

#[test]
fn broken_expressions_never_panic() {
    let seeds = [
        "total >= 0 && has(note) || status in ['draft', 'done']",
        "items.all(i, i.quantity > 0 && i.sku.matches('^[A-Z]{3}$'))",
        "endDate >= '2026-01-01' ? total == price * quantity : now - createdAt < '24h'",
        "items.map(i, i.quantity > 1, i.sku).filter(s, s != \"é\")[0] == r'x' + b'y'",
        "{'a': [1, 2.5, -3u]}['a'].exists_one(x, x == total) // é",
    ];
    let mut state = 1_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    let pieces: Vec<char> = "()[]{}'\".,:?!&|=<>+-*/% \n\\ae09_é≥u".chars().collect();
    for round in 0..1_500 {
        let mut chars: Vec<char> = seeds[round % seeds.len()].chars().collect();
        for _ in 0..=next(4) {
            let at = next(chars.len());
            match next(3) {
                0 if at < chars.len() => drop(chars.remove(at)),
                0 => {}
                1 => chars.insert(at, pieces[next(pieces.len())]),
                _ => chars.truncate(at.max(1)),
            }
        }
        let source: String = chars.into_iter().collect();
        match run(&source) {
            Ok(checked) => assert!(cel::Program::compile(&checked.source).is_ok(), "{source} -> {}", checked.source),
            Err(problems) => {
                for problem in problems {
                    assert!(source.get(problem.span.range()).is_some(), "{source}: {problem:?}");
                }
            }
        }
        looks_like_expression(&source);
    }
}
