// Changes a ticket for the cookie of a sign-in, or gives the cookie back, and keeps the link that
// was asked for while a browser is away at an OpenID provider.

const TARGET = "ringleader:target";
const KEPT_MS = 10 * 60 * 1000;
const done = new Set();

async function post(path, body) {
  const answer = await fetch(`${location.origin}${path}`, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) {
    const { error } = await answer.json().catch(() => ({}));
    throw new Error(error ?? `the app answered ${answer.status}`);
  }
}

function keepTarget() {
  const link = location.pathname + location.search;
  sessionStorage.setItem(TARGET, JSON.stringify({ link, at: Date.now() }));
}

function takeTarget() {
  const kept = sessionStorage.getItem(TARGET);
  sessionStorage.removeItem(TARGET);
  const { link, at } = JSON.parse(kept ?? "{}");
  const url = link && Date.now() - at < KEPT_MS ? new URL(link, location.origin) : null;
  return url?.origin === location.origin ? url.href : null;
}

async function enter(ticket, restore, report) {
  try {
    await post("/auth/session", { ticket });
  } catch (error) {
    report(String(error.message));
    return;
  }
  const target = restore ? takeTarget() : null;
  if (target && target !== location.href) location.replace(target);
  else location.reload();
}

export default function ({ data, setTriggerValue }) {
  const task = JSON.stringify(data);
  if (done.has(task)) return;
  done.add(task);
  if (data.task === "enter") {
    enter(data.ticket, data.restore, (why) => setTriggerValue("failed", why));
  } else if (data.task === "keep_target") {
    keepTarget();
    setTriggerValue("kept", data.id);
  } else if (data.task === "leave") {
    // Loaded again, the page knows nothing of who was here.
    post("/auth/sign-out", {}).then(
      () => location.reload(),
      (error) => setTriggerValue("failed", String(error.message)),
    );
  }
}
