import assert from 'node:assert/strict';
import { test } from 'node:test';

import { makeSpan, parseSpan, spanInWords } from '../src/modeler/panel/span.js';

for (const [span, number, unit, words] of [
  ['P3WD', 3, 'WD', '3 个工作日'],
  ['P7D', 7, 'D', '7 个自然日'],
  ['PT24H', 24, 'H', '24 小时'],
  ['-P1WD', -1, 'WD', '-1 个工作日'],
  ['P0D', 0, 'D', '0 个自然日'],
]) {
  test(`${span} is ${words} and back`, () => {
    assert.deepEqual(parseSpan(span), [number, unit]);
    assert.equal(makeSpan(number, unit), span);
    assert.equal(spanInWords(span), words);
  });
}

test('a span with two parts is left to be typed', () => {
  assert.equal(parseSpan('P1DT12H'), null);
});
