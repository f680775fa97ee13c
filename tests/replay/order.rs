//! An order of a history's requests in which the core, alone, says and tells what was seen of the service.
//!
//! The ledger decided each request at one moment between when it was sent and when it was answered. Most answers say
//! when; of the others, the events say when something was done, and not always by whose request: of two that were
//! refused alike, one may have ended what the other found dead. So each is tried that may have done it: at its time the
//! core has to answer it as was seen, and to tell what was told. What is left did nothing, and has to have a moment at
//! which the core answers it so and changes nothing, none of them before one that was answered before it was sent.

use hookswitch::core::view::Writes;
use hookswitch::core::{Actor, Event, Timestamp};
use serde_json::Value;

use crate::history::{Asked, History, lines};
use crate::model::Ledger;
use crate::said;

/// The most orders that are looked at to the end.
const TRIES: u32 = 1_000;

/// Whether there is such an order; if not, what the one was stopped by that went furthest.
pub(crate) fn find(history: &History) -> Result<(), String> {
    let mut times: Vec<_> = history.done.keys().map(|at| (*at, None)).collect();
    for (index, asked) in history.asked.iter().enumerate() {
        let Some(at) = asked.at else { continue };
        match times.iter_mut().find(|(time, _)| *time == at) {
            Some((_, Some(other))) => {
                let other: &Asked = &history.asked[*other];
                return Err(format!("requests {} and {} have one time", other.number, asked.number));
            }
            Some((_, whose)) => *whose = Some(index),
            None => times.push((at, Some(index))),
        }
    }
    times.sort_unstable();
    let mut search =
        Search { history, times, order: Vec::new(), before: vec![history.ledger()], furthest: None, tries: 0 };
    if search.go_on() { Ok(()) } else { Err(search.furthest.map_or_else(String::new, |(_, why)| why)) }
}

struct Search<'a> {
    history: &'a History,
    /// When something was decided, in order, and whose request it was where the answer says that.
    times: Vec<(Timestamp, Option<usize>)>,
    /// The requests at the first of these times.
    order: Vec<usize>,
    /// The ledger before each of them, and after the last.
    before: Vec<Ledger>,
    /// How far an order went, and what stopped it.
    furthest: Option<(usize, String)>,
    tries: u32,
}

impl Search<'_> {
    /// Whether the order can be completed.
    fn go_on(&mut self) -> bool {
        let Some((at, whose)) = self.times.get(self.order.len()).copied() else {
            self.tries += 1;
            return match self.finish() {
                Ok(()) => true,
                Err(why) => self.stop(why),
            };
        };
        let candidates: Vec<_> = match whose {
            Some(index) => vec![index],
            None => self.open().collect(),
        };
        for index in candidates {
            match self.decide(&self.history.asked[index], at) {
                Ok(ledger) => {
                    self.order.push(index);
                    self.before.push(ledger);
                    if self.go_on() {
                        return true;
                    }
                    self.order.pop();
                    self.before.pop();
                    if self.tries >= TRIES {
                        return false;
                    }
                }
                Err(why) if whose.is_some() => return self.stop(why),
                Err(_) => {}
            }
        }
        let done = self.history.done.get(&at);
        whose.is_none() && self.stop(format!("nobody can have done {done:?}"))
    }

    fn stop(&mut self, why: String) -> bool {
        if self.furthest.as_ref().is_none_or(|(length, _)| *length < self.order.len()) {
            self.furthest = Some((self.order.len(), why));
        }
        false
    }

    /// The requests that no answer and not yet any event gives a time.
    fn open(&self) -> impl Iterator<Item = usize> {
        let asked = self.history.asked.iter().enumerate();
        asked.filter(|(index, asked)| asked.at.is_none() && !self.order.contains(index)).map(|(index, _)| index)
    }

    /// The ledger after a request that comes next and is decided at this time.
    fn decide(&self, asked: &Asked, at: Timestamp) -> Result<Ledger, String> {
        let number = asked.number;
        if let Some(late) = self.order.iter().map(|index| &self.history.asked[*index]).find(|one| asked.precedes(one)) {
            return Err(format!("request {number} was answered before {} was sent, and decided after it", late.number));
        }
        let (ledger, _, said) = self.run(self.before.last().expect("one to start with"), asked, at);
        if said != asked.seen {
            return Err(format!("request {number}: {}, and the core {said}", asked.seen));
        }
        let tells = lines(deeds(&ledger, at).iter().filter(|event| event.at == at));
        let told = self.history.done.get(&at).cloned().unwrap_or_default();
        if tells != told {
            return Err(format!("request {number} had told {told:?}, and of the core {tells:?}"));
        }
        Ok(ledger)
    }

    fn run(&self, ledger: &Ledger, asked: &Asked, at: Timestamp) -> (Ledger, Writes, Value) {
        let mut copy = ledger.clone();
        copy.pass_until(at);
        let (answer, writes) = copy.run(&self.history.cast.request(&asked.of, asked.makes));
        (copy, writes, said::outcome(&asked.of, &answer))
    }

    /// Whether all is explained, now that all times have a request.
    fn finish(&self) -> Result<(), String> {
        let mut last = self.before.last().expect("the ledger at the end").clone();
        let events = lines(told_until(&mut last, self.history.until).iter());
        if events != self.history.told {
            return Err(format!("told was {:?}, and of the core {events:?}", self.history.told));
        }
        let mut open: Vec<_> = self.open().map(|index| &self.history.asked[index]).collect();
        open.sort_by_key(|asked| asked.start);
        let mut placed: Vec<(&Asked, Timestamp)> = Vec::new();
        for asked in open {
            // The earliest moment that it may have leaves the most to those after it.
            let from = placed.iter().filter(|(one, _)| one.precedes(asked)).map(|(_, at)| *at).max();
            let at = self.quiet_moment(asked, from)?;
            placed.push((asked, at));
        }
        Ok(())
    }

    /// The first moment at which a request may have been answered as it was and have done nothing.
    fn quiet_moment(&self, asked: &Asked, from: Option<Timestamp>) -> Result<Timestamp, String> {
        let ordered: Vec<_> = self.order.iter().map(|index| &self.history.asked[*index]).collect();
        let first = ordered.iter().rposition(|one| one.precedes(asked)).map_or(0, |place| place + 1);
        let last = ordered.iter().position(|one| asked.precedes(one)).unwrap_or(ordered.len());
        let mut heard = Vec::new();
        for place in first..=last {
            let ledger = &self.before[place];
            for at in self.moments(place).into_iter().filter(|at| Some(*at) >= from) {
                let (after, writes, said) = self.run(ledger, asked, at);
                // What is dead may be cut off once more, while nobody has been told of its death.
                let quiet = writes.is_empty() || writes.events.is_empty() && deeds(&after, at) == deeds(ledger, at);
                if quiet && said == asked.seen {
                    return Ok(at);
                }
                heard.push((place, said.to_string(), quiet));
            }
        }
        heard.dedup();
        let placed: Vec<_> = ordered.iter().map(|asked| asked.number).collect();
        Err(format!("request {}: {}, and the core, in {placed:?}, {heard:?}", asked.number, asked.seen))
    }

    /// The moments before the request at this place, and after the one before, that may make a difference.
    fn moments(&self, place: usize) -> Vec<Timestamp> {
        let from = place.checked_sub(1).map_or(self.history.from, |before| self.times[before].0).next();
        let until = self.times.get(place).map_or(self.history.until.micros(), |(at, _)| at.micros() - 1);
        let until = Timestamp::from_micros(until).max(from);
        let ledger = &self.before[place];
        let grace = i64::from(self.history.cast.grace);
        let expiries = ledger.tokens.iter().filter_map(|token| token.expires_at);
        let given_up = ledger.connections.iter().filter_map(|connection| connection.expires_at);
        let graces = ledger.tokens.iter().filter_map(|token| Some(token.end.as_ref()?.at.plus_seconds(grace).next()));
        let between = expiries.chain(given_up).chain(graces).filter(|at| from < *at && *at < until);
        let mut moments: Vec<_> = between.chain([from, until]).collect();
        moments.sort_unstable();
        moments.dedup();
        moments
    }
}

/// What somebody did, and its consequences, as far as it is done at this time.
fn deeds(ledger: &Ledger, at: Timestamp) -> Vec<Event> {
    let mut events = told_until(&mut ledger.clone(), at);
    events.retain(|event| event.actor != Actor::system());
    events
}

/// All that is told, once all deaths are.
fn told_until(ledger: &mut Ledger, until: Timestamp) -> Vec<Event> {
    ledger.pass_until(until);
    while !ledger.sweep(100).is_empty() || !ledger.cutoffs.is_empty() {}
    ledger.events.clone()
}
