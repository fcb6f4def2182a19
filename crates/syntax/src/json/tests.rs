use super::*;
use source::FileId;

fn fence(text: &str) -> (Vec<Body>, Vec<Problem>) {
    read(&Text::verbatim(text, FileId(0), 0))
}

/// The value on one line, holes in angle brackets.
fn plain(json: &Json) -> String {
    match json {
        Json::Null => "null".to_owned(),
        Json::Bool(it) => it.to_string(),
        Json::Number(it) => it.clone(),
        Json::String(it) => format!("'{it}'"),
        Json::Hole(it) => format!("<{it}>"),
        Json::Array(it) => {
            format!("[{}]", it.iter().map(|it| plain(&it.value)).collect::<Vec<_>>().join(" "))
        }
        Json::Object(it) => {
            let property = |it: &Property| format!("{}:{}", it.key.value, plain(&it.value.value));
            format!("{{{}}}", it.iter().map(property).collect::<Vec<_>>().join(" "))
        }
    }
}

/// Title, status, request and value of each body; `~` where it is elided.
fn bodies(text: &str) -> String {
    let body = |it: &Body| {
        let mut parts = Vec::new();
        parts.extend(it.title.as_ref().map(|it| format!("({})", it.value)));
        parts.extend(it.status.as_ref().map(|it| it.value.to_string()));
        parts.extend(it.request.as_ref().map(|it| it.value.clone()));
        parts.extend(it.value.as_ref().map(|it| plain(&it.value)));
        parts.extend(it.elided.then(|| "~".to_owned()));
        parts.join(" ")
    };
    fence(text).0.iter().map(body).collect::<Vec<_>>().join(" / ")
}

#[test]
fn lenient_forms() {
    for (text, expected) in [
        ("{\"a\": 1.50, \"a\": [true, null],} // why", "{a:1.50 a:[true null]}"),
        ("{\"a\": [...], \"b\": {...}, ...}", "{a:[] b:{}} ~"),
        ("{..., \"a\": ..., \"b\": …, ... \"c\": 1 }", "{a:<...> b:<…> c:1} ~"),
        ("[1, ... and so on, 2]", "[1 2] ~"),
        ("[{\"a\": 1}, {\"...\": \"...\"}]", "[{a:1}] ~"),
        ("{\"a\": [{\"b\": 1, \"…\": \"…\"}, \"...\"], \"...\": ...}", "{a:[{b:1}]} ~"),
        ("[{\"a\": \"...\", \"b\": \"...\"}]", "[{a:'...' b:'...'}]"),
        ("{\"a\": [ /* Order[] */ ]}", "{a:[]} ~"),
        (
            "{\"a\": <uuid>, \"b\": string[], \"c\": {{id}}, \"d\": ${n}}",
            "{a:<<uuid>> b:<string[]> c:<{{id}}> d:<${n}>}",
        ),
        (
            "{\"a\": ObjectId, \"b\": Decimal(10, 2), \"c\": { user_object }, \"d\": [user_objects], \"e\": text}",
            "{a:<ObjectId> b:<Decimal(10, 2)> c:{} d:[<user_objects>] e:<text>} ~",
        ),
        ("{\"a\": \"x\" | \"y\" | null, \"b\": string | null}", "{a:<\"x\" | \"y\" | null> b:<string | null>}"),
        ("{\"a\": true/false}", "{a:<true/false>}"),
        ("curl /orders --data '{", ""),
        ("\"a\": {\"b\": 1},\n\"c\": [2]", "{a:{b:1} c:[2]}"),
        ("{\"é\": \"\\u00e9\\n\"}", "{é:'é\n'}"),
        ("{\n  # one\n  \"a\": 1 /* two */\n}", "{a:1}"),
        ("{\"a\": 1}\n{\"a\": 2}\n\n[3]", "{a:1} / {a:2} / [3]"),
        ("// 404 Not Found - Member\n{\"a\": 1}\n# 409\n{}", "(404 Not Found - Member) 404 {a:1} / (409) 409 {}"),
        ("/* Created (201) */\n{}", "(Created (201)) 201 {}"),
        ("Request:\n{}\n\nResponse (202): {\"a\": 1}", "(Request:) {} / (Response (202):) 202 {a:1}"),
        (
            "POST /orders HTTP/1.1\nAuthorization: Bearer {token}\n\n{\"a\": 1}\n\nHTTP/1.1 201 Created\nLocation: /orders/7\n\n{}",
            "POST /orders HTTP/1.1 {a:1} / 201 {}",
        ),
        ("# Orders\nGET /orders\nDELETE /orders/7", "(Orders) GET /orders / DELETE /orders/7"),
        ("", ""),
        ("plain words\nand more", ""),
    ] {
        assert_eq!(bodies(text), expected, "{text}");
        assert_eq!(fence(text).1, [], "{text}");
    }
}

#[test]
fn problems_are_small_and_leave_the_other_bodies() {
    for (wrong, expected) in [
        ("{\"a\": 1\n \"b\": 2}", "1: missing comma after this"),
        ("{\"a\" 1}", "\"a\": missing colon after this key"),
        ("{\"a\": }", ":: a value is missing after this"),
        ("{\"a\": 1,, \"b\": 2}", ",: no value stands before this comma"),
        ("{\"a\": \"x\n}", "\"x: missing closing quote"),
        ("{\"a\": 'x'}", "'x': single quotes instead of double quotes"),
        ("{a: 1}", "a: the key `a` is not in double quotes"),
        ("{\"a\": undefined}", "undefined: `undefined` is not a JSON value"),
        ("{\"a\": NaN}", "NaN: `NaN` is not a JSON value"),
        ("{\"a\": 01}", "01: `01` is not a JSON value"),
        ("{\"a\": open}", "open: `open` is not a JSON value"),
        ("{\"a\": flase, \"b\": <id>}", "flase: `flase` is not a JSON value"),
        ("{\"a\": [1}", "[: this `[` is never closed"),
        ("{\"a\": {\"b\": 1}", "{: this `{` is never closed"),
        ("{\"a\": 1]}", "]: this `]` closes nothing"),
        ("{\"a\": \"\\q\"}", "\"\\q\": this string holds an escape that JSON does not know"),
    ] {
        let text = format!("[1]\n\n{wrong}\n\n{{\"z\": 2}}");
        let (bodies, problems) = fence(&text);
        let problems: Vec<_> =
            problems.iter().map(|it| format!("{}: {}", &text[it.span.range()], it.message)).collect();
        assert_eq!(problems, [expected], "{wrong}");
        let values: Vec<_> = bodies.iter().map(|it| it.value.as_ref().map(|it| plain(&it.value))).collect();
        assert_eq!(values, [Some("[1]".to_owned()), None, Some("{z:2}".to_owned())], "{wrong}");
    }
}

#[test]
fn the_text_at_a_span_is_the_value() {
    fn check(text: &str, value: &Spanned<Json>) {
        let part = &text[value.span.range()];
        if let Json::Hole(written) = &value.value {
            assert_eq!(part, written);
            return;
        }
        let (again, problems) = fence(part);
        assert_eq!(problems, []);
        assert_eq!(again[0].value.as_ref(), Some(value), "{part}");
        for it in value.value.elements() {
            check(text, it);
        }
        for it in value.value.properties() {
            assert_eq!(text[it.key.span.range()], format!("\"{}\"", it.key.value));
            check(text, &it.value);
        }
    }
    let text = "// one\n{\"é\": [1e3, -0.5, \"x…\", <id>, true], \"b\": {\"c\": null, \"d\": ...}}\n\"k\": {\"l\": 1}";
    for body in fence(text).0 {
        let value = body.value.expect("a value");
        if text[value.span.range()].starts_with('{') {
            check(text, &value);
        } else {
            check(text, value.value.get("k").expect("the key"));
        }
    }
}

#[test]
fn deep_nesting_is_one_problem() {
    for open in ["[", "{\"a\":", "[{\"a\":"] {
        let (_, problems) = fence(&open.repeat(10_000));
        assert_eq!(problems.len(), 1, "{open}");
        assert_eq!(problems[0].message, "nested deeper than 128 levels");
    }
    let text = format!("{}{}", "[".repeat(128), "]".repeat(128));
    assert_eq!(fence(&text).1, []);
}

#[test]
fn no_input_panics() {
    let seeds = [
        "// 404\n{\"é\": [1, ..., <id>], 'b': {\"c\": \"\\u00e9\"}}\n\nHTTP/1.1 200 OK\nA: b\n\n[{}]",
        "\"a\": 1,\n\"b\": ...\nPOST /x\n{ ... }\n/* x */ {\"a\": {{id}} }",
    ];
    let bits =
        ["\"", "'", "[", "]", "{", "}", ":", ",", "\n", "é", "...", "…", "/*", "//", "<", ">", "\\", "0", "\u{a0}"];
    let mut random = 11u64;
    let mut next = |limit: usize| {
        random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (random >> 33) as usize % limit.max(1)
    };
    for round in 0..6000 {
        let mut chars: Vec<char> = seeds[round % seeds.len()].chars().collect();
        for _ in 0..1 + next(6) {
            let at = next(chars.len());
            match next(3) {
                0 if next(4) == 0 => chars.truncate(at),
                1 if !chars.is_empty() => {
                    chars.remove(at);
                }
                _ => {
                    chars.splice(at..at, bits[next(bits.len())].chars());
                }
            }
        }
        let text: String = chars.into_iter().collect();
        let (bodies, problems) = fence(&text);
        for problem in problems {
            assert!(text.get(problem.span.range()).is_some(), "{text}");
        }
        for value in bodies.iter().filter_map(|it| it.value.as_ref()) {
            assert!(text.get(value.span.range()).is_some_and(|it| !it.is_empty()), "{text}");
        }
    }
}
