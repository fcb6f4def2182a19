//! Calculations written out with a result that they do not have.

use source::{Applicability, Edit, Level};
use syntax::inline::Slice;
use syntax::quantity::arithmetic::{self, Wrong};
use syntax::quantity::figure::written_like;

use crate::texts::Holds;
use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "wrong-arithmetic",
    summary: "a calculation does not give the result that is written",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/wrong-arithmetic.md"),
    check: Check::Review(wrong_arithmetic),
};

fn wrong_arithmetic(sink: &mut Sink<'_>, review: &Review<'_>) {
    for text in review.texts().with_any(Holds::DIGIT) {
        // Nothing is calculated without a sign of equality, a bracket or the word `downtime`.
        if text.holds.any(Holds::EQUALITY) || text.holds.all(Holds::PERCENT.and(Holds::AVAILABILITY)) {
            text.inline.all().lines().for_each(|it| line(sink, it));
        }
    }
}

fn line(sink: &mut Sink<'_>, line: Slice<'_>) {
    let text = line.as_str();
    for wrong in arithmetic::wrong(text) {
        tell(sink, line, &wrong, "what is calculated");
    }
    if text.contains('%')
        && let Some(wrong) = arithmetic::wrong_downtime(text)
    {
        tell(sink, line, &wrong, "the availability");
    }
}

fn tell(sink: &mut Sink<'_>, line: Slice<'_>, wrong: &Wrong, what: &str) {
    let part = |range: &std::ops::Range<usize>| line.get(range.clone());
    let (left, right, digits) = (part(&wrong.left), part(&wrong.right), part(&wrong.digits));
    let value = written_like(wrong.value, digits.as_str());
    let unit = right.as_str().get(digits.offset_in(right) + digits.as_str().len()..).unwrap_or("");
    drop(
        sink.report(right.span(), format!("`{}` is {value}{unit}, not `{}`", left.as_str(), right.as_str()))
            .label(left.span(), what)
            .fix(
                format!("write `{value}`"),
                Applicability::Unsafe,
                vec![Edit { span: digits.span(), text: value.clone() }],
            ),
    );
}
