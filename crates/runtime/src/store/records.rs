//! Reading and changing records, within one transaction or one read.

use plan::refused::Refused;
use plan::{Order, Table, Why};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use crate::store::failed;
use crate::store::sqlite::{self, Cause, Statements};
use plan::cell::{Cell, Record};

/// The records, as one transaction or one read sees them.
pub(crate) struct Records<'a> {
    pub(super) connection: &'a Connection,
    /// For each table.
    pub(super) statements: &'a [Statements],
}

/// Which records, in an order that their keys make whole.
#[derive(Debug, Clone, Default)]
pub(crate) struct Select {
    /// Fields and the values that they must have.
    pub(crate) equal: Vec<(usize, Cell)>,
    /// The field whose order comes before that of the keys.
    pub(crate) order: Option<Order>,
    /// Only records that come after this one: the value that it is ordered by, and its key.
    pub(crate) after: Option<(Cell, Cell)>,
    pub(crate) limit: i64,
    pub(crate) offset: i64,
}

impl Records<'_> {
    fn of(&self, table: &Table) -> &Statements {
        static NONE: Statements = Statements::NONE;
        self.statements.get(table.index).unwrap_or(&NONE)
    }

    /// The record whose field has a value.
    pub(crate) fn get(&self, table: &Table, field: usize, value: &Cell) -> Result<Option<Record>, Refused> {
        let Some(column) = table.field(field).map(|it| sqlite::quoted(&it.column)) else { return Ok(None) };
        let sql = format!("{} WHERE {column}=?1", self.of(table).select);
        let mut statement = self.connection.prepare_cached(&sql).map_err(|it| failed(&it))?;
        statement.query_row([sqlite::bind(value)], |it| record(it, table)).optional().map_err(|it| failed(&it))
    }

    /// Whether a record has this key.
    pub(crate) fn exists(&self, table: &Table, key: &Cell) -> Result<bool, Refused> {
        let sql = format!("{} WHERE {}=?1", self.of(table).count, sqlite::key(table));
        let mut statement = self.connection.prepare_cached(&sql).map_err(|it| failed(&it))?;
        statement.query_row([sqlite::bind(key)], |it| it.get::<_, i64>(0)).map(|it| it > 0).map_err(|it| failed(&it))
    }

    /// Whether a record holds this key in a member of this name, inside the value of a field.
    pub(crate) fn holds(&self, table: &Table, field: usize, member: &str, key: &Cell) -> Result<bool, Refused> {
        let Some(column) = table.field(field).map(|it| sqlite::quoted(&it.column)) else { return Ok(false) };
        let sql = sqlite::holding(table, &column);
        let mut statement = self.connection.prepare_cached(&sql).map_err(|it| failed(&it))?;
        statement.exists(params![sqlite::bind(key), member]).map_err(|it| failed(&it))
    }

    /// Some records.
    pub(crate) fn select(&self, table: &Table, which: &Select) -> Result<Vec<Record>, Refused> {
        let (mut sql, mut values) = condition(table, &which.equal);
        let key = sqlite::key(table);
        let order = which.order.and_then(|it| Some((sqlite::sorted(table.field(it.field)?), it.descending)));
        if let Some((value, after)) = &which.after {
            sql.push_str(if values.is_empty() { " WHERE " } else { " AND " });
            values.push(sqlite::bind(after));
            let own = format!("{key}>?{}", values.len());
            let Some((order, descending)) = &order else {
                sql.push_str(&own);
                return self.page(table, which, sql, values, &key);
            };
            // Null comes first, and last in the reverse.
            let column = &order.column;
            if value.is_null() {
                let rest = if *descending { String::new() } else { format!(" OR {column} IS NOT NULL") };
                sql.push_str(&format!("(({column} IS NULL AND {own}){rest})"));
            } else {
                values.push(sqlite::bind(value));
                let value = order.of(&format!("?{}", values.len()));
                let column = order.of(column);
                let (sign, rest) =
                    if *descending { ("<", format!(" OR {column} IS NULL")) } else { (">", String::new()) };
                sql.push_str(&format!("({column}{sign}{value} OR ({column}={value} AND {own}){rest})"));
            }
        }
        let order = order.map(|(order, descending)| {
            format!("{}{}, ", order.of(&order.column), if descending { " DESC" } else { "" })
        });
        self.page(table, which, sql, values, &format!("{}{key}", order.unwrap_or_default()))
    }

    fn page(
        &self,
        table: &Table,
        which: &Select,
        condition: String,
        mut values: Vec<Value>,
        order: &str,
    ) -> Result<Vec<Record>, Refused> {
        values.push(Value::Integer(which.limit));
        values.push(Value::Integer(which.offset));
        let (limit, offset) = (values.len() - 1, values.len());
        let select = &self.of(table).select;
        let sql = format!("{select}{condition} ORDER BY {order} LIMIT ?{limit} OFFSET ?{offset}");
        let mut statement = self.connection.prepare_cached(&sql).map_err(|it| failed(&it))?;
        let rows = statement.query_map(params_from_iter(values), |it| record(it, table)).map_err(|it| failed(&it))?;
        rows.collect::<rusqlite::Result<_>>().map_err(|it| failed(&it))
    }

    /// How many records have these values.
    pub(crate) fn count(&self, table: &Table, equal: &[(usize, Cell)]) -> Result<i64, Refused> {
        let (sql, values) = condition(table, equal);
        let mut statement =
            self.connection.prepare_cached(&format!("{}{sql}", self.of(table).count)).map_err(|it| failed(&it))?;
        statement.query_row(params_from_iter(values), |it| it.get(0)).map_err(|it| failed(&it))
    }

    /// Adds a record; a key that the database counts is filled in.
    pub(crate) fn insert(&self, table: &Table, record: &mut Record) -> Result<(), Refused> {
        let mut statement = self.connection.prepare_cached(&self.of(table).insert).map_err(|it| failed(&it))?;
        statement
            .execute(params_from_iter(record.iter().map(sqlite::bind)))
            .map_err(|it| refused(&it, table, Why::Reference))?;
        if let Some(key) = record.get_mut(table.key)
            && key.is_null()
        {
            *key = Cell::Integer(self.connection.last_insert_rowid());
        }
        Ok(())
    }

    /// Replaces the record with this key.
    pub(crate) fn update(&self, table: &Table, key: &Cell, record: &Record) -> Result<(), Refused> {
        let mut statement = self.connection.prepare_cached(&self.of(table).update).map_err(|it| failed(&it))?;
        let values = record.iter().chain(std::iter::once(key)).map(sqlite::bind);
        statement.execute(params_from_iter(values)).map_err(|it| refused(&it, table, Why::Reference))?;
        Ok(())
    }

    /// Deletes the record with this key, and what goes with it.
    pub(crate) fn delete(&self, table: &Table, key: &Cell) -> Result<(), Refused> {
        let mut statement = self.connection.prepare_cached(&self.of(table).delete).map_err(|it| failed(&it))?;
        statement.execute([sqlite::bind(key)]).map_err(|it| refused(&it, table, Why::InUse))?;
        Ok(())
    }
}

fn condition(table: &Table, equal: &[(usize, Cell)]) -> (String, Vec<Value>) {
    let mut sql = String::new();
    let mut values = Vec::new();
    for (field, value) in equal {
        let Some(column) = table.field(*field).map(|it| sqlite::quoted(&it.column)) else { continue };
        sql.push_str(if values.is_empty() { " WHERE " } else { " AND " });
        values.push(sqlite::bind(value));
        sql.push_str(&format!("{column}=?{}", values.len()));
    }
    (sql, values)
}

fn record(row: &Row, table: &Table) -> rusqlite::Result<Record> {
    let mut record = Vec::with_capacity(table.fields.len());
    for (index, field) in table.fields.iter().enumerate() {
        record.push(sqlite::cell(row.get_ref(index)?, &field.member.kind));
    }
    Ok(record)
}

/// What the database refused, in the document's terms.
fn refused(error: &rusqlite::Error, table: &Table, reference: Why) -> Refused {
    match sqlite::cause(error) {
        Cause::Unique(columns) => {
            let of_column = |it: &String| table.fields.iter().position(|field| field.column == *it);
            let mut fields: Vec<usize> = columns.iter().filter_map(of_column).collect();
            fields.sort_unstable();
            let own = table.key_field().filter(|_| fields == [table.key]).map_or(table.line, |it| it.member.line);
            let line = table.uniques.iter().find(|it| it.fields == fields).map_or(own, |it| it.line);
            let names: Vec<&str> =
                fields.iter().filter_map(|it| table.field(*it)).map(|it| it.member.name.as_str()).collect();
            let words = format!("another {} has this {}", table.name, names.join(" and "));
            let refused = Refused::because(Why::Unique, words, line);
            names.iter().fold(refused, |it, name| it.about(name, "is already in use"))
        }
        Cause::Reference if reference == Why::InUse => {
            Refused::because(Why::InUse, format!("other records refer to this {}", table.name), table.line)
        }
        Cause::Reference => {
            Refused::because(Why::Reference, "a record that is referred to does not exist".to_owned(), table.line)
        }
        // The edge checks first; a value that only the database refuses is one that the edge let pass.
        Cause::Check(about) => Refused::because(Why::Validation, format!("a value is not valid ({about})"), table.line),
        Cause::Other => failed(error),
    }
}
