//! The names of all that the admin routes change, and what of a request the audit log keeps.
//!
//! An operation that is not here is not served: that is how none can be forgotten. A detail is a
//! field of the request's body or query. Nothing secret may be named here.

/// An operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// Its method.
    pub method: &'static str,
    /// Its path below `/admin/v1`.
    pub path: &'static str,
    /// Its name in the audit log.
    pub name: &'static str,
    /// The fields that the audit log keeps.
    pub details: &'static [&'static str],
}

const fn post(
    path: &'static str,
    name: &'static str,
    details: &'static [&'static str],
) -> Operation {
    Operation {
        method: "POST",
        path,
        name,
        details,
    }
}

const fn delete(path: &'static str, name: &'static str) -> Operation {
    Operation {
        method: "DELETE",
        path,
        name,
        details: &[],
    }
}

/// All of them.
pub static OPERATIONS: &[Operation] = &[
    post("/stores", "stores.create", &["name", "parentId"]),
    post(
        "/stores/{store}/time-zone",
        "stores.time-zone",
        &["timeZone"],
    ),
    post("/stores/{store}/tier", "stores.tier", &["tier"]),
    post(
        "/stores/{store}/user-code",
        "stores.user-code",
        &["userCode"],
    ),
    post(
        "/stores/{store}/keys",
        "keys.create",
        &["name", "expiresInDays", "isV1"],
    ),
    delete("/keys/{key}", "keys.revoke"),
    post(
        "/stores/{store}/channels",
        "channels.create",
        &["name", "pgProvider", "pgMerchantId", "isTest"],
    ),
    post("/channels/{channel}/disable", "channels.disable", &[]),
    post("/channels/{channel}/enable", "channels.enable", &[]),
    post(
        "/channels/{channel}/manual-confirm",
        "channels.manual-confirm",
        &[],
    ),
    post(
        "/channels/{channel}/auto-confirm",
        "channels.auto-confirm",
        &[],
    ),
    post(
        "/stores/{store}/webhooks",
        "webhooks.set",
        &["url", "version", "contentType", "isLive"],
    ),
    delete("/stores/{store}/webhooks/{endpoint}", "webhooks.remove"),
    post(
        "/stores/{store}/webhooks/{endpoint}/secrets",
        "webhooks.rotate-secret",
        &[],
    ),
    delete(
        "/stores/{store}/webhooks/{endpoint}/secrets",
        "webhooks.expire-old-secret",
    ),
    post(
        "/stores/{store}/webhooks/{endpoint}/test",
        "webhooks.test",
        &[],
    ),
    post("/stores/{store}/listeners", "listen", &["url"]),
    post(
        "/stores/{store}/bulk-tax-invoices",
        "b2b.bulk.import",
        &["id", "name", "isTest", "isNormal", "starts", "at", "dryRun"],
    ),
    post(
        "/stores/{store}/bulk-tax-invoices/{bulk}/start",
        "b2b.bulk.start",
        &["at"],
    ),
    post(
        "/stores/{store}/bulk-tax-invoices/{bulk}/cancel",
        "b2b.bulk.cancel",
        &[],
    ),
    post(
        "/stores/{store}/tax-contracts",
        "b2b.enable",
        &["isTest", "provider", "brn"],
    ),
    delete("/stores/{store}/tax-contracts/{environment}", "b2b.disable"),
    post(
        "/stores/{store}/tax-invoices/{invoice}/webhook",
        "b2b.webhook",
        &[],
    ),
    post(
        "/stores/{store}/tax-invoices/{invoice}/invitation",
        "b2b.invite",
        &[],
    ),
    post("/backup", "backup", &["to"]),
    post(
        "/stores/{store}/payments/{payment}/escrow/accept-rejection",
        "payments.accept-rejection",
        &[],
    ),
    post(
        "/stores/{store}/payments/{payment}/disputes",
        "payments.dispute.open",
        &["pgDisputeId", "createdAt"],
    ),
    post(
        "/stores/{store}/payments/{payment}/disputes/resolve",
        "payments.dispute.resolve",
        &["pgDisputeId", "resolvedAt"],
    ),
    post(
        "/stores/{store}/profiles",
        "profiles.create",
        &["name", "isTest"],
    ),
    post(
        "/profiles/{profile}/methods",
        "profiles.set-method",
        &["method", "channelKey", "isOn", "countries", "currencies"],
    ),
    delete(
        "/profiles/{profile}/methods/{method}",
        "profiles.remove-method",
    ),
    post(
        "/stores/{store}/promotions",
        "promotions.create",
        &[
            "name",
            "cardCompany",
            "currency",
            "totalBudget",
            "startAt",
            "endAt",
        ],
    ),
    post(
        "/promotions/{promotion}",
        "promotions.edit",
        &["name", "cardCompany", "totalBudget", "startAt", "endAt"],
    ),
    post("/promotions/{promotion}/{act}", "promotions.act", &[]),
    post("/card-bins", "promotions.import-cards", &[]),
    post(
        "/stores/{store}/channel-groups",
        "routing.create",
        &["name", "isTest", "failoverTriesMax"],
    ),
    post(
        "/channel-groups/{group}",
        "routing.set",
        &["name", "on", "off", "failoverTriesMax"],
    ),
    delete("/channel-groups/{group}", "routing.delete"),
    post(
        "/channel-groups/{group}/schedules",
        "routing.schedule",
        &["startsAt"],
    ),
    delete(
        "/channel-groups/{group}/schedules/{starts_at}",
        "routing.cancel-schedule",
    ),
    Operation {
        method: "PUT",
        path: "/stores/{store}/enrolment",
        name: "settlements.enrol",
        details: &["collectedFrom"],
    },
    delete("/stores/{store}/enrolment", "settlements.withdraw"),
    post(
        "/channels/{channel}/taxation",
        "settlements.tax",
        &["taxation"],
    ),
    post(
        "/channels/{channel}/settlements",
        "settlements.import",
        &["format", "part", "replace", "dryRun", "fileName"],
    ),
    post(
        "/stores/{store}/settlements/rematch",
        "settlements.rematch",
        &[],
    ),
    post(
        "/stores/{store}/differences/{id}/accept",
        "settlements.accept",
        &["note"],
    ),
    post(
        "/stores/{store}/payments/{payment}/compare",
        "settlements.compare",
        &[],
    ),
    post(
        "/stores/{store}/windows",
        "windows.open",
        &["paymentId", "channelKey", "amount"],
    ),
    post("/windows/{transaction}/return", "windows.return", &[]),
    post("/administrators", "administrators.add", &["email"]),
    delete("/administrators/{email}", "administrators.remove"),
    post(
        "/administrators/{email}/password",
        "administrators.reset-password",
        &[],
    ),
    post(
        "/administrators/{email}/unlock",
        "administrators.unlock",
        &[],
    ),
];

/// The operation of a route, by its method and its path below `/admin/v1`.
pub(super) fn of(method: &str, path: &str) -> Option<&'static Operation> {
    OPERATIONS
        .iter()
        .find(|one| one.method == method && one.path == path)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_has_a_name_of_its_own_and_no_detail_that_could_be_secret() {
        let names: BTreeSet<&str> = OPERATIONS.iter().map(|one| one.name).collect();
        assert_eq!(names.len(), OPERATIONS.len());
        for operation in OPERATIONS {
            for detail in operation.details {
                let is_odd = [
                    "secret", "password", "token", "form", "reason", "options", "bins",
                ]
                .iter()
                .any(|word| detail.to_lowercase().contains(word) && *detail != "format");
                assert!(!is_odd, "{}: {detail}", operation.name);
            }
        }
    }

    /// Every route of the sources, by file: a method and a path for each that changes something.
    fn routes_of_the_sources() -> BTreeSet<(String, String)> {
        let mut found = BTreeSet::new();
        let mut folders = vec![std::path::PathBuf::from(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src/admin"
        ))];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.to_string_lossy().ends_with("routes.rs") {
                    let text = std::fs::read_to_string(path).unwrap();
                    found.extend(changing_routes(&text));
                }
            }
        }
        found
    }

    fn changing_routes(text: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for part in text.split(".route(").skip(1) {
            let path = part.split('"').nth(1).unwrap().to_owned();
            // Up to the parenthesis that closes the call.
            let mut depth = 1;
            let call: String = part
                .chars()
                .take_while(|one| {
                    depth += i32::from(*one == '(') - i32::from(*one == ')');
                    depth > 0
                })
                .collect();
            for method in ["post", "put", "delete", "patch", "any", "on"] {
                let is_called = call.match_indices(&format!("{method}(")).any(|(at, _)| {
                    let before = call[..at].chars().next_back();
                    before.is_none_or(|one| !one.is_alphanumeric() && one != '_')
                });
                if is_called {
                    found.push((method.to_uppercase(), path.clone()));
                }
            }
        }
        found
    }

    #[test]
    fn every_route_that_changes_something_has_an_operation_and_every_operation_a_route() {
        let named: BTreeSet<(String, String)> = OPERATIONS
            .iter()
            .map(|one| (one.method.to_owned(), one.path.to_owned()))
            .collect();
        let served = routes_of_the_sources();
        assert!(served.len() > 40, "the sources are read: {served:?}");
        let unnamed: Vec<_> = served.difference(&named).collect();
        assert!(unnamed.is_empty(), "not in the audit log: {unnamed:?}");
        let unserved: Vec<_> = named.difference(&served).collect();
        assert!(unserved.is_empty(), "no such route: {unserved:?}");
    }
}
