// Opening and saving a model without a change loses nothing of ours, nor of others.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { BpmnModdle } from 'bpmn-moddle';

import jb from '../src/bpmn/jb.json' with { type: 'json' };

const here = import.meta.dirname;
const procedures = join(here, '../../../bpmn/procedures');

const wrap = (inner) => `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:jb="urn:jieban:bpmn:1"
  xmlns:other="http://example.org/other" id="d" targetNamespace="urn:test">
  <bpmn:process id="p" isExecutable="true"><bpmn:userTask id="t"><bpmn:extensionElements>${inner}</bpmn:extensionElements></bpmn:userTask></bpmn:process>
</bpmn:definitions>`;

async function openAndSave(xml, expected = 0) {
  const moddle = new BpmnModdle({ jb });
  const { rootElement, warnings } = await moddle.fromXML(xml);
  // An attribute that is not known is kept; anything else that is warned of would be lost.
  const lost = warnings.filter(({ message }) => !message.startsWith('unknown attribute'));
  assert.equal(lost.length, expected, lost.map(({ message }) => message).join());
  return { warnings, saved: (await moddle.toXML(rootElement, { format: true })).xml, rootElement };
}

/** Every element of our namespace as one line with its attributes sorted, in the order of the document. */
function ours(xml) {
  const withoutComments = xml.replace(/<!--[\s\S]*?-->/g, '');
  return [...withoutComments.matchAll(/<jb:([\w-]+)((?:\s+[\w:-]+="[^"]*")*)\s*\/?>/g)].map(([, name, attributes]) => {
    const sorted = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key, value]) => `${key}=${value}`).sort();
    return unescape([name, ...sorted].join(' '));
  });
}

const SIGNS = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#38;': '&', '&#60;': '<', '&#62;': '>', '&#34;': '"', '&#39;': "'" };
const unescape = (text) => text.replace(/&#?\w+;/g, (sign) => SIGNS[sign]);

const EACH = {
  assignment: '<jb:assignment role="town.window"/>',
  'deadline by rule': '<jb:deadline rule="dibao.county.review"/>',
  'deadline by span': '<jb:deadline duration="P3WD"/>',
  'deadline from a fact on': '<jb:deadline rule="dibao.county.review" start="file_received_at"/>',
  form: '<jb:form key="visit"/>',
  escalation: '<jb:escalation><jb:step after="P1WD" to="town.leader"/><jb:step after="P3WD" to="county.supervisor"/></jb:escalation>',
  operation: '<jb:operation name="issue_letter"><jb:param name="kind" value="acceptance"/><jb:param name="copies" value="2"/></jb:operation>',
  notice: '<jb:notice kind="acceptance"/>',
  'the English of it': '<jb:english name="Home visit" text="Two people visit."/>',
  'several articles': '<jb:law article="第二十四条" rule="DB-17"/><jb:law article="第二十五条"/>',
  'an article for some cases': '<jb:law article="第二十六条" rule="TK-19" when="aid = &quot;destitute_support&quot; and a &lt; 3"/>',
  decision: '<jb:decision name="grade" result="档次"/>',
  'characters that XML escapes': '<jb:param name="a&amp;b" value="&lt;x&gt; &quot;y&quot;"/>',
};

for (const [name, xml] of Object.entries(EACH)) {
  test(`keeps ${name}`, async () => {
    const { saved } = await openAndSave(wrap(xml));

    assert.deepEqual(ours(saved).sort(), ours(wrap(xml)).sort());
  });
}

test('keeps an attribute that the editor does not know', async () => {
  const { saved } = await openAndSave(wrap('<jb:assignment role="town.window" later="yes"/>'));

  assert.match(saved, /<jb:assignment role="town.window" later="yes"\s*\/>/);
});

test('warns of an element of ours that it does not know, since saving would lose it', async () => {
  const { warnings } = await openAndSave(wrap('<jb:future thing="1"/>'), 1);

  assert.match(warnings[0].message, /unknown type <jb:Future>/);
});

test('keeps the extension elements of other tools', async () => {
  const { saved } = await openAndSave(wrap('<other:thing colour="red"><other:part>text</other:part></other:thing>'));

  assert.match(saved, /<other:thing colour="red">\s*<other:part>text<\/other:part>\s*<\/other:thing>/);
});

test('reads our elements into typed objects, which the panel works on', async () => {
  const { rootElement } = await openAndSave(wrap(EACH.escalation));
  const [escalation] = rootElement.rootElements[0].flowElements[0].extensionElements.values;

  assert.equal(escalation.$type, 'jb:Escalation');
  assert.deepEqual(escalation.steps.map(({ after, to }) => [after, to]), [['P1WD', 'town.leader'], ['P3WD', 'county.supervisor']]);
});

async function models() {
  const found = [join(here, 'models/lanes.bpmn')];
  for (const entry of await readdir(procedures, { withFileTypes: true, recursive: true }).catch(() => [])) {
    if (entry.name.endsWith('.bpmn')) found.push(join(entry.parentPath, entry.name));
  }
  return found;
}

for (const path of await models()) {
  test(`keeps every element of ${path.split('/').slice(-2).join('/')}`, async () => {
    const xml = await readFile(path, 'utf8');
    const { saved } = await openAndSave(xml);
    const again = await openAndSave(saved);

    assert.deepEqual(ours(saved).sort(), ours(xml).sort());
    assert.equal(again.saved, saved);
  });
}
