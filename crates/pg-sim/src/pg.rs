//! Which PGs there are.

use serde::{Deserialize, Serialize};

use crate::{danal, inicis, inicis_unified, kcp, popbill};

/// A simulated PG.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Pg {
    Inicis,
    InicisUnified,
    Danal,
    Kcp,
    Popbill,
}

impl Pg {
    /// The names that controls take.
    pub(crate) const NAMES: [(&'static str, Self); 5] = [
        ("inicis", Self::Inicis),
        ("inicis_unified", Self::InicisUnified),
        ("danal", Self::Danal),
        ("kcp", Self::Kcp),
        ("popbill", Self::Popbill),
    ];
}

/// The ids of all merchants.
pub(crate) fn mids() -> impl Iterator<Item = &'static str> {
    inicis::mids().chain([
        inicis_unified::MID,
        danal::CPID,
        kcp::SITE_CODE,
        popbill::LINK_ID,
    ])
}
