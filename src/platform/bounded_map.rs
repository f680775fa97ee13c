//! A map of bounded size.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// A map that forgets the entry that was inserted first when it is full. An entry that is inserted again counts as new.
pub(super) struct BoundedMap<K, V> {
    capacity: usize,
    entries: HashMap<K, Entry<V>>,
    /// The keys in the order of insertion. A key that was inserted again is here more than once: only the newest counts.
    order: VecDeque<(u64, K)>,
    insertions: u64,
}

struct Entry<V> {
    insertion: u64,
    value: V,
}

impl<K: Clone + Eq + Hash, V> BoundedMap<K, V> {
    /// An empty map of at most `capacity` entries.
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, entries: HashMap::new(), order: VecDeque::new(), insertions: 0 }
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key).map(|entry| &entry.value)
    }

    /// Adds or replaces the value of a key.
    pub(super) fn insert(&mut self, key: K, value: V) {
        self.insertions = self.insertions.saturating_add(1);
        let insertion = self.insertions;
        self.order.push_back((insertion, key.clone()));
        self.entries.insert(key, Entry { insertion, value });
        while self.entries.len() > self.capacity {
            self.forget_first();
        }
        if self.order.len() > self.capacity.saturating_mul(2) {
            let entries = &self.entries;
            self.order.retain(|(insertion, key)| is_newest(entries, key, *insertion));
        }
    }

    fn forget_first(&mut self) {
        while let Some((insertion, key)) = self.order.pop_front() {
            if is_newest(&self.entries, &key, insertion) {
                self.entries.remove(&key);
                return;
            }
        }
    }
}

fn is_newest<K: Eq + Hash, V>(entries: &HashMap<K, Entry<V>>, key: &K, insertion: u64) -> bool {
    entries.get(key).is_some_and(|entry| entry.insertion == insertion)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_map_forgets_the_entry_that_was_inserted_first() {
        let mut map = BoundedMap::new(2);
        map.insert("a", 1);
        map.insert("b", 2);
        map.insert("a", 3);
        map.insert("c", 4);
        assert_eq!((map.get(&"a"), map.get(&"b"), map.get(&"c")), (Some(&3), None, Some(&4)));
    }

    #[test]
    fn repeated_insertions_do_not_make_the_map_grow() {
        let mut map = BoundedMap::new(2);
        for round in 0..100 {
            map.insert(round % 2, round);
            assert!(map.order.len() <= 5 && map.entries.len() <= 2);
        }
        assert_eq!((map.get(&0), map.get(&1)), (Some(&98), Some(&99)));
    }
}
