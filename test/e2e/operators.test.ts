// those who run the product and prove what it did: one stack for all of them
import { stopStack } from './operators/stack'; // before all others: so its stack is up in their hooks
import './operators/audit-seal'; // first: all events of the log are its own
import './operators/embedded-secrets';
import './operators/audit-page';
import './operators/tools';
import './operators/schedules';
import './operators/replay';
import './operators/shared-servers';
import './operators/connections';
import './operators/audit-verify'; // leaves a log that breaks promises
import './operators/supervision'; // stops and kills the stack

afterAll(stopStack);
