/** What a method gives: something to await, with what stands beside an answer, its items, or its CSV. */
import { NotUnderstood } from "./errors.js";
import type { More } from "./request.js";

/** An answer's body, and what stands beside it. */
export interface Answered<Body> {
  body: Body;
  status: number;
  headers: Headers;
  /** Names the request in Scrip's logs. */
  requestId: string | undefined;
  /** Whether this is the first answer again, since the idempotency key was used for the same request before. */
  replayed: boolean;
}

/** Sends a request; with a cursor, for that page. */
export type Send<Body> = (more: More) => Promise<Answered<Body>>;

/** A request that can be awaited as a `Promise` of the answer's body. */
abstract class Awaitable<Body> implements Promise<Body> {
  readonly [Symbol.toStringTag] = "Promise";
  protected readonly send: Send<Body>;

  constructor(send: Send<Body>) {
    this.send = send;
  }

  /** Gives the answer with its status, its headers and its `Request-Id`. */
  abstract answered(): Promise<Answered<Body>>;

  then<Kept = Body, Caught = never>(
    fulfilled?: ((body: Body) => Kept | PromiseLike<Kept>) | null,
    rejected?: ((error: any) => Caught | PromiseLike<Caught>) | null,
  ): Promise<Kept | Caught> {
    return this.answered()
      .then(({ body }) => body)
      .then(fulfilled, rejected);
  }

  catch<Caught = never>(rejected?: ((error: any) => Caught | PromiseLike<Caught>) | null): Promise<Body | Caught> {
    return this.then(undefined, rejected);
  }

  finally(done?: (() => void) | null): Promise<Body> {
    return this.then().finally(done);
  }
}

/** A request that is on its way. Await it for the answer's body, or `answered()` for what stands beside it too. */
export class Call<Body> extends Awaitable<Body> {
  readonly #answered: Promise<Answered<Body>>;

  constructor(send: Send<Body>) {
    super(send);
    this.#answered = send({});
  }

  override answered(): Promise<Answered<Body>> {
    return this.#answered;
  }
}

/** A request that is sent each time when it is awaited. */
abstract class Question<Body> extends Awaitable<Body> {
  override answered(): Promise<Answered<Body>> {
    return this.send({});
  }
}

/** A report: await it, or take it as CSV. */
export class Report<Body> extends Question<Body> {
  /** Gives it as CSV: a header and a row for each item. */
  async csv(): Promise<string> {
    return text(await this.send({ csv: true }));
  }
}

/** A page has its items in a member of this name. */
type PageOf<Member extends string> = { next_cursor: string | null } & { [Name in Member]: unknown[] };

/** A list: `for await` goes through all of its items, page by page; awaited it is its first page. */
export class Listing<Page extends PageOf<Member>, Member extends string = "items"> extends Question<Page> {
  readonly #member: Member;

  constructor(send: Send<Page>, member: Member) {
    super(send);
    this.#member = member;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Page[Member][number], void, undefined> {
    for await (const page of this.pages()) yield* page[this.#member] as Page[Member][number][];
  }

  /** Goes through the pages to the last; one may be empty and yet have another behind it. */
  async *pages(): AsyncGenerator<Page, void, undefined> {
    let page: Page = await this;
    for (;;) {
      yield page;
      const cursor = page.next_cursor;
      if (cursor === null) return;
      const { body, status } = await this.send({ cursor });
      if (body.next_cursor === cursor) throw new NotUnderstood("a page leads to itself", status, cursor);
      page = body;
    }
  }

  /** Gives all items: of a list that fits into memory. */
  async all(): Promise<Page[Member][number][]> {
    const found: Page[Member][number][] = [];
    for await (const item of this) found.push(item);
    return found;
  }
}

/** A list that can also be taken as CSV. */
export class Table<Page extends PageOf<Member>, Member extends string = "items"> extends Listing<Page, Member> {
  /** Goes through the list as CSV, page by page. Joined it is one document, whose header stands in the first. */
  async *csv(): AsyncGenerator<string, void, undefined> {
    let answer = await this.send({ csv: true });
    yield text(answer);
    for (;;) {
      const cursor = following(answer.headers.get("Link"));
      if (cursor === undefined) return;
      answer = await this.send({ cursor, csv: true });
      const rows = text(answer).replace(/^.*\r?\n/, ""); // names of columns have no line breaks
      if (rows) yield rows;
    }
  }
}

function text({ body, status, headers, requestId }: Answered<unknown>): string {
  if (headers.get("Content-Type")?.startsWith("text/csv")) return body as string;
  throw new NotUnderstood("asked for CSV, and answered something else", status, String(body), requestId);
}

/** Gives the cursor in `Link: <...>; rel="next"`. */
function following(link: string | null): string | undefined {
  const target = link?.match(/<([^>]*)>\s*;\s*rel="?next"?/)?.[1];
  if (target === undefined) return undefined;
  return new URL(target, "http://any.test").searchParams.get("cursor") ?? undefined;
}
