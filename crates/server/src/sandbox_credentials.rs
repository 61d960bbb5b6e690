//! The sandbox's credentials: fixed, public, and refused by `naru serve`.
//!
//! They are the same on every machine so that examples can be copied, and they say in their own
//! text what they are. The PG keys below them are KG Inicis's published test merchants, and those
//! that the simulated Danal and KCP know: these PGs publish none.

/// The store.
pub const STORE_ID: &str = "store-6e617275-0000-4000-8000-000000000001";
/// Its merchant.
pub const MERCHANT_ID: &str = "merchant-6e617275-0000-4000-8000-000000000000";
/// The merchant's company in test data of tax invoices.
pub const BUSINESS_NUMBER: &str = "1234567891";
/// The V2 API secret.
pub const API_SECRET: &str =
    "NaruSandboxPublicV2ApiSecret0000000000000000000000000000000000000000000000000000000001";
/// The signing secret of webhooks: 32 bytes, `naru sandbox webhook secret 0001`.
pub const WEBHOOK_SECRET: &str = "whsec_bmFydSBzYW5kYm94IHdlYmhvb2sgc2VjcmV0IDAwMDE=";
/// The V1 merchant code, which browsers pass to `IMP.init`.
pub const V1_USER_CODE: &str = "imp00000001";
/// The V1 REST key.
pub const V1_IMP_KEY: &str = "0000000000000001";
/// The V1 REST secret.
pub const V1_IMP_SECRET: &str =
    "NaruSandboxPublicV1RestSecret000000000000000000000000000000000000000000000000001";
/// Who may sign in to the console.
pub const CONSOLE_EMAIL: &str = "sandbox@naru.example";
/// The console's password.
pub const CONSOLE_PASSWORD: &str = "naru-sandbox-password";

/// A channel that every sandbox has.
#[derive(Debug, Clone, Copy)]
pub struct SandboxChannel {
    /// What requests name it by.
    pub key: &'static str,
    /// Its id.
    pub id: &'static str,
    /// For people.
    pub name: &'static str,
    /// The contract's PG code.
    pub pg_provider: &'static str,
    /// The merchant id at the PG.
    pub pg_merchant_id: &'static str,
    /// The PG's test keys, by the connector's names.
    pub secrets: &'static [(&'static str, &'static str)],
}

/// The sign key of all public Inicis test merchants.
const INICIS_SIGN_KEY: &str = "SU5JTElURV9UUklQTEVERVNfS0VZU1RS";

/// The channels, the one for most purposes first.
pub const CHANNELS: &[SandboxChannel] = &[
    SandboxChannel {
        key: "channel-key-6e617275-0000-4000-8000-000000000101",
        id: "channel-id-6e617275-0000-4000-8000-000000000101",
        name: "KG Inicis, one-off and key-in",
        pg_provider: "INICIS_V2",
        pg_merchant_id: "INIpayTest",
        secrets: &[
            ("sign_key", INICIS_SIGN_KEY),
            ("iniapi_key", "ItEQKi3rY7uvDS8l"),
            ("iniapi_iv", "HYb3yQ4f65QL89=="),
            ("mobile_hash_key", "3CB8183A4BE283555ACC8363C0360223"),
        ],
    },
    SandboxChannel {
        key: "channel-key-6e617275-0000-4000-8000-000000000102",
        id: "channel-id-6e617275-0000-4000-8000-000000000102",
        name: "KG Inicis, billing keys",
        pg_provider: "INICIS_V2",
        pg_merchant_id: "INIBillTst",
        secrets: &[
            ("sign_key", INICIS_SIGN_KEY),
            ("iniapi_key", "rKnPljRn5m6J9Mzz"),
            ("iniapi_iv", "W2KLNKra6Wxc1P=="),
            ("inilite_key", "b09LVzhuTGZVaEY1WmJoQnZzdXpRdz09"),
        ],
    },
    SandboxChannel {
        key: "channel-key-6e617275-0000-4000-8000-000000000103",
        id: "channel-id-6e617275-0000-4000-8000-000000000103",
        name: "KG Inicis, escrow",
        pg_provider: "INICIS_V2",
        pg_merchant_id: "iniescrow0",
        secrets: &[
            ("sign_key", INICIS_SIGN_KEY),
            ("iniapi_key", "yERbIlJ3NhTeObsA"),
            ("iniapi_iv", "tOGDXbfoajk2DQ=="),
            ("mobile_hash_key", "37F3A120C1DFCDEB708B00F5383D2263"),
        ],
    },
    SandboxChannel {
        key: "channel-key-6e617275-0000-4000-8000-000000000201",
        id: "channel-id-6e617275-0000-4000-8000-000000000201",
        name: "Danal, identity verification",
        pg_provider: "DANAL",
        pg_merchant_id: naru_pg_sim::DANAL_CPID,
        secrets: &[("cp_password", naru_pg_sim::DANAL_PASSWORD)],
    },
    SandboxChannel {
        key: "channel-key-6e617275-0000-4000-8000-000000000202",
        id: "channel-id-6e617275-0000-4000-8000-000000000202",
        name: "NHN KCP, identity verification",
        pg_provider: "KCP_V2",
        pg_merchant_id: naru_pg_sim::KCP_SITE_CODE,
        secrets: &[
            ("certificate", naru_pg_sim::KCP_CERTIFICATE),
            ("private_key", naru_pg_sim::KCP_PRIVATE_KEY),
        ],
    },
    SandboxChannel {
        key: "channel-key-6e617275-0000-4000-8000-000000000203",
        id: "channel-id-6e617275-0000-4000-8000-000000000203",
        name: "KG Inicis, unified authentication",
        pg_provider: "INICIS_UNIFIED",
        pg_merchant_id: naru_pg_sim::INICIS_UNIFIED_MID,
        secrets: &[
            ("api_key", naru_pg_sim::INICIS_UNIFIED_API_KEY),
            ("seed_iv", naru_pg_sim::INICIS_UNIFIED_SEED_IV),
        ],
    },
];

/// The key of the first channel of a PG.
pub(crate) fn channel_of(pg_provider: &str) -> &'static str {
    let found = CHANNELS.iter().find(|it| it.pg_provider == pg_provider);
    found.map_or("", |channel| channel.key)
}

/// First digits whose card company a sandbox knows from its first start on, for promotions: one
/// for each company that the simulated PG's cards are spread over, as the PG says it itself.
pub const CARDS: [(&str, &str); 8] = [
    ("400000", "SAMSUNG_CARD"),
    ("401288", "HANA_CARD"),
    ("402000", "KOOKMIN_CARD"),
    ("410000", "NH_CARD"),
    ("411111", "LOTTE_CARD"),
    ("500000", "SHINHAN_CARD"),
    ("540987", "BC_CARD"),
    ("555555", "HYUNDAI_CARD"),
];

/// A channel group that every sandbox has: two channels that take cards, half of the payments each.
pub const CHANNEL_GROUP_ID: &str = "channel-group-test-6e617275-0000-4000-8000-000000000201";
/// The group's name.
pub const CHANNEL_GROUP_NAME: &str = "Two card channels";
/// The channels of the group, with their weights.
pub const CHANNEL_GROUP: [(&str, u8); 2] = [(CHANNELS[0].key, 50), (CHANNELS[1].key, 50)];

/// Whether a text is one of the published credentials. The PG's own test keys are not: a test
/// channel at the real PG is a fair use of `naru serve`.
pub fn is_sandbox_credential(text: &str) -> bool {
    let fixed = [
        STORE_ID,
        MERCHANT_ID,
        API_SECRET,
        WEBHOOK_SECRET,
        V1_USER_CODE,
        V1_IMP_KEY,
        V1_IMP_SECRET,
        CONSOLE_EMAIL,
        CONSOLE_PASSWORD,
        CHANNEL_GROUP_ID,
    ];
    fixed.contains(&text)
        || CHANNELS
            .iter()
            .any(|channel| [channel.key, channel.id].contains(&text))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn the_webhook_secret_is_32_bytes() {
        let bytes = STANDARD
            .decode(WEBHOOK_SECRET.trim_start_matches("whsec_"))
            .unwrap();
        assert_eq!(bytes, b"naru sandbox webhook secret 0001");
    }

    #[test]
    fn the_api_secrets_are_as_long_as_real_ones() {
        assert_eq!(API_SECRET.len(), 86);
        assert_eq!(V1_IMP_KEY.len(), 16);
        assert_eq!(V1_IMP_SECRET.len(), 80);
    }

    #[test]
    fn published_credentials_are_known_and_pg_test_keys_are_not_among_them() {
        assert!(is_sandbox_credential(API_SECRET));
        assert!(is_sandbox_credential(CHANNELS[2].key));
        assert!(!is_sandbox_credential(INICIS_SIGN_KEY));
        assert!(!is_sandbox_credential(""));
    }
}
