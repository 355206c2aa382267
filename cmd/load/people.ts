// Who writes in: made-up people from many places, so that lists, search and sorting meet real alphabets.
import type { Origin, Visitor } from '../../domain/conversation/values.ts';
import type { Randomness } from './randomness.ts';

const FIRST = [
  ...[
    'Amelia',
    'Noah',
    'Olivia',
    'Liam',
    'Grace',
    'Ethan',
    'Chloe',
    'Daniel',
    'Ruby',
    'Marcus',
    'Nadia',
    'Owen',
  ],
  ...['Sofía', 'Mateo', 'Valentina', 'Álvaro', 'Inês', 'João', 'Giulia', 'Luca', 'Élodie', 'Théo', 'Chantal'],
  ...['Lena', 'Jürgen', 'Käthe', 'Bjørn', 'Åsa', 'Mikkel', 'Wojciech', 'Zofia', 'Jiří', 'Ilona', 'Dimitra'],
  ...[
    'Aarav',
    'Priya',
    'Kavita',
    'Mei',
    'Haruto',
    'Minh',
    'Ji-woo',
    'Siti',
    'Omar',
    'Fatima',
    'Yusuf',
    'Leila',
  ],
  ...['Kwame', 'Ngozi', 'Thandiwe', 'Abebe', 'Zanele', 'Tunde'],
];
const LAST = [
  ...[
    'Walker',
    'Hughes',
    'Bennett',
    'O’Connor',
    'Mackenzie',
    'Reed',
    'Fletcher',
    'Novak',
    'Kowalski',
    'Horváth',
  ],
  ...[
    'García',
    'Fernández',
    'Moreira',
    'Gonçalves',
    'Rossi',
    'Bianchi',
    'Lefèvre',
    'Dubois',
    'Müller',
    'Schröder',
  ],
  ...[
    'Lindqvist',
    'Sørensen',
    'Jansen',
    'de Vries',
    'Papadopoulos',
    'Yılmaz',
    'Haddad',
    'Rahman',
    'Khan',
    'Patel',
  ],
  ...['Sharma', 'Nguyen', 'Tanaka', 'Kim', 'Chen', 'Wijaya', 'Okafor', 'Mensah', 'Dlamini', 'Tesfaye'],
];
const PAGES = [
  ...['/', '/pricing', '/shipping', '/returns', '/account/orders', '/account/billing', '/contact', '/stores'],
  ...['/products/brewers', '/products/grinders', '/products/beans', '/help/warranty', '/checkout'],
];
const REFERRERS = ['https://www.google.com/', 'https://duckduckgo.com/', 'https://www.instagram.com/'];
const BROWSERS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
];
const LANGUAGES = ['en-GB', 'en-US', 'de', 'fr', 'es', 'pt', 'it', 'sv', 'pl', 'tr', 'ja', 'hi'];
const SHOP = 'https://harbour-coffee.example';

/** A visitor; about one in five writes without leaving a name, and names and addresses come back now and then. */
export function makeVisitor(random: Randomness): Visitor {
  if (random.chance(0.2)) return {};
  const first = random.pick(FIRST);
  const last = random.pick(LAST);
  const email = `${plain(first)}.${plain(last)}${random.whole(1, 40)}@example.com`;
  const phone = random.chance(0.25) ? { phone: `+44 7700 900${random.whole(100, 999)}` } : {};
  return { name: `${first} ${last}`, email, ...phone };
}

/** Where and with what a visitor writes. Addresses are from the ranges kept for documentation (RFC 5737). */
export function makeOrigin(random: Randomness): Origin {
  return {
    pageUrl: SHOP + random.pick(PAGES),
    ...(random.chance(0.4) ? { referrer: random.pick(REFERRERS) } : {}),
    userAgent: random.pick(BROWSERS),
    ip: `${random.pick(['192.0.2', '198.51.100', '203.0.113'])}.${random.whole(1, 254)}`,
    language: random.pick(LANGUAGES),
    channel: 'native',
  };
}

function plain(name: string): string {
  const latin = name.normalize('NFD').toLowerCase().replaceAll('ø', 'o').replaceAll('ı', 'i');
  return latin.replace(/[^a-z]/g, '');
}
