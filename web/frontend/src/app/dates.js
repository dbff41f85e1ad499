// A date field follows the language of the browser (mm/dd/yyyy on an English one); the day in Chinese stands below it.
import { say } from './note.js';
import { english } from './words.js';

const WEEKDAYS = '日一二三四五六';
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function show(field) {
  const [year, month, day] = field.value.split('-').map(Number);
  if (!day) return say(field, '');
  const at = new Date(year, month - 1, day).getDay();
  say(field, english ? `${field.value}, ${DAYS[at]}` : `${year}年${month}月${day}日，星期${WEEKDAYS[at]}`);
}

const isDate = (target) => target.matches && target.matches('input[type=date]');
document.addEventListener('input', ({ target }) => isDate(target) && show(target));
document.addEventListener('change', ({ target }) => isDate(target) && show(target));

const showAll = () => document.querySelectorAll('input[type=date]').forEach((field) => field.value && show(field));
document.addEventListener('DOMContentLoaded', showAll);
document.addEventListener('htmx:after:swap', showAll);
