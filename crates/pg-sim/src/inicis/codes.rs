//! Result codes of KG Inicis and the texts that go with them.
//!
//! A six-digit code is a module prefix and a meaning suffix (Inicis error code book); card
//! company codes begin with `12`. The texts are ours. Invariant: a refusal always carries a code
//! that a reader of the code book can place.

use std::borrow::Cow;

/// The meaning suffixes that the simulator gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Encryption,
    Message,
    UnknownMerchant,
    CardNumber,
    Method,
    Instalment,
    NotNumeric,
    Currency,
    DuplicateOrder,
    OtherMerchant,
    NoTransaction,
    UsePartialCancel,
    AlreadyCancelled,
    NotCancellable,
    HashMismatch,
    HashEmpty,
    OwnerNumber,
    Password,
    Expiry,
    DepositDate,
    DepositTime,
    AccountInfo,
    BankNotServed,
    AmountSum,
    AmountNotPositive,
    TooManyPartials,
    WrongRemaining,
    WholeAmount,
    MoreThanRemaining,
    OrderMissing,
    OrderMismatch,
    AccountNumber,
    EscrowState,
    EscrowModule,
}

impl Reason {
    /// Suffix and text.
    fn parts(self) -> (&'static str, &'static str) {
        match self {
            Self::Encryption => ("200", "암호화 값을 복호화할 수 없습니다"),
            Self::Message => ("251", "요청 전문을 해석할 수 없습니다"),
            Self::UnknownMerchant => ("400", "등록되지 않은 상점입니다"),
            Self::CardNumber => ("601", "카드번호 오류"),
            Self::Method => ("606", "지불수단 오류"),
            Self::Instalment => ("607", "할부개월 오류"),
            Self::NotNumeric => ("609", "금액이 숫자가 아닙니다"),
            Self::Currency => ("611", "통화코드 오류"),
            Self::DuplicateOrder => ("619", "이미 사용된 주문번호입니다"),
            Self::OtherMerchant => ("621", "다른 상점의 거래입니다"),
            Self::NoTransaction => ("623", "거래가 존재하지 않습니다"),
            Self::UsePartialCancel => ("625", "부분취소된 거래는 부분취소로만 취소할 수 있습니다"),
            Self::AlreadyCancelled => ("626", "이미 취소된 거래입니다"),
            Self::NotCancellable => ("628", "취소할 수 없는 거래입니다"),
            Self::HashMismatch => ("632", "해시 데이터가 일치하지 않습니다"),
            Self::HashEmpty => ("633", "해시 데이터가 비어 있습니다"),
            Self::OwnerNumber => ("635", "생년월일 또는 사업자번호 오류"),
            Self::Password => ("617", "비밀번호는 숫자여야 합니다"),
            Self::Expiry => ("638", "유효기간 형식 오류"),
            Self::DepositDate => ("640", "입금예정일자 오류"),
            Self::DepositTime => ("641", "입금예정시간 오류"),
            Self::AccountInfo => ("643", "환불계좌 정보 오류"),
            Self::BankNotServed => ("652", "이용할 수 없는 은행입니다"),
            Self::AmountSum => ("655", "금액 합계 오류"),
            Self::AmountNotPositive => ("701", "금액은 0보다 커야 합니다"),
            Self::TooManyPartials => ("705", "부분취소 가능 횟수를 초과했습니다"),
            Self::WrongRemaining => ("706", "취소 후 남을 금액이 맞지 않습니다"),
            Self::WholeAmount => ("749", "전체 금액은 부분취소할 수 없습니다"),
            Self::MoreThanRemaining => ("826", "취소 금액이 남은 금액보다 큽니다"),
            Self::OrderMissing => ("827", "주문번호 또는 거래번호가 없습니다"),
            Self::OrderMismatch => ("828", "주문번호와 거래번호가 일치하지 않습니다"),
            Self::AccountNumber => ("908", "계좌번호 오류"),
            Self::EscrowState => ("414", "에스크로 거래 상태가 맞지 않습니다"),
            Self::EscrowModule => ("685", "에스크로 거래는 배송 등록 후 취소할 수 없습니다"),
        }
    }

    /// The refusal by this reason in a module of the PG.
    pub(crate) fn of(self, module: &str) -> Refusal {
        let (suffix, text) = self.parts();
        Refusal {
            code: format!("{module}{suffix}"),
            text: Cow::Borrowed(text),
        }
    }
}

/// A call that the PG refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    text: Cow<'static, str>,
}

impl Refusal {
    /// A required field is absent or empty: INIAPI's own parameter error.
    pub(crate) fn missing(field: &str) -> Self {
        Self {
            code: "ER0102".to_owned(),
            text: format!("필수 항목 누락: {field}").into(),
        }
    }

    /// The billing key is not known to the PG.
    pub(crate) fn no_billing_key() -> Self {
        Self {
            code: "1195".to_owned(),
            text: "빌링 등록 거래가 아닙니다".into(),
        }
    }

    /// The card company (or a fault) refuses with a code of its own.
    pub(crate) fn by_code(code: &str) -> Self {
        Self {
            code: code.to_owned(),
            text: decline_text(code).into(),
        }
    }

    /// Parameter errors are the result code itself; for the rest it is the generic `01`.
    pub(crate) fn result_code(&self) -> &str {
        if self.code.starts_with("ER") {
            &self.code
        } else {
            "01"
        }
    }

    /// The message, with the specific code in brackets before it.
    pub(crate) fn message(&self) -> String {
        format!("[{}]{}", self.code, self.text)
    }
}

fn decline_text(code: &str) -> &'static str {
    match code {
        "120004" | "1204" => "유효기간이 지난 카드입니다",
        "120010" | "1210" => "카드사 응답 지연",
        "120014" | "1214" => "카드번호를 다시 확인해 주세요",
        "120019" | "1219" => "비밀번호가 틀렸습니다",
        "120026" | "1226" => "분실 또는 도난 카드입니다",
        "120049" => "카드 한도를 초과했습니다",
        "120054" | "1254" => "잔액이 부족합니다",
        "1200A8" | "12A8" => "카드사 시스템 장애",
        _ => "거래가 거절되었습니다",
    }
}
