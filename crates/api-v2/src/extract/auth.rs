//! The credential: `Authorization: PortOne <secret>` or `Bearer <token>`.

use http::{HeaderMap, header};
use naru_engine::{Caller, Engine, Fault};

/// Who calls. A header that is missing, repeated or no text is no credential.
pub(super) async fn caller(engine: &Engine, headers: &HeaderMap) -> Result<Caller, Fault> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(Fault::Unauthorized);
    };
    let value = value.to_str().map_err(|_| Fault::Unauthorized)?;
    engine.authenticate(value).await
}
