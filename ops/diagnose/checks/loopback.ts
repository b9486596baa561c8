// Recognises addresses of this machine.

/** Returns true if requests to this URL cannot leave this machine. */
export function isLoopback(address: string): boolean {
  const { hostname } = new URL(address);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}
