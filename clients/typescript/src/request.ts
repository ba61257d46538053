/** What a request says: what a method was given, and how its call may differ from others. */
import type { Persistence } from "./transport.js";

/** What every call may be told besides what it is about. */
export interface CallOptions extends Partial<Persistence> {
  /** Ends the call, and what it waits for. */
  signal?: AbortSignal | undefined;
  /** The instant at which to decide, where the deployment has its test clock enabled: RFC 3339, or a `Date`. */
  testClock?: string | Date | undefined;
  /** Further headers: a provider's signature of a webhook. */
  headers?: Record<string, string> | undefined;
}

/** What a call that changes something under a key may be told. */
export interface KeyedOptions extends CallOptions {
  /** Names this change for ever: the same under the same key is carried out once. Left out, one is made for this call
   * and kept over its attempts; a call that begins anew after a crash has another, so give one where that matters. */
  idempotencyKey?: string | undefined;
}

/** A request of a method. */
export interface Sent {
  method: string;
  path: string;
  /** Those of the path, by name. */
  parameters: Record<string, string>;
  body?: unknown;
  query?: object | undefined;
  options?: KeyedOptions | undefined;
  /** Whether it has an `Idempotency-Key`. */
  keyed?: boolean;
  /** Whether it may have been carried out when it is not answered, and twice is not the same as once. */
  once?: boolean;
  /** Whether it takes the test clock. */
  clock?: boolean;
  /** Whether it needs no API key. */
  open?: boolean;
}

/** What a request may be sent again for: another page, or as CSV. */
export interface More {
  cursor?: string;
  csv?: boolean;
}
