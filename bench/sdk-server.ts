// Server with the Express adapter of the vendor, set up as in its README. It verifies callbacks in memory and stores
// nothing.

import type { AddressInfo } from 'node:net';
import * as lark from '@larksuiteoapi/node-sdk';
import express from 'express';
import { serveBenchmark } from './server-protocol.ts';

let handled = 0;
const dispatcher = new lark.EventDispatcher({
  encryptKey: process.env.FEISHU_ENCRYPT_KEY ?? '',
  verificationToken: process.env.FEISHU_VERIFICATION_TOKEN ?? '',
  loggerLevel: lark.LoggerLevel.error,
}).register({
  'im.message.receive_v1': async () => {
    handled += 1;
  },
});
const app = express();
app.use(express.json());
app.use('/feishu/verify', lark.adaptExpress(dispatcher, { autoChallenge: true }));
const server = app.listen(0, '127.0.0.1', () => {
  serveBenchmark((server.address() as AddressInfo).port, () => handled); // a TCP listener has an AddressInfo
});
