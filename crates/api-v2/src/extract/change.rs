//! Running a use case that changes something: replayed if it was answered before, and carried to
//! its end even if the client hangs up.

use naru_domain::{CancellationId, Face, IdentityVerificationId, PaymentId};
use naru_engine::payments::CallContext;
use naru_engine::{Answer, Engine, Fault};

use super::Call;
use super::call::lookup;
use crate::check;
use crate::faults::Failed;
use crate::render::{self, Reply};

impl<T> Call<T> {
    /// The id in the path, of something that must exist: whatever it is, it is looked up. What no
    /// row can have as its id is `missing`.
    pub(crate) fn lookup_id(&self, missing: Fault) -> Result<&str, Fault> {
        lookup(&self.path_id, missing)
    }

    /// The id in the path of an identity verification that must exist.
    pub(crate) fn identity_to_find(&self) -> Result<IdentityVerificationId, Fault> {
        self.lookup_id(Fault::IdentityVerificationNotFound)
            .map(IdentityVerificationId::new)
    }

    /// The id in the path of an identity verification to be made.
    pub(crate) fn identity_to_make(&self) -> Result<IdentityVerificationId, Fault> {
        check::identity_verification_id(&self.path_id)
    }

    /// The id in the path of a payment whose cash receipt must exist.
    pub(crate) fn receipt_to_find(&self) -> Result<PaymentId, Fault> {
        self.lookup_id(Fault::CashReceiptNotFound)
            .map(PaymentId::new)
    }

    /// The id in the path of a payment that must exist.
    pub(crate) fn payment_to_find(&self) -> Result<PaymentId, Fault> {
        self.lookup_id(Fault::PaymentNotFound).map(PaymentId::new)
    }

    /// The second id in the path, of a cancellation; nothing where it can be none's.
    pub(crate) fn cancellation_to_find(&self) -> Option<CancellationId> {
        self.second_id.parse().ok().map(CancellationId::new)
    }

    /// The id in the path of a payment to be made.
    pub(crate) fn payment_to_make(&self) -> Result<PaymentId, Fault> {
        check::payment_id(&self.path_id)
    }

    /// Runs a use case and renders its answer.
    pub(crate) async fn change<W>(
        self,
        work: impl FnOnce(Engine, CallContext, T) -> W,
    ) -> Result<Reply, Failed>
    where
        W: Future<Output = Result<Answer, Fault>> + Send + 'static,
    {
        let engine = self.engine;
        let ticket = self.idempotency.map(|it| {
            let scope = (it.method.as_str(), it.path.as_str(), it.query.as_str());
            engine.ticket(&self.store.id, scope, &it.key, it.body.as_bytes())
        });
        if let Some(ticket) = &ticket
            && let Some(answered) = engine.replay(ticket).await?
        {
            return match answered {
                Ok(answer) => Ok(render::answer(&engine, &answer)?.replayed()),
                Err(fault) => Err(Failed::replayed(fault)),
            };
        }
        let context = CallContext {
            store: self.store,
            ticket,
            face: Face::V2,
            origin: self.origin,
        };
        // In a box: what a payment needs is more than a future should carry around.
        let work = Box::pin(work(engine.clone(), context, self.input));
        let answer = engine.detached(work).await?;
        Ok(render::answer(&engine, &answer)?)
    }
}
