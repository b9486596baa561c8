// Messages finished together, on SQLite.
import { sqliteDatabases } from '../../support/databases.ts';
import { describeEndings } from './describe-endings.ts';

describeEndings('SQLite', sqliteDatabases);
