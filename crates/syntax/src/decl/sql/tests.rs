use source::FileId;

use super::*;

/// One line for each declaration, column and constraint.
fn show(src: &str) -> String {
    let found = read(&Text::verbatim(src, FileId(0), 0));
    let mut lines = Vec::new();
    for item in &found.items {
        let head = match &item.body {
            Body::Alias(ty) => format!("alias {} = {}", item.name.value, ty.describe()),
            _ => format!("table {}", item.name.value),
        };
        lines.push(comment(head, &item.comments));
        if let Body::Record(members) = &item.body {
            lines.extend(members.iter().map(column));
        }
        for constraint in &item.table {
            let names = |names: &[Spanned<String>]| {
                let names: Vec<&str> = names.iter().map(|it| it.value.as_str()).collect();
                names.join(", ")
            };
            lines.push(match constraint {
                TableConstraint::Unique(columns, _) => format!("  * unique {}", names(columns)),
                TableConstraint::PrimaryKey(columns, _) => format!("  * key {}", names(columns)),
                TableConstraint::Check(condition) => format!("  * check {}", condition.value),
                TableConstraint::ForeignKey(columns, to, _) => {
                    format!("  * {} {}", names(columns), reference(to))
                }
            });
        }
    }
    lines.extend(found.unread.iter().map(|it| format!("! {} @ {:?}", it.why, &src[it.span.range()])));
    lines.join("\n")
}

fn column(member: &Member) -> String {
    let mut line = format!("  {}: {}", member.name.value, member.ty.value.describe());
    match member.not_null {
        Some(true) => line.push_str(" required"),
        Some(false) => line.push_str(" null"),
        None => {}
    }
    for (said, word) in [(member.primary_key, " key"), (member.unique, " unique"), (member.generated, " generated")] {
        line.push_str(if said { word } else { "" });
    }
    if let Some(default) = &member.default {
        line = format!("{line} = {}", default.value);
    }
    if let Some(to) = &member.references {
        line = format!("{line} {}", reference(to));
    }
    for check in &member.checks {
        line = format!("{line} check {}", check.value);
    }
    comment(line, &member.comments)
}

fn reference(to: &crate::decl::Reference) -> String {
    let column = to.column.as_deref().map(|it| format!(".{it}")).unwrap_or_default();
    let action = to.on_delete.as_deref().map(|it| format!(" {it}")).unwrap_or_default();
    format!("-> {}{column}{action}", to.table.value)
}

fn comment(line: String, comments: &[Spanned<String>]) -> String {
    let comments: Vec<&str> = comments.iter().map(|it| it.value.as_str()).collect();
    if comments.is_empty() { line } else { format!("{line} // {}", comments.join(" / ")) }
}

#[track_caller]
fn check(src: &str, expected: &str) {
    assert_eq!(show(src), expected.trim_matches('\n'));
}

#[test]
fn postgresql() {
    check(
        "
-- Crates of fruit
-- in the depot
CREATE TABLE IF NOT EXISTS depot.crates ( -- kept for a year
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(), -- UUID v7
    number SERIAL UNIQUE NOT NULL,
    -- above
    label VARCHAR(80) NOT NULL, /* on the lid */
    weight DECIMAL(10, 2) NOT NULL DEFAULT 0.00 CHECK (weight >= 0),
    tags TEXT[] DEFAULT '{}',
    meta JSONB NOT NULL DEFAULT '{}'::jsonb,
    state crate_state NOT NULL DEFAULT 'open'::crate_state,
    size TEXT CHECK (size IN ('s', 'größer')),
    kind VARCHAR(20) CHECK (kind IS NULL OR kind IN ('a', 'b')),
    grade CHARACTER VARYING(2) CHECK (((grade)::text = ANY ((ARRAY['x'::character varying, 'y'::text])::text[]))),
    depot_id BIGINT REFERENCES depots(id) ON DELETE SET NULL ON UPDATE CASCADE NOT NULL,
    packed TIMESTAMP WITH TIME ZONE DEFAULT now() + interval '1 day',
    place POINT,
    vec VECTOR(1536),
    total NUMERIC GENERATED ALWAYS AS (weight * 2) STORED,
    CONSTRAINT one_label UNIQUE (depot_id, label),
    CHECK (size <> 's' OR weight < 5),
    FOREIGN KEY (depot_id, label) REFERENCES labels (depot_id, label) ON DELETE RESTRICT,
    EXCLUDE USING gist (place WITH =)
    -- size values: s | m | l
    -- the lid is lost
); -- end
",
        "
table crates // Crates of fruit / in the depot / kept for a year / the lid is lost / end
  id: uuid key = gen_random_uuid() // UUID v7
  number: integer required unique generated
  label: string(80) required // above / on the lid
  weight: decimal(10,2) required = 0.00 check weight >= 0
  tags: list of string = {}
  meta: json required = {}
  state: `crate_state` required = open
  size: one of `s`, `größer` // size values: s | m | l
  kind: one of `a`, `b`
  grade: one of `x`, `y`
  depot_id: integer required -> depots.id set null
  packed: datetime = now() + interval '1 day'
  place: `POINT`
  vec: list of number
  total: decimal generated
  * unique depot_id, label
  * check size <> 's' OR weight < 5
  * depot_id, label -> labels.depot_id restrict",
    );
}

#[test]
fn mysql_sqlite_and_sql_server() {
    check(
        "
CREATE TABLE `crates` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'the key',
  `state` ENUM('open','shut') NOT NULL DEFAULT 'open',
  sure TINYINT(1) DEFAULT 0,
  `key` VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  changed DATETIME(6) DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (`id`),
  UNIQUE KEY uq_state (state, sure),
  KEY idx_sure (sure),
  INDEX (state),
  INDEX idx_state USING BTREE (state)
) ENGINE=InnoDB;
CREATE TABLE notes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  body,
  rank INTEGER CHECK (rank IN (1, 2)),
  at REAL
) WITHOUT ROWID;
CREATE TABLE [dbo].[Crates] (
  [Id] INT IDENTITY(1,1) NOT NULL PRIMARY KEY CLUSTERED,
  [Full Name] NVARCHAR(MAX) NULL,
  [Sure] BIT NOT NULL CONSTRAINT DF_sure DEFAULT ((0)),
  [At] DATETIME2(7) DEFAULT (GETUTCDATE()),
  [Row] UNIQUEIDENTIFIER DEFAULT NEWID(),
  CONSTRAINT [PK_x] PRIMARY KEY NONCLUSTERED ([Id] ASC)
);
GO
",
        "
table crates
  id: integer required generated // the key
  state: one of `open`, `shut` required = open
  sure: boolean = 0
  key: string(10)
  changed: datetime = CURRENT_TIMESTAMP
  * key id
  * unique state, sure
table notes
  id: integer key generated
  body: no type
  rank: one of `1`, `2`
  at: number
table Crates
  Id: integer required key generated
  Full Name: string null
  Sure: boolean required = 0
  At: datetime = GETUTCDATE()
  Row: uuid = NEWID()
  * key Id",
    );
}

#[test]
fn types_and_later_additions() {
    check(
        "
-- How full it is
CREATE TYPE depot.fill AS ENUM ('empty', 'half full'); -- of fruit
CREATE DOMAIN grade AS TEXT CHECK (VALUE IN ('a', 'b'));
CREATE TABLE crates (id INT, state TEXT, CHECK (state IN ('x', 'y')));
INSERT INTO crates (id) VALUES (1);
CREATE UNIQUE INDEX one_state ON crates (state);
CREATE UNIQUE INDEX some_state ON crates (id) WHERE state = 'x';
CREATE INDEX plain ON crates (id);
ALTER TABLE crates ADD COLUMN fill fill NOT NULL, ADD CONSTRAINT key PRIMARY KEY (id);
ALTER TABLE crates ADD grade VARCHAR(2) DEFAULT 'a';
ALTER TABLE elsewhere ADD COLUMN lost INT;
ALTER TABLE crates ENABLE ROW LEVEL SECURITY;
COMMENT ON COLUMN depot.crates.id IS 'the number';
CREATE TABLE copy AS SELECT * FROM crates;
CREATE TABLE crates_2024 PARTITION OF crates FOR VALUES FROM (1) TO (2);
CREATE OR REPLACE FUNCTION f() RETURNS trigger AS $$ BEGIN CREATE TABLE x (y INT); END; $$ LANGUAGE plpgsql;
SELECT * FROM crates WHERE it's broken;
CREATE TABLE last (id INT)",
        "
alias fill = one of `empty`, `half full` // How full it is / of fruit
alias grade = one of `a`, `b`
table crates
  id: integer // the number
  state: one of `x`, `y`
  fill: `fill` required
  grade: string(2) = a
  * unique state
  * key id
table last
  id: integer",
    );
}

#[test]
fn an_error_keeps_its_neighbours() {
    check(
        "
CREATE TABLE a (
  id INT PRIMARY KEY,
  ...
  name TEXT NOT NULL
  label TEXT, -- é
  weight INT = 3,
  42,
  last DATE,
);
CREATE TABLE b (
  id INT,
  name TEXT

CREATE TABLE c (...);
CREATE TABLE d;
",
        "
table a
  id: integer key
  name: string required
  label: string // é
  weight: integer
  last: date
table b
  id: integer
  name: string
table c
! missing `,` before `label` @ \"label\"
! unexpected `=` in `weight` @ \"= 3\"
! expected a column, found `42` @ \"42\"
! missing `)` at the end of `b` @ \"(\"
! `d` has no columns @ \"CREATE TABLE d\"",
    );
}

#[test]
fn other_text_is_skipped() {
    for src in [
        "SELECT * FROM crates;",
        "-- create a table by hand",
        "CREATE INDEX i ON t (a);",
        "CREATE VIEW v AS SELECT 1;",
        "GRANT ALL ON t TO 'x",
        "",
    ] {
        check(src, "");
    }
}

#[test]
fn spans_are_of_the_words_meant() {
    let src = "-- ü\nCREATE TABLE x.\"Größe\" (\n  `é` TEXT DEFAULT 'ä' CHECK (`é` IN ('ä', 'ö')), -- ß\n  n INT CHECK ( n > 0 ));";
    let text = Text::verbatim(src, FileId(0), 0);
    let found = read(&text);
    let at = |span: Span| &src[span.range()];
    let item = &found.items[0];
    assert_eq!(at(item.name.span), "Größe");
    assert_eq!(at(item.comments[0].span), "ü");
    assert!(at(item.span).starts_with("CREATE") && at(item.span).ends_with("))"));
    let Body::Record(members) = &item.body else { panic!() };
    assert_eq!(at(members[0].name.span), "é");
    assert_eq!(at(members[0].ty.span), "TEXT");
    assert_eq!(members[0].default.as_ref().map(|it| at(it.span)), Some("ä"));
    assert_eq!(at(members[0].comments[0].span), "ß");
    assert_eq!(at(members[0].span), "`é` TEXT DEFAULT 'ä' CHECK (`é` IN ('ä', 'ö'))");
    let Type::Enum(words) = &members[0].ty.value else { panic!() };
    assert_eq!(at(words[1].span), "ö");
    assert_eq!(at(members[1].checks[0].span), "n > 0");
}

#[test]
fn no_text_is_too_strange() {
    let seed = "-- c\nCREATE TABLE a.\"b\" ( id INT PRIMARY KEY, -- é\n s TEXT DEFAULT 'x'::t CHECK (s IN ('a', 'b')),\n\
                 [c d] DECIMAL(1,2) REFERENCES e(f) ON DELETE CASCADE, UNIQUE (id, s), CHECK ((s)::text = 'a'));\n\
                CREATE TYPE t AS ENUM ('a');\nALTER TABLE b ADD COLUMN x INT[];\nCOMMENT ON COLUMN b.x IS 'y';";
    crate::decl::tests::mutate(seed, 3000, read);
    read(&Text::verbatim(format!("CREATE TABLE a (b INT CHECK {}", "(".repeat(20_000)), FileId(0), 0));
}
