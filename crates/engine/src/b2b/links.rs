//! Addresses that work for some minutes: of an invoice's pages, and to upload a file to. Signed, so
//! that nothing is stored for them and none can be made up.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use naru_domain::b2b::tax_invoice::TaxInvoice;
use naru_domain::{StoreId, TaxInvoiceId};
use serde::{Deserialize, Serialize};

use super::TaxFault;
use super::read::InvoiceKey;
use crate::records::StoreRecord;
use crate::{Engine, Fault};

/// How long an address of a page works, in seconds of the business clock.
const PAGE_LIFETIME_S: i64 = 300;
/// How long an address to upload to works.
pub(super) const UPLOAD_LIFETIME_S: i64 = 900;

/// What an address leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkKind {
    /// The invoice on screen, with or without a menu.
    Popup {
        /// Whether there are buttons above it.
        has_menu: bool,
    },
    /// The invoice, to be printed.
    Print,
    /// The invoice as PDF.
    Pdf,
    /// Where a file is uploaded.
    Upload,
    /// The page for a supplier without an account, before its number is entered.
    Invitation,
    /// The same, after that.
    Answer,
}

/// What a token says. The store's id and the subject's stand in it: neither is secret.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    kind: LinkKind,
    store: StoreId,
    subject: String,
    until: i64,
}

/// An address that is no longer, or never was, good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadLink {
    /// It is not ours.
    Forged,
    /// It worked once.
    Expired,
}

impl Engine {
    pub(super) fn link(
        &self,
        kind: LinkKind,
        store: &StoreId,
        subject: &str,
        lifetime_s: i64,
    ) -> Result<String, Fault> {
        let claims = Claims {
            kind,
            store: store.clone(),
            subject: subject.to_owned(),
            until: self.now().plus_seconds(lifetime_s).as_seconds(),
        };
        let text =
            serde_json::to_vec(&claims).map_err(|error| Fault::internal(error.to_string()))?;
        let text = URL_SAFE_NO_PAD.encode(text);
        // The purpose is part of what is signed: an access token is no address.
        let signature = self.keys().sign_token(&format!("link.{text}"));
        Ok(format!("{text}.{signature}"))
    }

    fn claims(&self, token: &str) -> Result<Claims, BadLink> {
        let (text, signature) = token.split_once('.').ok_or(BadLink::Forged)?;
        if !self.keys().link_is_ours(&format!("link.{text}"), signature) {
            return Err(BadLink::Forged);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadLink::Forged)?;
        let claims: Claims = serde_json::from_slice(&bytes).map_err(|_| BadLink::Forged)?;
        if claims.until <= self.now().as_seconds() {
            return Err(BadLink::Expired);
        }
        Ok(claims)
    }

    /// The address of an invoice's page, below this server's own.
    pub async fn invoice_address(
        &self,
        store: &StoreRecord,
        (is_test, key): (bool, &InvoiceKey),
        kind: LinkKind,
    ) -> Result<String, Fault> {
        let invoice = self.tax_invoice(store, is_test, key).await?;
        let id = invoice.id.to_string();
        let token = self.link(kind, &store.id, &id, PAGE_LIFETIME_S)?;
        let page = match kind {
            LinkKind::Popup { .. } => "popup",
            LinkKind::Print => "print",
            LinkKind::Pdf => "pdf",
            LinkKind::Upload | LinkKind::Invitation | LinkKind::Answer => {
                return Err(Fault::internal("no page of an invoice alone"));
            }
        };
        let base = self.config().public_url.trim_end_matches('/');
        Ok(format!("{base}/tax-invoices/{page}?token={token}"))
    }

    /// What an address leads to.
    pub async fn follow_link(
        &self,
        token: &str,
    ) -> Result<Result<(LinkKind, TaxInvoice), BadLink>, Fault> {
        let claims = match self.claims(token) {
            Ok(claims) => claims,
            Err(bad) => return Ok(Err(bad)),
        };
        let id = uuid::Uuid::try_parse(&claims.subject).map(TaxInvoiceId::new);
        let (LinkKind::Popup { .. } | LinkKind::Print | LinkKind::Pdf, Ok(id)) = (claims.kind, id)
        else {
            return Ok(Err(BadLink::Forged));
        };
        let found = self
            .load_invoice(&claims.store, id)
            .await?
            .ok_or(TaxFault::InvoiceNotFound)?;
        Ok(Ok((claims.kind, found.value.0)))
    }

    /// The address of an invoice's PDF, for a page that was opened by an address.
    pub fn pdf_address(&self, invoice: &TaxInvoice) -> Result<String, Fault> {
        let id = invoice.id.to_string();
        let token = self.link(LinkKind::Pdf, &invoice.store_id, &id, PAGE_LIFETIME_S)?;
        Ok(format!("pdf?token={token}"))
    }

    /// The store and the subject of an address of this kind.
    pub(super) fn link_target(
        &self,
        token: &str,
        kind: LinkKind,
    ) -> Result<(StoreId, String), BadLink> {
        let claims = self.claims(token)?;
        if claims.kind == kind {
            Ok((claims.store, claims.subject))
        } else {
            Err(BadLink::Forged)
        }
    }
}
