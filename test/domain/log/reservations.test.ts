// Whose a conversation id is: reservations, and what takes them over.
import { describe, expect, test } from 'vitest';
import { mintConversationId } from '../../../domain/ids.ts';
import { memoryStorage } from '../../../domain/log/memory.ts';
import { Reservations } from '../../../domain/log/reservations.ts';
import { fill, OTHER_WORKSPACE, WORKSPACE } from './commits.ts';

const NOON = Date.parse('2026-11-21T12:00:00Z');

function reserving() {
  const storage = memoryStorage();
  const open = () => new Reservations({ log: storage.log, bucket: storage.reservations });
  return { storage, open, reservations: open() };
}

describe('an id that a client chose', () => {
  test("is nobody's, then the first one's, who may ask again", async () => {
    const { reservations } = reserving();
    expect(await reservations.find('order-17')).toBeUndefined();
    expect(await reservations.reserve('order-17', WORKSPACE, NOON)).toBe('reserved');
    expect(await reservations.reserve('order-17', WORKSPACE, NOON + 1)).toBe('reserved');
    expect(await reservations.find('order-17')).toBe(WORKSPACE);
    expect(await reservations.reserve('order-17', OTHER_WORKSPACE, NOON + 59_999)).toEqual({
      takenBy: WORKSPACE,
    });
  });

  test('is taken over after 60 s without a commit', async () => {
    const { reservations } = reserving();
    await reservations.reserve('order-17', WORKSPACE, NOON);
    expect(await reservations.reserve('order-17', OTHER_WORKSPACE, NOON + 60_000)).toBe('reserved');
    expect(await reservations.find('order-17')).toBe(OTHER_WORKSPACE);
    expect(await reservations.reserve('order-17', WORKSPACE, NOON + 60_001)).toEqual({
      takenBy: OTHER_WORKSPACE,
    });
  });

  test('is never taken over once there is a commit', async () => {
    const { storage, reservations } = reserving();
    await reservations.reserve('order-17', WORKSPACE, NOON);
    await fill(storage.log, storage.log.subjects.conversation(WORKSPACE, 'order-17'), 1);
    expect(await reservations.reserve('order-17', OTHER_WORKSPACE, NOON + 10 * 60_000)).toEqual({
      takenBy: WORKSPACE,
    });
  });

  test('goes to one workspace, however many reach for it at once, at first and at a take-over', async () => {
    const { open } = reserving();
    const workspaces = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => `w${letter.repeat(12)}`);
    for (const at of [NOON, NOON + 120_000]) {
      const reached = await Promise.all(
        workspaces.map((workspace) => open().reserve('order-17', workspace, at)),
      );
      const winners = workspaces.filter((_, i) => reached[i] === 'reserved');
      const owner = await open().find('order-17');
      expect(winners).toEqual([owner]);
      for (const lost of reached) if (lost !== 'reserved') expect(workspaces).toContain(lost.takenBy);
    }
  });
});

describe('an id of our own making', () => {
  const minted = mintConversationId(WORKSPACE, new Uint8Array(16).fill(7));

  test('carries its workspace and needs no reservation', async () => {
    const { storage, reservations } = reserving();
    expect(await reservations.reserve(minted, WORKSPACE, NOON)).toBe('reserved');
    expect(await reservations.find(minted)).toBe(WORKSPACE);
    expect(storage.servers.buckets.get('reservations')?.size).toBe(0);
  });

  test('is no good for another workspace, whoever made it look so', async () => {
    const { reservations } = reserving();
    expect(await reservations.reserve(minted, OTHER_WORKSPACE, NOON)).toEqual({ takenBy: WORKSPACE });
  });
});
