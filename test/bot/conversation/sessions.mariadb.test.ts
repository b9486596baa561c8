// Sessions on a real MariaDB.
import { mariadbDatabases } from '../../support/databases.ts';
import { describeSessions } from './describe-sessions.ts';

describeSessions('MariaDB', mariadbDatabases);
