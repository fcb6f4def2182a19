//! The records, in memory, and what holds between them.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use crate::entity::Entity;
use crate::faults::Faults;
use crate::field::Kind;
use crate::machine;
use crate::record::{Record, Refused, TABLES, Table, set, text};

/// All records.
pub(crate) struct Store {
    faults: Faults,
    entities: Vec<Entity>,
    /// By kind and id; ids grow with time.
    records: HashMap<Table, BTreeMap<String, Record>>,
    /// The ids of records by what must be unique.
    taken: HashMap<String, String>,
    /// What `stale-read` answers.
    cached: HashMap<String, Record>,
    /// What was deleted, for the faults that forget that.
    deleted: HashMap<Table, BTreeMap<String, Record>>,
}

impl Store {
    pub(crate) fn new(faults: &Faults) -> Store {
        Store {
            faults: faults.clone(),
            entities: TABLES.iter().map(|it| Entity::new(*it, faults)).collect(),
            records: TABLES.iter().map(|it| (*it, BTreeMap::new())).collect(),
            taken: HashMap::new(),
            cached: HashMap::new(),
            deleted: TABLES.iter().map(|it| (*it, BTreeMap::new())).collect(),
        }
    }

    fn entity(&self, table: Table) -> Result<&Entity, Refused> {
        self.entities.iter().find(|it| it.table == table).ok_or_else(Refused::internal)
    }

    pub(crate) fn get(&self, table: Table, id: &str) -> Option<&Record> {
        self.records.get(&table)?.get(&id.to_ascii_lowercase())
    }

    /// The record that a path names.
    pub(crate) fn named(&self, table: Table, id: &str) -> Result<&Record, Refused> {
        self.get(table, id).ok_or_else(Refused::not_found)
    }

    /// The record that is shown to whoever reads it.
    pub(crate) fn read(&self, table: Table, id: &str) -> Result<&Record, Refused> {
        if self.faults.on("deleted-still-readable")
            && let Some(record) = self.deleted.get(&table).and_then(|it| it.get(id))
        {
            return Ok(record);
        }
        let record = self.named(table, id)?;
        let cached = if self.faults.on("stale-read") { self.cached.get(id) } else { None };
        Ok(cached.unwrap_or(record))
    }

    /// The records of a kind, oldest first.
    pub(crate) fn all(&self, table: Table) -> impl Iterator<Item = &Record> {
        let gone = self.deleted.get(&table).filter(|_| self.faults.on("deleted-still-listed"));
        self.records.get(&table).into_iter().chain(gone).flat_map(BTreeMap::values)
    }

    /// How many jobs have not ended.
    pub(crate) fn open_jobs(&self) -> usize {
        self.all(Table::Jobs).filter(|it| machine::is_open(it)).count()
    }

    /// Checks a new record, without keeping it.
    pub(crate) fn draft(&self, table: Table, body: Map<String, Value>) -> Result<Record, Refused> {
        let record = self.entity(table)?.create(body, &self.faults)?;
        self.referred(table, &record, None)?;
        self.unique(table, &record)?;
        Ok(record)
    }

    /// Keeps a new record that was checked.
    pub(crate) fn insert(&mut self, table: Table, record: &Record) -> Result<(), Refused> {
        if self.faults.on("created-twice") && table == Table::Jobs {
            let mut other = record.clone();
            set(&mut other, "id", uuid::Uuid::now_v7().to_string());
            self.put(table, other)?;
        }
        let mut kept = record.clone();
        if self.faults.on("created-without-accessories") && kept.contains_key("accessories") {
            set(&mut kept, "accessories", Vec::<Value>::new());
        }
        self.put(table, kept)
    }

    /// A record after a change of `old`, without keeping it.
    pub(crate) fn changed(
        &self,
        table: Table,
        old: &Record,
        body: Map<String, Value>,
        replaces: bool,
    ) -> Result<Record, Refused> {
        let record = self.entity(table)?.change(old, body, replaces, &self.faults)?;
        self.referred(table, &record, Some(old))?;
        if !(self.faults.on("unique-on-create-only") && table == Table::Customers) {
            self.unique(table, &record)?;
        }
        Ok(record)
    }

    /// A job after an event, without keeping it.
    pub(crate) fn fired(&self, old: &Record, event: &str) -> Result<Record, Refused> {
        let step = machine::by_event(text(old, "status"), event, &self.faults).ok_or_else(Refused::transition)?;
        if !machine::allows(&step, old, &self.faults) {
            return Err(Refused::transition());
        }
        let mut record = old.clone();
        machine::assign(step, &mut record, &self.faults);
        set(&mut record, "updatedAt", crate::record::now());
        Ok(record)
    }

    /// Keeps a changed record that was checked.
    pub(crate) fn update(&mut self, table: Table, record: &Record) -> Result<(), Refused> {
        if self.faults.on("update-not-saved") && table == Table::Parts {
            return Ok(());
        }
        if self.faults.on("transition-not-saved") && text(record, "status") == "approved" {
            return Ok(());
        }
        if self.faults.on("stale-read")
            && let Some(before) = self.get(table, text(record, "id")).cloned()
        {
            self.cached.insert(text(record, "id").to_owned(), before);
        }
        self.put(table, record.clone())
    }

    fn put(&mut self, table: Table, record: Record) -> Result<(), Refused> {
        let id = text(&record, "id").to_owned();
        if let Some(old) = self.get(table, &id) {
            for key in self.keys(table, old)? {
                self.taken.remove(&key);
            }
        }
        for key in self.keys(table, &record)? {
            self.taken.insert(key, id.clone());
        }
        if let Some(records) = self.records.get_mut(&table) {
            records.insert(id, record);
        }
        Ok(())
    }

    pub(crate) fn delete(&mut self, table: Table, id: &str) -> Result<(), Refused> {
        let record = self.named(table, id)?.clone();
        let id = text(&record, "id").to_owned();
        let below = self.below(table, &id);
        if !below.is_empty() {
            match table {
                Table::Customers if self.faults.on("delete-cascades") => {
                    for (table, id) in below {
                        self.remove(table, &id)?;
                    }
                }
                Table::Parts if self.faults.on("used-part-deleted") => {}
                _ => return Err(Refused::in_use()),
            }
        }
        self.remove(table, &id)
    }

    fn remove(&mut self, table: Table, id: &str) -> Result<(), Refused> {
        let Some(record) = self.records.get_mut(&table).and_then(|it| it.remove(id)) else { return Ok(()) };
        if !(self.faults.on("unique-after-delete") && table == Table::Parts) {
            for key in self.keys(table, &record)? {
                self.taken.remove(&key);
            }
        }
        if let Some(deleted) = self.deleted.get_mut(&table) {
            deleted.insert(id.to_owned(), record);
        }
        Ok(())
    }

    /// The records that refer to one.
    fn below(&self, table: Table, id: &str) -> Vec<(Table, String)> {
        let holds = |it: &Record| match table {
            Table::Customers => text(it, "customerId") == id,
            Table::Devices => text(it, "deviceId") == id,
            Table::Parts => {
                let lines = it.get("lines").and_then(Value::as_array).into_iter().flatten();
                lines.filter_map(|it| it.get("partId")?.as_str()).any(|it| it == id)
            }
            Table::Jobs => false,
        };
        let other = if table == Table::Customers { Table::Devices } else { Table::Jobs };
        let records = self.records.get(&other).into_iter().flat_map(BTreeMap::values);
        records.filter(|it| holds(it)).map(|it| (other, text(it, "id").to_owned())).collect()
    }

    /// What of a record must be unique, as keys of `taken`.
    fn keys(&self, table: Table, record: &Record) -> Result<Vec<String>, Refused> {
        let entity = self.entity(table)?;
        let each = entity.unique.iter().map(|names| {
            let values: Vec<Value> = names.iter().map(|it| Value::from(text(record, it))).collect();
            format!("{table:?} {names:?} {}", Value::Array(values))
        });
        Ok(each.collect())
    }

    fn unique(&self, table: Table, record: &Record) -> Result<(), Refused> {
        let own = text(record, "id");
        let itself = self.faults.on("unique-against-itself") && table == Table::Devices;
        let other = |it: &String| self.taken.get(it).is_some_and(|it| it != own || itself);
        if self.keys(table, record)?.iter().any(other) { Err(Refused::duplicate()) } else { Ok(()) }
    }

    /// Refuses unless all records exist that a record refers to and did not refer to before.
    fn referred(&self, table: Table, record: &Record, old: Option<&Record>) -> Result<(), Refused> {
        for field in &self.entity(table)?.fields {
            let value = record.get(field.name).unwrap_or(&Value::Null);
            if old.and_then(|it| it.get(field.name)) == Some(value) {
                continue;
            }
            let mut found = Vec::new();
            if let (Some(target), Some(id)) = (field.refers, value.as_str()) {
                found.push((target, id));
            }
            if let (Kind::List(item), Value::Array(items)) = (&field.kind, value)
                && let Kind::Object(fields) = &item.kind
            {
                for inner in fields {
                    let Some(target) = inner.refers else { continue };
                    let ids = items.iter().filter_map(|it| it.get(inner.name)?.as_str());
                    found.extend(ids.map(|it| (target, it)));
                }
            }
            if found.iter().any(|(target, id)| self.get(*target, id).is_none()) {
                return Err(Refused::reference());
            }
        }
        Ok(())
    }

    /// The type of a field, for what filters by it.
    pub(crate) fn kind(&self, table: Table, name: &str) -> Option<&Kind> {
        self.entity(table).ok()?.field(name).map(|it| &it.kind)
    }
}
