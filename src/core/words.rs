//! Enums whose variants are words in bodies and in storage.

/// An enum whose variants are words.
pub trait Word: Copy + 'static {
    /// The first one.
    const FIRST: Self;
    /// Every one there is.
    const ALL: &[Self];

    /// The word.
    fn as_str(self) -> &'static str;
}

/// The place of a word among others: one function for all enums.
pub(crate) fn place(word: &str, words: &[&str]) -> Option<usize> {
    words.iter().position(|known| *known == word)
}

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
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $(#[$first_doc])* $first, $( $(#[$variant_doc])* $variant, )* }

        impl $crate::core::words::Word for $name {
            const FIRST: Self = Self::$first;
            const ALL: &[Self] = Self::ALL;

            fn as_str(self) -> &'static str {
                self.as_str()
            }
        }

        impl $crate::core::pack::Pack for $name {
            fn pack(&self, to: &mut Vec<u8>) {
                to.push(*self as u8);
            }

            fn unpack(from: &mut $crate::core::pack::Unpacker) -> Self {
                let place = usize::from(from.byte());
                Self::ALL.get(place).copied().unwrap_or_else(|| {
                    from.fail();
                    Self::$first
                })
            }
        }

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
                let place = $crate::core::words::place(word, &[$first_word $(, $word)*])?;
                Self::ALL.get(place).copied()
            }
        }
    };
}

pub(crate) use words;
