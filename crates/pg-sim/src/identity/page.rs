//! The form in which a person says who they are, as the windows of all PGs show it.

use std::fmt::Write as _;

use crate::answer::escaped;
use crate::inicis::Fields;
use crate::pages::Frame;

use super::{Birth, Person, Way, digits};

/// What the person does.
pub(crate) const ACT: &str = "naru_act";
/// What the names of our own fields begin with: all others are the merchant's.
const OWN: &str = "naru_";
const NAME: &str = "naru_name";
const PHONE: &str = "naru_phone";
const BIRTH: &str = "naru_birth";
const CARRIER: &str = "naru_carrier";
/// Who stands in the form where nobody is known.
const NAME_SHOWN: &str = "홍길동";
const PHONE_SHOWN: &str = "01012345678";
const BIRTH_SHOWN: &str = "9001011";

/// What a browser brings to the merchant.
pub(crate) struct Brought {
    pub(crate) url: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl Brought {
    pub(crate) fn new<'a>(url: &str, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let fields = fields.into_iter();
        Self {
            url: url.to_owned(),
            fields: fields
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        }
    }

    /// The page that takes the browser there.
    pub(crate) fn page(&self, frame: &Frame<'_>) -> String {
        let fields = self.fields.iter();
        let fields = fields.map(|(name, value)| (name.as_str(), value.as_str()));
        frame.returning((&self.url, ""), fields)
    }
}

/// What somebody does at a window who plays the person: what is not said is as the form has it.
pub(crate) struct Played {
    pub(crate) leaves: bool,
    pub(crate) name: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) birth: Option<String>,
    /// The carrier, or who identifies.
    pub(crate) chosen: Option<String>,
}

impl Played {
    /// Fills in the form.
    pub(crate) fn person(self, known: &Known<'_>, offered: &[(&str, &str)]) -> Option<Person> {
        let or = |given: Option<String>, known: &str, example: &str| {
            let shown = if known.is_empty() { example } else { known };
            given.unwrap_or_else(|| shown.to_owned())
        };
        let first = offered.first().map_or("", |(code, _)| code);
        written([
            &or(self.name, known.name, NAME_SHOWN),
            &or(self.phone, known.phone, PHONE_SHOWN),
            &or(self.birth, known.birth, BIRTH_SHOWN),
            &or(self.chosen, first, ""),
        ])
    }
}

/// What a merchant knows of the person.
#[derive(Default)]
pub(crate) struct Known<'a> {
    pub(crate) name: &'a str,
    pub(crate) phone: &'a str,
    /// `YYMMDD` and the digit behind it.
    pub(crate) birth: &'a str,
    /// Whether nobody else will do.
    pub(crate) is_fixed: bool,
    /// The carrier, or who identifies.
    pub(crate) chosen: &'a str,
}

impl<'a> Known<'a> {
    /// What the person has typed before counts more.
    pub(crate) fn or_typed(mut self, fields: &'a Fields) -> Self {
        for (known, name) in [
            (&mut self.name, NAME),
            (&mut self.phone, PHONE),
            (&mut self.birth, BIRTH),
            (&mut self.chosen, CARRIER),
        ] {
            let typed = fields.text(name);
            if !typed.is_empty() {
                *known = typed;
            }
        }
        self
    }
}

/// The fields of a person; a carrier, or whatever `label` says, is asked for where there are any
/// to choose from.
pub(crate) fn person_fields(
    known: &Known<'_>,
    [label, label_en]: [&str; 2],
    carriers: &[(&str, &str)],
) -> String {
    let fixed = if known.is_fixed { " readonly" } else { "" };
    let or = |text: &str, example: &str| escaped(if text.is_empty() { example } else { text });
    let mut out = String::new();
    if !carriers.is_empty() {
        let _ = writeln!(
            out,
            "<label for=\"carrier\">{label} <span lang=\"en\">{label_en}</span></label>\n\
             <select id=\"carrier\" name=\"{CARRIER}\">"
        );
        for (code, name) in carriers {
            let is_chosen = if *code == known.chosen {
                " selected"
            } else {
                ""
            };
            let _ = writeln!(out, "<option value=\"{code}\"{is_chosen}>{name}</option>");
        }
        out.push_str("</select>\n");
    }
    let _ = write!(
        out,
        "<label for=\"name\">이름 <span lang=\"en\">Name</span></label>\n\
         <input id=\"name\" name=\"{NAME}\" autocomplete=\"name\" value=\"{}\"{fixed} required>\n\
         <label for=\"birth\">생년월일 6자리와 뒷자리 첫 숫자 <span lang=\"en\">Birth date (YYMMDD) and \
         the digit behind it</span></label>\n\
         <input id=\"birth\" name=\"{BIRTH}\" inputmode=\"numeric\" pattern=\"[0-9]{{7}}\" \
         maxlength=\"7\" value=\"{}\" required>\n\
         <label for=\"phone\">휴대폰 번호 <span lang=\"en\">Mobile phone</span></label>\n\
         <input id=\"phone\" name=\"{PHONE}\" inputmode=\"tel\" autocomplete=\"tel\" \
         value=\"{}\"{fixed} required>\n",
        or(known.name, NAME_SHOWN),
        or(known.birth, BIRTH_SHOWN),
        or(known.phone, PHONE_SHOWN),
    );
    out
}

/// The person that the form names; nothing if it can't be one.
pub(crate) fn person(fields: &Fields) -> Option<Person> {
    written([NAME, PHONE, BIRTH, CARRIER].map(|name| fields.text(name).trim()))
}

fn written([name, phone, birth, carrier]: [&str; 4]) -> Option<Person> {
    let phone = digits(phone);
    let is_phone = (10..=11).contains(&phone.len()) && phone.starts_with("01");
    (is_phone && !name.is_empty()).then_some(())?;
    Some(Person {
        way: Way::Sms,
        name: name.to_owned(),
        phone,
        carrier: carrier.to_owned(),
        birth: Birth::of_number(birth)?,
    })
}

/// What the merchant's page sent, to be carried along.
pub(crate) fn carried(fields: &Fields) -> impl Iterator<Item = (&str, &str)> {
    let pairs = fields.pairs().into_iter();
    pairs.filter(|(name, _)| !name.starts_with(OWN))
}

/// The ways on and out.
pub(crate) fn buttons(act: &str, [verb, verb_en]: [&str; 2]) -> String {
    format!(
        "<div class=\"buttons\">\n\
         <button name=\"{ACT}\" value=\"{act}\">{verb} \
         <span lang=\"en\">{verb_en}</span></button>\n\
         <button name=\"{ACT}\" value=\"leave\" class=\"second\" formnovalidate>취소 \
         <span lang=\"en\">Cancel</span></button>\n</div>\n"
    )
}

/// What went wrong, above a form.
pub(crate) fn alert(text: Option<&str>) -> String {
    text.map_or_else(String::new, |text| {
        format!("<p class=\"alert\" role=\"alert\">{}</p>\n", escaped(text))
    })
}
