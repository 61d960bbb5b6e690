//! The macros that keep the generated files short.

/// An enum of wire strings.
macro_rules! wire_enum {
    ($name:ident { $($variant:ident = $wire:literal),+ $(,)? }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($variant),+ }

        impl $name {
            /// All values, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// All wire names, in the same order.
            pub const NAMES: &'static [&'static str] = &[$($wire),+];

            /// The name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $wire),+ }
            }

            /// The value with this wire name.
            pub fn parse(wire: &str) -> Option<Self> {
                match wire { $($wire => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let wire = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&wire)
                    .ok_or_else(|| serde::de::Error::unknown_variant(&wire, Self::NAMES))
            }
        }
    };
}

/// The table of error types: variant, wire name, status, whether general, schema.
macro_rules! error_types {
    ($(
        $variant:ident = $wire:literal $status:literal $general:literal $schema:literal
    ),+ $(,)?) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ErrorType { $($variant),+ }

        impl ErrorType {
            /// All error types.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The value of `type` in the body.
            pub const fn wire_name(self) -> &'static str {
                match self { $(Self::$variant => $wire),+ }
            }

            /// The HTTP status it is answered with.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// Whether every operation may answer it, though the contract lists it nowhere.
            pub const fn is_general(self) -> bool {
                match self { $(Self::$variant => $general),+ }
            }

            /// The schema's name in the document, empty for a general error.
            pub const fn schema(self) -> &'static str {
                match self { $(Self::$variant => $schema),+ }
            }
        }
    };
}

/// The table of operations.
macro_rules! operations {
    ($($variant:ident {
        $id:literal $method:literal $path:literal,
        auth: $auth:literal, query_or_body: $query_or_body:literal,
        allowed: [$($error:ident),* $(,)?]
    })+) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Operation { $($variant),+ }

        impl Operation {
            /// All operations of the document.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// What the contract says about it.
            pub const fn spec(self) -> &'static crate::OperationSpec {
                match self {
                    $(Self::$variant => &crate::OperationSpec {
                        id: $id,
                        method: $method,
                        path: $path,
                        auth: $auth,
                        query_or_body: $query_or_body,
                        allowed: &[$(crate::ErrorType::$error),*],
                    }),+
                }
            }
        }
    };
}

/// A debug print of the named fields only.
macro_rules! redacted_debug {
    ($name:ident { $($shown:ident),* $(,)? }) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))
                    $(.field(stringify!($shown), &self.$shown))*
                    .finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use {error_types, operations, redacted_debug, wire_enum};
