// Sessions on SQLite.
import { sqliteDatabases } from '../../support/databases.ts';
import { describeSessions } from './describe-sessions.ts';

describeSessions('SQLite', sqliteDatabases);
