//! Enums whose variants are words in bodies and in storage.

/// Declares an enum with its words: `ALL`, `as_str` and `parse`.
///
/// The order of the variants is the wire format between the edge and a ledger.
macro_rules! words {
    (
        $(#[$doc:meta])*
        pub enum $name:ident {
            $(#[$first_doc:meta])* $first:ident = $first_word:literal,
            $( $(#[$variant_doc:meta])* $variant:ident = $word:literal, )*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $(#[$first_doc])* $first, $( $(#[$variant_doc])* $variant, )* }

        impl $name {
            /// Every one there is.
            pub const ALL: &[Self] = &[Self::$first $(, Self::$variant)*];

            /// What a word has to be.
            pub const CHOICES: &str = concat!("must be one of ", $first_word $(, ", ", $word)*);

            /// The word in bodies and in storage.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { Self::$first => $first_word $(, Self::$variant => $word)* }
            }

            /// The one with this word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == word)
            }
        }
    };
}

pub(crate) use words;
