//! The provider's API about its members: joining, and their certificates.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::api::faulty;
use super::company::Company;
use super::token::Acting;
use super::{LINK_ID, accepted, codes, refuse, rules};
use crate::answer;
use crate::clock::Stamp;
use crate::faults::TaxStep;
use crate::simulator::Simulator;

#[derive(Deserialize)]
pub(crate) struct Membership {
    #[serde(rename = "CorpNum")]
    company: String,
    #[serde(rename = "LID")]
    partner: String,
}

/// `GET /Join?CorpNum=&LID=`. Without a token, as are the next two: only members have one.
pub(crate) async fn is_member(
    State(sim): State<Arc<Simulator>>,
    Query(asked): Query<Membership>,
) -> Response {
    faulty(&sim, (TaxStep::Lookup, None), || {
        let is_member = asked.partner == LINK_ID && sim.asp().company(&asked.company).is_member;
        answer::json(
            StatusCode::OK,
            &json!({ "code": i32::from(is_member), "message": "" }),
        )
    })
    .await
}

/// `POST /Join`
pub(crate) async fn join(State(sim): State<Arc<Simulator>>, body: Bytes) -> Response {
    let fields: Map<String, Value> = serde_json::from_slice(&body).unwrap_or_default();
    let text = |name: &str| {
        let value = fields.get(name).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    faulty(&sim, (TaxStep::Command, None), || {
        let (number, id) = (text("CorpNum"), text("ID"));
        if text("LinkID") != LINK_ID || number.len() != 10 {
            return refuse(codes::BAD_DOCUMENT, "LinkID, CorpNum");
        }
        if !(6..50).contains(&id.len()) || !(8..20).contains(&text("Password").len()) {
            return refuse(codes::BAD_DOCUMENT, "ID, Password");
        }
        let mut books = sim.asp();
        if books.company(&number).is_member {
            return refuse(codes::MEMBER_ALREADY, "이미 가입된 사업자번호입니다.");
        }
        if books.is_contact_taken(&id) {
            return refuse(codes::ID_TAKEN, "이미 사용중인 아이디입니다.");
        }
        let known = books.company(&number);
        books.put_company(Company {
            name: text("CorpName"),
            ceo: text("CEOName"),
            is_member: true,
            contact_id: id,
            contact_name: text("ContactName"),
            ..known
        });
        accepted()
    })
    .await
}

#[derive(Deserialize)]
pub(crate) struct OfId {
    #[serde(rename = "ID")]
    id: String,
}

/// `GET /IDCheck?ID=`
pub(crate) async fn check_id(
    State(sim): State<Arc<Simulator>>,
    Query(asked): Query<OfId>,
) -> Response {
    faulty(&sim, (TaxStep::Lookup, None), || {
        let is_taken = sim.asp().is_contact_taken(&asked.id);
        answer::json(
            StatusCode::OK,
            &json!({ "code": i32::from(is_taken), "message": "" }),
        )
    })
    .await
}

/// `GET /Taxinvoice/Certificate`
pub(crate) async fn certificate(
    State(sim): State<Arc<Simulator>>,
    Acting(company): Acting,
) -> Response {
    faulty(&sim, (TaxStep::Lookup, None), || {
        let company = sim.asp().company(&company);
        let Some(certificate) = &company.certificate else {
            return refuse(
                codes::NO_CERTIFICATE,
                "공동인증서가 등록되어 있지 않습니다.",
            );
        };
        let stamp = |at: i64| Stamp::of(at).compact();
        answer::json(
            StatusCode::OK,
            &json!({
                "regDT": stamp(certificate.registered_ms),
                "expireDT": stamp(certificate.expires_ms),
                "issuerDN": "CN=Simulated CA,OU=AccreditedCA,O=Naru,C=KR",
                "subjectDN": format!("CN={},OU=Tax,O=Naru,C=KR", company.name),
                "issuerName": "Simulated CA",
                "oid": "1.2.410.200004.5.2.1.6.68",
                "regContactName": company.contact_name,
                "regContactID": company.contact_id,
            }),
        )
    })
    .await
}

/// `GET /Taxinvoice/CertCheck`
pub(crate) async fn check_certificate(
    State(sim): State<Arc<Simulator>>,
    Acting(company): Acting,
) -> Response {
    let now = sim.clock.now_ms();
    faulty(
        &sim,
        (TaxStep::Lookup, None),
        || match rules::certificate_is_good(&sim.asp().company(&company), now) {
            Ok(()) => accepted(),
            Err(refused) => *refused,
        },
    )
    .await
}
