// The open tab stands in the address (#letters), so that a link, a reload and the way back keep it. A tab is a link
// itself: a click before this script runs changes the address, and the tab opens when it does.

const buttonOf = (hash) => hash && document.querySelector(`[data-bs-toggle="tab"][data-bs-target="${CSS.escape ? `#${CSS.escape(hash.slice(1))}` : hash}"]`);

function openTab() {
  const button = buttonOf(window.location.hash);
  if (button) button.click();
}
document.addEventListener('DOMContentLoaded', openTab);
window.addEventListener('hashchange', openTab);
document.addEventListener('shown.bs.tab', ({ target }) => {
  window.history.replaceState(null, '', target.dataset.bsTarget);
});
