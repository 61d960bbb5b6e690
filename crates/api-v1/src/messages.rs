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
/// A channel that does not exist.
pub(crate) const NO_CHANNEL: &str = "등록 된 PG 설정 정보를 찾을 수 없습니다.";
/// A code that is in no table. Ours.
pub(crate) const NO_CODE: &str = "존재하지 않는 코드입니다.";
/// A fault of ours. Ours.
pub(crate) const OUR_FAULT: &str = "일시적인 오류가 발생하였습니다. 잠시 후 다시 시도해주세요.";
/// What a payment is called whose caller does not say. Ours.
pub(crate) const ORDER_NAME: &str = "정기결제";

/// A billing key that does not exist.
pub(crate) fn no_such_customer(customer_uid: &str) -> String {
    format!("요청하신 customer_uid({customer_uid})로 등록된 정보를 찾을 수 없습니다.")
}

/// A field that is missing. Ours.
pub(crate) fn missing(field: &str) -> String {
    format!("{field} 파라메터가 누락되었습니다.")
}

/// A field that can't be read. Ours.
pub(crate) fn malformed(field: &str, expected: &str) -> String {
    format!("{field} 파라메터가 올바르지 않습니다. ({expected})")
}
