//! Texts on the wire that clients compare with: not a character may change.

/// A token that is missing, unknown or over.
pub(crate) const UNAUTHORIZED: &str = "Unauthorized";
/// A log-in that lacks a field.
pub(crate) const NO_CREDENTIALS: &str = "imp_key, imp_secret 파라메터가 누락되었습니다.";
/// A log-in with a wrong pair. Ours.
pub(crate) const WRONG_CREDENTIALS: &str = "imp_key 또는 imp_secret 값이 올바르지 않습니다.";
/// A tier that the key can't use. Ours.
pub(crate) const NO_TIER: &str = "등록되지 않은 Tier 코드입니다.";
/// A sub-store that does not exist. Ours.
pub(crate) const UNKNOWN_TIER: &str = "존재하지 않는 하위가맹점입니다.";
/// An operation that does not exist. Ours.
pub(crate) const NO_OPERATION: &str = "존재하지 않는 API입니다.";
/// A body that can't be read. Ours.
pub(crate) const BAD_BODY: &str = "요청 본문을 해석할 수 없습니다.";
/// A body that is too long. Ours.
pub(crate) const LONG_BODY: &str = "요청 본문이 너무 깁니다.";
/// A payment that can't be found.
pub(crate) const NO_PAYMENT: &str = "존재하지 않는 결제정보입니다.";
/// A status that is none.
pub(crate) const BAD_STATUS: &str = "지원되지 않는 상태값입니다.";
/// A page behind the last. Ours.
pub(crate) const NO_PAGE: &str = "존재하지 않는 페이지입니다.";
/// A balance that the PG does not tell.
pub(crate) const NO_BALANCE: &str = "(현재는 PAYCO, KCP만 지원됩니다) 결제건에 대한 금액상세정보가 \
                                     확인되지 않습니다. 결제 상태가 paid 또는 cancelled가 아닌 경우 \
                                     확인되지 않습니다.";
/// A cancellation without an id.
pub(crate) const CANCEL_WHAT: &str = "imp_uid, merchant_uid 중 하나는 반드시 지정해주셔야합니다.";
/// A cancellation of what can't be cancelled.
pub(crate) const NOTHING_TO_CANCEL: &str = "취소할 결제건이 존재하지 않습니다.";
/// A cancellation of what has been cancelled.
pub(crate) const ALREADY_CANCELLED: &str = "이미 전액취소된 주문입니다.";
/// What stands before a PG's words at a cancellation.
pub(crate) const CANCEL_REFUSED: &str = "결제취소에 실패하였습니다. ";
/// The reason of a cancellation whose caller gives none. Ours.
pub(crate) const CANCEL_REASON: &str = "결제취소";
/// An amount that was registered before.
pub(crate) const ALREADY_PREPARED: &str =
    "결제정보 사전등록에 실패하였습니다(이미 등록된 merchant_uid입니다).";
/// An amount that was not registered.
pub(crate) const NOT_PREPARED: &str = "사전등록된 결제정보가 존재하지 않습니다.";
/// What stands before a PG's words at an issue.
pub(crate) const ISSUE_REFUSED: &str = "카드정보 인증 및 빌키 발급에 실패하였습니다. ";
/// What stands before a PG's words at a payment by card.
pub(crate) const CARD_REFUSED: &str = "카드정보 인증에 실패하였습니다. ";
/// A card number that is none.
pub(crate) const BAD_CARD: &str = "유효하지않은 카드번호를 입력하셨습니다.";
/// A card's date that is none. Ours.
pub(crate) const BAD_EXPIRY: &str = "유효하지않은 카드 유효기간(YYYY-MM)을 입력하셨습니다.";
/// A birth date that is none. Ours.
pub(crate) const BAD_BIRTH: &str = "생년월일 6자리 또는 사업자등록번호 10자리를 입력해주세요.";
/// A password that is none. Ours.
pub(crate) const BAD_PASSWORD: &str = "카드 비밀번호 앞 2자리를 입력해주세요.";
/// A billing key that can't be charged.
pub(crate) const NO_CUSTOMER: &str = "등록되지 않은 구매자입니다.";
/// A payment that is paid.
pub(crate) const ALREADY_PAID: &str = "이미 주문이 이루어진 건입니다";
/// A payment that a schedule will begin. Ours.
pub(crate) const ALREADY_SCHEDULED: &str = "이미 예약된 결제건이 존재합니다.";
/// A schedule of a customer without a card.
pub(crate) const NO_CARD: &str = "등록된 고객정보가 없습니다.";
/// What stands before a PG's words at a card that comes with schedules.
pub(crate) const CARD_CHECK_REFUSED: &str = "카드정보 확인에 실패하였습니다. ";
/// What is bought by a payment that only checks a card, and why it is given back. Ours.
pub(crate) const CARD_CHECK: &str = "카드정보 확인";
/// Schedules to be taken back of which there are none.
pub(crate) const NOTHING_TO_UNSCHEDULE: &str = "취소할 예약결제 기록이 존재하지 않습니다.";
/// A schedule that does not exist. Ours.
pub(crate) const NO_SCHEDULE: &str = "존재하지 않는 예약결제정보입니다.";
/// A schedule that waits, tried again. Ours.
pub(crate) const NOT_YET_EXECUTED: &str = "아직 실행되지 않은 예약결제입니다.";
/// A schedule that has just started, tried again. Ours.
pub(crate) const EXECUTING: &str = "결제가 진행 중인 예약결제입니다.";
/// A schedule that is paid, tried again. Ours.
pub(crate) const ALREADY_EXECUTED: &str = "이미 결제가 승인된 예약결제입니다.";
/// A schedule that has started, moved. Ours.
pub(crate) const EXECUTED: &str = "이미 실행된 예약결제입니다.";
/// A schedule that was taken back, moved. Ours.
pub(crate) const ALREADY_REVOKED: &str = "이미 철회된 예약결제입니다.";
/// A virtual account of a store without a contract for them.
pub(crate) const VBANK_CONTRACT: &str = "가상계좌 발급을 위해서는 PG사와의 계약이 필요합니다.";
/// What stands before a PG's words at the issue of a virtual account. Ours.
pub(crate) const VBANK_REFUSED: &str = "가상계좌 발급에 실패하였습니다. ";
/// A payment without a virtual account that waits. Ours.
pub(crate) const NO_WAITING_ACCOUNT: &str = "입금 대기 중인 가상계좌 결제건이 아닙니다.";
/// A PG that has no call for it.
pub(crate) const UNSUPPORTED_PG: &str = "현재 지원되지 않는 PG사입니다.";
/// A receipt that does not exist. Ours.
pub(crate) const NO_RECEIPT: &str = "발급된 현금영수증이 존재하지 않습니다.";
/// A receipt that exists. Ours.
pub(crate) const RECEIPT_ALREADY_ISSUED: &str = "이미 현금영수증이 발급된 결제건입니다.";
/// A payment that is not paid. Ours.
pub(crate) const NOT_PAID: &str = "결제완료 상태인 결제건이 아닙니다.";
/// A payment by card, which needs no cash receipt. Ours.
pub(crate) const NO_CASH: &str = "현금영수증을 발급할 수 없는 결제수단입니다.";
/// A payment of which no shipment can be told or shown.
pub(crate) const NO_SHIPMENT: &str = "해당거래건은 배송정보를 등록할 수 없습니다.";
/// An identity verification that does not exist.
pub(crate) const NO_CERTIFICATION: &str = "인증결과가 존재하지 않습니다.";
/// An identity verification that is done. Ours.
pub(crate) const ALREADY_CERTIFIED: &str = "이미 완료된 본인인증입니다.";
/// An identity verification that waits for nothing. Ours.
pub(crate) const NOTHING_TO_CERTIFY: &str = "인증번호를 요청하지 않았거나 유효시간이 지났습니다.";
/// A payment of another PG than the operation is for. Ours.
pub(crate) const OTHER_PG: &str = "해당 PG사의 결제건이 아닙니다.";
/// Something that no PG of the store has made. Ours.
pub(crate) const NOTHING_THERE: &str = "존재하지 않는 정보입니다.";
/// A channel that does not exist.
pub(crate) const NO_CHANNEL: &str = "등록 된 PG 설정 정보를 찾을 수 없습니다.";
/// A code that is in no table. Ours.
pub(crate) const NO_CODE: &str = "존재하지 않는 코드입니다.";
/// An account whose holder is not known. Ours.
pub(crate) const NO_HOLDER: &str = "예금주를 조회할 수 없습니다.";
/// A store without a contract for looking up accounts. Ours.
pub(crate) const NO_LOOKUPS: &str = "예금주 조회 계약이 필요합니다.";
/// A fault of ours. Ours.
pub(crate) const OUR_FAULT: &str = "일시적인 오류가 발생하였습니다. 잠시 후 다시 시도해주세요.";
/// A caller that asks too often. Ours.
pub(crate) const TOO_MANY: &str = "요청이 너무 많습니다. 잠시 후 다시 시도해주세요.";
/// What a payment is called whose caller does not say. Ours.
pub(crate) const ORDER_NAME: &str = "정기결제";

/// A billing key that does not exist.
pub(crate) fn no_such_customer(customer_uid: &str) -> String {
    format!("요청하신 customer_uid({customer_uid})로 등록된 정보를 찾을 수 없습니다.")
}

/// A payment that is made or waits already. Ours.
pub(crate) fn already_scheduled(merchant_uid: &str) -> String {
    format!("이미 등록된 merchant_uid({merchant_uid})입니다.")
}

/// A field that is missing. Ours.
pub(crate) fn missing(field: &str) -> String {
    format!("{field} 파라메터가 누락되었습니다.")
}

/// A field that can't be read. Ours.
pub(crate) fn malformed(field: &str, expected: &str) -> String {
    format!("{field} 파라메터가 올바르지 않습니다. ({expected})")
}
/// A method of payment that no window of ours has. Ours.
pub(crate) const NO_METHOD: &str = "pay_method: 지원하지 않는 결제수단입니다.";
/// A window of a channel whose payments wait for a confirmation. Ours.
pub(crate) const MANUAL_CHANNEL: &str = "수동 승인 채널은 V1 결제창에서 사용할 수 없습니다. V2 SDK와 \
                                         API로 결제하거나 채널의 수동 승인을 해제해주세요.";
/// A payment that waits for a confirmation, which this face has no call for. Ours.
pub(crate) const NEEDS_CONFIRMATION: &str =
    "수동 승인 채널입니다. V2 API로 승인해야 결제가 완료됩니다.";
