//! Writing an invoice: as a draft, as a request to the supplier, or issued at once.

use naru_connector::tax::{TaxOperation, TaxOutcome};
use naru_domain::TaxInvoiceId;
use naru_domain::b2b::tax_invoice::{
    CallKind, Command, Document, DocumentKeys, Modification, ModificationReason, NewInvoice, Part,
    Party, Rules, State, TaxInvoice, check, decide,
};
use naru_domain::b2b::{BusinessNumber, BusinessStatus, CivilDate, Counterparty, Side};
use naru_store::{Commit, CommitError};

use super::read::InvoiceKey;
use super::{Edition, TaxContract, TaxFault};
use crate::payments::CallContext;
use crate::records::{CounterpartyRecord, StoreRecord, TaxInvoiceKeyRecord, document_key_row};
use crate::{Answer, Engine, Fault};

/// How often a write is tried against concurrent ones.
const TRIES: u32 = 20;

/// An invoice to write.
#[derive(Debug, Clone)]
pub struct WriteInvoice {
    /// Which edition asks.
    pub edition: Edition,
    /// Whether it is test data.
    pub is_test: bool,
    /// The sides' names for it.
    pub keys: DocumentKeys,
    /// What is written on it. Its parties may name a counterparty, whose data fill what is left
    /// out; a party without a number is the merchant's own company, or the counterparty's.
    pub document: Document,
    /// The counterparties named instead of numbers, supplier and recipient.
    pub named: [NamedParty; 2],
    /// The merchant's note.
    pub memo: Option<String>,
    /// Which of the calls that create an invoice.
    pub kind: CallKind,
    /// What it modifies.
    pub modifies: Option<Modifies>,
    /// Whether a recipient that is not known becomes a counterparty.
    pub creates_recipient: bool,
    /// Whether the counterparty's further contacts get the invoice too.
    pub uses_counterparty_contacts: bool,
    /// Extra contacts at most: differs between the editions.
    pub contacts_max: usize,
    /// What the edition calls a part, for messages.
    pub name_of: fn(Part) -> String,
}

/// How a request names a party.
#[derive(Debug, Clone, Default)]
pub struct NamedParty {
    /// By its number.
    pub brn: Option<BusinessNumber>,
    /// By its counterparty.
    pub counterparty_id: Option<String>,
}

/// What an invoice modifies.
#[derive(Debug, Clone)]
pub struct Modifies {
    /// Why.
    pub reason: ModificationReason,
    /// Which.
    pub original: ModifiedInvoice,
}

/// How a request names the invoice that is modified.
#[derive(Debug, Clone)]
pub enum ModifiedInvoice {
    /// By the tax office's number; it may have been issued anywhere.
    ApprovalNumber(String),
    /// By a key of one of ours.
    Ours(InvoiceKey),
}

/// Takes the document keys of an invoice.
pub(super) fn hold_keys(unit: &mut Commit, invoice: &TaxInvoice) -> Result<(), Fault> {
    for side in [Side::Supplier, Side::Recipient] {
        if let Some(key) = invoice.keys.of(side) {
            unit.insert(&TaxInvoiceKeyRecord {
                store_id: invoice.store_id.clone(),
                is_test: invoice.is_test,
                brn: invoice.brn(side).clone(),
                side,
                document_key: key.to_owned(),
                invoice_id: invoice.id,
            })?;
        }
    }
    Ok(())
}

impl Engine {
    /// Writes an invoice.
    pub async fn write_invoice(
        &self,
        context: CallContext,
        mut request: WriteInvoice,
    ) -> Result<Answer, Fault> {
        let store = context.store.clone();
        let contract = self.tax_contract(&store, request.is_test).await?;
        self.complete_document(&store, &contract, &mut request)
            .await?;
        let writer = match &request.kind {
            CallKind::DraftAndRequest => Side::Recipient,
            CallKind::DraftAndIssue => Side::Supplier,
            other => {
                debug_assert!(other.creates());
                request.document.issuance.writer()
            }
        };
        let id = TaxInvoiceId::new(self.new_uuid());
        if request.edition == Edition::Current && request.keys.of(writer).is_none() {
            // The provider needs one of the writer.
            let made = made_key(id);
            match writer {
                Side::Supplier => request.keys.supplier = Some(made),
                Side::Recipient => request.keys.recipient = Some(made),
            }
        }
        for _ in 0..TRIES {
            self.keys_are_free(&store, &request).await?;
            let command = Command::Create(Box::new(NewInvoice {
                merchant_id: store.merchant_id.clone(),
                store_id: store.id.clone(),
                id,
                is_test: request.is_test,
                bulk_id: None,
                keys: request.keys.clone(),
                document: request.document.clone(),
                memo: request.memo.clone(),
                kind: request.kind.clone(),
                send_by: self.send_by(),
            }));
            let events = decide(None, command, self.now()).map_err(TaxFault::from)?;
            let mut unit = Commit::new(self.new_uuid());
            let invoice = self.add_invoice_events(&mut unit, None, &events)?;
            hold_keys(&mut unit, &invoice)?;
            self.add_call_job(
                &mut unit,
                &invoice,
                request.edition,
                context.ticket.as_ref(),
            )?;
            self.open_record(&mut unit, context.ticket.as_ref())?;
            match self.commit(unit).await {
                Ok(()) => {
                    return self
                        .carry_out(&contract, invoice, request.edition, (&context, None))
                        .await;
                }
                Err(CommitError::Conflict("idempotency")) => {
                    return Err(Fault::IdempotencyOutstandingRequest);
                }
                // A key was taken in the meantime.
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Fault::Unavailable {
            detail: "too many concurrent changes".to_owned(),
        })
    }

    /// Parties, modification and rules: whatever must be known before anything is written.
    pub(super) async fn complete_document(
        &self,
        store: &StoreRecord,
        contract: &TaxContract,
        request: &mut WriteInvoice,
    ) -> Result<(), Fault> {
        for side in [Side::Supplier, Side::Recipient] {
            self.complete_party(store, contract, request, side).await?;
        }
        self.parties_can_act(store, contract, request).await?;
        self.complete_modification(store, request).await?;
        let is_issued = request.kind == CallKind::DraftAndIssue;
        let rules = Rules {
            contacts_max: request.contacts_max,
            issue_on: is_issued.then(|| CivilDate::in_korea(self.now())),
        };
        check(&request.document, &request.keys, rules).map_err(|flaw| {
            let name = (request.name_of)(flaw.part);
            Fault::invalid(format!("`{name}` {}", flaw.expected))
        })
    }

    /// Fills a party from the counterparty that it names or that has its number.
    async fn complete_party(
        &self,
        store: &StoreRecord,
        contract: &TaxContract,
        request: &mut WriteInvoice,
        side: Side,
    ) -> Result<(), Fault> {
        let named = &request.named[usize::from(side == Side::Recipient)];
        let known = match (&named.counterparty_id, &named.brn) {
            (Some(id), brn) => {
                let found = self
                    .counterparty(store, request.is_test, id)
                    .await?
                    .ok_or(TaxFault::CounterpartyNotFound)?
                    .value
                    .0;
                if brn.as_ref().is_some_and(|brn| *brn != found.brn) {
                    return Err(Fault::invalid(
                        "`brn` differs from the counterparty's that `counterpartyId` names",
                    ));
                }
                Some(found)
            }
            (None, Some(brn)) => self
                .counterparty_by_number(store, request.is_test, brn)
                .await?
                .map(|found| found.value.0),
            (None, None) => None,
        };
        let brn = named
            .brn
            .clone()
            .or_else(|| known.as_ref().map(|known| known.brn.clone()))
            .unwrap_or_else(|| contract.record.brn.clone());
        let party = match side {
            Side::Supplier => &mut request.document.supplier,
            Side::Recipient => &mut request.document.recipient,
        };
        party.brn = brn;
        if let Some(known) = known {
            fill(party, &known);
            if request.uses_counterparty_contacts && party.brn != contract.record.brn {
                let contacts = known.additional_contacts.iter().map(|contact| {
                    naru_domain::b2b::tax_invoice::ExtraContact {
                        name: Some(contact.name.clone()),
                        email: contact.email.clone(),
                        phone_number: contact.phone_number.clone(),
                    }
                });
                request.document.contacts.extend(contacts);
            }
        }
        Ok(())
    }

    /// The writer is a member company, and the other side exists.
    async fn parties_can_act(
        &self,
        store: &StoreRecord,
        contract: &TaxContract,
        request: &WriteInvoice,
    ) -> Result<(), Fault> {
        let writer = request.document.issuance.writer();
        for side in [Side::Supplier, Side::Recipient] {
            let brn = request.document.party(side).brn.clone();
            if brn == contract.record.brn {
                continue;
            }
            let known = self
                .counterparty_by_number(store, request.is_test, &brn)
                .await?
                .map(|found| found.value.0);
            let is_member = known.as_ref().is_some_and(Counterparty::is_connected);
            let missing = || match side {
                Side::Supplier => TaxFault::SupplierNotFound,
                Side::Recipient => TaxFault::RecipientNotFound,
            };
            if side == writer {
                if !is_member {
                    return Err(missing().into());
                }
                continue;
            }
            match (request.edition, known) {
                // The supplier of a reverse invoice joins by itself; a number that the tax office
                // does not know is nobody's.
                (Edition::Preview, None) => {
                    if !self.is_a_business(contract, &brn).await? {
                        return Err(missing().into());
                    }
                }
                (Edition::Current, Some(known)) if side == Side::Supplier && !is_member => {
                    return Err(TaxFault::CounterpartyNotConnected {
                        brn: brn.to_string(),
                        counterparty_id: known.id,
                    }
                    .into());
                }
                (Edition::Preview | Edition::Current, Some(_)) => {}
                (Edition::Current, None)
                    if side == Side::Recipient && request.creates_recipient =>
                {
                    self.create_recipient(store, request).await?;
                }
                (Edition::Current, None) => return Err(missing().into()),
            }
        }
        Ok(())
    }

    /// Whether the tax office knows a number. If it can't be asked, it is not held against the
    /// invoice: the tax office will say so itself.
    async fn is_a_business(
        &self,
        contract: &TaxContract,
        brn: &BusinessNumber,
    ) -> Result<bool, Fault> {
        let operation = TaxOperation::CompanyState {
            acting: contract.record.brn.clone(),
            brn: brn.clone(),
        };
        let outcome = self.ask(contract, &operation, None).await?;
        Ok(match outcome {
            TaxOutcome::CompanyState(state) => state.status != BusinessStatus::NotFound,
            TaxOutcome::Done { .. }
            | TaxOutcome::Seen(_)
            | TaxOutcome::Files(_)
            | TaxOutcome::Answer(_)
            | TaxOutcome::Page { .. }
            | TaxOutcome::Certificate(_)
            | TaxOutcome::BusinessInfo(_)
            | TaxOutcome::AccountHolder { .. }
            | TaxOutcome::NoAccountHolder(_)
            | TaxOutcome::Refused(_)
            | TaxOutcome::Unknown { .. }
            | TaxOutcome::NotSent { .. } => true,
        })
    }

    async fn complete_modification(
        &self,
        store: &StoreRecord,
        request: &mut WriteInvoice,
    ) -> Result<(), Fault> {
        let Some(modifies) = request.modifies.clone() else {
            return Ok(());
        };
        let reason = modifies.reason;
        request.document.modification = Some(match modifies.original {
            ModifiedInvoice::ApprovalNumber(number) => Modification {
                reason,
                original_approval_number: number,
                original_id: None,
                root_id: None,
            },
            ModifiedInvoice::Ours(key) => {
                let original = self
                    .find_invoice(store, request.is_test, &key)
                    .await?
                    .ok_or(TaxFault::OriginalNotFound)?
                    .value
                    .0;
                let State::SendingCompleted { issued, .. } = &original.state else {
                    return Err(TaxFault::OriginalNotCompleted.into());
                };
                if original.document.issuance != request.document.issuance {
                    return Err(TaxFault::IssuanceTypeMismatch.into());
                }
                if original.document.taxation != request.document.taxation {
                    return Err(TaxFault::CannotChangeTaxType.into());
                }
                let id = original.id.to_string();
                let root = original
                    .document
                    .modification
                    .as_ref()
                    .and_then(|one| one.root_id.clone());
                Modification {
                    reason,
                    original_approval_number: issued.approval_number.clone(),
                    root_id: Some(root.unwrap_or_else(|| id.clone())),
                    original_id: Some(id),
                }
            }
        });
        Ok(())
    }

    pub(super) async fn keys_are_free(
        &self,
        store: &StoreRecord,
        request: &WriteInvoice,
    ) -> Result<(), Fault> {
        for side in [Side::Supplier, Side::Recipient] {
            let Some(key) = request.keys.of(side) else {
                continue;
            };
            let brn = request.document.party(side).brn.as_str();
            let row = document_key_row(&store.id, request.is_test, (side, brn), key);
            let taken = self.store().load::<TaxInvoiceKeyRecord>(row).await?;
            if taken.is_some() {
                return Err(match side {
                    Side::Supplier => TaxFault::SupplierDocumentKeyAlreadyUsed,
                    Side::Recipient => TaxFault::RecipientDocumentKeyAlreadyUsed,
                }
                .into());
            }
        }
        Ok(())
    }

    async fn create_recipient(
        &self,
        store: &StoreRecord,
        request: &WriteInvoice,
    ) -> Result<(), Fault> {
        let party = &request.document.recipient;
        let contact = party.contact.clone().unwrap_or_default();
        let missing =
            |what: &str| Fault::invalid(format!("`taxInvoice.recipient.{what}` is needed"));
        let company = Counterparty {
            merchant_id: store.merchant_id.clone(),
            store_id: store.id.clone(),
            id: format!("counterparty-{}", self.new_uuid()),
            is_test: request.is_test,
            brn: party.brn.clone(),
            name: party.name.clone().ok_or_else(|| missing("name"))?,
            representative_name: party
                .representative_name
                .clone()
                .ok_or_else(|| missing("representativeName"))?,
            address: party.address.clone(),
            business_type: party.business_type.clone(),
            business_class: party.business_class.clone(),
            memo: None,
            contact: naru_domain::b2b::Contact {
                provider_id: None,
                name: contact.name.unwrap_or_default(),
                email: contact.email.ok_or_else(|| missing("contact.email"))?,
                phone_number: contact.phone_number,
                memo: None,
                registered_at: self.now(),
            },
            additional_contacts: Vec::new(),
            connection: naru_domain::b2b::NtsConnection::NotConnected,
            status: None,
            status_verification: None,
            info_verification: None,
            created_at: self.now(),
        };
        self.insert_counterparty(CounterpartyRecord(company)).await
    }
}

/// A key of our own: 22 characters of an id's bytes.
pub(super) fn made_key(id: TaxInvoiceId) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(id.as_uuid().as_bytes())
}

/// What a request leaves out is what the counterparty says.
fn fill(party: &mut Party, known: &Counterparty) {
    let or = |field: &mut Option<String>, value: &Option<String>| {
        if field.is_none() {
            field.clone_from(value);
        }
    };
    or(&mut party.name, &Some(known.name.clone()));
    or(
        &mut party.representative_name,
        &Some(known.representative_name.clone()),
    );
    or(&mut party.address, &known.address);
    or(&mut party.business_type, &known.business_type);
    or(&mut party.business_class, &known.business_class);
    party.counterparty_id = Some(known.id.clone());
    if party.contact.is_none() {
        party.contact = Some(naru_domain::b2b::tax_invoice::PartyContact {
            name: Some(known.contact.name.clone()),
            department: None,
            phone_number: known.contact.phone_number.clone(),
            mobile_phone_number: None,
            email: Some(known.contact.email.clone()),
        });
    }
}
