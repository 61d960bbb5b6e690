//! Card numbers: what the PG tells about a card, and the magic numbers of the sandbox.
//!
//! | number | what happens |
//! | --- | --- |
//! | `9000 0000 00NN NNNN` | declined with code `NNNNNN` |
//! | `9000 0000 01NN NNNN` | a billing key is issued, each charge is declined with `NNNNNN` |
//! | `9000 0000 0000 0001` | time-out after capture |
//! | `9000 0000 0000 0002` | time-out before capture |
//! | `9000 0000 0000 0003` | connection dropped after capture |
//! | `9000 0000 0000 0004` | wrong amount in the answer |
//! | `9000 0000 0000 0005` | late answer |
//!
//! Every other number of 14 to 16 digits works. Invariant: the number ends here; what leaves is
//! a masked form and a behaviour.

use serde::{Deserialize, Serialize};

use super::codes::Reason;
use super::fields::digits;
use crate::faults::Twist;
use crate::ledger::CardFacts;

/// The issuers that ordinary numbers are spread over (codes of card companies in results).
const ISSUERS: [&str; 8] = ["03", "04", "06", "11", "12", "14", "16", "17"];

/// What a magic card does when it is charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Magic {
    Decline(String),
    TimeoutAfter,
    TimeoutBefore,
    DropAfter,
    WrongAmount,
    Late,
}

impl Magic {
    pub(crate) fn twist(&self) -> Twist {
        match self {
            Self::Decline(code) => Twist::Decline(code.clone()),
            Self::TimeoutAfter => Twist::TimeoutAfter,
            Self::TimeoutBefore => Twist::TimeoutBefore,
            Self::DropAfter => Twist::DropAfter,
            Self::WrongAmount => Twist::WrongAmount,
            Self::Late => Twist::Late(None),
        }
    }
}

/// A card as far as the simulator remembers it.
#[derive(Debug, Clone)]
pub(crate) struct Card {
    pub(crate) facts: CardFacts,
    /// The code with which the issue of a billing key is declined.
    pub(crate) issue_declined: Option<String>,
    /// What a charge does.
    pub(crate) at_charge: Option<Magic>,
}

/// Looks at a card number.
pub(crate) fn read(number: &str) -> Result<Card, Reason> {
    let number = digits(number, 14..=16).ok_or(Reason::CardNumber)?;
    let bin = number.get(..6).unwrap_or_default();
    let facts = CardFacts {
        code: issuer(bin).to_owned(),
        masked: format!("{bin}{}", "*".repeat(number.len() - bin.len())),
    };
    let (issue_declined, at_charge) = magic(number);
    Ok(Card {
        facts,
        issue_declined,
        at_charge,
    })
}

/// The same six first digits always give the same issuer.
fn issuer(bin: &str) -> &'static str {
    let sum: usize = bin
        .bytes()
        .enumerate()
        .map(|(i, b)| (i + 1) * usize::from(b - b'0'))
        .sum();
    ISSUERS.get(sum % ISSUERS.len()).copied().unwrap_or("14")
}

fn magic(number: &str) -> (Option<String>, Option<Magic>) {
    if number.len() != 16 {
        return (None, None);
    }
    let (head, code) = number.split_at(10);
    let behaviour = match (head, code) {
        ("9000000000", "000000") => return (None, None),
        ("9000000000", "000001") => Magic::TimeoutAfter,
        ("9000000000", "000002") => Magic::TimeoutBefore,
        ("9000000000", "000003") => Magic::DropAfter,
        ("9000000000", "000004") => Magic::WrongAmount,
        ("9000000000", "000005") => Magic::Late,
        ("9000000000", code) => {
            return (Some(code.to_owned()), Some(Magic::Decline(code.to_owned())));
        }
        // Our addition: a key that can be issued and then fails, for schedules and retries.
        ("9000000001", code) => Magic::Decline(code.to_owned()),
        _ => return (None, None),
    };
    (None, Some(behaviour))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magic_numbers_are_told_apart() {
        let card = |number| read(number).unwrap();
        let declined = card("9000000000120049");
        assert_eq!(declined.issue_declined.as_deref(), Some("120049"));
        assert_eq!(
            declined.at_charge,
            Some(Magic::Decline("120049".to_owned()))
        );
        let later = card("9000000001120054");
        assert_eq!(later.issue_declined, None);
        assert_eq!(later.at_charge, Some(Magic::Decline("120054".to_owned())));
        assert_eq!(
            card("9000000000000001").at_charge,
            Some(Magic::TimeoutAfter)
        );
        assert_eq!(card("9000000000000005").at_charge, Some(Magic::Late));
        for plain in [
            "4111111111111111",
            "9000000000000000",
            "90000000001200",
            "36110123456789",
        ] {
            assert_eq!(card(plain).at_charge, None, "{plain}");
        }
    }

    #[test]
    fn a_number_is_masked_and_has_one_issuer() {
        let card = read("4111111111111111").unwrap();
        assert_eq!(card.facts.masked, "411111**********");
        assert_eq!(
            card.facts.code,
            read("4111119999999999").unwrap().facts.code
        );
        for bad in ["", "4111", "41111111111111112", "4111-1111-1111-1111"] {
            assert_eq!(read(bad).unwrap_err(), Reason::CardNumber, "{bad}");
        }
    }
}
