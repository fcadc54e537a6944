// The replay: which transfers have happened by a moment, and the scrubber that moves it.

const BARS = 90;
const LONGEST_MS = 24000;
const STEP_MS = 350;

class Replay {
  // `changed(state)` draws a moment; `stopped(moment)` tells Python where the analyst stopped.
  constructor(root, changed, stopped) {
    const find = (name) => root.querySelector(`.explorer-${name}`);
    this.changed = changed;
    this.stopped = stopped;
    this.slider = find("slider");
    this.bars = find("bars");
    this.output = find("moment");
    this.playButton = find("play");
    this.transport = [find("back"), this.playButton, find("next")];
    this.frameButtons = [...root.querySelectorAll("[data-frame]")];
    this.timer = null;
    this.at = null;
    find("back").onclick = () => this.step(-1);
    find("next").onclick = () => this.step(1);
    this.playButton.onclick = () => (this.timer ? this.pause() : this.play());
    this.slider.oninput = () => { this.halt(); this.show(Number(this.slider.value)); };
    this.slider.onchange = () => this.tell();
    for (const button of this.frameButtons) {
      button.onclick = () => {
        this.halt();
        this.show(this.frameMoment(button.dataset.frame));
        this.tell();
      };
    }
    new ResizeObserver(() => this.drawBars()).observe(this.bars);
  }

  load(events, frames, asOf, words, colours) {
    this.events = events;
    this.frames = frames;
    this.words = words;
    this.colours = colours;
    this.steps = [...new Set(events.time)];
    const isEmpty = this.steps.length === 0;
    this.first = isEmpty ? 0 : Math.min(this.steps[0] - 1000, frames.before);
    this.last = isEmpty ? 0 : this.steps.at(-1);
    Object.assign(this.slider, { min: this.first, max: this.last, step: "any", disabled: isEmpty });
    for (const button of [...this.transport, ...this.frameButtons]) button.disabled = isEmpty;
    this.heights = this.binned();
    if (!this.timer) this.show(asOf, true);
  }

  binned() {
    const heights = new Float64Array(BARS);
    const width = Math.max(this.last - this.first, 1) / BARS;
    this.events.time.forEach((time, k) => {
      heights[Math.min(Math.floor((time - this.first) / width), BARS - 1)] += this.events.amount[k];
    });
    return heights;
  }

  frameMoment(name) {
    return name === "all" ? null : this.frames?.[name];
  }

  // What had happened by a moment: number and sum for each link, and the links of the last moment.
  stateAt(moment) {
    const until = moment ?? Infinity;
    const count = new Map(), sum = new Map(), latest = new Set();
    let passed = 0, total = 0;
    const now = moment === null ? null : this.steps.findLast((time) => time <= until);
    const { time, edge, amount } = this.events;
    for (let k = 0; k < time.length && time[k] <= until; k++) {
      count.set(edge[k], (count.get(edge[k]) ?? 0) + 1);
      sum.set(edge[k], (sum.get(edge[k]) ?? 0) + amount[k]);
      if (time[k] === now) latest.add(edge[k]);
      passed++;
      total += amount[k];
    }
    return { moment, count, sum, latest, passed, total };
  }

  show(moment, force = false) {
    const bounded = moment !== null && moment >= this.last ? null : moment;
    if (bounded === this.at && !force) return;
    this.at = bounded;
    const state = this.stateAt(bounded);
    this.slider.value = bounded ?? this.last;
    const when = bounded === null ? "Whole period" : `${this.words.moment(bounded)} ${this.words.zone}`;
    const { unplayed } = this.events;
    const without = unplayed ? ` · without ${counted(this.words, unplayed, "other")}` : "";
    const said = this.steps.length
      ? `${when} · ${this.words.count(state.passed)} of ${counted(this.words, this.events.time.length, "transfer")} · ${this.words.compact(state.total)}${without}`
      : "No transfers between these accounts, or none that passes the filters";
    this.output.textContent = said;
    this.slider.setAttribute("aria-valuetext", said);
    for (const button of this.frameButtons) {
      button.setAttribute("aria-pressed", String(this.frameMoment(button.dataset.frame) === bounded));
    }
    this.drawBars();
    this.changed(state);
  }

  step(direction, stride = 1) {
    this.halt();
    const at = this.at ?? this.last;
    const done = this.steps.filter((time) => time <= at).length;
    const next = Math.min(Math.max(done + direction * stride, 0), this.steps.length);
    this.show(next === 0 ? this.first : this.steps[next - 1]);
    this.tell();
  }

  play() {
    if (this.at === null) this.show(this.first);
    const stride = Math.max(Math.ceil((this.steps.length * STEP_MS) / LONGEST_MS), 1);
    this.nameButton("Pause");
    this.timer = setInterval(() => {
      const done = this.steps.filter((time) => time <= this.at).length + stride;
      this.show(this.steps[Math.min(done, this.steps.length) - 1]);
      if (this.at === null) this.pause();
    }, STEP_MS);
  }

  nameButton(name) {
    this.playButton.setAttribute("aria-label", name);
    this.playButton.classList.toggle("is-playing", name === "Pause");
  }

  halt() {
    clearInterval(this.timer);
    this.timer = null;
    this.nameButton("Play");
  }

  pause() {
    this.halt();
    this.tell();
  }

  // Steps in quick succession are told once.
  tell() {
    clearTimeout(this.telling);
    this.telling = setTimeout(() => this.stopped(this.at), 400);
  }

  drawBars() {
    if (!this.heights) return;
    const { width, height } = this.bars.getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    Object.assign(this.bars, { width: width * ratio, height: height * ratio });
    const context = this.bars.getContext("2d");
    context.scale(ratio, ratio);
    const top = Math.max(...this.heights) || 1;
    const reached = this.at === null ? 1 : (this.at - this.first) / Math.max(this.last - this.first, 1);
    this.heights.forEach((value, k) => {
      if (!value) return;
      const size = Math.max(Math.sqrt(value / top) * (height - 4), 2);
      context.fillStyle = (k + 0.5) / BARS <= reached ? this.colours.primary : this.colours.border;
      context.fillRect((k / BARS) * width + 0.5, height - size, width / BARS - 1, size);
    });
    context.fillStyle = this.colours.text;
    context.fillRect(Math.min(reached * width, width - 1.5), 0, 1.5, height);
  }
}
