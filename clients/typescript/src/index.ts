/** Scrip's HTTP API for Node, browsers and edge functions. */
export { type Answered, Call, Listing, Report, Table } from "./answers.js";
export { Coalescer, type CoalescerMetrics, type CoalescerOptions } from "./coalescer.js";
export {
  type AnyProblem,
  GatewayRefused,
  isRefused,
  NotReached,
  NotUnderstood,
  type ProblemOf,
  type RefusalCode,
  Refused,
  ScripError,
} from "./errors.js";
export { Lease, type LeaseMetrics, type LeaseOptions } from "./lease.js";
export type { Query } from "./operations.js";
export type { Recorded, Spending } from "./records.js";
export type { CallOptions, KeyedOptions } from "./request.js";
export type * from "./schema.js";
export { Scrip, type ScripOptions } from "./scrip.js";
export type { Fetch, Persistence } from "./transport.js";
