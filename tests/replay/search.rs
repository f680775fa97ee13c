//! The search for an order of a history's requests in which the core gives the answers and events of the service.
//!
//! The ledger decided each request at one moment between its start and its end. Most answers contain that moment. For the
//! others, the events contain the moments of changes, and not always whose request caused them: of two requests that were
//! refused alike, one may have ended what the other found dead. So each request that may have caused an event is tried: at
//! the time of the event the core must give its answer and emit the events. A request that is left over changed nothing. It
//! needs a moment at which the core gives its answer and changes nothing, and which is not before a request that was
//! answered before it was sent.

use hookswitch::core::Timestamp;

use crate::history::{History, Sent, lines};
use crate::ledger::Ledger;
use crate::moves::Played;

/// The highest number of complete orders that are tried.
const TRIES: u32 = 1_000;

/// Finds such an order.
///
/// # Errors
/// The reason that stopped the longest order.
pub(crate) fn find_order(history: &History) -> Result<(), String> {
    let mut times: Vec<_> = history.caused.keys().map(|at| (*at, None)).collect();
    for (index, sent) in history.requests.iter().enumerate() {
        let Some(at) = sent.at else { continue };
        match times.iter_mut().find(|(time, _)| *time == at) {
            Some((_, Some(other))) => {
                let other: &Sent = &history.requests[*other];
                return Err(format!("requests {} and {} have one time", other.number, sent.number));
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
    /// The times of decisions, in order, with the request if its answer has the time.
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
            match self.decide(&self.history.requests[index], at) {
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
        let caused = self.history.caused.get(&at);
        whose.is_none() && self.stop(format!("no request can have caused {caused:?}"))
    }

    fn stop(&mut self, why: String) -> bool {
        if self.furthest.as_ref().is_none_or(|(length, _)| *length < self.order.len()) {
            self.furthest = Some((self.order.len(), why));
        }
        false
    }

    /// The requests that have no time yet, from their answer or from an event.
    fn open(&self) -> impl Iterator<Item = usize> {
        let requests = self.history.requests.iter().enumerate();
        requests.filter(|(index, sent)| sent.at.is_none() && !self.order.contains(index)).map(|(index, _)| index)
    }

    /// The ledger after a request that comes next and is decided at this time.
    fn decide(&self, sent: &Sent, at: Timestamp) -> Result<Ledger, String> {
        let number = sent.number;
        let mut ordered = self.order.iter().map(|index| &self.history.requests[*index]);
        if let Some(late) = ordered.find(|one| sent.precedes(one)) {
            return Err(format!("request {number} was answered before {} was sent, and decided after it", late.number));
        }
        let (ledger, played) = self.play(self.before.last().expect("the first ledger"), sent, at);
        if played.seen != sent.seen {
            return Err(format!("request {number}: {}, and the core answers {}", sent.seen, played.seen));
        }
        let emitted = lines(played.changes.events.iter());
        let caused = self.history.caused.get(&at).cloned().unwrap_or_default();
        if emitted != caused {
            return Err(format!("request {number} caused {caused:?}, and the core emits {emitted:?}"));
        }
        Ok(ledger)
    }

    /// The ledger after a request, and what the request changed.
    fn play(&self, ledger: &Ledger, sent: &Sent, at: Timestamp) -> (Ledger, Played) {
        let mut copy = ledger.clone();
        copy.pass_until(at);
        let played = self.history.cast.play(&mut copy, &sent.step, sent.makes);
        (copy, played)
    }

    /// Whether everything is explained, now that all times have a request.
    fn finish(&self) -> Result<(), String> {
        let mut last = self.before.last().expect("the last ledger").clone();
        last.pass_until(self.history.until);
        last.sweep_all();
        let events = lines(last.events.iter());
        if events != self.history.events {
            return Err(format!("the service emitted {:?}, and the core {events:?}", self.history.events));
        }
        let mut open: Vec<_> = self.open().map(|index| &self.history.requests[index]).collect();
        open.sort_by_key(|sent| sent.start);
        let mut placed: Vec<(&Sent, Timestamp)> = Vec::new();
        for sent in open {
            // The earliest possible moment leaves the most room to the requests after it.
            let from = placed.iter().filter(|(one, _)| one.precedes(sent)).map(|(_, at)| *at).max();
            let at = self.quiet_moment(sent, from)?;
            placed.push((sent, at));
        }
        Ok(())
    }

    /// The first moment at which the core gives the answer of a request and changes nothing.
    fn quiet_moment(&self, sent: &Sent, from: Option<Timestamp>) -> Result<Timestamp, String> {
        let ordered: Vec<_> = self.order.iter().map(|index| &self.history.requests[*index]).collect();
        let first = ordered.iter().rposition(|one| one.precedes(sent)).map_or(0, |place| place + 1);
        let last = ordered.iter().position(|one| sent.precedes(one)).unwrap_or(ordered.len());
        let mut found = Vec::new();
        for place in first..=last {
            for at in self.moments(place).into_iter().filter(|at| Some(*at) >= from) {
                let (_, played) = self.play(&self.before[place], sent, at);
                let is_quiet = played.changes.is_empty();
                if is_quiet && played.seen == sent.seen {
                    return Ok(at);
                }
                found.push((place, played.seen.to_string(), is_quiet));
            }
        }
        found.dedup();
        let placed: Vec<_> = ordered.iter().map(|sent| sent.number).collect();
        Err(format!("request {}: {}, and the core, in {placed:?}, {found:?}", sent.number, sent.seen))
    }

    /// The moments between the request at this place and its predecessor that can make a difference.
    fn moments(&self, place: usize) -> Vec<Timestamp> {
        let from = place.checked_sub(1).map_or(self.history.from, |before| self.times[before].0).next();
        let until = self.times.get(place).map_or(self.history.until.micros(), |(at, _)| at.micros() - 1);
        let until = Timestamp::from_micros(until).max(from);
        let ledger = &self.before[place];
        let grace = i64::from(self.history.cast.grace);
        let expiries = ledger.tokens.iter().filter_map(|token| token.expires_at);
        let waits = ledger.connections.iter().filter_map(|connection| connection.expires_at);
        let graces = ledger.tokens.iter().filter_map(|token| Some(token.end.as_ref()?.at.plus_seconds(grace).next()));
        let between = expiries.chain(waits).chain(graces).filter(|at| from < *at && *at < until);
        let mut moments: Vec<_> = between.chain([from, until]).collect();
        moments.sort_unstable();
        moments.dedup();
        moments
    }
}
