// What strangers put into a request that one edge hands on to another: no fault of ours comes of it, and nothing but the request is handed on.
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { found, startEdge, type TestEdge } from '../edge/socket/edges.ts';
import { startTestNats, type TestNats } from '../parts/nats.ts';

let nats: TestNats;
let holder: TestEdge;
let other: TestEdge;

beforeAll(async () => {
  nats = await startTestNats('newest', { syncAlways: false });
  holder = await startEdge(nats);
  other = await startEdge(nats);
  await found(holder);
});

afterAll(async () => {
  await holder?.close();
  await other?.close();
  await nats?.stop();
});

/** Sends the bytes as they are, and tells the first line of the answer. */
function said(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    socket.once('data', (bytes) => {
      resolve(String(bytes).split('\r\n')[0] ?? '');
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(''));
  });
}

test('bytes that no header and no address may have are handed to nobody, and are no fault', async () => {
  const opened = await fetch(`http://127.0.0.1:${holder.port}/socket.io/?EIO=4&transport=polling`);
  const { sid } = JSON.parse((await opened.text()).slice(1));
  const path = `/socket.io/?EIO=4&transport=polling&sid=${sid}`;
  const ask = (address: string, header: string) =>
    said(other.port, `POST ${address} HTTP/1.1\r\nHost: natter\r\nContent-Length: 1\r\n${header}\r\n\r\n3`);
  const tries = [
    [`${path}&t=\u4f60`, 'Accept: */*'],
    [`${path}&t=\u{1f600}`, 'Accept: */*'],
    [`${path}&t=\u00e9`, 'Accept: */*'],
    [`${path}&t=\u007f`, 'Accept: */*'],
    [path, 'Origin: http://\u4f60.example'],
    [path, 'User-Agent: \u{1f600}'],
    [path, 'Content-Type: \u00e9'],
  ] as const;
  for (const [address, header] of tries)
    expect(await ask(address, header), `${address} ${header}`).toMatch(/^$|^HTTP\/1\.1 (200|400) /);
  expect(await ask(path, 'Accept: */*')).toBe('HTTP/1.1 200 OK');
  expect([...holder.faults, ...other.faults]).toEqual([]);
});
