use source::FileId;

use super::*;
use crate::decl::Member;
use crate::types::Type;

/// One line for each declaration and member: `name?: type // comments`.
fn show(src: &str) -> String {
    let found = read(&Text::verbatim(src, FileId(0), 0));
    let mut lines = Vec::new();
    for item in &found.items {
        let extends: Vec<String> = item.extends.iter().map(crate::decl::tests::show_base).collect();
        let mut head = match &item.body {
            Body::Record(_) => format!("record {}", item.name.value),
            Body::Class(_) => format!("class {}", item.name.value),
            Body::Alias(ty) => format!("alias {} = {}", item.name.value, ty.describe()),
        };
        if !extends.is_empty() {
            head = format!("{head} < {}", extends.join(", "));
        }
        lines.push(comment(head, &item.comments));
        if let Body::Record(members) | Body::Class(members) = &item.body {
            show_members(members, 1, &mut lines);
        }
    }
    lines.extend(found.unread.iter().map(|it| format!("! {} @ {:?}", it.why, &src[it.span.range()])));
    lines.join("\n")
}

fn show_members(members: &[Member], depth: usize, lines: &mut Vec<String>) {
    for member in members {
        let optional = if member.optional { "?" } else { "" };
        let readonly = if member.generated { "readonly " } else { "" };
        let mut line =
            format!("{}{readonly}{}{optional}: {}", "  ".repeat(depth), member.name.value, member.ty.value.describe());
        if let Some(default) = &member.default {
            line = format!("{line} = {}", default.value);
        }
        lines.push(comment(line, &member.comments));
        let mut ty = member.ty.value.bare();
        while let Type::Array(item) | Type::Map(item) = ty {
            ty = item.bare();
        }
        if let Type::Object(members) = ty {
            show_members(members, depth + 1, lines);
        }
    }
}

fn comment(line: String, comments: &[Spanned<String>]) -> String {
    let comments: Vec<&str> = comments.iter().map(|it| it.value.as_str()).collect();
    if comments.is_empty() { line } else { format!("{line} // {}", comments.join(" / ")) }
}

#[track_caller]
fn check(src: &str, expected: &str) {
    let expected: Vec<&str> = expected.trim_matches('\n').lines().collect();
    assert_eq!(show(src), expected.join("\n"));
}

#[test]
fn an_interface() {
    check(
        "
// A crate of fruit
// in the depot
export interface Crate extends Base, Stock<Fruit> { // kept for a year
  readonly id: string; // UUID v7
  /** Weight in kilograms */
  weight?: number
  'bar-code': string | null // é → EAN
  label: string | undefined, fragile: boolean
  packed: Date;

  // above

  // directly above
  tags: string[]
  sizes: Array<number>
  prices: Record<string, number>
  stock: Map<string, Crate>
  later: Promise<Crate>
  part: Partial<Crate>
  page: Page<Crate>
  // ... other fields
  ship(): void
  total(x: number): number; // not a field
  [key: string]: unknown
  onOpen: (x: number) => void
  path: `/${string}`
  pair: [number, number]
  meta: { ... }
  any: any
}",
        "
record Crate < Base, Stock // A crate of fruit / in the depot / kept for a year
  readonly id: string // UUID v7
  weight?: number // Weight in kilograms
  bar-code: string or null // é → EAN
  label?: string
  fragile: boolean
  packed: datetime
  tags: list of string // directly above
  sizes: list of number
  prices: map to number
  stock: map to `Crate`
  later: `Crate`
  part: `Crate`
  page: `Page<Crate>`
  onOpen: `(x: number) => void`
  path: `` `/${string}` ``
  pair: `[number, number]`
  meta: json
  any: json"
            .replace("`` `/${string}` ``", "``/${string}``")
            .as_str(),
    );
}

#[test]
fn aliases() {
    check(
        "
type Size = 's' | \"m\" | null;
export type State =
  | 'open' // to all
  | 'shut';
type Level = 1 | 2 | -3
type Sure = true
type Flag = true | false
type Crate = Base & { id: string }
type Both = Base & Stock
type Point = { x: number, y: number }; // a place
type Alias = Crate
type List<T> = { items: T[] }
type Id = string & { __brand: 'Id' }
type Dict = { [key: string]: number }
type Fn = (x: number) => void;
type Mixed = string | number
type Time = Date | string
",
        "
alias Size = one of `s`, `m` or null
alias State = one of `open`, `shut`
alias Level = one of `1`, `2`, `-3`
alias Sure = `true`
alias Flag = boolean
record Crate < Base
  id: string
record Both < Base, Stock
record Point // a place
  x: number
  y: number
alias Alias = `Crate`
record List
  items: list of `T`
alias Id = string
alias Dict = map to number
alias Fn = `(x: number) => void`
alias Mixed = `string | number`
alias Time = string",
    );
}

#[test]
fn enums_and_classes() {
    check(
        "
export enum Size { Small = 's', Large = \"l\" }
declare const enum Bare { One, Two }
enum Level { Low = 1, High = 2 }
@Entity()
export abstract class Crate extends Base implements Kept {
  static count = 0;
  #secret = 1;
  @Column() id: string; // key
  state: Size = 'open';
  weight = 3;
  constructor(public readonly depot: string, private db: Db) { super(); }
  pack(): void { const x = 1; }
  get full() { return true }
}",
        "
alias Size = one of `s`, `l`
alias Bare = one of `One`, `Two`
alias Level = one of `1`, `2`
class Crate < Base
  id: string // key
  state: `Size` = open
  weight: number = 3
  readonly depot: string",
    );
}

#[test]
fn objects_within() {
    check(
        "
interface Crate {
  origin: { // where it grew
    farm: string; // name
    place?: { lat: number; lon: number } | null
  }; // behind
  fruits: {
    kind: string
  }[]
}",
        "
record Crate
  origin: object // where it grew / behind
    farm: string // name
    place?: object or null
      lat: number
      lon: number
  fruits: list of object
    kind: string",
    );
}

#[test]
fn code_is_skipped() {
    for src in [
        "const x = { a: 1 } as const;\nexport function f(a: string): void { return g(a) }",
        "import { useState } from 'react'\nconst [a, b] = useState<string>('')",
        "GET /crates/:id",
        "type: string",
        "interface of the depot, in words",
        "",
    ] {
        check(src, "");
    }
    check(
        "import x from 'y';\ninterface A { id: string }\nexport const useA = () => { return <b>{x}</b> }",
        "record A\n  id: string",
    );
}

#[test]
fn parts_of_others() {
    check(
        "
type Patch = Partial<Crate>;
type Draft = Omit<Crate, 'id' | 'packed'>
type Label = Pick<Crate, \"id\"> & { text: string }
interface Full extends Required<Crate>, Omit<Stock, 'id'> { depot: string }
type Loop = Loop
",
        "
record Patch < Partial Crate
record Draft < Crate without id packed
record Label < Crate with id
  text: string
record Full < Required Crate, Stock without id
  depot: string
alias Loop = `Loop`",
    );
}

#[test]
fn schemas() {
    crate::decl::tests::check(
        read,
        "
import { z } from 'zod';
const Level = z.enum(['basic', 'gold']);
// A loan.
export const LoanSchema = z.object({
  id: z.string().uuid(),
  title: z.string().min(1).max(80), // shown in lists
  days: z.number().int().min(1).max(30).default(14),
  note: z.string().nullable().optional(),
  email: z.string().email(),
  tags: z.array(z.string()).max(5),
  level: Level,
  kind: z.literal('book'),
  counts: z.record(z.string(), z.number()),
  when: z.coerce.date(),
  place: z.object({ city: z.string() }),
  code: z.string().regex(/^[A-Z]+$/, 'capitals').describe('on the spine'),
  any: z.custom<Foo>(),
}).strict();
export type Loan = z.infer<typeof LoanSchema>;
export const createLoanSchema = LoanSchema.omit({ id: true }).extend({ reader: z.string() });
const patch = createLoanSchema.partial();
type NewLoan = z.infer<typeof createLoanSchema>;
const limit = 5;
",
        "
alias Level = one of `basic`, `gold`
record Loan // A loan.
  id: uuid
  title: string [length 1.., length ..80] // shown in lists
  days: integer = 14 [range =1.., range ..=30]
  note?: string or null
  email: email
  tags: list of string [length ..5]
  level: `Level`
  kind: `book`
  counts: map to number
  when: datetime
  place: object
  code: string [/^[A-Z]+$/] // on the spine
  any: `z.custom<Foo>()`
record createLoan < Loan without id
  reader: string
record patch < Partial createLoan
alias NewLoan = `createLoan`",
    );
}

#[test]
fn an_error_keeps_its_neighbours() {
    check(
        "interface A {\n  id: string\n  first name: string\n  last: number\n}\ninterface B { id: string }",
        "
record A
  id: string
  first: string
  last: number
record B
  id: string
! unexpected `name` @ \"name\"",
    );
    check(
        "interface A {\n  id: string\n\n// second\ninterface B {\n  id: string\n}",
        "
record A
  id: string
record B // second
  id: string
! missing `}` @ \"\"",
    );
}

#[test]
fn spans_are_of_the_words_meant() {
    let src = "// é\ninterface Größe { 'bar code'?: 'ä' | null; }\n type T = \"ö\"";
    let text = Text::verbatim(src, FileId(0), 0);
    let found = read(&text);
    let at = |span: source::Span| &src[span.range()];
    assert_eq!(at(found.items[0].name.span), "Größe");
    assert_eq!(at(found.items[0].comments[0].span), "é");
    assert_eq!(at(found.items[0].span), "interface Größe { 'bar code'?: 'ä' | null; }");
    let Body::Record(members) = &found.items[0].body else { panic!() };
    assert_eq!(at(members[0].name.span), "bar code");
    assert_eq!(at(members[0].ty.span), "'ä' | null");
    assert_eq!(at(members[0].span), "'bar code'?: 'ä' | null");
    let Type::Enum(words) = members[0].ty.value.bare() else { panic!() };
    assert_eq!(at(words[0].span), "ä");
    let Body::Alias(Type::Enum(words)) = &found.items[1].body else { panic!() };
    assert_eq!(at(words[0].span), "ö");
}

#[test]
fn no_text_is_too_strange() {
    let seed = "interface A<T> extends B { // c\n id: 'a' | null; x?: { y: T[] }\n}\n\
                type C = A & { ... }\nexport enum D { E = 1, é }\nclass F { g = 'h'; i(): void {} }\n";
    crate::decl::tests::mutate(seed, 600, read);
    for deep in ["{ a: ", "(", "A<", "[", "'a' | (", "A & ("] {
        read(&Text::verbatim(format!("type X = {}", deep.repeat(3000)), FileId(0), 0));
    }
}

#[test]
fn the_plain_form_is_read_as_by_the_parser() {
    let parsed = |text: &Text| {
        let heads = heads::find(text.as_str());
        let mut found = Declarations::default();
        parse(text, text.as_str(), 0..text.as_str().len(), &heads, None, &mut found);
        found
    };
    let plain = |src: &str| {
        let text = Text::verbatim(src, FileId(0), 0);
        let found = plain::read(&text, &heads::find(src))?;
        assert_eq!(format!("{found:?}"), format!("{:?}", parsed(&text)), "{src}");
        Some(found.items.len())
    };
    let seed = "export interface Loan {\n  id: string;\n  book: Book[]; // what is lent: one\n\n  dueOn?: Date;\n  \
                state: 'open' | \"closed\";\n}\n\ninterface Book {\n\tdate: UUID;\n  pages : number ;\n}\n";
    assert_eq!(plain(seed), Some(2));
    for other in [
        "interface A {\n  readonly: string;\n}",
        "interface A {\n  a: string; b: number;\n}",
        "interface A {\n  a: B | null;\n}",
        "interface A extends B {\n  a: string;\n}",
        "interface A {\n  a: string;\n",
        "interface A {\n  a: string;\n}\ntype B = 'a';",
        "interface A {\n  a: string;\n}\nconst a = 1;",
        "interface A {\n  a(): string;\n}",
        "interface A {\n  // all\n  a: string;\n}",
    ] {
        assert_eq!(plain(other), None, "{other}");
    }
    let pieces: Vec<char> = "[]{}?:;|'\"/ \n\r\té.a_9Ag".chars().collect();
    let mut state = 1_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut read = 0;
    for _ in 0..2_000 {
        let mut chars: Vec<char> = seed.chars().collect();
        for _ in 0..=next(2) {
            let at = next(chars.len());
            if next(2) == 0 {
                chars.insert(at, pieces[next(pieces.len())]);
            } else {
                chars.remove(at);
            }
        }
        read += usize::from(plain(&chars.into_iter().collect::<String>()).is_some());
    }
    assert!(read > 500, "{read} of the changed texts are plain");
}
