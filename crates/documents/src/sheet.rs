//! A drawing: boxes with text on pages of A4. All lengths are tenths of a point, so that every
//! backend draws the same and nothing is rounded twice.

/// Width of A4.
pub(crate) const WIDTH: i32 = 5_953;
/// Height of A4.
pub(crate) const HEIGHT: i32 = 8_419;

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour(pub(crate) u8, pub(crate) u8, pub(crate) u8);

impl Colour {
    pub(crate) const BLACK: Self = Self(24, 24, 27);
    pub(crate) const RED: Self = Self(178, 34, 34);
    pub(crate) const BLUE: Self = Self(29, 78, 163);
    pub(crate) const GREY: Self = Self(244, 244, 246);
    pub(crate) const PALE: Self = Self(120, 120, 128);
}

/// Where a text stands in its box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Centre,
    Right,
}

/// A text in a box.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) width: i32,
    pub(crate) height: i32,
    pub(crate) text: String,
    pub(crate) size: i32,
    pub(crate) align: Align,
    pub(crate) colour: Colour,
    pub(crate) fill: Option<Colour>,
    /// The colour of its border.
    pub(crate) border: Option<Colour>,
}

/// One line of text, placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) x: i32,
    /// The base line.
    pub(crate) y: i32,
    pub(crate) text: String,
    pub(crate) size: i32,
    pub(crate) colour: Colour,
}

/// A mark across a page, such as that of a cancelled invoice.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub(crate) text: String,
    pub(crate) colour: Colour,
}

/// One page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    pub(crate) cells: Vec<Cell>,
    pub(crate) mark: Option<Mark>,
}

/// A drawn invoice.
#[derive(Debug, Clone)]
pub struct Sheet {
    pub(crate) title: String,
    pub(crate) pages: Vec<Page>,
}

impl Sheet {
    /// What it is called.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// How many pages it has.
    pub fn pages(&self) -> usize {
        self.pages.len()
    }
}
