//! `GET /subscribe/customers/{customer_uid}`: an unknown one is 200 with code 1, as clients expect.

use super::lookup;
use crate::call::Call;
use crate::envelope::Reply;
use crate::messages;
use crate::refused::Refused;
use crate::view::customer::customer;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let id = call.path_text(0);
    let key = lookup::customer(&call, id).await?;
    let key = key.ok_or_else(|| Refused::Rule(messages::no_such_customer(id)))?;
    Reply::of(&customer(&key))
}
