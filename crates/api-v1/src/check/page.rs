//! Pages, orders and windows of lists.

use naru_domain::Timestamp;
use naru_engine::list::Page;

use crate::extract::Input;
use crate::limits::{
    ITEMS_DEEP_MAX, PAGE_SIZE, PAGE_SIZE_MAX, SCHEDULE_WINDOW_DAYS_MAX, WINDOW_DAYS_MAX,
};
use crate::refused::Refused;

/// The page asked for, from 1 on this wire and from 0 behind it. A page 0 is the first.
pub(crate) fn page(input: &Input) -> Result<Page, Refused> {
    let number = input.int("page")?.unwrap_or(1).max(1);
    let size = input.int("limit")?.unwrap_or(i64::from(PAGE_SIZE));
    let size = u32::try_from(size)
        .ok()
        .filter(|size| (1..=PAGE_SIZE_MAX).contains(size))
        .ok_or_else(|| Refused::malformed("limit", &format!("1 ~ {PAGE_SIZE_MAX}")))?;
    let number = u32::try_from(number - 1)
        .ok()
        .filter(|number| number.saturating_mul(size) <= ITEMS_DEEP_MAX)
        .ok_or_else(|| Refused::malformed("page", "조회 가능한 페이지"))?;
    Ok(Page { number, size })
}

/// What attempts are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SortBy {
    /// When the attempt began.
    Started,
    /// When it was paid.
    Paid,
    /// When it last changed.
    Updated,
}

/// `sorting`: what by, and whether the newest goes first.
pub(crate) fn sorting(input: &Input) -> Result<(SortBy, bool), Refused> {
    let text = input
        .said(&["sorting"])
        .unwrap_or_else(|| "-started".to_owned());
    let (is_descending, name) = match text.strip_prefix('-') {
        Some(name) => (true, name),
        None => (false, text.as_str()),
    };
    let by = match name {
        "started" => SortBy::Started,
        "paid" => SortBy::Paid,
        "updated" => SortBy::Updated,
        _ => {
            return Err(Refused::malformed(
                "sorting",
                "(-)started, (-)paid, (-)updated",
            ));
        }
    };
    Ok((by, is_descending))
}

/// The window of a list of schedules, half open; both ends must be said, in any client's words.
pub(crate) fn schedule_window(input: &Input) -> Result<(Timestamp, Timestamp), Refused> {
    let named = |names: [&'static str; 2]| -> Result<Timestamp, Refused> {
        for name in names {
            if let Some(at) = input.seconds(name)? {
                return Ok(at);
            }
        }
        Err(Refused::missing(names[0]))
    };
    let from = named(["schedule_from", "from"])?;
    let to = named(["schedule_to", "to"])?;
    let span_s = to.as_seconds() - from.as_seconds();
    if !(0..=SCHEDULE_WINDOW_DAYS_MAX * 86_400).contains(&span_s) {
        return Err(Refused::malformed(
            "schedule_from",
            "schedule_from ~ schedule_to 3개월 이내",
        ));
    }
    Ok((from, Timestamp::from_micros(to.as_micros() - 1)))
}

/// The window of `from` and `to`, both inclusive; ninety days up to now where they are left out.
pub(crate) fn window(input: &Input, now: Timestamp) -> Result<(Timestamp, Timestamp), Refused> {
    let to = input.seconds("to")?.unwrap_or(now);
    let days_s = WINDOW_DAYS_MAX * 86_400;
    let from = input
        .seconds("from")?
        .unwrap_or_else(|| to.plus_seconds(-days_s).whole_seconds());
    let span_s = to.as_seconds() - from.as_seconds();
    if !(0..=days_s).contains(&span_s) {
        let expected = format!("from ~ to {WINDOW_DAYS_MAX}일 이내");
        return Err(Refused::malformed("from", &expected));
    }
    // All of the last second.
    let to = Timestamp::from_micros(to.whole_seconds().as_micros() + 999_999);
    Ok((from, to))
}
