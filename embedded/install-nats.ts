import { installNats } from './nats-binary';

// Run by make: fetches the one server that npm does not carry, unless a broker is given.
if ((process.env['PUNCTUAL_NATS_URL'] ?? process.env['NATS_URL']) === undefined)
  installNats().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
