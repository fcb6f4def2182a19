//! The four kinds of records: their fields, what is unique, and what holds between fields.

use serde_json::{Map, Value};

use crate::faults::Faults;
use crate::field::{Field, Kind};
use crate::machine;
use crate::record::{Record, Refused, Table, integer, now, set, text};

/// A kind of records.
pub(crate) struct Entity {
    pub(crate) table: Table,
    pub(crate) fields: Vec<Field>,
    /// No two records have the same values in all of these.
    pub(crate) unique: Vec<Vec<&'static str>>,
}

const TIERS: &[&str] = &["private", "business"];
const KINDS: &[&str] = &["bicycle", "scooter", "wheelchair"];

impl Entity {
    pub(crate) fn new(table: Table, faults: &Faults) -> Entity {
        let (mut fields, unique) = match table {
            Table::Customers => (customer(faults), vec![vec!["email"]]),
            Table::Devices => (device(faults), vec![vec!["brand", "serialNumber"]]),
            Table::Parts => (part(faults), vec![vec!["sku"]]),
            Table::Jobs => (job(faults), Vec::new()),
        };
        let unique = unique.into_iter().filter_map(|it| match it.first() {
            Some(&"sku") if faults.on("unique-unchecked") => None,
            Some(&"brand") if faults.on("compound-unique-unchecked") => None,
            Some(&"brand") if faults.on("compound-unique-on-one-field") => Some(vec!["serialNumber"]),
            _ => Some(it),
        });
        let mut whole = vec![Field::new("id", Kind::Uuid).server()];
        whole.append(&mut fields);
        let created = Field::new("createdAt", Kind::Time).server();
        whole.push(created);
        whole.push(Field::new("updatedAt", Kind::Time).server());
        Entity { table, fields: whole, unique: unique.collect() }
    }

    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|it| it.name == name)
    }

    /// A new record.
    pub(crate) fn create(&self, mut body: Map<String, Value>, faults: &Faults) -> Result<Record, Refused> {
        let mut problems = Vec::new();
        let mut record = Record::new();
        for field in &self.fields {
            let given = body.shift_remove(field.name);
            let value = match given {
                Some(value) if field.server && taken(field, faults) && !value.is_null() => {
                    field.accept(value, field.name, faults, &mut problems)
                }
                Some(value) if field.server => {
                    if !value.is_null() {
                        problems.push(format!("{} is set by the service", field.name));
                    }
                    Value::Null
                }
                Some(value) => field.accept(value, field.name, faults, &mut problems),
                None if field.required => {
                    problems.push(format!("{} is required", field.name));
                    Value::Null
                }
                None => field.default.clone().unwrap_or(Value::Null),
            };
            record.insert(field.name.to_owned(), value);
        }
        unknown(&body, faults, &mut problems);
        if self.table == Table::Jobs && problems.is_empty() {
            if text(&record, "status") != machine::INITIAL && !faults.on("create-in-any-state") {
                problems.push(format!("status must be {} at first", machine::INITIAL));
            }
            if faults.on("initial-state-wrong") {
                set(&mut record, "status", "quoted");
            }
        }
        refuse(problems)?;
        refuse(self.constraints(&record, None, faults))?;
        let moment = now();
        for (name, value) in
            [("id", uuid::Uuid::now_v7().to_string()), ("createdAt", moment.clone()), ("updatedAt", moment)]
        {
            if record.get(name).is_none_or(Value::is_null) {
                set(&mut record, name, value);
            }
        }
        Ok(record)
    }

    /// A record after a request that changes what it names, or that replaces the record.
    pub(crate) fn change(
        &self,
        old: &Record,
        mut body: Map<String, Value>,
        replaces: bool,
        faults: &Faults,
    ) -> Result<Record, Refused> {
        let mut problems = Vec::new();
        let mut record = Record::new();
        for field in &self.fields {
            let before = old.get(field.name).cloned().unwrap_or(Value::Null);
            let value = match body.shift_remove(field.name) {
                Some(value) if field.server || field.fixed && !free(field, faults) => {
                    let same = value == before || field.server && taken(field, faults);
                    if !same {
                        let why = if field.server { "is set by the service" } else { "cannot be changed" };
                        problems.push(format!("{} {why}", field.name));
                    }
                    if same && field.server { value } else { before }
                }
                Some(value) => {
                    let value = if replaces { value } else { merged(&before, value) };
                    field.accept(value, field.name, faults, &mut problems)
                }
                None if replaces && !field.server && !field.fixed => match &field.default {
                    _ if field.required => {
                        problems.push(format!("{} is required", field.name));
                        Value::Null
                    }
                    _ if faults.on("replace-keeps") => before,
                    default => default.clone().unwrap_or(Value::Null),
                },
                None if field.name == "phone" && faults.on("update-clears") => Value::Null,
                None => before,
            };
            record.insert(field.name.to_owned(), value);
        }
        unknown(&body, faults, &mut problems);
        refuse(problems)?;
        let (from, to) = (text(old, "status").to_owned(), text(&record, "status").to_owned());
        if from != to && !faults.on("update-sets-any-state") {
            let step = machine::leading(&from, &to, faults).filter(|it| machine::allows(it, &record, faults));
            machine::assign(step.ok_or_else(Refused::transition)?, &mut record, faults);
        }
        if faults.on("update-resets-state") && from == "quoted" {
            set(&mut record, "status", machine::INITIAL);
        }
        refuse(self.constraints(&record, Some(old), faults))?;
        if !faults.on("updated-at-stale") {
            set(&mut record, "updatedAt", now());
        }
        if faults.on("created-at-changes") {
            set(&mut record, "createdAt", now());
        }
        Ok(record)
    }

    /// What is not as the document's constraints on several values have it.
    fn constraints(&self, record: &Record, old: Option<&Record>, faults: &Faults) -> Vec<String> {
        let mut problems = Vec::new();
        match self.table {
            Table::Customers => {
                let nameless = record.get("phone").is_none_or(Value::is_null);
                if text(record, "tier") == "business" && nameless && !faults.on("required-when-unchecked") {
                    problems.push("phone is required when tier is business".to_owned());
                }
            }
            Table::Devices => {
                let (bought, until) = (text(record, "purchasedOn"), text(record, "warrantyUntil"));
                let both = !bought.is_empty() && !until.is_empty();
                let early = if faults.on("between-fields-inclusive") { until < bought } else { until <= bought };
                if both && early {
                    problems.push("warrantyUntil must be after purchasedOn".to_owned());
                }
                let many = record.get("accessories").and_then(Value::as_array).map_or(0, Vec::len);
                if many > 5 && !faults.on("list-length-unchecked") {
                    problems.push("accessories must be at most five".to_owned());
                }
            }
            Table::Parts => {
                let price: f64 = text(record, "unitPrice").parse().unwrap_or(1.0);
                let least = price > 0.0 || price == 0.0 && faults.on("zero-price-accepted");
                if !least {
                    problems.push("unitPrice must be greater than 0".to_owned());
                }
            }
            Table::Jobs => job_constraints(record, old, faults, &mut problems),
        }
        problems
    }
}

fn job_constraints(record: &Record, old: Option<&Record>, faults: &Faults, problems: &mut Vec<String>) {
    let (quote, deposit) = (integer(record, "quoteCents"), integer(record, "depositCents"));
    if quote < 0 {
        problems.push("quoteCents must not be negative".to_owned());
    }
    let skipped = old.is_some() && faults.on("constraint-on-create-only");
    let part = if faults.on("deposit-bound-exclusive") { deposit < quote || deposit == 0 } else { deposit <= quote };
    let right = skipped || deposit >= 0 && part;
    if !right {
        problems.push("depositCents must be a part of quoteCents".to_owned());
    }
    let lines = record.get("lines").and_then(Value::as_array).map_or(0, Vec::len);
    if lines > 10 + faults.pick("line-limit-off-by-one", 1, 0) {
        problems.push("lines must be at most ten".to_owned());
    }
    if let Some(old) = old
        && text(old, "status") != machine::INITIAL
        && integer(old, "quoteCents") != quote
        && !faults.on("fixed-quote-changes")
    {
        problems.push("quoteCents is fixed once the job is quoted".to_owned());
    }
}

fn refuse(problems: Vec<String>) -> Result<(), Refused> {
    if problems.is_empty() { Ok(()) } else { Err(Refused::validation(&problems.join("; "))) }
}

fn unknown(body: &Map<String, Value>, faults: &Faults, problems: &mut Vec<String>) {
    if !faults.on("unknown-fields-accepted") {
        problems.extend(body.keys().map(|it| format!("{it} is not a known field")));
    }
}

/// Whether a fault takes a value of the service from the request.
fn taken(field: &Field, faults: &Faults) -> bool {
    match field.name {
        "id" => faults.on("id-from-request"),
        "createdAt" => faults.on("created-at-from-request"),
        "quotedAt" | "closedAt" => faults.on("transition-time-from-request"),
        _ => false,
    }
}

/// Whether a fault lets what is fixed be changed.
fn free(field: &Field, faults: &Faults) -> bool {
    match field.name {
        "customerId" => faults.on("owner-changes"),
        "deviceId" => faults.on("device-of-job-changes"),
        _ => false,
    }
}

/// Members of objects are merged one by one; a null takes a member away.
fn merged(before: &Value, value: Value) -> Value {
    let (Value::Object(before), Value::Object(patch)) = (before, &value) else { return value };
    let mut whole = before.clone();
    for (name, value) in patch {
        if value.is_null() {
            whole.shift_remove(name);
        } else {
            whole.insert(name.clone(), value.clone());
        }
    }
    Value::Object(whole)
}

fn customer(f: &Faults) -> Vec<Field> {
    let code = Field::new("postalCode", Kind::Text).pattern("^[0-9]{5}$");
    let address = vec![
        Field::new("street", Kind::Text).length(1, 80),
        Field::new("city", Kind::Text).length(1, 60),
        if f.on("nested-required-unchecked") { code.optional() } else { code },
    ];
    let phone = Field::new("phone", Kind::Text).nullable();
    let least = f.pick("length-minimum-off-by-one", 1, 2);
    let most = if f.on("length-maximum-off-by-one") { 61 } else { f.pick("length-maximum-exclusive", 59, 60) };
    vec![
        Field::new("name", Kind::Text).length(least, most),
        Field::new("email", Kind::Email),
        if f.on("pattern-unchecked") { phone } else { phone.pattern(r"^\+[0-9]{7,15}$") },
        Field::new("tier", Kind::Words(TIERS)).default("private"),
        Field::new("address", Kind::Object(address)),
    ]
}

fn device(f: &Faults) -> Vec<Field> {
    let owner = Field::new("customerId", Kind::Uuid).fixed();
    let item = Field::new("accessory", Kind::Text);
    let brand = Field::new("brand", Kind::Text).length(1, 40);
    vec![
        if f.on("reference-unchecked") { owner } else { owner.refers(Table::Customers) },
        brand,
        Field::new("serialNumber", Kind::Text).length(0, 20).pattern("^[A-Z0-9-]{6,20}$"),
        Field::new("kind", Kind::Words(KINDS)),
        Field::new("accessories", Kind::List(Box::new(item))),
        Field::new("purchasedOn", Kind::Date).nullable(),
        Field::new("warrantyUntil", Kind::Date).nullable(),
    ]
}

fn part(f: &Faults) -> Vec<Field> {
    let name = Field::new("name", Kind::Text).length(1, 80);
    let least = if f.on("range-minimum-exclusive") { 1 } else { f.pick("range-minimum-unchecked", i64::MIN, 0) };
    let stock = Field::new("stock", Kind::Integer).range(least, 9999);
    vec![
        Field::new("sku", Kind::Text).pattern(f.pick("pattern-unanchored", "[A-Z]{3}-[0-9]{5}", "^[A-Z]{3}-[0-9]{5}$")),
        if f.on("required-unchecked") { name.optional() } else { name },
        Field::new("unitPrice", Kind::Decimal),
        if f.on("null-accepted") { stock.null_too() } else { stock },
        Field::new("discontinued", Kind::Boolean).default(false),
    ]
}

fn job(f: &Faults) -> Vec<Field> {
    let part = Field::new("partId", Kind::Text);
    let line = vec![
        if f.on("reference-in-list-unchecked") { part } else { part.refers(Table::Parts) },
        Field::new("quantity", Kind::Integer).range(1, f.pick("nested-range-off-by-one", 100, 99)),
    ];
    let time = |name| Field::new(name, Kind::Time).server().null_too();
    vec![
        Field::new("deviceId", Kind::Uuid).fixed().refers(Table::Devices),
        Field::new("status", Kind::Words(machine::STATES)).default(machine::INITIAL),
        Field::new("description", Kind::Text).length(10, 500),
        Field::new("priority", Kind::Integer).range(1, f.pick("range-maximum-exclusive", 4, 5)).default(f.pick(
            "default-wrong",
            2,
            3,
        )),
        Field::new("lines", Kind::List(Box::new(Field::new("line", Kind::Object(line))))),
        Field::new("quoteCents", Kind::Integer).default(0),
        Field::new("depositCents", Kind::Integer).default(0),
        Field::new("minutesSpent", Kind::Integer).range(0, f.pick("range-maximum-off-by-one", 6001, 6000)).default(0),
        Field::new("dueOn", Kind::Date).nullable(),
        time("quotedAt"),
        time("startedAt"),
        time("finishedAt"),
        time("closedAt"),
    ]
}
