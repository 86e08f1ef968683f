/** A question that any vision model can answer: tells a fault of the endpoint from a fault of a record. */
import sharp from 'sharp';
import type { Decoding } from '../../config/serving.js';
import type { ChatMessages } from './chat.js';

export const controlDecoding: Decoding = { temperature: 0, maximumTokens: 8 };

/** One small grey picture, or several, and four words. 128 pixels: every family's smallest size or more. */
export async function controlMessages(pictures: number): Promise<ChatMessages> {
  const side = { width: 128, height: 128, channels: 3 as const, background: { r: 128, g: 128, b: 128 } };
  const png = await sharp({ create: side }).png().toBuffer();
  const picture = { type: 'image_url' as const, image_url: { url: `data:image/png;base64,${png.toString('base64')}` } };
  const text = { type: 'text' as const, text: 'What is the colour?' };
  return [{ role: 'user', content: [...Array.from({ length: pictures }, () => picture), text] }];
}
