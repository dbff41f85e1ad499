// A file that is too large is refused before it is sent: input[type=file], data-max-mb (25).
import { say } from './note.js';
import { word } from './words.js';

const megabytes = (bytes) => (bytes / 1024 / 1024).toFixed(1);

document.addEventListener('change', ({ target }) => {
  if (!target.matches || !target.matches('input[type=file]')) return;
  const most = Number(target.dataset.maxMb || 25);
  const files = [...target.files];
  const large = files.find((file) => file.size > most * 1024 * 1024);
  const empty = files.find((file) => file.size === 0);
  if (large) refuse(target, word('“{name}”有 {size} MB，超过 {most} MB，请压缩或分开后再选。', { name: large.name, size: megabytes(large.size), most }));
  else if (empty) refuse(target, word('“{name}”是空文件。', { name: empty.name }));
  else say(target, files.length ? files.map((file) => `${file.name}（${megabytes(file.size)} MB）`).join('，') : '');
});

function refuse(field, words) {
  field.value = '';
  say(field, words, 'wrong');
}
