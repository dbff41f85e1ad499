// Whoever does not see that a list was swapped hears how many rows it has now.
import { word } from './words.js';

let place = null;

document.addEventListener('DOMContentLoaded', () => {
  place = document.createElement('div');
  place.className = 'visually-hidden';
  place.setAttribute('aria-live', 'polite');
  (document.querySelector('main') || document.body).append(place);
});

document.addEventListener('htmx:after:swap', () => {
  const list = document.querySelector('#list');
  if (!list || !place) return;
  const none = list.querySelector('.empty-note');
  const rows = list.querySelectorAll('tbody > tr').length;
  place.textContent = none ? none.textContent.trim() : word('列出 {n} 项', { n: rows });
});
