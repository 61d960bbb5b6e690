"""What schemathesis has to know beyond the two documents.

Loaded by `st` through SCHEMATHESIS_HOOKS. It reads `sandbox.json` of the sandbox under test
(NARU_SANDBOX), makes things that exist so that random requests meet some, and completes the
documents where they say something for all operations at once. It must not make a check weaker
without a reason written beside it, and draws nothing at random by itself.
"""

import collections
import copy
import json
import os
import zlib

import requests
import schemathesis

with open(os.environ["NARU_SANDBOX"], encoding="utf-8") as file:
    SANDBOX = json.load(file)

V1, V2 = SANDBOX["v1"], SANDBOX["v2"]
CHANNEL = SANDBOX["channels"][0]["key"]
TIMEOUT_S = 60

# Of a random text, this share is replaced by the id of something that exists: one in so many stays.
RANDOM_EVERY = 3


def v1_token():
    body = {"imp_key": V1["impKey"], "imp_secret": V1["impSecret"]}
    answer = requests.post(f"{V1['url']}/users/getToken", json=body, timeout=TIMEOUT_S)
    answer.raise_for_status()
    return answer.json()["response"]["access_token"]


V2_HEADERS = {"authorization": f"PortOne {V2['apiSecret']}"}
V1_HEADERS = {"authorization": v1_token()}


def v2_post(path, body):
    answer = requests.post(V2["url"] + path, json=body, headers=V2_HEADERS, timeout=TIMEOUT_S)
    assert answer.status_code in (200, 409), f"{path}: {answer.status_code} {answer.text}"
    return answer.json()


CARD = {
    "number": "4111111111111111",
    "expiryYear": "31",
    "expiryMonth": "12",
    "birthOrBusinessRegistrationNumber": "900101",
    "passwordTwoDigits": "12",
}
CUSTOMER = {
    "name": {"full": "홍길동"},
    "email": "hong@shop.test",
    "phoneNumber": "010-1234-5678",
}
PAYMENT = {
    "channelKey": CHANNEL,
    "orderName": "schemathesis",
    "amount": {"total": 1000},
    "currency": "KRW",
    "customer": CUSTOMER,
}


def make_things():
    """A paid card payment, a virtual account, a billing key, a schedule: ids that exist."""
    by_card = {**PAYMENT, "method": {"card": {"credential": CARD}}}
    v2_post("/payments/st-card/instant", by_card)
    account = {"bank": "SHINHAN", "expiry": {"validHours": 24}, "option": {"type": "NORMAL"}}
    v2_post("/payments/st-account/instant", {**PAYMENT, "method": {"virtualAccount": account}})
    issue = {"channelKey": CHANNEL, "customer": CUSTOMER, "method": {"card": {"credential": CARD}}}
    key = v2_post("/billing-keys", issue)["billingKeyInfo"]["billingKey"]
    charge = {name: PAYMENT[name] for name in ("orderName", "amount", "currency", "customer")}
    charge["billingKey"] = key
    made = v2_post(
        "/payments/st-scheduled/schedule", {"payment": charge, "timeToPay": "2099-01-01T00:00:00Z"}
    )
    listed = requests.get(
        f"{V1['url']}/payments/status/all",
        params={"limit": 20},
        headers=V1_HEADERS,
        timeout=TIMEOUT_S,
    )
    uids = [one["imp_uid"] for one in listed.json()["response"]["list"]]
    return {
        "paymentid": ["st-card", "st-account", "st-scheduled"],
        "merchant_uid": ["st-card", "st-account", "st-scheduled"],
        "imp_uid": uids,
        "billingkey": [key],
        "customer_uid": [key],
        "paymentscheduleid": [made["schedule"]["id"]],
        "storeid": [V2["storeId"]],
        "channelkey": [channel["key"] for channel in SANDBOX["channels"]],
        "channel_key": [channel["key"] for channel in SANDBOX["channels"]],
    }


THINGS = make_things()


def known(name, value, turn):
    """The id of something that exists in the place of most random ones; the same in each run."""
    ids = THINGS.get(name.lower())
    if ids is None or not isinstance(value, str):
        return value
    drawn = zlib.crc32(f"{turn} {name}".encode())
    if drawn % RANDOM_EVERY == 0:
        return value
    return ids[drawn // RANDOM_EVERY % len(ids)]


def with_known(value, turn):
    if isinstance(value, dict):
        return {name: with_known(known(name, one, turn), turn) for name, one in value.items()}
    if isinstance(value, list):
        return [with_known(one, turn) for one in value]
    return value


# How many requests each operation has had.
TURNS = collections.Counter()


@schemathesis.hook
def before_call(context, case, kwargs):
    label = case.operation.label
    TURNS[label] += 1
    turn = f"{label} {TURNS[label]}"
    for place in ("path_parameters", "query", "body"):
        value = getattr(case, place)
        if isinstance(value, (dict, list)) and value:
            setattr(case, place, with_known(value, turn))
    is_v1 = "swagger" in case.operation.schema.raw_schema
    case.headers = {**(case.headers or {}), **(V1_HEADERS if is_v1 else V2_HEADERS)}


@schemathesis.hook
def before_load_schema(context, raw_schema):
    if "swagger" in raw_schema:
        complete_v1(raw_schema)
    else:
        complete_v2(raw_schema)


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def complete_v2(document):
    """Error types that every operation may answer stand in one place of the document."""
    general = document["x-naru-general-errors"]
    for _, operation in operations(document):
        for name, status in general.items():
            # What is our fault, or says that the database is away, must not come in this run.
            if status >= 500:
                continue
            schema = {
                "type": "object",
                "required": ["type", "message"],
                "properties": {
                    "type": {"type": "string", "enum": [name]},
                    "message": {"type": "string"},
                },
            }
            response = operation["responses"].setdefault(str(status), {"description": name})
            content = response.setdefault("content", {}).setdefault("application/json", {})
            if "schema" in content:
                content["schema"] = {"anyOf": [content["schema"], schema]}
            else:
                content["schema"] = schema


def complete_v1(document):
    """Null where nothing applies, statuses that belong to every operation, and one that the
    reference forgets: a log-in without fields is 400."""
    for place, operation in operations(document):
        for parameter in operation.get("parameters", []):
            inline(parameter, document)
        statuses = ["401", "413"] + (["400"] if place == "POST /users/getToken" else [])
        for status in statuses:
            operation["responses"].setdefault(status, {"description": "Refused"})
    for definition in document["definitions"].values():
        nullable(definition)


def inline(schema, document):
    """Schemathesis does not follow references inside fields of a form."""
    for name, one in schema.items():
        if isinstance(one, dict):
            if "$ref" in one:
                target = document["definitions"][one["$ref"].rsplit("/", 1)[-1]]
                schema[name] = one = copy.deepcopy(target)
            inline(one, document)


def nullable(schema):
    """What does not apply is null on this face, so null fits every type."""
    for part in schema.get("allOf", []):
        nullable(part)
    for name, one in schema.get("properties", {}).items():
        if "$ref" in one:
            schema["properties"][name] = {"allOf": [one], "x-nullable": True}
        else:
            one["x-nullable"] = True
            nullable(one)
    if isinstance(schema.get("items"), dict):
        nullable(schema["items"])
