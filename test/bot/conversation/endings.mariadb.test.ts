// Messages finished together, on a real MariaDB.
import { mariadbDatabases } from '../../support/databases.ts';
import { describeEndings } from './describe-endings.ts';

describeEndings('MariaDB', mariadbDatabases);
