// The official SDK, tax invoices: draft, files, request, signature, transmission, cancellation,
// documents, lists. The sandbox has a contract for test data with the simulated provider.

import assert from "node:assert/strict";
import { test } from "node:test";

import { failsWith } from "./support/orders.mjs";
import { openReceiver, verify } from "./support/receiver.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

const OURS = "1234567891";
const THEIRS = "9876543215";
const PDF = Buffer.from("%PDF-1.7\n1 0 obj\n<<>>\nendobj\n");

/** Today in Korea. */
const today = () => new Date(Date.now() + 9 * 3_600_000).toISOString().slice(0, 10);

/**
 * An invoice over 11,000 won.
 * @param {"REVERSE" | "NORMAL"} issuanceType
 * @param {string} key
 * @returns {any}
 */
const written = (issuanceType, key) => ({
  issuanceType,
  taxationType: "TAXABLE",
  purposeType: "INVOICE",
  writeDate: today(),
  totalSupplyAmount: 10_000,
  totalTaxAmount: 1_000,
  totalAmount: 11_000,
  supplier: { brn: issuanceType === "REVERSE" ? THEIRS : OURS },
  recipient: { brn: issuanceType === "REVERSE" ? OURS : THEIRS },
  supplierDocumentKey: `S-${key}`,
  recipientDocumentKey: `R-${key}`,
  items: [
    {
      name: "커피",
      quantity: { value: 25, scale: 1 },
      unitCostAmount: { value: 4_000, scale: 0 },
      supplyCostAmount: 10_000,
      taxAmount: 1_000,
    },
  ],
});

test("tax invoices by the official SDK", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const api = sandbox.client().b2b.taxInvoice;
  const receiver = await openReceiver(t);
  await sandbox.naru("webhooks", "set", "--store", sandbox.storeId, "--url", receiver.url());
  const hears = async (/** @type {string} */ type) =>
    verify(await receiver.next(type), sandbox.secret);
  const test = true;

  await t.test("the counterparty is connected", async () => {
    const created = await sandbox.call("/b2b/counterparties?test=true", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        counterpartyId: "partner",
        counterparty: {
          brn: THEIRS,
          name: "포구유통",
          representativeName: "이포구",
          contact: { name: "박담당", email: "partner@shop.example" },
        },
      }),
    });
    assert.equal(created.status, 200, created.text);
    assert.equal(JSON.parse(created.text).counterparty.ntsConnectionStatus, "CONNECTED");
  });

  await t.test("a draft with files is requested, signed and accepted", async () => {
    const { taxInvoice } = await api.draftB2bTaxInvoice({
      test,
      taxInvoice: written("REVERSE", "1"),
    });
    assert.equal(taxInvoice.status, "DRAFTED");
    const at = { taxInvoiceKey: taxInvoice.id, test };
    const changed = await api.updateB2bTaxInvoiceDraft({
      ...at,
      taxInvoiceKeyType: "TAX_INVOICE_ID",
      taxInvoice: { ...written("REVERSE", "1"), remarks: ["고침"] },
    });
    assert.deepEqual(changed.taxInvoice.remarks, ["고침"]);

    for (const fileName of ["견적서.pdf", "거래명세서.pdf"]) {
      const { fileId, url } = await api.createB2bFileUploadUrl({ test, fileName });
      const put = () => fetch(url, { method: "PUT", body: PDF });
      assert.equal((await put()).status, 200);
      assert.equal((await put()).status, 409, "once");
      await api.attachB2bTaxInvoiceFile({ ...at, fileId });
    }
    const attached = await api.getB2bTaxInvoiceAttachments(at);
    assert.deepEqual(
      attached.attachments.map((/** @type {any} */ one) => one.name),
      ["견적서.pdf", "거래명세서.pdf"],
    );
    const attachmentId = attached.attachments[0].id;
    await api.deleteB2bTaxInvoiceAttachment({ ...at, attachmentId });
    await assert.rejects(
      api.deleteB2bTaxInvoiceAttachment({ ...at, attachmentId }),
      failsWith("B2B_TAX_INVOICE_ATTACHMENT_NOT_FOUND"),
    );

    assert.equal((await api.requestB2bTaxInvoice(at)).taxInvoice.status, "REQUESTED");
    const requested = await hears("TaxInvoice.Requested");
    assert.equal(requested.data.taxInvoiceId, taxInvoice.id);
    assert.equal(requested.data.totalAmount, 11_000);
    await assert.rejects(
      api.deleteB2bTaxInvoice(at),
      failsWith("B2B_TAX_INVOICE_NON_DELETABLE_STATUS"),
    );

    const bySupplier = {
      taxInvoiceKey: "S-1",
      brn: THEIRS,
      taxInvoiceKeyType: /** @type {const} */ ("SUPPLIER"),
      test,
    };
    const issued = (await api.issueB2bTaxInvoice(bySupplier)).taxInvoice;
    assert.equal(issued.status, "ISSUED");
    assert.match(issued.ntsApprovalNumber ?? "", /^.{24}$/);
    await hears("TaxInvoice.Issued");
    await assert.rejects(
      api.issueB2bTaxInvoice(bySupplier),
      failsWith("B2B_TAX_INVOICE_NOT_REQUESTED_STATUS"),
    );

    await api.sendToNtsB2bTaxInvoice(bySupplier);
    await sandbox.simulator?.advance("PT25M");
    const accepted = await hears("TaxInvoice.SendingCompleted");
    assert.equal(accepted.data.status, "SENDING_COMPLETED");
    const read = await api.getB2bTaxInvoice(at);
    assert.equal(read.status, "SENDING_COMPLETED");
    assert.equal(read.ntsResultCode, "SUC001");
    assert.equal(read.ntsApprovalNumber, issued.ntsApprovalNumber);
    await assert.rejects(
      api.cancelB2bTaxInvoiceIssuance(bySupplier),
      failsWith("B2B_TAX_INVOICE_NOT_ISSUED_STATUS"),
    );
  });

  await t.test("requests end in refusal or are taken back, and their keys are free", async () => {
    const request = async () => {
      const taxInvoice = written("REVERSE", "2");
      const made = await api.requestB2bTaxInvoiceReverseIssuance({ test, taxInvoice });
      assert.equal(made.taxInvoice.status, "REQUESTED");
      await hears("TaxInvoice.Requested");
      return { taxInvoiceKey: made.taxInvoice.id, test };
    };
    const first = await request();
    // Both keys are in use; the supplier's is looked at first.
    await assert.rejects(request(), failsWith("B2B_TAX_INVOICE_SUPPLIER_DOCUMENT_KEY_ALREADY_USED"));
    const refused = await api.refuseB2bTaxInvoiceRequest({ ...first, memo: "금액 다름" });
    assert.equal(refused.taxInvoice.status, "REQUEST_REFUSED");
    await hears("TaxInvoice.Refused");
    await assert.rejects(
      api.cancelB2bTaxInvoiceRequest(first),
      failsWith("B2B_TAX_INVOICE_NOT_REQUESTED_STATUS"),
    );
    await api.deleteB2bTaxInvoice(first);
    const second = await request();
    const cancelled = await api.cancelB2bTaxInvoiceRequest(second);
    assert.equal(cancelled.taxInvoice.status, "REQUEST_CANCELLED");
    await hears("TaxInvoice.RequestCancelled");
  });

  await t.test("our own invoice is issued at once and cancelled in time", async () => {
    const { taxInvoice } = await api.issueB2bTaxInvoiceImmediately({
      test,
      taxInvoice: written("NORMAL", "3"),
    });
    assert.equal(taxInvoice.status, "ISSUED");
    await hears("TaxInvoice.Issued");
    const at = { taxInvoiceKey: taxInvoice.id, test };
    const cancelled = await api.cancelB2bTaxInvoiceIssuance({ ...at, memo: "잘못 발행" });
    assert.equal(cancelled.taxInvoice.status, "ISSUANCE_CANCELLED");
    await hears("TaxInvoice.IssuanceCancelled");
    await api.deleteB2bTaxInvoice(at);
  });

  await t.test("documents open by their addresses, for five minutes", async () => {
    const at = {
      taxInvoiceKey: "R-1",
      brn: OURS,
      taxInvoiceKeyType: /** @type {const} */ ("RECIPIENT"),
      test,
    };
    const { url: popup } = await api.getB2bTaxInvoicePopupUrl({ ...at, includeMenu: false });
    const { url: print } = await api.getB2bTaxInvoicePrintUrl(at);
    const { url: pdf } = await api.getB2bTaxInvoicePdfDownloadUrl(at);
    for (const url of [popup, print]) {
      const page = await fetch(url);
      assert.equal(page.status, 200);
      assert.match(await page.text(), /<svg/);
    }
    const file = await fetch(pdf);
    assert.equal(file.headers.get("content-type"), "application/pdf");
    assert.equal(Buffer.from(await file.arrayBuffer()).subarray(0, 5).toString(), "%PDF-");
    await sandbox.simulator?.advance("PT301S");
    for (const url of [popup, print, pdf]) assert.equal((await fetch(url)).status, 410);
    assert.equal((await fetch(`${popup}x`)).status, 404);
  });

  await t.test("lists, the sheet, and what is not there", async () => {
    const { items, page } = await api.getB2bTaxInvoices({
      test,
      filter: { statuses: ["SENDING_COMPLETED"] },
    });
    assert.equal(page.totalCount, 1);
    assert.equal(items[0].recipientDocumentKey, "R-1");
    const sheet = await api.downloadB2bTaxInvoicesSheet({ test });
    assert.ok(sheet.trim().split("\n").length >= 3, sheet);
    await assert.rejects(
      api.getB2bTaxInvoice({ taxInvoiceKey: "R-1", test }),
      failsWith("B2B_TAX_INVOICE_NOT_FOUND"),
    );
    await assert.rejects(
      api.getB2bBulkTaxInvoice({ bulkTaxInvoiceId: "none", test }),
      failsWith("B2B_BULK_TAX_INVOICE_NOT_FOUND"),
    );
    // Live data has no contract here.
    await assert.rejects(
      api.draftB2bTaxInvoice({ taxInvoice: written("REVERSE", "4") }),
      failsWith("B2B_NOT_ENABLED"),
    );
  });
});
