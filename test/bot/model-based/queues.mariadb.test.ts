// The queues compared with their model, on a real MariaDB.
import { startMariadb } from '../../support/mariadb.ts';
import { describeQueues } from './describe-queues.ts';

describeQueues(startMariadb, 30);
