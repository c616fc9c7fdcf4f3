// the console in a real browser, on the running product: one stack and one browser for all of it
import { stopAll } from './console/stack'; // before all others: so its stack is up in their hooks
import './console/sign-in';
import './console/looks';
import './console/schedules';
import './console/load';
import './console/past';
import './console/list';
import './console/job';
import './console/system';
import './console/audit';
import './console/webhooks';
import './console/proxy';
import './console/search';
import './console/odd';
import './console/live';
import './console/jobs'; // after those: its server dies
import './console/operations'; // leaves many jobs ahead of now
import './console/burst'; // last: so does it

afterAll(stopAll);
