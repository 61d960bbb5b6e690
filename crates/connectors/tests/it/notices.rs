//! Notices: of deposits in EUC-KR, of escrow states in UTF-8, whoever sends them.

use std::net::IpAddr;

use bytes::Bytes;
use naru_connector::{
    ChannelSettings, DepositNotice, EscrowNotice, InboundRequest, NoticeAnswer, NoticeContent,
    Notification,
};
use naru_domain::payment::EscrowState;

use crate::operations::{inicis, settings};

/// `nm_input` is 홍길동 in EUC-KR.
const NOTICE: &str = "no_tid=ININPGVBNKINIpayTest20260102120000123456&no_oid=order-20260101-0001\
    &id_merchant=INIpayTest&cd_bank=00000088&cd_deal=00000020&dt_trans=20260102&tm_trans=120000\
    &no_vacct=56211102345678&amt_input=1000&amt_check=0&nm_inputbank=%BF%EC%B8%AE\
    &nm_input=%C8%AB%B1%E6%B5%BF&type_msg=0200&cl_trans=1100&no_msgseq=000123";

fn request(body: impl Into<Bytes>) -> InboundRequest {
    let content_type = Some("application/x-www-form-urlencoded".to_owned());
    InboundRequest {
        content_type,
        body: body.into(),
        peer: None,
    }
}

fn deposit(notice: &Notification) -> DepositNotice {
    match &notice.content {
        NoticeContent::Deposit(deposit) => deposit.clone(),
        other => panic!("{other:?}"),
    }
}

fn reject(body: impl Into<Bytes>, settings: &ChannelSettings) -> NoticeAnswer {
    let rejected = inicis()
        .read_notification(&request(body), settings)
        .unwrap_err();
    assert_ne!(rejected.answer.body, "OK");
    rejected.answer
}

#[test]
fn a_notice_is_read() {
    assert_eq!(
        inicis().notice_merchant(&request(NOTICE)).unwrap(),
        "INIpayTest"
    );
    let notice = inicis()
        .read_notification(&request(NOTICE), &settings())
        .unwrap();
    assert_eq!(notice.event_id, "ININPGVBNKINIpayTest20260102120000123456");
    assert_eq!(notice.order_id, "order-20260101-0001");
    let said = deposit(&notice);
    assert_eq!(said.pg_deposit_id, notice.event_id);
    assert_eq!(said.account_number, "56211102345678");
    assert_eq!(said.amount, 1000);
    assert_eq!(said.remitter_name.as_deref(), Some("홍길동"));
    assert_eq!(said.at.to_string(), "2026-01-02T03:00:00Z");
    let ok = NoticeAnswer {
        status: 200,
        content_type: "text/plain; charset=utf-8",
        body: "OK",
    };
    assert_eq!(notice.answer, ok);
}

#[test]
fn the_same_notice_again_has_the_same_id_and_another_has_another() {
    let id = |body: &str| {
        let notice = inicis().read_notification(&request(body.to_owned()), &settings());
        notice.unwrap().event_id
    };
    assert_eq!(id(NOTICE), id(NOTICE));
    assert_ne!(
        id(NOTICE),
        id(&NOTICE.replace("120000123456", "120000123457"))
    );
    let without = NOTICE.replace("no_tid=ININPGVBNKINIpayTest20260102120000123456&", "");
    assert_eq!(id(&without), "20260102-56211102345678-000123");
}

#[test]
fn padded_amounts_and_broken_names_are_tolerated() {
    let body = NOTICE
        .replace("amt_input=1000", "amt_input=0000000001000")
        .replace("%C8%AB%B1%E6%B5%BF", "%C8%AB%FF");
    let notice = inicis()
        .read_notification(&request(body), &settings())
        .unwrap();
    let said = deposit(&notice);
    assert_eq!((said.amount, said.remitter_name), (1000, None));
}

#[test]
fn what_is_not_understood_is_refused() {
    for (from, to) in [
        ("no_oid=order-20260101-0001", "no_oid="),
        ("no_oid=order-20260101-0001", "no_oid=%00"),
        ("id_merchant=INIpayTest", "id_merchant=INIother00"),
        ("id_merchant=INIpayTest", "id_merchant="),
        ("amt_input=1000", "amt_input=0"),
        ("amt_input=1000", "amt_input=-1000"),
        ("amt_input=1000", "amt_input=1%2C000"),
        ("amt_input=1000", "amt_input=9999999999999999999"),
        ("dt_trans=20260102", "dt_trans=20260230"),
        ("tm_trans=120000", "tm_trans="),
        ("no_vacct=56211102345678", "x=1"),
        ("type_msg=0200", "type_msg=0400"),
    ] {
        assert_eq!(
            reject(NOTICE.replace(from, to), &settings()).status,
            400,
            "{to}"
        );
    }
    assert_eq!(reject("", &settings()).status, 400);
    assert_eq!(reject(vec![b'a'; 70_000], &settings()).status, 400);
    assert!(
        inicis()
            .notice_merchant(&request("id_merchant=short"))
            .is_err()
    );
}

#[test]
fn with_a_list_only_its_addresses_are_heard_but_not_in_the_sandbox() {
    let mut settings = settings();
    settings.options.insert(
        "notice_ips".to_owned(),
        "203.238.37.15,183.109.71.153".to_owned(),
    );
    let read = |peer: Option<&str>, settings: &ChannelSettings| {
        let peer = peer.map(|text| text.parse::<IpAddr>().unwrap());
        let notice = InboundRequest {
            peer,
            ..request(NOTICE)
        };
        inicis()
            .read_notification(&notice, settings)
            .map(|_| ())
            .map_err(|it| it.answer.status)
    };
    assert_eq!(read(Some("203.238.37.15"), &settings), Ok(()));
    assert_eq!(read(Some("::ffff:183.109.71.153"), &settings), Ok(()));
    assert_eq!(read(Some("127.0.0.1"), &settings), Err(403));
    assert_eq!(read(None, &settings), Err(403));
    settings.is_simulated = true;
    assert_eq!(read(Some("127.0.0.1"), &settings), Ok(()));
}

/// The receipt that the PG issued with a deposit.
const RECEIPT: &str = "&dt_cshr=20260102&tm_cshr=120001&no_cshr_appl=123456789\
    &no_cshr_tid=ININPGCSHRINIpayTest20260102120000123456";

/// No inquiry is known to show a receipt, so the notice's word counts; but only a known sender's.
#[test]
fn a_receipt_is_believed_from_a_sender_that_the_channel_names() {
    let read = |settings: &ChannelSettings, peer: &str| {
        let notice = InboundRequest {
            peer: Some(peer.parse().unwrap()),
            ..request(format!("{NOTICE}{RECEIPT}"))
        };
        let notice = inicis().read_notification(&notice, settings).unwrap();
        deposit(&notice).cash_receipt
    };
    let mut settings = settings();
    assert_eq!(read(&settings, "203.238.37.15"), None, "anybody may send");
    settings
        .options
        .insert("notice_ips".to_owned(), "203.238.37.15".to_owned());
    let template = "https://receipts.test/?t={tid}".to_owned();
    settings
        .options
        .insert("cash_receipt_url_template".to_owned(), template);
    let receipt = read(&settings, "203.238.37.15").unwrap();
    let tid = "ININPGCSHRINIpayTest20260102120000123456";
    assert_eq!(receipt.pg_receipt_id.as_deref(), Some(tid));
    assert_eq!(receipt.issue_number, "123456789");
    assert_eq!(receipt.at.to_string(), "2026-01-02T03:00:01Z");
    assert_eq!(receipt.url, Some(format!("https://receipts.test/?t={tid}")));
}

const ESCROW: &str = "id_merchant=INIpayTest&no_oid=order-20260101-0001\
    &no_tid=INIAPIVBNKINIpayTest20260101090000123456&dt_req=20260103120000&cl_status=3\
    &cl_paymethod=17&price=1000";

fn named() -> ChannelSettings {
    let mut settings = settings();
    settings
        .options
        .insert("notice_ips".to_owned(), "203.238.37.15".to_owned());
    settings
}

fn from_pg(body: String) -> InboundRequest {
    InboundRequest {
        peer: Some("203.238.37.15".parse().unwrap()),
        ..request(body)
    }
}

#[test]
fn an_escrow_notice_is_read_and_answered_in_its_own_words() {
    let states = [
        ("2", EscrowState::Registered),
        (
            "3",
            EscrowState::Confirmed {
                automatically: false,
            },
        ),
        (
            "31",
            EscrowState::Confirmed {
                automatically: true,
            },
        ),
        (
            "32",
            EscrowState::Confirmed {
                automatically: false,
            },
        ),
        ("4", EscrowState::Rejected),
        ("10", EscrowState::RejectConfirmed),
        ("8", EscrowState::Cancelled),
    ];
    for (status, state) in states {
        let body = ESCROW.replace("cl_status=3", &format!("cl_status={status}"));
        let notice = inicis()
            .read_notification(&from_pg(body), &named())
            .unwrap();
        assert_eq!(notice.answer.body, "cd_rslt=0000");
        assert_eq!(notice.order_id, "order-20260101-0001");
        let NoticeContent::Escrow(escrow) = notice.content else {
            panic!("no escrow notice")
        };
        let expected = EscrowNotice {
            pg_tx_id: "INIAPIVBNKINIpayTest20260101090000123456".to_owned(),
            state,
            amount: Some(1000),
        };
        assert_eq!(escrow, expected);
    }
    let id = |body: &str| {
        let notice = inicis().read_notification(&from_pg(body.to_owned()), &named());
        notice.unwrap().event_id
    };
    assert_eq!(id(ESCROW), id(ESCROW));
    assert_ne!(
        id(ESCROW),
        id(&ESCROW.replace("cl_status=3", "cl_status=8"))
    );
}

#[test]
fn an_escrow_notice_of_anybody_is_refused() {
    let answer = |settings: &ChannelSettings, peer: &str, body: &str| {
        let notice = InboundRequest {
            peer: Some(peer.parse().unwrap()),
            ..request(body.to_owned())
        };
        let rejected = inicis().read_notification(&notice, settings).unwrap_err();
        assert!(rejected.answer.body.starts_with("cd_rslt=9999&msg_rslt="));
        rejected.answer.status
    };
    // Nothing else tells the PG from anybody: without a list none is believed.
    assert_eq!(answer(&settings(), "203.238.37.15", ESCROW), 403);
    assert_eq!(answer(&named(), "127.0.0.1", ESCROW), 403);
    for (from, to) in [
        ("cl_status=3", "cl_status=5"),
        ("no_oid=order-20260101-0001", "no_oid="),
        ("no_tid=INIAPIVBNK", "x=INIAPIVBNK"),
        ("id_merchant=INIpayTest", "id_merchant=INIother00"),
    ] {
        assert_eq!(
            answer(&named(), "203.238.37.15", &ESCROW.replace(from, to)),
            400,
            "{to}"
        );
    }
    let mut simulated = settings();
    simulated.is_simulated = true;
    assert!(
        inicis()
            .read_notification(&request(ESCROW), &simulated)
            .is_ok()
    );
}

/// As the window for phones sends it; `P_UNAME` is 홍길동 in EUC-KR.
const MOBILE: &str = "P_STATUS=02&P_TID=INIMX_VBNKINIpayTest20260102115900123456&P_TYPE=VBANK\
    &P_AUTH_DT=20260102120000&P_MID=INIpayTest&P_OID=order-20260101-0001&P_FN_CD1=88&P_AMT=1000\
    &P_UNAME=%C8%AB%B1%E6%B5%BF&P_RMESG1=P_VACCT_NO%3D56211102345678%7CP_EXP_DT%3D20260110&P_NOTI=";

#[test]
fn a_deposit_of_the_window_for_phones_is_read() {
    let read = |body: String| inicis().read_notification(&request(body), &settings());
    assert_eq!(
        inicis().notice_merchant(&request(MOBILE)).unwrap(),
        "INIpayTest"
    );
    let notice = read(MOBILE.to_owned()).unwrap();
    assert_eq!(notice.order_id, "order-20260101-0001");
    assert_eq!(notice.answer.body, "OK");
    let said = deposit(&notice);
    assert_eq!(said.account_number, "56211102345678");
    assert_eq!(said.amount, 1000);
    assert_eq!(said.remitter_name.as_deref(), Some("홍길동"));
    assert_eq!(said.at.to_string(), "2026-01-02T03:00:00Z");
    // The time may leave the century out; it is another event all the same, and asked about.
    let short = read(MOBILE.replace("P_AUTH_DT=20", "P_AUTH_DT=")).unwrap();
    assert_eq!(deposit(&short).at, said.at);
    // The issue is no news.
    for status in ["00", "01"] {
        let issue = read(MOBILE.replace("P_STATUS=02", &format!("P_STATUS={status}"))).unwrap();
        assert!(matches!(issue.content, NoticeContent::Nothing));
        assert_eq!(issue.answer.body, "OK");
    }
    for broken in [
        MOBILE.replace("&P_OID=order-20260101-0001", ""),
        MOBILE.replace("P_AMT=1000", "P_AMT=x"),
        MOBILE.replace("P_VACCT_NO", "P_NO"),
        MOBILE.replace("P_AUTH_DT=20260102120000", "P_AUTH_DT=yesterday"),
        MOBILE.replace("P_MID=INIpayTest", "P_MID=INIpayTes2"),
    ] {
        assert_ne!(read(broken).unwrap_err().answer.body, "OK");
    }
}
