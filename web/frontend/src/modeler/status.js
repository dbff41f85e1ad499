// One line that says whether the draft is saved, and short messages.
import { h } from './panel/fields.js';

export function createStatus(element) {
  const title = document.title;
  let dirty = false;

  function say(kind, words, ...more) {
    element.className = `jb-status is-${kind}`;
    element.setAttribute('role', 'status');
    element.replaceChildren(h('span', {}, words), ...more);
  }

  return {
    say,
    isDirty: () => dirty,
    changed() {
      dirty = true;
      document.title = `● ${title}`;
      say('dirty', '有未保存的修改');
    },
    unchanged(words) {
      dirty = false;
      document.title = title;
      say('saved', words);
    },
  };
}
