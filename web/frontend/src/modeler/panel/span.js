// Spans such as P3WD (three working days), P7D and PT24H, as a number and a unit.
import { h } from './fields.js';

const UNITS = [
  ['WD', '个工作日'],
  ['D', '个自然日'],
  ['H', '小时'],
  ['W', '周'],
  ['M', '个月'],
];

/** Splits P3WD into [3, 'WD']; null when it is none of the simple spans. */
export function parseSpan(span) {
  const found = /^P(?:(\d+)(WD|D|W|M)|T(\d+)(H))$/.exec((span || '').trim());
  return found && [Number(found[1] || found[3]), found[2] || found[4]];
}

export const makeSpan = (number, unit) => (unit === 'H' ? `PT${number}H` : `P${number}${unit}`);

/** Says P3WD in words. */
export function spanInWords(span) {
  const parsed = parseSpan(span);
  return parsed ? `${parsed[0]} ${UNITS.find(([unit]) => unit === parsed[1])[1]}` : span;
}

/** A number and a unit; whatever else stands in the model is shown as it is, to be changed as text. */
export function spanField(value, change) {
  const parsed = value ? parseSpan(value) : [1, 'WD'];
  if (!parsed) {
    return h('input', { type: 'text', class: 'jb-mono', value, onchange: (event) => change(event.target.value.trim()) });
  }
  const number = h('input', { type: 'number', min: '0', max: '999', step: '1', value: value ? String(parsed[0]) : '', 'aria-label': '数量' });
  const unit = h('select', { 'aria-label': '单位' }, UNITS.map(([key, label]) => h('option', { value: key }, label)));
  unit.value = parsed[1];
  const changed = () => change(number.value === '' ? '' : makeSpan(Math.max(0, Math.floor(Number(number.value))), unit.value));
  number.addEventListener('change', changed);
  unit.addEventListener('change', changed);
  return h('div', { class: 'jb-span' }, number, unit);
}
