// What a change says of a thing: the fields that are there. What is left out stays as it was.

/** Without the fields that are undefined: they say nothing, and the log, being JSON, would not even have them. */
export function stated<Values extends object>(values: Values): Partial<Values> {
  // Leaving fields out is what makes it partial; Object.fromEntries cannot know that.
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Partial<Values>;
}
