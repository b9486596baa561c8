// Sends one bounded HTTP request to a service of this machine.

/**
 * Returns the status and the parsed body (undefined if it is not JSON). Returns undefined if nothing answers within
 * `timeoutMs` milliseconds.
 */
export async function getJson(url: string, timeoutMs: number): Promise<{ status: number; body: unknown } | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    const text = await response.text();
    return { status: response.status, body: parse(text) };
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
