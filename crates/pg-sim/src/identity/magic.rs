//! Phone numbers that misbehave; the README of this crate lists them.

use crate::faults::Twist;

/// What a phone number does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Magic {
    /// Its carrier is out of order.
    Carrier,
    /// It belongs to somebody else.
    Person,
    /// It gets its message, and the merchant no answer.
    Silent,
    /// Every password from it is wrong.
    Wrong,
    /// Its password is too old at once.
    Expired,
    /// The merchant is answered late.
    Late,
    /// Who it was is told to nobody.
    Lost,
    /// Its merchant's contract is the smallest: no CI, no DI, no phone, no carrier.
    Bare,
}

impl Magic {
    pub(crate) fn of(phone: &str) -> Option<Self> {
        Some(match phone.strip_prefix("0109000000")? {
            "1" => Self::Carrier,
            "2" => Self::Person,
            "3" => Self::Silent,
            "4" => Self::Wrong,
            "5" => Self::Expired,
            "6" => Self::Late,
            "7" => Self::Lost,
            "8" => Self::Bare,
            _ => return None,
        })
    }

    /// How the call that sends goes another way.
    pub(crate) fn at_send(self) -> Option<Twist> {
        match self {
            Self::Silent => Some(Twist::TimeoutAfter),
            Self::Late => Some(Twist::Late(None)),
            _ => None,
        }
    }

    /// How the call that asks who it was goes another way.
    pub(crate) fn at_result(self) -> Option<Twist> {
        match self {
            Self::Lost => Some(Twist::DropAfter),
            _ => None,
        }
    }
}
