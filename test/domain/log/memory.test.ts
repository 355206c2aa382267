// The twin in memory keeps the log's contract, and its switches do what tests of others rely on.
import { describe, expect, test } from 'vitest';
import { memoryStorage } from '../../../domain/log/memory.ts';
import { MemoryServers } from '../../../domain/log/memory-servers.ts';
import { Subjects } from '../../../domain/log/subjects.ts';
import { collect, commit, fill, until, versions, WORKSPACE } from './commits.ts';
import { logContract } from './log-contract.ts';

describe('the log in memory', () => {
  logContract(async () => {
    const servers = new MemoryServers(new Subjects(4));
    return { open: async (options) => memoryStorage({ servers, ...options }), end: async () => {} };
  });
});

describe("the twin's switches", () => {
  test('an unknown outcome that was stored meets itself as a conflict, one that was lost is stored the second time', async () => {
    const { log } = memoryStorage();
    const [stored, lost] = ['a', 'b'].map((id) => log.subjects.conversation(WORKSPACE, id));
    if (!stored || !lost) throw new Error('no address');
    log.failNext('unknown-stored');
    expect((await log.append(stored, commit(1), 0)).kind).toBe('unknown');
    expect((await log.append(stored, commit(1), 0)).kind).toBe('conflict');
    log.failNext('unknown-lost', 'busy');
    expect((await log.append(lost, commit(1), 0)).kind).toBe('unknown');
    expect((await log.append(lost, commit(1), 0)).kind).toBe('busy');
    expect((await log.append(lost, commit(1), 0)).kind).toBe('stored');
    for (const address of [stored, lost]) expect(versions(await collect(log.read(address, 0)))).toEqual([1]);
  });

  test('live copies can be lost, and a lost connection is told and leaves nothing answered', async () => {
    const { log, secrets } = memoryStorage();
    const address = log.subjects.conversation(WORKSPACE, 'c');
    const heard: number[] = [];
    const told: string[] = [];
    await log.live(address, ({ sequence }) => heard.push(sequence)).ready;
    log.onDisturbance((what) => told.push(what));
    log.dropLive = true;
    const [first = 0] = await fill(log, address, 1);
    await new Promise((resolve) => setTimeout(resolve, 10));
    log.dropLive = false;
    const [second] = await fill(log, address, 1, 2, first);
    await until(() => heard.length > 0);
    expect(heard).toEqual([second]);
    log.setConnected(false);
    expect((await log.append(address, commit(3), second ?? 0)).kind).toBe('unknown');
    await expect(log.last(address)).rejects.toThrow('cannot be reached');
    await expect(secrets.get('x')).rejects.toThrow('cannot be reached');
    log.setConnected(true);
    expect(versions(await collect(log.read(address, 0)))).toEqual([1, 2]);
    expect(told).toEqual(['disconnected', 'reconnected']);
  });
});
