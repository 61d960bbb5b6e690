//! Words of the page: escaping, groups of operations, and Korean beside English.

/// A text as HTML.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// English and Korean side by side.
pub(super) fn both(english: &str, korean: &str) -> String {
    let english = escape(english);
    if korean.is_empty() {
        return english;
    }
    format!("{english} <span lang=\"ko\">{}</span>", escape(korean))
}

/// A group of operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) id: &'static str,
    pub(super) english: &'static str,
    pub(super) korean: &'static str,
}

/// The groups in the page's order; the last one takes what fits no other.
pub(super) const GROUPS: [Group; 4] = [
    Group {
        id: "payments",
        english: "Payments",
        korean: "결제",
    },
    Group {
        id: "billing-keys",
        english: "Billing keys",
        korean: "빌링키",
    },
    Group {
        id: "credentials",
        english: "Credentials",
        korean: "인증",
    },
    Group {
        id: "other",
        english: "Other",
        korean: "그 밖",
    },
];

/// The group of a path.
pub(super) fn group_of(path: &str) -> &'static str {
    match path.split('/').nth(1) {
        Some("payments" | "payments-by-cursor") => "payments",
        Some("billing-keys") => "billing-keys",
        Some("login" | "token") => "credentials",
        _ => "other",
    }
}

/// What an operation does, in Korean; empty where nobody has written it yet.
pub(super) fn korean_summary(operation: &str) -> &'static str {
    match operation {
        "cancelPayment" => "결제를 전부 또는 일부 취소합니다.",
        "closeVirtualAccount" => "입금 전 가상계좌를 말소합니다.",
        "deleteBillingKey" => "빌링키를 삭제합니다.",
        "getBankInfos" => "은행 코드와 이름을 조회합니다.",
        "getBillingKeyInfo" => "빌링키 하나를 조회합니다.",
        "getBillingKeyInfos" => "조건에 맞는 빌링키를 페이지별로 조회합니다.",
        "getPayment" => "결제 하나를 조회합니다.",
        "getPaymentTransactions" => "결제의 모든 시도를 조회합니다.",
        "getPayments" => "조건에 맞는 결제를 페이지별로 조회합니다.",
        "issueBillingKey" => "카드 정보로 빌링키를 발급합니다.",
        "loginViaApiSecret" => "API 시크릿으로 토큰을 발급받습니다.",
        "payInstantly" => "카드 정보로 바로 결제하거나 가상계좌를 발급합니다.",
        "payWithBillingKey" => "빌링키로 결제합니다.",
        "preRegisterPayment" => "결제창을 열기 전에 금액을 등록합니다.",
        "refreshToken" => "리프레시 토큰으로 새 토큰을 발급받습니다.",
        "resendWebhook" => "결제의 웹훅을 다시 보냅니다.",
        _ => "",
    }
}
