//! Companies behind PG providers: a provider is one of a company's interfaces, by the contract's
//! code, such as `INICIS_V2` of `INICIS`.

/// The company of a provider; nothing for one whose company the contract does
/// not name.
pub fn pg_company(provider: &str) -> Option<&'static str> {
    Some(match provider {
        "HTML5_INICIS" | "INICIS" | "INICIS_UNIFIED" | "INICIS_V2" | "INICIS_JP" => "INICIS",
        "PAYPAL" | "PAYPAL_V2" => "PAYPAL",
        "DANAL" | "DANAL_TPAY" => "DANAL",
        "NICE" | "NICE_V2" => "NICE",
        "JTNET" => "JTNET",
        "UPLUS" | "TOSSPAYMENTS" | "TOSS_BRANDPAY" => "TOSSPAYMENTS",
        "NAVERPAY" | "NAVERCO" => "NAVERPAY",
        "KAKAO" => "KAKAO",
        "KAKAOPAY" => "KAKAOPAY",
        "SETTLE" | "SETTLE_ACC" | "SETTLE_FIRM" | "HECTO_GLOBAL" => "SETTLE",
        "KCP" | "KCP_BILLING" | "KCP_DIRECT" | "KCP_QUICK" | "KCP_V2" => "KCP",
        "MOBILIANS" | "MOBILIANS_V2" => "MOBILIANS",
        "SYRUP" => "SYRUP",
        "KICC" | "KICC_V2" => "KICC",
        "EXIMBAY" | "EXIMBAY_V2" => "EXIMBAY",
        "SMILEPAY" => "SMILEPAY",
        "PAYCO" => "PAYCO",
        "ALIPAY" => "ALIPAY",
        "PAYPLE" => "PAYPLE",
        "CHAI" => "CHAI",
        "BLUEWALNUT" => "BLUEWALNUT",
        "SMARTRO" | "SMARTRO_V2" => "SMARTRO",
        "PAYMENTWALL" => "PAYMENTWALL",
        "DAOU" => "DAOU",
        "GALAXIA" => "GALAXIA",
        "TOSSPAY" | "TOSSPAY_V2" => "TOSSPAY",
        "KSNET" => "KSNET",
        "WELCOME" => "WELCOME",
        "KPN" => "KPN",
        "HYPHEN" => "HYPHEN",
        "PAYLETTER_GLOBAL" => "PAYLETTER",
        "TRIPLE_A" => "TRIPLE_A",
        "INNOPAY" => "INNOPAY",
        _ => return None,
    })
}

/// The PG as the contract's reports name it: mostly by its company.
pub fn reported_pg(provider: &str) -> &str {
    match provider {
        "UPLUS" => "UPLUS",
        provider => match pg_company(provider) {
            Some("NICE") => "NICEPAY",
            Some("SETTLE") => "HECTO",
            Some("DAOU") => "KIWOOMPAY",
            Some("PAYLETTER") => "PAYLETTER_GLOBAL",
            Some(company) => company,
            None => provider,
        },
    }
}
