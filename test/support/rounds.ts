/** Whether the long rounds are asked for (`make test/long`): each fault at each place, where the gate takes turns. */
export const isLong = process.env['TEST_LONG'] === '1';
