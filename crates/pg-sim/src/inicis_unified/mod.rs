//! The simulated unified authentication of KG Inicis: a window, and where it tells who it was.
//!
//! Whoever fills in the form is who answers. What the browser brings back is the address of the
//! result and the key that it is encrypted with; the result is told once.

mod request;
mod result;
mod seed;
mod window;

use std::sync::Arc;

use axum::Router;

use crate::simulator::Simulator;

pub(crate) use window::play;

/// The PG's public merchant for tests.
pub const MID: &str = "INIiasTest";
/// Its key for requests, used as it stands.
pub const API_KEY: &str = "TGdxb2l3enJDWFRTbTgvREU3MGYwUT09";
/// Its initialization vector for results.
pub const SEED_IV: &str = "SASKGINICIS00000";

/// The paths of the PG, to be nested under its base path.
pub(crate) fn routes() -> Router<Arc<Simulator>> {
    window::routes().merge(result::routes())
}
