//! Pages.

use naru_engine::list::Page;
use serde::Serialize;

/// A page of a list. `previous` and `next` are numbers of pages, 0 where there is none.
#[derive(Debug, Serialize)]
pub(crate) struct Paged<T> {
    total: u32,
    previous: u32,
    next: u32,
    list: Vec<T>,
}

/// A page; nothing where it is behind the last one. The first page of nothing is a page.
pub(crate) fn paged<T>(list: Vec<T>, total: u32, page: Page) -> Option<Paged<T>> {
    if page.number > 0 && page.offset() >= total {
        return None;
    }
    Some(Paged {
        total,
        previous: page.number,
        next: if page.end() < total {
            page.number + 2
        } else {
            0
        },
        list,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_page_numbers_and_0_where_there_is_none() {
        let seen = |number, total| {
            let made = paged(vec![(); 2], total, Page { number, size: 2 })?;
            Some((made.previous, made.next))
        };
        assert_eq!(seen(0, 0), Some((0, 0)));
        assert_eq!(seen(0, 2), Some((0, 0)));
        assert_eq!(seen(0, 3), Some((0, 2)));
        assert_eq!(seen(1, 3), Some((1, 0)));
        assert_eq!(seen(1, 5), Some((1, 3)));
        assert_eq!(seen(1, 2), None, "behind the last");
    }
}
