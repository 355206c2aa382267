// One workspace's office on a log in memory, told by hand what happens and when: for what hangs on the order of things.
import { v7 } from 'uuid';
import { system } from '../../../../domain/actor.ts';
import { Aggregates } from '../../../../domain/log/aggregates.ts';
import {
  loadOf,
  type Routing,
  type RoutingEvent,
  type RoutingRequest,
  routing as routingDecider,
} from '../../../../domain/workspace/routing.ts';
import { settingsDefaults } from '../../../../domain/workspace/values.ts';
import { Ownership } from '../../../../edge/chat/ownership.ts';
import type { Directory, KnownUser } from '../../../../edge/identity/directory.ts';
import { Absences } from '../../../../edge/out/routing/absences.ts';
import { LastAgents } from '../../../../edge/out/routing/last-agents.ts';
import { Office } from '../../../../edge/out/routing/office.ts';
import { chat, command, type Process, process, starting, WORKSPACE } from '../../../domain/log/processes.ts';

export interface OneOffice {
  readonly people: Process;
  readonly office: Office;
  readonly ownership: Ownership;
  readonly faults: unknown[];
  agent(number: number): KnownUser;
  /** Begins one; the office does not hear of it. */
  begins(id: string): Promise<void>;
  /** As it is in the log now. */
  live(id: string): Promise<Parameters<Office['hear']>[0]>;
  ownerOf(id: string): Promise<string | undefined>;
  loadOf(number: number): Promise<number>;
}

/** An office of agents who are there, each of whom takes one conversation at once. */
export function oneOffice(numbers: readonly number[], waiting?: { each: number; all: number }): OneOffice {
  const people = process();
  const { subjects } = people.storage.log;
  const faults: unknown[] = [];
  const onFault = (fault: unknown) => faults.push(fault);
  const now = Date.now;
  const routing = new Aggregates<Routing, RoutingRequest, RoutingEvent>({
    log: people.storage.log,
    decider: routingDecider,
    now,
    ...(waiting ? { waiting } : {}),
  });
  const agent = (number: number): KnownUser => ({
    id: `u${number}`,
    workspace: WORKSPACE,
    number,
    profile: {
      username: `agent${number}`,
      email: `agent${number}@example.com`,
      fullName: `Agent ${number}`,
      role: 'support',
      maxChats: 1,
      departments: [],
      skills: [],
    },
    accepting: true,
    tokenVersion: 1,
    createdAt: '',
  });
  const users = numbers.map(agent);
  // All of the directory that an office asks.
  const directory = {
    workspace: () => ({
      id: WORKSPACE,
      number: 1,
      settings: { ...settingsDefaults, name: 'Acme', routing: 'auto' },
    }),
    user: (_: string, number: number | string) => users.find((user) => user.number === Number(number)),
    users: () => users,
    everWidget: () => undefined,
  } as unknown as Directory;
  const there = new Set(numbers);
  const online = { agents: () => there, available: () => there };
  const parts = {
    routing,
    conversations: people.aggregates,
    subjects,
    directory,
    online,
    newCommand: () => v7(),
    now,
    onFault,
  };
  const ownership = new Ownership(parts);
  const readModels = { live: { findLastAgent: async () => undefined } } as never; // The one question that is asked of them.
  const office = new Office({
    ...parts,
    workspace: WORKSPACE,
    ownership,
    absences: new Absences({ ...parts, grace: 20_000 }),
    lastAgents: new LastAgents({ readModels, onKnown: () => {}, onFault }),
  });
  const live = async (id: string) => {
    const address = chat(people, id);
    const { state, version } = await people.aggregates.load(address);
    return { address, state, version };
  };
  return {
    people,
    office,
    ownership,
    faults,
    agent,
    live,
    async begins(id) {
      await people.done(starting(), chat(people, id));
      await people.done(
        { ...command({ type: 'RequestHuman', data: { reason: '' } } as const), actor: system },
        chat(people, id),
      );
    },
    async ownerOf(id) {
      const { status, owner } = (await live(id)).state;
      return status === 'open' && owner.kind === 'agent' ? owner.agent.id : undefined;
    },
    async loadOf(number) {
      return loadOf((await routing.load(subjects.routing(WORKSPACE))).state, String(number));
    },
  };
}
