// Every text that bpmn-js passes to translate() has a Chinese one.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { translate, zh } from '../src/bpmn/zh.js';

const packages = join(import.meta.dirname, '../node_modules');
const FOLDERS = ['bpmn-js/lib', 'diagram-js/lib', 'diagram-js-direct-editing/lib'];
const NOT_SHOWN = new Set(['HELLO {you}', '', ' + shift + ']);

async function literals() {
  const found = new Set();
  for (const folder of FOLDERS) {
    for (const entry of await readdir(join(packages, folder), { withFileTypes: true, recursive: true })) {
      if (!entry.name.endsWith('.js')) continue;
      const source = await readFile(join(entry.parentPath, entry.name), 'utf8');
      for (const [, , text] of source.matchAll(/translate\(\s*(['"`])((?:(?!\1).)*)\1/g)) found.add(text);
      if (!/PopupEntries|ReplaceOptions/.test(entry.name)) continue;
      for (const [, , text] of source.matchAll(/\blabel: (['"])((?:(?!\1).)*)\1/g)) found.add(text);
    }
  }
  return [...found].filter((text) => !NOT_SHOWN.has(text));
}

test('every text of bpmn-js is translated', async () => {
  const missing = (await literals()).filter((text) => !(text in zh));

  assert.deepEqual(missing, []);
});

test('every text of our own palette is translated', async () => {
  const source = await readFile(join(import.meta.dirname, '../src/modeler/palette.js'), 'utf8');
  const words = [...source.matchAll(/'([a-z]+ (?:task|gateway|event))'/g)].map(([, text]) => text);

  assert.ok(words.length >= 5);
  assert.deepEqual(words.filter((text) => !(`Create ${text}` in zh)), []);
});

test('translations are Chinese', () => {
  assert.deepEqual(Object.values(zh).filter((text) => !/[\u4e00-\u9fff]/.test(text)), []);
});

test('placeholders are filled in', () => {
  assert.equal(translate('Open {element}', { element: '入户调查' }), '打开 入户调查');
});
