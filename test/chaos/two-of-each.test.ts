// two of each process, and what lies between them and the servers can be disturbed
import { stopCluster } from './two-of-each/cluster'; // before all others: so its cluster is up in their hooks
import './two-of-each/faulty-paths';
import './two-of-each/frozen-and-cut';
import './two-of-each/two-of-each'; // last: it leaves one of each

afterAll(stopCluster);
