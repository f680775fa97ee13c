//! Several things under way at once.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use super::fault::Result;

/// Something under way.
pub(super) type Task<'a> = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

/// Waits for all of them, whatever comes of one. Gives the failure that came first.
pub(super) async fn all(mut tasks: Vec<Task<'_>>) -> Result<()> {
    let mut outcome = Ok(());
    poll_fn(|context| {
        tasks.retain_mut(|task| match task.as_mut().poll(context) {
            Poll::Pending => true,
            Poll::Ready(result) => {
                if outcome.is_ok() {
                    outcome = result;
                }
                false
            }
        });
        if tasks.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    outcome
}
