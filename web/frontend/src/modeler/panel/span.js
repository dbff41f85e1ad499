// Spans such as P3WD (three working days), P7D and PT24H, as a number and a unit.
import { h } from './fields.js';

const UNITS = [
  ['WD', '工作日'],
  ['D', '自然日'],
  ['H', '小时'],
  ['W', '周'],
  ['M', '个月'],
];

const NAMES = { WD: '个工作日', D: '天', H: '小时', W: '周', M: '个月' };

/** Splits P3WD into [3, 'WD'] and -P1WD into [-1, 'WD']; null when it is none of the simple spans. */
export function parseSpan(span) {
  const found = /^(-?)P(?:(\d+)(WD|D|W|M)|T(\d+)(H))$/.exec((span || '').trim());
  return found && [Number(found[2] || found[4]) * (found[1] ? -1 : 1) || 0, found[3] || found[5]];
}

export function makeSpan(number, unit) {
  const sign = number < 0 ? '-' : '';
  return unit === 'H' ? `${sign}PT${Math.abs(number)}H` : `${sign}P${Math.abs(number)}${unit}`;
}

/** [-3, 'WD'] as 3个工作日: before or after is said by whoever asks. */
export const spanInWords = ([number, unit]) => `${Math.abs(number)}${NAMES[unit]}`;

/** A number and a unit, where `signed` also before or after; what else stands in the model is changed as text. */
export function spanField(value, change, { signed = false } = {}) {
  const parsed = value ? parseSpan(value) : [1, 'WD'];
  if (!parsed || (parsed[0] < 0 && !signed)) {
    return h('input', { type: 'text', class: 'jb-mono', value, onchange: (event) => change(event.target.value.trim()) });
  }
  const number = h('input', { type: 'number', min: '0', max: '999', step: '1', value: value ? String(Math.abs(parsed[0])) : '', 'aria-label': '数量' });
  const unit = choice('单位', UNITS, parsed[1]);
  const side = signed && choice('前或后', [['-', '期限前'], ['', '期限后']], parsed[0] < 0 ? '-' : '');
  const changed = () => {
    const size = Math.max(0, Math.floor(Number(number.value)));
    change(number.value === '' ? '' : makeSpan(side && side.value ? -size : size, unit.value));
  };
  [number, unit, side].forEach((field) => field && field.addEventListener('change', changed));
  return h('div', { class: 'jb-span' }, side, number, unit);
}

function choice(label, options, value) {
  const field = h('select', { 'aria-label': label }, options.map(([key, words]) => h('option', { value: key }, words)));
  field.value = value;
  return field;
}
