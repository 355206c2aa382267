// Speaks Natter's own protocol, as its widget and console do.
import { v7 } from 'uuid';
import type { ClientFrameInput, ServerFrame } from '../../../domain/wire.ts';
import type { Dialect } from './line.ts';
import { Awaited, connectBare } from './socket.ts';

const spell = (frame: ClientFrameInput): string => JSON.stringify(frame);

export const native: Dialect = {
  async visitor(door, { conversation, token }, hearing) {
    const welcomed = new Awaited("a visitor's welcome");
    const path = `/ws/v1?conversation=${conversation}&visitorToken=${encodeURIComponent(token)}`;
    const socket = await connectBare(door, path, hearing, (text) => {
      const frame = JSON.parse(text) as ServerFrame;
      if ('welcome' in frame) welcomed.now();
      else if ('refused' in frame) hearing.refused(frame.refused);
    });
    await welcomed.done;
    let id = 0;
    return {
      post(text) {
        socket.send(
          spell({
            id: ++id,
            command: { type: 'PostMessage', conversation, command: v7(), data: { text } },
          }),
        );
      },
      close: () => socket.close(1000),
    };
  },

  async agent(door, { id, token, conversations }, hearing) {
    const welcomed = new Awaited("an agent's welcome");
    const following = new Awaited("an agent's conversations");
    const open = new Set<string | number>();
    const socket = await connectBare(door, `/ws/v1?token=${encodeURIComponent(token)}`, hearing, (text) => {
      const frame = JSON.parse(text) as ServerFrame;
      if ('event' in frame) {
        if (frame.event.type === 'MessagePosted') hearing.message(String(frame.event.data.text));
      } else if ('welcome' in frame) welcomed.now();
      else if ('refused' in frame) hearing.refused(frame.refused);
      else if ('re' in frame && frame.re !== undefined && open.delete(frame.re) && open.size === 0)
        following.now();
    });
    await welcomed.done;
    for (const [index, conversation] of conversations.entries()) {
      // Follows it, and takes it: whoever is read by an agent is not waiting any more.
      const command = { type: 'AssignAgent' as const, conversation, command: v7(), data: { agent: id } };
      open.add(`follow ${index}`).add(`take ${index}`);
      socket.send(spell({ id: `follow ${index}`, resume: { conversation, after: 0 } }));
      socket.send(spell({ id: `take ${index}`, command }));
    }
    if (open.size === 0) following.now();
    await following.done;
    return { post: () => {}, close: () => socket.close(1000) };
  },
};
