//! What may be written on a tax invoice: one line a rule.

use naru_domain::b2b::tax_invoice::{
    Document, DocumentKeys, ExtraContact, Issuance, Item, ItemField, Modification,
    ModificationReason, Part, PartyField, Rules, Taxation, Totals, check,
};
use naru_domain::b2b::{Decimal, Side};

use crate::tax_invoice_sample::{document, keys};

const RULES: Rules = Rules {
    contacts_max: 5,
    issue_on: None,
};

fn part_of(change: impl FnOnce(&mut Document)) -> Option<Part> {
    let mut changed = document(Issuance::Forward);
    change(&mut changed);
    check(&changed, &keys(true, true), RULES)
        .err()
        .map(|flaw| flaw.part)
}

fn modification(reason: ModificationReason) -> Modification {
    Modification {
        reason,
        original_approval_number: "20260302410000000000abcd".to_owned(),
        original_id: None,
        root_id: None,
    }
}

fn negated(document: &mut Document) {
    let Totals { supply, tax, total } = document.totals;
    document.totals = Totals {
        supply: -supply,
        tax: -tax,
        total: -total,
    };
    document.items.clear();
}

#[test]
fn an_ordinary_invoice_is_accepted() {
    assert_eq!(part_of(|_| {}), None);
}

#[test]
fn document_keys_have_up_to_24_plain_characters() {
    for (key, is_right) in [
        ("a", true),
        ("A-z_0123456789-0123456789"[..24].as_ref(), true),
        ("", false),
        ("with.dot", false),
        ("키", false),
        ("0123456789012345678901234", false),
    ] {
        let keys = DocumentKeys {
            supplier: Some(key.to_owned()),
            recipient: None,
        };
        let found = check(&document(Issuance::Forward), &keys, RULES);
        assert_eq!(found.is_ok(), is_right, "{key}");
        if let Err(flaw) = found {
            assert_eq!(flaw.part, Part::DocumentKey(Side::Supplier));
        }
    }
}

#[test]
fn counts_and_lengths_have_limits() {
    let item = || Item {
        name: Some("연필".to_owned()),
        ..Item::default()
    };
    assert_eq!(part_of(|d| d.items = vec![item(); 99]), None);
    assert_eq!(part_of(|d| d.items = vec![item(); 100]), Some(Part::Items));
    assert_eq!(part_of(|d| d.remarks = vec!["비고".to_owned(); 3]), None);
    let remarks = |d: &mut Document| d.remarks = vec!["비고".to_owned(); 4];
    assert_eq!(part_of(remarks), Some(Part::Remarks));
    let contact = ExtraContact {
        name: None,
        email: "a@shop.example".to_owned(),
        phone_number: None,
    };
    let six = |d: &mut Document| d.contacts = vec![contact.clone(); 6];
    assert_eq!(part_of(six), Some(Part::Contacts));
    assert_eq!(part_of(|d| d.book_volume = Some(9_999)), None);
    assert_eq!(
        part_of(|d| d.book_volume = Some(10_000)),
        Some(Part::BookVolume)
    );
    assert_eq!(part_of(|d| d.book_issue = Some(-1)), Some(Part::BookIssue));
    let short = |d: &mut Document| d.recipient.tax_registration_id = Some("123".to_owned());
    let field = Part::Party(Side::Recipient, PartyField::TaxRegistrationId);
    assert_eq!(part_of(short), Some(field));
    // Characters, not bytes.
    assert_eq!(part_of(|d| d.supplier.name = Some("가".repeat(200))), None);
    let long = |d: &mut Document| d.supplier.name = Some("가".repeat(201));
    assert_eq!(
        part_of(long),
        Some(Part::Party(Side::Supplier, PartyField::Name))
    );
}

#[test]
fn quantities_and_unit_costs_have_ranges() {
    let quantity = |value, scale| part_of(|d| d.items[0].quantity = Decimal::new(value, scale));
    assert_eq!(quantity(99_999_999_999, 2), None);
    let part = Some(Part::Item(0, ItemField::Quantity));
    assert_eq!(quantity(100_000_000_000, 2), part);
    assert_eq!(quantity(-10_000_000_000, 2), part);
    let cost = |value, scale| part_of(|d| d.items[0].unit_cost = Decimal::new(value, scale));
    assert_eq!(cost(99_999_999_999_999_999, 2), None);
    assert_eq!(
        cost(99_999_999_999_999_999, 1),
        Some(Part::Item(0, ItemField::UnitCost))
    );
}

#[test]
fn amounts_agree() {
    assert_eq!(part_of(|d| d.totals.total = 10_999), Some(Part::Total));
    let apart = |d: &mut Document| {
        d.totals = Totals {
            supply: 10_001,
            tax: 999,
            total: 11_000,
        };
    };
    assert_eq!(part_of(apart), Some(Part::SupplyTotal));
    assert_eq!(
        part_of(|d| d.items[0].tax = Some(999)),
        Some(Part::TaxTotal)
    );
    // A line without an amount: the sums can't be compared.
    assert_eq!(part_of(|d| d.items[0].supply = None), None);
    assert_eq!(part_of(|d| d.split.cash = Some(10_999)), Some(Part::Split));
    let halves = |d: &mut Document| {
        d.split.cash = Some(1_000);
        d.split.credit = Some(10_000);
    };
    assert_eq!(part_of(halves), None);
    let huge = |d: &mut Document| d.totals.supply = i64::MIN;
    assert_eq!(part_of(huge), Some(Part::SupplyTotal));
}

#[test]
fn what_is_not_taxed_has_no_tax() {
    for taxation in [Taxation::ZeroRated, Taxation::Exempt] {
        assert_eq!(part_of(|d| d.taxation = taxation), Some(Part::TaxTotal));
        let untaxed = |d: &mut Document| {
            d.taxation = taxation;
            d.totals = Totals {
                supply: 10_000,
                tax: 0,
                total: 10_000,
            };
            d.items[0].tax = Some(0);
        };
        assert_eq!(part_of(untaxed), None);
    }
}

#[test]
fn negative_sums_are_for_modifications() {
    assert_eq!(part_of(negated), Some(Part::Total));
    let returned = |d: &mut Document| {
        negated(d);
        d.modification = Some(modification(ModificationReason::Return));
    };
    assert_eq!(part_of(returned), None);
    for reason in [
        ModificationReason::Return,
        ModificationReason::ContractCancellation,
        ModificationReason::DuplicateIssuance,
    ] {
        assert_eq!(
            part_of(|d| d.modification = Some(modification(reason))),
            Some(Part::Total)
        );
    }
    for reason in [
        ModificationReason::EntryError,
        ModificationReason::SupplyCostChange,
        ModificationReason::LocalLetterOfCredit,
    ] {
        assert_eq!(
            part_of(|d| d.modification = Some(modification(reason))),
            None
        );
    }
    let mixed = |d: &mut Document| {
        d.modification = Some(modification(ModificationReason::SupplyCostChange));
        d.totals = Totals {
            supply: -10_000,
            tax: 1_000,
            total: -9_000,
        };
        d.items.clear();
    };
    assert_eq!(part_of(mixed), Some(Part::TaxTotal));
}

#[test]
fn an_invoice_is_not_issued_before_its_write_date() {
    let on = |day: &str| {
        let rules = Rules {
            issue_on: Some(day.parse().unwrap()),
            ..RULES
        };
        check(&document(Issuance::Forward), &keys(true, true), rules).is_ok()
    };
    assert!(on("2026-03-02"));
    assert!(!on("2026-03-01"));
}
