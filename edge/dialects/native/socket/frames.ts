// Reads the native socket's frames: which kind it is shows in its one key, so that only that kind's shape is tried.
import type { z } from 'zod';
import { type ClientFrame, clientFrame } from '../../../../domain/wire.ts';
import { sayIssue } from '../../../sentences.ts';

/** `invalid`: a known kind of frame with something wrong in it, which can be answered. `bad`: not a frame of ours. */
export type ReadFrame =
  | { readonly kind: 'frame'; readonly frame: ClientFrame }
  | { readonly kind: 'invalid'; readonly id: string | number; readonly why: string }
  | { readonly kind: 'bad'; readonly why: string };

const SHAPES = new Map<string, z.ZodType<ClientFrame>>(
  clientFrame.options.flatMap((shape) =>
    Object.keys(shape.shape)
      .filter((key) => key !== 'id')
      .map((key) => [key, shape as z.ZodType<ClientFrame>] as const),
  ),
);

/** What a console sends by itself, with nobody at it: to be let in, to hear, and that what it shows was read. */
const BY_ITSELF: ReadonlySet<string> = new Set(['auth', 'resume', 'watch', 'leave', 'ping']);

/** Whether a person did something, as far as a frame can tell. */
export function isActivity(frame: ClientFrame): boolean {
  if ('command' in frame) return frame.command.type !== 'MarkRead';
  return !Object.keys(frame).some((key) => BY_ITSELF.has(key));
}

/** Never throws. */
export function readFrame(text: string): ReadFrame {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    // What is wrong with it is the sender's to find out; that it is no JSON is all there is to say.
    return { kind: 'bad', why: 'a frame is JSON' };
  }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    return { kind: 'bad', why: 'a frame is an object' };
  const key = Object.keys(raw).find((name) => SHAPES.has(name));
  const read = key === undefined ? undefined : SHAPES.get(key)?.safeParse(raw, { error: sayIssue });
  if (!read) return { kind: 'bad', why: 'no kind of frame that is known here' };
  if (read.success) return { kind: 'frame', frame: read.data };
  const { id } = raw as { id?: unknown };
  const [issue] = read.error.issues;
  const field = issue?.path.join('.') || 'a frame';
  const why = `${field} ${issue?.message ?? 'is not as it should be'}`;
  const answerable =
    (typeof id === 'string' && id.length <= 64) || (typeof id === 'number' && Number.isFinite(id));
  return answerable && key !== 'auth'
    ? { kind: 'invalid', id, why }
    : { kind: 'bad', why: why.slice(0, 120) };
}
