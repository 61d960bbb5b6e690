//! Files on invoices: uploaded first, then attached to a draft.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use naru_connector::tax::{AttachedFile, TaxOperation, TaxOutcome};
use naru_domain::StoreId;
use naru_domain::b2b::tax_invoice::{Attachment, Event, TaxInvoice};
use naru_store::{Commit, CommitError, Condition, Query, Versioned, Write, tables};

use super::act::reference;
use super::links::{BadLink, LinkKind, UPLOAD_LIFETIME_S};
use super::{TaxFault, no_answer};
use crate::records::{CompanyCheckRecord, StoreRecord, TaxFileChunkRecord, TaxFileRecord};
use crate::{Engine, Fault};

impl Engine {
    pub(super) async fn file_row(
        &self,
        store_id: &StoreId,
        file_id: &str,
    ) -> Result<Option<Versioned<TaxFileRecord>>, Fault> {
        let key = vec![store_id.as_str().into(), file_id.into()];
        Ok(self.store().load(key).await?)
    }

    /// The bytes of an attachment.
    pub(super) async fn attached_file(
        &self,
        store_id: &StoreId,
        attachment: &Attachment,
    ) -> Result<AttachedFile, Fault> {
        let file = self
            .file_row(store_id, &attachment.file_id)
            .await?
            .ok_or(TaxFault::FileNotFound)?
            .value;
        let mut bytes = BytesMut::new();
        for number in 0..file.chunks {
            let key = vec![
                store_id.as_str().into(),
                file.id.as_str().into(),
                i64::from(number).into(),
            ];
            let chunk = self
                .store()
                .load::<TaxFileChunkRecord>(key)
                .await?
                .ok_or(TaxFault::FileNotFound)?;
            let piece = STANDARD
                .decode(&chunk.value.bytes)
                .map_err(|error| Fault::internal(format!("a piece of a file: {error}")))?;
            bytes.extend_from_slice(&piece);
        }
        Ok(AttachedFile {
            name: attachment.name.clone(),
            bytes: Bytes::from(bytes),
        })
    }

    /// The provider's id of an attachment, which it names by itself.
    pub(super) async fn file_at_provider(
        &self,
        invoice: &TaxInvoice,
        attachment_id: &str,
    ) -> Result<String, Fault> {
        let attachment = invoice
            .attachments
            .iter()
            .find(|one| one.id == attachment_id)
            .ok_or(TaxFault::AttachmentNotFound)?;
        let store = self
            .store_record(&invoice.store_id)
            .await?
            .ok_or(Fault::Forbidden)?;
        let contract = self.tax_contract(&store, invoice.is_test).await?;
        let at = reference(invoice, invoice.document.issuance.writer())
            .ok_or_else(|| Fault::internal("an invoice without a document key"))?;
        match self.ask(&contract, &TaxOperation::Files(at), None).await? {
            TaxOutcome::Files(entries) => entries
                .into_iter()
                .find(|entry| entry.name == attachment.name)
                .map(|entry| entry.id)
                .ok_or_else(|| TaxFault::AttachmentNotFound.into()),
            other => Err(no_answer(&other).into()),
        }
    }

    /// A file that an invoice has stays.
    pub(super) async fn keep_attached_file(
        &self,
        unit: &mut Commit,
        events: &[Event],
        store_id: &StoreId,
    ) -> Result<(), Fault> {
        for event in events {
            if let Event::Attached { attachment } = event
                && let Some(found) = self.file_row(store_id, &attachment.file_id).await?
            {
                unit.update(&Versioned {
                    version: found.version,
                    value: TaxFileRecord {
                        is_attached: true,
                        ..found.value
                    },
                })?;
            }
        }
        Ok(())
    }
}

/// Bytes of a file. The contract names no limit; the provider's is not published.
pub const FILE_BYTES_MAX: usize = 5 * 1024 * 1024;
/// Bytes of a piece of a file.
const CHUNK_BYTES: usize = 256 * 1024;
/// Files that one sweep removes.
const SWEPT_MAX: u32 = 50;

/// Why an upload was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadRefused {
    /// See [`BadLink`].
    Link(BadLink),
    /// It was uploaded before.
    Again,
    /// It is empty or too large.
    Size,
    /// It is none of the kinds that are taken.
    Kind,
}

/// What a file is, by its first bytes; nothing if it is none of the kinds that are taken. What it
/// is called and what the sender says do not count.
fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    let begins = |with: &[u8]| bytes.starts_with(with);
    if begins(b"%PDF-") {
        Some("application/pdf")
    } else if begins(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if begins(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else if begins(b"GIF87a") || begins(b"GIF89a") {
        Some("image/gif")
    } else if begins(b"PK\x03\x04") {
        // Office documents of today, and archives.
        Some("application/zip")
    } else if begins(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        // Office and HWP documents of old.
        Some("application/x-ole-storage")
    } else {
        None
    }
}

impl Engine {
    /// A place for a file, and the address to upload it to.
    pub async fn create_upload(
        &self,
        store: &StoreRecord,
        is_test: bool,
        name: String,
    ) -> Result<(String, String), Fault> {
        self.uses_tax_invoices(store, is_test).await?;
        let record = TaxFileRecord {
            store_id: store.id.clone(),
            id: self.random_uuid().to_string(),
            name,
            content_type: None,
            size: None,
            chunks: 0,
            is_attached: false,
            expires_at: self.now().plus_seconds(UPLOAD_LIFETIME_S),
        };
        let mut unit = Commit::new(self.new_uuid());
        unit.insert(&record)?;
        self.commit(unit).await?;
        let token = self.link(LinkKind::Upload, &store.id, &record.id, UPLOAD_LIFETIME_S)?;
        let base = self.config().public_url.trim_end_matches('/');
        Ok((
            record.id,
            format!("{base}/tax-invoices/files?token={token}"),
        ))
    }

    /// Takes an uploaded file. It is kept as bytes and goes to the provider, never to a browser.
    pub async fn take_upload(
        &self,
        token: &str,
        bytes: &[u8],
    ) -> Result<Result<(), UploadRefused>, Fault> {
        let (store_id, file_id) = match self.link_target(token, LinkKind::Upload) {
            Ok(target) => target,
            Err(bad) => return Ok(Err(UploadRefused::Link(bad))),
        };
        if bytes.is_empty() || bytes.len() > FILE_BYTES_MAX {
            return Ok(Err(UploadRefused::Size));
        }
        let Some(kind) = kind_of(bytes) else {
            return Ok(Err(UploadRefused::Kind));
        };
        let Some(found) = self.file_row(&store_id, &file_id).await? else {
            return Ok(Err(UploadRefused::Link(BadLink::Expired)));
        };
        if found.value.size.is_some() {
            return Ok(Err(UploadRefused::Again));
        }
        let mut unit = Commit::new(self.new_uuid());
        let mut chunks = 0;
        for piece in bytes.chunks(CHUNK_BYTES) {
            unit.upsert(&TaxFileChunkRecord {
                store_id: store_id.clone(),
                file_id: file_id.clone(),
                number: chunks,
                bytes: STANDARD.encode(piece),
            })?;
            chunks += 1;
        }
        unit.update(&Versioned {
            version: found.version,
            value: TaxFileRecord {
                content_type: Some(kind.to_owned()),
                size: u64::try_from(bytes.len()).ok(),
                chunks,
                // Time enough to attach it.
                expires_at: self.now().plus_seconds(86_400),
                ..found.value
            },
        })?;
        match self.commit(unit).await {
            Ok(()) => Ok(Ok(())),
            Err(CommitError::Conflict(_)) => Ok(Err(UploadRefused::Again)),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes files that no invoice has, and checks of companies, once they are too old.
    pub(crate) async fn sweep_tax(&self) -> Result<usize, Fault> {
        let now = self.now();
        let query = Query::of(&tables::TAX_FILES, SWEPT_MAX)
            .and(Condition::Below("expires_at", now.into()));
        let files = self.store().list::<TaxFileRecord>(query).await?;
        let mut unit = Commit::new(self.new_uuid());
        for file in &files {
            for number in 0..file.value.chunks {
                unit.writes.push(Write::Delete {
                    table: &tables::TAX_FILE_CHUNKS,
                    key: vec![
                        file.value.store_id.as_str().into(),
                        file.value.id.as_str().into(),
                        i64::from(number).into(),
                    ],
                    expected: None,
                });
            }
            unit.delete(file);
        }
        let query = Query::of(&tables::COMPANY_CHECKS, SWEPT_MAX)
            .and(Condition::Below("expires_at", now.into()));
        let checks = self.store().list::<CompanyCheckRecord>(query).await?;
        for check in &checks {
            unit.delete(check);
        }
        if unit.writes.is_empty() {
            return Ok(0);
        }
        match self.commit(unit).await {
            Ok(()) => Ok(files.len() + checks.len()),
            Err(CommitError::Conflict(_)) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_is_follows_from_its_bytes() {
        assert_eq!(kind_of(b"%PDF-1.7 ..."), Some("application/pdf"));
        assert_eq!(kind_of(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        for other in [
            &b"<html><script>"[..],
            b"MZ\x90\x00",
            b"#!/bin/sh",
            b"\x7fELF",
            b"",
        ] {
            assert_eq!(kind_of(other), None);
        }
    }
}
