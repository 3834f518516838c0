const pad = (n) => String(n).padStart(2, "0");

/** A message's ts as a Date. */
export const dateOf = (ts) => new Date(Number(ts) * 1000);

const sameDay = (a, b) => a.toDateString() === b.toDateString();

/** 14:03, in the reader's own zone. */
export const clock = (date) => `${pad(date.getHours())}:${pad(date.getMinutes())}`;

/** "Today", "Yesterday" or the date. */
export function dayName(date) {
  const now = new Date();
  if (sameDay(date, now)) return "Today";
  if (sameDay(date, new Date(now.getTime() - 86_400_000))) return "Yesterday";
  return date.toLocaleDateString("en", { weekday: "long", month: "long", day: "numeric" });
}

function pretty(date, otherwise) {
  const name = dayName(date);
  return name === "Today" || name === "Yesterday" ? name.toLowerCase() : otherwise;
}

function ago(date) {
  const minutes = Math.round((Date.now() - date.getTime()) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  return minutes < 1440 ? `${Math.round(minutes / 60)} h ago` : `${Math.round(minutes / 1440)} d ago`;
}

const long = (date, weekday) =>
  date.toLocaleDateString("en", { weekday, year: "numeric", month: "long", day: "numeric" });
const short = (date) => date.toLocaleDateString("en", { year: "numeric", month: "short", day: "numeric" });

// https://docs.slack.dev/messaging/formatting-message-text#date-formatting
const TOKENS = {
  date_num: (d) => `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}`,
  date_slash: (d) => `${pad(d.getMonth() + 1)}/${pad(d.getDate())}/${d.getFullYear()}`,
  date: (d) => long(d),
  date_long: (d) => long(d, "long"),
  date_short: (d) => short(d),
  date_pretty: (d) => pretty(d, long(d)),
  date_long_pretty: (d) => pretty(d, long(d, "long")),
  date_short_pretty: (d) => pretty(d, short(d)),
  time: clock,
  time_secs: (d) => `${clock(d)}:${pad(d.getSeconds())}`,
  day_divider_pretty: (d) => pretty(d, long(d)),
  ago,
};

/** A date in the words of Slack's format string; an unknown token stays visible. */
export function formatted(seconds, format) {
  const date = new Date(Number(seconds) * 1000);
  return format.replace(/\{(\w+)\}/g, (whole, token) => TOKENS[token]?.(date) ?? whole);
}
