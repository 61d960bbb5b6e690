//! The person, as the merchant named them and as the PG did: sealed, and found by keyed hashes.

use std::fmt;

use naru_connector::VerifiedIdentity;
use naru_domain::identity::{ConfirmOutcome, IdentityAttempt, PersonKeys};
use naru_domain::{IdentityVerificationId, MerchantId, Sealed, StoreId};
use serde::{Deserialize, Serialize};

use crate::{Engine, Fault, Value};

/// Who is to be identified, as the merchant said.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestedPerson {
    /// The merchant's own id for them.
    pub id: Option<String>,
    /// Full name.
    pub name: Option<String>,
    /// Digits only.
    pub phone_number: Option<String>,
    /// Four digits.
    pub birth_year: Option<String>,
    /// Two digits.
    pub birth_month: Option<String>,
    /// Two digits.
    pub birth_day: Option<String>,
    /// MALE or FEMALE.
    pub gender: Option<String>,
}

impl fmt::Debug for RequestedPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestedPerson(…)")
    }
}

/// Who it was, as the PG said, and its answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedPerson {
    /// The merchant's own id for them.
    pub id: Option<String>,
    /// Full name.
    pub name: String,
    /// `yyyy-MM-dd`.
    pub birth_date: String,
    /// MALE or FEMALE.
    pub gender: Option<String>,
    /// Digits only.
    pub phone_number: Option<String>,
    /// The contract's code of the carrier.
    pub carrier: Option<String>,
    /// Whether they are a foreigner.
    pub is_foreigner: Option<bool>,
    /// What identifies the person everywhere.
    pub ci: Option<String>,
    /// What identifies the person at this merchant.
    pub di: Option<String>,
    /// The PG's answer.
    pub raw: String,
}

impl VerifiedPerson {
    /// By what lists find them.
    pub(crate) fn findable(&self) -> PersonFilter {
        let mut birth = self.birth_date.split('-').map(str::to_owned);
        PersonFilter {
            name: Some(self.name.clone()),
            birth_year: birth.next(),
            birth_month: birth.next(),
            birth_day: birth.next(),
            phone_number: self.phone_number.clone(),
            gender: self.gender.clone(),
        }
    }
}

impl RequestedPerson {
    /// By what lists find them.
    pub(crate) fn findable(&self) -> PersonFilter {
        PersonFilter {
            name: self.name.clone(),
            birth_year: self.birth_year.clone(),
            birth_month: self.birth_month.clone(),
            birth_day: self.birth_day.clone(),
            phone_number: self.phone_number.clone(),
            gender: self.gender.clone(),
        }
    }
}

impl fmt::Debug for VerifiedPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifiedPerson(…)")
    }
}

/// Whom a list looks for. Everything that is given must match, exactly but for case and blanks
/// around it.
#[derive(Clone, Default)]
pub struct PersonFilter {
    /// Full name.
    pub name: Option<String>,
    /// Four digits.
    pub birth_year: Option<String>,
    /// Two digits.
    pub birth_month: Option<String>,
    /// Two digits.
    pub birth_day: Option<String>,
    /// Digits only.
    pub phone_number: Option<String>,
    /// MALE or FEMALE.
    pub gender: Option<String>,
}

impl PersonFilter {
    /// A hash of each thing that is known, in the order of the fields of [`PersonKeys`]: of a
    /// merchant's people, so that the same person can't be recognised at another merchant's.
    pub(crate) fn hashed<H>(
        self,
        merchant_id: &MerchantId,
        hash: impl Fn(&[&[u8]]) -> H,
    ) -> [Option<H>; 6] {
        let fields = [
            ("name", self.name),
            ("birth_year", self.birth_year),
            ("birth_month", self.birth_month),
            ("birth_day", self.birth_day),
            ("phone_number", self.phone_number),
            ("gender", self.gender),
        ];
        fields.map(|(field, value)| {
            let value = value.map(|value| crate::search::fold(&value))?;
            let parts = [merchant_id.as_str(), field, &value].map(str::as_bytes);
            (!value.is_empty()).then(|| hash(&parts))
        })
    }
}

/// Where a person is sealed to.
fn place(store_id: &StoreId, id: &IdentityVerificationId) -> String {
    format!("identity:{store_id}:{id}")
}

impl Engine {
    /// Keyed hashes of what is known of a person: of a merchant's people, so that the same person
    /// can't be recognised at another merchant's.
    pub(crate) fn person_keys(&self, merchant_id: &MerchantId, person: PersonFilter) -> PersonKeys {
        let [
            name,
            birth_year,
            birth_month,
            birth_day,
            phone_number,
            gender,
        ] = person.hashed(merchant_id, |parts| self.keys().person_key(parts));
        PersonKeys {
            name,
            birth_year,
            birth_month,
            birth_day,
            phone_number,
            gender,
        }
    }

    /// The columns that find a person.
    pub fn person_columns(
        &self,
        merchant_id: &MerchantId,
        person: PersonFilter,
    ) -> Vec<(&'static str, Vec<Value>)> {
        // Rows that a rotation has not come to have the hashes of a former master key.
        let keys = person.hashed(merchant_id, |parts| {
            let keys = self.keys().person_keys(parts).into_iter();
            keys.map(Value::from).collect::<Vec<_>>()
        });
        let columns = [
            "name_key",
            "birth_year_key",
            "birth_month_key",
            "birth_day_key",
            "phone_number_key",
            "gender_key",
        ];
        let given = columns
            .into_iter()
            .zip(keys)
            .filter_map(|(name, keys)| Some((name, keys?)));
        given.collect()
    }

    pub(super) fn seal_person(
        &self,
        (store_id, id): super::Place<'_>,
        person: &impl Serialize,
    ) -> Result<Sealed, Fault> {
        let text = serde_json::to_string(person)
            .map(zeroize::Zeroizing::new)
            .map_err(|error| Fault::internal(error.to_string()))?;
        Ok(self
            .keys()
            .seal(self.entropy(), &place(store_id, id), &text))
    }

    pub(super) fn open_person<T: serde::de::DeserializeOwned>(
        &self,
        (store_id, id): super::Place<'_>,
        sealed: &Sealed,
    ) -> Result<T, Fault> {
        let text = self
            .keys()
            .open(&place(store_id, id), sealed)
            .map_err(|error| Fault::internal(format!("identity verification {id}: {error}")))?;
        // Serde's words could hold a value.
        serde_json::from_str(text.expose())
            .map_err(|_| Fault::internal(format!("identity verification {id}: not a person")))
    }

    /// Seals who it was; also by what lists find them.
    pub(super) fn seal_verified(
        &self,
        place: super::Place<'_>,
        (merchant_id, attempt): (&MerchantId, &IdentityAttempt),
        found: VerifiedIdentity,
    ) -> Result<ConfirmOutcome, Fault> {
        let requested: RequestedPerson = self.open_person(place, &attempt.person)?;
        let text = |secret: naru_connector::Secret| secret.expose().to_owned();
        let person = VerifiedPerson {
            id: requested.id,
            name: found.name,
            birth_date: found.birth_date,
            gender: found.gender,
            phone_number: found.phone_number,
            carrier: found.carrier,
            is_foreigner: found.is_foreigner,
            ci: found.ci.map(text),
            di: found.di.map(text),
            raw: text(found.raw),
        };
        let keys = self.person_keys(merchant_id, person.findable());
        Ok(ConfirmOutcome::Verified {
            pg_tx_id: found.pg_tx_id,
            person: self.seal_person(place, &person)?,
            keys,
        })
    }
}
