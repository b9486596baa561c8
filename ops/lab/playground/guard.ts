// Protects the playground from other websites: only this machine's browser, only the page itself.
import type { RequestHandler } from 'express';

const loopbackNames = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Rejects foreign Host headers (DNS rebinding), and writes from a page of another origin. */
export const guardAgainstOtherSites: RequestHandler = (request, response, next) => {
  const host = request.get('host') ?? '';
  if (!loopbackNames.has(host.replace(/:\d+$/, ''))) {
    response.status(421).json({ error: 'Open the playground by 127.0.0.1 or localhost.' });
    return;
  }
  const origin = request.get('origin');
  const writes = !['GET', 'HEAD'].includes(request.method);
  if (writes && origin !== undefined && origin !== `http://${host}`) {
    response.status(403).json({ error: 'Only the playground page itself may send messages and switch faults.' });
    return;
  }
  next();
};

/** Sets the headers of every answer: no foreign content, no framing, no type sniffing. */
export const setSecurityHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    'content-security-policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  next();
};
