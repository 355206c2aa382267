// A handful of conversations as a small coffee roaster has them, so that a first look at the console shows something true to life.
import { isRefusal } from '../../domain/decider.ts';
import type { KnownUser, KnownWidget } from '../../edge/identity/directory.ts';
import type { UserPrincipal, VisitorPrincipal } from '../../edge/identity/principals.ts';
import type { Assembled } from '../wiring/assemble.ts';

interface Script {
  readonly visitor: { name: string; email: string };
  readonly page: string;
  readonly department: 'general' | 'sales' | 'support' | 'billing' | 'technical';
  /** `v`: the visitor says it, `a`: the agent, `n`: an agent's note. */
  readonly lines: readonly (readonly ['v' | 'a' | 'n', string])[];
  readonly priority?: 'low' | 'medium' | 'high' | 'urgent';
  readonly tags?: readonly string[];
  readonly ends?: { score: number; feedback: string };
}

const SCRIPTS: readonly Script[] = [
  {
    visitor: { name: 'Clara Weiss', email: 'clara.weiss@example.com' },
    page: 'https://harbour-coffee.example/subscriptions',
    department: 'sales',
    lines: [
      ['v', 'Hi! Can I change the roast of my subscription from month to month?'],
      ['a', 'Hello Clara, yes, up to two days before each delivery. Which one are you on now?'],
      ['v', 'The dark one, but my partner would like something fruitier in summer.'],
      [
        'a',
        'Then the Guji natural from June to August might be just right. I have put it in your account as a suggestion, nothing is changed until you confirm.',
      ],
      ['v', 'Perfect, thank you so much!'],
    ],
    tags: ['subscription'],
    ends: { score: 5, feedback: 'Quick and kind.' },
  },
  {
    visitor: { name: 'Tomás Ferreira', email: 'tomas.ferreira@example.com' },
    page: 'https://harbour-coffee.example/orders/48213',
    department: 'support',
    lines: [
      ['v', 'My parcel says delivered but there is nothing at my door.'],
      ['a', 'I am sorry, Tomás. Let me look at the tracking of order 48213.'],
      ['n', 'Carrier shows a drop-off point two streets away; second time this month in that area.'],
      [
        'a',
        'The driver left it at the kiosk in Rua das Flores 14. Could you ask there? If it is not there I send a new one today.',
      ],
      ['v', 'Going there now, one moment'],
    ],
    priority: 'high',
    tags: ['delivery'],
  },
  {
    visitor: { name: 'Yuki Tanaka', email: 'yuki.tanaka@example.com' },
    page: 'https://harbour-coffee.example/grinders/k6',
    department: 'technical',
    lines: [
      ['v', 'The grinder stops after two seconds and the light blinks red three times.'],
      ['v', 'I cleaned it already, following the manual.'],
    ],
  },
  {
    visitor: { name: 'ليلى منصور', email: 'layla.mansour@example.com' },
    page: 'https://harbour-coffee.example/ar/beans',
    department: 'general',
    lines: [['v', 'مرحباً، هل توصلون القهوة إلى عمّان؟ وكم يستغرق ذلك؟']],
  },
  {
    visitor: { name: 'Ben Carter', email: 'ben.carter@example.com' },
    page: 'https://harbour-coffee.example/billing',
    department: 'billing',
    lines: [
      ['v', 'I was charged twice for invoice 2291.'],
      [
        'a',
        'Thank you for telling us, Ben. One of the two is only reserved and will be released by your bank within three days.',
      ],
      ['v', 'Ok, I will check on Friday then.'],
    ],
    ends: { score: 4, feedback: '' },
  },
];

/** Plays the scripts through the desk, as visitors and agents would. */
export async function demoConversations(
  parts: Assembled,
  widget: KnownWidget,
  agents: readonly KnownUser[],
): Promise<void> {
  for (const [index, script] of SCRIPTS.entries()) {
    const agent = agents[index % agents.length];
    if (agent) await play(parts, widget, agent, script);
  }
}

async function play(
  { desk }: Assembled,
  widget: KnownWidget,
  agent: KnownUser,
  script: Script,
): Promise<void> {
  const opened = await desk.start({
    widget,
    visitor: script.visitor,
    origin: { pageUrl: script.page, channel: 'demo' },
    department: script.department,
    priority: script.priority,
  });
  if (isRefusal(opened)) throw new Error(`a demo conversation was refused: ${opened.refused}`);
  const { conversation, workspace } = opened;
  const visitor: VisitorPrincipal = { kind: 'visitor', workspace, conversation, proven: true };
  const user: UserPrincipal = { kind: 'user', workspace, user: agent };
  for (const [who, text] of script.lines) {
    if (who === 'n') await desk.ask(user, conversation, { type: 'AddNote', data: { text } });
    else {
      const posted = await desk.ask(who === 'v' ? visitor : user, conversation, {
        type: 'PostMessage',
        data: { text },
      });
      if (who === 'a' && !isRefusal(posted))
        await desk.ask(user, conversation, { type: 'MarkRead', data: { upTo: posted.version } });
    }
  }
  if (script.tags) await desk.ask(user, conversation, { type: 'SetTags', data: { tags: [...script.tags] } });
  if (!script.ends) return;
  await desk.ask(visitor, conversation, { type: 'CloseConversation', data: {} });
  await desk.ask(visitor, conversation, { type: 'RateConversation', data: script.ends });
}
