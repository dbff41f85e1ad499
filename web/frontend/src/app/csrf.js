// Every request of htmx carries the session's token: <meta name="csrf-token" content="…">.
document.addEventListener('htmx:config:request', ({ detail }) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token && detail.ctx) detail.ctx.request.headers['X-CSRF-Token'] = token.content;
});
