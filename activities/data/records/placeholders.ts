/** Settles where each picture stands: typed parts, <image> placeholders in text, or none at all. */
import type { Message, Part } from '../../../config/records.js';
import { RowFault } from '../faults.js';
import type { ImageSource } from '../pictures/imageSource.js';
import type { RawPart, RawRecord, RawTurn } from './chat.js';

export interface PlacedRecord {
  messages: Message[];
  images: ImageSource[];
  repairs: string[];
}

/**
 * <image>, or one with its number as <image 1> or <image_1>, and what DeepSeek and InternLM call it. In quotes it is
 * talked about; it is no place for a picture.
 */
const tag = '<image(?:[ _-]?\\d{1,3}|_placeholder|here| ?/)?>';
const placeholder = new RegExp(`(?<!["'\`“‘«])${tag}|${tag}(?!["'\`”’»])`, 'gi');

/**
 * One picture and no place for it is put before the first question, and counted as a repair: nothing else can be meant.
 * Throws `RowFault` `placeholderMismatch` when places and pictures differ, `imageInAnswer` outside user turns.
 */
export function placeImages({ layout, turns, images }: RawRecord): PlacedRecord {
  const typed = turns.some(({ parts }) => parts.some((part) => !('text' in part)));
  const split = typed ? turns : numbered(turns.map(splitText));
  const places = split.flatMap(({ parts }) => parts).filter((part) => 'next' in part || 'index' in part).length;
  const own = split.flatMap(({ parts }) => parts).filter((part) => 'source' in part).length;
  if (own > 0 && places === 0 && own === images.length) return assign(split, [], []);
  if (places === 0 && (images.length === 1 || layout === 'question') && own === 0)
    return assign(
      imagesFirst(split, images.length),
      images,
      layout === 'chat' && images.length > 0 ? ['imagePlaced'] : [],
    );
  if (places !== images.length) throw mismatch(places, images.length);
  const indices = split.flatMap(({ parts }) => parts.flatMap((part) => ('index' in part ? [part.index] : [])));
  if (indices.length > 0 && new Set(indices).size < places)
    throw new RowFault('placeholderMismatch', `a picture has two places, and another of the ${images.length} has none`);
  return assign(split, images, []);
}

function mismatch(places: number, images: number): RowFault {
  const detail = `${places} image placeholders for ${images} pictures`;
  return new RowFault('placeholderMismatch', places > images ? `${detail}; is one of them ordinary text?` : detail);
}

function splitText(turn: RawTurn): RawTurn {
  if (turn.role !== 'user') return turn;
  return { ...turn, parts: turn.parts.flatMap((part) => ('text' in part ? splitPlaceholders(part.text) : [part])) };
}

/** The line breaks beside a placeholder belong to it. */
function splitPlaceholders(text: string): RawPart[] {
  const pieces = text.split(placeholder);
  const numbers = (text.match(placeholder) ?? []).map((found) => /\d+/.exec(found)?.[0]);
  return pieces.flatMap((piece, index): RawPart[] => {
    const tail = index === 0 ? piece : piece.replace(/^\n+/, '');
    const own = index === pieces.length - 1 ? tail : tail.replace(/\n+$/, '');
    if (index === 0) return [{ text: own }];
    const number = numbers[index - 1];
    return [number === undefined ? { next: true } : { index: Number(number) }, { text: own }];
  });
}

/** Numbers of placeholders as indices: they count from 0 where one of them is 0, else from 1. */
function numbered(turns: RawTurn[]): RawTurn[] {
  const first = turns.some(({ parts }) => parts.some((part) => 'index' in part && part.index === 0)) ? 0 : 1;
  const shifted = (part: RawPart): RawPart => ('index' in part ? { index: part.index - first } : part);
  return turns.map((turn) => ({ ...turn, parts: turn.parts.map(shifted) }));
}

function imagesFirst(turns: RawTurn[], images: number): RawTurn[] {
  const asked = turns.findIndex(({ role }) => role === 'user');
  const places = Array.from({ length: images }, (): RawPart => ({ next: true }));
  return turns.map((turn, index) => (index === asked ? { ...turn, parts: [...places, ...turn.parts] } : turn));
}

/** Gives every place its picture and leaves empty texts out. */
function assign(turns: RawTurn[], given: ImageSource[], repairs: string[]): PlacedRecord {
  const images: ImageSource[] = [];
  let next = 0;
  const take = (source: ImageSource | undefined): Part => {
    if (source === undefined) throw mismatch(given.length + 1, given.length);
    images.push(source);
    return { type: 'image', image: images.length - 1 };
  };
  const place = (part: RawPart): Part => {
    if ('text' in part) return { type: 'text', text: part.text };
    if ('source' in part) return take(part.source);
    if ('index' in part) return take(given[part.index]);
    next += 1;
    return take(given[next - 1]);
  };
  const messages = turns.map(({ role, parts }) => {
    if (role !== 'user' && parts.some((part) => !('text' in part)))
      throw new RowFault('imageInAnswer', `a picture stands in a message of the ${role}`);
    return { role, content: parts.map(place).filter((part) => part.type === 'image' || part.text.trim() !== '') };
  });
  return { messages, images, repairs };
}
