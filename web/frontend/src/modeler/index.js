// The page of a procedure's draft. What it expects of the page and of the server is described in web/frontend/README.md.
import { createEditor, fit, openModel, toXml } from './editor.js';
import { chooseFile, download } from './files.js';
import { layOut } from './layout.js';
import { createPanel } from './panel/index.js';
import { createProblems } from './problems.js';
import { createServer } from './server.js';
import { createStatus } from './status.js';
import { h } from './panel/fields.js';

const LINT_AFTER = 700; // milliseconds without a change

async function start(element) {
  layOut(element);
  const server = createServer(element.dataset);
  const status = createStatus(document.getElementById('modeler-status'));
  status.say('busy', '正在打开……');
  const modeler = createEditor(element);
  const [loaded, catalogue] = await Promise.all([server.load(), server.catalogue()]);
  if (!loaded.ok) return status.say('error', `没有打开：${loaded.message}`);

  const panel = createPanel(modeler, document.getElementById('modeler-panel'), catalogue);
  const problems = createProblems(modeler, document.getElementById('modeler-problems'));
  const page = { element, modeler, panel, problems, server, status };
  await open(page, loaded.xml, '已打开');
  modeler.on('commandStack.changed', () => {
    updateHistoryButtons(modeler);
    status.changed();
    lintSoon(page);
  });
  const actions = connectButtons(page);
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
      event.preventDefault();
      actions.save();
    }
  });
  window.addEventListener('beforeunload', (event) => {
    panel.flush();
    if (status.isDirty()) event.preventDefault();
  });
  window.jieban = { ...window.jieban, modeler };
}

/** Opens the text of a model; answers whether it could be opened. */
async function open(page, xml, words) {
  try {
    const lost = await openModel(page.modeler, xml);
    if (lost.length) page.status.say('error', `图中有 ${lost.length} 处内容无法识别，保存后会丢失（${nameOf(lost[0])}）`);
    else page.status.unchanged(words);
  } catch (error) {
    page.status.say('error', unreadable(error));
    return false;
  }
  updateHistoryButtons(page.modeler);
  lintSoon(page, 0);
  return true;
}

/** The name of the element in a sentence such as 'unparsable content <jb:x> detected'. */
const nameOf = (sentence) => (/<([^>]+)>/.exec(sentence) || [, '未知'])[1];

function unreadable(error) {
  const words = String(error && error.message);
  if (/no diagram/i.test(words)) return '打不开：文件里只有流程，没有图形。请用带图形的 .bpmn 文件。';
  return '打不开：这不是有效的 BPMN 2.0 文件。';
}

let waiting = 0;
let asked = 0;

/** Has the server check the model once the user pauses. A late answer about an older state is not shown. */
function lintSoon({ modeler, problems, server }, delay = LINT_AFTER) {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const number = (asked += 1);
    const found = await server.lint(await toXml(modeler));
    if (number !== asked) return;
    if (found.problems) problems.show(found.problems);
    else problems.say(`没有检查：${found.message}`);
  }, delay);
}

function connectButtons(page) {
  const { modeler, panel, problems, server, status } = page;
  const name = `${document.querySelector('[data-model-name]')?.dataset.modelName || 'model'}.bpmn`;
  const actions = {
    undo: () => modeler.get('commandStack').undo(),
    redo: () => modeler.get('commandStack').redo(),
    fit: () => fit(modeler),
    async download() {
      panel.flush();
      download(name, await toXml(modeler));
    },
    async upload() {
      if (status.isDirty() && !window.confirm('当前修改还没有保存，换成文件里的流程图吗？')) return;
      const before = await toXml(modeler);
      try {
        const file = await chooseFile();
        if (await open(page, file.xml, '')) status.changed();
        else await openModel(modeler, before);
      } catch (error) {
        status.say('error', error.message);
      }
    },
    async lint() {
      panel.flush();
      problems.say('正在检查……');
      lintSoon(page, 0);
    },
    async save() {
      panel.flush();
      status.say('busy', '正在保存……');
      const stack = modeler.get('commandStack');
      const at = stack._stackIdx;
      const saved = await server.save(await toXml(modeler));
      if (!saved.ok) {
        const keep = h('button', { type: 'button', class: 'btn btn-sm', onclick: actions.download }, '下载我的修改');
        status.say('error', `没有保存：${saved.message}`, keep);
        return false;
      }
      if (saved.problems) problems.show(saved.problems);
      // What was drawn while the answer was on its way is not saved yet.
      if (stack._stackIdx === at) status.unchanged(`已保存（第 ${saved.revision} 次修改）`);
      else status.changed();
      return true;
    },
    async publish() {
      panel.flush();
      if (!window.confirm('发布后，新登记的申请按新版本办理；在办的案件仍按登记时的版本。确定发布吗？')) return;
      if (status.isDirty() && !(await actions.save())) return;
      status.say('busy', '正在发布……');
      const published = await server.publish();
      if (published.problems) problems.show(published.problems);
      if (published.ok) status.unchanged(published.message || `已发布第 ${published.version} 版`);
      else status.say('error', `没有发布：${published.message}`);
    },
  };
  document.querySelectorAll('[data-action]').forEach((button) => {
    const act = actions[button.dataset.action];
    if (act) button.addEventListener('click', (event) => { event.preventDefault(); act(); });
  });
  return actions;
}

function updateHistoryButtons(modeler) {
  const stack = modeler.get('commandStack');
  const enable = (action, can) =>
    document.querySelectorAll(`[data-action=${action}]`).forEach((button) => { button.disabled = !can; });
  enable('undo', stack.canUndo());
  enable('redo', stack.canRedo());
}

const element = document.getElementById('modeler');
if (element) start(element);
