// Message limits on SQLite.
import { sqliteDatabases } from '../../support/databases.ts';
import { describeLimits } from './describe-limits.ts';

describeLimits('SQLite', sqliteDatabases);
