//! The one font, embedded: it has every Korean syllable, and the measures that texts are set by.

use std::sync::LazyLock;

use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider as _};

/// NanumSquare Regular, unmodified, under the OFL beside it.
pub static BYTES: &[u8] = include_bytes!("../fonts/NanumSquareR.ttf");

static FONT: LazyLock<Option<FontRef<'static>>> = LazyLock::new(|| FontRef::new(BYTES).ok());

/// How wide a character is, in thousandths of the text's size.
pub(crate) fn advance(character: char) -> i32 {
    let measured = FONT.as_ref().and_then(|font| {
        let glyph = font.charmap().map(character)?;
        let metrics = font.glyph_metrics(Size::new(1_000.0), LocationRef::default());
        metrics.advance_width(glyph)
    });
    // What the font lacks is drawn as a box, about as wide as a syllable.
    measured.map_or(900, whole)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a width of some hundreds, with its fraction cut"
)]
const fn whole(width: f32) -> i32 {
    width as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_every_syllable() {
        let font = FONT.as_ref().unwrap();
        let missing = ('가'..='힣').filter(|c| font.charmap().map(*c).is_none());
        assert_eq!(missing.count(), 0);
        assert!(advance('가') > advance('1'));
        assert!(BYTES.len() < 3_000_000);
    }
}
