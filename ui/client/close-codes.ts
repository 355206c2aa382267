// What a close code of the server asks of us. The numbers are the wire's own (domain/wire.ts), of which browsers import types alone.
import type { CLOSE } from '../../domain/wire.ts';

type Code = (typeof CLOSE)[keyof typeof CLOSE]['code'];

/** Every close code of ours, and whether to connect again by oneself. A test holds it against the wire's table. */
export const RECONNECT: Readonly<Record<Code, boolean>> = {
  4400: false,
  4401: false,
  4403: false,
  4404: false,
  4408: true,
  4409: false,
  4413: false,
  4429: true,
  4503: true,
  4508: true,
};

/** Whether to connect again after this close code; codes that are not ours (1006, 1001 …) are broken lines. */
export function mayReconnect(code: number): boolean {
  return (RECONNECT as Readonly<Record<number, boolean>>)[code] ?? true;
}
