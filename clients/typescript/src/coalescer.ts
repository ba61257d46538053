/** The coalescer: burns of one wallet, as many in a page as wait while another page is under way. */
import { spendable } from "./amounts.js";
import { GatewayRefused, isRefused, type ScripError } from "./errors.js";
import type { Operations } from "./operations.js";
import { giveUp, MOST, named, type Recorded, refusalOf, said, type Said, type Spending, Stream, takenOut, untilKnown, type Waiting } from "./records.js";
import type { Booked, BookedPage } from "./schema.js";

/** How a coalescer works. */
export interface CoalescerOptions {
  /** The wallet's unit. Left out: `credits`. */
  unit?: string | undefined;
  /** Who uses the credits, in all entries of it. */
  member?: string | undefined;
  /** What for, in all entries of it. */
  tags?: Record<string, string> | undefined;
  /** Records of a page, 1 000 at most. Left out: 500. */
  page?: number | undefined;
  /** Milliseconds to wait for others before a page that is not full is sent, about. Left out: 5. */
  lingerMs?: number | undefined;
  /** Records that may wait; further burns wait for room. Left out: 10 000. */
  room?: number | undefined;
  /** Milliseconds that the end may take. Left out: 30 000. */
  patienceMs?: number | undefined;
}

/** What a coalescer has done, and what it has before it. */
export interface CoalescerMetrics {
  /** Records that are not answered yet. */
  waiting: number;
  /** Seconds for which the oldest of them has waited. */
  oldest: number;
  /** Pages that were answered. */
  pages: number;
  burned: number;
  refused: number;
  /** Pages that were sent again, since no answer came. */
  repeated: number;
  /** Records that an attempt had burned whose answer was lost. */
  known: number;
  /** Records that got another place, since somebody else had theirs: a copy of this process, say. */
  moved: number;
}

/** Burns of one wallet: `scrip.coalescer("acme")`. Each burn waits until its record is answered. */
export class Coalescer {
  readonly #scrip: Operations;
  readonly #account: string;
  readonly #options: CoalescerOptions;
  readonly #stream = new Stream(crypto.randomUUID());
  readonly #run = crypto.randomUUID().slice(0, 8);
  readonly #ended = new AbortController();
  readonly #counts = { pages: 0, burned: 0, refused: 0, repeated: 0, known: 0, moved: 0 };
  readonly #page: number;
  /** How many a page may have now: fewer, after one that was too large. */
  #most: number;
  #room: number;
  #queue: (() => void)[] = [];
  #pump: Promise<void> | undefined;
  #closed = false;

  /** @throws {RangeError} such a page is too large */
  constructor(scrip: Operations, account: string, options: CoalescerOptions = {}) {
    this.#scrip = scrip;
    this.#account = account;
    this.#options = options;
    this.#page = this.#most = options.page ?? 500;
    if (!(this.#page >= 1 && this.#page <= MOST)) throw new RangeError(`page: must be 1 to ${MOST}`);
    this.#room = options.room ?? 10_000;
  }

  /**
   * Burns credits, in a page with others, and returns once it is known that they are. `signal` ends it before it was
   * sent; what was sent may be burned.
   *
   * @throws {Refused} there are not enough (`insufficient_credits`), a budget has not so much left (`budget_exceeded`:
   * which one, `listBudgets` says), or the record, or its whole page, is refused for
   * another reason
   */
  async burn(spending: string | Spending, { signal }: { signal?: AbortSignal } = {}): Promise<Recorded> {
    const wanted = typeof spending === "string" ? { amount: spending } : spending;
    if (wanted.meter === undefined) spendable(wanted.amount);
    while (this.#room === 0) await new Promise<void>((resolve) => this.#queue.push(resolve));
    signal?.throwIfAborted();
    if (this.#closed) throw new Error("the coalescer is closed");
    this.#room -= 1;
    return new Promise<Recorded>((resolve, reject) => {
      const tell = (outcome: Recorded | ScripError): void => {
        this.#room += 1;
        this.#queue.shift()?.();
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      let record: Waiting;
      try {
        record = this.#stream.take(said(wanted, wanted.reference ?? `${this.#run}-${this.#stream.next}`), 0n, tell);
      } catch (error) {
        tell(error as ScripError);
        return;
      }
      signal?.addEventListener("abort", () => {
        if (record.sent || !record.tell) return reject(signal.reason);
        record.said = null;
        this.#tell(record, signal.reason);
      }, { once: true });
      this.#start();
    });
  }

  /** What was done, and what waits. */
  metrics(): CoalescerMetrics {
    const waiting = this.#stream.waiting.filter((record) => record.said !== null).length;
    return { waiting, oldest: this.#stream.age, ...this.#counts };
  }

  /**
   * Takes no more burns, and sends what waits. Again: nothing.
   *
   * @throws {NotReached} no answer came within `patienceMs`; who waits for one is told the same
   */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waits of this.#queue.splice(0)) waits();
    const stop = giveUp(this.#ended, this.#stream.waiting.length, this.#options.patienceMs ?? 30_000);
    try {
      if (this.#stream.waiting.length > 0) this.#start();
      await this.#pump;
    } finally {
      stop();
    }
    this.#ended.signal.throwIfAborted();
  }

  #start(): void {
    this.#pump ??= Promise.resolve().then(() => this.#sendPages());
  }

  async #sendPages(): Promise<void> {
    const linger = this.#options.lingerMs ?? 5;
    while (this.#stream.waiting.length > 0) {
      // Who began together is not to come together every time.
      if (linger && !this.#closed && this.#stream.waiting.length < this.#most) {
        await new Promise((resolve) => setTimeout(resolve, linger * (0.5 + Math.random())));
      }
      const page = this.#stream.page(this.#most);
      if (page.length === 0) continue;
      try {
        await this.#deliver(page);
      } catch (error) {
        // Its places are never used again: an attempt that comes late finds them taken or skipped.
        for (const record of page) this.#refuse(record, record.refusal ?? (error as ScripError));
        this.#stream.done(page);
      }
    }
    this.#pump = undefined; // at once: who burns when its last record is answered begins another
  }

  /** Sends a page until it is known what became of it, and tells those who wait. */
  async #deliver(page: Waiting[]): Promise<void> {
    let once = page.every((record) => !record.sent);
    for (const record of page) record.sent = true;
    const again = (): void => {
      once = false;
      this.#counts.repeated += 1;
    };
    const body = {
      ...named(this.#options),
      stream: this.#stream.name,
      first: page[0]!.offset,
      records: page.map((record) => record.said),
      gap: "skip" as const, // what lies before was given up, or is answered
    };
    let answer: BookedPage;
    try {
      const { signal } = this.#ended;
      answer = await untilKnown(() => this.#scrip.burnPage(this.#account, body, { attempts: 1, signal }), signal, again);
    } catch (error) {
      if (isRefused(error, "body_too_large") || (error instanceof GatewayRefused && error.status === 413)) {
        this.#most = Math.max(1, Math.floor(page.length / 2));
        if (page.length > 1) return;
      } else if (takenOut(page, error) && page.some((record) => record.said !== null)) return;
      // An attempt whose answer was lost may have booked some, the first of them first: these are known.
      if (!once && page.length > 1 && (isRefused(error) || error instanceof GatewayRefused)) return this.#deliver(page.slice(0, 1));
      throw error;
    }
    this.#counts.pages += 1;
    this.#most = Math.min(this.#page, 2 * this.#most);
    // What a page that was sent once knows already is somebody else's, and so is what comes before it.
    const taken = (record: Waiting, index: number): boolean => record.said !== null && /known|skipped/.test(answer.records[index]!.status);
    const end = once ? page.map(taken).lastIndexOf(true) + 1 : 0;
    page.slice(end).forEach((record, index) => this.#settle(record, answer.records[end + index]!, answer));
    if (end === 0) return this.#stream.done(page);
    const kept = [...page.slice(0, end), ...this.#stream.waiting.slice(page.length)].filter((record) => record.said !== null);
    this.#counts.moved += kept.length;
    this.#stream.move(crypto.randomUUID(), 0, kept);
  }

  #settle(record: Waiting, { status, amount, reason }: Booked, { balance }: BookedPage): void {
    if (record.said === null && status === "skipped") {
      if (record.refusal) this.#refuse(record, record.refusal);
    } else if (status === "refused") {
      this.#refuse(record, refusalOf(reason, amountOf(record.said), balance.available, this.#options.unit ?? "credits"));
    } else if (status === "known") this.#known(record, amount);
    else {
      this.#counts.burned += 1;
      this.#tell(record, { stream: this.#stream.name, offset: record.offset, amount, known: false });
    }
  }

  #known(record: Waiting, amount: string): void {
    this.#counts.known += 1;
    this.#tell(record, { stream: this.#stream.name, offset: record.offset, amount, known: true });
  }

  #refuse(record: Waiting, error: ScripError): void {
    if (record.said !== null || record.refusal) this.#counts.refused += 1;
    this.#tell(record, error);
  }

  #tell(record: Waiting, outcome: Recorded | ScripError): void {
    const { tell } = record;
    record.tell = undefined;
    tell?.(outcome);
  }
}

function amountOf(said: Said | null): string {
  return said?.length === 2 ? said[0] : "";
}
