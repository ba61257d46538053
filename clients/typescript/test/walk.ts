/** Every operation, called for real: what a shop, its customers and its operator do in a day. Needs a running Scrip with a
 * stand-in of Dodo's (`make run`), and SCRIP_URL and SCRIP_API_KEY. Prints how many operations it called. */
import assert from "node:assert/strict";

import { isRefused, Refused, Scrip, type Topup } from "scrip-client";

interface Operation {
  operationId: string;
  parameters: { $ref: string }[];
  requestBody?: { content: { "application/json": { example?: unknown } } };
  responses: Record<string, unknown>;
}

const called = new Set<string>();
const client = new Scrip({ url: process.env.SCRIP_URL as string, key: process.env.SCRIP_API_KEY });
const scrip = new Proxy(client, {
  get(target, name: keyof Scrip & string) {
    called.add(name);
    const method: unknown = target[name];
    return typeof method === "function" ? method.bind(target) : method;
  },
});

/** In every name, so that a Scrip that was walked through before can be again. */
const run = crypto.randomUUID().slice(0, 8);
const [shop, other, third, images, tokens, starter, welcome] = ["acme", "globex", "initech", "images", "tokens", "starter", "welcome"].map(
  (name) => `${name}-${run}`,
) as [string, string, string, string, string, string, string];

await catalogue();
await credits();
await holds();
await corrections();
await people();
await keys();
await buying();
await deployment();
const operations = await documented();
for (const operation of operations) if (!called.has(method(operation))) await whatever(operation);
assert.deepEqual(operations.filter((operation) => !called.has(method(operation))), []);
console.log(operations.length);

async function catalogue() {
  const policy = { transferable: true, value: { amount: 100, currency: "USD" } };
  assert.equal((await scrip.putUnit(images, { precision: 0, policy }).answered()).status, 201);
  assert.equal((await scrip.putUnit(images, { precision: 0, policy })).version, 1);
  assert.equal((await scrip.getUnit(images)).policy.transferable, true);
  assert.ok((await scrip.listUnits().all()).some(({ unit }) => unit === images));
  const price = { amount: 1000, currency: "USD" };
  assert.equal((await scrip.putPack(starter, { credits: "1000", price, provider_refs: { dodo: "pdt_1" } })).credits, "1000");
  assert.deepEqual((await scrip.getPack(starter)).price, price);
  assert.ok((await scrip.listPacks().all()).some(({ pack }) => pack === starter));
  assert.equal((await scrip.packTerms(starter, { quantity: 2, provider: "dodo" })).price.amount, 2000);
  await scrip.putRate(tokens, { price: { model: "per_unit", credits: "0.01" } });
  assert.equal((await scrip.getRate(tokens)).meter, tokens);
  assert.ok((await scrip.listRates().all()).some(({ meter }) => meter === tokens));
  assert.equal((await scrip.putPromotion(welcome, { amount: "50", max_redemptions: 10 })).amount, "50");
  assert.equal((await scrip.getPromotion(welcome)).code, welcome);
  assert.ok((await scrip.listPromotions().all()).some(({ code }) => code === welcome));
  const chart = await scrip.putChartOfAccounts({ revenue: "4000", "cash.stripe": "1100" });
  assert.deepEqual([chart["cash.stripe"], (await scrip.getChartOfAccounts()).revenue], ["1100", "4000"]);
  assert.equal((await scrip.listChanges({ target: `unit:${images}`, limit: 1 }).all())[0]?.action, "unit.put");
}

async function credits() {
  const paid = { kind: "paid", cost_basis: { amount: 1000, currency: "USD" } } as const;
  const reference = { type: "invoice", id: `INV-${run}` };
  const body = { amount: "100", ...paid, reference, metadata: { order: "4711" } };
  const granted = await scrip.grant(shop, body, { idempotencyKey: "order-1" }).answered();
  assert.deepEqual([granted.status, granted.replayed, granted.body.lot.remaining], [201, false, "100"]);
  assert.equal((await scrip.burn(shop, { amount: "30" })).balance.available, "70");
  assert.equal((await scrip.burn(shop, { amount: "30" }, { idempotencyKey: "job-2" }).answered()).replayed, false);
  assert.equal((await scrip.burn(shop, { amount: "30.0" }, { idempotencyKey: "job-2" }).answered()).replayed, true);
  const reused = scrip.burn(shop, { amount: "31" }, { idempotencyKey: "job-2" });
  await assert.rejects(reused, (error) => isRefused(error, "idempotency_key_reused"));
  await assert.rejects(scrip.burn(shop, { amount: "71" }), (error) => {
    assert.ok(isRefused(error, "insufficient_credits"));
    assert.deepEqual([error.problem.required, error.problem.available], ["71", "40"]);
    return true;
  });
  assert.equal((await scrip.burn(shop, { meter: tokens, quantity: 100 })).balance.available, "39"); // 100 × 0.01
  assert.equal((await scrip.quote(shop, { meter: tokens, quantity: "200" })).amount, "2");
  const batch = await scrip.burnBatch(shop, { burns: [{ key: "b-1", amount: "1" }, { key: "b-2", amount: "900" }] });
  assert.deepEqual(batch.items.map(({ status }) => status), [201, 402]);
  assert.equal((await scrip.getBalance(shop)).money?.[0]?.paid, 1000);
  const burns = scrip.listEntries(shop, { kind: "burn", limit: 2 });
  assert.deepEqual((await burns.all()).map(({ amount }) => amount), ["-1", "-1", "-30", "-30"]);
  const ordered = await scrip.listEntries(shop, { metadata: { order: "4711" } }).all();
  assert.deepEqual(ordered.map(({ entry_id }) => entry_id), [granted.body.entry.entry_id]);
  assert.equal((await scrip.getEntry(shop, granted.body.entry.entry_id)).amount, "100");
  let csv = "";
  for await (const part of scrip.listEntries(shop, { limit: 2 }).csv()) csv += part;
  assert.deepEqual(csv.match(/,(burn|grant),/g)?.length, 5);
  assert.equal(csv.split("\r\n").filter((line) => line.includes("balance_after")).length, 1);
  assert.deepEqual((await scrip.listLots(shop)).items.map(({ granted: size }) => size), ["100"]);
  assert.ok((await scrip.listAccounts({ prefix: shop }).all()).some(({ account }) => account === shop));
  assert.deepEqual((await scrip.listWallets(shop).all()).map(({ unit }) => unit), ["credits"]);
  assert.equal((await scrip.explain(shop, { limit: 2 }).all()).length, 5);
  const month = new Date().toISOString().slice(0, 7);
  assert.equal((await scrip.getStatement(shop, month, { limit: 2 }).all()).length, 5);
  assert.equal((await scrip.getStatement(shop, month)).status, "provisional");
  assert.equal((await scrip.listStatementKeys()).items[0]?.algorithm, "Ed25519");
  assert.equal((await scrip.search({ key: "order-1", account: shop })).items[0]?.entry_id, granted.body.entry.entry_id);
}

async function holds() {
  const { hold } = await scrip.hold(shop, { amount: "20", expires_in: "PT1H" });
  assert.equal((await scrip.getHold(shop, hold.hold_id)).status, "open");
  assert.ok((await scrip.extend(shop, hold.hold_id, { expires_in: "PT2H" })).hold.expires_at > hold.expires_at);
  assert.deepEqual((await scrip.listHolds(shop, { status: "open" }).all()).map(({ hold_id }) => hold_id), [hold.hold_id]);
  const captured = (await scrip.capture(shop, hold.hold_id, { amount: "12" })).hold;
  assert.deepEqual([captured.captured, captured.released], ["12", "8"]);
  const failed = (await scrip.hold(shop, { amount: "1" })).hold;
  assert.equal((await scrip.release(shop, failed.hold_id)).hold.status, "released");
}

async function corrections() {
  const { lot } = await scrip.grant(other, { amount: "10", expires_in: "P1Y" });
  assert.equal((await scrip.changeExpiry(other, lot.lot_id, { expires_in: "P2Y", reason: "asked" })).entry.kind, "expiry_change");
  assert.equal((await scrip.voidLot(other, lot.lot_id, { amount: "4" })).entry.amount, "-4");
  const { entry } = await scrip.burn(other, { amount: "5" });
  assert.equal((await scrip.reverse(other, entry.entry_id, { amount: "2" })).balance.available, "3");
  assert.equal((await scrip.adjust(other, { direction: "credit", amount: "1", reason: "rounding" })).balance.available, "4");
  assert.equal((await scrip.freeze(other)).balance.status, "frozen");
  await assert.rejects(scrip.burn(other, { amount: "1" }), { code: "wallet_frozen", attempts: 1 });
  assert.equal((await scrip.unfreeze(other)).balance.status, "active");
  const money = { amount: 500, currency: "USD" };
  const source = { type: "invoice", id: `INV-${run}` } as const;
  assert.equal((await scrip.refund(other, { source, value: money, paid: money })).lot.kind, "refund");
  await scrip.grant(other, { unit: images, amount: "9" });
  const lines = [{ line_id: "seats", amount: 200, tax: 40 }];
  const billed = { account: other, unit: images, currency: "USD", lines, tax: "after" } as const;
  assert.equal((await scrip.applyToInvoice(`INV-${run}`, billed)).applied.amount, 200);
  assert.equal((await scrip.getInvoice(`INV-${run}`)).lines[0]?.left, 40);
  assert.equal((await scrip.voidInvoice(`INV-${run}`, { reason: "billed twice" })).credits, "2");
  assert.equal((await scrip.transfer(other, { unit: images, to_account: third, amount: "5" })).to_entry.amount, "5");
  const outage = { incident: `outage-${run}`, amount: "5", accounts: [{ account: other }] };
  assert.deepEqual((await scrip.compensate(outage)).items.map(({ account }) => account), [other]);
  assert.ok((await scrip.listCompensations().all()).some(({ incident }) => incident === outage.incident));
  assert.ok((await scrip.extendLots({ incident: `late-${run}`, by: "P3D", accounts: [other] })).moved >= 1);
  assert.equal((await scrip.redeem(other, { code: welcome })).lot.granted, "50");
  assert.equal((await scrip.putAllowance(other, "monthly", { amount: "100", every: "P1M" })).version, 1);
  assert.equal((await scrip.getAllowance(other, "monthly")).amount, "100");
  assert.deepEqual((await scrip.listAllowances(other).all()).map(({ allowance_id }) => allowance_id), ["monthly"]);
  assert.equal(await scrip.deleteAllowance(other, "monthly"), undefined);
  assert.equal((await scrip.close(`${third}-2`)).balance.status, "closed");
}

async function people() {
  const email = `ann-${run}@example.test`;
  assert.equal((await scrip.putProfile(shop, { name: "Ann", email, country: "DE" })).email, email);
  assert.equal((await scrip.getProfile(shop)).name, "Ann");
  assert.deepEqual((await scrip.listAccounts({ email }).all()).map(({ account }) => account), [shop]);
  assert.equal(await scrip.deleteProfile(shop), undefined);
  await assert.rejects(scrip.getProfile(shop), { code: "not_found" });
}

async function keys() {
  const made = await scrip.createKey({ scopes: ["read", "top_up"], account: shop, name: "The portal of acme" });
  assert.notEqual((await scrip.rotateKey(made.key_id)).key, made.key);
  assert.ok((await scrip.listKeys().all()).some(({ key_id }) => key_id === made.key_id));
  assert.equal(await scrip.deleteKey(made.key_id), undefined);
  const session = await scrip.createPortalSession({ account: shop, may: ["read"] });
  const customer = client.with({ key: session.token ?? assert.fail("there is no token") });
  assert.equal((await customer.getBalance(shop)).account, shop);
  await assert.rejects(customer.getBalance(other), { code: "forbidden", status: 403 });
  await assert.rejects(client.with({ key: "nobody-knows-me" }).getBalance(shop), { code: "unauthenticated" });
  await assert.rejects(client.with({ key: undefined }).getBalance(shop), { name: "GatewayRefused", status: 401 });
}

async function buying() {
  const wants = { account: shop, pack: starter, provider: "dodo", return_url: "http://localhost:3000/", accept_terms: true } as const;
  const topup = await scrip.order(wants);
  assert.deepEqual([topup.status, topup.credits], ["pending", "1000"]);
  assert.equal((await scrip.cancelOrder((await scrip.order(wants)).topup_id)).status, "cancelled");
  await pay(topup);
  assert.ok((await scrip.listTopups({ account: shop, status: "paid" }).all()).some(({ topup_id }) => topup_id === topup.topup_id));
  const payments = await scrip.listPayments({ account: shop }).all();
  const { provider, payment_id } = payments.find(({ topup_id }) => topup_id === topup.topup_id) ?? assert.fail("there is no payment");
  assert.equal((await scrip.getPayment(provider, payment_id)).topup_id, topup.topup_id);
  assert.ok(await scrip.quoteRefund(provider, payment_id, { amount: 100 }));
  assert.ok(await scrip.refundPayment(provider, payment_id, { as: "money", amount: 100, reason: "asked for" }));
  assert.ok(await scrip.resolvePayment(provider, payment_id, { action: "dismiss", reason: "looked at" }));
  const signature = { "webhook-id": "m", "webhook-timestamp": "1", "webhook-signature": "v1,none" };
  await assert.rejects(scrip.webhook("dodo", "{}", { headers: signature }), { code: "unauthenticated" });
  await scrip.getReconciliation({ provider: "dodo" }).catch((error) => assert.ok(isRefused(error, "not_found")));
}

/** Pays as a buyer does, and waits until Scrip has heard of it. */
async function pay(topup: Topup) {
  const paid = await fetch(`${topup.checkout_url}/pay`, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" });
  assert.ok(paid.ok, await paid.text());
  for (let looks = 0; looks < 400; looks += 1) {
    if ((await scrip.getOrder(topup.topup_id)).status === "paid") return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail("the order is not paid");
}

async function deployment() {
  assert.equal((await scrip.getHealth().answered()).status, 200);
  assert.match((await scrip.getVersion()).version, /^\d+\.\d+\.\d+$/);
}

async function documented(): Promise<Operation[]> {
  const { paths } = (await scrip.getOpenapi()) as unknown as { paths: Record<string, Record<string, Operation>> };
  return Object.values(paths).flatMap((methods) => Object.values(methods));
}

function method({ operationId }: Operation): string {
  return operationId.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Calls an operation that has no place in this day yet, with its example: it is answered, or refused as documented. */
async function whatever(operation: Operation) {
  const own: Record<string, string> = { account: shop, unit: "credits", provider: "dodo" };
  const inPath = operation.parameters.map(({ $ref }) => $ref.match(/path\.(\w+)$/)?.[1]).filter((name) => name !== undefined);
  const example = operation.requestBody?.content["application/json"].example;
  const given = [...inPath.map((name) => own[name] ?? "nothing"), ...(example === undefined ? [] : [example])];
  const call = Reflect.get(scrip, method(operation)) as (...given: unknown[]) => Promise<unknown>;
  await call(...given).catch((error: unknown) => {
    assert.ok(error instanceof Refused && String(error.status) in operation.responses, String(error));
  });
}
