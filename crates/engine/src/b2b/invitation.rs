//! The page for a supplier without an account: an address that the merchant hands out leads to one
//! invoice, after its number is entered the supplier sees it, and signs or refuses.
//!
//! No cookie and no session is kept: every step carries a signed token of its own, so that no other
//! page can take one. Invariants: only the latest address of an invoice works, and only some
//! numbers can be tried; what may be done is decided by the invoice, not by the page.

use naru_connector::Secret;
use naru_connector::tax::{Certificate, CompanyJoin, JoinContact, TaxOperation, TaxOutcome};
use naru_domain::b2b::tax_invoice::{CallKind, Issuance, State, TaxInvoice};
use naru_domain::b2b::{BusinessNumber, NtsConnection, Side};
use naru_domain::{StoreId, TaxInvoiceId, Timestamp};
use naru_store::{Commit, CommitError, Versioned};
use uuid::Uuid;

use super::links::{BadLink, LinkKind};
use super::read::{InvoiceKey, InvoiceKeyKind};
use super::{ActOnInvoice, Edition, InvoiceNote, TaxContract, TaxFault, no_answer};
use crate::records::{TaxInvitationRecord, invitation_key};
use crate::{Engine, Fault};

/// How long an address that was handed out works: sixty days.
const INVITATION_LIFETIME_S: i64 = 60 * 86_400;
/// How long a supplier may take to answer once its number is entered.
const ANSWER_LIFETIME_S: i64 = 1_800;
/// Wrong numbers that an address takes.
const WRONG_NUMBERS_MAX: u32 = 10;

/// An address to hand out.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// The address.
    pub url: String,
    /// Until when it works.
    pub expires_at: Timestamp,
}

/// Why an address of the page leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadInvitation {
    /// It is not ours.
    Forged,
    /// It worked once.
    Expired,
    /// A newer one was handed out.
    Replaced,
    /// Too many wrong numbers were entered.
    Locked,
}

impl From<BadLink> for BadInvitation {
    fn from(bad: BadLink) -> Self {
        match bad {
            BadLink::Forged => Self::Forged,
            BadLink::Expired => Self::Expired,
        }
    }
}

/// What came of entering a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entered {
    /// It is the supplier's: the token of the next steps.
    Right(String),
    /// It is not. So many more may be tried.
    Wrong {
        /// How many.
        left: u32,
    },
}

/// How the supplier answers.
#[derive(Debug, Clone)]
pub enum SupplierAnswer {
    /// It signs.
    Sign,
    /// It refuses.
    Refuse {
        /// Why, for the other side.
        memo: Option<String>,
    },
}

/// Whether the supplier can sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CanSign {
    /// It has a certificate.
    Yes(Box<Certificate>),
    /// Its certificate is over.
    Expired(Box<Certificate>),
    /// It has none.
    NoCertificate,
    /// It is no member of the provider's.
    NoMember,
    /// Nobody knows at the moment.
    Unknown,
}

/// What the page shows.
#[derive(Debug, Clone)]
pub struct SupplierView {
    /// The invoice.
    pub invoice: TaxInvoice,
    /// Whether it can be signed, where it waits for that.
    pub can_sign: Option<CanSign>,
}

/// An invoice that a token leads to.
struct Reached {
    invitation: Versioned<TaxInvitationRecord>,
    invoice: TaxInvoice,
}

impl Engine {
    /// Makes the address of an invoice's page for its supplier. Earlier ones stop working.
    pub async fn invite_supplier(
        &self,
        store_id: &StoreId,
        invoice_id: &str,
    ) -> Result<Invitation, Fault> {
        let invoice = self.named_invoice(store_id, invoice_id).await?;
        if invoice.state != State::Requested || invoice.document.issuance != Issuance::Reverse {
            return Err(Fault::invalid(
                "the supplier is asked only about an invoice that is `REQUESTED`",
            ));
        }
        if invoice.keys.supplier.is_none() {
            return Err(Fault::invalid(
                "the invoice has no document key of the supplier, who could not sign it here; \
                 give `supplierDocumentKey` when it is written",
            ));
        }
        let key = invitation_key(store_id, invoice.id);
        let found = self.store().load::<TaxInvitationRecord>(key).await?;
        let record = TaxInvitationRecord {
            store_id: store_id.clone(),
            invoice_id: invoice.id,
            serial: found.as_ref().map_or(1, |found| found.value.serial + 1),
            wrong_numbers: 0,
            at: self.now(),
        };
        let subject = subject(invoice.id, record.serial);
        let expires_at = record.at.plus_seconds(INVITATION_LIFETIME_S);
        let mut unit = Commit::new(self.new_uuid());
        match found {
            Some(found) => unit.update(&Versioned {
                version: found.version,
                value: record,
            })?,
            None => unit.insert(&record)?,
        }
        self.commit(unit).await?;
        let token = self.link(
            LinkKind::Invitation,
            store_id,
            &subject,
            INVITATION_LIFETIME_S,
        )?;
        let base = self.config().public_url.trim_end_matches('/');
        Ok(Invitation {
            url: format!("{base}/tax-invoices/answer?token={token}"),
            expires_at,
        })
    }

    /// Whether an address that was handed out works.
    pub async fn open_invitation(&self, token: &str) -> Result<Result<(), BadInvitation>, Fault> {
        let reached = self.reached(token, LinkKind::Invitation).await?;
        Ok(reached.map(|_| ()))
    }

    /// Enters a number. The supplier's leads on.
    pub async fn enter_number(
        &self,
        token: &str,
        number: &str,
    ) -> Result<Result<Entered, BadInvitation>, Fault> {
        let reached = match self.reached(token, LinkKind::Invitation).await? {
            Ok(reached) => reached,
            Err(bad) => return Ok(Err(bad)),
        };
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        let record = reached.invitation.value.clone();
        if digits == reached.invoice.brn(Side::Supplier).as_str() {
            let token = self.link(
                LinkKind::Answer,
                &record.store_id,
                &subject(record.invoice_id, record.serial),
                ANSWER_LIFETIME_S,
            )?;
            return Ok(Ok(Entered::Right(token)));
        }
        let wrong_numbers = record.wrong_numbers + 1;
        let mut unit = Commit::new(self.new_uuid());
        unit.update(&Versioned {
            version: reached.invitation.version,
            value: TaxInvitationRecord {
                wrong_numbers,
                ..record
            },
        })?;
        match self.commit(unit).await {
            Ok(()) => {}
            // Two at once: neither is told, both may try again.
            Err(CommitError::Conflict(_)) => return Err(crowded()),
            Err(error) => return Err(error.into()),
        }
        Ok(Ok(Entered::Wrong {
            left: WRONG_NUMBERS_MAX.saturating_sub(wrong_numbers),
        }))
    }

    /// The invoice, for a supplier whose number is entered.
    pub async fn supplier_view(
        &self,
        token: &str,
    ) -> Result<Result<SupplierView, BadInvitation>, Fault> {
        let invoice = match self.reached(token, LinkKind::Answer).await? {
            Ok(reached) => reached.invoice,
            Err(bad) => return Ok(Err(bad)),
        };
        let can_sign = if invoice.state == State::Requested && invoice.call.is_none() {
            Some(self.can_sign(&invoice).await?)
        } else {
            None
        };
        Ok(Ok(SupplierView { invoice, can_sign }))
    }

    /// Signs or refuses, and gives what came of it.
    pub async fn answer_as_supplier(
        &self,
        token: &str,
        answer: SupplierAnswer,
    ) -> Result<Result<(), BadInvitation>, Fault> {
        let invoice = match self.reached(token, LinkKind::Answer).await? {
            Ok(reached) => reached.invoice,
            Err(bad) => return Ok(Err(bad)),
        };
        let (kind, memo) = match answer {
            SupplierAnswer::Sign => (CallKind::Issue, None),
            SupplierAnswer::Refuse { memo } => (CallKind::Refuse, memo),
        };
        let request = ActOnInvoice {
            edition: Edition::Current,
            is_test: invoice.is_test,
            key: InvoiceKey {
                kind: InvoiceKeyKind::Id,
                text: invoice.id.to_string(),
            },
            kind,
            note: InvoiceNote {
                memo,
                email_subject: None,
            },
        };
        let store = self.store_of(&invoice).await?;
        Box::pin(self.act_on_invoice(self.own_context(store), request)).await?;
        Ok(Ok(()))
    }

    /// The provider's page on which the supplier registers its certificate, for some seconds. A
    /// supplier that is no member is made one first, with what the invoice says of it.
    pub async fn supplier_certificate_page(
        &self,
        token: &str,
    ) -> Result<Result<String, BadInvitation>, Fault> {
        let invoice = match self.reached(token, LinkKind::Answer).await? {
            Ok(reached) => reached.invoice,
            Err(bad) => return Ok(Err(bad)),
        };
        let store = self.store_of(&invoice).await?;
        let contract = self.tax_contract(&store, invoice.is_test).await?;
        let brn = invoice.brn(Side::Supplier);
        if !self.is_member(&contract, brn).await? {
            self.join_supplier(&contract, &invoice).await?;
            let known = self
                .counterparty_by_number(&store, invoice.is_test, brn)
                .await?;
            if let Some(known) = known {
                let connection = NtsConnection::Connected { at: self.now() };
                let id = known.value.0.id;
                self.set_connection(&store, invoice.is_test, &id, connection)
                    .await?;
            }
        }
        let url = self.page_of_certificate(&contract, brn).await?;
        Ok(Ok(url))
    }

    async fn page_of_certificate(
        &self,
        contract: &TaxContract,
        brn: &BusinessNumber,
    ) -> Result<String, Fault> {
        let operation = TaxOperation::CertificatePage(brn.clone());
        match self.ask(contract, &operation, None).await? {
            TaxOutcome::Page { url } => Ok(url),
            other => Err(no_answer(&other).into()),
        }
    }

    /// Makes the supplier a member. Nobody needs its log-in: whoever wants to use the provider's
    /// own site asks the provider for a new password.
    async fn join_supplier(
        &self,
        contract: &TaxContract,
        invoice: &TaxInvoice,
    ) -> Result<(), Fault> {
        let party = invoice.document.party(Side::Supplier);
        let contact = party.contact.clone().unwrap_or_default();
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let random = || self.random_uuid().simple().to_string();
        let (id, password) = (random(), random());
        let name = text(&party.representative_name);
        let operation = TaxOperation::Join(CompanyJoin {
            brn: party.brn.clone(),
            name: text(&party.name),
            representative_name: name.clone(),
            address: text(&party.address),
            business_type: text(&party.business_type),
            business_class: text(&party.business_class),
            contact: JoinContact {
                id: format!("naru{}", id.get(..16).unwrap_or_default()),
                password: Secret::new(format!("Nr1!{}", password.get(..14).unwrap_or_default())),
                name: contact.name.unwrap_or(name),
                email: text(&contact.email),
                phone_number: text(&contact.phone_number),
            },
        });
        let outcome = self.ask(contract, &operation, Some(self.send_by())).await?;
        match outcome {
            TaxOutcome::Done { .. } => Ok(()),
            TaxOutcome::Unknown { .. } if self.is_member(contract, &party.brn).await? => Ok(()),
            other => Err(no_answer(&other).into()),
        }
    }

    async fn can_sign(&self, invoice: &TaxInvoice) -> Result<CanSign, Fault> {
        let store = self.store_of(invoice).await?;
        let contract = self.tax_contract(&store, invoice.is_test).await?;
        let brn = invoice.brn(Side::Supplier);
        match self.is_member(&contract, brn).await {
            Ok(true) => {}
            Ok(false) => return Ok(CanSign::NoMember),
            Err(_) => return Ok(CanSign::Unknown),
        }
        let operation = TaxOperation::Certificate(brn.clone());
        let outcome = self.ask(&contract, &operation, None).await?;
        Ok(match outcome {
            TaxOutcome::Certificate(Some(found)) if found.expires_at > self.now() => {
                CanSign::Yes(found)
            }
            TaxOutcome::Certificate(Some(found)) => CanSign::Expired(found),
            TaxOutcome::Certificate(None) => CanSign::NoCertificate,
            _ => CanSign::Unknown,
        })
    }

    async fn store_of(
        &self,
        invoice: &TaxInvoice,
    ) -> Result<std::sync::Arc<crate::records::StoreRecord>, Fault> {
        self.store_record(&invoice.store_id)
            .await?
            .ok_or_else(|| TaxFault::InvoiceNotFound.into())
    }

    /// The invoice that a token of this kind leads to.
    async fn reached(
        &self,
        token: &str,
        kind: LinkKind,
    ) -> Result<Result<Reached, BadInvitation>, Fault> {
        let (store_id, text) = match self.link_target(token, kind) {
            Ok(target) => target,
            Err(bad) => return Ok(Err(bad.into())),
        };
        let Some((id, serial)) = read_subject(&text) else {
            return Ok(Err(BadInvitation::Forged));
        };
        let key = invitation_key(&store_id, id);
        let (invitation, invoice) = (
            self.store().load::<TaxInvitationRecord>(key).await?,
            self.load_invoice(&store_id, id).await?,
        );
        let (Some(invitation), Some(invoice)) = (invitation, invoice) else {
            return Ok(Err(BadInvitation::Forged));
        };
        let invoice = invoice.value.0;
        let record = &invitation.value;
        if invoice.state.is_deleted() || record.serial != serial {
            return Ok(Err(BadInvitation::Replaced));
        }
        if kind == LinkKind::Invitation && record.wrong_numbers >= WRONG_NUMBERS_MAX {
            return Ok(Err(BadInvitation::Locked));
        }
        Ok(Ok(Reached {
            invitation,
            invoice,
        }))
    }
}

fn crowded() -> Fault {
    Fault::Unavailable {
        detail: "several numbers are entered at once".to_owned(),
    }
}

fn subject(id: TaxInvoiceId, serial: u32) -> String {
    format!("{id}:{serial}")
}

fn read_subject(text: &str) -> Option<(TaxInvoiceId, u32)> {
    let (id, serial) = text.split_once(':')?;
    let id = Uuid::try_parse(id).ok().map(TaxInvoiceId::new)?;
    Some((id, serial.parse().ok()?))
}
