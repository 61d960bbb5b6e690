//! Connectors, one folder per PG, and the list of them.
//!
//! A PG's folder may use the small modules here (`exchange`, `form`, `hash`,
//! `identity`, `kst`, `settings`) and never another PG's folder.
//! Nothing in this crate sends, waits or reads a clock: connectors turn operations into bytes and
//! bytes into outcomes. Invariant: [`all`] is the one list; what is not in it does not exist for
//! the engine.

mod danal;
mod exchange;
mod form;
mod hash;
mod identity;
mod inicis;
mod inicis_unified;
mod kcp;
mod kst;
mod popbill;
mod settings;
mod settlement;

use naru_connector::Connector;
use naru_connector::tax::TaxProvider;

pub use settlement::{
    FileProblem, LineProblem, NumberedLine, Record as CsvRecord, SettlementFormat, read_csv,
    read_settlement_file, settlement_support,
};

static ALL: [&dyn Connector; 4] = [
    &inicis::Inicis,
    &danal::Danal,
    &kcp::Kcp,
    &inicis_unified::InicisUnified,
];

/// Every connector.
pub fn all() -> &'static [&'static dyn Connector] {
    &ALL
}

/// The connector for the contract's PG code, such as `INICIS_V2`.
pub fn connector(pg_provider: &str) -> Option<&'static dyn Connector> {
    ALL.into_iter()
        .find(|connector| connector.capabilities().pg_provider == pg_provider)
}

/// The tax-invoice provider of that name.
pub fn tax_provider(name: &str) -> Option<&'static dyn TaxProvider> {
    static TAX: [&dyn TaxProvider; 1] = [&popbill::Popbill];
    TAX.into_iter().find(|provider| provider.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connector_is_found_by_its_exact_code() {
        assert_eq!(
            connector("INICIS_V2").map(|found| found.capabilities().name),
            Some("inicis")
        );
        assert!(connector("inicis_v2").is_none());
        assert!(connector("").is_none());
    }

    #[test]
    fn no_two_connectors_share_a_code_or_a_name() {
        for (at, one) in all().iter().enumerate() {
            for other in &all()[at + 1..] {
                assert_ne!(
                    one.capabilities().pg_provider,
                    other.capabilities().pg_provider
                );
                assert_ne!(one.capabilities().name, other.capabilities().name);
            }
        }
    }
}
