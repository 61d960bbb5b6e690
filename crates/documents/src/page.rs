//! A drawing as a page for a browser. Its style and its script are files of their own, so that the
//! page needs no inline code.

use std::fmt::Write as _;

use crate::sheet::Sheet;
use crate::svg::{self, escape};

/// What stands above an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Menu {
    /// Nothing.
    None,
    /// Buttons to print it and to fetch it as PDF from there.
    Actions {
        /// Where the PDF is.
        pdf: String,
    },
    /// Nothing, and the print dialogue opens by itself.
    Print,
}

/// The page of a drawing. `assets` is the path of the folder with `invoice.css` and `invoice.js`.
pub fn page(sheet: &Sheet, menu: &Menu, assets: &str) -> String {
    let title = escape(&sheet.title);
    let assets = escape(assets);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"ko\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"{assets}/invoice.css\">\n\
         <script type=\"module\" src=\"{assets}/invoice.js\"></script>\n</head>\n"
    );
    match menu {
        Menu::None => out.push_str("<body>\n"),
        Menu::Print => out.push_str("<body data-print=\"now\">\n"),
        Menu::Actions { pdf } => {
            let _ = write!(
                out,
                "<body>\n<nav aria-label=\"문서\"><button type=\"button\" data-print=\"button\">인쇄 \
                 <span lang=\"en\">Print</span></button><a href=\"{}\">PDF</a></nav>\n",
                escape(pdf)
            );
        }
    }
    let _ = writeln!(out, "<main>\n{}</main>\n</body>\n</html>", sections(sheet));
    out
}

/// The pages of a drawing, to stand in another page beside the same style.
pub fn sections(sheet: &Sheet) -> String {
    let mut out = String::new();
    for (number, page) in (1..).zip(&sheet.pages) {
        let label = format!("{} {number}/{}", sheet.title, sheet.pages.len());
        let _ = writeln!(out, "<section>{}</section>", svg::page(page, &label));
    }
    out
}
