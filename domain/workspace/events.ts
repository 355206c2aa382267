// Every event that a workspace's aggregates can have, as one union.
import { z } from 'zod';
import { userEvent } from './user.ts';
import { widgetEvent } from './widget.ts';
import { workspaceEvent } from './workspace.ts';

export const anyWorkspaceEvent = z.union([workspaceEvent, userEvent, widgetEvent]);
export type AnyWorkspaceEvent = z.infer<typeof anyWorkspaceEvent>;
