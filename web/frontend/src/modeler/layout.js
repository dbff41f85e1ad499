// Places the parts of the page in a grid that fills the window, whatever else stands above them.

export function layOut(canvas) {
  const frame = canvas.parentElement;
  frame.classList.add('jb-modeler-layout');
  const measure = () => {
    const top = canvas.getBoundingClientRect().top + window.scrollY;
    frame.style.setProperty('--jb-top', `${Math.round(top)}px`);
  };
  measure();
  // The head above grows and shrinks with what it says.
  new ResizeObserver(measure).observe(document.body);
  [...frame.parentElement.children, ...frame.children].filter((other) => other !== canvas && other !== frame)
    .forEach((other) => new ResizeObserver(measure).observe(other));
}
