// A widget: a site key and how its chat looks and behaves.
import { z } from 'zod';
import type { Actor } from '../actor.ts';
import { type Decider, type Decision, type Placed, refuse } from '../decider.ts';
import { stated } from '../stated.ts';
import { type WidgetConfig, widgetConfig, widgetDefaults } from './values.ts';

/** Every field may be left out, and what is left out stays. */
export const widgetChange = widgetConfig.partial();
export type WidgetChange = z.infer<typeof widgetChange>;

/** `widget-` and at least 12 base32 characters. */
export const siteKey = z.string().regex(/^widget-[a-z2-7]{12,32}$/, 'is not a site key');

export const widgetEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('WidgetCreated'),
    data: z.object({ siteKey, config: widgetConfig.partial({ aiEnabled: true, ai: true, skills: true }) }),
  }),
  z.object({ type: z.literal('WidgetChanged'), data: widgetChange }),
  z.object({ type: z.literal('WidgetDeleted'), data: z.object({}) }),
]);
export type WidgetEvent = z.infer<typeof widgetEvent>;

export type WidgetRequest =
  | {
      readonly type: 'CreateWidget';
      readonly data: { readonly siteKey: string; readonly config: WidgetConfig };
    }
  | { readonly type: 'ChangeWidget'; readonly data: WidgetChange }
  | { readonly type: 'DeleteWidget'; readonly data: Record<string, never> };

export interface Widget {
  readonly status: 'none' | 'live' | 'deleted';
  /** The position of WidgetCreated: the id that the outside knows. */
  readonly number: number;
  readonly siteKey: string;
  readonly config?: WidgetConfig;
  readonly createdAt: string;
}

const initial: Widget = { status: 'none', number: 0, siteKey: '', createdAt: '' };

function decide(
  command: WidgetRequest & { readonly actor: Actor; readonly at: string },
  now: Widget,
): Decision<WidgetEvent> {
  if (command.type === 'CreateWidget')
    return now.status === 'none' ? [{ type: 'WidgetCreated', data: command.data }] : refuse('widget-exists');
  if (now.status === 'none') return refuse('widget-not-found');
  if (now.status === 'deleted') return command.type === 'DeleteWidget' ? [] : refuse('widget-not-found');
  switch (command.type) {
    case 'ChangeWidget':
      return [{ type: 'WidgetChanged', data: command.data }];
    case 'DeleteWidget':
      return [{ type: 'WidgetDeleted', data: {} }];
  }
}

function evolve(state: Widget, event: WidgetEvent & Placed): Widget {
  switch (event.type) {
    case 'WidgetCreated':
      return {
        status: 'live',
        number: event.position,
        siteKey: event.data.siteKey,
        // What widgets have learned since this one was made is as if nobody had said anything of it.
        config: { ...widgetDefaults, ...event.data.config },
        createdAt: event.at,
      };
    case 'WidgetChanged':
      return { ...state, config: state.config && { ...state.config, ...stated(event.data) } };
    case 'WidgetDeleted':
      return { ...state, status: 'deleted' };
  }
}

export const widget: Decider<Widget, WidgetRequest & { readonly actor: Actor }, WidgetEvent> = {
  initial,
  decide,
  evolve,
};
