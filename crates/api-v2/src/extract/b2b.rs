//! Calls of the B2B operations: besides the input they have flags in the query, and up to two ids
//! in the path.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts as _, RawPathParams, Request};
use naru_engine::payments::CallContext;
use naru_engine::records::StoreRecord;
use naru_engine::{Answer, Engine, Fault};
use naru_wire_v2 as wire;
use serde::Deserialize;

use super::{Call, Input, Source};
use crate::faults::Failed;
use crate::render::Reply;

/// The flags that B2B operations have in the query, all of them: each reads its own.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Flags {
    /// Test data instead of live data.
    pub(crate) test: Option<bool>,
    /// The company of the side that the key type names.
    pub(crate) brn: Option<String>,
    /// What the key in the path is (today).
    pub(crate) tax_invoice_key_type: Option<wire::B2bTaxInvoiceKeyType>,
    /// What the key in the path is (2024).
    pub(crate) document_key_type: Option<wire::B2bTaxInvoiceDocumentKeyType>,
    /// A contact's log-in name.
    pub(crate) contact_id: Option<String>,
    /// Whether a pop-up has a menu.
    pub(crate) include_menu: Option<bool>,
}

/// A call of a B2B operation.
pub(crate) struct B2bCall<T> {
    pub(crate) call: Call<T>,
    pub(crate) flags: Flags,
    ids: Vec<String>,
}

macro_rules! b2b_inputs {
    ($($source:ident: $($name:path),+;)+) => {$($(
        impl Input for $name {
            const SOURCE: Source = Source::$source;

            // B2B operations name no store: they are about the credential's own.
            fn store_id(&self) -> Option<&str> {
                None
            }
        }
    )+)+};
}

b2b_inputs! {
    Query: wire::GetB2bPreviewTaxInvoicesQuery;
    BodyOrQuery: wire::DownloadB2bTaxInvoicesSheetBody, wire::GetB2bTaxInvoicesBody,
        wire::GetB2bCounterpartiesBody;
    Body: wire::RegisterB2bMemberCompanyBody, wire::RequestB2bTaxInvoiceRegisterBody,
        wire::RequestB2bTaxInvoiceRequestBody, wire::IssueB2bTaxInvoiceRequestBody,
        wire::RequestB2bTaxInvoiceReverseIssuanceRequestBody,
        wire::CancelB2bPreviewTaxInvoiceRequestBody,
        wire::CancelB2bPreviewTaxInvoiceIssuanceBody,
        wire::RefuseB2bPreviewTaxInvoiceRequestBody, wire::CreateB2bCounterpartyBody,
        wire::UpdateB2bCounterpartyBody, wire::GetB2bBusinessInfosBody,
        wire::DraftB2bTaxInvoiceBody, wire::UpdateB2bTaxInvoiceDraftBody,
        wire::IssueB2bTaxInvoiceImmediatelyBody, wire::RequestB2bTaxInvoiceReverseIssuanceBody,
        wire::IssueB2bTaxInvoiceBody, wire::CancelB2bTaxInvoiceIssuanceBody,
        wire::CancelB2bTaxInvoiceRequestBody, wire::RefuseB2bTaxInvoiceRequestBody,
        wire::AttachB2bTaxInvoiceFileBody, wire::CreateB2bFileUploadUrlBody;
}

impl<T: Input> FromRequest<Engine> for B2bCall<T> {
    type Rejection = Failed;

    async fn from_request(request: Request, engine: &Engine) -> Result<Self, Failed> {
        let (mut parts, body) = request.into_parts();
        let ids = RawPathParams::from_request_parts(&mut parts, &()).await;
        let query = parts.uri.query().unwrap_or_default().to_owned();
        // The credential comes first: whatever is wrong is said to callers only.
        let call = Call::from_request(Request::from_parts(parts, body), engine).await?;
        let ids = ids.map_err(|_| Fault::invalid("the path is not percent-encoded UTF-8"))?;
        let flags = wire::decode_query(&query).map_err(Failed::undecodable)?;
        Ok(Self {
            call,
            flags,
            ids: ids.iter().map(|(_, value)| value.to_owned()).collect(),
        })
    }
}

impl<T> B2bCall<T> {
    /// An id of the path, counted from 0.
    pub(crate) fn id(&self, index: usize) -> &str {
        self.ids.get(index).map_or("", String::as_str)
    }

    /// Whether it is about test data.
    pub(crate) fn is_test(&self) -> bool {
        self.flags.test.unwrap_or(false)
    }

    /// The store.
    pub(crate) fn store(&self) -> &Arc<StoreRecord> {
        &self.call.store
    }

    /// The engine.
    pub(crate) fn engine(&self) -> &Engine {
        &self.call.engine
    }

    /// Runs a use case that changes something.
    pub(crate) async fn change<W>(
        self,
        work: impl FnOnce(Engine, CallContext, T, Flags) -> W,
    ) -> Result<Reply, Failed>
    where
        W: Future<Output = Result<Answer, Fault>> + Send + 'static,
    {
        let flags = self.flags;
        self.call
            .change(|engine, context, input| work(engine, context, input, flags))
            .await
    }
}
