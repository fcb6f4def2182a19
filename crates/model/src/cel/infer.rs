//! The walk over the tree: a type for each node, problems on the way, and the edits that make the
//! source what the runtime compiles.

use cel::IdedExpr;
use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, LiteralValue, SourceInfo, operators};
use source::{Text, nearest};

use super::edit::Edits;
use super::lex::{Kind, Tokens};
use super::moment;
use super::ty::{Record, Ty};
use super::{Problem, Scope};

/// Names that are always there.
const GIVEN: [&str; 5] = ["self", "oldSelf", "config", "principal", "now"];

/// A node's type and its first and last token.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    pub(super) ty: Ty<'a>,
    pub(super) first: usize,
    pub(super) last: usize,
}

pub(super) struct Walk<'a> {
    pub(super) text: &'a Text,
    pub(super) scope: &'a Scope,
    pub(super) tokens: &'a Tokens,
    pub(super) info: &'a SourceInfo,
    pub(super) edits: Edits,
    pub(super) problems: Vec<Problem>,
    pub(super) reads: Vec<String>,
    pub(super) compares_old: bool,
    /// Variables of the macros around the node, innermost last.
    pub(super) bound: Vec<(String, Ty<'a>)>,
}

impl<'a> Walk<'a> {
    pub(super) fn infer(&mut self, node: &IdedExpr) -> Node<'a> {
        match &node.expr {
            Expr::Literal(value) => self.literal(node.id, value),
            Expr::Ident(name) => self.name(node.id, name),
            Expr::Select(select) => self.select(&select.operand, &select.field, select.test),
            Expr::Call(call) => self.call(node.id, call),
            Expr::Comprehension(it) => self.comprehension(node.id, it),
            Expr::List(list) => {
                let first = self.token(node.id);
                let items: Vec<(&IdedExpr, Node<'a>)> = list.elements.iter().map(|it| (it, self.infer(it))).collect();
                let ty = items.iter().fold(Ty::Null, |sum, (_, it)| sum.join(it.ty.clone()));
                if ty == Ty::Double {
                    for (expr, item) in &items {
                        self.adapt(expr, item, &Ty::Double);
                    }
                }
                let ty = if ty == Ty::Null { Ty::Dyn } else { ty };
                Node { ty: Ty::list(ty), first, last: self.closing(first) }
            }
            Expr::Map(map) => {
                let first = self.token(node.id);
                let mut ty = Ty::Null;
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.infer(&entry.key);
                        ty = ty.join(self.infer(&entry.value).ty);
                    }
                }
                let ty = if ty == Ty::Null { Ty::Dyn } else { ty };
                Node { ty: Ty::Map(Box::new(ty)), first, last: self.closing(first) }
            }
            Expr::Struct(_) | Expr::Unspecified => {
                let first = self.token(node.id);
                let place = Node { ty: Ty::Dyn, first, last: first };
                self.problem(&place, "message types have no place in a constraint".to_owned(), None);
                place
            }
        }
    }

    fn literal(&mut self, id: u64, value: &LiteralValue) -> Node<'a> {
        let mut first = self.token(id);
        let mut last = first;
        let negative = match value {
            LiteralValue::Int(it) => *it.inner() < 0,
            LiteralValue::Double(it) => it.inner().is_sign_negative(),
            _ => false,
        };
        if self.tokens.word(first) == "-" {
            last = first + 1;
        } else if negative && first > 0 && self.tokens.word(first - 1) == "-" {
            first -= 1;
        }
        let ty = match value {
            LiteralValue::Boolean(_) => Ty::Bool,
            LiteralValue::Bytes(_) => Ty::Bytes,
            LiteralValue::Double(_) => Ty::Double,
            LiteralValue::Int(_) => Ty::Int,
            LiteralValue::Null => Ty::Null,
            LiteralValue::String(_) => Ty::String,
            LiteralValue::UInt(_) => {
                let place = Node { ty: Ty::Int, first, last };
                let message = format!("{} is unsigned, and no field is", self.quote(&place));
                self.problem(&place, message, Some("leave out the `u`".to_owned()));
                Ty::Int
            }
        };
        Node { ty, first, last }
    }

    fn name(&mut self, id: u64, name: &str) -> Node<'a> {
        let at = self.token(id);
        let node = |ty| Node { ty, first: at, last: at };
        if let Some((_, ty)) = self.bound.iter().rev().find(|(it, _)| it == name) {
            return node(ty.clone());
        }
        match name {
            "self" => return node(Ty::Record(Record::New)),
            "config" => return node(Ty::Record(Record::Config)),
            "principal" => return node(Ty::Dyn),
            "now" => return node(Ty::Timestamp),
            "oldSelf" => {
                self.compares_old = true;
                return node(Ty::Record(Record::Old));
            }
            _ => {}
        }
        if let Some((field, ty)) = self.scope.fields.iter().find(|(it, _)| it == name) {
            self.edits.open(self.tokens.bytes(at, at).start, "self.");
            self.read(field);
            return node(Ty::of(ty, self.scope));
        }
        if super::calls::is_type_name(name) {
            return node(Ty::Dyn);
        }
        let names = self.scope.fields.iter().map(|(it, _)| it.as_str());
        let bound = self.bound.iter().map(|(it, _)| it.as_str());
        let near = nearest(name, names.chain(GIVEN).chain(bound));
        let help = near.map(|it| format!("did you mean `{it}`?"));
        self.problem(&node(Ty::Dyn), format!("`{name}` is not a field"), help);
        node(Ty::Dyn)
    }

    fn select(&mut self, operand: &IdedExpr, field: &str, test: bool) -> Node<'a> {
        let of = self.infer(operand);
        let outer = self.outer(&of);
        let last = outer.last + 2;
        let word = Node { ty: Ty::Dyn, first: last, last };
        let ty = self.member(&of, &word, field);
        let node = Node { ty, first: outer.first, last };
        let Some(open) = outer.first.checked_sub(1).filter(|_| test) else {
            return node;
        };
        // A record may hold null for what is absent, so presence is both.
        let call = Node { ty: Ty::Bool, first: open.saturating_sub(1), last: self.closing(open) };
        let inner = self.edits.apply(&self.tokens.text, self.tokens.bytes(node.first, node.last));
        let range = self.tokens.bytes(call.first, call.last);
        self.edits.open(range.start, "(");
        self.edits.close(range.end, format!(" && {inner} != null)"));
        call
    }

    /// The type of `field` of a node; `word` is where it is named.
    fn member(&mut self, of: &Node<'a>, word: &Node<'a>, field: &str) -> Ty<'a> {
        let scope = self.scope;
        let (found, names): (Option<Ty<'a>>, Vec<&str>) = match &of.ty {
            Ty::Dyn => return Ty::Dyn,
            Ty::Map(value) => return (**value).clone(),
            Ty::Record(Record::Object(members)) => (
                members.iter().find(|it| it.name.value == field).map(|it| Ty::of(&it.ty.value, scope)),
                members.iter().map(|it| it.name.value.as_str()).collect(),
            ),
            Ty::Record(record) => {
                let fields = if *record == Record::Config { &scope.config } else { &scope.fields };
                let found = fields.iter().find(|(it, _)| it == field);
                if let Some((name, _)) = found.filter(|_| *record == Record::New) {
                    self.read(name);
                }
                (found.map(|(_, ty)| Ty::of(ty, scope)), fields.iter().map(|(it, _)| it.as_str()).collect())
            }
            other => {
                let message = format!("{} is {} and has no fields", self.quote(of), other.words());
                self.problem(word, message, None);
                return Ty::Dyn;
            }
        };
        if let Some(ty) = found {
            return ty;
        }
        let what = if of.ty == Ty::Record(Record::Config) {
            format!("`{field}` is not a config option")
        } else {
            format!("`{field}` is not a field")
        };
        let help = nearest(field, names).map(|it| format!("did you mean `{it}`?"));
        self.problem(word, what, help);
        Ty::Dyn
    }

    fn call(&mut self, id: u64, call: &CallExpr) -> Node<'a> {
        match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::CONDITIONAL, [condition, yes, no]) => self.conditional(condition, yes, no),
            (operators::LOGICAL_NOT | operators::NEGATE, [operand]) => {
                let first = self.token(id);
                let of = self.infer(operand);
                let ty = if call.func_name == operators::NEGATE {
                    if !of.ty.is_number() && of.ty != Ty::Duration {
                        self.expected(&of, "a number");
                    }
                    of.ty.clone()
                } else {
                    self.condition(&of);
                    Ty::Bool
                };
                Node { ty, first, last: self.outer(&of).last }
            }
            (operators::INDEX, [operand, index]) => self.index(id, operand, index),
            (name, [left, right]) if is_binary(name) => self.binary(name, left, right),
            _ => self.function(id, call),
        }
    }

    fn conditional(&mut self, condition: &IdedExpr, yes: &IdedExpr, no: &IdedExpr) -> Node<'a> {
        let head = self.infer(condition);
        self.condition(&head);
        let (a, b) = (self.infer(yes), self.infer(no));
        let (left, right) = self.meet((yes, &a), (no, &b));
        if !left.equals(&right) {
            let message = format!("one branch is {}, the other {}", left.words(), right.words());
            self.problem(&b, message, None);
        }
        Node { ty: left.join(right), first: self.outer(&head).first, last: self.outer(&b).last }
    }

    fn index(&mut self, id: u64, operand: &IdedExpr, index: &IdedExpr) -> Node<'a> {
        let open = self.token(id);
        let of = self.infer(operand);
        let key = self.infer(index);
        let ty = match &of.ty {
            Ty::List(item) => {
                if key.ty != Ty::Int && key.ty != Ty::Dyn {
                    self.expected(&key, "a whole number");
                }
                (**item).clone()
            }
            Ty::Map(value) => {
                if !key.ty.is_text() {
                    self.expected(&key, "text");
                }
                (**value).clone()
            }
            Ty::Record(_) => match string_value(index) {
                Some(field) => self.member(&of, &key, &field),
                None => Ty::Dyn,
            },
            Ty::Dyn => Ty::Dyn,
            other => {
                let message = format!("{} is {} and has no items", self.quote(&of), other.words());
                self.problem(&of, message, None);
                Ty::Dyn
            }
        };
        Node { ty, first: self.outer(&of).first, last: self.closing(open) }
    }

    fn binary(&mut self, name: &str, left: &IdedExpr, right: &IdedExpr) -> Node<'a> {
        let (a, b) = (self.infer(left), self.infer(right));
        let (first, last) = (self.outer(&a).first, self.outer(&b).last);
        let node = |ty| Node { ty, first, last };
        match name {
            operators::LOGICAL_AND | operators::LOGICAL_OR => {
                self.condition(&a);
                self.condition(&b);
                return node(Ty::Bool);
            }
            operators::IN => {
                self.within((left, &a), (right, &b));
                return node(Ty::Bool);
            }
            _ => {}
        }
        if self.is_unquoted((left, &a), (right, &b)) {
            return node(Ty::Bool);
        }
        let (x, y) = self.meet((left, &a), (right, &b));
        let fits = match name {
            operators::EQUALS | operators::NOT_EQUALS => x.equals(&y),
            operators::MODULO => {
                if let Some(wrong) = [(&x, &a), (&y, &b)]
                    .into_iter()
                    .find_map(|(ty, node)| (!matches!(ty, Ty::Int | Ty::Dyn)).then_some(node))
                {
                    self.expected(wrong, "a whole number");
                }
                return node(Ty::Int);
            }
            operators::ADD | operators::SUBSTRACT | operators::MULTIPLY | operators::DIVIDE => {
                let Some(ty) = arithmetic(name, &x, &y) else {
                    self.mismatch(name, (&a, &x), (&b, &y));
                    return node(Ty::Dyn);
                };
                return node(ty);
            }
            _ => x.equals(&y) && is_ordered(&x) && is_ordered(&y),
        };
        if !fits {
            self.mismatch(name, (&a, &x), (&b, &y));
        }
        node(Ty::Bool)
    }

    fn within(&mut self, item: (&IdedExpr, &Node<'a>), list: (&IdedExpr, &Node<'a>)) {
        if let Expr::List(elements) = &list.0.expr {
            for element in &elements.elements {
                // The elements were walked as part of the list: their edits and problems stand.
                let ty = self.literal_type(element);
                let Some(place) = ty.map(|ty| self.place(element, ty)) else {
                    continue;
                };
                let (x, y) = self.meet(item, (element, &place));
                if !x.equals(&y) {
                    self.mismatch(operators::EQUALS, (item.1, &x), (&place, &y));
                }
            }
            return;
        }
        match &list.1.ty {
            Ty::List(of) => {
                let ty = (**of).clone();
                let (x, _) = self.meet(item, (list.0, &Node { ty: ty.clone(), ..list.1.clone() }));
                if !x.equals(&ty) {
                    let message =
                        format!("{} is {}, the items of {} are not", self.quote(item.1), x.words(), self.quote(list.1));
                    self.problem(item.1, message, None);
                }
            }
            Ty::Map(_) | Ty::Record(_) => {
                if !item.1.ty.is_text() {
                    self.expected(item.1, "text");
                }
            }
            Ty::Dyn => {}
            other => {
                let message = format!("{} is {}, not a list", self.quote(list.1), other.words());
                let help = other.is_text().then(|| "write `text.contains(part)`".to_owned());
                self.problem(list.1, message, help);
            }
        }
    }

    /// The type of a literal; `None` of anything else.
    fn literal_type(&self, node: &IdedExpr) -> Option<Ty<'a>> {
        match &node.expr {
            Expr::Literal(LiteralValue::Int(_)) => Some(Ty::Int),
            Expr::Literal(LiteralValue::Double(_)) => Some(Ty::Double),
            Expr::Literal(LiteralValue::String(_)) => Some(Ty::String),
            Expr::Literal(LiteralValue::Boolean(_)) => Some(Ty::Bool),
            _ => None,
        }
    }

    fn place(&self, node: &IdedExpr, ty: Ty<'a>) -> Node<'a> {
        let at = self.token(node.id);
        let last = if self.tokens.word(at) == "-" { at + 1 } else { at };
        Node { ty, first: at, last }
    }

    fn comprehension(&mut self, id: u64, it: &ComprehensionExpr) -> Node<'a> {
        let open = self.token(id);
        let range = self.infer(&it.iter_range);
        let item = match &range.ty {
            Ty::List(item) => (**item).clone(),
            Ty::Map(_) | Ty::Record(_) => Ty::String,
            Ty::Dyn => Ty::Dyn,
            other => {
                let message = format!("{} is {}, not a list", self.quote(&range), other.words());
                self.problem(&range, message, None);
                Ty::Dyn
            }
        };
        let init = self.infer(&it.accu_init).ty;
        let depth = self.bound.len();
        self.bound.push((it.accu_var.clone(), init.clone()));
        self.bound.push((it.iter_var.clone(), item));
        let step = self.infer(&it.loop_step).ty;
        self.bound.truncate(depth);
        self.bound.push((it.accu_var.clone(), init.join(step)));
        let ty = self.infer(&it.result).ty;
        self.bound.truncate(depth);
        Node { ty, first: self.outer(&range).first, last: self.closing(open) }
    }

    /// Lets literals take the type of what they meet; the types that the two then have.
    pub(super) fn meet(
        &mut self,
        (left, a): (&IdedExpr, &Node<'a>),
        (right, b): (&IdedExpr, &Node<'a>),
    ) -> (Ty<'a>, Ty<'a>) {
        let x = self.adapt(left, a, &b.ty);
        let y = self.adapt(right, b, &a.ty);
        (x, y)
    }

    /// The type that a node has where `to` is met; whole numbers become numbers, texts that are dates
    /// become points in time.
    fn adapt(&mut self, expr: &IdedExpr, node: &Node<'a>, to: &Ty<'a>) -> Ty<'a> {
        let range = self.tokens.bytes(node.first, node.last);
        match (&node.ty, to) {
            (Ty::Int, Ty::Double) => {
                let decimal = self.tokens.word(node.last).bytes().all(|it| it.is_ascii_digit());
                if matches!(expr.expr, Expr::Literal(_)) && decimal {
                    self.edits.close(range.end, ".0".to_owned());
                } else if node.last >= node.first && self.tokens.word(node.first) != "(" {
                    self.edits.open(range.start, "double(");
                    self.edits.close(range.end, ")".to_owned());
                }
                Ty::Double
            }
            (Ty::String, Ty::Timestamp | Ty::Duration) => {
                let Some(value) = string_value(expr) else {
                    return node.ty.clone();
                };
                let written = if *to == Ty::Timestamp {
                    moment::timestamp(&value).map(|it| format!("timestamp(\"{it}\")"))
                } else {
                    moment::is_duration(&value).then(|| format!("duration(\"{value}\")"))
                };
                if let Some(written) = written {
                    self.edits.replace(range, written);
                } else {
                    let (what, help) = if *to == Ty::Timestamp {
                        ("a date", "write it as `\"2026-01-31\"` or `\"2026-01-31T12:00:00Z\"`")
                    } else {
                        ("a length of time", "write it as `\"90m\"` or `\"24h\"`")
                    };
                    self.problem(node, format!("`{value}` is not {what}"), Some(help.to_owned()));
                }
                to.clone()
            }
            (Ty::String, Ty::Enum(words)) => {
                if let Some(value) = string_value(expr)
                    && !words.iter().any(|it| it.value == value)
                {
                    let all: Vec<&str> = words.iter().map(|it| it.value.as_str()).collect();
                    let help = nearest(&value, all.iter().copied()).map(|it| format!("did you mean `{it}`?"));
                    let set = all.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
                    self.problem(node, format!("`{value}` is not one of {set}"), help);
                }
                to.clone()
            }
            (ty, _) => ty.clone(),
        }
    }

    /// Whether one side is a word of the other side's set without quotes: the problem that the name
    /// gave is told again with what to do.
    fn is_unquoted(&mut self, left: (&IdedExpr, &Node<'a>), right: (&IdedExpr, &Node<'a>)) -> bool {
        for ((expr, node), (_, other)) in [(left, right), (right, left)] {
            let (Expr::Ident(name), Ty::Enum(words)) = (&expr.expr, &other.ty) else {
                continue;
            };
            if !words.iter().any(|it| it.value == *name) || node.ty != Ty::Dyn {
                continue;
            }
            let span = self.span(node);
            if let Some(problem) = self.problems.iter_mut().find(|it| it.span == span) {
                problem.help = Some(format!("put it in quotes: `\"{name}\"`"));
                return true;
            }
        }
        false
    }

    pub(super) fn condition(&mut self, node: &Node<'a>) {
        if !node.ty.is_bool() {
            self.expected(node, "true or false");
        }
    }

    pub(super) fn expected(&mut self, node: &Node<'a>, what: &str) {
        let message = format!("{} is {}, not {what}", self.quote(node), node.ty.words());
        self.problem(node, message, None);
    }

    fn mismatch(&mut self, name: &str, (a, x): (&Node<'a>, &Ty<'a>), (b, y): (&Node<'a>, &Ty<'a>)) {
        let sign = name.trim_matches('_').trim_start_matches('@');
        let what = match name {
            operators::ADD | operators::SUBSTRACT | operators::MULTIPLY | operators::DIVIDE => {
                format!("`{sign}` does not join {} and {}", x.words(), y.words())
            }
            _ if x.equals(y) => format!("{} has no order: it is {}", self.quote(a), x.words()),
            _ => format!(
                "{} is {}, {} is {}: they cannot be compared",
                self.quote(a),
                x.words(),
                self.quote(b),
                y.words()
            ),
        };
        let quoted = |node: &Node<'a>| self.tokens.kind(node.first) == Some(Kind::String);
        let at = if quoted(a) && !quoted(b) { a } else { b };
        let place = at.clone();
        self.problem(&place, what, None);
    }

    pub(super) fn problem(&mut self, node: &Node<'a>, message: String, help: Option<String>) {
        let span = self.span(node);
        self.problems.push(Problem { span, message, help, syntax: false });
    }

    fn span(&self, node: &Node<'a>) -> source::Span {
        self.text.span(self.edits.origin(self.tokens.bytes(node.first, node.last)))
    }

    /// The words of a node, in backticks.
    pub(super) fn quote(&self, node: &Node<'a>) -> String {
        let range = self.edits.origin(self.tokens.bytes(node.first, node.last));
        let words = self.text.as_str().get(range).unwrap_or("");
        if words.chars().count() > 40 { "this".to_owned() } else { format!("`{words}`") }
    }

    fn read(&mut self, field: &str) {
        if !self.reads.iter().any(|it| it == field) {
            self.reads.push(field.to_owned());
        }
    }

    pub(super) fn token(&self, id: u64) -> usize {
        self.tokens.at(self.info.offset_for(id).map_or(0, |(start, _)| start as usize))
    }

    pub(super) fn closing(&self, open: usize) -> usize {
        self.tokens.get(open).and_then(|it| it.pair).unwrap_or(open)
    }

    /// The node with the parentheses around it, but not those of a call.
    pub(super) fn outer(&self, node: &Node<'a>) -> Node<'a> {
        let (mut first, mut last) = (node.first, node.last);
        while let Some(open) = first.checked_sub(1)
            && self.tokens.word(open) == "("
            && self.closing(open) == last + 1
            && open.checked_sub(1).is_none_or(|it| self.tokens.kind(it) != Some(Kind::Name))
        {
            (first, last) = (open, last + 1);
        }
        Node { ty: node.ty.clone(), first, last }
    }
}

pub(super) fn string_value(node: &IdedExpr) -> Option<String> {
    match &node.expr {
        Expr::Literal(LiteralValue::String(it)) => Some(it.inner().to_owned()),
        _ => None,
    }
}

fn is_binary(name: &str) -> bool {
    name == operators::IN || name.starts_with('_') && name.ends_with('_') && name.len() > 2
}

fn is_ordered(ty: &Ty<'_>) -> bool {
    !matches!(ty, Ty::List(_) | Ty::Map(_) | Ty::Record(_) | Ty::Null)
}

fn arithmetic<'a>(name: &str, a: &Ty<'a>, b: &Ty<'a>) -> Option<Ty<'a>> {
    let (add, subtract) = (name == operators::ADD, name == operators::SUBSTRACT);
    Some(match (a, b) {
        (Ty::Dyn, Ty::Dyn) => Ty::Dyn,
        (Ty::Timestamp, Ty::Timestamp) if subtract => Ty::Duration,
        (Ty::Timestamp, Ty::Duration | Ty::Dyn) if add || subtract => Ty::Timestamp,
        (Ty::Duration, Ty::Timestamp) if add => Ty::Timestamp,
        (Ty::Duration, Ty::Duration | Ty::Dyn) if add || subtract => Ty::Duration,
        (Ty::List(_), Ty::List(_)) if add => a.clone().join(b.clone()),
        (Ty::Bytes, Ty::Bytes) if add => Ty::Bytes,
        _ if add && a.is_text() && b.is_text() => Ty::String,
        _ if a.is_number() && b.is_number() => a.clone().join(b.clone()),
        (Ty::Dyn, _) | (_, Ty::Dyn) => Ty::Dyn,
        _ => return None,
    })
}
