// Loads the drawing of charts once the browser has nothing else to do: the first chart that is asked
// for does not wait for it.

let begun = false;

export default function ({ data }) {
  if (begun) return;
  begun = true;
  const load = () => import(new URL(data.file, document.baseURI).href);
  const idle = window.requestIdleCallback ?? ((then) => setTimeout(then, 500));
  setTimeout(() => idle(load), 500);
}
