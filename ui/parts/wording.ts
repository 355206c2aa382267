// How times, sizes and names are put into words, by the reader's own language settings.

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const fullDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });

/** `We are closed now. We are back on Monday, 09:00.`, in the reader's time zone; nothing is promised where it is not known when. */
export function closedSentence(opensAt: string | null, now = new Date()): string {
  if (opensAt === null) return 'We are closed now.';
  const then = new Date(opensAt);
  const language = pageLanguage();
  const time = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' }).format(then);
  const days = Math.round((midnight(then) - midnight(now)) / 86_400_000);
  if (days <= 0) return `We are closed now. We are back today, ${time}.`;
  const day =
    days < 7
      ? new Intl.DateTimeFormat(language, { weekday: 'long' }).format(then)
      : new Intl.DateTimeFormat(language, { weekday: 'long', day: 'numeric', month: 'long' }).format(then);
  return `We are closed now. We are back on ${day}, ${time}.`;
}

/** What the page says it is written in, as the reader has it (`en-GB` for `en`); where the browser does not know that language, the reader's own. */
function pageLanguage(): string | undefined {
  const { lang } = document.documentElement;
  const own = navigator.languages.find((each) => lang !== '' && each.startsWith(`${lang}-`));
  try {
    return Intl.DateTimeFormat.supportedLocalesOf([own ?? lang].filter(Boolean))[0];
  } catch {
    // Not the name of a language.
    return undefined;
  }
}

export function timeOf(at: string): string {
  return clock.format(new Date(at));
}

/** `Today`, `Yesterday`, `Tomorrow`, or the day in full. */
export function dayOf(at: string, now = new Date()): string {
  const then = new Date(at);
  const days = Math.round((midnight(now) - midnight(then)) / 86_400_000);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  if (days === -1) return 'Tomorrow';
  return then.getFullYear() === now.getFullYear() ? weekday.format(then) : fullDay.format(then);
}

/** `Tomorrow, 09:00` */
export function momentOf(at: string, now = new Date()): string {
  return `${dayOf(at, now)}, ${timeOf(at)}`;
}

/** Nine o'clock on the next day, where the reader is. */
export function tomorrowMorning(now: Date): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 9);
}

/** As `<input type="datetime-local">` wants it, to the minute: `2026-03-02T09:00`. */
export function localMinute(date: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** How long ago in few letters: `now`, `5 min`, `3 h`, `2 d`, then the date. */
export function ageOf(at: string, now = Date.now()): string {
  const minutes = Math.floor((now - Date.parse(at)) / 60_000);
  if (minutes < 1) return 'now';
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 1_440) return `${Math.floor(minutes / 60)} h`;
  if (minutes < 10_080) return `${Math.floor(minutes / 1_440)} d`;
  return fullDay.format(new Date(at));
}

/** `812 B`, `14 KB`, `3.2 MB`. */
export function sizeOf(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Up to two letters for a name; a question mark for nobody. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) =>
    word ? ([...word][0] ?? '') : '',
  );
  return letters.join('').toUpperCase() || '?';
}

const BROWSERS = [
  ['Edge', /\bEdgA?\/(\d+)/],
  ['Opera', /\bOPR\/(\d+)/],
  ['Samsung Internet', /\bSamsungBrowser\/(\d+)/],
  ['Firefox', /\b(?:Firefox|FxiOS)\/(\d+)/],
  ['Chrome', /\b(?:Headless)?(?:Chrome|CriOS)\/(\d+)/],
  ['Safari', /\bVersion\/(\d+).*\bSafari\//],
] as const;
const SYSTEMS = [
  ['Android', /Android/],
  ['iOS', /iPhone|iPad|iPod/],
  ['Windows', /Windows/],
  ['macOS', /Mac OS X/],
  ['ChromeOS', /CrOS/],
  ['Linux', /Linux/],
] as const;

/** `Chrome 156 on Linux` for a browser's long name; the name itself where it is none that is known. */
export function browserOf(userAgent: string): string {
  const system = SYSTEMS.find(([, pattern]) => pattern.test(userAgent))?.[0];
  for (const [name, pattern] of BROWSERS) {
    const version = pattern.exec(userAgent)?.[1];
    if (version) return `${name} ${version}${system ? ` on ${system}` : ''}`;
  }
  return userAgent;
}

function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
