// The few kinds of fields of the panel. Each calls `change` with the new value when the user has finished typing.

/** h('div', {class: 'x'}, child, …): one DOM element. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'value') element.value = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

let count = 0;

/** A labelled row. `hint` is a sentence below the field, `wrong` the same in red. */
export function row(label, field, { hint, wrong } = {}) {
  const id = `jb-field-${(count += 1)}`;
  const focusable = field.matches('input,select,textarea') ? field : field.querySelector('input,select,textarea');
  if (focusable && !focusable.id) focusable.id = id;
  return h('div', { class: 'jb-row' },
    label && h('label', { for: focusable && focusable.id }, label),
    field,
    wrong && h('p', { class: 'jb-wrong' }, wrong),
    hint && h('p', { class: 'jb-hint' }, hint));
}

export function text({ value = '', placeholder, listId, mono, readonly }, change) {
  return h('input', {
    type: 'text', class: mono ? 'jb-mono' : null, placeholder, list: listId, readonly, value,
    autocomplete: 'off', spellcheck: 'false',
    onchange: (event) => change(event.target.value.trim()),
  });
}

export function area({ value = '', placeholder, rows = 2, mono }, change) {
  const field = h('textarea', {
    rows, placeholder, class: mono ? 'jb-mono' : null, spellcheck: 'false',
    onchange: (event) => change(event.target.value.trim()),
  });
  field.value = value;
  return field;
}

export function check({ value, label }, change) {
  const field = h('input', { type: 'checkbox', onchange: (event) => change(event.target.checked) });
  field.checked = Boolean(value);
  return h('label', { class: 'jb-check' }, field, label);
}

/** `options` are [value, label] pairs. A value that is not among them is kept and shown as unknown. */
export function select({ value = '', options, empty = '（未设置）' }, change) {
  const known = options.some(([key]) => key === value);
  const shown = [
    ...(empty === null ? [] : [['', empty]]),
    ...(value && !known ? [[value, `${value}（目录中没有）`]] : []),
    ...options,
  ];
  const field = h('select', { class: value && !known ? 'jb-unknown' : null, onchange: (event) => change(event.target.value) },
    shown.map(([key, label]) => h('option', { value: key }, label)));
  field.value = value;
  return field;
}

export function iconButton(icon, title, act) {
  return h('button', { type: 'button', class: 'jb-icon', title, 'aria-label': title, onclick: act },
    h('i', { class: `ti ti-${icon}` }));
}

export function addButton(label, act) {
  return h('button', { type: 'button', class: 'jb-add', onclick: act }, h('i', { class: 'ti ti-plus' }), label);
}

/** A titled part of the panel. */
export function group(title, ...children) {
  return h('section', { class: 'jb-group' }, h('h3', {}, title), ...children);
}
