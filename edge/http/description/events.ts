// Every domain event in the envelope in which it is told to the outside: CloudEvents 1.0 in JSON.
import { z } from 'zod';
import { conversationEvent } from '../../../domain/conversation/events.ts';
import { articleEvent } from '../../../domain/workspace/article.ts';
import { deliveriesEvent } from '../../../domain/workspace/deliveries.ts';
import { userEvent } from '../../../domain/workspace/user.ts';
import { webhookEvent } from '../../../domain/workspace/webhook.ts';
import { widgetEvent } from '../../../domain/workspace/widget.ts';
import { workspaceEvent } from '../../../domain/workspace/workspace.ts';

type Option = z.ZodObject<{ type: z.ZodLiteral<string>; data: z.ZodObject }>;

/** What belongs to nobody but the eraser, or opens files. */
const UNTOLD = new Set(['AttachmentAdded']);

/** `MessagePosted` becomes `message.posted` behind its family and a dot; what follows the first word is one. */
export function cloudEventType(family: 'chat' | 'workspace', type: string): string {
  const [first = '', ...rest] = type.split(/(?=[A-Z])/).map((word) => word.toLowerCase());
  return `${family}.${first}.${rest.join('-')}`;
}

function told(family: 'chat' | 'workspace', options: readonly Option[]): z.ZodType[] {
  return options.flatMap((option) => {
    const [name] = option.shape.type.values;
    if (name === undefined || UNTOLD.has(name)) return [];
    const type = cloudEventType(family, name);
    // Which files went with an erased conversation is the eraser's business alone.
    const data = name === 'ConversationErased' ? option.shape.data.omit({ files: true }) : option.shape.data;
    return [
      z
        .object({
          specversion: z.literal('1.0'),
          id: z.string(),
          source: z.string().describe('`/workspaces/<id>`'),
          type: z.literal(type),
          subject: z.string().describe(family === 'chat' ? 'The conversation.' : 'Whom or what it is about.'),
          time: z.iso.datetime(),
          datacontenttype: z.literal('application/json'),
          sequence: z.number().int().describe('The position: growing within a conversation.'),
          version: z.number().int().describe('Counts 1, 2, 3 … within the conversation.'),
          data,
        })
        .meta({ id: `Event${name}`, description: `\`${name}\` of the log.` }),
    ];
  });
}

/** In the order of the domain's own lists. */
export const domainEvents: readonly z.ZodType[] = [
  ...told('chat', conversationEvent.options as unknown as Option[]),
  ...told('workspace', userEvent.options as unknown as Option[]),
  ...told('workspace', widgetEvent.options as unknown as Option[]),
  ...told('workspace', workspaceEvent.options as unknown as Option[]),
  ...told('workspace', articleEvent.options as unknown as Option[]),
  ...told('workspace', webhookEvent.options as unknown as Option[]),
  ...told('workspace', deliveriesEvent.options as unknown as Option[]),
];
