//! Names of PGs: this face's, and the codes of their interfaces on V2.

use naru_engine::payments::PgNamed;

/// Names of this face that are not the V2 code in small letters, with the V2 codes behind them.
/// The first of them is what such a channel is called here.
const NAMES: [(&str, &[&str]); 6] = [
    ("html5_inicis", &["INICIS_V2", "HTML5_INICIS", "INICIS"]),
    ("inicis", &["INICIS", "INICIS_V2", "HTML5_INICIS"]),
    ("uplus", &["UPLUS", "TOSSPAYMENTS"]),
    ("nice", &["NICE", "NICE_V2"]),
    ("smartro", &["SMARTRO", "SMARTRO_V2"]),
    ("kcp_billing", &["KCP_BILLING", "KCP", "KCP_V2"]),
];

/// What this face calls the interface of a PG.
pub(crate) fn name(provider: &str) -> String {
    let named = NAMES
        .iter()
        .find(|(_, codes)| codes.first() == Some(&provider));
    named.map_or_else(|| provider.to_lowercase(), |(name, _)| (*name).to_owned())
}

/// `code` or `code.mid`.
pub(crate) fn named(pg: &str) -> PgNamed {
    let (code, merchant_id) = match pg.split_once('.') {
        Some((code, merchant_id)) => (code, Some(merchant_id.to_owned())),
        None => (pg, None),
    };
    let known = NAMES.iter().find(|(name, _)| *name == code);
    let providers = known.map_or_else(
        || vec![code.to_uppercase()],
        |(_, codes)| codes.iter().map(|code| (*code).to_owned()).collect(),
    );
    PgNamed {
        providers,
        merchant_id: merchant_id.filter(|id| !id.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        assert_eq!(name("INICIS_V2"), "html5_inicis");
        assert_eq!(name("TOSSPAYMENTS"), "tosspayments");
        let inicis = named("html5_inicis.INIpayTest");
        assert!(inicis.providers.contains(&"INICIS_V2".to_owned()));
        assert_eq!(inicis.merchant_id.as_deref(), Some("INIpayTest"));
        assert_eq!(named("danal_tpay").providers, ["DANAL_TPAY"]);
    }
}
