/** What is sent again, under which key, how often and when; and what becomes of what is not answered. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { GatewayRefused, isRefused, NotReached, NotUnderstood, Refused, Scrip, ScripError } from "scrip-client";

import { refusal, serving } from "./server.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const BURNED = { status: 201, body: { burned: "1", missing: "0" } };
const BUSY = { status: 503, body: { message: "Service Unavailable" } };
const BURN = { amount: "1" };

describe("a call", { concurrency: true }, () => {
  it("keeps its key and its body over a 503, a 429 and a connection that breaks", async () => {
    await using server = await serving(BUSY, refusal(429, "throttled"), "cut", BURNED);
    assert.equal((await server.scrip().burn("acme", BURN)).burned, "1");
    const [key, ...others] = server.asked.map(({ headers }) => headers["idempotency-key"]);
    assert.match(String(key), UUID);
    assert.deepEqual(others, [key, key, key]);
    assert.deepEqual(server.asked.map(({ body }) => body), Array(4).fill('{"amount":"1"}'));
  });

  it("has a key of its own, unless it is given one", async () => {
    await using server = await serving(BURNED);
    const scrip = server.scrip();
    await scrip.burn("acme", BURN);
    await scrip.burn("acme", BURN);
    await scrip.burn("acme", BURN, { idempotencyKey: "job-1" });
    const [first, second, third] = server.asked.map(({ headers }) => headers["idempotency-key"]);
    assert.notEqual(first, second);
    assert.equal(third, "job-1");
  });

  it("has a key also where one may be left out, and none where there is none", async () => {
    await using server = await serving(BURNED);
    await server.scrip().createKey({ scope: "read" });
    await server.scrip().quote("acme", BURN);
    assert.match(String(server.asked[0]?.headers["idempotency-key"]), UUID);
    assert.equal(server.asked[1]?.headers["idempotency-key"], undefined);
  });

  it("is sent again after contention, and not before Retry-After", async () => {
    await using server = await serving(refusal(409, "contended", {}, { "Retry-After": "1" }), BURNED);
    const began = performance.now();
    await server.scrip().burn("acme", BURN);
    const ms = performance.now() - began;
    assert.ok(ms >= 1000 && ms < 20_000, `${ms} ms`);
  });

  it("is sent twice after 500, 502 and 504", async () => {
    for (const status of [500, 502, 504]) {
      await using server = await serving({ status, body: { message: "Internal Server Error" } }, BURNED);
      await server.scrip().burn("acme", BURN);
      assert.equal(server.asked.length, 2);
    }
  });

  it("is sent once where it is refused for good", async () => {
    for (const [status, code] of [
      [400, "invalid_request"],
      [402, "insufficient_credits"],
      [403, "forbidden"],
      [409, "wallet_frozen"],
      [422, "idempotency_key_reused"],
    ] as const) {
      await using server = await serving(refusal(status, code));
      await assert.rejects(server.scrip().burn("acme", BURN), { name: "Refused", code, status });
      assert.equal(server.asked.length, 1);
    }
  });

  it("ends with the last refusal when its attempts are used up", async () => {
    await using server = await serving(BUSY);
    await assert.rejects(server.scrip({ attempts: 2 }).burn("acme", BURN), (error) => {
      assert.ok(error instanceof GatewayRefused);
      assert.equal(error.attempts, 2);
      assert.equal(error.idempotencyKey, server.asked[1]?.headers["idempotency-key"]);
      return true;
    });
    assert.equal(server.asked.length, 2);
    await assert.rejects(server.scrip().burn("acme", BURN, { attempts: 1 }), { status: 503 });
    assert.equal(server.asked.length, 3);
  });

  it("does not wait for longer than its patience", async () => {
    await using server = await serving(refusal(429, "throttled", {}, { "Retry-After": "60" }));
    const began = performance.now();
    const call = server.scrip().burn("acme", BURN, { patienceMs: 10_000 });
    await assert.rejects(call, { code: "throttled", retryAfter: 60 });
    assert.ok(performance.now() - began < 10_000);
    assert.equal(server.asked.length, 1);
  });

  it("is given up when an attempt takes too long", async () => {
    await using server = await serving("silence");
    const call = server.scrip().getBalance("acme", {}, { timeoutMs: 1500, attempts: 2 });
    await assert.rejects(call, { name: "NotReached", message: "no answer in 1500 ms" });
    assert.equal(server.asked.length, 2);
  });

  it("takes no longer than its patience, however long an attempt may take", async () => {
    await using server = await serving("silence");
    const began = performance.now();
    await assert.rejects(server.scrip().burn("acme", BURN, { patienceMs: 300 }), { name: "NotReached", attempts: 1 });
    assert.ok(performance.now() - began < 20_000);
  });

  it("ends when it is aborted: before, during, and while it waits", async () => {
    await using silent = await serving("silence");
    await using busy = await serving(refusal(503, "unavailable", {}, { "Retry-After": "20" }));
    const early = AbortSignal.abort(new Error("the user left"));
    await assert.rejects(silent.scrip().burn("acme", BURN, { signal: early }), /the user left/);
    assert.equal(silent.asked.length, 0);
    for (const server of [silent, busy]) {
      const aborter = new AbortController();
      const call = server.scrip().burn("acme", BURN, { signal: aborter.signal });
      while (server.asked.length === 0) await new Promise(setImmediate);
      setTimeout(() => aborter.abort(new Error("enough")), 20);
      await assert.rejects(call, /enough/);
      assert.equal(server.asked.length, 1);
    }
  });
});

/** A client of a Scrip that has an operation which must not be carried out twice, and has no key. Today there is none. */
class Odd extends Scrip {
  readonly odd = () => this.perform({ method: "POST", path: "/v1/odd", parameters: {}, body: {}, once: true }, {});
}

describe("a call that must not be carried out twice", { concurrency: true }, () => {
  it("is sent again where it is known not to have been", async () => {
    for (const reply of [refusal(409, "contended"), { status: 429, body: { message: "Too Many Requests" } }]) {
      await using server = await serving(reply, BURNED);
      await new Odd({ url: server.url }).odd();
      assert.equal(server.asked.length, 2);
    }
  });

  it("is sent once where that is not known", async () => {
    for (const reply of ["cut", BUSY, refusal(503, "unavailable"), refusal(429, "throttled")] as const) {
      await using server = await serving(reply, BURNED);
      await assert.rejects(new Odd({ url: server.url }).odd(), ScripError);
      assert.equal(server.asked.length, 1);
    }
  });
});

describe("an error", { concurrency: true }, () => {
  it("is told apart by its code, with the members of its problem", async () => {
    const members = { required: "5", available: "2", unit: "credits" };
    await using server = await serving(refusal(402, "insufficient_credits", members));
    try {
      await server.scrip().burn("acme", { amount: "5" });
      assert.fail("it was not refused");
    } catch (error) {
      assert.ok(isRefused(error, "wallet_frozen", "insufficient_credits"));
      assert.ok(!isRefused(error, "wallet_frozen"));
      assert.ok(isRefused(error) && error instanceof Refused && error instanceof ScripError);
      if (isRefused(error, "insufficient_credits")) assert.equal(error.problem.available, "2");
      if (error.problem.code === "insufficient_credits") assert.equal(error.problem.required, "5");
      assert.equal(error.message, "insufficient_credits: It is insufficient_credits.");
      assert.equal(error.requestId, "r-1");
    }
  });

  it("of the gateway has a message and no code", async () => {
    await using server = await serving({ status: 401, body: { message: "Unauthorized" } });
    await assert.rejects(server.scrip().getBalance("acme"), { name: "GatewayRefused", status: 401, message: "401: Unauthorized" });
    await assert.rejects(server.scrip().getBalance("acme"), (error) => !isRefused(error));
  });

  it("of somebody else shows what was answered", async () => {
    const page = { status: 404, body: "<h1>Not here</h1>", headers: { "Content-Type": "text/html" } };
    await using elsewhere = await serving(page, { status: 200, body: "<h1>Sign in</h1>" }, { status: 200, body: '{"total": "1' });
    for (const text of ["<h1>Not here</h1>", "<h1>Sign in</h1>", '{"total": "1']) {
      await assert.rejects(elsewhere.scrip().getBalance("acme"), { name: "NotUnderstood", text });
    }
    assert.ok(new NotUnderstood("", 200, "x".repeat(5000)).text.length === 1000);
  });

  it("says why nothing was reached", async () => {
    const scrip = new Scrip({ url: "http://127.0.0.1:9", key: "sk_test", attempts: 1 });
    await assert.rejects(scrip.getBalance("acme"), (error) => {
      assert.ok(error instanceof NotReached && error.cause !== undefined);
      assert.match(error.message, /^no answer: .*(127\.0\.0\.1:9|bad port)/);
      return true;
    });
  });

  it("never shows the API key", async () => {
    await using server = await serving(refusal(403, "forbidden"), BUSY, "cut");
    for (let time = 0; time < 3; time += 1) {
      await assert.rejects(server.scrip({ key: "sk_secret", attempts: 1 }).getBalance("acme"), (error: Error) => {
        assert.ok(!`${error.stack} ${JSON.stringify(error)} ${JSON.stringify(error.cause ?? "")}`.includes("sk_secret"));
        return true;
      });
    }
  });
});
