//! What the page of a window shows, and what a browser does there.
//!
//! The page's address is the permission: its token names one attempt. The page hands over to the
//! PG; what the PG gives the browser comes back to an address below the page's. Read again, the
//! page says what became of the attempt: it never asks the PG. A window whose time is over ends
//! when somebody looks.

use naru_connector::{InboundRequest, WindowForm};
use naru_domain::billing_key::{BillingKey, BillingKeyState};
use naru_domain::payment::{Attempt, AttemptState, Failure, Payment};
use naru_domain::{
    AttemptId, BillingKeyId, Currency, Face, IdentityVerificationId, ImpUid, Opener, PaymentId,
    StoreId, VirtualAccount,
};

use super::back::Opened;
use super::{KeyEnd, WindowEnd};
use crate::records::{AttemptRecord, Subject};
use crate::{Engine, Fault};

/// What the page of a window shows.
#[derive(Debug, Clone)]
pub struct WindowPage {
    /// Whose customer it is.
    pub shop: String,
    /// What is bought, or what a billing key is for.
    pub name: String,
    /// The price, in minor units.
    pub total: i64,
    /// What of it a promotion has taken off.
    pub discount: i64,
    /// Of this currency.
    pub currency: Currency,
    /// Whose it is.
    pub store_id: StoreId,
    /// What it is about.
    pub subject: WindowSubject,
    /// On which face it was opened.
    pub face: Face,
    /// The page that opened it, if one did.
    pub opener: Option<Opener>,
    /// Whether no money can move.
    pub is_test: bool,
    /// Where it stands.
    pub state: WindowState,
}

impl WindowPage {
    /// Whether a billing key is issued, and no money taken.
    pub const fn issues_key(&self) -> bool {
        matches!(self.subject, WindowSubject::BillingKey { .. })
    }

    /// Whether a person is identified, and nothing bought.
    pub const fn identifies(&self) -> bool {
        matches!(self.subject, WindowSubject::IdentityVerification { .. })
    }
}

/// What a window is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WindowSubject {
    /// A payment.
    Payment {
        /// The merchant's id for it.
        id: PaymentId,
        /// The transaction: of this window, or of the one that paid instead.
        transaction_id: String,
        /// Whether a billing key is issued with the money.
        issues_key: bool,
        /// That key, once it is issued.
        billing_key: Option<BillingKeyId>,
    },
    /// A billing key.
    BillingKey {
        /// Its id: the merchant's own, on the V1 face.
        id: BillingKeyId,
        /// The merchant's id for the issue.
        issue_id: Option<String>,
        /// The issue's id of the V1 face, if it was opened there.
        imp_uid: Option<ImpUid>,
    },
    /// An identity verification.
    IdentityVerification {
        /// Its id.
        id: IdentityVerificationId,
        /// The attempt: of this window, or of the one that verified the person instead.
        attempt: AttemptId,
        /// The merchant's own id for it, on the V1 face.
        merchant_uid: Option<String>,
        /// The contract's code of its PG.
        pg_provider: String,
    },
}

/// Where a window stands.
#[derive(Debug, Clone)]
pub enum WindowState {
    /// The customer has not been at the PG, or not come back.
    Open(WindowForm),
    /// It is not known yet.
    Busy,
    /// The merchant has to confirm.
    NeedsConfirmation {
        /// By this.
        token: String,
    },
    /// The money was taken.
    Paid,
    /// The customer has to pay into this account.
    AccountIssued(Box<VirtualAccount>),
    /// The billing key was issued.
    KeyIssued,
    /// The person was identified.
    Verified,
    /// It failed, or took too long.
    Failed(Failure),
}

impl Engine {
    /// The page that a token names.
    pub async fn window_page(&self, token: &str) -> Result<WindowPage, Fault> {
        let (id, subject) = self.named_window(token).await?;
        match subject {
            Subject::BillingKey => self.page_of_key(id).await,
            Subject::IdentityVerification => self.page_of_identity(id).await,
            Subject::Payment => {
                let opened = self.opened_window(id).await?;
                if self.is_over(&opened).await? {
                    self.leave_window(&opened).await?;
                    return self.page_of_payment(&self.opened_window(id).await?);
                }
                self.page_of_payment(&opened)
            }
        }
    }

    /// Takes what a browser brought to the page that a token names.
    pub async fn bring_to_window(&self, token: &str, request: InboundRequest) -> Result<(), Fault> {
        let (id, subject) = self.named_window(token).await?;
        match subject {
            Subject::BillingKey => self.key_window_returned(id, request).await.map(drop),
            Subject::IdentityVerification => self.identity_window_returned(id, &request).await,
            Subject::Payment => {
                // Apart: of the three by far the largest.
                match Box::pin(self.window_returned(id, request)).await {
                    // By another window: nothing was taken here, and the page says how it is paid.
                    Err(Fault::AlreadyPaid) => Ok(()),
                    back => back.map(drop),
                }
            }
        }
    }

    /// The customer leaves the page without paying. Once they have come back from the PG that
    /// changes nothing.
    pub async fn leave_window_page(&self, token: &str) -> Result<(), Fault> {
        let (id, subject) = self.named_window(token).await?;
        match subject {
            Subject::BillingKey => self.end_key_window(id, None).await.map(drop),
            Subject::IdentityVerification => self.leave_identity_window(id).await,
            Subject::Payment => {
                let opened = self.opened_window(id).await?;
                self.leave_window(&opened).await
            }
        }
    }

    async fn named_window(&self, token: &str) -> Result<(AttemptId, Subject), Fault> {
        let id = self.window_of_token(token).ok_or(Fault::PaymentNotFound)?;
        let key = vec![id.order_id().into()];
        let found = self.store().load::<AttemptRecord>(key).await?;
        let found = found.ok_or(Fault::PaymentNotFound)?;
        Ok((id, found.value.subject))
    }

    fn page_of_payment(&self, opened: &Opened) -> Result<WindowPage, Fault> {
        let attempt = &opened.attempt;
        let mut told = attempt;
        let back = self.back_of(&opened.payment, attempt);
        let state = match (&attempt.state, back.end) {
            (AttemptState::Ready, _) => {
                if let Some((by, state)) = paid_elsewhere(&opened.payment) {
                    told = by;
                    state
                } else {
                    let payment_id = &opened.payment.id;
                    WindowState::Open(self.window_form(&opened.channel, attempt, payment_id)?)
                }
            }
            (AttemptState::WaitingForDeposit { issued, .. }, _) => {
                WindowState::AccountIssued(Box::new(issued.account.clone()))
            }
            (_, WindowEnd::Done { .. }) => WindowState::Paid,
            (_, WindowEnd::NeedsConfirmation { payment_token }) => WindowState::NeedsConfirmation {
                token: payment_token,
            },
            (_, WindowEnd::Failed(failure)) => failed(failure),
        };
        let window = attempt.window.as_ref();
        let opener = window.and_then(|window| window.opener.clone());
        let shop = opener.as_ref().and_then(|opener| opener.shop.clone());
        Ok(WindowPage {
            shop: shop.unwrap_or_else(|| opened.store.name.clone()),
            name: attempt.order.name.clone(),
            total: attempt.charged().total,
            discount: attempt.discount(),
            currency: attempt.order.currency.clone(),
            store_id: opened.store.id.clone(),
            subject: WindowSubject::Payment {
                id: opened.payment.id.clone(),
                transaction_id: told.transaction_id(),
                issues_key: window.is_some_and(|window| window.issues_key),
                billing_key: told.key().cloned(),
            },
            face: attempt.face(),
            opener,
            is_test: attempt.channel.is_test,
            state,
        })
    }

    /// Whether nobody came back in time, and nothing was paid.
    async fn is_over(&self, opened: &Opened) -> Result<bool, Fault> {
        let Some(window) = &opened.attempt.window else {
            return Ok(false);
        };
        Ok(matches!(opened.attempt.state, AttemptState::Ready)
            && paid_elsewhere(&opened.payment).is_none()
            && self.store().now().await? > window.expires_at)
    }

    async fn page_of_key(&self, id: AttemptId) -> Result<WindowPage, Fault> {
        let (store_id, key_id) = self.key_of_attempt(id).await?;
        let mut key = self.key_in_window(&store_id, &key_id).await?;
        let expires_at = key.window.as_ref().map(|window| window.expires_at);
        let now = self.store().now().await?;
        if key.state == BillingKeyState::Ready && expires_at.is_none_or(|at| now > at) {
            self.end_key_window(id, None).await?;
            key = self.key_in_window(&store_id, &key_id).await?;
        }
        let (Some(window), Some(issue)) = (&key.window, key.channels.first()) else {
            return Err(Fault::BillingKeyNotFound);
        };
        let store = self.store_record(&store_id).await?;
        let state = match key.state {
            BillingKeyState::Ready => WindowState::Open(self.key_window_form(&key, id).await?),
            _ => match self.key_back(&key).end {
                KeyEnd::Issued => WindowState::KeyIssued,
                KeyEnd::NeedsConfirmation {
                    billing_issue_token,
                } => WindowState::NeedsConfirmation {
                    token: billing_issue_token,
                },
                KeyEnd::Failed(failure) => failed(failure),
            },
        };
        Ok(WindowPage {
            shop: store.ok_or(Fault::BillingKeyNotFound)?.name.clone(),
            name: window.name.clone(),
            total: window.shown,
            discount: 0,
            currency: Currency::krw(),
            store_id,
            subject: WindowSubject::BillingKey {
                id: key.saves_as.as_ref().unwrap_or(&key.id).clone(),
                issue_id: window.wishes.issue_id.clone(),
                imp_uid: window.imp_uid.clone(),
            },
            face: key.face,
            opener: window.opener.clone(),
            is_test: issue.channel.is_test,
            state,
        })
    }

    async fn key_window_form(&self, key: &BillingKey, id: AttemptId) -> Result<WindowForm, Fault> {
        let issue = key.channels.first().ok_or(Fault::BillingKeyNotFound)?;
        let channel = self.attempt_channel(&issue.channel.key).await?;
        self.key_form(&channel, key, id)
    }
}

/// The other window that has paid the same payment, and how.
fn paid_elsewhere(payment: &Payment) -> Option<(&Attempt, WindowState)> {
    payment.attempts.iter().find_map(|attempt| {
        let state = match &attempt.state {
            AttemptState::Captured { .. } => WindowState::Paid,
            AttemptState::WaitingForDeposit { issued, .. } => {
                WindowState::AccountIssued(Box::new(issued.account.clone()))
            }
            _ => return None,
        };
        Some((attempt, state))
    })
}

fn failed(failure: Failure) -> WindowState {
    if failure.pg_code == Failure::OUTCOME_UNKNOWN {
        WindowState::Busy
    } else {
        WindowState::Failed(failure)
    }
}
