//! Why a command is refused.

/// Refusals, declared in order of precedence; tests walk them in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such invoice.
    #[error("the tax invoice does not exist")]
    NotFound,
    /// The report is about something that is over: nothing to do.
    #[error("the report is about a call that is over")]
    NothingToDo,
    /// Another call is under way; wait for it.
    #[error("another call about the tax invoice is under way")]
    CallInFlight,
    /// The recipient, who acts, has no document key.
    #[error("the tax invoice has no document key of the recipient")]
    NoRecipientDocumentKey,
    /// The supplier, who acts, has no document key.
    #[error("the tax invoice has no document key of the supplier")]
    NoSupplierDocumentKey,
    /// Only a draft can be changed, requested, or issued by its supplier.
    #[error("the tax invoice is no draft")]
    NotDrafted,
    /// Only a request can be signed, refused or taken back.
    #[error("the tax invoice is not requested")]
    NotRequested,
    /// Only what is issued and not yet sent can be cancelled or sent.
    #[error("the tax invoice is not issued, or already on its way to the tax office")]
    NotIssued,
    /// It is under way, or has its effect.
    #[error("a tax invoice in this status can't be deleted")]
    NonDeletable,
    /// There is no such attachment.
    #[error("the tax invoice has no such attachment")]
    AttachmentNotFound,
    /// Too many attachments.
    #[error("the tax invoice has five attachments already")]
    TooManyAttachments,
}
