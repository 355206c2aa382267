// A frame of the documents' examples with real ids and tokens in place of those that only show what they look like.
import type { Session, World } from './world.ts';

/** What the example's ids and tokens stand for. `message`: the id of one of the session. */
export interface Meant {
  readonly session: Session;
  readonly token: string;
  readonly message?: string;
}

export function realFrame(world: World, value: unknown, meant: Meant): unknown {
  const { session, token, message = '' } = meant;
  if (Array.isArray(value)) return value.map((one) => realFrame(world, one, meant));
  if (typeof value !== 'object' || value === null) return value;
  const siteKey = () => world.door.parts.directory.defaultWidget(world.workspace)?.siteKey;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => {
      if (key === 'sessionId' || key === 'conversation') return [key, session.id];
      if (key === 'visitorToken') return [key, session.visitorToken];
      if (key === 'token') return [key, token];
      if (key === 'siteKey') return [key, siteKey()];
      if (key === 'messageId') return [key, message];
      if (key === 'agentId' || key === 'agent') return [key, world.jane];
      if (key === 'to') return [key, world.bob];
      if (key === 'command' && typeof one === 'string') return [key, world.newCommand()];
      return [key, realFrame(world, one, meant)];
    }),
  );
}
