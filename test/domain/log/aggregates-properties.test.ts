// Whatever two processes do at once and whatever the log does to them: each command once, versions without a gap.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isRefusal } from '../../../domain/decider.ts';
import type { Failure } from '../../../domain/log/memory-log.ts';
import { close } from '../conversation-words.ts';
import { type Command, chat, command, eventsOf, process, saying, starting } from './processes.ts';

const failure = fc.constantFrom<Failure>('unknown-stored', 'unknown-lost', 'busy');
const step = fc.record({
  /** Which process is asked. */
  who: fc.nat(1),
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constant('say' as const) },
    { weight: 2, arbitrary: fc.constant('again' as const) },
    { weight: 1, arbitrary: fc.constant('close' as const) },
    { weight: 1, arbitrary: fc.constant('read' as const) },
  ),
  /** Turns of the loop before the next step. */
  pause: fc.nat(3),
  failure: fc.option(failure, { nil: undefined, freq: 8 }),
  /** Which earlier command is sent again, to whichever process. */
  pick: fc.nat(),
});
/** Milliseconds for which an append of unknown outcome is tried again; real ones, so mostly none. */
const patience = fc.constantFrom(0, 0, 0, 60);

test('two processes, repeats, reads and faults in any interleaving: each command exactly once, in gapless versions', () =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), patience, async (steps, patience) => {
      const here = process(undefined, { patience });
      const processes = [here, process(here, { patience })];
      const sent: { asked: Command; outcome: Awaited<ReturnType<typeof here.ask>> }[] = [];
      const all: Command[] = [starting()];
      await here.done(all[0] as Command);
      const running: Promise<void>[] = [];
      for (const { who, what, pause, failure, pick } of steps) {
        const at = processes[who] ?? here;
        if (failure) at.storage.log.failNext(failure);
        if (what === 'read') running.push(at.aggregates.load(chat(at)).then(() => {}));
        else {
          const asked =
            what === 'again'
              ? (all[pick % all.length] as Command)
              : what === 'close'
                ? command(close)
                : saying(`${all.length}`);
          if (what !== 'again') all.push(asked);
          running.push(at.ask(asked).then((outcome) => void sent.push({ asked, outcome })));
        }
        for (let turn = 0; turn < pause; turn++) await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all(running);

      const events = await eventsOf(here);
      expect(events.map((event) => event.version)).toEqual(events.map((_, index) => index + 1));
      expect(events.map((event) => event.at)).toEqual(events.map((event) => event.at).sort());
      const commandsInOrder = events.map((event) => event.command);
      const runs = commandsInOrder.filter((id, index) => id !== commandsInOrder[index - 1]);
      expect(new Set(runs).size, 'a command stored in one piece').toBe(runs.length);
      const posted = events.filter((event) => event.type === 'MessagePosted').map((event) => event.command);
      expect(new Set(posted).size, 'a message once').toBe(posted.length);
      for (const { asked, outcome } of sent) {
        const stored = events.filter((event) => event.command === asked.command).at(-1);
        if (isRefusal(outcome))
          expect(['busy', 'unavailable', 'conversation-exists']).toContain(outcome.refused);
        else if (!outcome.unchanged)
          expect({ version: stored?.version, position: stored?.position }).toEqual({
            version: outcome.version,
            position: outcome.position,
          });
      }
      // Whatever each process believes now, once confirmed it is what the log says.
      const truth = await process(here).aggregates.load(chat(here));
      for (const one of processes) {
        const { state, version, sequence } = await one.aggregates.load(chat(one));
        expect({ state, version, sequence }).toEqual({
          state: truth.state,
          version: truth.version,
          sequence: truth.sequence,
        });
      }
    }),
    { numRuns: 100 },
  ));
