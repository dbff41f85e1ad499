import assert from 'node:assert/strict';
import { test } from 'node:test';

import { makeSpan, parseSpan } from '../src/modeler/panel/span.js';

for (const [span, number, unit] of [
  ['P3WD', 3, 'WD'],
  ['P7D', 7, 'D'],
  ['PT24H', 24, 'H'],
  ['-P1WD', -1, 'WD'],
  ['P0D', 0, 'D'],
]) {
  test(`${span} to number and unit and back`, () => {
    assert.deepEqual(parseSpan(span), [number, unit]);
    assert.equal(makeSpan(number, unit), span);
  });
}

test('a span with two parts is left to be typed', () => {
  assert.equal(parseSpan('P1DT12H'), null);
});
