/** A small server that answers what it is told to, and remembers what it was asked. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

import { Scrip, type ScripOptions } from "scrip-client";

/** An answer; `"cut"` ends the connection instead, `"silence"` never answers. */
export type Reply = { status?: number; body?: unknown; headers?: Record<string, string> } | "cut" | "silence";

export interface Asked {
  method: string;
  /** Path and query, as they were sent. */
  target: string;
  headers: IncomingMessage["headers"];
  body: string;
}

export interface Server extends AsyncDisposable {
  url: string;
  asked: Asked[];
  /** A client of it with these options. */
  scrip: (options?: Partial<ScripOptions>) => Scrip;
}

/** Serves replies one after the other; the last one again and again. */
export async function serving(...replies: Reply[]): Promise<Server> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => {
      asked.push({ method: request.method ?? "", target: request.url ?? "", headers: request.headers, body });
      const reply = replies[Math.min(asked.length, replies.length) - 1] ?? {};
      if (reply === "silence") return;
      if (reply === "cut") return void request.socket.destroy();
      const text = typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body ?? {});
      const status = reply.status ?? 200;
      response.writeHead(status, { "Content-Type": "application/json", "Request-Id": `r-${asked.length}`, ...reply.headers });
      response.end(status === 204 ? undefined : text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    asked,
    scrip: (options) => new Scrip({ url, key: "sk_test", ...options }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A refusal of this code. */
export function refusal(status: number, code: string, more: object = {}, headers: Record<string, string> = {}): Reply {
  const body = { type: `urn:scrip:problem:${code}`, title: code, status, detail: `It is ${code}.`, code, ...more };
  return { status, body, headers: { "Content-Type": "application/problem+json", ...headers } };
}
