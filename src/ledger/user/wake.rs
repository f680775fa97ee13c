//! Wakes a ring of the alarm that waits for a webhook endpoint, when a request records work.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// A signal from the requests of a ledger to its alarm. It is kept until somebody waits for it.
#[derive(Debug, Default)]
pub(super) struct Wake {
    is_set: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Wake {
    /// Sets the signal.
    pub(super) fn set(&self) {
        self.is_set.set(true);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Forgets the signal.
    pub(super) fn clear(&self) {
        self.is_set.set(false);
    }

    /// Waits until the signal is set.
    pub(super) async fn wait(&self) {
        poll_fn(|cx| {
            if self.is_set.take() {
                return Poll::Ready(());
            }
            self.waker.replace(Some(cx.waker().clone()));
            Poll::Pending
        })
        .await;
    }
}
