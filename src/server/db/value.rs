//! Values that statements are given.

use crate::{
    model::{roles::Role, status::ExecutionStatus},
    server::{id::Id, time::Timestamp},
};

/// A value bound to a placeholder. Nulls keep their type, which PostgreSQL insists on.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(Option<String>),
    Integer(Option<i64>),
    Real(Option<f64>),
    Boolean(Option<bool>),
}

macro_rules! value_from {
    ($($type:ty => $variant:ident($convert:expr)),* $(,)?) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                let convert: fn($type) -> _ = $convert;
                Self::$variant(Some(convert(value)))
            }
        }
        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                let convert: fn($type) -> _ = $convert;
                Self::$variant(value.map(convert))
            }
        }
    )*};
}
value_from! {
    String => Text(|v| v),
    &str => Text(|v| v.to_owned()),
    &String => Text(|v| v.clone()),
    Id => Text(|v| v.hex()),
    &Id => Text(|v| v.hex()),
    Timestamp => Text(|v| v.stored()),
    &Timestamp => Text(|v| v.stored()),
    ExecutionStatus => Text(|v| v.as_str().to_owned()),
    &ExecutionStatus => Text(|v| v.as_str().to_owned()),
    Role => Text(|v| v.as_str().to_owned()),
    &Role => Text(|v| v.as_str().to_owned()),
    i64 => Integer(|v| v),
    &i64 => Integer(|v| *v),
    f64 => Real(|v| v),
    &f64 => Real(|v| *v),
    bool => Boolean(|v| v),
    &bool => Boolean(|v| *v),
}

impl<T: Clone> From<&Option<T>> for Value
where
    Self: From<Option<T>>,
{
    fn from(value: &Option<T>) -> Self {
        value.clone().into()
    }
}

/// The values of a query, in the order of its placeholders: `args![id, name]`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::server::db::Value::from($value)),*] };
}

/// `$from, $from+1, …` for `count` placeholders, for `in (…)` lists.
pub fn placeholders(from: usize, count: usize) -> String {
    (from..from + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// How many values an `in (…)` list of ids has at most.
pub const LONGEST_LIST: usize = 500;

/// The distinct ids of an iterator, as bound values for `in (…)` lists of at most [`LONGEST_LIST`] each.
///
/// The last one is repeated until the list has one of a few lengths, so that the databases meet few different statements and keep them.
pub fn id_values(ids: impl IntoIterator<Item = Id>) -> Vec<Value> {
    let mut ids: Vec<Id> = ids.into_iter().collect();
    ids.sort();
    ids.dedup();
    let mut values: Vec<Value> = ids.into_iter().map(Value::from).collect();
    let rest = values.len() % LONGEST_LIST;
    if let Some(last) = values.last().filter(|_| rest > 0).cloned() {
        let length = rest.next_power_of_two().min(LONGEST_LIST);
        values.resize(values.len() - rest + length, last);
    }
    values
}

#[cfg(test)]
mod tests {
    use super::{Id, LONGEST_LIST, id_values};

    #[test]
    fn lists_of_ids_have_few_lengths() {
        let length = |count: usize| id_values((0..count).map(|_| Id::new())).len();
        assert_eq!([0, 1, 2, 3, 20, 300, LONGEST_LIST].map(length), [0, 1, 2, 4, 32, LONGEST_LIST, LONGEST_LIST]);
        assert_eq!(length(LONGEST_LIST + 3), LONGEST_LIST + 4);

        let id = Id::new();
        assert_eq!(id_values([id, id]), vec![id.into()], "each once");
    }
}
