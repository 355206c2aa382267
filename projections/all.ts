// Every projection there is: a new read model is one file and one line here.
import { analytics } from './analytics.ts';
import { customers } from './customers.ts';
import { inbox } from './inbox.ts';
import { people } from './people.ts';
import type { Projection } from './projection.ts';
import { transcript } from './transcript.ts';

export const projections: readonly Projection[] = [inbox, transcript, customers, analytics, people];
export type ProjectionName = 'inbox' | 'transcript' | 'customers' | 'analytics' | 'people';
