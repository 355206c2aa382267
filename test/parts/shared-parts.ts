// Vitest's global set-up: starts what the test files share, the first time one of them asks for it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type PostgresServer, startServer } from './postgres.ts';

export default async function setUp(): Promise<() => Promise<void>> {
  let starting: Promise<PostgresServer> | undefined;
  const door = createServer(async (_request, response) => {
    try {
      starting ??= startServer();
      response.end((await starting).adminUrl);
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  process.env.NATTER_TEST_PARTS = `http://127.0.0.1:${(door.address() as AddressInfo).port}`;
  return async () => {
    door.closeAllConnections();
    await new Promise((resolve) => door.close(resolve));
    await (await starting)?.stop();
  };
}
