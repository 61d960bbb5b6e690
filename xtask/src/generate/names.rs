//! Rust names for wire names.

const KEYWORDS: [&str; 13] = [
    "as", "box", "enum", "fn", "for", "in", "match", "mod", "move", "ref", "type", "use", "where",
];

/// `pgTxId` → `pg_tx_id`.
pub fn snake(camel: &str) -> String {
    let mut out = String::new();
    for c in camel.chars() {
        if c.is_ascii_uppercase() {
            if !out.is_empty() {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
        } else {
            out.push(c);
        }
    }
    out
}

/// What serde's `rename_all = "camelCase"` makes of a field name.
pub fn serde_camel(snake: &str) -> String {
    let mut out = String::new();
    let mut raise = false;
    for c in snake.chars() {
        if c == '_' {
            raise = true;
        } else if raise {
            out.push(c.to_ascii_uppercase());
            raise = false;
        } else {
            out.push(c);
        }
    }
    out
}

/// `PARTIAL_CANCELLED` → `PartialCancelled`; mixed case stays as it is.
pub fn variant(wire: &str) -> String {
    if wire.contains(|c: char| c.is_ascii_lowercase()) {
        return wire.to_owned();
    }
    let mut out = String::new();
    for part in wire.split('_').filter(|p| !p.is_empty()) {
        let (first, rest) = part.split_at(1);
        out.push_str(&first.to_ascii_uppercase());
        out.push_str(&rest.to_ascii_lowercase());
    }
    if out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, 'N');
    }
    out
}

/// The same for a union's tag value, without the words it begins with that the union's own name
/// begins with too: `PaymentMethodCard` of the union `PaymentMethodEasyPayMethod` is `Card`.
pub fn union_variant(union: &str, wire: &str) -> String {
    let shared = union
        .bytes()
        .zip(wire.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    let starts_word = |at: &usize| {
        wire[*at..].starts_with(|c: char| c.is_ascii_uppercase())
            && (*at == union.len() || union[*at..].starts_with(|c: char| c.is_ascii_uppercase()))
    };
    let is_mixed = wire.contains(|c: char| c.is_ascii_lowercase());
    let cut = if is_mixed {
        (0..=shared).rev().find(starts_word).unwrap_or(0)
    } else {
        0
    };
    variant(&wire[cut..])
}

/// `cancelPayment` → `CancelPayment`.
pub fn pascal(camel: &str) -> String {
    let mut chars = camel.chars();
    chars.next().map_or_else(String::new, |c| {
        c.to_ascii_uppercase().to_string() + chars.as_str()
    })
}

/// A field name, raw if it is a keyword.
pub fn field(snake: &str) -> String {
    if KEYWORDS.contains(&snake) {
        format!("r#{snake}")
    } else {
        snake.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_there_and_back() {
        for wire in ["pgTxId", "id", "isTaxFree", "line1", "type"] {
            assert_eq!(serde_camel(&snake(wire)), wire);
        }
        assert_eq!(variant("PARTIAL_CANCELLED"), "PartialCancelled");
        assert_eq!(variant("V2"), "V2");
        assert_eq!(union_variant("PaymentMethod", "PaymentMethodCard"), "Card");
        assert_eq!(
            union_variant("PaymentMethodEasyPayMethod", "PaymentMethodCard"),
            "Card"
        );
        assert_eq!(union_variant("Payment", "PAID"), "Paid");
        assert_eq!(field("type"), "r#type");
    }
}
