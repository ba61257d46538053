/** Sends a request until it is answered: an attempt's time, which answers are worth another attempt, and when. */
import { type AnyProblem, GatewayRefused, NotReached, NotUnderstood, Refused, type ScripError } from "./errors.js";

/** How `fetch` is called here: a custom one may look at the request, and must pass on the signal. */
export type Fetch = (request: Request, init?: RequestInit) => Promise<Response>;

/** How long a call goes on. */
export interface Persistence {
  /** How many times a request is sent at the most. 1: never again. */
  attempts: number;
  /** Milliseconds of the whole call, after which it is not sent again. */
  patienceMs: number;
  /** Milliseconds that one attempt may take. */
  timeoutMs: number;
}

/** An attempt of 30 s is as long as the gateway waits; five of them come to the seconds that a storm lasts. */
export const PERSISTENCE: Persistence = { attempts: 5, patienceMs: 30_000, timeoutMs: 30_000 };
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8_000;
const SHORTEST_ATTEMPT_MS = 100;

/**
 * Sends a request, again where that may help, and gives the answer, read whole.
 *
 * @throws {ScripError} the last attempt's
 * @throws what `signal` was aborted with
 */
export async function exchange(
  request: Request,
  fetch: Fetch,
  { attempts, patienceMs, timeoutMs }: Persistence,
  once: boolean,
  signal?: AbortSignal,
): Promise<Response> {
  const end = Date.now() + patienceMs;
  for (let attempt = 1; ; attempt += 1) {
    const left = Math.max(end - Date.now(), SHORTEST_ATTEMPT_MS);
    const outcome = await attempted(request.clone(), fetch, Math.min(timeoutMs, left), signal);
    if (outcome instanceof Response) return outcome;
    outcome.attempts = attempt;
    outcome.idempotencyKey = request.headers.get("Idempotency-Key") ?? undefined;
    const pause = pauseMs(attempt, outcome);
    if (attempt >= attempts || !mayPass(outcome, once) || Date.now() + pause > end) throw outcome;
    await sleep(pause, signal);
  }
}

/** Gives the milliseconds until the next attempt: what was asked for, or twice as long as the last time; and up to half
 * of it more by chance, so that those who were refused together do not come back together. */
export function pauseMs(attempt: number, error: ScripError): number {
  const asked = "retryAfter" in error && typeof error.retryAfter === "number" ? error.retryAfter * 1000 : undefined;
  const least = asked ?? Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
  return least * (1 + Math.random() / 2);
}

/** Tells whether the same request may be answered otherwise a moment later; of one that may not be sent `once` more where
 * it may have been carried out, whether it was not. */
export function mayPass(error: ScripError, once: boolean): boolean {
  if (error instanceof Refused && error.code === "contended") return true;
  if (error instanceof GatewayRefused && error.status === 429) return true;
  if (once) return false;
  if (error instanceof NotReached) return true;
  return "status" in error && typeof error.status === "number" && (error.status === 429 || error.status >= 500);
}

async function attempted(request: Request, fetch: Fetch, timeoutMs: number, signal?: AbortSignal): Promise<Response | ScripError> {
  signal?.throwIfAborted();
  const late = AbortSignal.timeout(timeoutMs);
  let response: Response;
  let text: string;
  try {
    response = await fetch(request, { signal: signal ? AbortSignal.any([signal, late]) : late });
    text = await response.text();
  } catch (error) {
    signal?.throwIfAborted();
    const why = late.aborted ? `no answer in ${timeoutMs} ms` : `no answer: ${reason(error)}`;
    return new NotReached(why, error);
  }
  if (!response.ok) return refusal(response, text);
  return new Response(text || null, { status: response.status, headers: response.headers });
}

/** Says in words what `fetch` threw; Node's own message is one level further down. */
function reason(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { message?: string; code?: string } };
  return cause?.message || cause?.code || message || String(error);
}

function refusal(response: Response, text: string): ScripError {
  const { status, headers } = response;
  const requestId = headers.get("Request-Id") ?? undefined;
  const asked = Number(headers.get("Retry-After") || Number.NaN);
  const retryAfter = asked >= 0 ? asked : undefined;
  const body: unknown = parsed(text);
  if (typeof body === "object" && body !== null) {
    if ("code" in body && typeof body.code === "string") {
      return new Refused(body as AnyProblem, status, requestId, retryAfter);
    }
    if ("message" in body && typeof body.message === "string") {
      return new GatewayRefused(body.message, status, requestId, retryAfter);
    }
  }
  return new NotUnderstood(`${status}, with a body that is not Scrip's: is the URL that of Scrip?`, status, text, requestId);
}

/** Gives what a text says as JSON; undefined where it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
  });
}
