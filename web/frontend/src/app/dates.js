// A date field follows the language of the browser (mm/dd/yyyy on an English one); the day in Chinese stands below it.
import { say } from './note.js';

const WEEKDAYS = '日一二三四五六';

function show(field) {
  const [year, month, day] = field.value.split('-').map(Number);
  if (!day) return say(field, '');
  const weekday = WEEKDAYS[new Date(year, month - 1, day).getDay()];
  say(field, `${year}年${month}月${day}日，星期${weekday}`);
}

const isDate = (target) => target.matches && target.matches('input[type=date]');
document.addEventListener('input', ({ target }) => isDate(target) && show(target));
document.addEventListener('change', ({ target }) => isDate(target) && show(target));

const showAll = () => document.querySelectorAll('input[type=date]').forEach((field) => field.value && show(field));
document.addEventListener('DOMContentLoaded', showAll);
document.addEventListener('htmx:after:swap', showAll);
