// input[data-id-number] shows date of birth, age and sex while it is typed. The server decides whether it is right.
// data-fill-birth="#id" and data-fill-sex="#id" put them into other fields that are still empty.
import { readIdNumber } from './id-number-check.js';
import { say } from './note.js';
import { word } from './words.js';

document.addEventListener('input', ({ target }) => {
  if (target.matches && target.matches('[data-id-number]')) show(target, false);
});
document.addEventListener('change', ({ target }) => {
  if (target.matches && target.matches('[data-id-number]')) show(target, true);
});

function show(field, finished) {
  const typed = field.value.trim();
  if (!typed || (!finished && typed.length < 18)) return say(field, '');
  const { problem, birth, sex, age } = readIdNumber(typed);
  if (problem) return say(field, word(problem, { n: typed.length }), 'wrong');
  const [year, month, day] = birth;
  say(field, word('{year}年{month}月{day}日出生，{age} 岁，{sex}', { year, month, day, age, sex: word(sex) }), 'right');
  fill(field, field.dataset.fillBirth, `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`);
  fill(field, field.dataset.fillSex, sex);
}

function fill(field, selector, value) {
  const scope = field.closest('[data-row]') || document;
  const target = selector && scope.querySelector(selector);
  if (!target || target.value) return;
  const option = target.options && [...target.options].find((each) => each.value === value || each.text.trim() === value);
  target.value = option ? option.value : value;
  target.dispatchEvent(new Event('change', { bubbles: true }));
}
