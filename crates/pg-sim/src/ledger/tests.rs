//! The refund rules as a table.

use super::*;

fn transaction(state: State) -> Transaction {
    Transaction {
        tid: "tid".to_owned(),
        order_id: "order".to_owned(),
        mid: "INIpayTest".to_owned(),
        kind: Kind::VirtualAccount,
        state,
        amount: 1000,
        cancelled: if state == State::Cancelled { 1000 } else { 0 },
        currency: Currency::Krw,
        taxes: None,
        at_ms: 0,
        goods_name: String::new(),
        buyer: Buyer::default(),
        card: None,
        with: None,
        account: Some(Account {
            number: "80000000000001".to_owned(),
            bank_code: "20".to_owned(),
            holder: String::new(),
            valid_until_ms: 10,
            cash_receipt: false,
            corporate_receipt: false,
            notice_url: None,
            deposits: Vec::new(),
            closed: false,
        }),
        partials: Vec::new(),
        cancelled_at_ms: None,
        declined_code: None,
        escrow: None,
        escrow_news: Vec::new(),
    }
}

fn deposit(amount: u64) -> Deposit {
    Deposit {
        tid: "d".to_owned(),
        amount,
        at_ms: 1,
        notified: false,
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Whole,
    Part(u64, u64),
    Close,
    Pay(u64),
}

fn step(books: &mut Transaction, step: Step) -> Result<(), Reason> {
    match step {
        Step::Whole => books.refund_whole(1),
        Step::Part(price, confirm) => {
            books.refund_part(PartAsked { price, confirm }, "p".to_owned(), 1)
        }
        Step::Close => books.close_account(1),
        Step::Pay(amount) => {
            books.book_deposit(deposit(amount));
            Ok(())
        }
    }
}

/// Start, steps that must pass, the step under test, its refusal, state and cancelled after.
type Row = (State, &'static [Step], Step, Option<Reason>, (State, u64));

const ROWS: &[Row] = {
    use Reason as R;
    use State::{Approved, Cancelled, Declined, Issued, Waiting};
    use Step::{Close, Part, Pay, Whole};
    &[
        (Approved, &[], Whole, None, (Cancelled, 1000)),
        (
            Approved,
            &[Whole],
            Whole,
            Some(R::AlreadyCancelled),
            (Cancelled, 1000),
        ),
        (
            Approved,
            &[Whole],
            Part(1, 999),
            Some(R::AlreadyCancelled),
            (Cancelled, 1000),
        ),
        (Approved, &[], Part(300, 700), None, (Approved, 300)),
        (
            Approved,
            &[Part(300, 700)],
            Whole,
            Some(R::UsePartialCancel),
            (Approved, 300),
        ),
        (
            Approved,
            &[Part(300, 700)],
            Part(700, 0),
            None,
            (Cancelled, 1000),
        ),
        (
            Approved,
            &[Part(300, 700)],
            Part(701, 0),
            Some(R::MoreThanRemaining),
            (Approved, 300),
        ),
        (
            Approved,
            &[],
            Part(300, 300),
            Some(R::WrongRemaining),
            (Approved, 0),
        ),
        (
            Approved,
            &[],
            Part(1000, 0),
            Some(R::WholeAmount),
            (Approved, 0),
        ),
        (
            Approved,
            &[],
            Part(0, 1000),
            Some(R::AmountNotPositive),
            (Approved, 0),
        ),
        (
            Approved,
            &[],
            Part(1001, 0),
            Some(R::MoreThanRemaining),
            (Approved, 0),
        ),
        (Approved, &[], Close, Some(R::NotCancellable), (Approved, 0)),
        (Waiting, &[], Whole, Some(R::NotCancellable), (Waiting, 0)),
        (
            Waiting,
            &[],
            Part(1, 999),
            Some(R::NotCancellable),
            (Waiting, 0),
        ),
        (Waiting, &[], Close, None, (Cancelled, 1000)),
        (
            Waiting,
            &[Close],
            Close,
            Some(R::AlreadyCancelled),
            (Cancelled, 1000),
        ),
        (Waiting, &[], Pay(1000), None, (Approved, 0)),
        (Waiting, &[], Pay(999), None, (Waiting, 0)),
        (Waiting, &[Pay(500)], Pay(500), None, (Waiting, 0)),
        (Waiting, &[Pay(1001)], Close, None, (Cancelled, 1000)),
        (Waiting, &[Close], Pay(1000), None, (Approved, 0)),
        (Waiting, &[Close], Pay(1), None, (Cancelled, 1000)),
        (
            Waiting,
            &[Pay(1000), Whole],
            Pay(1000),
            None,
            (Cancelled, 1000),
        ),
        (Waiting, &[Pay(1000)], Pay(1000), None, (Approved, 0)),
        (Declined, &[], Whole, Some(R::NoTransaction), (Declined, 0)),
        (Issued, &[], Part(1, 0), Some(R::NoTransaction), (Issued, 0)),
    ]
};

#[test]
fn the_refund_table_holds() {
    for (start, before, tested, refusal, after) in ROWS {
        let mut books = transaction(*start);
        for earlier in *before {
            step(&mut books, *earlier).unwrap();
        }
        assert_eq!(
            step(&mut books, *tested).err(),
            *refusal,
            "{start:?} {before:?} {tested:?}"
        );
        assert_eq!(
            (books.state, books.cancelled),
            *after,
            "{start:?} {before:?} {tested:?}"
        );
    }
}

#[test]
fn partial_cancels_are_bounded() {
    let mut books = transaction(State::Approved);
    for done in 1..=PARTIAL_CANCELS_MAX as u64 {
        step(&mut books, Step::Part(1, 1000 - done)).unwrap();
    }
    let after = books.remaining() - 1;
    let refused = step(&mut books, Step::Part(1, after));
    assert_eq!(refused, Err(Reason::TooManyPartials));
}
