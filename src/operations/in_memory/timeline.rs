//! Simulated time.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// How a part of the platform behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Behaviour {
    /// The time until it answers.
    pub delay: Duration,
    /// Whether it then fails.
    pub is_down: bool,
}

impl Behaviour {
    /// Answers after this many milliseconds.
    #[must_use]
    pub const fn slow(millis: u64) -> Self {
        Self { delay: Duration::from_millis(millis), is_down: false }
    }

    /// Fails after this many milliseconds.
    #[must_use]
    pub const fn down_after(millis: u64) -> Self {
        Self { delay: Duration::from_millis(millis), is_down: true }
    }
}

/// Simulated time and its timers.
#[derive(Clone, Default)]
pub struct Timeline(Rc<TimelineState>);

#[derive(Default)]
struct TimelineState {
    elapsed: Cell<Duration>,
    timers: RefCell<Vec<(Duration, Waker)>>,
}

impl Timeline {
    /// The time since the start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed.get()
    }

    /// Completes after this time.
    #[must_use]
    pub fn sleep(&self, duration: Duration) -> Sleep {
        Sleep { timeline: self.clone(), until: self.elapsed().saturating_add(duration) }
    }

    /// Jumps to the next timer. Returns whether there is one.
    pub(super) fn advance(&self) -> bool {
        let mut timers = self.0.timers.borrow_mut();
        let Some(next) = timers.iter().map(|(at, _)| *at).min() else {
            return false;
        };
        self.0.elapsed.set(next.max(self.elapsed()));
        timers.retain(|(at, waker)| {
            if *at <= next {
                waker.wake_by_ref();
            }
            *at > next
        });
        true
    }
}

/// The future of [`Timeline::sleep`].
pub struct Sleep {
    timeline: Timeline,
    until: Duration,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.timeline.elapsed() >= self.until {
            return Poll::Ready(());
        }
        self.timeline.0.timers.borrow_mut().push((self.until, cx.waker().clone()));
        Poll::Pending
    }
}
