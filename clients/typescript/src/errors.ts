/** What may become of a request that is not answered as it should be. Each is an `Error`, and a {@link ScripError}. */
import type { components } from "./schema.js";

type Schemas = components["schemas"];

/** Every problem document that has a `code` of its own, by the name of its type. */
type Problems = {
  [Name in keyof Schemas as Name extends `${infer Kind}Problem` ? (Kind extends "" ? never : Name) : never]: Schemas[Name];
};

/** A problem document: told apart by its `code`. */
export type AnyProblem = Problems[keyof Problems];
/** What a refusal is branched on. docs/errors.md lists them. */
export type RefusalCode = AnyProblem["code"];
/** The problem document of a code, or of several. */
export type ProblemOf<Code extends RefusalCode> = Extract<AnyProblem, { code: Code }>;

/** The base of all that this package throws about a request. */
export class ScripError extends Error {
  /** Names the request in Scrip's logs; undefined where Scrip did not answer. */
  readonly requestId: string | undefined;
  /** The key that the request had: the same under it is carried out once, so it may be sent again. */
  idempotencyKey: string | undefined;
  /** How many times the request was sent. */
  attempts = 0;

  constructor(message: string, requestId?: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.requestId = requestId;
  }
}

/** Scrip's refusal. Nothing has changed. Narrow it with {@link isRefused}. */
export class Refused<Code extends RefusalCode = RefusalCode> extends ScripError {
  override readonly name = "Refused";
  /** What to branch on. A later Scrip may have codes that these types do not know. */
  readonly code: Code;
  /** The whole document: `available` of `insufficient_credits`, `errors` of `invalid_request`, and so on. */
  readonly problem: ProblemOf<Code>;
  readonly status: number;
  /** Seconds after which the same request may be sent again. */
  readonly retryAfter: number | undefined;

  constructor(problem: ProblemOf<Code>, status: number, requestId?: string, retryAfter?: number) {
    super(`${problem.code}: ${problem.detail}`, requestId);
    this.code = problem.code as Code;
    this.problem = problem;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** The gateway's refusal: Scrip has not seen the request, or did not answer in time. It has a message and no code. */
export class GatewayRefused extends ScripError {
  override readonly name = "GatewayRefused";
  readonly status: number;
  readonly retryAfter: number | undefined;

  constructor(message: string, status: number, requestId?: string, retryAfter?: number) {
    super(`${status}: ${message}`, requestId);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** No answer came: no connection, one that broke, or one that took too long. `cause` is what `fetch` threw. Whether the
 * request was carried out is not known; the same under the same idempotency key tells. */
export class NotReached extends ScripError {
  override readonly name = "NotReached";

  constructor(message: string, cause?: unknown) {
    super(message, undefined, { cause });
  }
}

/** What answered is not Scrip: a proxy's page, or a document that is cut. */
export class NotUnderstood extends ScripError {
  override readonly name = "NotUnderstood";
  readonly status: number;
  /** The first 1 000 characters of what was answered. */
  readonly text: string;

  constructor(message: string, status: number, text: string, requestId?: string) {
    super(message, requestId);
    this.status = status;
    this.text = text.slice(0, 1000);
  }
}

/** Tells whether an error is a refusal by Scrip, with one of these codes where some are named. */
export function isRefused(error: unknown): error is Refused;
export function isRefused<Code extends RefusalCode>(error: unknown, ...codes: [Code, ...Code[]]): error is Refused<Code>;
export function isRefused(error: unknown, ...codes: RefusalCode[]): boolean {
  return error instanceof Refused && (codes.length === 0 || codes.includes(error.code));
}
