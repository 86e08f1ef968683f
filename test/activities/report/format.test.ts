import { describe, expect, it } from '@jest/globals';
import {
  duration,
  figure,
  interval,
  moment,
  percent,
  points,
  rate,
  titled,
  words,
} from '../../../activities/report/format.js';
import { evidenceValue } from '../../../activities/report/sections/decisions.js';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('figures for people', () => {
  it('are per cent with one decimal, intervals in brackets, differences with their sign', () => {
    expect([percent(0.9781), percent(1), percent(0)].map(plain)).toEqual(['97.8 %', '100.0 %', '0.0 %']);
    expect(plain(interval({ lower: 0.962, upper: 0.989 }))).toBe('[96.2, 98.9]');
    expect([points(0.735), points(-0.025), points(0)]).toEqual(['+73.5', '−2.5', '+0.0']);
  });

  it.each([
    [0, '0 s'],
    [0.42, '0.4 s'],
    [59.6, '1 min'],
    [252, '4 min 12 s'],
    [3600, '1 h'],
    [3725, '1 h 2 min'],
    [90_000, '1 d 1 h'],
  ])('%d seconds are %s', (seconds, told) => {
    expect(plain(duration(seconds))).toBe(told);
  });

  it('have three digits, large ones are whole and small ones powers of ten', () => {
    expect([0.14159, 12.345, 1234.5, 1797, 0.00001, Number.NaN].map(figure)).toEqual([
      '0.142',
      '12.3',
      '1,235',
      '1,797',
      '1e-5',
      'not a number',
    ]);
    expect([1e-5, 0.002, 2.5e-4].map(rate)).toEqual(['1e-5', '2e-3', '2.5e-4']);
  });

  it('are told as shares by their names alone', () => {
    const told = (name: string, value: number) => plain(evidenceValue(name, value));
    expect([told('lower', 0.9), told('genericKept', 0.976), told('contentWhenValid', 0.26)]).toEqual([
      '90.0 %',
      '97.6 %',
      '26.0 %',
    ]);
    expect([told('validationLoss', 0.142), told('excessLower', 0.01), told('items', 1), told('seconds', 61)]).toEqual([
      '0.142',
      '0.01',
      '1',
      '1 min 1 s',
    ]);
    expect([evidenceValue('a', null), evidenceValue('a', true), evidenceValue('a', 'text')]).toEqual([
      '–',
      'yes',
      'text',
    ]);
  });

  it('name times in UTC, and show what is no time as it is', () => {
    expect(plain(moment('2026-11-25T03:14:59Z'))).toBe('25 Nov 2026, 03:14 UTC');
    expect(moment('soon')).toBe('soon');
  });

  it('turn names of the code into words', () => {
    expect([words('genericBudget'), titled('canRepeat'), words('mix/10-1')]).toEqual([
      'generic budget',
      'Can repeat',
      'mix/10-1',
    ]);
  });
});
