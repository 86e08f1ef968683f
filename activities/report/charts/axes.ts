/** Axes that all line drawings share. */
import { figure } from '../format.js';
import { ink } from './palette.js';

export const letters = { size: 13, small: 12 } as const;
/** Pixels; a phone shows it at about four fifths of that, a desk a little larger. */
export const drawingSize = { width: 420, height: 255 } as const;

/** Losses whose largest is so many times the smallest are drawn on a logarithmic axis. */
const logarithmicFrom = 12;
/** The smallest loss that a logarithmic axis shows, in nats a token. */
export const smallestLoss = 1e-4;

export function isLogarithmic(values: readonly number[]): boolean {
  const positive = values.map((value) => Math.max(value, smallestLoss));
  return positive.length > 0 && Math.max(...positive) / Math.min(...positive) >= logarithmicFrom;
}

const label = { color: ink('text'), fontSize: letters.small };
const line = { lineStyle: { color: ink('grid') } };

function name(text: string, nameGap: number) {
  return { name: text, nameLocation: 'middle', nameGap, nameTextStyle: label };
}

/** Passes over the business data, from 0. */
export function epochAxis(last: number) {
  const ticks = { show: true, lineStyle: { color: ink('grid') } };
  const range = { min: 0, max: Math.max(last, 0.1), splitNumber: 5 };
  const shown = { ...label, showMaxLabel: false, hideOverlap: true, formatter: figure };
  return {
    type: 'value',
    ...name('epoch', 26),
    ...range,
    splitLine: { show: false },
    axisTick: ticks,
    axisLine: { ...line, onZero: false },
    axisLabel: shown,
  };
}

export function lossAxis(values: readonly number[]) {
  const logarithmic = isLogarithmic(values);
  const range = logarithmic ? logarithmicRange(values) : { scale: true };
  const common = { splitLine: line, axisLine: { show: false }, axisTick: { show: false }, splitNumber: 4 };
  return { type: logarithmic ? 'log' : 'value', ...range, ...common, axisLabel: { ...label, formatter: figure } };
}

function logarithmicRange(values: readonly number[]) {
  const positive = values.map((value) => Math.max(value, smallestLoss));
  const [least, most] = [Math.min(...positive), Math.max(...positive)];
  return { min: roundBelow(least), max: roundAbove(most) };
}

/** 1, 2 or 5 times a power of ten, not above the value. */
function roundBelow(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([5, 2].find((step) => step * power <= value) ?? 1) * power;
}

/** 1, 2 or 5 times a power of ten, not below the value. */
function roundAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((step) => step * power >= value) ?? 10) * power;
}

/** Learning rates, evenly spaced in the order of their size. */
export function rateAxis(rates: readonly string[]) {
  const ticks = { show: false };
  return {
    type: 'category',
    data: rates,
    ...name('learning rate', 26),
    axisTick: ticks,
    axisLine: line,
    axisLabel: label,
  };
}

export const grid = { left: 48, right: 16, top: 22, bottom: 42 };
