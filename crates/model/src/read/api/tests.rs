//! Every form in which people write an endpoint, one line of the table each.

use source::FileId;

use crate::claim::Property;
use crate::spec::Spec;

fn spec(text: &str) -> Spec {
    crate::workspace::read(FileId(0), "spec.md", text)
}

fn routes(spec: &Spec) -> String {
    spec.endpoints.iter().map(|it| format!("{} {}", it.method, it.path)).collect::<Vec<_>>().join(", ")
}

/// A text below `## API`, and the endpoints that it declares.
const FORMS: &[(&str, &str)] = &[
    // In headings.
    ("### GET /api/v1/lamps", "GET /api/v1/lamps"),
    ("#### `PATCH /api/lamps/:id`", "PATCH /api/lamps/{id}"),
    ("### 3.2.1 POST /lamps — make one", "POST /lamps"),
    ("### Make a lamp (`POST /lamps`)", "POST /lamps"),
    ("### `GET` `/lamps`", "GET /lamps"),
    ("### /lamps\n\n#### GET\n\nAll.\n\n#### POST\n\nOne more.", "GET /lamps, POST /lamps"),
    ("### /lamps/{id}\n\n**Method:** DELETE", "DELETE /lamps/{id}"),
    // In bullets and lines.
    ("- `POST /api/v1/events` - Create event", "POST /api/v1/events"),
    ("- POST /lamps: make one", "POST /lamps"),
    ("1. `GET /lamps` lists them", "GET /lamps"),
    ("- **List lamps**: `GET /lamps`", "GET /lamps"),
    ("- List lamps (`GET /lamps`)", "GET /lamps"),
    ("- Lamps\n  - `GET /lamps`\n  - `POST /lamps`", "GET /lamps, POST /lamps"),
    ("**GET /lamps**", "GET /lamps"),
    (
        "**GET /lamps** - all\n**POST /lamps** - one more\n**DELETE /lamps/:id** - no more",
        "GET /lamps, POST /lamps, DELETE /lamps/{id}",
    ),
    ("`GET /lamps` - all\n`POST /lamps` - one more", "GET /lamps, POST /lamps"),
    ("**GET /pages/{id}/next/** and **GET /pages/{id}/previous/**", "GET /pages/{id}/next, GET /pages/{id}/previous"),
    ("**Create** `POST /lamps` — takes a name, answers 201.", "POST /lamps"),
    (
        "- **Light one**: `POST /lamps/{id}/light`\n- **Dim** `POST /lamps/{id}/dim` (slowly)",
        "POST /lamps/{id}/light, POST /lamps/{id}/dim",
    ),
    ("**Note** `POST /lamps` is slow.", ""),
    ("The **lamp service** `POST /lamps` — is slow.", ""),
    // In tables.
    (
        "| Method | Path | Description |\n|---|---|---|\n| POST | /lamps/{id}/cancel | Cancel a lamp |",
        "POST /lamps/{id}/cancel",
    ),
    ("| Path | Method |\n|---|---|\n| `/lamps` | `GET` |", "GET /lamps"),
    ("| Endpoint | Purpose |\n|---|---|\n| `GET /lamps` | All |", "GET /lamps"),
    ("| # | Name | Endpoint |\n|---|---|---|\n| 1 | List | GET /lamps |", "GET /lamps"),
    ("| Endpoint | Methods |\n|---|---|\n| `/lamps` | GET, POST |", "GET /lamps, POST /lamps"),
    ("| Verb | Route |\n|---|---|\n| Get | lamps/{id} |", "GET /lamps/{id}"),
    // In fences.
    ("```bash\nGET   /lamps   # all\nPOST  /lamps   # one more\n```", "GET /lamps, POST /lamps"),
    ("```bash\ncurl -X POST /lamps\n```", ""),
    (
        "```\n/api\n├─ /lamps\n│  ├─ GET / (all)\n│  ├─ POST /\n│  └─ PUT /:id/light   # POST /log\n└─ users/\n   └─ GET /api/users/me\n```",
        "GET /api/lamps, POST /api/lamps, PUT /api/lamps/{id}/light, GET /api/users/me",
    ),
    (
        "```\napi/\n├── lamps/\n│   ├── route.ts      GET /api/lamps — all\n│   │                 POST /api/lamps\n```",
        "GET /api/lamps, POST /api/lamps",
    ),
    (
        "```mermaid\nflowchart TD\n    A[GET /lamps] --> B[\"POST /lamps\"]\n    B -->|DELETE /lamps| C\n```",
        "GET /lamps, POST /lamps",
    ),
    ("- [x] **GET /lamps** - all\n- [p] **POST /lamps** - partly", "GET /lamps, POST /lamps"),
    ("- [ ] Add GET /lamps endpoint\n- [ ] Endpoint `POST /lamps` - one more", "GET /lamps, POST /lamps"),
    ("```\nPOST /lamps\nAuthorization: Bearer {token}\nResponse: 201 Created\n```", "POST /lamps"),
    ("```\nGET    /lamps      # all\nPOST   /lamps      # one more\n```", "GET /lamps, POST /lamps"),
    ("```http\nGET /lamps?limit=25 HTTP/1.1\nHost: lamps.example\n```", "GET /lamps"),
    ("```typescript\n// POST /api/lamps\ninterface CreateLampRequest { name: string }\n```", "POST /api/lamps"),
    ("```typescript\ntype Api = {\n  'POST /api/lamps': (body: Lamp) => Lamp;\n};\n```", "POST /api/lamps"),
    ("```typescript\n// Lamps\nGET /lamps        // all\nPOST /lamps\n```", "GET /lamps, POST /lamps"),
    ("```typescript\nconst prompt = `Use these:\nGET /lamps\n`;\n```", ""),
    ("```python\n# GET /lamps\ndef lamps(): ...\n```", "GET /lamps"),
    ("```\n- GET/PUT /lamps/{id}\n```", "GET /lamps/{id}, PUT /lamps/{id}"),
    // With labels.
    ("### Make a lamp\n\n**Method**: POST\n**Path**: /lamps", "POST /lamps"),
    ("### Make a lamp\n\n- **Method:** `POST`\n- **URL:** `/lamps` (new)", "POST /lamps"),
    ("### Read a lamp\n\n**Endpoint:** `GET /lamps/{id}`", "GET /lamps/{id}"),
    (
        "### Lamp\n\n**Method**: GET | PUT | DELETE\n**Path**: `/lamps/{id}`",
        "GET /lamps/{id}, PUT /lamps/{id}, DELETE /lamps/{id}",
    ),
    ("### Read a lamp\n\nEndpoint: GET /lamps/{id}", "GET /lamps/{id}"),
    // Several, and all spellings of a parameter.
    ("- `GET/PUT /lamps/{id}`", "GET /lamps/{id}, PUT /lamps/{id}"),
    ("- POST/PUT/DELETE `/lamps`", "POST /lamps, PUT /lamps, DELETE /lamps"),
    ("- `GET /lamps/{id:guid}`", "GET /lamps/{id}"),
    ("- `GET /lamps/[id]`", "GET /lamps/{id}"),
    ("- `GET /lamps/<id>`", "GET /lamps/{id}"),
    ("- `GET /lamps/<int:id>`", "GET /lamps/{id}"),
    ("- `GET /lamps/${id}`", "GET /lamps/{id}"),
    ("- `GET /lamps/*`", "GET /lamps/*"),
    ("- `GET /lamps/?limit=25&offset=0`", "GET /lamps"),
    ("- `GET /lamps?status=lit|dark`", "GET /lamps"),
    ("- `GET https://lamps.example/v1/lamps`", "GET /v1/lamps"),
    ("- **GET** `/lamps`", "GET /lamps"),
    // Left as text.
    ("- `WS /lamps/{id}/light`", ""),
    ("- `rpc ListLamps(ListRequest) returns (ListResponse)`", ""),
    ("- `lamps.list` is a tRPC query", ""),
    ("Clients POST to /lamps or GET what is there.", ""),
    ("```mermaid\nsequenceDiagram\n  A->>B: GET /lamps\n```", ""),
    ("```bash\ncurl -X POST https://lamps.example/lamps\n```", ""),
];

#[test]
fn a_list_may_declare_in_a_section_of_another_family() {
    for (text, expected) in [
        (
            "# API Contract: Lamps\n\n## Auth\n\n- `POST /login` → `200`\n\n## Lamps\n\n- `GET /lamps`\n",
            "POST /login, GET /lamps",
        ),
        (
            "# Lamps\n\n## API\n\n- `GET /lamps`\n\n## Authentication\n\nAPI Endpoints:\n- POST /login\n\n\
             Each asks for a token:\n- GET /other\n",
            "GET /lamps, POST /login",
        ),
        (
            "# Lamps API\n\n## Lamps\n\n### GET /lamps\n\n## Auth\n\n### POST /login\n\n## Alerts\n\n- `GET /alerts`\n\n\
             ## History\n\n### GET /history\n\n## Future\n\n### POST /dreams\n\n## Endpoints\n\n- `GET /rooms`\n\n\
             ## More\n\n- `POST /rooms` adds one\n",
            "GET /lamps, POST /login, GET /alerts, GET /history, GET /rooms, POST /rooms",
        ),
        (
            "# Lamps\n\n## API\n\n### GET /lamps\n\n### History\n\n#### GET /history\n\n## Security\n\n\
             #### `POST /login`\n\n- `POST /logout` needs a token\n",
            "GET /lamps, GET /history, POST /login",
        ),
        ("# Lamps\n\n## API\n\n### GET /lamps/alerts\n", "GET /lamps/alerts"),
        ("# Lamps\n\n## API\n\n- `GET /lamps`\n\n### Content\n\n- `GET /texts`\n", "GET /lamps, GET /texts"),
        ("# Lamps\n\n## API\n\n- `GET /lamps` → `200 [Lamp]` · `POST /lamps` → `201`\n", "GET /lamps, POST /lamps"),
        ("# Lamps\n\n## API\n\n- `GET /lamps` | `POST /lamps` (the office)\n", "GET /lamps, POST /lamps"),
    ] {
        assert_eq!(routes(&spec(text)), expected, "{text}");
    }
}

#[test]
fn all_forms_of_an_endpoint_are_read() {
    let mut wrong = Vec::new();
    for (text, expected) in FORMS {
        let found = routes(&spec(&format!("# Technical Specification: Lamps\n\n## API\n\n{text}\n")));
        if found != *expected {
            wrong.push(format!("{text}\n  is read as {found:?}\n  and means {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Documents, what they declare, and what they only refer to or call.
#[test]
fn where_a_route_stands_decides_what_it_is() {
    for (text, declared, referred, called) in [
        // Criteria, tests and diagrams refer.
        (
            "## API\n\n- `GET /lamps`\n\n## Acceptance Criteria\n\n- `GET /lamps` is fast\n- `PUT /lamps/7` fails\n",
            "GET /lamps",
            "GET /lamps, PUT /lamps/7",
            "",
        ),
        // Beside the API only what it does not have is declared: neither examples nor shorthand.
        (
            "## API\n\n- `PUT /api/v1/lamps/{id}`\n\n## Modules\n\n- `POST /lamps/7`\n- `PUT /lamps/{id}`\n- `GET /switches`\n- `GET /`\n",
            "PUT /api/v1/lamps/{id}, GET /switches",
            "POST /lamps/7, PUT /lamps/{id}, GET /",
            "",
        ),
        // Without an API elsewhere, tables of permissions and scenarios declare.
        (
            "## Security\n\n| Endpoint | admin | guest |\n|---|---|---|\n| `GET /lamps` | ✅ | ❌ |\n",
            "GET /lamps",
            "",
            "",
        ),
        (
            "## ADDED Requirements\n\n### Requirement: Lamps\n\n#### Scenario: one\n- GIVEN a room\n- WHEN the POST /lamps endpoint is called\n- THEN there is light\n",
            "POST /lamps",
            "",
            "",
        ),
        // Another system's.
        (
            "## API\n\n- `GET /lamps`\n\n## Stock Service\n\n**Base URL:** `http://stock:8081`\n\n- `GET /stock`\n\n## Integration Points\n\n- `GET /users`\n",
            "GET /lamps",
            "",
            "GET /stock, GET /users",
        ),
        // What there is not, or not yet.
        ("## Future Enhancements\n\n- `GET /lamps/stream`\n", "", "", ""),
        (
            "## Non-goals\n\n- There is no `PUT /lamps`.\n\n## API\n\n- `GET /lamps`\n- `PUT /lamps/{id}` is left out.\n\n### Later\n\n`GET /lamps/stream` will follow.\n\n## Testing\n\n| Request | Answer |\n|---|---|\n| `PATCH /lamps` | 405 |\n| `POST /lamps` | 201 |\n",
            "GET /lamps",
            "POST /lamps",
            "",
        ),
        // A sentence over two lines.
        (
            "## API\n\n- `GET /lamps`\n\n## Goals\n\nWe do not offer\n`PUT /lamps`, since lamps are never\nreplaced.\n",
            "GET /lamps",
            "",
            "",
        ),
        // A group's name is no section aside.
        ("## REST Interface\n\n**Authentication:**\n\n- `POST /login`\n", "POST /login", "", ""),
        // What the API lists is told elsewhere.
        ("## API\n\n- `GET /lamps`\n\n## Lamps\n\n### GET /lamps\n\nReturns 202.\n", "GET /lamps", "", ""),
    ] {
        let spec = spec(&format!("# Technical Specification: Lamps\n\n{text}"));
        let of = |property| {
            let claims = spec
                .claims()
                .all
                .iter()
                .filter(move |it| it.property == property && it.subject.as_str().starts_with("endpoint."));
            let mut found: Vec<&str> = claims.filter_map(|it| it.value.as_text()).collect();
            found.dedup();
            found.join(", ")
        };
        assert_eq!(routes(&spec), declared, "{text}");
        assert_eq!(of(Property::Referenced), referred, "{text}");
        assert_eq!(of(Property::Choice), called, "{text}");
    }
}

#[test]
fn what_is_named_and_not_declared_is_listed_once() {
    let text = "# T\n\n## API\n\n- `GET /lamps`\n\n## Testing\n\n- `GET /lamps` and `GET /stars/{id}`\n- `GET /stars/:id`\n\n## External API\n\n- `POST /mail`\n";
    let spec = spec(text);
    let found = spec.mentions();
    let found: Vec<_> = found.iter().map(|it| (it.method, it.path, it.called)).collect();
    assert_eq!(found, [("GET", "/stars/{id}", false), ("POST", "/mail", true)]);
}

#[test]
fn a_parameter_that_is_not_closed_is_a_problem() {
    let spec = spec("# Technical Specification: Lamps\n\n## API\n\n### GET /lamps/{id\n\nOne lamp.\n");
    assert_eq!(routes(&spec), "GET /lamps/{id}");
    let messages: Vec<&str> = spec.facts.problems.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(messages, ["`{id` opens a parameter that nothing closes"]);
}

/// The answers of the first endpoint: status, `?` where it is inferred, `{}` where a body is shown.
fn answers(spec: &Spec) -> String {
    let Some(endpoint) = spec.endpoints.first() else { return String::new() };
    let responses = endpoint.responses.iter().map(|it| {
        format!("{}{}{}", it.status, if it.inferred { "?" } else { "" }, if it.body.is_some() { "{}" } else { "" })
    });
    let requests = endpoint.requests.iter().map(|_| "request".to_owned());
    requests.chain(responses).collect::<Vec<_>>().join(" ")
}

/// The errors of the first endpoint: status, code.
fn errors(spec: &Spec) -> String {
    let Some(endpoint) = spec.endpoints.first() else { return String::new() };
    let rows = endpoint.errors.iter().map(|it| match (it.status, &it.code) {
        (Some(status), Some(code)) => format!("{status} {code}"),
        (Some(status), None) => status.to_string(),
        (None, Some(code)) => code.clone(),
        (None, None) => String::new(),
    });
    rows.collect::<Vec<_>>().join(", ")
}

/// A text below an endpoint's heading (`METHOD /lamps`), and its answers.
const RESPONSES: &[(&str, &str, &str)] = &[
    ("POST", "**Response (200):**\n\n```json\n{\"id\": 1}\n```", "200{}"),
    ("POST", "**Response:**\n\n```json\n{\"id\": 1}\n```", "201?{}"),
    ("POST", "**Success Response (200):**\n\n```json\n{\"id\": 1}\n```", "200{}"),
    ("POST", "**Response Success (201 Created):**\n\n```json\n{\"id\": 1}\n```", "201{}"),
    ("POST", "**Response** (Success - 200):\n```json\n{\"id\": 1}\n```", "200{}"),
    ("POST", "**Response** (Success - 201 Created):\n```json\n{\"id\": 1}\n```", "201{}"),
    ("POST", "**Response** (Error - 429 Rate Limited):\n```json\n{\"error\": \"slow\"}\n```", "429{}"),
    (
        "POST",
        "**Response** (Error - 400):\n```json\n{\"error\": \"a\"}\n```\n\n**Response** (Error - 400):\n```json\n{\"error\": \"b\"}\n```",
        "400{} 400{}",
    ),
    ("POST", "**Response (400 - invalid times):**\n\n```json\n{\"error\": \"a\"}\n```", "400{}"),
    ("POST", "```\nHTTP/1.1 201 Created\nContent-Type: application/json\n\n{\"id\": 1}\n```", "201{}"),
    ("POST", "Returns `201 Created` with `LampResponse`.", "201"),
    ("POST", "Response: 200 OK + { data: LampDto[], meta: {...} }", "200"),
    ("POST", "- Status codes: 200 OK, 404 Not Found", "200"),
    ("POST", "**Response (202 Accepted):**\n\n```json\n{\"id\": 1}\n```", "202{}"),
    ("POST", "#### Response\n\n**Status**: 201 Created\n\n```json\n{\"id\": 1}\n```", "201{}"),
    ("POST", "**Success Response** (`201 Created`)\n\n```json\n{\"id\": 1}\n```", "201{}"),
    ("POST", "**200 OK**\n\n```json\n{\"id\": 1}\n```", "200{}"),
    ("POST", "**Responses:**\n- `201 Created`: the lamp\n- `409 Conflict`: there is one", "201"),
    ("POST", "| Status | Description |\n|---|---|\n| 201 | made |\n| 409 | there is one |", "201"),
    (
        "DELETE",
        "**Path Parameters**:\n| Name | Type |\n|---|---|\n| id | uuid |\n\n**Response** (Success - 204): No body",
        "204",
    ),
    ("GET", "Nothing is said.", ""),
    // Bodies without a label: by method, what they hold, and their order.
    ("GET", "```json\n{\"id\": 1, \"name\": \"desk\"}\n```", "200?{}"),
    ("POST", "```json\n{\"name\": \"desk\"}\n```\n\n```json\n{\"id\": 1, \"name\": \"desk\"}\n```", "request 201?{}"),
    ("POST", "```json\n{\"name\": \"desk\"}\n```", "request"),
    ("POST", "```json\n{\"id\": 1, \"name\": \"desk\"}\n```", "201?{}"),
    ("POST", "```json\n{\"name\": \"desk\"}\n```\n\n**Response (201):**\n\n```json\n{\"id\": 1}\n```", "request 201{}"),
    ("POST", "```json\n{\"name\": \"desk\"}\n```\n\nResponse 201:\n\n```json\n{\"id\": 1}\n```", "request 201{}"),
    ("POST", "```json\n{\"id\": 1}\n```\n\nResponse 201:\n\n```json\n{\"id\": 1}\n```", "request 201{}"),
    (
        "POST",
        "Request:\n\n```json\n{\"name\": \"desk\"}\n```\n\nResponse 201:\n\n```json\n{\"id\": 1}\n```\n\nThis is refused:\n\n```json\n{\"name\": \"\"}\n```",
        "request 201{}",
    ),
    // Types and names in the place of bodies.
    ("POST", "**Request:**\n\n```typescript\ninterface CreateLampRequest { name: string }\n```", "request"),
    ("POST", "**Response (201):**\n\n```typescript\ntype LampResponse = { success: true; data: Lamp };\n```", "201{}"),
    ("POST", "**Request Body:**\n\n| Field | Type | Required |\n|---|---|---|\n| name | string | Yes |", "request"),
];

#[test]
fn all_forms_of_a_response_are_read() {
    let mut wrong = Vec::new();
    for (method, text, expected) in RESPONSES {
        let found =
            answers(&spec(&format!("# Technical Specification: Lamps\n\n## API\n\n### {method} /lamps\n\n{text}\n")));
        if found != *expected {
            wrong.push(format!("{text}\n  is read as {found:?}\n  and means {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A text below an endpoint's heading, and its errors.
const ERRORS: &[(&str, &str)] = &[
    ("**Errors:**\n- `UNAUTHORIZED` for a missing or invalid access token.", "UNAUTHORIZED"),
    ("**Errors:**\n- `400 VALIDATION_ERROR`: invalid payload.", "400 VALIDATION_ERROR"),
    ("**Errors:**\n- `400 FOLDER_NOT_FOUND` - there is no such path", "400 FOLDER_NOT_FOUND"),
    ("**Expected errors:**\n- `409 Conflict`: already lit", "409"),
    ("**Errors:** 401 (missing or invalid JWT), 403 (not the owner), 404 (not found)", "401, 403, 404"),
    ("Error Codes: 401 Unauthorized, 400 Bad Request (validation), 409 Conflict (duplicate)", "401, 400, 409"),
    ("**Errors**\n\n| Status Code | Error Message | Condition |\n|---|---|---|\n| 404 | no lamp | it is gone |", "404"),
    ("| Status | Code | When |\n|---|---|---|\n| 404 | LAMP_GONE | it is gone |", "404 LAMP_GONE"),
    ("- Status codes: 200 OK, 404 Not Found", "404"),
    ("**Responses:**\n- `201 Created`: the lamp\n- `409 Conflict`: there is one", "409"),
    ("**Errors:**\n- 404: no lamp\n- 409: it is lit", "404, 409"),
    ("**Errors:**\n- **404 Not Found**: no lamp", "404"),
    ("**Error Responses:**\n- `404 Not Found` — no lamp", "404"),
    ("#### Errors\n\n- `400`: bad name\n- `409`: it is lit", "400, 409"),
    ("Returns `409 Conflict` if it is lit.", "409"),
];

#[test]
fn all_forms_of_an_error_are_read() {
    let mut wrong = Vec::new();
    for (text, expected) in ERRORS {
        let found =
            errors(&spec(&format!("# Technical Specification: Lamps\n\n## API\n\n### POST /lamps\n\n{text}\n")));
        if found != *expected {
            wrong.push(format!("{text}\n  is read as {found:?}\n  and means {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_fence_of_many_bodies_is_many_answers() {
    let text = "**Errors:**\n\n```json\n// 404 Not Found - no lamp\n{\"error\": \"gone\"}\n\n// 409 Conflict - it is lit\n{\"error\": \"lit\"}\n```";
    let spec = spec(&format!("# Technical Specification: Lamps\n\n## API\n\n### POST /lamps\n\n{text}\n"));
    assert_eq!(answers(&spec), "404{} 409{}");
}

#[test]
fn statuses_behind_a_dash_are_answers() {
    for line in ["- `POST /lamps` — 202, 404, 409 when it is lit", "**Light** `POST /lamps` – 202, 404, 409"] {
        let spec = spec(&format!("# Technical Specification: Lamps\n\n## API\n\n{line}\n"));
        assert_eq!((answers(&spec), errors(&spec)), ("202".to_owned(), "404, 409".to_owned()), "{line}");
    }
}

#[test]
fn errors_in_one_cell_belong_to_the_row() {
    let text =
        "| Method | Path | Request | Errors |\n|---|---|---|---|\n| POST | /lamps | LampRequest | 400, 401, 503 |";
    let spec = spec(&format!("# Technical Specification: Lamps\n\n## API\n\n{text}\n"));
    assert_eq!(errors(&spec), "400, 401, 503");
}

#[test]
fn codes_in_one_cell_are_an_answer_and_errors() {
    let text = "| Endpoint | What | Codes |\n|---|---|---|\n| `POST /lamps` | Make one | 202, 400, 409 |";
    let spec = spec(&format!("# Technical Specification: Lamps\n\n## API\n\n{text}\n"));
    assert_eq!((answers(&spec), errors(&spec)), ("202".to_owned(), "400, 409".to_owned()));
}
