/** Takes requests as Scrip does and carries them out with the client, each by its operation's method: so pages that are
 * written for curl are gone through with the client. Needs SCRIP_URL and SCRIP_API_KEY; prints its own URL. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { type Answered, GatewayRefused, Refused, Scrip } from "scrip-client";

type Method = (...given: unknown[]) => { answered(): Promise<Answered<unknown>> };

const scrip = new Scrip({ url: process.env.SCRIP_URL as string, key: process.env.SCRIP_API_KEY });
const { paths } = (await scrip.getOpenapi()) as unknown as { paths: Record<string, Record<string, { operationId: string; requestBody?: object }>> };
const routes = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([verb, { operationId, requestBody }]) => ({
    verb: verb.toUpperCase(),
    pattern: new RegExp(`^${path.replace(/\{\w+\}/g, "([^/]+)")}$`),
    name: operationId.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()) as keyof Scrip,
    hasBody: requestBody !== undefined,
  })),
);

async function carriedOut(request: IncomingMessage): Promise<Answered<unknown>> {
  const { pathname, searchParams } = new URL(request.url ?? "", "http://relay.test");
  for (const { verb, pattern, name, hasBody } of routes) {
    const ids = pathname.match(pattern)?.slice(1).map(decodeURIComponent);
    if (verb !== request.method || ids === undefined) continue;
    const method = scrip[name] as Method;
    const body = await read(request);
    const given: unknown[] = [...ids, ...(hasBody ? [body ? JSON.parse(body) : undefined] : [])];
    // Its last argument is its options; one more than these is its query.
    if (method.length > given.length + 1) given.push(Object.fromEntries(searchParams));
    const options = { idempotencyKey: header(request, "idempotency-key"), testClock: header(request, "scrip-test-clock") };
    return method.call(scrip, ...given, options).answered();
  }
  throw new Error(`${request.method} ${pathname} is no operation`);
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

async function read(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request) text += part;
  return text;
}

function answer(response: ServerResponse, status: number, body: unknown, headers: Record<string, string | undefined> = {}) {
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
  response.setHeader("Content-Type", status < 400 ? "application/json" : "application/problem+json");
  response.writeHead(status).end(body === undefined ? "" : JSON.stringify(body));
}

const server = createServer(async (request, response) => {
  try {
    const { body, status, replayed, requestId } = await carriedOut(request);
    answer(response, status, body, { "Request-Id": requestId, "Idempotent-Replay": replayed ? "true" : undefined });
  } catch (error) {
    if (error instanceof Refused) answer(response, error.status, error.problem, { "Request-Id": error.requestId });
    else if (error instanceof GatewayRefused) answer(response, error.status, { message: error.message });
    else answer(response, 500, { message: String(error) });
  }
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
