//! A drawing as SVG, one element a page.

use std::fmt::Write as _;

use crate::sheet::{Colour, HEIGHT, Page, WIDTH};
use crate::text;

/// Characters that mean something in markup.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

fn colour(Colour(red, green, blue): Colour) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// A page as an SVG element.
pub(crate) fn page(page: &Page, label: &str) -> String {
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"{}\">",
        escape(label)
    );
    for cell in &page.cells {
        let (x, y, width, height) = (cell.x, cell.y, cell.width, cell.height);
        if cell.fill.is_some() || cell.border.is_some() {
            let fill = cell.fill.map_or_else(|| "none".to_owned(), colour);
            let border = cell.border.map_or_else(|| "none".to_owned(), colour);
            let _ = write!(
                out,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\" \
                 stroke=\"{border}\" stroke-width=\"6\"/>"
            );
        }
    }
    for line in page.cells.iter().flat_map(text::set) {
        let length = text::width(&line.text, line.size).max(1);
        let _ = write!(
            out,
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\" textLength=\"{length}\" \
             lengthAdjust=\"spacingAndGlyphs\">{}</text>",
            line.x,
            line.y,
            line.size,
            colour(line.colour),
            escape(&line.text)
        );
    }
    if let Some(mark) = &page.mark {
        let (x, y) = (WIDTH / 2, HEIGHT / 2);
        let _ = write!(
            out,
            "<text x=\"{x}\" y=\"{y}\" font-size=\"900\" fill=\"{}\" fill-opacity=\"0.18\" \
             text-anchor=\"middle\" transform=\"rotate(-30 {x} {y})\">{}</text>",
            colour(mark.colour),
            escape(&mark.text)
        );
    }
    out.push_str("</svg>");
    out
}
