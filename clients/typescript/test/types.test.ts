/** What the compiler says: each line after `@ts-expect-error` is refused, or compiling these tests fails. */
import assert from "node:assert/strict";
import { it } from "node:test";

import { type Entry, type EntryPage, isRefused, Scrip, type Table } from "scrip-client";

async function never(scrip: Scrip): Promise<void> {
  // @ts-expect-error amounts are decimal strings
  await scrip.burn("acme", { amount: 1 });
  // @ts-expect-error a redemption has a code
  await scrip.redeem("acme", {});
  // @ts-expect-error there is no such operation
  await scrip.brun("acme", { amount: "1" });
  // @ts-expect-error a capture is of a hold
  await scrip.capture("acme");
  // @ts-expect-error a quote moves nothing, so it has no key
  await scrip.quote("acme", { amount: "1" }, { idempotencyKey: "job-1" });
  // @ts-expect-error there is no such member
  await scrip.getBalance("acme").then(({ totl }) => totl);
  // @ts-expect-error there is no such filter
  await scrip.listEntries("acme", { kinds: "burn" });
  // @ts-expect-error no entry is of this kind
  await scrip.listEntries("acme", { kind: "burned" });
  // @ts-expect-error a balance is no list, and has no CSV
  scrip.getBalance("acme").csv();
  // @ts-expect-error a reconciliation is of a provider and a day
  await scrip.getReconciliation();
  // @ts-expect-error there is no such code
  isRefused(0, "insufficent_credits");
  try {
    await scrip.burn("acme", { amount: "1" });
  } catch (error) {
    // @ts-expect-error what a problem has is known by its code
    if (isRefused(error)) error.problem.available;
    // @ts-expect-error another code's member
    if (isRefused(error, "policy_violation")) error.problem.available;
    if (isRefused(error, "insufficient_credits", "policy_violation") && error.problem.code === "policy_violation") {
      error.problem.policy satisfies string;
    }
  }
  const list: Table<EntryPage> = scrip.listEntries("acme", { kind: "burn" });
  for await (const entry of list) entry.kind satisfies Entry["kind"];
  const balance: Promise<unknown> = scrip.getBalance("acme");
  void balance;
}

it("is refused by the compiler, not by Scrip", () => assert.ok(never));
