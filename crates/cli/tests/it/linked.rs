//! Files of declarations that a document links to.

use crate::place::Place;

pub(crate) const DOCUMENT: &str = "# Technical Specification: Library

## Purpose

See [the loader](load.sql).

## Data Model

The tables are in [the schema](db/schema.sql).

```typescript
interface Book {
  id: string;
  title: number;
}
```
";

pub(crate) const SCHEMA: &str = "CREATE TABLE books (\n  id UUID PRIMARY KEY,\n  title TEXT NOT NULL\n);\n";

#[test]
fn a_linked_schema_is_compared_with_the_document() {
    let place = Place::new();
    place.folder("db");
    place.write("library.md", DOCUMENT);
    place.write("db/schema.sql", SCHEMA);
    // Only the data model's links are declarations.
    place.write("load.sql", "CREATE TABLE loads (id UUID PRIMARY KEY);");
    let ended = place.run("check --format concise library.md");
    let expected = "library.md:14:10: warning[declarations-disagree]: \
                    `title` is string in the SQL table and number in the interface";
    assert!(ended.out.contains(expected), "{ended:?}");
    let outline = place.run("outline library.md").out;
    assert!(outline.contains("Book   line 12, 2 declarations"), "{outline}");
    assert!(!outline.contains("loads"), "{outline}");
}

#[test]
fn schemas_of_a_linked_openapi_file_are_declarations() {
    let place = Place::new();
    place.write("library.md", DOCUMENT.replace("db/schema.sql", "api.yaml"));
    let schema = "openapi: 3.0.3\ncomponents:\n  schemas:\n    Book:\n      type: object\n      properties:\n        \
                  id: {type: string, format: uuid}\n        title: {type: string, maxLength: 200}\n";
    place.write("api.yaml", schema);
    let found = place.run("check --format concise library.md").out;
    let expected = "library.md:14:10: warning[declarations-disagree]: \
                    `title` is string in the OpenAPI schema and number in the interface";
    assert!(found.contains(expected), "{found}");
    place.write("api.yaml", schema.replace("title: {", "title: ["));
    let found = place.run("check --format concise library.md").out;
    assert!(found.contains("library.md:9:19: error[invalid-openapi]: the linked file is not YAML"), "{found}");
    // Any other YAML is no matter of ours.
    place.write("api.yaml", "services: [");
    assert!(!place.run("check --format concise library.md").out.contains("YAML"));
}

#[test]
fn what_is_wrong_in_a_linked_file_is_not_the_documents_mistake() {
    let place = Place::new();
    place.folder("db");
    place.write("library.md", DOCUMENT.replace("title: number", "title: string"));
    place.write("db/schema.sql", SCHEMA.replace("TEXT NOT NULL", "BOOLEAN DEFAULT 'perhaps'"));
    let found = place.run("check --format concise library.md").out;
    assert!(found.contains("`title` is boolean in the SQL table and string in the interface"), "{found}");
    assert!(!found.contains("perhaps") && !found.contains("schema.sql:"), "{found}");
}
