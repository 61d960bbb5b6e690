//! Couriers: this face's codes, and those of V2.

/// This face's codes with V2's. The first code of a V2 name is what is shown.
const COURIERS: [(&str, &str); 18] = [
    ("HYUNDAI", "LOTTE"),
    ("KGB", "LOGEN"),
    ("LOGEN", "LOGEN"),
    ("EPOST", "POST"),
    ("REGISTPOST", "POST_REGISTERED"),
    ("CJGLS", "CJ"),
    ("KOREX", "CJ"),
    ("HANJIN", "HANJIN"),
    ("DAESIN", "DAESIN"),
    ("ILYANG", "ILYANG"),
    ("KDEXP", "KYUNGDONG"),
    ("CHUNIL", "CHUNIL"),
    ("CVSNET", "GS"),
    ("HDEXP", "HAPDONG"),
    ("DHL", "DHL"),
    ("FEDEX", "FEDEX"),
    ("UPS", "UPS"),
    ("EMS", "EMS"),
];

/// What V2 calls a courier; one that it does not know is another one.
pub(crate) fn to_v2(code: &str) -> &'static str {
    let found = COURIERS.iter().find(|(one, _)| *one == code);
    found.map_or("ETC", |(_, name)| name)
}

/// What this face calls a courier of V2.
pub(crate) fn of_v2(name: &str) -> &'static str {
    let found = COURIERS.iter().find(|(_, one)| *one == name);
    found.map_or("ETC", |(code, _)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_go_both_ways_and_strangers_are_others() {
        assert_eq!((to_v2("CJGLS"), of_v2("CJ")), ("CJ", "CJGLS"));
        assert_eq!((to_v2("PIGEON"), of_v2("SLX")), ("ETC", "ETC"));
    }
}
