//! A drawing as PDF, the font embedded as a subset.

use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect, Transform};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke};
use krilla::surface::Surface;
use krilla::text::{Font, TextDirection};

use crate::font;
use crate::sheet::{Cell, Colour, HEIGHT, Line, Mark, Page, Sheet, WIDTH};
use crate::text;

/// The PDF could not be written: a mistake of ours.
#[derive(Debug, thiserror::Error)]
#[error("the PDF can't be written: {0}")]
pub struct CannotWrite(String);

const MARK_SIZE: i32 = 900;

/// Tenths of a point as points.
#[expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "the PDF library takes floats; a page has some thousand tenths of a point"
)]
const fn points(tenths: i32) -> f32 {
    tenths as f32 / 10.0
}

fn fill(Colour(red, green, blue): Colour, opacity: NormalizedF32) -> Fill {
    Fill {
        paint: rgb::Color::new(red, green, blue).into(),
        opacity,
        rule: FillRule::default(),
    }
}

/// Writes a drawing.
pub fn pdf(sheet: &Sheet) -> Result<Vec<u8>, CannotWrite> {
    let failed = |what: &str| CannotWrite(what.to_owned());
    let font = Font::new(font::BYTES.into(), 0).ok_or_else(|| failed("the font"))?;
    let mut document = Document::new();
    document.set_metadata(Metadata::new().title(sheet.title.clone()));
    let settings = PageSettings::from_wh(points(WIDTH), points(HEIGHT));
    let settings = settings.ok_or_else(|| failed("the page"))?;
    for page in &sheet.pages {
        let mut drawn = document.start_page_with(settings.clone());
        let mut surface = drawn.surface();
        draw(&mut surface, page, &font);
        surface.finish();
        drawn.finish();
    }
    document
        .finish()
        .map_err(|error| CannotWrite(format!("{error:?}")))
}

fn draw(surface: &mut Surface<'_>, page: &Page, font: &Font) {
    for cell in &page.cells {
        draw_box(surface, cell);
    }
    surface.set_stroke(None);
    for line in page.cells.iter().flat_map(text::set) {
        draw_line(surface, &line, font, NormalizedF32::ONE);
    }
    if let Some(mark) = &page.mark {
        draw_mark(surface, mark, font);
    }
}

fn draw_box(surface: &mut Surface<'_>, cell: &Cell) {
    let rect = Rect::from_xywh(
        points(cell.x),
        points(cell.y),
        points(cell.width),
        points(cell.height),
    );
    let mut builder = PathBuilder::new();
    if let Some(rect) = rect {
        builder.push_rect(rect);
    }
    let Some(path) = builder.finish() else { return };
    if cell.fill.is_none() && cell.border.is_none() {
        return;
    }
    surface.set_fill(cell.fill.map(|colour| fill(colour, NormalizedF32::ONE)));
    surface.set_stroke(cell.border.map(|Colour(red, green, blue)| Stroke {
        paint: rgb::Color::new(red, green, blue).into(),
        width: points(6),
        ..Stroke::default()
    }));
    surface.draw_path(&path);
}

fn draw_line(surface: &mut Surface<'_>, line: &Line, font: &Font, opacity: NormalizedF32) {
    surface.set_stroke(None);
    surface.set_fill(Some(fill(line.colour, opacity)));
    surface.draw_text(
        Point::from_xy(points(line.x), points(line.y)),
        font.clone(),
        points(line.size),
        &line.text,
        false,
        TextDirection::Auto,
    );
}

fn draw_mark(surface: &mut Surface<'_>, mark: &Mark, font: &Font) {
    let (x, y) = (WIDTH / 2, HEIGHT / 2);
    let turned = Transform::from_rotate_at(-30.0, points(x), points(y));
    surface.push_transform(&turned);
    let line = Line {
        x: x - text::width(&mark.text, MARK_SIZE) / 2,
        y,
        text: mark.text.clone(),
        size: MARK_SIZE,
        colour: mark.colour,
    };
    let pale = NormalizedF32::new(0.18).unwrap_or(NormalizedF32::ONE);
    draw_line(surface, &line, font, pale);
    surface.pop();
}
