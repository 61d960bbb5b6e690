//! Merchants: what they ask for, one story after the other, several at a time.

use std::sync::Arc;

use naru_connector::{AccountChoice, CardCredential, CashReceiptWish, Secret};
use naru_domain::payment::{OrderDetails, Origin, Platform, RetainOption};
use naru_domain::{
    Amount, BillingKeyId, ChannelKey, Currency, Customer, Face, PaymentId, ScheduleId, StoreId,
};
use naru_engine::payments::{
    CallContext, CancelPayment, CardDetails, ChargeKey, PayInstantly, PayMethod, PayRequest,
    PlainRefundAccount,
};
use naru_engine::schedules::{RevokeSchedules, SchedulePayment};
use naru_engine::{Answer, Engine, Fault, IssueRequest};
use naru_store::BoxFuture;
use tokio::task::JoinSet;

use crate::Shared;
use crate::customers::{account_of, deposit, meddle};
use crate::history::{Call, Heard, What};
use crate::setup::{CHANNEL, STORE, store_record};
use crate::time::sleep_ms;

/// Merchants at a time.
const MERCHANTS: u64 = 4;
/// Stories of each.
const STORIES: u64 = 3;
/// How long a client waits for an answer.
const PATIENCE_MS: u64 = 70_000;
/// How often a client asks again, with the same key, after it heard nothing.
const REPEATS: u32 = 3;

/// A use case, to be called on whichever process takes it.
type Work =
    Arc<dyn Fn(Engine, CallContext) -> BoxFuture<'static, Result<Answer, Fault>> + Send + Sync>;

/// All merchants, until the last has said its last word.
pub async fn trade(world: &Shared) {
    let mut merchants = JoinSet::new();
    for merchant in 0..MERCHANTS {
        merchants.spawn(run(Arc::clone(world), merchant));
    }
    while let Some(done) = merchants.join_next().await {
        done.expect("a merchant's task");
    }
}

async fn run(world: Shared, merchant: u64) {
    for story in 0..STORIES {
        sleep_ms(world.trade.below(3_000)).await;
        let id = format!("m{merchant}-{story}");
        match world.trade.below(5) {
            0 | 1 => card(&world, &id).await,
            2 | 3 => account(&world, &id).await,
            _ => key(&world, &id).await,
        }
    }
}

/// Paid by card, perhaps clicked twice, then given back in parts.
async fn card(world: &Shared, id: &str) {
    let is_doubled = world.trade.happens(3_000);
    let work = card_work(id);
    if is_doubled {
        let second = ask(world, What::Card, id, Arc::clone(&work));
        tokio::join!(ask(world, What::Card, id, work), second);
    } else {
        ask(world, What::Card, id, work).await;
    }
    cancels(world, id, false).await;
}

/// Given back: some, twice at once, or all.
async fn cancels(world: &Shared, id: &str, needs_account: bool) {
    for _ in 0..world.trade.below(4) {
        let amount = match world.trade.below(4) {
            0 => None,
            other => Some(i64::try_from(other).unwrap_or(1) * 150),
        };
        let work = cancel_work(id, amount, needs_account);
        if world.trade.happens(3_000) {
            let second = ask(world, What::Cancel, id, Arc::clone(&work));
            tokio::join!(ask(world, What::Cancel, id, work), second);
        } else {
            ask(world, What::Cancel, id, work).await;
        }
    }
}

/// An account that is paid into, closed, or both at once.
async fn account(world: &Shared, id: &str) {
    ask(world, What::Account, id, account_work(world, id)).await;
    sleep_ms(world.trade.below(5_000)).await;
    let Some(number) = account_of(world, id).await else {
        return;
    };
    let close = || ask(world, What::Close, id, close_work(id));
    match world.trade.below(5) {
        0 => {
            close().await;
        }
        1 => {
            tokio::join!(close(), deposit(world, id, &number));
        }
        // Left alone until its deadline.
        2 => return,
        _ => deposit(world, id, &number).await,
    }
    sleep_ms(world.trade.below(5_000)).await;
    cancels(world, id, true).await;
}

/// A billing key: charged, scheduled, schedules revoked.
async fn key(world: &Shared, id: &str) {
    let heard = ask(world, What::IssueKey, id, issue_work()).await;
    let Some(Answer::BillingKeyIssued { billing_key, .. }) = heard.success() else {
        return;
    };
    let charged = format!("{id}-charge");
    ask(
        world,
        What::Charge,
        &charged,
        charge_work(&charged, billing_key),
    )
    .await;
    let mut made = Vec::new();
    for number in 0..world.trade.below(3) {
        let payment = format!("{id}-plan{number}");
        let at = world.trade.between(5, 600);
        let work = schedule_work(world, &payment, billing_key, at);
        let heard = ask(world, What::Schedule, &payment, work).await;
        if let Some(Answer::Scheduled { id }) = heard.success() {
            made.push((payment, id.clone()));
        }
    }
    if let Some((payment, schedule)) = made.pop()
        && world.trade.happens(5_000)
    {
        sleep_ms(world.trade.below(10_000)).await;
        ask(world, What::Revoke, &payment, revoke_work(&schedule)).await;
    }
    cancels(world, &charged, false).await;
}

/// Asks, and asks again with the same key where nothing was heard. Gives the last that was heard.
async fn ask(world: &Shared, what: What, subject: &str, work: Work) -> Heard {
    meddle(world).await;
    let key = format!("key-{:016x}", world.trade.below(u64::MAX));
    let mut heard = Heard::Lost;
    for _ in 0..=REPEATS {
        heard = ask_once(world, what, &key, &work).await;
        world.step(format_args!("{what:?} {subject} {}", brief(&heard)));
        world.history.add(Call {
            what,
            subject: subject.to_owned(),
            key: Some(key.clone()),
            heard: heard.clone(),
        });
        if !heard.is_unclear() || world.trade.happens(3_000) {
            break;
        }
        sleep_ms(world.trade.between(100, 20_000)).await;
    }
    heard
}

fn brief(heard: &Heard) -> String {
    match heard {
        Heard::Lost => "lost".to_owned(),
        Heard::Told(told) => match told.as_ref() {
            Ok(_) => "done".to_owned(),
            Err(fault) => format!("{fault:?}"),
        },
    }
}

async fn ask_once(world: &Shared, what: What, key: &str, work: &Work) -> Heard {
    let Some(node) = world.node() else {
        return Heard::Lost;
    };
    let store_id = StoreId::new(STORE);
    let path = format!("/{what:?}");
    let ticket = node
        .engine
        .ticket(&store_id, ("POST", &path, ""), key, b"{}");
    let context = CallContext {
        store: store_record(),
        ticket: Some(ticket.clone()),
        face: Face::V2,
        origin: origin(),
    };
    let engine = node.engine.clone();
    let running = async {
        match engine.replay(&ticket).await {
            Ok(Some(answered)) => return answered,
            Ok(None) => {}
            Err(fault) => return Err(fault),
        }
        engine.detached(work(engine.clone(), context)).await
    };
    tokio::select! {
        biased;
        told = running => Heard::Told(Box::new(told)),
        () = node.life.over() => Heard::Lost,
        () = sleep_ms(PATIENCE_MS) => Heard::Lost,
    }
}

fn origin() -> Origin {
    Origin {
        platform: Platform::Api,
        ip_address: "127.0.0.1".to_owned(),
        user_agent: None,
    }
}

fn customer() -> Customer {
    Customer {
        name: Some("Hong Gildong".to_owned()),
        email: Some("hong@shop.test".to_owned()),
        phone_number: Some("01000000000".to_owned()),
        ..Customer::default()
    }
}

fn order() -> OrderDetails {
    OrderDetails {
        name: "an order".to_owned(),
        amount: Amount::new(1_000, None, None).expect("an amount"),
        currency: Currency::krw(),
        customer: customer(),
        products: Vec::new(),
        product_count: None,
        custom_data: None,
        country: None,
        notice_urls: Vec::new(),
        is_cultural_expense: false,
        is_escrow: false,
        promotion_id: None,
    }
}

fn credential() -> CardCredential {
    CardCredential {
        number: Secret::new("4111111111111111"),
        expiry_year: Secret::new("30"),
        expiry_month: Secret::new("12"),
        birth_or_business_number: Some(Secret::new("900101")),
        password_two_digits: Some(Secret::new("12")),
    }
}

fn instant(id: &str, method: PayMethod) -> PayRequest<PayInstantly> {
    PayRequest {
        payment_id: PaymentId::new(id),
        order: order(),
        skip_webhook: false,
        method: PayInstantly {
            channel: ChannelKey::new(CHANNEL).into(),
            method,
        },
    }
}

fn instant_work(request: PayRequest<PayInstantly>) -> Work {
    Arc::new(move |engine, context| {
        let request = request.clone();
        Box::pin(async move { engine.pay_instantly(context, request).await })
    })
}

fn card_work(id: &str) -> Work {
    instant_work(instant(
        id,
        PayMethod::Card(CardDetails {
            credential: credential(),
            installment_months: 0,
            is_interest_free: false,
            use_card_point: false,
        }),
    ))
}

fn account_work(world: &Shared, id: &str) -> Work {
    instant_work(instant(
        id,
        PayMethod::VirtualAccount {
            bank: "SHINHAN".to_owned(),
            expires_at: world.time.read().plus_seconds(3_600),
            account: AccountChoice::Normal,
            cash_receipt: CashReceiptWish::None,
            remittee_name: None,
        },
    ))
}

fn cancel_work(id: &str, amount: Option<i64>, needs_account: bool) -> Work {
    let id = PaymentId::new(id);
    let request = CancelPayment {
        amount,
        tax_free: None,
        vat: None,
        current_cancellable: None,
        reason: "a change of mind".to_owned(),
        requester: None,
        refund_account: needs_account.then(|| PlainRefundAccount {
            bank: "SHINHAN".to_owned(),
            number: Secret::new("110123456789"),
            holder_name: Secret::new("Hong Gildong"),
        }),
        retain: RetainOption::Release,
        skip_webhook: false,
    };
    Arc::new(move |engine, context| {
        let (id, request) = (id.clone(), request.clone());
        Box::pin(async move { engine.cancel_payment(context, id, request).await })
    })
}

fn close_work(id: &str) -> Work {
    let id = PaymentId::new(id);
    Arc::new(move |engine, context| {
        let id = id.clone();
        Box::pin(async move { engine.close_virtual_account(context, id).await })
    })
}

fn issue_work() -> Work {
    let request = IssueRequest {
        channel: ChannelKey::new(CHANNEL).into(),
        card: credential(),
        customer: customer(),
        custom_data: None,
        notice_urls: Vec::new(),
        skip_webhook: false,
    };
    Arc::new(move |engine, context| {
        let request = request.clone();
        Box::pin(async move { engine.issue_billing_key(context, request).await })
    })
}

fn charge_of(key: &BillingKeyId) -> ChargeKey {
    ChargeKey {
        billing_key: key.clone(),
        channel: None,
        installment_months: 0,
        is_interest_free: false,
        use_card_point: false,
    }
}

fn charge_work(id: &str, key: &BillingKeyId) -> Work {
    let request = PayRequest {
        payment_id: PaymentId::new(id),
        order: order(),
        skip_webhook: false,
        method: charge_of(key),
    };
    Arc::new(move |engine, context| {
        let request = request.clone();
        Box::pin(async move { engine.pay_with_billing_key(context, request).await })
    })
}

fn schedule_work(world: &Shared, id: &str, key: &BillingKeyId, in_seconds: u64) -> Work {
    let seconds = i64::try_from(in_seconds).unwrap_or(i64::MAX);
    let request = SchedulePayment {
        payment_id: PaymentId::new(id),
        order: order(),
        charge: charge_of(key),
        time_to_pay: world.time.read().plus_seconds(seconds),
    };
    Arc::new(move |engine, context| {
        let request = request.clone();
        Box::pin(async move { engine.schedule_payment(context, request).await })
    })
}

fn revoke_work(id: &ScheduleId) -> Work {
    let request = RevokeSchedules {
        billing_key: None,
        ids: vec![id.clone()],
    };
    Arc::new(move |engine, context| {
        let request = request.clone();
        Box::pin(async move { engine.revoke_schedules(context, request).await })
    })
}
