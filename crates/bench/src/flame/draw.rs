//! A tree of calls as a flame graph: who called is below, what was called above, as wide as it was
//! long. Plain SVG; whoever points at a box is told its whole name.

use std::fmt::Write as _;

use anyhow::Result;

use super::fold::{Node, PARTS, part_of, shares};

/// In hundredths of a pixel, so that no box needs a fraction.
const WIDTH: u64 = 120_000;
const ROW: u64 = 15;
const TOP: u64 = 46;
/// Boxes that are narrower are not drawn: nobody sees them, and they are most of the file.
const NARROWEST: u64 = 120;
/// One letter of the text.
const LETTER: u64 = 620;
const NAME_MAX: usize = 110;
const COLOURS: [&str; PARTS.len() + 1] = [
    "#9db8dd", "#c9a9d6", "#e8b284", "#e6cf86", "#e59a8c", "#a8cf9b", "#8fc9bd", "#d3b6a0",
    "#d2d2d2",
];

/// The picture.
pub fn svg(root: &Node, title: &str) -> Result<String> {
    let depth = depth(root, root.samples);
    let height = TOP + depth * ROW + 8;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1200 {height}\" \
         font-family=\"monospace\" font-size=\"10\">\n\
         <rect width=\"1200\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"4\" y=\"14\" font-size=\"13\">{}</text>\n",
        escaped(title)
    );
    legend(root, &mut text)?;
    let mut at = 0;
    for (name, call) in &root.calls {
        boxes(
            (name, call),
            (at, 0, PARTS.len()),
            (root.samples, height),
            &mut text,
        )?;
        at += call.samples;
    }
    text.push_str("</svg>\n");
    Ok(text)
}

fn legend(root: &Node, text: &mut String) -> Result<()> {
    let names = PARTS.iter().map(|(name, _)| *name).chain(["the rest"]);
    let mut x = 4;
    for ((name, share), colour) in names.zip(shares(root)).zip(COLOURS) {
        let label = format!("{name} {}.{} %", share / 10, share % 10);
        writeln!(
            text,
            "<rect x=\"{x}\" y=\"24\" width=\"9\" height=\"9\" fill=\"{colour}\"/>\
             <text x=\"{}\" y=\"32\">{}</text>",
            x + 12,
            escaped(&label)
        )?;
        x += 20 + u64::try_from(label.len())? * 6;
    }
    Ok(())
}

fn width(samples: u64, all: u64) -> u64 {
    samples * WIDTH / all.max(1)
}

fn depth(node: &Node, all: u64) -> u64 {
    let seen = node
        .calls
        .values()
        .filter(|call| width(call.samples, all) >= NARROWEST);
    seen.map(|call| 1 + depth(call, all)).max().unwrap_or(0)
}

/// A box, and those above it.
fn boxes(
    (name, node): (&str, &Node),
    (at, level, part): (u64, u64, usize),
    (all, height): (u64, u64),
    text: &mut String,
) -> Result<()> {
    let wide = width(node.samples, all);
    if wide < NARROWEST {
        return Ok(());
    }
    let part = part_of(name).unwrap_or(part);
    let (x, y) = (width(at, all), height - 8 - (level + 1) * ROW);
    let thousandths = node.samples * 1_000 / all.max(1);
    let name: String = name.chars().take(NAME_MAX).collect();
    write!(
        text,
        "<g><title>{} {}.{} %</title><rect x=\"{}\" y=\"{y}\" width=\"{}\" height=\"14\" \
         fill=\"{}\"/>",
        escaped(&name),
        thousandths / 10,
        thousandths % 10,
        pixels(x),
        pixels(wide.saturating_sub(30)),
        COLOURS[part]
    )?;
    let letters = usize::try_from(wide / LETTER)?;
    if letters >= 4 {
        let shown: String = short(&name).chars().take(letters).collect();
        write!(
            text,
            "<text x=\"{}\" y=\"{}\">{}</text>",
            pixels(x + 200),
            y + 11,
            escaped(&shown)
        )?;
    }
    text.push_str("</g>\n");
    let mut at = at;
    for (name, call) in &node.calls {
        boxes((name, call), (at, level + 1, part), (all, height), text)?;
        at += call.samples;
    }
    Ok(())
}

/// The last two words of a path.
fn short(name: &str) -> String {
    let words: Vec<&str> = name.rsplit("::").take(2).collect();
    words.into_iter().rev().collect::<Vec<_>>().join("::")
}

fn pixels(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_as_wide_as_its_share_and_what_is_too_narrow_is_left_out() {
        let leaf = |samples| Node {
            samples,
            ..Node::default()
        };
        let mut root = leaf(10_000);
        root.calls.insert("a<b>".to_owned(), leaf(7_500));
        root.calls.insert("z::narrow".to_owned(), leaf(5));
        let svg = svg(&root, "load").unwrap();
        assert!(svg.contains("<title>a&lt;b&gt; 75.0 %</title><rect x=\"0.00\""));
        assert!(svg.contains("width=\"899.70\""));
        assert!(!svg.contains("narrow"));
    }
}
