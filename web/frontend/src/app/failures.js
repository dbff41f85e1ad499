// A request of htmx that fails says so, instead of putting the server's error page into a corner of this one.
import { word } from './words.js';

const SECONDS = 8;

export function toast(words, kind = '') {
  let place = document.querySelector('.jb-toasts');
  if (!place) {
    place = document.createElement('div');
    place.className = 'jb-toasts';
    place.setAttribute('role', 'alert');
    document.body.append(place);
  }
  const line = document.createElement('div');
  line.className = kind ? `is-${kind}` : '';
  line.textContent = words;
  place.append(line);
  setTimeout(() => line.remove(), SECONDS * 1000);
}

// 422 carries the form with its messages and is swapped; a failure of the server is not.
if (window.htmx) window.htmx.config.noSwap = [...window.htmx.config.noSwap, '5xx', 401, 403];

document.addEventListener('htmx:response:error', ({ detail }) => {
  const status = detail.ctx && detail.ctx.response && detail.ctx.response.status;
  if (status === 401) toast(word('登录已过期，请刷新页面重新登录。'), 'error');
  else if (status === 403) toast(word('没有这项权限，或页面已过期，请刷新后再试。'), 'error');
  else if (status >= 500) toast(word('服务器出错，操作没有完成，请稍后再试。'), 'error');
});
document.addEventListener('htmx:error', ({ detail }) => {
  if (detail && detail.error) toast(word('网络不通，操作没有完成。'), 'error');
});
