//! The page in the customer's browser that opened a window, and how it is told the end.

use serde::{Deserialize, Serialize};

/// How a window stands before the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WindowType {
    /// In a frame of the merchant's page.
    Iframe,
    /// In a browser window of its own.
    Popup,
    /// In the place of the merchant's page.
    Redirection,
}

/// The page that opened a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opener {
    /// How the window stands.
    pub window_type: WindowType,
    /// The page's origin, as the browser named it; nothing if it has none, as in an app's view of
    /// a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Where the customer goes at the end; without it the page is told, and stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
}
