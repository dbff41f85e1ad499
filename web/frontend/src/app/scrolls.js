// A table that is wider than its place can be scrolled by the keyboard too.

function makeReachable() {
  document.querySelectorAll('.table-responsive').forEach((box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute('tabindex');
  });
}

document.addEventListener('DOMContentLoaded', makeReachable);
document.addEventListener('htmx:after:swap', makeReachable);
window.addEventListener('resize', makeReachable);
