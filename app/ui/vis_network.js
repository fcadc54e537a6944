// What both pictures of networks share: the library that draws them, and how their data change.

const LIBRARY = new URL("app/static/vis-network.min.js", document.baseURI).href;

function loadLibrary() {
  window.ringleaderVis ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = LIBRARY;
    script.onload = () => resolve(window.vis);
    script.onerror = () => reject(new Error(`${LIBRARY} could not be loaded`));
    document.head.append(script);
  });
  return window.ringleaderVis;
}

function replace(dataSet, items) {
  const kept = new Set(items.map((item) => item.id));
  dataSet.remove(dataSet.getIds().filter((id) => !kept.has(id)));
  dataSet.update(items);
}
