//! Places for requests under way: so many at once, and one that is over gives its place back,
//! however it ends.
//!
//! A request whose body is still arriving has no place: whoever sends slowly costs a connection
//! and no more. When the rest comes, it goes on whether or not there is room, since it was let
//! in; so there may be more under way than places, but never more than connections.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};

/// How many are under way. A counter publishes nothing else, so relaxed order is enough.
#[derive(Debug)]
pub(super) struct Places {
    taken: AtomicUsize,
    max: usize,
}

impl Places {
    pub(super) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self {
            taken: AtomicUsize::new(0),
            max,
        })
    }

    /// A place, if one is free.
    pub(super) fn take(self: &Arc<Self>) -> Option<Place> {
        if self.taken.fetch_add(1, Ordering::Relaxed) >= self.max {
            self.taken.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        Some(Place {
            places: Arc::clone(self),
            is_held: AtomicBool::new(true),
        })
    }
}

/// One request's place, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    is_held: AtomicBool,
}

impl Place {
    /// Others may have it meanwhile.
    fn lend(&self) {
        if self.is_held.swap(false, Ordering::Relaxed) {
            self.places.taken.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Has it again, also where none is free.
    fn hold(&self) {
        if !self.is_held.swap(true, Ordering::Relaxed) {
            self.places.taken.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.lend();
    }
}

/// A body whose request has no place while it waits for more of it.
pub(super) struct Arriving {
    body: Body,
    place: Arc<Place>,
}

impl Arriving {
    pub(super) fn new(body: Body, place: Arc<Place>) -> Self {
        Self { body, place }
    }
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.body).poll_frame(context);
        match polled {
            Poll::Pending => this.place.lend(),
            Poll::Ready(_) => this.place.hold(),
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_given_back_once_however_it_was_lent() {
        let places = Places::new(1);
        let first = places.take().unwrap();
        assert!(places.take().is_none());
        first.lend();
        first.lend();
        let second = places.take().unwrap();
        // Let in before, so it goes on beside the other.
        first.hold();
        first.hold();
        assert_eq!(places.taken.load(Ordering::Relaxed), 2);
        assert!(places.take().is_none());
        drop(first);
        assert!(places.take().is_none(), "the second is still under way");
        drop(second);
        assert_eq!(places.taken.load(Ordering::Relaxed), 0);
        assert!(places.take().is_some());
    }
}
