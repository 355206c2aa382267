// What people write about: exchanges as a shop's support has them, with blanks that each telling fills anew.

export interface Topic {
  readonly department: 'general' | 'sales' | 'support' | 'billing' | 'technical';
  readonly tags: readonly string[];
  /** `v`: the visitor writes, `a`: the agent. A conversation tells a beginning of it. */
  readonly lines: readonly (readonly ['v' | 'a', string])[];
  /** What an agent may note for colleagues. */
  readonly notes: readonly string[];
}

/** Blanks: {order} {product} {amount} {day} {city} {code} {name} (the visitor's) {agent}. */
export const TOPICS: readonly Topic[] = [
  {
    department: 'support',
    tags: ['delivery'],
    lines: [
      ['v', 'Hi, my order {order} should have been here on {day}. The tracking has not moved since.'],
      ['a', 'Hello {name}, I am sorry about the wait. Let me ask the carrier about {order}.'],
      ['v', 'Thanks. It is a birthday present, so I am getting nervous.'],
      ['a', 'I understand. It is in their depot in {city} and goes out for delivery tomorrow before noon.'],
      ['v', 'Before noon is fine. Does somebody need to be at home?'],
      ['a', 'No signature needed, the driver may leave it with a neighbour. I have added that to the order.'],
      ['v', 'Great, that helps a lot!'],
    ],
    notes: [
      'Carrier confirms: mis-sorted, second time from that depot this month.',
      'Call back if not delivered by noon.',
    ],
  },
  {
    department: 'support',
    tags: ['return', 'refund'],
    lines: [
      ['v', 'The {product} I got is not what I expected. How do I send it back?'],
      ['a', 'No problem. Was it order {order}? You can return it within 30 days, opened or not.'],
      ['v', 'Yes, that one. Do I pay for the parcel?'],
      ['a', 'No, the label is on us. I have just sent it to your e-mail address.'],
      ['v', 'Got it. And when do I see the money?'],
      ['a', 'Two to three working days after it reaches us: {amount} back to the card you paid with.'],
      ['v', 'Perfect.'],
      ['a', 'Anything else I can do for you today?'],
      ['v', 'No, that was all. Thank you {agent}!'],
    ],
    notes: ['Return label sent, reason: size.'],
  },
  {
    department: 'billing',
    tags: ['invoice'],
    lines: [
      ['v', 'I was charged {amount} twice for {order}. Please look into it.'],
      ['a', 'Hello {name}, I see one payment and one reservation. The reservation expires by itself.'],
      ['v', 'When exactly? My bank says it is a booking.'],
      ['a', 'By {day} at the latest. If it is still there then, write to us and we refund it the same day.'],
      ['v', 'OK. Can you also send me the invoice with our VAT number on it?'],
      ['a', 'Of course. Which number should be on it?'],
      ['v', 'DE 811 907 980'],
      ['a', 'Done, the new invoice is in your inbox.'],
    ],
    notes: ['Payment provider shows one capture, one authorisation.', 'VAT number added to the account.'],
  },
  {
    department: 'technical',
    tags: ['grinder', 'warranty'],
    lines: [
      ['v', 'My {product} stops after two seconds and blinks red three times.'],
      ['a', 'Three blinks: the motor is blocked. Could you unplug it and take out the upper burr?'],
      ['v', 'One moment'],
      ['v', 'OK, it is out. There is a small stone in it!'],
      [
        'a',
        'That happens with beans from small farms. Take it out, clean the burr with the brush, put it back.',
      ],
      ['v', 'It runs again, but it sounds higher than before.'],
      ['a', 'Could you turn the ring back to zero and grind a few beans? The sound should go down.'],
      ['v', 'Yes! Sounds normal now.'],
      ['a', 'Lovely. Should it come back, the warranty covers a new burr, just mention {order}.'],
    ],
    notes: ['Stone in the beans, burr scratched. Send a new one if they write again.'],
  },
  {
    department: 'sales',
    tags: ['subscription'],
    lines: [
      ['v', 'Can I pause my subscription while I am away?'],
      ['a', 'Yes, for up to three months. From when to when are you travelling?'],
      ['v', 'From {day} for four weeks.'],
      ['a', 'Paused. The next delivery is the first one after that, same beans: {product}.'],
      ['v', 'Could I change to something lighter then?'],
      ['a', 'Sure. The washed Ethiopian is our lightest at the moment, people like it iced, too.'],
      ['v', 'Let us do that.'],
    ],
    notes: ['Asked about a lighter roast: suggest the tasting set in autumn.'],
  },
  {
    department: 'sales',
    tags: ['wholesale'],
    lines: [
      ['v', 'Hello, we are opening a café in {city} and look for a roaster. What would 40 kg a month cost?'],
      ['a', 'Congratulations! From 20 kg on you get our trade prices. Which machines will you use?'],
      ['v', 'A two-group and one batch brewer. We need a house blend and a changing single origin.'],
      [
        'a',
        'Then I would start with {product}. May I send you samples? Trade price is about {amount} for a box.',
      ],
      ['v', 'Samples would be great. We are tasting next {day}.'],
      ['a', 'They leave today. A colleague will call you the day after to hear what you think.'],
    ],
    notes: ['Café opening in spring, 40 kg/month, decision next week.', 'Send price list for the trade.'],
  },
  {
    department: 'general',
    tags: ['store'],
    lines: [
      ['v', 'Is the shop in {city} open on {day}?'],
      ['a', 'Yes, from 8 to 18. The workshop is closed that day, though.'],
      ['v', 'Do you have {product} there?'],
      ['a', 'Two left this morning. Shall I put one aside under your name?'],
      ['v', 'Yes please, {name}.'],
      ['a', 'Done, we keep it until the evening.'],
    ],
    notes: ['One put aside at the counter.'],
  },
  {
    department: 'technical',
    tags: ['account', 'login'],
    lines: [
      ['v', 'I do not get the e-mail to reset my password.'],
      ['a', 'Let me look. Is the address the one you order with?'],
      ['v', 'Yes, the same. I looked in spam as well.'],
      [
        'a',
        'There was a typing error in your account: “exmaple”. I cannot change it without checking that it is you.',
      ],
      ['v', 'What do you need?'],
      ['a', 'The number of your last order and its total, please.'],
      ['v', '{order}, {amount}'],
      ['a', 'Thank you, that matches. The address is corrected and the e-mail is on its way.'],
      ['v', 'Works, I am in!'],
    ],
    notes: ['Identity checked by last order. Address corrected.'],
  },
  {
    department: 'billing',
    tags: ['voucher'],
    lines: [
      ['v', 'The code {code} does not work at the checkout.'],
      ['a', 'It is valid from {amount} on, and not for machines. What is in your basket?'],
      ['v', 'Only {product}'],
      ['a', 'Then it should work. Could you type it without the space at the end?'],
      ['v', 'Oh. Now it does.'],
      ['a', 'Glad to hear it. Enjoy!'],
    ],
    notes: ['Copying the code from the newsletter brings a space along: tell marketing.'],
  },
  {
    department: 'general',
    tags: ['feedback'],
    lines: [
      ['v', 'Just wanted to say that the {product} is the best I have had in years.'],
      ['a', 'That makes our day, {name}! May we pass it on to the farm?'],
      ['v', 'Please do. When is the next harvest?'],
      ['a', 'In {city} it arrives around the end of next month. I can let you know.'],
      ['v', 'That would be lovely, thank you.'],
    ],
    notes: ['Wants to hear of the next harvest.'],
  },
];

export const PRODUCTS = [
  ...[
    'Guji natural',
    'house espresso',
    'K6 hand grinder',
    'pour-over kettle',
    'Aramo moka pot',
    'Sidamo washed',
  ],
  ...[
    'decaf from Huila',
    'cold-brew set',
    'barista scale',
    'paper filters',
    'Ona 64 grinder',
    'milk pitcher',
  ],
];
export const CITIES = [
  'Leipzig',
  'Porto',
  'Ghent',
  'Malmö',
  'Bristol',
  'Lyon',
  'Trieste',
  'Kraków',
  'Utrecht',
  'Cork',
];
export const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
export const FEEDBACK: Readonly<Record<number, readonly string[]>> = {
  5: ['Quick and kind.', 'Solved in minutes, thank you!', 'Best support I have had in a long time.', ''],
  4: ['Good, a bit of a wait at the beginning.', 'Helpful.', ''],
  3: ['It took three tries to explain.', 'OK.', ''],
  2: ['I had to ask twice.', 'Too slow.'],
  1: ['Nobody answered for an hour.', 'My question was not answered.'],
};
