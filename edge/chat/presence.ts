// What an edge says of its agents to all other processes, by signal and by lease.
import { z } from 'zod';

/** Agents of one edge that are told of. */
export const MAX_AGENTS = 20_000;
/** Milliseconds after which an edge that says nothing counts as gone. */
export const SILENT_AFTER = 15_000;

/** By public number: whether that agent has shown activity lately, at the edge that says so. */
export type PresentAgents = ReadonlyMap<number, 'active' | 'away'>;
/** By workspace. */
export type Present = ReadonlyMap<string, PresentAgents>;

const numbers = z.array(z.number().int()).max(MAX_AGENTS);

export const presenceWord = z.object({
  edge: z.string().max(64),
  /** Counts what this edge says; an older word says nothing against a newer one. */
  word: z.number().int().nonnegative(),
  /** When it was said, by that edge's clock, in milliseconds since 1970. */
  at: z.number(),
  workspaces: z.record(z.string().max(64), z.object({ active: numbers, away: numbers })),
});
export type PresenceWord = z.infer<typeof presenceWord>;

export function presentOf({ workspaces }: PresenceWord): Present {
  return new Map(
    Object.entries(workspaces).map(([workspace, { active, away }]) => [
      workspace,
      new Map([
        ...active.map((number) => [number, 'active'] as const),
        ...away.map((number) => [number, 'away'] as const),
      ]),
    ]),
  );
}

/** The first `MAX_AGENTS` of them. */
export function told(present: Present): PresenceWord['workspaces'] {
  const workspaces: PresenceWord['workspaces'] = {};
  let room = MAX_AGENTS;
  for (const [workspace, agents] of present) {
    const some = [...agents].slice(0, room);
    room -= some.length;
    if (some.length === 0) break;
    const those = (which: 'active' | 'away') =>
      some.flatMap(([number, state]) => (state === which ? [number] : []));
    workspaces[workspace] = { active: those('active'), away: those('away') };
  }
  return workspaces;
}
