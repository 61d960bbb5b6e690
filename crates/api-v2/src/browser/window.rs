//! How a window stands before the customer, and how the page learns its end.

use naru_domain::{Opener, WindowType, return_address};
use naru_engine::Device;
use serde::Deserialize;

use super::refused::Refused;

/// The `windowType` of a request: one for each kind of device.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(super) struct WindowTypes {
    pc: Option<Asked>,
    mobile: Option<Asked>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Asked {
    Iframe,
    Popup,
    Redirection,
    Ui,
}

/// What a request says of its window.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub(super) types: Option<WindowTypes>,
    /// How it stands on a computer where the page does not say.
    pub(super) usual: WindowType,
    pub(super) redirect_url: Option<&'a str>,
    pub(super) force_redirect: bool,
    pub(super) device: Device,
    /// The page's origin, if it has one.
    pub(super) origin: Option<String>,
}

/// How the window stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown(WindowType);

impl Shown {
    pub(super) const fn name(self) -> &'static str {
        match self.0 {
            WindowType::Iframe => "IFRAME",
            WindowType::Popup => "POPUP",
            WindowType::Redirection => "REDIRECTION",
        }
    }
}

impl Wanted<'_> {
    /// A window in the place of the page needs somewhere to go afterwards; without it the page
    /// stays, on phones too. Where the page stays it is told, unless it wants to be left.
    pub(super) fn decide(self) -> Result<(Opener, Shown), Refused> {
        let types = self.types.unwrap_or_default();
        let (asked, usual) = match self.device {
            Device::Pc => (types.pc, self.usual),
            Device::Mobile => (types.mobile, WindowType::Redirection),
        };
        let redirect_url = self.redirect_url.map(address).transpose()?;
        let window_type = match asked {
            Some(Asked::Ui) => {
                let message = "`windowType`: this channel has no window of the type `UI`; use \
                               `IFRAME`, `POPUP` or `REDIRECTION`";
                return Err(Refused::bad(message));
            }
            Some(Asked::Iframe) => WindowType::Iframe,
            Some(Asked::Popup) => WindowType::Popup,
            Some(Asked::Redirection) => WindowType::Redirection,
            None => usual,
        };
        let window_type = match (window_type, &redirect_url) {
            (WindowType::Redirection, None) => WindowType::Iframe,
            (window_type, _) => window_type,
        };
        let goes = self.force_redirect || window_type == WindowType::Redirection;
        let opener = Opener {
            window_type,
            origin: self.origin,
            redirect_url: redirect_url.filter(|_| goes),
            shop: None,
        };
        Ok((opener, Shown(window_type)))
    }
}

/// Where the customer goes at the end.
pub(super) fn address(url: &str) -> Result<String, Refused> {
    return_address(url).ok_or_else(|| {
        Refused::bad("`redirectUrl`: expected an absolute address of the web or of an app")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn decide(device: Device, types: serde_json::Value, url: Option<&str>, force: bool) -> String {
        let wanted = Wanted {
            types: serde_json::from_value(types).unwrap(),
            usual: WindowType::Iframe,
            redirect_url: url,
            force_redirect: force,
            device,
            origin: None,
        };
        match wanted.decide() {
            Ok((opener, shown)) => {
                let goes = if opener.redirect_url.is_some() {
                    " and goes"
                } else {
                    ""
                };
                format!("{}{goes}", shown.name())
            }
            Err(refused) => format!("{refused:?}"),
        }
    }

    #[test]
    fn how_the_window_stands_and_how_its_end_is_told() {
        let url = Some("https://shop.test/done");
        for (device, types, url, force, expected) in [
            (Device::Pc, json!(null), None, false, "IFRAME"),
            (Device::Pc, json!(null), url, false, "IFRAME"),
            (Device::Pc, json!(null), url, true, "IFRAME and goes"),
            (Device::Pc, json!(null), None, true, "IFRAME"),
            (Device::Pc, json!({ "pc": "POPUP" }), url, false, "POPUP"),
            (
                Device::Pc,
                json!({ "pc": "POPUP" }),
                url,
                true,
                "POPUP and goes",
            ),
            (
                Device::Pc,
                json!({ "pc": "REDIRECTION" }),
                url,
                false,
                "REDIRECTION and goes",
            ),
            (
                Device::Pc,
                json!({ "pc": "REDIRECTION" }),
                None,
                false,
                "IFRAME",
            ),
            (
                Device::Pc,
                json!({ "mobile": "POPUP" }),
                None,
                false,
                "IFRAME",
            ),
            (
                Device::Mobile,
                json!(null),
                url,
                false,
                "REDIRECTION and goes",
            ),
            (Device::Mobile, json!(null), None, false, "IFRAME"),
            (
                Device::Mobile,
                json!({ "mobile": "POPUP" }),
                url,
                false,
                "POPUP",
            ),
            (
                Device::Mobile,
                json!({ "pc": "POPUP" }),
                url,
                true,
                "REDIRECTION and goes",
            ),
        ] {
            let told = decide(device, types.clone(), url, force);
            assert_eq!(told, expected, "{device:?} {types} {url:?} {force}");
        }
        assert!(decide(Device::Pc, json!({ "pc": "UI" }), None, false).contains("BadRequest"));
    }
}
