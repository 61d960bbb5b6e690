//! Who uses the command line, as this machine knows it: for the audit log, which can't check it.

use http::{HeaderMap, HeaderValue};
use naru_engine::Actor;
use naru_engine::records::ActVia;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::client::USER_HEADER;

/// The user's name; of root, who became it by `sudo`.
pub(crate) fn name() -> String {
    let uid = rustix::process::getuid();
    let before = std::env::var("SUDO_USER").ok();
    if let Some(before) = before.filter(|name| uid.is_root() && !name.is_empty()) {
        return before;
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    of(&users, uid.as_raw()).unwrap_or_else(|| format!("uid {}", uid.as_raw()))
}

/// The name of a user in `/etc/passwd`.
fn of(users: &str, uid: u32) -> Option<String> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let found: u32 = fields.nth(1)?.parse().ok()?;
        (found == uid).then(|| name.to_owned())
    })
}

/// What tells a server.
pub(super) fn headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    let name = utf8_percent_encode(&name(), NON_ALPHANUMERIC).to_string();
    if let Ok(value) = HeaderValue::from_str(&name) {
        headers.insert(USER_HEADER, value);
    }
    headers
}

/// Who works on a store without a server.
pub(crate) fn actor() -> Actor {
    Actor {
        name: name(),
        via: ActVia::CommandLine,
        address: None,
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_user_has_the_name_of_their_number() {
        let users = "root:x:0:0:root:/root:/bin/bash\nbroken\nhong:x:1000:1000::/home/hong:/bin/sh";
        assert_eq!(of(users, 0).as_deref(), Some("root"));
        assert_eq!(of(users, 1000).as_deref(), Some("hong"));
        assert_eq!(of(users, 1), None);
    }
}
