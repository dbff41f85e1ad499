import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readIdNumber } from '../src/app/id-number-check.js';

const today = new Date(2026, 10, 24);

test('reads date of birth, age and sex', () => {
  assert.deepEqual(readIdNumber('11010519491231002X', today), { birth: [1949, 12, 31], sex: '女', age: 76 });
});

test('accepts a small x and spaces around', () => {
  assert.equal(readIdNumber(' 11010519491231002x ', today).sex, '女');
});

for (const [words, number, problem] of [
  ['a wrong check digit', '110105194912310021', /校验位/],
  ['a day that does not exist', '110105194902300020', /出生日期/],
  ['a birth in the future', '110105209912310020', /出生日期/],
  ['too few digits', '1101051949123100', /应为 18 位/],
  ['letters', '11010519491231ABCD', /只能是/],
]) {
  test(`refuses ${words}`, () => {
    assert.match(readIdNumber(number, today).problem, problem);
  });
}
