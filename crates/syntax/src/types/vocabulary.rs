//! The words for scalar and collection types, whatever language they come from.

use crate::types::Type;

/// The type that a single well-known word or fixed phrase names (`varchar`, `DateTimeOffset`,
/// `double precision`, `ISO 8601`), without case, spaces, underscores and hyphens; plural forms too.
/// A capitalised `Date` is a point in time, as in TypeScript; `date` and `DATE` are calendar dates.
pub fn known_word(word: &str) -> Option<Type> {
    if word == "Date" {
        return Some(Type::DateTime);
    }
    let folded = fold(word);
    lookup(&folded).or_else(|| lookup(folded.strip_suffix('s').filter(|it| it.len() > 2)?))
}

/// [`known_word`] for a name in code, where documents declare records under some of the words.
pub(crate) fn known_name(name: &str) -> Option<Type> {
    match name {
        "Money" | "Currency" | "Duration" | "Time" | "Interval" | "Phone" | "PhoneNumber" | "Password"
        | "Percentage" | "Flag" | "List" | "Map" | "Record" | "Dictionary" => None,
        word => known_word(word),
    }
}

/// Lower case without spaces, underscores, hyphens and full stops.
pub(crate) fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for c in word.chars().filter(|it| !it.is_whitespace() && !matches!(it, '_' | '-' | '.')) {
        if c.is_ascii() { folded.push(c.to_ascii_lowercase()) } else { folded.extend(c.to_lowercase()) }
    }
    folded
}

fn lookup(folded: &str) -> Option<Type> {
    Some(match folded {
        "string" | "str" | "text" | "char" | "varchar" | "nvarchar" | "nchar" | "character" | "charactervarying"
        | "nationalcharacter" | "varchar2" | "nvarchar2" | "bpchar" | "longtext" | "mediumtext" | "tinytext"
        | "ntext" | "citext" | "clob" | "freetext" | "plaintext" | "objectid" | "mongoid" | "ulid" | "cuid"
        | "cuid2" | "nanoid" | "slug" | "password" | "phone" | "phonenumber" | "markdown" | "html" | "xml"
        | "base64" => Type::Text(None),
        "integer" | "int" | "int2" | "int4" | "int8" | "int16" | "int32" | "int64" | "bigint" | "biginteger"
        | "smallint" | "mediumint" | "tinyint" | "long" | "short" | "uint" | "uint8" | "uint16" | "uint32"
        | "uint64" | "u8" | "u16" | "u32" | "u64" | "i8" | "i16" | "i32" | "i64" | "usize" | "isize" | "serial"
        | "bigserial" | "smallserial" | "serial4" | "serial8" | "unsignedint" | "unsignedinteger"
        | "unsignedbigint" | "positiveinteger" | "epoch" | "unixtimestamp" | "epochmilliseconds" | "epochseconds" => {
            Type::Integer
        }
        "number" | "num" | "float" | "float4" | "float8" | "float32" | "float64" | "double" | "doubleprecision"
        | "real" | "f32" | "f64" | "percent" | "percentage" => Type::Number,
        "decimal" | "numeric" | "dec" | "bigdecimal" | "money" | "smallmoney" | "currency" => Type::Decimal(None),
        "boolean" | "bool" | "bit" | "flag" | "yes/no" | "true/false" => Type::Boolean,
        "date" | "localdate" | "dateonly" | "iso8601date" | "isodateonly" | "calendardate" | "yyyymmdd" => Type::Date,
        "time"
        | "timeofday"
        | "localtime"
        | "timeonly"
        | "timetz"
        | "timewithtimezone"
        | "timewithouttimezone"
        | "hh:mm"
        | "hh:mm:ss" => Type::Time,
        "datetime"
        | "datetime2"
        | "datetimeoffset"
        | "datetimelocal"
        | "datetimetz"
        | "smalldatetime"
        | "timestamp"
        | "timestamptz"
        | "timestampwithtimezone"
        | "timestampwithlocaltimezone"
        | "timestampwithouttimezone"
        | "timestampntz"
        | "iso8601"
        | "iso8601timestamp"
        | "iso8601datetime"
        | "iso8601string"
        | "isodatetime"
        | "isodate"
        | "isotimestamp"
        | "isostring"
        | "isodatestring"
        | "instant"
        | "zoneddatetime"
        | "offsetdatetime"
        | "localdatetime"
        | "rfc3339"
        | "utctimestamp"
        | "utcdatetime" => Type::DateTime,
        "duration" | "interval" | "timespan" | "timedelta" | "iso8601duration" => Type::Duration,
        "uuid" | "guid" | "uniqueidentifier" | "uuid4" | "uuid7" | "uuidv1" | "uuidv4" | "uuidv5" | "uuidv7" => {
            Type::Uuid
        }
        "email" | "emailaddress" => Type::Email,
        "url" | "uri" | "httpurl" | "httpsurl" | "weburl" => Type::Url,
        "ip" | "ipaddress" | "ipv4" | "ipv6" | "inet" | "cidr" => Type::Ip,
        "json" | "jsonb" | "jsonobject" | "jsonvalue" | "jsonstring" | "object" | "any" | "unknown" | "mixed" => {
            Type::Json
        }
        "bytes" | "byte[]" | "blob" | "bytea" | "binary" | "varbinary" | "longblob" | "mediumblob" | "tinyblob"
        | "buffer" | "uint8array" | "arraybuffer" | "rowversion" => Type::Bytes,
        "array" | "list" => Type::Array(Box::new(Type::Json)),
        "map" | "record" | "dict" | "dictionary" | "hashmap" | "hstore" => Type::Map(Box::new(Type::Json)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_matched_without_case_and_separators() {
        for (word, expected) in [
            ("VARCHAR", Some(Type::Text(None))),
            ("Double Precision", Some(Type::Number)),
            ("date-time", Some(Type::DateTime)),
            ("Date", Some(Type::DateTime)),
            ("date", Some(Type::Date)),
            ("DATE", Some(Type::Date)),
            ("integers", Some(Type::Integer)),
            ("ISO 8601", Some(Type::DateTime)),
            ("order", None),
            ("", None),
        ] {
            assert_eq!(known_word(word), expected, "{word}");
        }
    }
}
