// Keys of the worklist: table[data-inbox] with tr[data-href]; [data-claim] in a row claims; [data-search] is the search field.
import { openDialog } from './dialog.js';
import { word } from './words.js';

const KEYS = [
  ['j ↓', '下一行'],
  ['k ↑', '上一行'],
  ['Enter', '打开'],
  ['c', '领取'],
  ['/', '查找'],
  ['?', '显示这份说明'],
];

const table = () => document.querySelector('table[data-inbox]');
const rows = () => [...table().querySelectorAll('tbody > tr[data-href]')];
const selected = () => table().querySelector('tr.is-selected');

const ACTIONS = {
  j: () => move(1),
  ArrowDown: () => move(1),
  k: () => move(-1),
  ArrowUp: () => move(-1),
  Enter: () => open(selected()),
  c: claim,
};

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest('input,select,textarea,[contenteditable],dialog,.djs-container,.dropdown-menu')) return;
  if (event.key === '/') return act(event, search);
  if (event.key === '?') return act(event, help);
  if (!table() || !ACTIONS[event.key]) return;
  // Enter on a focused button or link is for that button or link.
  if (event.key === 'Enter' && (event.target.closest('a,button,summary') || !selected())) return;
  act(event, ACTIONS[event.key]);
});

function act(event, action) {
  if (action() !== false) event.preventDefault();
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(selected());
  select(all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + step))]);
}

function select(row) {
  rows().forEach((each) => each.classList.toggle('is-selected', each === row));
  row.scrollIntoView({ block: 'nearest' });
  // The link has the focus, so that a screen reader reads the row.
  const link = row.querySelector('a');
  if (link) link.focus({ preventScroll: true });
}

function open(row) {
  if (row) window.location.assign(row.dataset.href);
}

function claim() {
  const button = selected() && selected().querySelector('[data-claim]');
  if (!button) return false;
  button.click();
}

function search() {
  const field = document.querySelector('[data-search]');
  if (!field) return false;
  field.focus();
  if (field.select) field.select();
}

function help() {
  const list = document.createElement('div');
  list.innerHTML = `<h2>${word('键盘操作')}</h2><dl class="jb-keys">${KEYS.map(([keys, words]) =>
    `<dt>${keys.split(' ').map((key) => `<kbd>${key}</kbd>`).join(' ')}</dt><dd>${word(words)}</dd>`).join('')}</dl>`;
  openDialog(list, [{ value: 'ok', label: word('知道了'), className: 'btn-primary' }]);
}

// The whole row opens the task, except where it has a link or a button of its own or text is being selected.
document.addEventListener('click', (event) => {
  const row = event.target.closest && event.target.closest('table[data-inbox] tr[data-href]');
  if (!row || event.defaultPrevented || event.target.closest('a,button,input,label,select')) return;
  if (window.getSelection && String(window.getSelection())) return;
  select(row);
  open(row);
});
