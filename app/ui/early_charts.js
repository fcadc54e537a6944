// Has the drawing of charts ready before the first chart is asked for. Fetched and compiled at once,
// off the page's own thread; run, which holds up a click for as long as it takes, in a pause.

const PAUSE = 4000;
const SIGNS = ["pointermove", "pointerdown", "keydown", "wheel"];
let begun = false;

function inPause(then) {
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      SIGNS.forEach((sign) => removeEventListener(sign, wait, true));
      (window.requestIdleCallback ?? setTimeout)(then);
    }, PAUSE);
  };
  SIGNS.forEach((sign) => addEventListener(sign, wait, { capture: true, passive: true }));
  wait();
}

export default function ({ data }) {
  if (begun) return;
  begun = true;
  const link = document.createElement("link");
  link.rel = "modulepreload";
  link.href = new URL(data.file, document.baseURI).href;
  setTimeout(() => document.head.append(link), 500);
  inPause(() => import(link.href));
}
