// How numbers and moments read in the browser: as app/ui/format.py writes them.

function wordsFor({ indian, currency, symbol, zone }) {
  const locale = indian ? "en-IN" : "en-US";
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const full = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const steps = indian
    ? [[1e7, " cr"], [1e5, " lakh"], [1e3, "k"]]
    : [[1e12, "tn"], [1e9, "bn"], [1e6, "m"], [1e3, "k"]];
  const clock = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
  });
  const priced = (text) => (symbol ? symbol + text : currency ? `${text} ${currency}` : text);
  return {
    count: (n) => whole.format(n),
    amount: (value) => priced(full.format(value)),
    compact(value) {
      const [unit, suffix] = steps.find(([size]) => value >= size) ?? [1, ""];
      const size = value / unit;
      return priced(`${size >= 100 || unit === 1 ? whole.format(size) : size.toFixed(1).replace(/\.0$/, "")}${suffix}`);
    },
    moment: (milliseconds) => clock.format(milliseconds),
    zone,
  };
}

// "1 transfer", "3 transfers".
function counted(words, n, noun) {
  return `${words.count(n)} ${noun}${n === 1 ? "" : "s"}`;
}

function cardOf(words, item) {
  const { card } = item;
  if ("sender" in card) {
    const period = [card.first_time, card.last_time].map((time) => words.moment(time));
    return {
      title: `${card.sender} → ${card.receiver}`,
      rows: [
        ["Transfers", words.count(card.transactions)],
        ["Sum", words.amount(card.amount)],
        ["First", period[0]],
        ["Last", period[1]],
        ...(card.risk === null ? [] : [["Highest risk", card.risk.toFixed(3)]]),
        ...(card.proving ? [["Prove the ring", words.count(card.proving)]] : []),
      ],
    };
  }
  if (!("role" in card)) {
    return {
      title: `Not drawn round ${card.account}`,
      rows: [
        ["Counterparties", words.count(card.counterparties)],
        ["Transfers", words.count(card.transactions)],
        ["Sum", words.amount(card.amount)],
      ],
      hint: "Double-click: the next best",
    };
  }
  return {
    title: card.account,
    rows: [
      ["Role", card.role],
      ["Risk", card.risk === null ? "unknown" : card.risk.toFixed(3)],
      ["Received in the run", `${words.amount(card.in_amount)} in ${words.count(card.in_count)}`],
      ["Paid in the run", `${words.amount(card.out_amount)} in ${words.count(card.out_count)}`],
      ["Counterparties", `${words.count(card.shown_counterparties)} of ${words.count(card.counterparties)} drawn`],
    ],
    hint: card.shown_counterparties < card.counterparties
      ? card.is_hub ? "Busy: double-click asks before it opens" : "Double-click: the best counterparties"
      : "",
  };
}
