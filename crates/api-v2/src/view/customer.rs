//! Customers.

use naru_domain::{Address, Customer};
use naru_wire_v2 as wire;

/// What is known of a customer.
pub(super) fn customer(customer: &Customer) -> wire::Customer {
    wire::Customer {
        address: customer.address.as_ref().map(address),
        birth_day: customer.birth_day.clone(),
        birth_month: customer.birth_month.clone(),
        birth_year: customer.birth_year.clone(),
        email: customer.email.clone(),
        gender: customer.gender.as_deref().and_then(wire::Gender::parse),
        id: customer.id.clone(),
        name: customer.name.clone(),
        phone_number: customer.phone_number.clone(),
        zipcode: customer.zipcode.clone(),
    }
}

/// Requests always bring addresses in lines; the joined line is there besides.
fn address(address: &Address) -> wire::Address {
    wire::Address::Separated(wire::SeparatedAddress {
        address_line1: address.line1.clone(),
        address_line2: address.line2.clone(),
        city: address.city.clone(),
        country: address.country.as_deref().and_then(wire::Country::parse),
        one_line: address.one_line(),
        province: address.province.clone(),
    })
}
