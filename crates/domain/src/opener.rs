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
    /// What the shop calls itself there, if it is not by its store's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shop: Option<String>,
}

/// More than any origin has, in bytes.
const ORIGIN_BYTES_MAX: usize = 300;
/// More than any address that browsers take, in bytes.
const ADDRESS_BYTES_MAX: usize = 2_048;
/// Schemes whose addresses would run in our own page, or read the customer's disk.
const REFUSED_SCHEMES: [&str; 6] = [
    "javascript",
    "data",
    "vbscript",
    "blob",
    "file",
    "filesystem",
];

/// The origin that a browser names, if it is one. `null` is what pages without one have: files in
/// an app's view, frames in a sandbox. It will stand in a policy header, so it may be made only of
/// what origins are made of.
pub fn page_origin(header: &str) -> Option<String> {
    let (scheme, host) = header.split_once("://")?;
    let is_plain = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || b"-._:[]+".contains(&c))
    };
    (header.len() <= ORIGIN_BYTES_MAX && is_plain(scheme) && is_plain(host))
        .then(|| header.to_owned())
}

/// An address to return to: absolute, of any scheme but those that run code, since apps have
/// schemes of their own. What is not ASCII in it is encoded; everything else is left as it is.
pub fn return_address(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || b"+-.".contains(&c));
    let scheme = scheme.to_ascii_lowercase();
    let has_host = rest
        .strip_prefix("//")
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
    let is_web = matches!(scheme.as_str(), "http" | "https");
    let is_spaced = url
        .chars()
        .any(|c| c.is_control() || c.is_whitespace() || c == '"' || c == '<');
    let is_refused = !is_scheme
        || REFUSED_SCHEMES.contains(&scheme.as_str())
        || is_spaced
        || (is_web && !has_host)
        || url.len() > ADDRESS_BYTES_MAX;
    (!is_refused).then(|| {
        url.bytes()
            .map(|byte| match byte {
                0..=0x7f => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_an_origin_is_kept() {
        for good in [
            "https://shop.test",
            "http://localhost:3000",
            "http://[::1]:80",
            "capacitor://localhost",
        ] {
            assert_eq!(page_origin(good).as_deref(), Some(good));
        }
        for bad in [
            "null",
            "",
            "https://",
            "https://shop.test; script-src *",
            "https://a/b",
        ] {
            assert_eq!(page_origin(bad), None, "{bad}");
        }
    }

    #[test]
    fn addresses_of_apps_are_taken_and_addresses_that_run_code_are_not() {
        for good in [
            "https://shop.test",
            "http://localhost:3000/done?order=1#top",
            "portone://payment/complete",
            "kr.shop.App-2:done",
            "HTTPS://shop.test/",
        ] {
            assert_eq!(return_address(good).as_deref(), Some(good));
        }
        assert_eq!(
            return_address("https://shop.test/완료").as_deref(),
            Some("https://shop.test/%EC%99%84%EB%A3%8C")
        );
        for bad in [
            "",
            "/done",
            "done",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "https:done",
            "https://",
            "https:///done",
            "https://shop.test/a b",
            "https://shop.test/\r\nset-cookie: a=b",
            "1app://done",
            "://done",
        ] {
            assert_eq!(return_address(bad), None, "{bad:?}");
        }
    }
}
