// Rows that the user adds and removes, such as household members and incomes:
// <div data-repeat data-min="1" data-max="20">
//   <div data-rows> <div data-row>…</div> </div>
//   <template> <div data-row>… name="members[__i__][name]" … <button type="button" data-remove-row></div> </template>
//   <button type="button" data-add-row>添加一行</button>
// </div>
// __i__ becomes a number that was not used before; the numbers may have gaps after a row was removed.
import { openDialog } from './dialog.js';
import { word } from './words.js';

document.addEventListener('click', async ({ target }) => {
  if (!target.closest) return;
  const add = target.closest('[data-add-row]');
  const remove = target.closest('[data-remove-row]');
  if (add) addRow(add.closest('[data-repeat]'));
  else if (remove) await removeRow(remove.closest('[data-row]'));
});

const rowsOf = (repeat) => [...repeat.querySelectorAll('[data-row]')].filter((row) => row.closest('[data-repeat]') === repeat);
const limit = (repeat, name, otherwise) => (repeat.dataset[name] ? Number(repeat.dataset[name]) : otherwise);

function addRow(repeat) {
  if (rowsOf(repeat).length >= limit(repeat, 'max', Infinity)) return;
  const template = repeat.querySelector('template');
  const next = nextIndex(repeat);
  const made = document.createElement('template');
  made.innerHTML = template.innerHTML.split('__i__').join(String(next));
  const row = made.content.firstElementChild;
  repeat.querySelector('[data-rows]').append(row);
  update(repeat);
  const field = row.querySelector('input:not([type=hidden]),select,textarea');
  if (field) field.focus();
  if (window.htmx) window.htmx.process(row);
}

function nextIndex(repeat) {
  const present = rowsOf(repeat).flatMap((row) => [...row.querySelectorAll('[name]')])
    .map((field) => /\[(\d+)\]|[._-](\d+)[._-]/.exec(field.name))
    .map((found) => (found ? Number(found[1] || found[2]) : -1));
  const next = Math.max(-1, Number(repeat.dataset.last || -1), ...present) + 1;
  repeat.dataset.last = String(next);
  return next;
}

async function removeRow(row) {
  const repeat = row.closest('[data-repeat]');
  if (rowsOf(repeat).length <= limit(repeat, 'min', 0)) return;
  if (isFilled(row)) {
    const answer = await openDialog(word('这一行已经填了内容，确定删除吗？'), [
      { value: '', label: word('取消') },
      { value: 'yes', label: word('删除'), className: 'btn-danger' },
    ]);
    if (answer !== 'yes') return;
  }
  const next = row.nextElementSibling || row.previousElementSibling;
  row.dispatchEvent(new Event('change', { bubbles: true })); // the form has changed
  row.remove();
  update(repeat);
  const focus = (next && next.querySelector('[data-remove-row]')) || repeat.querySelector('[data-add-row]');
  if (focus) focus.focus();
}

const isFilled = (row) => [...row.querySelectorAll('input:not([type=hidden]):not([type=checkbox]):not([type=radio]),textarea')]
  .some((field) => field.value.trim() && field.value !== field.defaultValue);

/** Numbers the rows for the eye and shows which buttons can be used. */
function update(repeat) {
  const rows = rowsOf(repeat);
  rows.forEach((row, index) => {
    const number = row.querySelector('[data-row-no]');
    if (number) number.textContent = String(index + 1);
    const remove = row.querySelector('[data-remove-row]');
    if (remove) remove.disabled = rows.length <= limit(repeat, 'min', 0);
  });
  const add = [...repeat.querySelectorAll('[data-add-row]')].find((button) => button.closest('[data-repeat]') === repeat);
  if (add) add.disabled = rows.length >= limit(repeat, 'max', Infinity);
}

const updateAll = () => document.querySelectorAll('[data-repeat]').forEach(update);
document.addEventListener('DOMContentLoaded', updateAll);
document.addEventListener('htmx:after:swap', updateAll);
