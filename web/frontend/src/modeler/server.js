// The calls to the server. Every answer is {ok, status, …}; a broken connection is one of them, not an exception.

export function createServer({ modelUrl, saveUrl, lintUrl, publishUrl, catalogueUrl, csrf }) {
  let revision = null;

  async function call(url, options = {}) {
    try {
      const answer = await fetch(url, { credentials: 'same-origin', ...options });
      return { answer, ok: answer.ok, status: answer.status };
    } catch {
      return { ok: false, status: 0, message: '网络不通，服务器没有应答。' };
    }
  }

  async function callJson(url, options) {
    const called = await call(url, options);
    if (!called.answer) return called;
    const body = await called.answer.json().catch(() => ({}));
    const message = body.message || (called.ok ? '' : refusal(called.status));
    return { ...body, message, ok: called.ok, status: called.status };
  }

  const post = (url, body, type, method = 'POST', more = {}) =>
    callJson(url, { method, body, headers: { 'Content-Type': type, 'X-CSRF-Token': csrf, Accept: 'application/json', ...more } });

  return {
    async load() {
      const called = await call(modelUrl, { cache: 'no-store' });
      if (!called.ok) return { ...called, message: called.message || refusal(called.status) };
      revision = called.answer.headers.get('ETag');
      return { ok: true, xml: await called.answer.text() };
    },
    async catalogue() {
      const found = await callJson(catalogueUrl);
      const list = (name) => (Array.isArray(found[name]) ? found[name] : []);
      return { roles: list('roles'), forms: list('forms'), rules: list('rules'), operations: list('operations'), articles: list('articles') };
    },
    async save(xml) {
      const saved = await post(saveUrl, xml, 'application/xml', 'PUT', revision ? { 'If-Match': revision } : {});
      if (saved.ok) revision = `"${saved.revision}"`;
      return saved;
    },
    lint: (xml) => post(lintUrl, xml, 'application/xml'),
    publish: () => post(publishUrl, '{}', 'application/json'),
  };
}

function refusal(status) {
  if (status === 401) return '登录已过期，请在另一个窗口重新登录后再试。';
  if (status === 403) return '没有这项权限，或页面已过期。';
  if (status === 404) return '找不到这个草稿，可能已被删除。';
  if (status === 413) return '文件太大。';
  return `服务器出错（${status}），请稍后再试。`;
}
