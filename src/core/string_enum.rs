//! Enums whose variants have a fixed spelling in bodies, messages and storage.

/// Declares an enum with the text of each variant.
///
/// The enum gets `ALL`, `as_str`, `FromStr` (with a [`Rule`](super::Rule) that lists the choices), `Display`, and serde
/// implementations that use the same texts.
///
/// ```
/// use hookswitch::core::Role;
/// assert_eq!(Role::Admin.as_str(), "admin");
/// assert_eq!("member".parse(), Ok(Role::Member));
/// assert_eq!(serde_json::to_string(&Role::Manager).unwrap(), r#""manager""#);
/// ```
macro_rules! string_enum {
    (
        $(#[$doc:meta])*
        $vis:vis enum $name:ident {
            $( $(#[$variant_doc:meta])* $variant:ident = $text:literal, )+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
        $vis enum $name {
            $( $(#[$variant_doc])* #[serde(rename = $text)] $variant, )+
        }

        impl $name {
            /// Every variant, in the order of declaration.
            #[allow(dead_code, reason = "not every enum is listed")]
            $vis const ALL: &[Self] = &[$(Self::$variant),+];

            /// The text of the variant in bodies, messages and storage.
            #[must_use]
            $vis const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::core::Rule;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::core::Rule::new($crate::core::string_enum::choices(&[$($text),+]))),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use string_enum;

/// The rule that a text must be one of these.
pub(crate) fn choices(texts: &[&str]) -> String {
    format!("must be one of {}", texts.join(", "))
}
