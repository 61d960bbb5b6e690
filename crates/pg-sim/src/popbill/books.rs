//! What the provider keeps: companies and invoices, each change a line of its own journal.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::company::Company;
use super::invoice::{Invoice, Side};
use crate::clock::process_ms;
use crate::journal::{Journal, JournalFailed, open_for_append, whole_lines};

/// A line of the journal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Line {
    Company(Company),
    Invoice(Box<Invoice>),
    Gone(String),
    Maintenance(bool),
}

/// The books.
#[derive(Debug)]
pub(crate) struct AspBooks {
    companies: BTreeMap<String, Company>,
    invoices: BTreeMap<String, Invoice>,
    is_maintenance: bool,
    next: u64,
    journal: Arc<Journal>,
}

impl AspBooks {
    /// Empty books, but for the two companies that are members from the start.
    pub(crate) fn new(journal: Arc<Journal>) -> Self {
        let now = process_ms();
        let ready = [
            Company::ready("1234567891", "나루상사", "naru-sandbox", now),
            Company::ready("9876543215", "포구유통", "pogu-sandbox", now),
        ];
        Self {
            companies: ready.map(|one| (one.number.clone(), one)).into(),
            invoices: BTreeMap::new(),
            is_maintenance: false,
            next: 1,
            journal,
        }
    }

    /// Reads a journal, and appends to it from then on.
    pub(crate) fn load(path: &Path, sync: bool) -> io::Result<Self> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let mut books = Self::new(Arc::new(Journal::memory()));
        let (lines, whole) = whole_lines(&bytes);
        for line in lines {
            let line: Line = serde_json::from_slice(line)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
            books.take(line);
        }
        let file = open_for_append(path)?;
        file.set_len(whole.try_into().unwrap_or(u64::MAX))?;
        books.journal = Arc::new(Journal::append_to(file, sync)?);
        // The companies of the first start keep their certificates over restarts.
        let companies: Vec<Company> = books.companies.values().cloned().collect();
        for company in companies {
            books.write(&Line::Company(company));
        }
        Ok(books)
    }

    fn take(&mut self, line: Line) {
        match line {
            Line::Company(company) => {
                self.companies.insert(company.number.clone(), company);
            }
            Line::Invoice(invoice) => {
                let number = invoice.item_key.parse().unwrap_or(0);
                self.next = self.next.max(number + 1);
                self.invoices.insert(invoice.item_key.clone(), *invoice);
            }
            Line::Gone(item_key) => {
                self.invoices.remove(&item_key);
            }
            Line::Maintenance(is_on) => self.is_maintenance = is_on,
        }
    }

    fn write(&self, line: &Line) {
        match serde_json::to_vec(line) {
            Ok(line) => self.journal.append(&line),
            Err(error) => tracing::error!(%error, "a line of the provider's books has no JSON"),
        }
    }

    /// Changes the books; the journal has it before anybody is answered.
    fn record(&mut self, line: Line) {
        self.write(&line);
        self.take(line);
    }

    pub(crate) async fn settled(journal: Arc<Journal>) -> Result<(), JournalFailed> {
        journal.durable(journal.ticket()).await
    }

    pub(crate) fn journal(&self) -> Arc<Journal> {
        Arc::clone(&self.journal)
    }

    pub(crate) fn company(&self, number: &str) -> Company {
        self.companies
            .get(number)
            .cloned()
            .unwrap_or_else(|| Company::ordinary(number))
    }

    pub(crate) fn put_company(&mut self, company: Company) {
        self.record(Line::Company(company));
    }

    pub(crate) fn is_contact_taken(&self, id: &str) -> bool {
        self.companies
            .values()
            .any(|company| company.contact_id == id)
    }

    pub(crate) fn is_maintenance(&self) -> bool {
        self.is_maintenance
    }

    pub(crate) fn set_maintenance(&mut self, is_on: bool) {
        self.record(Line::Maintenance(is_on));
    }

    pub(crate) fn find(&self, side: Side, company: &str, key: &str) -> Option<&Invoice> {
        self.invoices
            .values()
            .find(|invoice| invoice.company(side) == company && invoice.key(side) == key)
    }

    pub(crate) fn put(&mut self, invoice: Invoice) {
        self.record(Line::Invoice(Box::new(invoice)));
    }

    pub(crate) fn remove(&mut self, item_key: &str) {
        self.record(Line::Gone(item_key.to_owned()));
    }

    pub(crate) fn invoices(&self) -> impl Iterator<Item = &Invoice> {
        self.invoices.values()
    }

    /// A number that was never given before: 18 digits.
    pub(crate) fn next_item_key(&mut self) -> String {
        let number = self.next;
        self.next += 1;
        format!("{number:018}")
    }
}
