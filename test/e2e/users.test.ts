// users and programs at the HTTP door of the running product: one stack for all of them, each with jobs of his own
import { stopStack } from './users/stack'; // before all others: so its stack is up in their hooks
import './users/bad-input'; // first: it tells that nothing else was recorded
import './users/main-job';
import './users/near-the-due-time';
import './users/attempts';
import './users/jwt';
import './users/forecast';
import './users/lateness';
import './users/webhook';
import './users/live';
import './users/shares';
import './users/schedules';
import './users/bulk-operations';
import './users/search';
import './users/as-of'; // last: what it waits for takes a minute

afterAll(stopStack);
