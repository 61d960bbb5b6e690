//! Postings as they are kept: all of one is in its key and its columns, and nothing in its body.

use naru_domain::journal::{BookAccount, Posting};
use naru_domain::{Currency, Day, PaymentId, StoreId, Timestamp};
use naru_store::{Record, RecordError, Row, Table, Value, Versioned, tables};
use serde::{Deserialize, Serialize};

use super::SettlementDayRecord;

/// What postings are filed under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum JournalSubject {
    /// A payment.
    Payment(PaymentId),
    /// A day of a PG's settlement, in the journal of the store that the contract belongs to.
    Settlement {
        /// Which day.
        settled_on: Day,
        /// Which part of it, where a PG splits a day over several files; else empty.
        part: String,
        /// The PG as the contract's reports name it.
        pg: String,
        /// The merchant id at the PG.
        pg_merchant_id: String,
    },
}

impl JournalSubject {
    /// Of a day that was imported.
    pub fn of_day(day: &SettlementDayRecord) -> Self {
        Self::Settlement {
            settled_on: day.settled_on,
            part: day.part.clone(),
            pg: day.contract.pg.clone(),
            pg_merchant_id: day.contract.pg_merchant_id.clone(),
        }
    }

    /// The key of that day, where it is one.
    pub fn day_key(&self, owner_id: &StoreId) -> Option<Vec<Value>> {
        match self {
            Self::Payment(_) => None,
            Self::Settlement {
                settled_on,
                part,
                pg,
                pg_merchant_id,
            } => Some(vec![
                owner_id.as_str().into(),
                pg.as_str().into(),
                pg_merchant_id.as_str().into(),
                settled_on.to_string().into(),
                part.as_str().into(),
            ]),
        }
    }

    /// As it stands in the store.
    pub fn text(&self) -> String {
        match self {
            Self::Payment(id) => format!("p:{id}"),
            Self::Settlement {
                settled_on,
                part,
                pg,
                pg_merchant_id,
            } => format!("s:{settled_on}:{part}:{pg}:{pg_merchant_id}"),
        }
    }

    /// The subject that stands so in the store.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(':')?;
        match kind {
            "p" => Some(Self::Payment(PaymentId::new(rest))),
            "s" => {
                let mut parts = rest.splitn(4, ':');
                let mut next = || parts.next();
                Some(Self::Settlement {
                    settled_on: next()?.parse().ok()?,
                    part: next()?.to_owned(),
                    pg: next()?.to_owned(),
                    pg_merchant_id: next()?.to_owned(),
                })
            }
            _ => None,
        }
    }
}

/// A posting of a store's journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalRecord {
    /// Store.
    pub store_id: StoreId,
    /// What it is of.
    pub subject: JournalSubject,
    /// The posting.
    pub posting: Posting,
}

impl JournalRecord {
    fn read(row: &Row) -> Option<Self> {
        let [
            Value::Text(store_id),
            Value::Text(subject),
            Value::Text(posting),
        ] = row.key.as_slice()
        else {
            return None;
        };
        let [
            Value::Text(debit),
            Value::Text(credit),
            Value::Int(amount),
            Value::Text(currency),
            Value::Int(at),
        ] = row.columns.as_slice()
        else {
            return None;
        };
        let (kind, about) = Posting::parse_id(posting)?;
        Some(Self {
            store_id: StoreId::new(store_id),
            subject: JournalSubject::parse(subject)?,
            posting: Posting {
                kind,
                about: about.to_owned(),
                debit: BookAccount::new(debit),
                credit: BookAccount::new(credit),
                amount: *amount,
                currency: Currency::new(currency),
                at: Timestamp::from_micros(*at),
            },
        })
    }
}

impl Record for JournalRecord {
    const TABLE: &'static Table = &tables::JOURNAL;
    const IS_IN_BODY: bool = false;

    fn key(&self) -> Vec<Value> {
        vec![
            self.store_id.as_str().into(),
            self.subject.text().into(),
            self.posting.id().into(),
        ]
    }

    fn columns(&self) -> Vec<Value> {
        vec![
            self.posting.debit.as_str().into(),
            self.posting.credit.as_str().into(),
            self.posting.amount.into(),
            self.posting.currency.as_str().into(),
            self.posting.at.into(),
        ]
    }

    fn to_row(&self) -> Result<Row, RecordError> {
        Ok(Row {
            key: self.key(),
            version: 1,
            columns: self.columns(),
            body: "{}".to_owned(),
        })
    }

    fn from_row(row: &Row) -> Result<Versioned<Self>, RecordError> {
        let value = Self::read(row).ok_or_else(|| RecordError {
            table: Self::TABLE.name,
            error: "it is no posting".to_owned(),
        })?;
        Ok(Versioned {
            version: row.version,
            value,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_posting_is_read_as_it_was_written() {
        let subjects = [
            JournalSubject::Payment(PaymentId::new("a:b/c")),
            JournalSubject::Settlement {
                settled_on: "2026-01-15".parse().unwrap(),
                part: String::new(),
                pg: "INICIS".to_owned(),
                pg_merchant_id: "MID:1".to_owned(),
            },
        ];
        for subject in subjects {
            let record = JournalRecord {
                store_id: StoreId::new("store-1"),
                subject,
                posting: Posting {
                    kind: naru_domain::journal::PostingKind::FeeVat,
                    about: "KRW:batch".to_owned(),
                    debit: BookAccount::fee_vat(),
                    credit: BookAccount::receivable("INICIS", "MID:1"),
                    amount: 28,
                    currency: Currency::krw(),
                    at: Timestamp::from_micros(9),
                },
            };
            let row = record.to_row().unwrap();
            assert_eq!(JournalRecord::from_row(&row).unwrap().value, record);
        }
    }

    #[test]
    fn what_is_no_posting_can_not_be_read() {
        let row = Row {
            key: vec!["s".into(), "p:1".into(), "gift:1".into()],
            version: 1,
            columns: vec!["a".into(), "b".into(), 1.into(), "KRW".into(), 1.into()],
            body: "{}".to_owned(),
        };
        assert!(JournalRecord::from_row(&row).is_err());
    }
}
