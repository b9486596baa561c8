// Creates variants of a JSON body with missing, null and unknown members.

/** Two variants of a body, in which one member is changed. */
export interface Variant {
  /** Path of the member, such as `event.message.mentions.0.name`. */
  path: string;
  /** The body without the member. */
  without: unknown;
  /** The body with null as the member. */
  withNull: unknown;
}

/**
 * Returns one variant per member of each object in `body`. JSON inside a string, as in Feishu's `content`, is
 * unchanged.
 */
export function variantsOf(body: unknown): Variant[] {
  return pathsOf(body, []).map((path) => ({
    path: path.join('.'),
    without: changedAt(body, path, undefined),
    withNull: changedAt(body, path, null),
  }));
}

/** Returns the body with undocumented members in every object. */
export function withUnknownMembers(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(withUnknownMembers);
  if (typeof body !== 'object' || body === null) return body;
  const members = Object.entries(body).map(([name, value]) => [name, withUnknownMembers(value)]);
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
