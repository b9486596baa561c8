// Serves the events of the lab to the playground page, live, as server-sent events.
import type { RequestHandler } from 'express';
import type { LabEvents } from '../common/lab-events.ts';

const heartbeatMs = 15_000;

/** Serves the stream. A browser that loses the connection reconnects after a second. */
export function createEventStream(events: LabEvents, stopped: AbortSignal): RequestHandler {
  return (_request, response) => {
    response.set({ 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
    response.flushHeaders();
    response.write('retry: 1000\n\n');
    const unsubscribe = events.subscribe((event) => response.write(`data: ${JSON.stringify(event)}\n\n`));
    const heartbeat = setInterval(() => response.write(': still here\n\n'), heartbeatMs).unref();
    const end = () => response.end();
    stopped.addEventListener('abort', end, { once: true });
    response.on('close', () => {
      unsubscribe();
      clearInterval(heartbeat);
      stopped.removeEventListener('abort', end);
    });
  };
}
