// one of each process and server, each in a program of its own, and whatever can become of them
import { stopCluster } from './one-of-each/cluster'; // before all others: so its cluster is up in their hooks
import './one-of-each/outages';
import './one-of-each/total-loss';
import './one-of-each/kill-each-in-turn';
import './one-of-each/schedules';
import './one-of-each/bulk-operations';
import './one-of-each/truthful-answers';

afterAll(stopCluster);
