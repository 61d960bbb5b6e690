//! Look-ups: company state, company data, account holder.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::api::faulty;
use super::token::Acting;
use super::{codes, refuse};
use crate::answer;
use crate::clock::Stamp;
use crate::faults::TaxStep;
use crate::simulator::Simulator;

#[derive(Deserialize)]
pub(crate) struct OfCompany {
    #[serde(rename = "CN")]
    number: String,
}

/// `GET /CloseDown?CN=`
pub(crate) async fn company_state(
    State(sim): State<Arc<Simulator>>,
    Query(asked): Query<OfCompany>,
    _: Acting,
) -> Response {
    faulty(&sim, (TaxStep::Lookup, None), || {
        state_of(&sim, &asked.number)
    })
    .await
}

fn state_of(sim: &Simulator, number: &str) -> Response {
    let (company, is_away) = {
        let books = sim.asp();
        (books.company(number), books.is_maintenance())
    };
    if is_away {
        return refuse(codes::MAINTENANCE, "홈택스 점검중입니다.");
    }
    let today = Stamp::of(sim.clock.now_ms());
    let is_known = company.state != "0";
    answer::json(
        StatusCode::OK,
        &json!({
            "corpNum": company.number,
            "taxType": is_known.then_some(company.tax_type),
            "typeDate": is_known.then_some("20200101"),
            "state": company.state,
            "stateDate": company.state_date,
            "checkDate": today.date(),
        }),
    )
}

/// `GET /BizInfo/Check?CN=`
pub(crate) async fn business_info(
    State(sim): State<Arc<Simulator>>,
    Query(asked): Query<OfCompany>,
    _: Acting,
) -> Response {
    faulty(&sim, (TaxStep::Lookup, None), || {
        data_of(&sim, &asked.number)
    })
    .await
}

fn data_of(sim: &Simulator, number: &str) -> Response {
    let company = sim.asp().company(number);
    if company.state == "0" {
        return answer::json(
            StatusCode::OK,
            &json!({
                "corpNum": company.number,
                "result": 300,
                "resultMessage": "조회된 기업정보가 없습니다.",
            }),
        );
    }
    answer::json(
        StatusCode::OK,
        &json!({
            "corpNum": company.number,
            "checkDT": Stamp::of(sim.clock.now_ms()).compact(),
            "corpName": company.name,
            "CEOName": company.ceo,
            "personCorpCode": "2",
            "industryCode": "47911",
            "establishDate": "20200101",
            "zipCode": "04768",
            "addr": "서울특별시 성동구 왕십리로 83-21",
            "addrDetail": "3층",
            "bizClass": "전자상거래 소매업",
            "bizType": "도매 및 소매업",
            "result": 100,
            "resultMessage": "성공",
            "closeDownState": company.state,
            "closeDownStateDate": company.state_date,
            "closeDownTaxType": company.tax_type,
        }),
    )
}

#[derive(Deserialize)]
pub(crate) struct OfAccount {
    c: String,
    n: String,
}

/// `POST /EasyFin/AccountCheck?c=&n=`. Account numbers that begin with 404, 406, 409 and 50x answer
/// as their digits suggest; every other account is somebody's.
pub(crate) async fn account_holder(
    State(sim): State<Arc<Simulator>>,
    Query(asked): Query<OfAccount>,
    _: Acting,
) -> Response {
    faulty(&sim, (TaxStep::Lookup, None), || holder_of(&sim, &asked)).await
}

fn holder_of(sim: &Simulator, asked: &OfAccount) -> Response {
    let is_code = asked.c.len() == 4 && asked.c.bytes().all(|byte| byte.is_ascii_digit());
    let (result, message) = match asked.n.get(..3).unwrap_or_default() {
        _ if !is_code => (200, "은행코드 오류"),
        "404" => (200, "해당 계좌가 없습니다."),
        "406" => (202, "외화계좌입니다."),
        "409" => (201, "거래중지 계좌입니다."),
        "500" => (301, "은행 시스템 장애"),
        "502" => (303, "은행 통신 장애"),
        "503" => (302, "은행 시스템 점검중"),
        "504" => (300, "금융결제원 정기점검 시간입니다."),
        _ => (100, "성공"),
    };
    let name = (result == 100).then_some("홍길동");
    answer::json(
        StatusCode::OK,
        &json!({
            "result": result,
            "resultMessage": message,
            "accountName": name,
            "bankCode": asked.c,
            "accountNumber": asked.n,
            "checkDT": Stamp::of(sim.clock.now_ms()).compact(),
        }),
    )
}
