//! Lets a verified call happen in the books and says what the PG answers.
//!
//! One lock per call, no await. Every value of an answer is a text, as INIAPI writes it.
//! Invariant: an order id is taken once per merchant, also by a declined sale, because the
//! sandbox merchants have the prevention of duplicate order ids.

use serde_json::{Value, json};

use super::cards::Card;
use super::codes::{Reason, Refusal};
use super::commands::{AccountAsked, Command, Request, Sale};
use super::merchants::Merchant;
use super::receipt::{Receipt, ReceiptAsked};
use super::run::{Answer, Refused};
use super::ways::Paid;
use super::window::{self, Authenticated, Device, Pays};
use super::{crypto, inquiry};
use crate::books::{BillingKey, Books, PhoneBill};
use crate::clock::Stamp;
use crate::ledger::{
    Account, CardFacts, CardPart, Currency, EscrowState, Kind, PartAsked, State, Transaction,
};
use crate::simulator::Simulator;

/// Does what is asked.
pub(crate) fn act(sim: &Simulator, request: &Request) -> Answer {
    let mut act = Act::new(sim, request.merchant);
    let (cancel, result) = match &request.command {
        Command::PayCard { sale, card } => (false, act.pay_card(sale, card)),
        Command::IssueAccount { sale, account } => (false, act.issue_account(sale, account)),
        Command::IssueKey { sale, card } => (false, act.issue_key(sale, card)),
        Command::Charge {
            sale,
            key_digest,
            is_phone,
        } => (false, act.charge(sale, key_digest, *is_phone)),
        Command::Refund { tid, account } => (true, act.refund(tid, *account)),
        Command::PartialRefund {
            tid,
            asked,
            currency,
            account,
        } => (true, act.refund_part(tid, *asked, *currency, *account)),
        Command::CloseAccount { tid } => (true, act.close_account(tid)),
        Command::Shipment {
            tid,
            order_id,
            amount,
            is_change,
        } => (false, act.ship((tid, order_id, *amount), *is_change)),
        Command::AcceptRejection { tid } => (false, act.accept_rejection(tid)),
        Command::StoreSales { tid } => (false, act.store_sales(tid)),
        Command::IssueReceipt(asked) => (false, Ok(act.issue_receipt(*asked))),
        Command::CancelReceipt { tid } => (true, act.cancel_receipt(tid)),
        Command::Inquiry { tid, order_id } => {
            let receipt = act.books.receipt(tid);
            if let Some(receipt) = receipt.filter(|it| it.mid == request.merchant.mid) {
                return receipt.shown();
            }
            let found = inquiry::find(&act.books, request.merchant.mid, tid, order_id);
            (false, inquiry::answer(request.version, found))
        }
    };
    result.unwrap_or_else(|refusal| Refused { cancel, refusal }.answer())
}

/// A phone bill is charged another amount than the first time, or on another day. The codes are
/// ours.
const OTHER_AMOUNT: &str = "550931";
const OTHER_DAY: &str = "550932";

/// Refuses with `code`. A declined sale is in the books, with its order id and no money.
pub(crate) fn decline(sim: &Simulator, request: &Request, code: &str) -> Answer {
    let mut act = Act::new(sim, request.merchant);
    let refused = match &request.command {
        Command::PayCard { sale, card } | Command::IssueKey { sale, card } => {
            let kind = match request.command {
                Command::PayCard { .. } => Kind::Card,
                _ => Kind::BillingKey,
            };
            act.decline(sale, kind, Some(card.facts.clone()), code)
        }
        Command::Charge {
            sale, key_digest, ..
        } => {
            let key = act.books.key(key_digest).cloned();
            let kind = match &key {
                Some(key) if key.bill.is_some() => Kind::Phone,
                _ => Kind::Billing,
            };
            act.decline(sale, kind, key.and_then(|key| key.card), code)
        }
        Command::IssueAccount { sale, .. } => act.decline(sale, Kind::VirtualAccount, None, code),
        _ => Refusal::by_code(code),
    };
    let cancel = matches!(
        request.command,
        Command::Refund { .. }
            | Command::PartialRefund { .. }
            | Command::CloseAccount { .. }
            | Command::CancelReceipt { .. }
    );
    Refused {
        cancel,
        refusal: refused,
    }
    .answer()
}

/// Approves what a customer authenticated in a window, once, and gives what is in the books then.
pub(crate) fn approve_window(
    sim: &Simulator,
    token: &str,
    device: Device,
) -> Result<(Transaction, Option<String>), Refusal> {
    let one = window::find(sim, token).ok_or_else(|| window::refuse("S104"))?;
    let mut act = Act::new(sim, one.merchant);
    // Locked after the books, as everywhere.
    let mut all = sim.windows.lock();
    let kept = all.get_mut(token).ok_or_else(|| window::refuse("S104"))?;
    if kept.tid.is_some() || kept.is_over(act.now_ms) {
        return Err(window::refuse("S107"));
    }
    act.device = Some(device);
    let taken = act.take(&one)?;
    kept.tid = Some(taken.0.tid.clone());
    Ok(taken)
}

/// A card company's refusal of what was authenticated.
pub(crate) fn decline_window(sim: &Simulator, one: &Authenticated, code: &str) {
    let mut act = Act::new(sim, one.merchant);
    let (kind, facts) = match &one.pays {
        Pays::Card(card) => (Kind::Card, Some(card.facts.clone())),
        Pays::Key(card) => (Kind::BillingKey, Some(card.facts.clone())),
        Pays::Account { .. } => (Kind::VirtualAccount, None),
        Pays::AtOnce(paid) => (paid.kind, None),
    };
    act.decline(&one.sale(), kind, facts, code);
}

/// The fields that every answer of success has.
pub(crate) fn success(fields: Value) -> Answer {
    let mut answer = Answer::new();
    answer.insert("resultCode".to_owned(), json!("00"));
    answer.insert("resultMsg".to_owned(), json!("정상처리되었습니다."));
    if let Value::Object(fields) = fields {
        answer.extend(fields);
    }
    answer
}

struct Act<'a> {
    books: std::sync::MutexGuard<'a, Books>,
    merchant: &'static Merchant,
    now_ms: i64,
    /// The window that it was authenticated in, if it was one.
    device: Option<Device>,
}

type Outcome = Result<Answer, Refusal>;

impl<'a> Act<'a> {
    fn new(sim: &'a Simulator, merchant: &'static Merchant) -> Self {
        let books = sim.books();
        Self {
            books,
            merchant,
            now_ms: sim.clock.now_ms(),
            device: None,
        }
    }

    fn new_order(&self, sale: &Sale, kind: Kind) -> Result<(), Refusal> {
        match self.books.by_order(self.merchant.mid, &sale.order_id) {
            Some(_) => Err(Reason::DuplicateOrder.of(kind.module())),
            None => Ok(()),
        }
    }

    fn transaction(&mut self, sale: &Sale, kind: Kind, state: State) -> Transaction {
        let prefix = match (self.device, kind) {
            (Some(Device::Pc), Kind::VirtualAccount) => "StdpayVBNK",
            (Some(Device::Pc), Kind::Transfer) => "StdpayDBNK",
            (Some(Device::Pc), Kind::Phone) => "StdpayHPP_",
            (Some(Device::Pc), Kind::Gift) => "StdpayCULT",
            (Some(Device::Pc), _) => "StdpayCARD",
            (Some(Device::Key), _) => "INILITE_BI",
            (Some(Device::Mobile), Kind::VirtualAccount) => "INIMX_VBNK",
            (Some(Device::Mobile), Kind::Transfer) => "INIMX_BANK",
            (Some(Device::Mobile), Kind::Phone) => "INIMX_HPP_",
            (Some(Device::Mobile), Kind::Gift) => "INIMX_CULT",
            (Some(Device::Mobile), _) => "INIMX_CARD",
            (None, Kind::Phone) => "INIAPIHPP_",
            // No server pays by anything else.
            (None, Kind::Card | Kind::Transfer | Kind::Gift) => "INIAPICARD",
            (None, Kind::Billing) => "INIAPIBILL",
            (None, Kind::BillingKey) => "INIAPIAUTH",
            (None, Kind::VirtualAccount) => "INIAPIVBNK",
        };
        Transaction {
            tid: self.books.new_tid(prefix, self.merchant.mid, self.now_ms),
            order_id: sale.order_id.clone(),
            mid: self.merchant.mid.to_owned(),
            kind,
            state,
            // The issue of a key moves no money, whatever price was shown.
            amount: if kind == Kind::BillingKey {
                0
            } else {
                sale.amount
            },
            cancelled: 0,
            currency: sale.currency,
            taxes: sale.taxes,
            at_ms: self.now_ms,
            goods_name: sale.goods_name.clone(),
            buyer: sale.buyer.clone(),
            card: None,
            account: None,
            with: None,
            partials: Vec::new(),
            cancelled_at_ms: None,
            declined_code: None,
            // Only the escrow merchant has the contract; another's payment is taken without.
            escrow: (sale.escrow && self.merchant.mid == "iniescrow0")
                .then_some(EscrowState::BeforeRegistered),
            escrow_news: Vec::new(),
        }
    }

    fn decline(
        &mut self,
        sale: &Sale,
        kind: Kind,
        facts: Option<CardFacts>,
        code: &str,
    ) -> Refusal {
        if let Err(duplicate) = self.new_order(sale, kind) {
            return duplicate;
        }
        let mut declined = self.transaction(sale, kind, State::Declined);
        declined.card = facts.map(|facts| card_part(sale, facts, String::new()));
        declined.declined_code = Some(code.to_owned());
        self.books.enter(declined);
        Refusal::by_code(code)
    }

    fn capture(&mut self, sale: &Sale, kind: Kind, facts: CardFacts) -> Outcome {
        self.new_order(sale, kind)?;
        let mut approved = self.transaction(sale, kind, State::Approved);
        let card = card_part(sale, facts, number_from(&approved.tid, 8));
        let at = Stamp::of(self.now_ms);
        let answer = success(json!({
            "tid": approved.tid,
            "mid": approved.mid,
            "moid": approved.order_id,
            "payDate": at.date(),
            "payTime": at.time(),
            "payAuthCode": card.auth_code,
            "payAuthQuota": card.quota,
            "cardCode": card.facts.code,
            "checkFlg": "0",
            "prtcCode": "1",
            "price": approved.amount.to_string(),
            "currency": approved.currency.pg_name(),
            "useescrow": escrow_answer(sale, &approved),
        }));
        approved.card = Some(card);
        self.books.enter(approved);
        Ok(answer)
    }

    /// Takes what a window authenticated: the same in the books as any sale, under a transaction id
    /// of the window's. With it the billing key, where one was issued.
    fn take(&mut self, one: &Authenticated) -> Result<(Transaction, Option<String>), Refusal> {
        let sale = one.sale();
        let answer = match &one.pays {
            Pays::Key(card) => self.issue_key(&sale, card)?,
            Pays::Card(card) => self.capture(&sale, Kind::Card, card.facts.clone())?,
            Pays::AtOnce(paid) => self.pay_at_once(&sale, paid)?,
            Pays::Account { .. } => {
                let asked = one.account().ok_or_else(|| window::refuse("S101"))?;
                self.issue_account(&sale, &asked)?
            }
        };
        if let Some(letter) = one.provider {
            let found = self.books.by_order(self.merchant.mid, &one.order_id);
            let tid = found.map(|found| found.tid.clone()).unwrap_or_default();
            let kept = self.books.change(&tid, |found| {
                found.with = Some(letter.to_owned());
                Ok::<_, Reason>(())
            });
            kept.unwrap_or(Ok(())).map_err(|_| window::refuse("S101"))?;
        }
        let found = self.books.by_order(self.merchant.mid, &one.order_id);
        let key = answer.get("billKey").and_then(Value::as_str);
        let taken = found.cloned().ok_or_else(|| window::refuse("S101"))?;
        Ok((taken, key.map(str::to_owned)))
    }

    /// What needs neither a card nor an account.
    fn pay_at_once(&mut self, sale: &Sale, paid: &Paid) -> Outcome {
        self.new_order(sale, paid.kind)?;
        let mut approved = self.transaction(sale, paid.kind, State::Approved);
        approved.with = Some(paid.with.clone());
        let mut answer = success(json!({ "tid": approved.tid }));
        if paid.issues_key {
            let key = crypto::hex(&self.books.new_key_bytes());
            self.books.enter_key(BillingKey {
                digest: crypto::digest_of_key(&key),
                mid: self.merchant.mid.to_owned(),
                card: None,
                bill: Some(PhoneBill {
                    phone: paid.with.clone(),
                    amount: sale.amount,
                    since_ms: self.now_ms,
                    month: 0,
                }),
                magic: None,
            });
            answer.insert("billKey".to_owned(), json!(key));
        }
        self.books.enter(approved);
        Ok(answer)
    }

    fn pay_card(&mut self, sale: &Sale, card: &Card) -> Outcome {
        self.capture(sale, Kind::Card, card.facts.clone())
    }

    fn charge(&mut self, sale: &Sale, key_digest: &str, is_phone: bool) -> Outcome {
        let key = self
            .books
            .key(key_digest)
            .filter(|key| key.mid == self.merchant.mid && key.bill.is_some() == is_phone);
        let key = key.ok_or_else(Refusal::no_billing_key)?.clone();
        match (key.card.clone(), key.bill.clone()) {
            (_, Some(bill)) => self.charge_bill(sale, key, bill),
            (Some(facts), None) => self.capture(sale, Kind::Billing, facts),
            (None, None) => Err(Refusal::no_billing_key()),
        }
    }

    /// A month on a phone bill: the same amount, around the same day.
    fn charge_bill(&mut self, sale: &Sale, key: BillingKey, bill: PhoneBill) -> Outcome {
        self.new_order(sale, Kind::Phone)?;
        if sale.amount != bill.amount {
            return Err(Refusal::by_code(OTHER_AMOUNT));
        }
        let Some(month) = bill.month_at(self.now_ms) else {
            return Err(Refusal::by_code(OTHER_DAY));
        };
        let mut approved = self.transaction(sale, Kind::Phone, State::Approved);
        approved.with = Some(bill.phone.clone());
        let at = Stamp::of(self.now_ms);
        let answer = success(json!({
            "tid": approved.tid,
            "mid": approved.mid,
            "moid": approved.order_id,
            "payDate": at.date(),
            "payTime": at.time(),
            "payAuthCode": number_from(&approved.tid, 8),
            "price": approved.amount.to_string(),
            "currency": approved.currency.pg_name(),
        }));
        self.books.enter(approved);
        self.books.enter_key(BillingKey {
            bill: Some(PhoneBill { month, ..bill }),
            ..key
        });
        Ok(answer)
    }

    fn issue_key(&mut self, sale: &Sale, card: &Card) -> Outcome {
        self.new_order(sale, Kind::BillingKey)?;
        let mut issued = self.transaction(sale, Kind::BillingKey, State::Issued);
        issued.card = Some(card_part(sale, card.facts.clone(), String::new()));
        let key = crypto::hex(&self.books.new_key_bytes());
        let at = Stamp::of(self.now_ms);
        let answer = success(json!({
            "tid": issued.tid,
            "billKey": key,
            "payDate": at.date(),
            "payTime": at.time(),
            "cardCode": card.facts.code,
            "checkFlg": "0",
            "cardNumber": card.facts.masked,
        }));
        self.books.enter_key(BillingKey {
            digest: crypto::digest_of_key(&key),
            mid: self.merchant.mid.to_owned(),
            card: Some(card.facts.clone()),
            bill: None,
            magic: card.at_charge.clone(),
        });
        self.books.enter(issued);
        Ok(answer)
    }

    fn issue_account(&mut self, sale: &Sale, asked: &AccountAsked) -> Outcome {
        self.new_order(sale, Kind::VirtualAccount)?;
        if asked.valid_until_ms <= self.now_ms {
            return Err(Reason::DepositDate.of(Kind::VirtualAccount.module()));
        }
        let number = match &asked.number {
            Some(number) => {
                let holder = self.books.by_account(number);
                if holder.is_some_and(|other| other.state == State::Waiting) {
                    return Err(Reason::AccountNumber.of(Kind::VirtualAccount.module()));
                }
                number.clone()
            }
            None => self.books.new_account_number(),
        };
        let mut waiting = self.transaction(sale, Kind::VirtualAccount, State::Waiting);
        let (at, until) = (Stamp::of(self.now_ms), Stamp::of(asked.valid_until_ms));
        let answer = success(json!({
            "tid": waiting.tid,
            "mid": waiting.mid,
            "moid": waiting.order_id,
            "vacct": number,
            "vacctName": asked.holder,
            "vacctBankCode": asked.bank_code,
            "validDate": until.date(),
            "validTime": until.time(),
            "authDate": at.date(),
            "authTime": at.time(),
            "price": waiting.amount.to_string(),
            "useescrow": escrow_answer(sale, &waiting),
        }));
        waiting.account = Some(Account {
            number,
            bank_code: asked.bank_code.clone(),
            holder: asked.holder.clone(),
            valid_until_ms: asked.valid_until_ms,
            cash_receipt: asked.cash_receipt,
            corporate_receipt: asked.corporate_receipt,
            notice_url: asked.notice_url.clone(),
            deposits: Vec::new(),
            closed: false,
        });
        self.books.enter(waiting);
        Ok(answer)
    }

    /// The kind of a transaction that a cancel names. Cards and accounts have calls of their own.
    fn cancelled_kind(&self, tid: &str, account: bool) -> Result<Kind, Refusal> {
        let module = if account { "504" } else { "500" };
        let Some(found) = self.books.by_tid(tid) else {
            return Err(Reason::NoTransaction.of(module));
        };
        if found.mid != self.merchant.mid {
            return Err(Reason::OtherMerchant.of(module));
        }
        if account != (found.kind == Kind::VirtualAccount) {
            return Err(Reason::Method.of(module));
        }
        Ok(found.kind)
    }

    /// Changes a transaction that `cancelled_kind` found.
    fn cancel<R>(
        &mut self,
        tid: &str,
        kind: Kind,
        change: impl FnOnce(&mut Transaction) -> Result<R, Reason>,
    ) -> Result<R, Refusal> {
        self.books
            .change(tid, change)
            .unwrap_or(Err(Reason::NoTransaction))
            .map_err(|reason| reason.of(kind.module()))
    }

    fn cancel_answer(&self, tid: &str, with_receipt: bool) -> Answer {
        let at = Stamp::of(self.now_ms);
        let receipt = if with_receipt {
            number_from(tid, 9)
        } else {
            String::new()
        };
        success(json!({
            "cancelDate": at.date(),
            "cancelTime": at.time(),
            "cshrCancelNum": receipt,
            "detailResultCode": "",
            "receiptInfo": "",
        }))
    }

    fn refund(&mut self, tid: &str, account: bool) -> Outcome {
        let kind = self.cancelled_kind(tid, account)?;
        let now_ms = self.now_ms;
        let with_receipt = self.cancel(tid, kind, |found| {
            found.refund_whole(now_ms)?;
            Ok(found
                .account
                .as_ref()
                .is_some_and(|account| account.cash_receipt))
        })?;
        self.books.follow_receipt(tid, now_ms);
        Ok(self.cancel_answer(tid, with_receipt))
    }

    fn close_account(&mut self, tid: &str) -> Outcome {
        let kind = self.cancelled_kind(tid, true)?;
        let now_ms = self.now_ms;
        self.cancel(tid, kind, |found| found.close_account(now_ms))?;
        Ok(self.cancel_answer(tid, false))
    }

    /// The kind of a payment that a call names.
    fn paid_kind(&self, tid: &str) -> Result<Kind, Refusal> {
        match self.books.by_tid(tid) {
            Some(found) if found.mid == self.merchant.mid => Ok(found.kind),
            Some(_) => Err(Reason::OtherMerchant.of("500")),
            None => Err(Reason::NoTransaction.of("500")),
        }
    }

    fn result_answer(&self) -> Answer {
        let at = Stamp::of(self.now_ms);
        success(json!({ "resultDate": at.date(), "resultTime": at.time() }))
    }

    fn ship(&mut self, (tid, order_id, amount): (&str, &str, u64), is_change: bool) -> Outcome {
        let (kind, now_ms) = (self.paid_kind(tid)?, self.now_ms);
        self.cancel(tid, kind, |found| {
            if found.order_id != order_id {
                return Err(Reason::OrderMismatch);
            }
            if found.amount != amount {
                return Err(Reason::AmountSum);
            }
            found.ship(is_change, now_ms)
        })?;
        Ok(self.result_answer())
    }

    fn accept_rejection(&mut self, tid: &str) -> Outcome {
        let (kind, now_ms) = (self.paid_kind(tid)?, self.now_ms);
        self.cancel(tid, kind, |found| found.accept_rejection(now_ms))?;
        Ok(self.result_answer())
    }

    fn store_sales(&mut self, tid: &str) -> Outcome {
        let kind = self.paid_kind(tid)?;
        let state = self.books.by_tid(tid).map(|found| found.state);
        if state != Some(State::Approved) {
            return Err(Reason::NoTransaction.of(kind.module()));
        }
        Ok(self.result_answer())
    }

    fn issue_receipt(&mut self, asked: ReceiptAsked) -> Answer {
        let (mid, now_ms) = (self.merchant.mid, self.now_ms);
        let tid = self.books.new_tid("INIAPICSHR", mid, now_ms);
        let number = number_from(&tid, 9);
        let at = Stamp::of(now_ms);
        let answer = success(json!({
            "tid": tid,
            "authNo": number,
            "authDate": at.date(),
            "authTime": at.time(),
            "authUseOpt": if asked.corporate { "1" } else { "0" },
        }));
        self.books.enter_receipt(Receipt {
            tid,
            mid: mid.to_owned(),
            number,
            amount: asked.amount,
            corporate: asked.corporate,
            at_ms: now_ms,
            payment_tid: None,
            cancelled_at_ms: None,
        });
        answer
    }

    fn cancel_receipt(&mut self, tid: &str) -> Outcome {
        let found = self.books.receipt(tid);
        if found.is_some_and(|found| found.mid != self.merchant.mid) {
            return Err(Reason::OtherMerchant.of("500"));
        }
        let now_ms = self.now_ms;
        self.books
            .change_receipt(tid, |receipt| receipt.cancel(now_ms))
            .unwrap_or(Err(Reason::NoTransaction))
            .map_err(|reason| reason.of("500"))?;
        Ok(self.cancel_answer(tid, true))
    }

    fn refund_part(
        &mut self,
        tid: &str,
        asked: PartAsked,
        currency: Currency,
        account: bool,
    ) -> Outcome {
        let kind = self.cancelled_kind(tid, account)?;
        let (mid, now_ms) = (self.merchant.mid, self.now_ms);
        let part_tid = self.books.new_tid("INIAPIPRTC", mid, now_ms);
        let (remains, count) = self.cancel(tid, kind, |found| {
            if found.currency != currency {
                return Err(Reason::Currency);
            }
            found.refund_part(asked, part_tid.clone(), now_ms)?;
            Ok((found.remaining(), found.partials.len()))
        })?;
        self.books.follow_receipt(tid, now_ms);
        let at = Stamp::of(now_ms);
        Ok(success(json!({
            "tid": part_tid,
            "prtcTid": tid,
            "prtcPrice": asked.price.to_string(),
            "prtcRemains": remains.to_string(),
            "prtcCnt": count.to_string(),
            "prtcType": "1",
            "prtcDate": at.date(),
            "prtcTime": at.time(),
            "detailResultCode": "",
        })))
    }
}

/// What the PG says of escrow, to who asked: whether it holds the money.
fn escrow_answer(sale: &Sale, taken: &Transaction) -> Value {
    match (sale.escrow, taken.escrow.is_some()) {
        (false, _) => Value::Null,
        (true, true) => json!("Y"),
        (true, false) => json!("N"),
    }
}

fn card_part(sale: &Sale, facts: CardFacts, auth_code: String) -> CardPart {
    CardPart {
        facts,
        quota: sale.quota.clone(),
        interest_free: sale.interest_free,
        auth_code,
    }
}

/// A number of `length` digits that always comes out the same for one transaction (FNV-1a).
pub(crate) fn number_from(tid: &str, length: u32) -> String {
    let hash = tid.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let width = length as usize;
    format!("{:0width$}", hash % 10_u64.pow(length))
}
