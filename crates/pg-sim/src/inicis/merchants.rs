//! The public test merchants of KG Inicis, with their published INIAPI keys.
//!
//! Only test merchants are known here; a real merchant's key must never be added. The sandbox
//! gives each of them every contract: key-in, billing keys, virtual-account refunds and the
//! prevention of duplicate order ids (which is what allows an inquiry by order id alone).

/// A merchant of the PG.
pub(crate) struct Merchant {
    pub(crate) mid: &'static str,
    /// Hash key and AES key, used as text.
    pub(crate) api_key: &'static str,
    /// AES initialisation vector: looks like Base64, but its 16 characters are used as they are.
    pub(crate) api_iv: &'static str,
    /// What signs the windows for phones; without one they are not signed.
    pub(crate) mobile_key: Option<&'static str>,
    /// What signs the windows of billing keys for phones; without one there is none.
    pub(crate) lite_key: Option<&'static str>,
}

/// What signs the windows for computers: the same for every test merchant.
pub(crate) const SIGN_KEY: &str = "SU5JTElURV9UUklQTEVERVNfS0VZU1RS";

static KNOWN: [Merchant; 3] = [
    Merchant {
        mid: "INIpayTest",
        api_key: "ItEQKi3rY7uvDS8l",
        api_iv: "HYb3yQ4f65QL89==",
        mobile_key: Some("3CB8183A4BE283555ACC8363C0360223"),
        lite_key: None,
    },
    Merchant {
        mid: "iniescrow0",
        api_key: "yERbIlJ3NhTeObsA",
        api_iv: "tOGDXbfoajk2DQ==",
        mobile_key: Some("37F3A120C1DFCDEB708B00F5383D2263"),
        lite_key: None,
    },
    Merchant {
        mid: "INIBillTst",
        api_key: "rKnPljRn5m6J9Mzz",
        api_iv: "W2KLNKra6Wxc1P==",
        mobile_key: None,
        lite_key: Some("b09LVzhuTGZVaEY1WmJoQnZzdXpRdz09"),
    },
];

/// The ids of the known merchants.
pub(crate) fn mids() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|merchant| merchant.mid)
}

/// The merchant with this id.
pub(crate) fn find(mid: &str) -> Option<&'static Merchant> {
    KNOWN.iter().find(|merchant| merchant.mid == mid)
}
