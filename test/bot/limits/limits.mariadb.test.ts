// Message limits on a real MariaDB.
import { mariadbDatabases } from '../../support/databases.ts';
import { describeLimits } from './describe-limits.ts';

describeLimits('MariaDB', mariadbDatabases);
