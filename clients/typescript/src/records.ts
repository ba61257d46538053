/** Records that are not answered yet, each at the offset under which Scrip takes it once for ever. */
import { isRefused, NotReached, type ProblemOf, type RefusalCode, Refused, type ScripError } from "./errors.js";
import { mayPass, pauseMs, sleep } from "./transport.js";

/** The most records of a page. */
export const MOST = 1000;
/** Characters of a page's records. Scrip takes a megabyte; what is still too large is told by it, and halved. */
const LONGEST = 600_000;

/** A record as it is sent: an amount and a reference; or a meter, its quantity, a reference and dimensions. */
export type Said = [string, string] | [string, string, string, Record<string, string>];

/** What is to be burned: an amount, or so much of a meter. */
export type Spending = { reference?: string } & (
  | { amount: string; meter?: never }
  | { meter: string; quantity: string | number; dimensions?: Record<string, string>; amount?: never }
);

/** What became of a record. */
export interface Recorded {
  /** The stream. */
  stream: string;
  /** Its place in it. `findRecord` finds it by both, and a reversal of its entry takes the offset. */
  offset: number;
  /** The credits that were burned. */
  amount: string;
  /** Whether an earlier attempt had burned it already, whose answer was lost. */
  known: boolean;
}

/** A record that is not answered yet. */
export interface Waiting {
  offset: number;
  /** Null: it was given up, and its place stays empty. */
  said: Said | null;
  since: number;
  /** What it takes of a lease. */
  cost: bigint;
  /** Whether Scrip may have seen it. */
  sent: boolean;
  /** Why it was taken out of its page. */
  refusal?: ScripError;
  tell?: ((outcome: Recorded | ScripError) => void) | undefined;
}

/** Records in their order. Each gets the next offset when it comes, and keeps it until it is answered. */
export class Stream {
  waiting: Waiting[] = [];
  next = 0;
  name: string;

  constructor(name: string) {
    this.name = name;
  }

  take(said: Said, cost: bigint, tell?: Waiting["tell"]): Waiting {
    const record: Waiting = { offset: this.next, said, since: performance.now(), cost, sent: false, tell };
    this.next += 1;
    this.waiting.push(record);
    return record;
  }

  /** Gives the first records that fit a page. Empty places before them are passed. */
  page(most: number): Waiting[] {
    while (this.waiting[0] && this.waiting[0].said === null && !this.waiting[0].sent) this.waiting.shift();
    const found: Waiting[] = [];
    let size = 0;
    for (const record of this.waiting.slice(0, most)) {
      size += JSON.stringify(record.said).length;
      if (found.length > 0 && size > LONGEST) break;
      found.push(record);
    }
    return found;
  }

  /** Takes note that a page, the first that waited, is answered. */
  done(page: Waiting[]): void {
    this.waiting.splice(0, page.length);
  }

  /** Gives all that wait other places, since their old ones are somebody else's, or nobody's. */
  move(name: string, first: number, kept: Waiting[]): void {
    kept.forEach((record, index) => Object.assign(record, { offset: first + index, sent: false }));
    Object.assign(this, { name, waiting: kept, next: first + kept.length });
  }

  /** Seconds for which the oldest has waited. */
  get age(): number {
    return this.waiting[0] ? (performance.now() - this.waiting[0].since) / 1000 : 0;
  }
}

/** Gives a record as it is sent. @throws {TypeError} it is none */
export function said(spending: Spending, reference: string): Said {
  if (typeof reference !== "string" || reference === "" || reference.length > 64) {
    throw new TypeError("reference: must be a text of 1 to 64 characters");
  }
  const record: Said =
    spending.meter === undefined
      ? [spending.amount, reference]
      : [spending.meter, String(spending.quantity), reference, spending.dimensions ?? {}];
  try {
    encodeURIComponent(JSON.stringify(record).replace(/\\u(d[89a-f]..)/g, (_, code: string) => String.fromCharCode(parseInt(code, 16))));
  } catch (error) {
    throw new TypeError("this cannot be sent: its page would be refused to all who are in it", { cause: error });
  }
  return record;
}

/** Sends the very same thing until it is known what became of it, after waits that grow and are spread by chance. */
export async function untilKnown<Answer>(send: () => PromiseLike<Answer>, signal: AbortSignal, repeated: () => void): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      signal.throwIfAborted();
      if (!mayPass(error as ScripError, false)) throw error;
      repeated();
      await sleep(pauseMs(attempt, error as ScripError), signal);
    }
  }
}

/** Takes the records out of a page that a refusal of it names, each by its number or by its meter. Tells whether there
 * were some. */
export function takenOut(page: Waiting[], refused: unknown): boolean {
  if (!isRefused(refused)) return false;
  const facts = refused.problem as { field?: string; errors?: { field: string }[]; meter?: string };
  const named = [facts.field, ...(facts.errors ?? []).map(({ field }) => field)].map((field) => /^records\.(\d+)/.exec(field ?? "")?.[1]);
  const bad = page.filter(
    ({ said }, number) =>
      said && (named.includes(String(number)) || (refused.code === "not_found" && said.length > 2 && said[0] === facts.meter)),
  );
  for (const record of bad) Object.assign(record, { said: null, refusal: refused });
  return bad.length > 0;
}

const TITLES = {
  insufficient_credits: ["There are not enough credits", 402],
  budget_exceeded: ["That is more than a budget has left", 402],
  policy_violation: ["A policy does not allow this", 422],
  wallet_frozen: ["The wallet is frozen", 409],
} as const;

/** The refusal of what is refused beside others, of which an answer says the code alone. Of `budget_exceeded` the facts
 * of the budget are not there: `listBudgets` has them. */
export function refusalOf(reason: keyof typeof TITLES | undefined, required: string, available: string, unit: string): Refused {
  const code = reason && reason in TITLES ? reason : "insufficient_credits";
  const [title, status] = TITLES[code];
  const facts = {
    insufficient_credits: { required, available, unit },
    budget_exceeded: { unit },
    policy_violation: { policy: "max_lots_per_burn" },
    wallet_frozen: {},
  }[code];
  const problem = { type: `urn:scrip:problem:${code}`, title, status, detail: `${required || "So much"} ${code === "insufficient_credits" ? "cannot be paid" : "is not burned"}.`, code, ...facts };
  return new Refused(problem as ProblemOf<RefusalCode>, status);
}

/** An end after so long that stops what is under way. */
export function giveUp(controller: AbortController, records: number, patienceMs: number): () => void {
  const timer = setTimeout(() => controller.abort(new NotReached(`closed, and ${records} records are not answered`)), patienceMs);
  return () => clearTimeout(timer);
}

/** What of these options is said to Scrip, where it is. */
export function named({ unit, member, tags }: { unit?: string | undefined; member?: string | undefined; tags?: Record<string, string> | undefined }) {
  return { ...(unit !== undefined && { unit }), ...(member !== undefined && { member }), ...(tags !== undefined && { tags }) };
}
