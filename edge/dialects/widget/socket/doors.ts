// The widget document's two sockets (seed 004) and what they share.

import { absoluteLinks } from '../../../out/files.ts';
import type { Door } from '../../../socket/door.ts';
import type { Floor } from '../../../socket/floor.ts';
import { WidgetAgentDoor } from './agent.ts';
import { widgetChannels } from './channels.ts';
import { WidgetCustomerDoor } from './customer.ts';
import { WidgetOwned } from './owned.ts';
import { WidgetQueue } from './queue.ts';
import { WidgetReceipts } from './receipts.ts';

/** The doors, and what ends what they keep going. */
export function openWidgetDoors(floor: Floor): { readonly doors: readonly Door[]; close(): void } {
  const { files, settings } = floor.edge;
  const links = absoluteLinks(files, settings.publicUrl);
  const receipts = new WidgetReceipts(floor);
  const channels = widgetChannels(
    links,
    () => new Date(floor.edge.now()).toISOString(),
    (address, version) => receipts.sent(address, version),
  );
  const queue = new WidgetQueue(floor);
  const owned = new WidgetOwned(floor, channels.agent);
  const customers = new WidgetCustomerDoor({ floor, channels });
  const agents = new WidgetAgentDoor({ floor, owned, queue, links });
  return {
    doors: [customers, agents],
    close() {
      customers.close();
      receipts.close();
    },
  };
}
