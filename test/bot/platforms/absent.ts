// Every way in which a member of a JSON body can be absent.

/** A body of the wire, and the same with one member changed. */
export interface Variant {
  /** Such as `event.message.mentions.0.name`. */
  path: string;
  /** Without the member. */
  without: unknown;
  /** With null for it. */
  withNull: unknown;
}

/** One variant for each member of each object in `body`; JSON in a string, as Feishu's `content`, stays as it is. */
export function variantsOf(body: unknown): Variant[] {
  return pathsOf(body, []).map((path) => ({
    path: path.join('.'),
    without: changedAt(body, path, undefined),
    withNull: changedAt(body, path, null),
  }));
}

/** The same body with members in every object that no page names. */
export function withStrangers(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(withStrangers);
  if (typeof body !== 'object' || body === null) return body;
  const members = Object.entries(body).map(([name, value]) => [name, withStrangers(value)]);
  return { ...Object.fromEntries(members), novelty: { deep: [1, null] }, other_novelty: null };
}

function pathsOf(value: unknown, path: string[]): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const own = [...path, name];
    return [...(Array.isArray(value) ? [] : [own]), ...pathsOf(inner, own)];
  });
}

function changedAt(value: unknown, [name = '', ...rest]: string[], to: null | undefined): unknown {
  if (Array.isArray(value)) return value.map((item, at) => (String(at) === name ? changedAt(item, rest, to) : item));
  const { [name]: inner, ...others } = value as Record<string, unknown>; // a path leads through objects
  if (rest.length > 0) return { ...others, [name]: changedAt(inner, rest, to) };
  return to === undefined ? others : { ...others, [name]: to };
}
