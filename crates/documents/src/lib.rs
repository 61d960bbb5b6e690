//! Tax invoices as documents that people read.
//!
//! One drawing of the statutory form ([`draw`]) and two ways to show it: as SVG inside a page and
//! as PDF, so that what is printed is what was seen. Pure: an invoice in, bytes out. It knows no
//! HTTP and no store. Invariant: no text of an invoice leaves a cell, and none is ever markup.

mod font;
mod form;
mod page;
mod pdf;
mod sheet;
mod svg;
mod text;

pub use font::BYTES as FONT;
pub use form::{Shown, draw};
pub use page::{Menu, page, sections};
pub use pdf::{CannotWrite, pdf};
pub use sheet::Sheet;
pub use svg::escape;
