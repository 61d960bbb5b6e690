//! A deserializer over a JSON value that knows where it is.
//!
//! It differs from serde_json's own in three things: an object is only ever read from an object,
//! errors carry the path, and errors don't carry the value. In lenient mode, for queries, numbers
//! and booleans are read from text.

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value;

use super::error::DecodeError;

type Result<T> = std::result::Result<T, DecodeError>;

/// One value of the request.
#[derive(Clone, Copy)]
pub struct Node<'de> {
    value: &'de Value,
    lenient: bool,
}

impl<'de> Node<'de> {
    /// A value of a JSON body.
    pub fn strict(value: &'de Value) -> Self {
        Self {
            value,
            lenient: false,
        }
    }

    /// The parameters of a query.
    pub fn lenient(value: &'de Value) -> Self {
        Self {
            value,
            lenient: true,
        }
    }

    fn beside(self, value: &'de Value) -> Self {
        Self {
            value,
            lenient: self.lenient,
        }
    }

    fn integer(self) -> Option<i64> {
        match self.value {
            Value::String(text) if self.lenient => text.parse().ok(),
            other => other.as_i64(),
        }
    }

    fn fields(self) -> Result<Fields<'de>> {
        match self.value {
            Value::Object(map) => Ok(Fields {
                node: self,
                entries: map.iter(),
                current: None,
            }),
            _ => Err(DecodeError::expected("an object")),
        }
    }
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(n), _, _) => visitor.visit_u64(n),
                (_, Some(n), _) => visitor.visit_i64(n),
                (_, _, Some(n)) => visitor.visit_f64(n),
                _ => Err(DecodeError::expected("a number")),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(_) => self.deserialize_seq(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.value {
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::String(text) if self.lenient && text == "true" => visitor.visit_bool(true),
            Value::String(text) if self.lenient && text == "false" => visitor.visit_bool(false),
            _ => Err(DecodeError::expected("`true` or `false`")),
        }
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.integer() {
            Some(number) => visitor.visit_i64(number),
            None => Err(DecodeError::expected("an integer")),
        }
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.integer().map(i32::try_from) {
            Some(Ok(number)) => visitor.visit_i32(number),
            Some(Err(_)) => Err(DecodeError::expected("an integer of 32 bits")),
            None => Err(DecodeError::expected("an integer")),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let number = match self.value {
            Value::String(text) if self.lenient => text.parse().ok(),
            other => other.as_f64(),
        };
        number.map_or_else(
            || Err(DecodeError::expected("a number")),
            |n| visitor.visit_f64(n),
        )
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.value {
            Value::String(text) => visitor.visit_borrowed_str(text),
            _ => Err(DecodeError::expected("a string")),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.value {
            Value::Array(items) => visitor.visit_seq(Items {
                node: self,
                items: items.iter().enumerate(),
            }),
            _ => Err(DecodeError::expected("an array")),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_map(self.fields()?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_map(self.fields()?)
    }

    /// Enums are names.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.value {
            Value::String(text) => visitor.visit_enum(StrDeserializer::new(text)),
            _ => Err(DecodeError::expected("a string")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u8 u16 u32 u64 u128 f32 char bytes byte_buf unit unit_struct tuple
        tuple_struct identifier
    }
}

struct Fields<'de> {
    node: Node<'de>,
    entries: serde_json::map::Iter<'de>,
    current: Option<(&'de str, &'de Value)>,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let Some((key, value)) = self.entries.next() else {
            return Ok(None);
        };
        self.current = Some((key, value));
        seed.deserialize(StrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let Some((key, value)) = self.current.take() else {
            return Err(DecodeError::expected("a value"));
        };
        seed.deserialize(self.node.beside(value))
            .map_err(|e| e.under(key))
    }
}

struct Items<'de> {
    node: Node<'de>,
    items: std::iter::Enumerate<std::slice::Iter<'de, Value>>,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some((index, value)) = self.items.next() else {
            return Ok(None);
        };
        seed.deserialize(self.node.beside(value))
            .map(Some)
            .map_err(|e| e.at_index(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}
