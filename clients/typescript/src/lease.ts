/** The lease: credits that are set aside for one process, which spends them in memory. */
import { parsed, spendable, step, written } from "./amounts.js";
import { isRefused } from "./errors.js";
import type { Operations } from "./operations.js";
import { giveUp, MOST, named, refusalOf, said, type Said, Stream, takenOut, untilKnown, type Waiting } from "./records.js";
import type { Hold, Settled } from "./schema.js";

/** How a lease is kept. */
export interface LeaseOptions {
  /** The credits that it is filled up to, before it runs dry. */
  renew: string;
  /** The wallet's unit. Left out: `credits`. */
  unit?: string | undefined;
  /** Who uses the credits, in all entries of it. */
  member?: string | undefined;
  /** What for, in all entries of it. */
  tags?: Record<string, string> | undefined;
  /** How long it lasts when nobody moves its deadline, ISO 8601: as long are credits held for a process that is gone.
   * Left out: `PT15M`. */
  expiresIn?: string | undefined;
  /** Milliseconds between settlements, about: a process that is killed loses what it has spent since the last one. Left
   * out: 5 000. */
  everyMs?: number | undefined;
  /** Milliseconds that the end may take. Left out: 30 000. */
  patienceMs?: number | undefined;
}

/** What a lease has, and what was done with it. */
export interface LeaseMetrics {
  /** Credits that can be spent in memory now. */
  left: string;
  /** Records that are spent and not settled; these are lost with the process. */
  unsettled: number;
  /** Their credits. */
  unsettledAmount: string;
  /** Seconds for which the oldest of them has not been settled. */
  oldest: number;
  settled: number;
  /** Records that Scrip refused when they were settled. */
  refused: number;
  settlements: number;
  /** Settlements that were sent again, since no answer came. */
  repeated: number;
  /** Settlements that filled the lease up. */
  renewals: number;
  /** Leases that ended before their records were settled, which then were burned from another. */
  replaced: number;
}

/** Credits that one process spends in memory: `await scrip.lease("acme", { renew: "500" })`. It never spends more than it
 * has, whoever asks at once. */
export class Lease {
  readonly #scrip: Operations;
  readonly #account: string;
  readonly #options: LeaseOptions;
  readonly #renew: bigint;
  readonly #expires: string;
  readonly #run = crypto.randomUUID().slice(0, 8);
  readonly #stream = new Stream("");
  readonly #ended = new AbortController();
  readonly #counts = { settled: 0, refused: 0, settlements: 0, repeated: 0, renewals: 0, replaced: 0 };
  #number = 0;
  #step = 1n;
  #left = 0n;
  /** What it is filled up at: another part of `renew` each time, so that many who began together come apart. */
  #low = 0n;
  #deadline = 0;
  /** Milliseconds from a request that moves the deadline to the deadline. */
  #lasts = 0;
  /** When its deadline is moved on. */
  #half = 0;
  #short = false;
  /** Why. */
  #why: Exclude<Settled["short"], null> | undefined;
  #rounds = 0;
  #stopped: unknown;
  #lock: Promise<unknown> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #kept = false;
  #closed = false;

  private constructor(scrip: Operations, account: string, options: LeaseOptions) {
    this.#scrip = scrip;
    this.#account = account;
    this.#options = options;
    this.#renew = spendable(options.renew, "renew");
    this.#expires = options.expiresIn ?? "PT15M";
  }

  /**
   * Sets the credits aside: less than `renew` where there is less.
   *
   * @throws {Refused} there are none, or it cannot be done
   */
  static async open(scrip: Operations, account: string, options: LeaseOptions): Promise<Lease> {
    const lease = new Lease(scrip, account, options);
    try {
      lease.#step = step((await scrip.getUnit(lease.#unit)).precision);
    } catch (error) {
      if (!isRefused(error, "forbidden")) throw error; // then what has too many decimals is refused when it is settled
    }
    await lease.#place([]);
    lease.#wake();
    return lease;
  }

  /** The credits that can be spent in memory now. */
  get left(): string {
    return written(this.#left);
  }

  /**
   * Spends credits: in memory, or after the lease was filled up where it has too few.
   *
   * @throws {Refused} neither the lease nor the wallet has so many (`insufficient_credits`), it is not filled up for
   * another reason (`budget_exceeded`, which `listBudgets` names; `wallet_frozen`), or it cannot be
   * settled. Nothing was spent.
   */
  async burn(amount: string, reference = `${this.#run}-${(this.#number += 1)}`): Promise<void> {
    const cost = spendable(amount);
    if (cost % this.#step) throw new TypeError(`amount: ${amount} has more decimals than the unit`);
    const record = said({ amount: written(cost) }, reference);
    if (this.#take(record, cost)) return;
    const began = this.#rounds;
    await this.#alone(async () => {
      while (!this.#take(record, cost)) {
        if (this.#rounds > began && this.#short) throw refusalOf(this.#why, written(cost), this.left, this.#unit);
        await this.#settle(true, cost);
      }
    });
  }

  /** What it has, and what was done. */
  metrics(): LeaseMetrics {
    const { waiting, age } = this.#stream;
    return { left: this.left, unsettled: waiting.length, unsettledAmount: written(this.#unsettled), oldest: age, ...this.#counts };
  }

  /**
   * Settles what was spent, and gives the rest back. Again: nothing.
   *
   * @throws {ScripError} it could not be settled within `patienceMs`, or is refused. What was spent is lost then, and the
   * rest is given back at the deadline.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    const stop = giveUp(this.#ended, this.#stream.waiting.length, this.#options.patienceMs ?? 30_000);
    try {
      await this.#alone(() => this.#settle(false));
      await this.#scrip.release(this.#account, this.#stream.name, {}, { idempotencyKey: `release-${this.#stream.name}`, signal: this.#ended.signal });
    } catch (error) {
      if (!isRefused(error, "hold_not_open")) throw error;
    } finally {
      stop();
      this.#left = 0n;
    }
  }

  get #unit(): string {
    return this.#options.unit ?? "credits";
  }

  get #unsettled(): bigint {
    return this.#stream.waiting.reduce((sum, { cost }) => sum + cost, 0n);
  }

  /** Does one thing after the other. */
  #alone<Done>(what: () => Promise<Done>): Promise<Done> {
    const done = this.#lock.then(what);
    this.#lock = done.catch(() => undefined);
    return done;
  }

  #take(record: Said, cost: bigint): boolean {
    if (this.#closed) throw new Error("the lease is closed");
    if (cost > this.#left || performance.now() >= this.#deadline || this.#stopped) return false;
    this.#stream.take(record, cost);
    this.#left -= cost;
    if ((this.#left < this.#low && !this.#short) || this.#stream.waiting.length >= MOST / 2) void this.#keep();
    return true;
  }

  /** Settles later: each time a little sooner or later than the last. */
  #wake(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const wait = Math.min((this.#options.everyMs ?? 5000) * (0.5 + Math.random()), this.#half - performance.now());
    this.#timer = setTimeout(() => void this.#keep(), Math.max(10, wait));
    (this.#timer as { unref?: () => void }).unref?.(); // it keeps no process alive
  }

  async #keep(): Promise<void> {
    if (this.#kept) return;
    this.#kept = true;
    try {
      await this.#alone(async () => this.#closed || (await this.#settle(this.#left < this.#low)));
    } catch (error) {
      this.#stopped = error;
    } finally {
      this.#kept = false;
      this.#wake();
    }
  }

  /** Books what was spent; where `renew`, fills the lease up, and by half of its time moves its deadline. */
  async #settle(renew: boolean, need = 0n): Promise<void> {
    if (renew) this.#rounds += 1;
    const extend = !this.#closed && performance.now() >= this.#half;
    let page = this.#stream.page(MOST);
    for (; page.length < this.#stream.waiting.length; page = this.#stream.page(MOST)) await this.#book(page, need);
    if (page.length > 0 || renew || extend) {
      await this.#book(page, need, renew ? largest(this.#renew, need) : undefined, extend);
    }
    this.#stopped = undefined;
  }

  async #book(page: Waiting[], need: bigint, wanted?: bigint, extend = false): Promise<void> {
    const began = performance.now();
    let answer: Settled;
    try {
      answer = await this.#send(page, wanted, extend);
    } catch (error) {
      if (isRefused(error, "hold_not_open")) return this.#replace(need, error.problem.hold_status);
      if (takenOut(page, error)) return this.#book(page, need, wanted, extend);
      throw error;
    }
    this.#count(page, answer);
    if (wanted !== undefined) {
      this.#counts.renewals += 1;
      this.#short = parsed(answer.hold.left ?? "0") < wanted;
      this.#why = answer.short ?? undefined;
    }
    if (extend) this.#extended(began);
    this.#has(answer.hold);
  }

  async #send(page: Waiting[], wanted?: bigint, extend = false): Promise<Settled> {
    for (const record of page) record.sent = true;
    const { signal } = this.#ended;
    const body = {
      first: page[0]?.offset ?? this.#stream.next,
      records: page.map((record) => record.said),
      ...(wanted !== undefined && { renew: written(wanted) }),
      ...(extend && { expires_in: this.#expires }),
    };
    const settle = () => this.#scrip.settle(this.#account, this.#stream.name, body, { attempts: 1, signal });
    return untilKnown(settle, signal, () => (this.#counts.repeated += 1));
  }

  #count(page: Waiting[], { records }: Settled): void {
    this.#counts.settlements += 1;
    page.forEach((record, index) => {
      this.#counts[records[index]?.status === "refused" || record.refusal ? "refused" : "settled"] += 1;
    });
    this.#stream.done(page);
  }

  /** Takes note of what the lease has: what Scrip holds for it, less what was spent since the page was made. */
  #has({ left }: Hold): void {
    const there = parsed(left ?? "0") - this.#unsettled;
    this.#left = there > 0n ? there : 0n;
    this.#low = (this.#renew * BigInt(30 + Math.floor(Math.random() * 30))) / 100n;
  }

  /** Takes note of the deadline: it is so long after Scrip decided, which is not before the request was sent. */
  #extended(began: number): void {
    this.#deadline = began + this.#lasts;
    this.#half = began + this.#lasts * (0.4 + 0.2 * Math.random());
  }

  /** Places a lease, from which these are to be paid first. Where there is less than `renew`, it is of that. */
  async #place(unsettled: Waiting[], need = 0n): Promise<void> {
    const spent = unsettled.reduce((sum, { cost }) => sum + cost, 0n);
    const asked = largest(this.#renew, spent, need);
    for (let wanted = asked; ; ) {
      const began = performance.now();
      try {
        const body = { ...named(this.#options), amount: written(wanted), lease: true, expires_in: this.#expires };
        const { hold, entry } = await this.#scrip.hold(this.#account, body, { signal: this.#ended.signal });
        this.#short = wanted < asked;
        this.#stream.move(hold.hold_id, 0, unsettled);
        this.#lasts = Date.parse(hold.expires_at) - Date.parse(entry.at);
        this.#extended(began);
        return this.#has(hold);
      } catch (error) {
        if (!isRefused(error, "insufficient_credits", "budget_exceeded")) throw error;
        const { problem } = error;
        this.#why = problem.code;
        const left = problem.code === "budget_exceeded" ? parsed(problem.limit) - parsed(problem.spent) : parsed(problem.available);
        const available = left > 0n ? left : 0n;
        if (available === 0n || available >= wanted || available < spent) throw error;
        wanted = available;
      }
    }
  }

  /** Goes on with another lease, since this one is over. What was spent of it and not settled is paid from the other one,
   * unless the deadline has taken all that this one held (`lease_timeout` of `capture`). */
  async #replace(need: bigint, status: string): Promise<void> {
    this.#left = 0n;
    const { waiting } = this.#stream;
    // What an attempt has booked whose answer was lost, the first of it first, is known after the end, too.
    for (const most of [MOST, 1]) {
      try {
        for (let page; (page = this.#stream.page(most)).length > 0; ) this.#count(page, await this.#send(page));
      } catch (error) {
        if (!isRefused(error, "hold_not_open")) throw error;
      }
    }
    if (status === "captured") {
      this.#counts.settled += waiting.length;
      this.#stream.done([...waiting]);
    }
    if (this.#closed && waiting.length === 0) return;
    await this.#place([...waiting], need); // nothing is spent meanwhile, since nothing is left
    this.#counts.replaced += 1;
    if (this.#stream.waiting.length > 0) await this.#settle(false);
  }
}

function largest(...amounts: bigint[]): bigint {
  return amounts.reduce((one, other) => (one > other ? one : other));
}
