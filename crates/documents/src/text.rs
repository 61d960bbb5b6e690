//! Setting texts into boxes: wrapped, and made smaller until they fit.

use crate::font;
use crate::sheet::{Align, Cell, Line};

/// Room between a border and a text.
const PADDING: i32 = 30;
/// The smallest size a text is set in.
const SIZE_MIN: i32 = 45;
/// Distance of lines, in hundredths of the size.
const LEADING: i32 = 118;
/// Height of the base line above the line's foot, in hundredths of the size.
const DESCENT: i32 = 24;

/// How wide a text is.
pub(crate) fn width(text: &str, size: i32) -> i32 {
    let thousandths: i32 = text.chars().map(font::advance).sum();
    thousandths.saturating_mul(size) / 1_000
}

/// The text without what no line can hold.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// Breaks a text into lines that fit, between any two characters, as Korean is set.
fn wrap(text: &str, size: i32, room: i32) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for character in text.chars() {
        line.push(character);
        if width(&line, size) > room && line.chars().count() > 1 {
            line.pop();
            lines.push(std::mem::take(&mut line));
            if character != ' ' {
                line.push(character);
            }
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// The lines of a cell's text, placed. A text that fits at no size loses its end.
pub(crate) fn set(cell: &Cell) -> Vec<Line> {
    if cell.text.is_empty() {
        return Vec::new();
    }
    let text = plain(&cell.text);
    let room = (cell.width - 2 * PADDING).max(1);
    let mut size = cell.size;
    let mut lines = wrap(&text, size, room);
    let height = |count: usize, size: i32| {
        i32::try_from(count)
            .unwrap_or(i32::MAX)
            .saturating_mul(size * LEADING / 100)
    };
    while height(lines.len(), size) > cell.height && size > SIZE_MIN {
        size -= 5;
        lines = wrap(&text, size, room);
    }
    while lines.len() > 1 && height(lines.len(), size) > cell.height {
        lines.pop();
        if let Some(last) = lines.last_mut() {
            last.pop();
            last.push('…');
        }
    }
    let leading = size * LEADING / 100;
    let top = cell.y + (cell.height - height(lines.len(), size)) / 2;
    (1..)
        .zip(lines)
        .map(|(number, text)| {
            let x = match cell.align {
                Align::Left => cell.x + PADDING,
                Align::Centre => cell.x + (cell.width - width(&text, size)) / 2,
                Align::Right => cell.x + cell.width - PADDING - width(&text, size),
            };
            Line {
                x,
                y: top + leading * number - size * DESCENT / 100,
                text,
                size,
                colour: cell.colour,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::Colour;

    fn cell(text: &str, align: Align) -> Cell {
        Cell {
            x: 100,
            y: 100,
            width: 500,
            height: 220,
            text: text.to_owned(),
            size: 90,
            align,
            colour: Colour::BLACK,
            fill: None,
            border: None,
        }
    }

    #[test]
    fn no_line_leaves_its_cell() {
        for text in ["나루", "1,234,567", &"길고긴상호 ".repeat(40), "a\u{0}b\nc"] {
            for align in [Align::Left, Align::Centre, Align::Right] {
                for line in set(&cell(text, align)) {
                    assert!(line.x >= 100, "{text}");
                    assert!(line.x + width(&line.text, line.size) <= 600, "{text}");
                    assert!((100..=320).contains(&line.y), "{text}");
                    assert!(!line.text.chars().any(char::is_control));
                }
            }
        }
    }

    #[test]
    fn a_text_that_fits_at_no_size_loses_its_end() {
        let lines = set(&cell(&"가".repeat(400), Align::Left));
        assert!(lines.last().unwrap().text.ends_with('…'));
    }

    #[test]
    fn amounts_stand_at_the_right() {
        let lines = set(&cell("1,000", Align::Right));
        let line = &lines[0];
        assert_eq!(line.x + width(&line.text, line.size), 600 - PADDING);
    }
}
