import { isNewEnough } from '../../../cli/setup/node.mjs';

it.each([
  ['18.20.4', false],
  ['20.9.0', false],
  ['20.15.0', false],
  ['20.18.1', true],
  ['20.20.2', true],
  ['24.1.0', true],
])('Node %s: new enough is %s', (version, expected) => {
  expect(isNewEnough(version)).toBe(expected);
});
