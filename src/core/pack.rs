//! Values in few bytes, for what only this program reads: messages to a ledger, copies of verdicts, remembered answers.
//!
//! Reading never stops half-way: what cannot be read is remembered, what follows reads as nothing, and [`unpack`] gives
//! no value in the end. So no reader has a way out for each of its fields, which is what makes derived ones of the known
//! crates large: with `serde` and `postcard`, or `borsh`, this took three times the code, a tenth of the Worker.

/// A value that can be packed.
pub trait Pack {
    /// Writes the value at the end.
    fn pack(&self, to: &mut Vec<u8>);
    /// Reads a value; one that means nothing, where the reader has failed.
    fn unpack(from: &mut Unpacker) -> Self;
}

/// Packs a value.
#[must_use]
pub fn pack(value: &impl Pack) -> Vec<u8> {
    let mut packed = Vec::new();
    value.pack(&mut packed);
    packed
}

/// Reads a value that takes all of the bytes; none, where they are no such value.
#[must_use]
pub fn unpack<T: Pack>(bytes: &[u8]) -> Option<T> {
    let mut from = Unpacker { bytes, failed: false };
    let value = T::unpack(&mut from);
    (!from.failed && from.bytes.is_empty()).then_some(value)
}

/// Reads values from bytes, one after the other.
#[derive(Debug)]
pub struct Unpacker<'a> {
    bytes: &'a [u8],
    failed: bool,
}

impl<'a> Unpacker<'a> {
    /// What is read is not what it should be.
    pub fn fail(&mut self) {
        self.failed = true;
        self.bytes = &[];
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((byte, rest)) = self.bytes.split_first() else {
            self.fail();
            return 0;
        };
        self.bytes = rest;
        *byte
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let Some((taken, rest)) = self.bytes.split_at_checked(length) else {
            self.fail();
            return &[];
        };
        self.bytes = rest;
        taken
    }

    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    fn number(&mut self) -> u64 {
        let mut number: u64 = 0;
        for shift in [0_u32, 7, 14, 21, 28, 35, 42, 49, 56, 63] {
            let byte = self.byte();
            number |= u64::from(byte & 0x7f).wrapping_shl(shift);
            if byte < 0x80 {
                return number;
            }
        }
        self.fail();
        0
    }

    /// How many items follow: at most one for each byte that is left.
    fn length(&mut self) -> usize {
        match usize::try_from(self.number()) {
            Ok(length) if length <= self.bytes.len() => length,
            _ => {
                self.fail();
                0
            }
        }
    }
}

fn pack_length(length: usize, to: &mut Vec<u8>) {
    u64::try_from(length).unwrap_or(u64::MAX).pack(to);
}

impl Pack for u64 {
    #[allow(clippy::cast_possible_truncation)]
    fn pack(&self, to: &mut Vec<u8>) {
        let mut number = *self;
        while number >= 0x80 {
            to.push(number as u8 | 0x80);
            number = number.wrapping_shr(7);
        }
        to.push(number as u8);
    }

    fn unpack(from: &mut Unpacker) -> Self {
        from.number()
    }
}

impl Pack for i64 {
    fn pack(&self, to: &mut Vec<u8>) {
        self.cast_unsigned().pack(to);
    }

    fn unpack(from: &mut Unpacker) -> Self {
        from.number().cast_signed()
    }
}

impl Pack for u32 {
    fn pack(&self, to: &mut Vec<u8>) {
        u64::from(*self).pack(to);
    }

    fn unpack(from: &mut Unpacker) -> Self {
        Self::try_from(from.number()).unwrap_or_else(|_| {
            from.fail();
            0
        })
    }
}

impl Pack for bool {
    fn pack(&self, to: &mut Vec<u8>) {
        to.push(u8::from(*self));
    }

    fn unpack(from: &mut Unpacker) -> Self {
        match from.byte() {
            0 => false,
            1 => true,
            _ => {
                from.fail();
                false
            }
        }
    }
}

impl Pack for String {
    fn pack(&self, to: &mut Vec<u8>) {
        pack_length(self.len(), to);
        to.extend_from_slice(self.as_bytes());
    }

    fn unpack(from: &mut Unpacker) -> Self {
        let length = from.length();
        std::str::from_utf8(from.take(length)).map(str::to_owned).unwrap_or_else(|_| {
            from.fail();
            Self::new()
        })
    }
}

impl<T: Pack> Pack for Option<T> {
    fn pack(&self, to: &mut Vec<u8>) {
        self.is_some().pack(to);
        if let Some(value) = self {
            value.pack(to);
        }
    }

    fn unpack(from: &mut Unpacker) -> Self {
        bool::unpack(from).then(|| T::unpack(from))
    }
}

impl<T: Pack, E: Pack> Pack for Result<T, E> {
    fn pack(&self, to: &mut Vec<u8>) {
        self.is_ok().pack(to);
        match self {
            Ok(value) => value.pack(to),
            Err(error) => error.pack(to),
        }
    }

    fn unpack(from: &mut Unpacker) -> Self {
        if bool::unpack(from) { Ok(T::unpack(from)) } else { Err(E::unpack(from)) }
    }
}

impl<T: Pack> Pack for Vec<T> {
    fn pack(&self, to: &mut Vec<u8>) {
        pack_length(self.len(), to);
        for item in self {
            item.pack(to);
        }
    }

    fn unpack(from: &mut Unpacker) -> Self {
        let mut items = Self::new();
        for _ in 0..from.length() {
            items.push(T::unpack(from));
        }
        items
    }
}

impl<T: Pack> Pack for Box<T> {
    fn pack(&self, to: &mut Vec<u8>) {
        (**self).pack(to);
    }

    fn unpack(from: &mut Unpacker) -> Self {
        Self::new(T::unpack(from))
    }
}

impl<A: Pack, B: Pack> Pack for (A, B) {
    fn pack(&self, to: &mut Vec<u8>) {
        self.0.pack(to);
        self.1.pack(to);
    }

    fn unpack(from: &mut Unpacker) -> Self {
        (A::unpack(from), B::unpack(from))
    }
}

/// Implements [`Pack`] for a type, by its fields, or by its variants with theirs. The order is the format: what is new
/// goes to the end.
macro_rules! packed {
    (struct $name:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::core::pack::Pack for $name {
            fn pack(&self, to: &mut Vec<u8>) {
                let Self { $($field),+ } = self;
                $($crate::core::pack::Pack::pack($field, to);)+
            }

            fn unpack(from: &mut $crate::core::pack::Unpacker) -> Self {
                $(let $field = $crate::core::pack::Pack::unpack(from);)+
                Self { $($field),+ }
            }
        }
    };
    (struct $name:ident ( $($field:ident),+ )) => {
        impl $crate::core::pack::Pack for $name {
            fn pack(&self, to: &mut Vec<u8>) {
                let Self($($field),+) = self;
                $($crate::core::pack::Pack::pack($field, to);)+
            }

            fn unpack(from: &mut $crate::core::pack::Unpacker) -> Self {
                $(let $field = $crate::core::pack::Pack::unpack(from);)+
                Self($($field),+)
            }
        }
    };
    (enum $name:ident { $($tag:tt => $variant:ident $(($($item:ident),+))? $({$($field:ident),+})?),+ $(,)? }) => {
        impl $crate::core::pack::Pack for $name {
            fn pack(&self, to: &mut Vec<u8>) {
                match self {
                    $(Self::$variant $(($($item),+))? $({$($field),+})? => {
                        to.push($tag);
                        $($($crate::core::pack::Pack::pack($item, to);)+)?
                        $($($crate::core::pack::Pack::pack($field, to);)+)?
                    })+
                }
            }

            fn unpack(from: &mut $crate::core::pack::Unpacker) -> Self {
                // Else what follows a failure would be read for ever.
                const { let [first, ..] = [$($tag),+]; assert!(first == 0_u8, "the first variant has tag 0"); }
                loop {
                    match from.byte() {
                        $($tag => {
                            $($(let $item = $crate::core::pack::Pack::unpack(from);)+)?
                            $($(let $field = $crate::core::pack::Pack::unpack(from);)+)?
                            return Self::$variant $(($($item),+))? $({$($field),+})?;
                        })+
                        // What follows reads as nothing, and nothing is the first variant.
                        _ => from.fail(),
                    }
                }
            }
        }
    };
}

pub(crate) use packed;

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq)]
    enum Shape {
        Point,
        Line(u32, String),
        Box { side: Option<u64>, names: Vec<String> },
    }

    packed!(enum Shape { 0 => Point, 1 => Line(length, name), 2 => Box { side, names } });

    #[test]
    fn what_was_packed_reads_as_it_was() {
        let names = vec!["a".to_owned(), String::new()];
        let shapes = vec![Shape::Point, Shape::Line(300, "ü".to_owned()), Shape::Box { side: Some(u64::MAX), names }];
        assert_eq!(unpack(&pack(&shapes)), Some(shapes));
    }

    #[test]
    fn what_is_cut_short_or_too_long_or_made_up_reads_as_nothing() {
        let packed = pack(&Shape::Line(300, "abc".to_owned()));
        for length in 0..packed.len() {
            assert_eq!(packed.get(..length).and_then(unpack::<Shape>), None, "{length}");
        }
        assert_eq!(unpack::<Shape>(&[packed.as_slice(), &[0]].concat()), None);
        assert_eq!(unpack::<Shape>(&[9]), None);
        assert_eq!(unpack::<Vec<Shape>>(&[255, 255, 255, 255, 15]), None);
        assert_eq!(unpack::<bool>(&[2]), None);
    }
}
