// Small pictures for lists and bubbles, made from untrusted images within bounds of pixels, time and memory.
import sharp from 'sharp';
import { type Refusal, refuse } from '../../domain/decider.ts';
import { Slots } from '../../domain/slots.ts';

/** Pixels an image may have in all: a bigger one would need hundreds of megabytes to decode. */
const MOST_PIXELS = 64_000_000;
/** Width and height of a preview at most. */
const PREVIEW_SIZE = 480;
const SECONDS = 10;
/** Images decoded at once by this process. */
const AT_ONCE = 2;

sharp.cache(false);

const slots = new Slots(AT_ONCE);

export interface Preview {
  /** Of the image itself, as it is shown. */
  readonly width: number;
  readonly height: number;
  /** WebP without metadata. */
  readonly preview: Uint8Array;
}

/** Decodes an image and makes its preview. Refused: `image-too-large`, and `file-type` where it is no whole image. */
export function previewOf(bytes: Uint8Array): Promise<Preview | Refusal> {
  return slots.run(() => decode(bytes));
}

async function decode(bytes: Uint8Array): Promise<Preview | Refusal> {
  try {
    const { autoOrient } = await sharp(bytes, { limitInputPixels: false }).metadata();
    const { width, height } = autoOrient;
    if (width * height > MOST_PIXELS) return refuse('image-too-large');
    const image = sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'error', sequentialRead: true })
      .timeout({ seconds: SECONDS })
      .autoOrient()
      .resize(PREVIEW_SIZE, PREVIEW_SIZE, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 76 });
    return { width, height, preview: await image.toBuffer() };
  } catch {
    // Whatever the decoder could not make sense of is not one of the images we take.
    return refuse('file-type');
  }
}
