/** The coalescer and the lease, against a running Scrip: every burn once, whatever is lost on the way, and never more than
 * there is. Needs SCRIP_URL and SCRIP_API_KEY. Amounts are powers of two, so that what is burned twice shows as another. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { type Coalescer, isRefused, NotReached, Refused, Scrip, type ScripOptions } from "scrip-client";

type Fate = "arrives" | "lost request" | "lost answer";

const url = process.env.SCRIP_URL as string;
const key = process.env.SCRIP_API_KEY;
const operator = new Scrip({ url, key });

/** A client that waits a hundredth of what it is to wait, and whose pages and settlements have these fates. */
function client(...fates: Fate[]): { scrip: Scrip; sent: string[] } {
  const sent: string[] = [];
  const fetch: ScripOptions["fetch"] = async (request, init) => {
    if (!/(burns\/pages|settle)$/.test(new URL(request.url).pathname)) return globalThis.fetch(request, init);
    sent.push(await request.clone().text());
    const fate = fates.shift() ?? "arrives";
    if (fate === "lost request") throw new TypeError("the line broke");
    const response = await globalThis.fetch(request, init);
    if (fate === "arrives") return response;
    await response.text();
    throw new TypeError("the line broke");
  };
  return { scrip: new Scrip({ url, key, fetch }), sent };
}

async function wallet(amount: number): Promise<string> {
  const account = `hot-${crypto.randomUUID()}`;
  await operator.grant(account, { amount: String(amount) });
  return account;
}

/** The exponents of what was burned. */
async function spent(account: string): Promise<number[]> {
  let sum = 0;
  for (const kind of ["burn", "capture"] as const) {
    for await (const { amount } of operator.listEntries(account, { kind })) sum -= Number(amount);
  }
  return Array.from({ length: 40 }, (_, exponent) => exponent).filter((exponent) => Math.floor(sum / 2 ** exponent) % 2);
}

const upTo = (end: number): number[] => Array.from({ length: end }, (_, exponent) => exponent);
const burnPowers = (pages: Coalescer, exponents: number[]) => Promise.all(exponents.map((one) => pages.burn(String(2 ** one))));
const available = async (account: string): Promise<string> => (await operator.getBalance(account)).available;

describe("a coalescer", () => {
  it("sends a burn that comes as soon as the one before it is answered", async () => {
    const account = await wallet(2 ** 30);
    const { scrip, sent } = client();
    const pages = scrip.coalescer(account, { lingerMs: 0 });
    for (const exponent of upTo(10)) assert.equal((await pages.burn(String(2 ** exponent))).offset, exponent);
    assert.equal(sent.length, 10);
    await pages.close();
    assert.deepEqual(await spent(account), upTo(10));
  });

  it("refuses a quantity that cannot be paid as Scrip refuses a burn", async () => {
    const account = await wallet(1);
    const meter = `hot-${crypto.randomUUID()}`;
    await operator.putRate(meter, { price: { model: "per_unit", credits: "2" } });
    const said = (error: unknown): [string, string] => [(error as Refused).problem.title, (error as Refused).problem.detail];
    const single = await operator.burn(account, { meter, quantity: 1 }).catch(said);
    const pages = operator.coalescer(account);
    const paged = await pages.burn({ meter, quantity: "1" }).catch(said);
    await pages.close();
    assert.deepEqual((paged as [string, string])[0], (single as [string, string])[0]);
    assert.equal((paged as [string, string])[1], "So much cannot be paid.");
  });

  it("sends what waits in one page, and tells each what became of it", async () => {
    const account = await wallet(2 ** 30);
    const { scrip, sent } = client();
    const pages = scrip.coalescer(account);
    const made = await burnPowers(pages, upTo(20));
    assert.deepEqual(made.map(({ offset, known }) => [offset, known]), upTo(20).map((offset) => [offset, false]));
    assert.equal(sent.length, 1);
    assert.deepEqual(pages.metrics(), { waiting: 0, oldest: 0, pages: 1, burned: 20, refused: 0, repeated: 0, known: 0, moved: 0 });
    await pages.close();
    await assert.rejects(pages.burn("1"), /closed/);
    assert.deepEqual(await spent(account), upTo(20));
  });

  it("repeats the very page until its answer is known", async () => {
    for (const fate of ["lost answer", "lost request"] as const) {
      const account = await wallet(2 ** 30);
      const { scrip, sent } = client(fate, fate);
      const pages = scrip.coalescer(account);
      const made = await burnPowers(pages, upTo(8));
      assert.deepEqual(made.map(({ known, amount }) => [known, amount]), upTo(8).map((one) => [fate === "lost answer", String(2 ** one)]));
      assert.equal(new Set(sent).size, 1);
      assert.equal(sent.length, 3);
      assert.deepEqual(await spent(account), upTo(8));
    }
  });

  it("refuses alone what cannot be paid and what cannot be read", async () => {
    const account = await wallet(10);
    const pages = client().scrip.coalescer(account, { unit: "credits", member: "ada", tags: { team: "search" } });
    const outcomes = await Promise.allSettled(
      ["4", "7", "0.1234567", "6"].map((amount) => pages.burn(amount)).concat(pages.burn({ meter: "nothing", quantity: 1 })),
    );
    const [four, seven, small, six, meter] = outcomes.map((one) => (one.status === "fulfilled" ? one.value.amount : (one.reason as Refused)));
    assert.deepEqual([four, six], ["4", "6"]);
    assert.ok(isRefused(seven, "insufficient_credits"));
    assert.deepEqual([seven.problem.required, seven.problem.available, seven.status], ["7", "0", 402]);
    assert.ok(isRefused(small, "precision_exceeded"));
    assert.ok(isRefused(meter, "not_found"));
    await assert.rejects(pages.burn("-1"), TypeError);
    await assert.rejects(pages.burn({ amount: "1", reference: "" }), TypeError);
    await assert.rejects(pages.burn({ amount: "1", reference: "half of \ud83d" }), TypeError);
    await assert.rejects(pages.burn({ meter: "m", quantity: 1, dimensions: { model: 1n as unknown as string } }), TypeError);
    assert.equal(await available(account), "0");
    const [{ member, tags } = {}] = (await operator.listEntries(account, { kind: "burn" })).items;
    assert.deepEqual([member, tags], ["ada", { team: "search" }]);
  });

  it("says that a budget is used up, and a lease is of what it leaves, or says that the wallet is frozen", async () => {
    const account = await wallet(100);
    await operator.putBudget(account, "day", { limit: "15", every: "P1D" });
    const pages = client("lost answer").scrip.coalescer(account);
    const [four, twelve] = await Promise.allSettled(["4", "12"].map((amount) => pages.burn(amount)));
    assert.equal(four?.status, "fulfilled");
    assert.ok(twelve?.status === "rejected" && isRefused(twelve.reason, "budget_exceeded"));
    const lease = await client().scrip.lease(account, { renew: "50" });
    assert.equal(lease.left, "11");
    await assert.rejects(lease.burn("12"), (error) => isRefused(error, "budget_exceeded"));
    await operator.freeze(account, { reason: "asked" });
    await assert.rejects(lease.burn("12"), (error) => isRefused(error, "wallet_frozen"));
    await lease.burn("11");
    await lease.close();
    assert.equal(await available(account), "85");
  });

  it("keeps no more waiting than it has room for, and ends though nobody answers", async () => {
    const account = await wallet(2 ** 30);
    const pages = client(...Array<Fate>(100).fill("lost request")).scrip.coalescer(account, { room: 2, patienceMs: 300 });
    const burns = upTo(4).map((one) => pages.burn(String(2 ** one)));
    const told = Promise.allSettled(burns);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(pages.metrics().waiting, 2);
    await assert.rejects(pages.close(), NotReached);
    assert.deepEqual((await told).map(({ status }) => status), Array(4).fill("rejected"));
    assert.deepEqual(await spent(account), []);
  });

  it("does not send what was given up before", async () => {
    const account = await wallet(2 ** 30);
    const pages = client().scrip.coalescer(account);
    const aborts = new AbortController();
    const burns = [pages.burn("1"), pages.burn("2", { signal: aborts.signal }), pages.burn("4")];
    await Promise.resolve();
    aborts.abort();
    assert.deepEqual((await Promise.allSettled(burns)).map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
    assert.deepEqual(await spent(account), [0, 2]);
  });
});

describe("a lease", () => {
  it("spends in memory, settles at its end, and gives the rest back", async () => {
    const account = await wallet(1000);
    const { scrip, sent } = client();
    const lease = await scrip.lease(account, { renew: "500" });
    assert.deepEqual([lease.left, await available(account)], ["500", "500"]);
    for (let job = 0; job < 10; job += 1) await lease.burn("3");
    const { unsettled, unsettledAmount, left } = lease.metrics();
    assert.deepEqual([unsettled, unsettledAmount, left, sent.length], [10, "30", "470", 0]);
    await lease.close();
    await lease.close();
    await assert.rejects(lease.burn("1"), /closed/);
    assert.equal(await available(account), "970");
    assert.equal(sent.length, 1);
  });

  it("is never overspent, whoever asks at once", async () => {
    const account = await wallet(70);
    const lease = await client("lost answer").scrip.lease(account, { renew: "9" });
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => lease.burn("1")));
    const refused = outcomes.filter((one) => one.status === "rejected");
    assert.equal(refused.length, 30);
    for (const { reason } of refused) assert.ok(isRefused(reason, "insufficient_credits"));
    await lease.close();
    assert.equal(await available(account), "0");
    assert.equal(lease.metrics().refused, 0);
  });

  it("settles once what was lost on the way, and spends more than it is filled up to", async () => {
    const account = await wallet(2 ** 20);
    const lease = await client("lost answer", "lost request", "arrives", "lost answer").scrip.lease(account, { renew: "64" });
    for (const one of upTo(9)) await lease.burn(`${2 ** one}.000`);
    await assert.rejects(lease.burn(String(2 ** 20)), (error) => isRefused(error, "insufficient_credits"));
    await assert.rejects(lease.burn("0.1234567"), /decimals/);
    await lease.close();
    assert.deepEqual(await spent(account), upTo(9));
    assert.equal(await available(account), String(2 ** 20 - 511));
  });

  it("goes on with another where its own is over", async () => {
    const account = await wallet(100);
    const { scrip } = client();
    const lease = await scrip.lease(account, { renew: "20" });
    await lease.burn("1");
    for await (const { hold_id } of operator.listHolds(account, { status: "open" })) await operator.release(account, hold_id);
    await lease.burn("2");
    await lease.burn("20");
    assert.equal(lease.metrics().replaced, 1);
    await lease.close();
    assert.equal(await available(account), "77");
  });

  it("settles from time to time", async () => {
    const account = await wallet(100);
    const lease = await client().scrip.lease(account, { renew: "50", everyMs: 20 });
    await lease.burn("1");
    while (lease.metrics().unsettled > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(lease.metrics().settled, 1);
    await lease.close();
  });
});
