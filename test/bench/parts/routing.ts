// A simulated support team with a seed: whether every conversation goes to the right agent in time, found out from the log afterwards.
import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../load/clock.ts';
import { type Percentiles, percentiles } from '../load/ledger.ts';
import { OwnCpu } from '../measure/own-cpu.ts';
import { audit, type Cause, type Findings } from '../routing/audit.ts';
import { momentsOf } from '../routing/moments.ts';
import { type Plan, planOf } from '../routing/plan.ts';
import { Team } from '../routing/team.ts';
import { Visitors } from '../routing/visitors.ts';
import { availabilityFacts, conversationFacts } from '../systems/log-facts.ts';
import type { NatterUnderTest } from '../systems/natter.ts';
import { inLanes } from '../systems/system.ts';

export interface RoutingPlan {
  readonly seed: number;
  readonly team: number;
  readonly visitorsAnHour: number;
  /** So many times faster: visitors come as much oftener, and their chats last as much shorter. */
  readonly speed: number;
  /** From when the team is busy. */
  readonly simulatedSeconds: number;
}

export interface RoutingResult extends RoutingPlan, Omit<Findings, 'decisions'> {
  readonly visitors: number;
  readonly meanSeconds: number;
  /** From the moment that made an assignment possible to the assignment. */
  readonly decided: Percentiles;
  readonly decidedAfter: Readonly<Record<Cause, Percentiles & { readonly count: number }>>;
  /** Share of one core that the bench's process took: it holds all sockets. */
  readonly ownCpu: number;
  /** Refusals and sockets that closed by themselves, with the first of them. */
  readonly troubles: number;
  readonly firstTrouble: string | undefined;
}

const CAPACITY = 2;
/** Milliseconds for the first ones to be given, and for what was decided last to be stored. */
const FILL_PATIENCE = 5_000;
const REST_MS = 1_000;

export async function measureRouting(
  system: NatterUnderTest,
  dataDir: string,
  options: RoutingPlan,
  say: (sentence: string) => void,
): Promise<RoutingResult> {
  const { team: size, simulatedSeconds } = options;
  const plan = planOf({ ...options, agents: size, capacity: CAPACITY, seconds: simulatedSeconds });
  const api = await system.api();
  await api.changeWorkspace({ routing: 'auto', max_chats: CAPACITY });
  say(`${system.name}: ${size} agents …`);
  // Few at once: hashing a password takes its time on purpose.
  const agents = await inLanes(plan.agents, 4, ({ departments }) => api.addAgent({ departments }));
  const troubles: string[] = [];
  const onTrouble = (why: string) => troubles.push(why);
  const team = new Team(system.url, api, agents, onTrouble);
  const visitors = new Visitors(system.url, api, team, onTrouble);
  await team.come();
  await filled(plan, visitors, say);
  const from = Date.now();
  const own = new OwnCpu();
  say(`${system.name}: ${plan.visits.length} visitors within ${simulatedSeconds} s, seed ${options.seed} …`);
  await simulated(plan, visitors, team, simulatedSeconds, onTrouble);
  const until = Date.now();
  const ownCpu = own.share();
  await sleep(REST_MS);
  visitors.close();
  team.close();

  const moments = momentsOf(
    await conversationFacts(dataDir, say),
    await availabilityFacts(dataDir, say),
    team.presences,
  );
  const seats = agents.map(({ id }, index) => ({
    id,
    capacity: CAPACITY,
    departments: plan.agents[index]?.departments ?? [],
  }));
  const { decisions, ...found } = audit(moments, seats, { from, until });
  const after = (cause: Cause) => {
    const times = decisions.filter((decision) => decision.cause === cause).map(({ ms }) => ms);
    return { ...percentiles(times), count: times.length };
  };
  return {
    ...options,
    ...found,
    visitors: plan.visits.length,
    meanSeconds: plan.meanSeconds,
    decided: percentiles(decisions.map(({ ms }) => ms)),
    decidedAfter: { came: after('came'), ended: after('ended'), agent: after('agent') },
    ownCpu,
    troubles: troubles.length,
    firstTrouble: troubles[0],
  };
}

/** The first ones come, and none of their chats ends. */
async function filled({ fill }: Plan, visitors: Visitors, say: (sentence: string) => void): Promise<void> {
  say(`${fill.length} visitors to begin with …`);
  await Promise.all(
    fill.map(async (visit) => {
      await sleep(visit.at);
      await visitors.come(visit);
    }),
  );
  for (const until = nowMs() + FILL_PATIENCE; visitors.given < fill.length && nowMs() < until; )
    await sleep(100);
  visitors.begin();
}

async function simulated(
  { visits, absences }: Plan,
  visitors: Visitors,
  team: Team,
  seconds: number,
  onTrouble: (why: string) => void,
): Promise<void> {
  const within = (ms: number, work: () => Promise<void>) =>
    sleep(ms)
      .then(work)
      .catch((error: unknown) => onTrouble(String(error)));
  const whole = seconds * 1_000;
  await Promise.all([
    sleep(whole),
    ...visits.map((visit) => within(visit.at, () => visitors.come(visit))),
    ...absences.flatMap((absence) => [
      within(absence.from, () => team.leave(absence, false)),
      within(Math.min(absence.to, whole), () => team.leave(absence, true)),
    ]),
  ]);
}
