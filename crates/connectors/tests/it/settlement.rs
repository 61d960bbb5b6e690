//! Settlement files: ours and the guessed one, good and bad, and arbitrary bytes.

use axum::body::{Body, to_bytes};
use naru_connector::Support;
use naru_connectors::{FileProblem, SettlementFormat, read_settlement_file, settlement_support};
use naru_domain::settlement::{LineKind, LineMethod, SettlementLine};
use naru_pg_sim::Simulator;
use proptest::prelude::*;
use tower::ServiceExt as _;

const PG: &str = "INICIS_V2";
const HEADER: &str = "kind,pg_tx_id,transacted_on,settled_on,method,amount,fee";

fn own(text: &str) -> Result<Vec<(usize, SettlementLine)>, FileProblem> {
    read_settlement_file(SettlementFormat::Own, PG, text.as_bytes())
}

/// The complaints about a file in our own format, as `line: problem`.
fn complaints(text: &str) -> Vec<String> {
    match own(text) {
        Err(FileProblem::Lines { first, .. }) => first
            .iter()
            .map(|one| format!("{}: {}", one.line, one.problem))
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn our_own_format_is_read_with_all_its_columns() {
    let text = "kind,pg_tx_id,order_id,pg_cancellation_id,transacted_on,settled_on,method,currency,\
        amount,discount,tax_free,vat,fee,fee_vat,escrow,installment_months,order_name\n\
        APPROVAL,t1,o1,,2026-01-15 10:20:30,2026-01-16,CARD,USD,\"1,000\",10,0,90,25,3,Y,3,\
        \"a, b\"\n\
        CANCEL,t1,,c1,20260115,2026-01-16,CHARGE,,500,,,,-12,,,1,\n\
        CORRECTION,t2,,,2026-01-15T00:00:00Z,2026-01-16,ETC,,-7,,,,0,,N,,\n";
    let lines = own(text).unwrap();
    let [(two, first), (three, second), (four, third)] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    assert_eq!((*two, *three, *four), (2, 3, 4));
    assert_eq!(
        (first.kind, first.amount, first.discount),
        (LineKind::Approval, 1000, 10)
    );
    assert_eq!(first.transacted_at, "2026-01-15T01:20:30Z".parse().ok());
    assert_eq!(first.currency.as_str(), "USD");
    assert_eq!(
        (first.is_escrow, first.installment_months),
        (Some(true), Some(3))
    );
    assert_eq!(first.order_name.as_deref(), Some("a, b"));
    assert_eq!((second.method, second.fee), (LineMethod::Charge, -12));
    assert_eq!((second.fee_vat, second.installment_months), (None, Some(0)));
    assert_eq!(second.pg_cancellation_id.as_deref(), Some("c1"));
    // The day is Korea's.
    assert_eq!(third.transacted_on.to_string(), "2026-01-15");
    assert_eq!(third.amount, -7);
}

#[test]
fn every_line_that_is_wrong_is_told_by_its_number_and_column() {
    let good = "APPROVAL,t,2026-01-15,2026-01-16,CARD,1000,25";
    let cases = [
        ("APPROVED,t,2026-01-15,2026-01-16,CARD,1000,25", "`kind`"),
        ("APPROVAL,,2026-01-15,2026-01-16,CARD,1000,25", "`pg_tx_id`"),
        (
            "APPROVAL,t,15.1.2026,2026-01-16,CARD,1000,25",
            "`transacted_on`",
        ),
        (
            "APPROVAL,t,2026-01-15,2026-02-30,CARD,1000,25",
            "`settled_on`",
        ),
        ("APPROVAL,t,2026-01-15,2026-01-14,CARD,1000,25", "before"),
        ("APPROVAL,t,2026-01-15,2026-01-16,card,1000,25", "`method`"),
        ("APPROVAL,t,2026-01-15,2026-01-16,CARD,10.5,25", "`amount`"),
        ("APPROVAL,t,2026-01-15,2026-01-16,CARD,,25", "`amount`"),
        ("APPROVAL,t,2026-01-15,2026-01-16,CARD,-1000,25", "negative"),
        ("APPROVAL,t,2026-01-15,2026-01-16,CARD,1000,+2", "`fee`"),
        (
            "APPROVAL,t,2026-01-15,2026-01-16,CARD,1000000000000,25",
            "`amount`",
        ),
        ("APPROVAL,t,2026-01-15,2026-01-16,CARD,1000", "6 cells"),
    ];
    let mut text = format!("{HEADER}\n{good}\n");
    for (line, _) in cases {
        text.push_str(line);
        text.push('\n');
    }
    let told = complaints(&text);
    assert_eq!(told.len(), cases.len(), "{told:#?}");
    for (told, (at, (_, word))) in told.iter().zip((3..).zip(cases)) {
        assert!(
            told.starts_with(&format!("{at}: ")) && told.contains(word),
            "{told}: {word}"
        );
    }
}

#[test]
fn a_header_is_held_against_the_columns() {
    let told = complaints("kind,pg_tx_id,amount,amount,fees\n");
    for word in [
        "`fees`",
        "twice",
        "`fee` is missing",
        "`settled_on` is missing",
    ] {
        assert!(
            told.iter().any(|told| told.contains(word)),
            "{word}: {told:#?}"
        );
    }
    assert!(complaints("")[0].contains("empty"));
    assert!(complaints(HEADER)[0].contains("no lines"));
    let many = format!("{HEADER}\n{}", "x\n".repeat(50));
    let Err(FileProblem::Lines { first, count }) = own(&many) else {
        panic!()
    };
    assert_eq!((first.len(), count), (20, 50));
}

#[test]
fn what_is_no_text_is_told() {
    let read = read_settlement_file(SettlementFormat::Own, PG, b"\xFF\xFE\x00");
    assert_eq!(read, Err(FileProblem::Encoding));
    let read = read_settlement_file(SettlementFormat::Pg, "KCP_V2", b"a");
    assert_eq!(read, Err(FileProblem::NoReader));
    assert_eq!(settlement_support("KCP_V2"), Support::None);
    assert_eq!(settlement_support(PG), Support::Unconfirmed);
}

const GUESSED: &str = "구분,거래번호,주문번호,취소거래번호,거래일시,정산일자,결제수단,통화,거래금액,\
    면세금액,부가세,수수료,수수료부가세,정산금액,에스크로,할부개월,상품명\r\n\
    승인,t1,o1,,20260115T102030,20260116,신용카드,WON,11000,0,1000,275,28,10697,N,00,\"책, 연필\"\r\n\
    취소,t1,o1,c1,20260115T112030,20260116,신용카드,WON,1000,,,-25,-3,-972,N,00,책\r\n\
    합계,2,,,,,,,,,,,,9725,,,\r\n";

#[test]
fn the_guessed_file_is_read_in_both_encodings() {
    let (euc_kr, ..) = encoding_rs::EUC_KR.encode(GUESSED);
    let read = |bytes: &[u8]| read_settlement_file(SettlementFormat::Pg, PG, bytes).unwrap();
    let lines = read(&euc_kr);
    assert_eq!(lines, read(GUESSED.as_bytes()));
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0].1.order_name.as_deref(), Some("책, 연필"));
    assert_eq!(
        (lines[1].1.kind, lines[1].1.fee),
        (LineKind::Cancellation, -25)
    );
}

#[test]
fn a_guessed_file_that_is_not_whole_is_refused() {
    let told = |text: &str| match read_settlement_file(SettlementFormat::Pg, PG, text.as_bytes()) {
        Err(FileProblem::Lines { first, .. }) => first[0].problem.clone(),
        other => panic!("{other:?}"),
    };
    let cut = GUESSED.split_once("합계").unwrap().0;
    assert!(told(cut).contains("not whole"));
    let missing: String = GUESSED
        .split_inclusive('\n')
        .filter(|line| !line.starts_with("취소"))
        .collect();
    assert!(told(&missing).contains("counts other"));
    assert!(told(&GUESSED.replace(",9725,", ",9726,")).contains("`정산금액`"));
    assert!(told(&GUESSED.replace(",10697,", ",10698,")).contains("`정산금액`"));
}

#[tokio::test]
async fn what_the_simulator_writes_is_read_in_both_formats() {
    let simulator = Simulator::open(None).unwrap();
    for format in ["inicis", "csv"] {
        let request = http::Request::get(format!("/settlements?date=2026-01-16&format={format}"));
        let request = request.body(Body::empty()).unwrap();
        let response = simulator.router().oneshot(request).await.unwrap();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let read = match format {
            "csv" => read_settlement_file(SettlementFormat::Own, PG, &body),
            _ => read_settlement_file(SettlementFormat::Pg, PG, &body),
        };
        match read {
            // A guessed file without lines has its line of sums; ours has nothing to import.
            Ok(lines) => assert!(lines.is_empty() && format == "inicis"),
            Err(FileProblem::Lines { first, .. }) => {
                assert!(first[0].problem.contains("no lines") && format == "csv");
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// Cells that are right, or almost.
fn cell() -> impl Strategy<Value = String> {
    let known = [
        "APPROVAL",
        "CANCEL",
        "승인",
        "취소",
        "합계",
        "1",
        "t1",
        "2026-01-15",
        "20260116",
        "2026-01-15 10:20:30",
        "CARD",
        "신용카드",
        "WON",
        "1000",
        "-25",
        "",
        "\"",
        "\"a\nb\"",
        "9223372036854775807",
        "-9223372036854775808",
        "Y",
        "\u{0}",
        "９",
    ];
    prop_oneof![
        4 => prop::sample::select(known.to_vec()).prop_map(str::to_owned),
        1 => ".{0,8}",
    ]
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for format in [SettlementFormat::Own, SettlementFormat::Pg] {
            let _ = read_settlement_file(format, PG, &bytes);
        }
    }

    #[test]
    fn almost_right_files_never_panic_and_hold_their_bounds(
        rows in prop::collection::vec(prop::collection::vec(cell(), 0..18), 0..6),
        is_own in any::<bool>(),
    ) {
        let (format, header) = if is_own {
            (SettlementFormat::Own, HEADER)
        } else {
            (SettlementFormat::Pg, GUESSED.lines().next().unwrap())
        };
        let rows: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
        let text = format!("{header}\n{}", rows.join("\n"));
        if let Ok(lines) = read_settlement_file(format, PG, text.as_bytes()) {
            for (_, line) in lines {
                prop_assert!(line.amount.abs() <= 999_999_999_999);
                prop_assert!(line.amount >= 0 || line.kind == LineKind::Correction);
                prop_assert!(!line.pg_tx_id.is_empty());
            }
        }
    }
}
