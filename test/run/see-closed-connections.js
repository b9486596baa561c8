// Gives clients time before each test to see that the servers of the previous test have closed their connections. A new
// server may get the port of a closed one, and `fetch` would send its first request on the old connection.
import { setImmediate as nextRound } from 'node:timers/promises';
import { beforeEach } from '@jest/globals';

beforeEach(async () => {
  await nextRound(); // may end before the event loop reads from connections again
  await nextRound();
});
