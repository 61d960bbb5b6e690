//! What the supplier's page says, in Korean and in English.

/// A language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Korean,
    English,
}

impl Language {
    /// Its words.
    pub(super) const fn words(self) -> &'static Words {
        match self {
            Self::Korean => &KOREAN,
            Self::English => &ENGLISH,
        }
    }
}

/// A title and a text.
type Message = [&'static str; 2];

/// All that the page says in one language.
pub(super) struct Words {
    pub(super) code: &'static str,
    /// The other language: its code, and its name in itself.
    pub(super) other: (&'static str, &'static str),
    pub(super) title: &'static str,
    pub(super) number_title: &'static str,
    pub(super) number_text: &'static str,
    pub(super) number: &'static str,
    pub(super) number_hint: &'static str,
    pub(super) go_on: &'static str,
    pub(super) wrong_number: &'static str,
    pub(super) invoice_title: &'static str,
    pub(super) from: &'static str,
    pub(super) write_date: &'static str,
    pub(super) due: &'static str,
    pub(super) total: &'static str,
    pub(super) pdf: &'static str,
    pub(super) certificate: &'static str,
    pub(super) certificate_until: &'static str,
    pub(super) certificate_expired: &'static str,
    pub(super) no_certificate: &'static str,
    pub(super) no_member: &'static str,
    pub(super) certificate_unknown: &'static str,
    pub(super) register: &'static str,
    pub(super) join_and_register: &'static str,
    pub(super) register_again: &'static str,
    pub(super) sign_title: &'static str,
    pub(super) sign_text: &'static str,
    pub(super) confirm: &'static str,
    pub(super) sign: &'static str,
    pub(super) refuse_title: &'static str,
    pub(super) refuse_text: &'static str,
    pub(super) reason: &'static str,
    pub(super) refuse: &'static str,
    pub(super) not_confirmed: &'static str,
    pub(super) memo_too_long: &'static str,
    pub(super) provider_refused: &'static str,
    pub(super) answered_already: &'static str,
    pub(super) page_title: &'static str,
    pub(super) page_text: &'static str,
    pub(super) page_open: &'static str,
    pub(super) page_back: &'static str,
    pub(super) under_way: Message,
    pub(super) issued: Message,
    pub(super) refused: Message,
    pub(super) taken_back: Message,
    pub(super) cancelled: Message,
    pub(super) sending_failed: Message,
    pub(super) draft: Message,
    pub(super) forged: Message,
    pub(super) expired: Message,
    pub(super) replaced: Message,
    pub(super) locked: Message,
    pub(super) broken: Message,
}

const KOREAN: Words = Words {
    code: "ko",
    other: ("en", "English"),
    title: "전자세금계산서 역발행 요청",
    number_title: "전자세금계산서 발행 요청을 받으셨습니다",
    number_text: "거래처가 작성한 세금계산서를 확인하고 발행하거나 거부할 수 있습니다. 본인 확인을 위해 \
        귀사의 사업자등록번호를 입력해 주세요.",
    number: "사업자등록번호",
    number_hint: "숫자 10자리",
    go_on: "세금계산서 확인",
    wrong_number: "공급자의 사업자등록번호와 다릅니다. 다시 확인해 주세요.",
    invoice_title: "발행 요청 내용",
    from: "요청한 거래처",
    write_date: "작성일자",
    due: "발행 기한",
    total: "합계금액",
    pdf: "PDF 내려받기",
    certificate: "공동인증서",
    certificate_until: "등록되어 있습니다. 만료일:",
    certificate_expired: "등록된 인증서가 만료되었습니다. 만료일:",
    no_certificate: "발행하려면 전자세금용 또는 사업자 범용 공동인증서를 등록해야 합니다.",
    no_member: "발행하려면 전자세금계산서 대행사업자에 가입하고 공동인증서를 등록해야 합니다. \
        가입에는 세금계산서에 적힌 귀사의 정보를 사용합니다.",
    certificate_unknown: "지금은 인증서를 확인할 수 없습니다. 잠시 후 다시 시도해 주세요.",
    register: "인증서 등록",
    join_and_register: "가입하고 인증서 등록",
    register_again: "새 인증서 등록",
    sign_title: "발행",
    sign_text: "귀사의 공동인증서로 전자서명하여 발행합니다. 발행한 세금계산서는 국세청에 전송됩니다.",
    confirm: "세금계산서의 내용을 확인했고 발행에 동의합니다.",
    sign: "발행하기",
    refuse_title: "거부",
    refuse_text: "내용이 다르면 거부하고 그 이유를 거래처에 알릴 수 있습니다.",
    reason: "거부 사유(선택)",
    refuse: "발행 거부하기",
    not_confirmed: "내용을 확인했다는 항목에 표시해 주세요.",
    memo_too_long: "거부 사유는 200자까지 쓸 수 있습니다.",
    provider_refused: "대행사업자가 처리하지 못했습니다.",
    answered_already: "이미 처리된 요청입니다. 현재 상태를 확인해 주세요.",
    page_title: "인증서 등록 페이지가 준비되었습니다",
    page_text: "아래 주소는 30초 동안만 열립니다. 새 창에서 인증서를 등록한 뒤 이 창으로 돌아와 주세요.",
    page_open: "인증서 등록 페이지 열기",
    page_back: "등록을 마쳤습니다",
    under_way: [
        "처리 중입니다",
        "대행사업자의 답을 기다리고 있습니다. 잠시 후 다시 확인해 주세요.",
    ],
    issued: ["발행되었습니다", "발행한 세금계산서는 국세청에 전송됩니다."],
    refused: ["발행을 거부했습니다", "거래처에 거부 사실을 알렸습니다."],
    taken_back: [
        "취소된 요청입니다",
        "거래처가 요청을 취소했습니다. 더 하실 일은 없습니다.",
    ],
    cancelled: ["발행이 취소되었습니다", "이 세금계산서는 효력이 없습니다."],
    sending_failed: ["국세청 전송에 실패했습니다", "거래처에 문의해 주세요."],
    draft: ["아직 요청되지 않았습니다", "거래처에 문의해 주세요."],
    forged: [
        "페이지를 찾을 수 없습니다",
        "받으신 주소를 다시 확인해 주세요.",
    ],
    expired: [
        "주소의 유효기간이 지났습니다",
        "거래처에 새 주소를 요청해 주세요. 사업자등록번호를 입력한 뒤 30분이 지났다면 받으신 주소를 다시 \
         열어 주세요.",
    ],
    replaced: [
        "더 이상 사용할 수 없는 주소입니다",
        "새 주소를 받으셨다면 그 주소를 열어 주세요.",
    ],
    locked: [
        "이 주소는 잠겼습니다",
        "사업자등록번호를 여러 번 잘못 입력했습니다. 거래처에 새 주소를 요청해 주세요.",
    ],
    broken: [
        "잠시 후 다시 시도해 주세요",
        "지금은 요청을 처리할 수 없습니다. 처리된 것은 없거나, 처리되었다면 다시 열었을 때 보입니다.",
    ],
};

const ENGLISH: Words = Words {
    code: "en",
    other: ("ko", "한국어"),
    title: "Request to issue an electronic tax invoice",
    number_title: "You are asked to issue an electronic tax invoice",
    number_text: "A business partner has written a tax invoice in your name. You can look at it \
        and issue or refuse it. To show that it is for you, enter your business registration \
        number.",
    number: "Business registration number",
    number_hint: "Ten digits",
    go_on: "Look at the invoice",
    wrong_number: "That is not the supplier's business registration number. Please check it.",
    invoice_title: "What you are asked to issue",
    from: "Requested by",
    write_date: "Date of supply",
    due: "Due to be issued by",
    total: "Total",
    pdf: "Download PDF",
    certificate: "Signing certificate",
    certificate_until: "Registered. Good until",
    certificate_expired: "The registered certificate has expired:",
    no_certificate: "To issue the invoice, register a certificate for electronic taxes or a \
        business certificate.",
    no_member: "To issue the invoice, join the provider of electronic tax invoices and register a \
        certificate. You join with what the invoice says of your company.",
    certificate_unknown: "The certificate can't be looked up at the moment. Try again later.",
    register: "Register a certificate",
    join_and_register: "Join and register a certificate",
    register_again: "Register a new certificate",
    sign_title: "Issue",
    sign_text: "The invoice is signed with your certificate and issued. It is then sent to the \
        National Tax Service.",
    confirm: "I have checked the invoice and agree to issue it.",
    sign: "Issue the invoice",
    refuse_title: "Refuse",
    refuse_text: "If something is wrong you can refuse, and tell your partner why.",
    reason: "Reason (optional)",
    refuse: "Refuse to issue",
    not_confirmed: "Please tick that you have checked the invoice.",
    memo_too_long: "A reason has at most 200 characters.",
    provider_refused: "The provider did not do it.",
    answered_already: "This request has been dealt with. Please look at how it stands.",
    page_title: "The page to register your certificate is ready",
    page_text: "The address below opens for 30 seconds. Register the certificate in the new \
        window, then come back to this one.",
    page_open: "Open the registration page",
    page_back: "I have registered it",
    under_way: [
        "Under way",
        "The provider has not answered yet. Look again in a moment.",
    ],
    issued: [
        "The invoice is issued",
        "It is sent to the National Tax Service.",
    ],
    refused: [
        "You have refused to issue the invoice",
        "Your partner has been told.",
    ],
    taken_back: [
        "The request was taken back",
        "Your partner has cancelled the request. There is nothing left to do.",
    ],
    cancelled: ["The issuance was cancelled", "This invoice has no effect."],
    sending_failed: [
        "It could not be sent to the National Tax Service",
        "Please ask your partner.",
    ],
    draft: ["It is not requested yet", "Please ask your partner."],
    forged: [
        "There is no such page",
        "Please check the address that you were given.",
    ],
    expired: [
        "This address is no longer valid",
        "Ask your partner for a new one. If you entered your number more than 30 minutes ago, open \
         the address that you were given again.",
    ],
    replaced: [
        "This address can no longer be used",
        "If you were given a newer one, open that.",
    ],
    locked: [
        "This address is locked",
        "A wrong business registration number was entered too often. Ask your partner for a new \
         address.",
    ],
    broken: [
        "Please try again in a moment",
        "The request can't be dealt with now. Nothing was done, or you see it when you open the \
         page again.",
    ],
};
