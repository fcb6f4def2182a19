//! SQL conditions of `CHECK` in CEL's spelling. Only what both languages have.

/// Rewrites a condition: `=` to `==`, `<>` to `!=`, `AND`, `OR`, `NOT`, `x BETWEEN a AND b`. `None` if it
/// uses anything else.
pub(crate) fn to_cel(condition: &str) -> Option<String> {
    let tokens = tokens(condition)?;
    let mut out: Vec<String> = Vec::new();
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        let upper = token.to_ascii_uppercase();
        match upper.as_str() {
            "BETWEEN" => {
                let name = out.pop()?;
                let (low, and, high) = (tokens.get(index + 1)?, tokens.get(index + 2)?, tokens.get(index + 3)?);
                if !and.eq_ignore_ascii_case("and") {
                    return None;
                }
                out.push(format!("({name} >= {low} && {name} <= {high})"));
                index += 3;
            }
            "AND" => out.push("&&".to_owned()),
            "OR" => out.push("||".to_owned()),
            "NOT" => out.push("!".to_owned()),
            "TRUE" | "FALSE" => out.push(upper.to_ascii_lowercase()),
            "IS" => {
                let not = tokens.get(index + 1)?.eq_ignore_ascii_case("not");
                let null = tokens.get(index + 1 + usize::from(not))?;
                if !null.eq_ignore_ascii_case("null") {
                    return None;
                }
                out.push(if not { "!= null" } else { "== null" }.to_owned());
                index += 1 + usize::from(not);
            }
            "=" => out.push("==".to_owned()),
            "<>" => out.push("!=".to_owned()),
            "IN" | "LIKE" | "SIMILAR" | "CASE" | "EXISTS" | "SELECT" | "~" => return None,
            _ => out.push(token.clone()),
        }
        index += 1;
    }
    Some(out.join(" "))
}

fn tokens(condition: &str) -> Option<Vec<String>> {
    let mut tokens = Vec::new();
    let mut rest = condition.trim();
    while let Some(first) = rest.chars().next() {
        let len = if first.is_alphabetic() || first == '_' {
            rest.find(|it: char| !(it.is_alphanumeric() || it == '_')).unwrap_or(rest.len())
        } else if first.is_ascii_digit() {
            rest.find(|it: char| !(it.is_ascii_digit() || it == '.')).unwrap_or(rest.len())
        } else if first == '\'' {
            rest.get(1..)?.find('\'')? + 2
        } else if rest.starts_with("<>") || rest.starts_with(">=") || rest.starts_with("<=") || rest.starts_with("!=") {
            2
        } else if "()<>=+-*/,".contains(first) {
            1
        } else {
            return None;
        };
        tokens.push(rest.get(..len)?.to_owned());
        rest = rest.get(len..)?.trim_start();
    }
    Some(tokens)
}

#[cfg(test)]
mod tests {
    use super::to_cel;

    #[test]
    fn conditions() {
        for (sql, cel) in [
            ("ends_at > starts_at", Some("ends_at > starts_at")),
            ("capacity BETWEEN 1 AND 200", Some("(capacity >= 1 && capacity <= 200)")),
            ("a = 1 AND b <> 'x' OR c IS NOT NULL", Some("a == 1 && b != 'x' || c != null")),
            ("name LIKE 'a%'", None),
            ("x ~ '^a'", None),
            ("email IN ('a')", None),
        ] {
            assert_eq!(to_cel(sql).as_deref(), cel, "{sql}");
        }
    }
}
