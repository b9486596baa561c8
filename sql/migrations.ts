// Lists the migrations, oldest first. Add new ones at the end, and never edit a released one.
import type { Knex } from 'knex';
import { up as guideTables } from './0001-guide-tables.ts';
import { up as messagePath } from './0002-message-path.ts';
import { up as wholeMessagePath } from './0003-whole-message-path.ts';
import { up as orderAndAge } from './0004-order-and-age.ts';

export interface Migration {
  name: string;
  up: (knex: Knex) => Promise<void>;
}

export const migrations: readonly Migration[] = [
  { name: '0001-guide-tables', up: guideTables },
  { name: '0002-message-path', up: messagePath },
  { name: '0003-whole-message-path', up: wholeMessagePath },
  { name: '0004-order-and-age', up: orderAndAge },
];
