//! Operations of PGs that Naru does not reach yet.
//!
//! A call is authenticated and read as any other; then it is answered as V1 answers a merchant
//! without a channel at that PG, which is what every store here is. They are in
//! `spec/unimplemented-v1.txt`, and no document that is served names them.

use super::lookup;
use crate::call::Call;
use crate::document;
use crate::envelope::Reply;
use crate::messages;
use crate::refused::Refused;

/// What an operation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    /// A channel, which no store has.
    Channel,
    /// A payment in the path, which is another PG's.
    Payment,
    /// Something in the path that only such a PG could have made.
    Thing,
}

/// An operation: its id, method, path, and the fields that it must be given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Elsewhere {
    of: Of,
    pub(crate) id: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    required: &'static [&'static str],
}

const fn of(
    of: Of,
    id: &'static str,
    (method, path): (&'static str, &'static str),
    required: &'static [&'static str],
) -> Elsewhere {
    Elsewhere {
        of,
        id,
        method,
        path,
        required,
    }
}

/// Every one of them.
pub(crate) const ALL: [Elsewhere; 30] = [
    of(
        Of::Channel,
        "payBenepiaPoint",
        ("POST", "/benepia/payment"),
        &["benepia_user", "benepia_password", "merchant_uid", "amount"],
    ),
    of(
        Of::Channel,
        "queryBenepiaPoint",
        ("POST", "/benepia/point"),
        &["benepia_user", "benepia_password"],
    ),
    of(
        Of::Channel,
        "issueCvsPayment",
        ("POST", "/cvs"),
        &["merchant_uid", "amount"],
    ),
    of(
        Of::Thing,
        "revokeCvsPayment",
        ("DELETE", "/cvs/{imp_uid}"),
        &[],
    ),
    of(
        Of::Thing,
        "deleteAutoPayKey",
        ("DELETE", "/kcpquick/autopay/{customer_uid}"),
        &[],
    ),
    of(
        Of::Thing,
        "member_delete",
        ("DELETE", "/kcpquick/members/{member_id}"),
        &["site_code", "partner_type", "partner_subtype"],
    ),
    of(
        Of::Channel,
        "releaseFido",
        ("POST", "/kcpquick/members/{member_id}/fido/release"),
        &[],
    ),
    of(
        Of::Channel,
        "payWithAutoPaymentKey",
        ("POST", "/kcpquick/payment/autopay"),
        &["customer_uid", "merchant_uid", "buyer_name", "amount"],
    ),
    of(
        Of::Channel,
        "payWithMoney",
        ("POST", "/kcpquick/payment/money"),
        &["member_id", "merchant_uid", "amount", "imp_uid"],
    ),
    of(
        Of::Channel,
        "prepare_create",
        ("POST", "/kcpquick/prepare/{merchant_uid}"),
        &["btid", "cust_ip", "code_verifier"],
    ),
    of(
        Of::Thing,
        "prepare_update",
        ("PUT", "/kcpquick/prepare/{merchant_uid}"),
        &["btid", "cust_ip", "code_verifier"],
    ),
    of(
        Of::Thing,
        "getProductOrderSingle",
        ("GET", "/naver/product-orders/{product_order_id}"),
        &[],
    ),
    of(
        Of::Channel,
        "getReviews",
        ("GET", "/naver/reviews"),
        &["from", "to", "review_type"],
    ),
    of(
        Of::Payment,
        "changeOrderStatus",
        ("POST", "/payco/orders/status/{imp_uid}"),
        &["status"],
    ),
    of(
        Of::Payment,
        "naverApproveCancelProductOrder",
        ("POST", "/payments/{imp_uid}/naver/approve-cancel"),
        &[],
    ),
    of(
        Of::Payment,
        "naverApproveReturnProductOrder",
        ("POST", "/payments/{imp_uid}/naver/approve-return"),
        &[],
    ),
    of(
        Of::Payment,
        "naverCancelProductOrder",
        ("POST", "/payments/{imp_uid}/naver/cancel"),
        &[],
    ),
    of(
        Of::Payment,
        "queryCashAmount",
        ("GET", "/payments/{imp_uid}/naver/cash-amount"),
        &[],
    ),
    of(
        Of::Payment,
        "naverCollectProductOrder",
        ("POST", "/payments/{imp_uid}/naver/collect-exchanged"),
        &[],
    ),
    of(
        Of::Payment,
        "naverConfirmPayment",
        ("POST", "/payments/{imp_uid}/naver/confirm"),
        &[],
    ),
    of(
        Of::Payment,
        "naverPlaceProductOrder",
        ("POST", "/payments/{imp_uid}/naver/place"),
        &[],
    ),
    of(
        Of::Payment,
        "naverDepositPoint",
        ("POST", "/payments/{imp_uid}/naver/point"),
        &[],
    ),
    of(
        Of::Payment,
        "getProductOrders",
        ("GET", "/payments/{imp_uid}/naver/product-orders"),
        &[],
    ),
    of(
        Of::Payment,
        "naverRejectReturnProductOrder",
        ("POST", "/payments/{imp_uid}/naver/reject-return"),
        &["memo"],
    ),
    of(
        Of::Payment,
        "naverRequestReturnProductOrder",
        ("POST", "/payments/{imp_uid}/naver/request-return"),
        &["delivery_method"],
    ),
    of(
        Of::Payment,
        "naverResolveReturnProductOrder",
        ("POST", "/payments/{imp_uid}/naver/resolve-return"),
        &[],
    ),
    of(
        Of::Payment,
        "naverShipProductOrder",
        ("POST", "/payments/{imp_uid}/naver/ship"),
        &["delivery_method", "dispatched_at"],
    ),
    of(
        Of::Payment,
        "naverShipExchangedProductOrder",
        ("POST", "/payments/{imp_uid}/naver/ship-exchanged"),
        &["delivery_method"],
    ),
    of(
        Of::Payment,
        "naverWithholdReturnProductOrder",
        ("POST", "/payments/{imp_uid}/naver/withhold-return"),
        &["memo"],
    ),
    of(
        Of::Channel,
        "paymentwall_delivery",
        ("POST", "/paymentwall/delivery"),
        &[
            "imp_uid",
            "merchant_uid",
            "type",
            "status",
            "estimated_delivery_datetime",
            "estimated_update_datetime",
            "refundable",
            "shipping_address_email",
        ],
    ),
];

/// Why there is nothing to be done.
pub(crate) async fn handle(call: Call, operation: Elsewhere) -> Result<Reply, Refused> {
    for field in operation.required {
        call.input.required(field)?;
    }
    let absent = |message: &str| {
        if document::lists(operation.id, "404") {
            Refused::NotFound(message.to_owned())
        } else {
            Refused::Bad(message.to_owned())
        }
    };
    match operation.of {
        Of::Channel => Err(Refused::rule(messages::NO_CHANNEL)),
        Of::Thing => Err(absent(messages::NOTHING_THERE)),
        Of::Payment => {
            let found = lookup::by_imp_uid(&call, call.path_text(0)).await?;
            Err(absent(match found {
                Some(_) => messages::OTHER_PG,
                None => messages::NO_PAYMENT,
            }))
        }
    }
}
