// Every projection there is: a new read model is one file and one line here.
import { analytics } from './models/analytics.ts';
import { customers } from './models/customers.ts';
import { inbox } from './models/inbox.ts';
import { knowledge } from './models/knowledge.ts';
import { people } from './models/people.ts';
import { transcript } from './models/transcript.ts';
import type { Projection } from './projection.ts';

export const projections: readonly Projection[] = [
  inbox,
  transcript,
  customers,
  analytics,
  people,
  knowledge,
];
export type ProjectionName = 'inbox' | 'transcript' | 'customers' | 'analytics' | 'people' | 'knowledge';
