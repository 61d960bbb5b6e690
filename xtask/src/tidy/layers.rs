//! The direction of dependencies between our crates. Nothing points up.
//!
//! Only normal dependencies count: a crate's tests may use what stands above it.

use super::Finding;
use super::metadata::Graph;

/// Which of our crates each crate may depend on. A crate that is not listed here fails the check:
/// it needs a place first.
const ALLOWED: &[(&str, &[&str])] = &[
    ("naru-domain", &[]),
    ("naru-wire-v1", &[]),
    ("naru-wire-v2", &[]),
    ("naru-pg-sim", &[]),
    ("naru-documents", &["naru-domain"]),
    ("naru-store", &["naru-domain"]),
    ("naru-connector", &["naru-domain"]),
    ("naru-store-memory", &["naru-store", "naru-domain"]),
    ("naru-store-postgres", &["naru-store", "naru-domain"]),
    ("naru-store-sqlite", &["naru-store", "naru-domain"]),
    ("naru-connectors", &["naru-connector", "naru-domain"]),
    ("naru-egress", &["naru-connector", "naru-domain"]),
    (
        "naru-engine",
        &["naru-store", "naru-connector", "naru-domain"],
    ),
    (
        "naru-api-v1",
        &["naru-engine", "naru-wire-v1", "naru-domain"],
    ),
    (
        "naru-api-v2",
        &["naru-engine", "naru-wire-v2", "naru-domain"],
    ),
    ("naru-pages", &["naru-engine", "naru-domain"]),
    (
        "naru-workers",
        &["naru-engine", "naru-store", "naru-connector", "naru-domain"],
    ),
];

/// These wire everything together.
const FREE: &[&str] = &[
    "naru-bench",
    "naru-server",
    "naru-sim",
    "naru-testkit",
    "xtask",
];

/// What points the wrong way.
pub fn check(graph: &Graph) -> Vec<Finding> {
    let names: Vec<&str> = graph.own().map(|p| p.name.as_str()).collect();
    let mut findings = Vec::new();
    for package in graph.own().filter(|p| !FREE.contains(&p.name.as_str())) {
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == package.name) else {
            findings.push(Finding::new(
                &package.name,
                0,
                "has no place in the layers yet",
            ));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|d| d.kind.is_none()) {
            let name = dependency.name.as_str();
            if names.contains(&name) && !allowed.contains(&name) {
                let what = format!("must not depend on `{name}`");
                findings.push(Finding::new(&package.name, 0, what));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::metadata::{Dependency, Package};
    use super::*;

    #[test]
    fn a_dependency_upwards_is_found() {
        let mut domain = Package::own("naru-domain", &["naru-store", "serde"]);
        domain.dependencies.push(Dependency {
            name: "naru-testkit".to_owned(),
            kind: Some("dev".to_owned()),
        });
        let packages = vec![
            domain,
            Package::own("naru-store", &["naru-domain"]),
            Package::own("naru-testkit", &["naru-store"]),
            Package::own("naru-other", &[]),
        ];
        let found: Vec<String> = check(&Graph { packages })
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            found,
            [
                "naru-domain: must not depend on `naru-store`",
                "naru-other: has no place in the layers yet",
            ]
        );
    }
}
