// Which text colour can be read on a customer's colour.

/** `#fff` or near-black, whichever has more contrast (WCAG relative luminance) on `#rgb`, `#rrggbb` (alpha ignored). */
export function readableOn(colour: string): '#fff' | '#14171f' {
  const digits = colour.replace('#', '');
  const wide = digits.length < 6 ? [...digits].map((digit) => digit + digit).join('') : digits;
  const channel = (from: number) => {
    const value = Number.parseInt(wide.slice(from, from + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4);
  const onWhite = 1.05 / (luminance + 0.05);
  const onInk = (luminance + 0.05) / 0.0585;
  // White is what people expect on a coloured button: ink only where white would be hard to read.
  return onWhite >= 3.6 || onWhite >= onInk ? '#fff' : '#14171f';
}
