/** How a method becomes a request, and what it gives. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { NotUnderstood, Scrip } from "scrip-client";

import { serving } from "./server.js";

const BALANCE = { body: { total: "70" } };

describe("a request", { concurrency: true }, () => {
  it("has the path, the query and the API key", async () => {
    await using server = await serving(BALANCE);
    await server.scrip().getBalance("auth0|12", { unit: "images", at: "2030-01-01T00:00:00+02:00" });
    const [{ method, target, headers } = { method: "", target: "", headers: {} }] = server.asked;
    assert.equal(method, "GET");
    assert.equal(target, "/v1/accounts/auth0%7C12/balance?unit=images&at=2030-01-01T00%3A00%3A00%2B02%3A00");
    assert.equal(headers.authorization, "Bearer sk_test");
    assert.equal(headers.accept, "application/json");
    assert.equal(headers["content-type"], undefined);
  });

  it("asks for a key each time, and shows none where none is needed", async () => {
    await using server = await serving(BALANCE);
    let number = 0;
    const scrip = server.scrip({ key: async () => `token-${(number += 1)}` });
    await scrip.getBalance("acme");
    await scrip.getBalance("acme");
    await scrip.getVersion();
    assert.deepEqual(
      server.asked.map(({ headers }) => headers.authorization),
      ["Bearer token-1", "Bearer token-2", undefined],
    );
  });

  it("has the test clock where an operation takes one", async () => {
    await using server = await serving(BALANCE);
    const scrip = server.scrip().with({ testClock: "2030-01-01T00:00:00Z" });
    await scrip.getBalance("acme");
    await scrip.getBalance("acme", {}, { testClock: new Date(Date.UTC(2031, 0)) });
    await scrip.getUnit("credits");
    assert.deepEqual(
      server.asked.map(({ headers }) => headers["scrip-test-clock"]),
      ["2030-01-01T00:00:00Z", "2031-01-01T00:00:00.000Z", undefined],
    );
  });

  it("filters by metadata, each member a parameter", async () => {
    await using server = await serving({ body: { items: [], next_cursor: null } });
    await server.scrip().listEntries("acme", { reference: "job:1", metadata: { job: "4711", team: "a b" }, limit: 10 });
    assert.equal(server.asked[0]?.target, "/v1/accounts/acme/entries?reference=job%3A1&metadata.job=4711&metadata.team=a%20b&limit=10");
  });

  it("is a provider's own bytes where it is a text", async () => {
    await using server = await serving({ body: { received: true } });
    await server.scrip().webhook("stripe", '{"id":  "evt_1"}', { headers: { "Stripe-Signature": "t=1,v1=0" } });
    assert.equal(server.asked[0]?.body, '{"id":  "evt_1"}');
    assert.equal(server.asked[0]?.headers["stripe-signature"], "t=1,v1=0");
    assert.equal(server.asked[0]?.headers["content-type"], "application/json");
  });

  it("has no body where none is given", async () => {
    await using server = await serving({ status: 201 });
    await server.scrip().release("acme", "hold_SLBocpw1g7V8_5");
    assert.equal(server.asked[0]?.body, "");
    assert.equal(server.asked[0]?.headers["content-type"], undefined);
  });

  it("is not sent where a URL cannot say what it is about", async () => {
    await using server = await serving(BALANCE);
    for (const account of ["", ".", "..", undefined as unknown as string]) {
      await assert.rejects(server.scrip().deleteAllowance("acme", account), { name: "TypeError" });
    }
    assert.equal(server.asked.length, 0);
    assert.throws(() => new Scrip({ url: "scrip.example.test" }), /url is no http/);
    assert.throws(() => new Scrip({ url: process.env.NOT_SET as string }), /url is no http/);
  });

  it("goes through a fetch of one's own", async () => {
    const seen: string[] = [];
    const scrip = new Scrip({
      url: "https://scrip.example.test/",
      fetch: async (request) => {
        seen.push(request.url);
        return Response.json({ total: "7" });
      },
    });
    assert.equal((await scrip.getBalance("acme")).total, "7");
    assert.deepEqual(seen, ["https://scrip.example.test/v1/accounts/acme/balance"]);
  });
});

describe("an answer", { concurrency: true }, () => {
  it("has its Request-Id and whether it is a replay", async () => {
    const body = { burned: "1" };
    await using server = await serving({ status: 201, body }, { status: 201, body, headers: { "Idempotent-Replay": "true" } });
    const scrip = server.scrip();
    const first = await scrip.burn("acme", { amount: "1" }).answered();
    const again = await scrip.burn("acme", { amount: "1" }).answered();
    assert.deepEqual([first.status, first.requestId, first.replayed, first.body.burned], [201, "r-1", false, "1"]);
    assert.deepEqual([again.requestId, again.replayed], ["r-2", true]);
  });

  it("of a call comes once, however often it is awaited", async () => {
    await using server = await serving({ status: 201, body: { burned: "1" } });
    const call = server.scrip().burn("acme", { amount: "1" });
    await Promise.all([call, call.answered(), call.finally(() => {})]);
    assert.equal(server.asked.length, 1);
  });

  it("may be empty", async () => {
    await using server = await serving({ status: 204 });
    assert.equal(await server.scrip().deleteKey("key_1"), undefined);
  });
});

describe("a list", { concurrency: true }, () => {
  const pages = [
    { body: { items: [{ seq: 5 }, { seq: 4 }], next_cursor: "a" } },
    { body: { items: [], next_cursor: "b" } },
    { body: { items: [{ seq: 3 }], next_cursor: "c" } },
    { body: { items: [], next_cursor: null } },
  ];

  it("goes on over pages that are short or empty, with its filters", async () => {
    await using server = await serving(...pages);
    const found: number[] = [];
    for await (const { seq } of server.scrip().listEntries("acme", { kind: "burn", limit: 2 })) found.push(seq);
    assert.deepEqual(found, [5, 4, 3]);
    const head = "/v1/accounts/acme/entries?kind=burn&limit=2";
    assert.deepEqual(server.asked.map(({ target }) => target), [head, `${head}&cursor=a`, `${head}&cursor=b`, `${head}&cursor=c`]);
  });

  it("asks for no more pages than are read", async () => {
    await using server = await serving(...pages);
    for await (const { seq } of server.scrip().listEntries("acme")) if (seq === 4) break;
    assert.equal(server.asked.length, 1);
  });

  it("is its first page where it is awaited, and all of it where that is asked for", async () => {
    await using server = await serving(...pages);
    assert.equal((await server.scrip().listEntries("acme")).next_cursor, "a");
    await using other = await serving(...pages);
    assert.equal((await other.scrip().listEntries("acme").all()).length, 3);
  });

  it("does not go round in circles", async () => {
    await using server = await serving({ body: { items: [], next_cursor: "a" } });
    await assert.rejects(server.scrip().listEntries("acme").all(), NotUnderstood);
    assert.equal(server.asked.length, 2);
  });

  it("is one document as CSV, whose header stands once", async () => {
    const csv = { "Content-Type": "text/csv; charset=utf-8" };
    const more = { ...csv, Link: '</v1/accounts/acme/entries?kind=burn&cursor=x%7Cy>; rel="next"' };
    await using server = await serving(
      { body: "seq,amount\r\n2,-5\r\n", headers: more },
      { body: "seq,amount\r\n", headers: more },
      { body: "seq,amount\r\n1,-3\r\n", headers: csv },
    );
    let text = "";
    for await (const part of server.scrip().listEntries("acme", { kind: "burn" }).csv()) text += part;
    assert.equal(text, "seq,amount\r\n2,-5\r\n1,-3\r\n");
    assert.equal(server.asked[0]?.headers.accept, "text/csv");
    assert.equal(server.asked[2]?.target, "/v1/accounts/acme/entries?kind=burn&cursor=x%7Cy");
  });

  it("is not CSV where something else is answered", async () => {
    await using server = await serving({ body: { items: [] } });
    await assert.rejects(server.scrip().getReconciliation({ provider: "dodo", date: "2030-01-01" }).csv(), NotUnderstood);
  });
});
