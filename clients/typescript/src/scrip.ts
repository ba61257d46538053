/** The client: where Scrip is, who asks, and how a method of {@link Operations} becomes a request. */
import createClient, { type Client } from "openapi-fetch";

import type { Answered } from "./answers.js";
import { Coalescer, type CoalescerOptions } from "./coalescer.js";
import { NotUnderstood } from "./errors.js";
import { Lease, type LeaseOptions } from "./lease.js";
import { Operations } from "./operations.js";
import type { KeyedOptions, More, Sent } from "./request.js";
import { exchange, type Fetch, parsed, type Persistence, PERSISTENCE } from "./transport.js";

/** What a client is made with. */
export interface ScripOptions extends Partial<Persistence> {
  /** Where Scrip is: the stack's output `ApiUrl`, or `SCRIP_URL` of .local/env. */
  url: string;
  /** The API key, a portal session's token, or a JWT; or what gives it, called for each request. */
  key?: string | (() => string | Promise<string>) | undefined;
  /** The instant at which to decide each request: see `CallOptions`. */
  testClock?: string | Date | undefined;
  /** What sends requests in place of `fetch`. */
  fetch?: Fetch | undefined;
}

type Requester = (method: string, path: string, init: object) => Promise<{ data?: unknown; response: Response }>;

/**
 * Scrip's API. Its methods are named as the operations of docs/openapi.json: parameters of the path first, then the
 * body or the query, then options.
 */
export class Scrip extends Operations {
  readonly #options: ScripOptions;
  readonly #client: Client<never>;

  constructor(options: ScripOptions) {
    super();
    if (!/^https?:\/\/./.test(options.url)) throw new TypeError(`url is no http(s) URL: ${JSON.stringify(options.url)}`);
    this.#options = options;
    this.#client = createClient<never>({
      baseUrl: options.url,
      // `metadata.job=4711`: an object's members are parameters of their own.
      querySerializer: { object: { style: "form", explode: true } },
    });
  }

  /** Makes a client that differs in some options: another test clock, say. */
  with(options: Partial<ScripOptions>): Scrip {
    return new Scrip({ ...this.#options, ...options });
  }

  /** Makes what gathers burns of one wallet into pages: as many as wait while another page is under way. */
  coalescer(account: string, options?: CoalescerOptions): Coalescer {
    return new Coalescer(this, account, options);
  }

  /** Sets credits of one wallet aside for this process, which spends them in memory. */
  lease(account: string, options: LeaseOptions): Promise<Lease> {
    return Lease.open(this, account, options);
  }

  protected async perform<Body>(sent: Sent, more: More): Promise<Answered<Body>> {
    const options: KeyedOptions = sent.options ?? {};
    const own = this.#options;
    const persistence: Persistence = {
      attempts: options.attempts ?? own.attempts ?? PERSISTENCE.attempts,
      patienceMs: options.patienceMs ?? own.patienceMs ?? PERSISTENCE.patienceMs,
      timeoutMs: options.timeoutMs ?? own.timeoutMs ?? PERSISTENCE.timeoutMs,
    };
    const { cursor, csv = false } = more;
    const request = this.#client.request as unknown as Requester;
    const { data, response } = await request(sent.method, sent.path, {
      params: { path: checked(sent.parameters), query: query(cursor ? { ...sent.query, cursor } : sent.query) },
      headers: { ...(await this.#headers(sent, options)), Accept: csv ? "text/csv" : "application/json", ...options.headers },
      body: sent.body,
      bodySerializer: (body: unknown) => (typeof body === "string" ? body : JSON.stringify(body)),
      parseAs: "text",
      fetch: (made: Request) =>
        exchange(made, own.fetch ?? usual, persistence, sent.once ?? false, options.signal),
    });
    const requestId = response.headers.get("Request-Id") ?? undefined;
    return {
      body: (csv || response.status === 204 ? data : json(String(data ?? ""), response.status, requestId)) as Body,
      status: response.status,
      headers: response.headers,
      requestId,
      replayed: response.headers.get("Idempotent-Replay") === "true",
    };
  }

  async #headers(sent: Sent, options: KeyedOptions): Promise<Record<string, string>> {
    const { key, testClock } = this.#options;
    const clock = options.testClock ?? testClock;
    const made: Record<string, string> = {};
    if (sent.body !== undefined) made["Content-Type"] = "application/json";
    if (key !== undefined && !sent.open) made.Authorization = `Bearer ${typeof key === "string" ? key : await key()}`;
    if (clock !== undefined && sent.clock) made["Scrip-Test-Clock"] = clock instanceof Date ? clock.toISOString() : clock;
    if (sent.keyed) made["Idempotency-Key"] = options.idempotencyKey ?? crypto.randomUUID();
    return made;
  }
}

/** The `fetch` that is there when it is called. */
const usual: Fetch = (request, init) => globalThis.fetch(request, init);

/** Refuses what a URL cannot say: it leaves out a part that is empty or dots alone, and so would name something else. */
function checked(parameters: Record<string, string>): Record<string, string> {
  for (const [name, value] of Object.entries(parameters)) {
    if (typeof value !== "string" || /^\.{0,2}$/.test(value)) throw new TypeError(`${name} cannot be ${JSON.stringify(value)}`);
  }
  return parameters;
}

/** Spells members that a filter has as parameters of their own: `metadata.job`. */
function query(values: object | undefined): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values ?? {}).map(([name, value]) => [
      name,
      value !== null && typeof value === "object"
        ? Object.fromEntries(Object.entries(value).map(([member, one]) => [`${name}.${member}`, one]))
        : value,
    ]),
  );
}

function json(text: string, status: number, requestId: string | undefined): unknown {
  const found = parsed(text);
  if (typeof found === "object" && found !== null) return found;
  throw new NotUnderstood(`${status}, with a body that is not Scrip's: is the URL that of Scrip?`, status, text, requestId);
}
