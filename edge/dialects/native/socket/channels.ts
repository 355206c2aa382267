// What our own widget, consoles and SDK are sent (domain/wire.ts).
import type { ServerFrame } from '../../../../domain/wire.ts';
import { type Audience, showEvent } from '../../../chat/audience.ts';
import type { Links } from '../../../out/files.ts';
import type { Channel } from '../../../socket/channel.ts';

/** The native frames for one audience. */
export function nativeChannel(audience: Audience, links: Links): Channel {
  return {
    audience,
    event({ address, event, previous }) {
      const shown = showEvent(event, address.id, audience, links, previous);
      return shown && JSON.stringify({ event: shown } satisfies ServerFrame);
    },
    aiText: (address, { type, answers, text, done }) =>
      JSON.stringify({
        signal: { conversation: address.id, type, answers, text, done },
      } satisfies ServerFrame),
    place: (address, standing) =>
      JSON.stringify({
        signal: { conversation: address.id, type: 'queue', ...standing },
      } satisfies ServerFrame),
    typing(address, { type, from, isTyping, name }) {
      return JSON.stringify({
        signal: { conversation: address.id, type, from, isTyping, name },
      } satisfies ServerFrame);
    },
  };
}
