// A call of the API: how it is made here, and how one makes it with curl.

export interface Call {
  method: "GET" | "POST" | "PUT";
  path: string;
  body?: Record<string, unknown>;
}

/** An answer that is no success, in the server's words. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

/** The command for a call. The key is a variable of the shell: it is shown nowhere. */
export function curl({ method, path, body }: Call, origin: string): string {
  const lines = [
    `curl ${method === "GET" ? "" : `-X ${method} `}${quoted(origin + path)}`,
    `-H "Authorization: Bearer $KEY"`,
  ];
  if (body !== undefined) {
    lines.push(`-H 'Content-Type: application/json'`, `-d ${quoted(JSON.stringify(body))}`);
  }
  return lines.join(" \\\n  ");
}

/** Makes a call. */
export async function send<T>({ method, path, body }: Call, key: string): Promise<T> {
  const json = body === undefined ? {} : { "content-type": "application/json" };
  const response = await fetch(path, {
    method,
    headers: { authorization: `Bearer ${key}`, ...json },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json().catch(() => ({}))) as T & { detail?: string };
  if (!response.ok) {
    throw new Refusal(response.status, answer.detail ?? `The server answered ${response.status}.`);
  }
  return answer;
}

/** A word for the shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
