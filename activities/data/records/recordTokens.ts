/** How many tokens a record can take at most. */
import type { PictureModel } from '../../../config/models.js';
import type { Message } from '../../../config/records.js';
import { RowFault } from '../faults.js';
import { imageTokens } from '../pictures/imageTokens.js';

/** Role and the marks around a message, in a chat template of the ChatML family. */
const tokensAroundMessage = 16;

export interface TokenCount {
  /** With the marks around each. */
  images: number;
  perImage: number;
  /** UTF-8 bytes: no byte-level tokenizer makes more tokens than that. */
  textBytes: number;
}

/** Of the texts alone: UTF-8 bytes, and the most tokens that they can take with the marks around each message. */
export function textSize(messages: Message[]): { bytes: number; tokens: number } {
  const texts = messages.flatMap(({ content }) => content.map((part) => (part.type === 'text' ? part.text : '')));
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return { bytes, tokens: bytes + messages.length * tokensAroundMessage };
}

/** Throws `RowFault` `tooLong`: nothing is ever cut, since that would take tokens from a picture or the end of an answer. */
export function countTokens(
  messages: Message[],
  pictures: { width: number; height: number }[],
  limits: { model: PictureModel; maximumTokens: number },
): TokenCount {
  const each = pictures.map(({ width, height }) => imageTokens({ width, height }, limits.model));
  const images = each.reduce((sum, tokens) => sum + tokens, 0);
  const { bytes: textBytes, tokens } = textSize(messages);
  const total = images + tokens;
  if (total > limits.maximumTokens)
    throw new RowFault(
      'tooLong',
      `up to ${total} tokens (pictures ${images}, text at most ${textBytes}), over ${limits.maximumTokens}`,
    );
  return { images, perImage: Math.max(0, ...each), textBytes };
}
