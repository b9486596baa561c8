// Posts JSON to the lab and returns failures as texts.

/** Resolves with the answer's body and `error`, which is null if the request succeeded. */
export async function postJson(path, body) {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    return { body: answer, error: response.ok ? null : (answer.error ?? `The lab answered ${response.status}.`) };
  } catch {
    return { body: {}, error: 'The lab does not answer. Start it again with: make up' };
  }
}
