// What an agent may choose from.

export const PRIORITIES = ['low', 'medium', 'high', 'urgent'] as const;

/** The workspace's departments, and those that conversations still have from before. */
export function departmentsWith(known: readonly string[], used: readonly string[]): readonly string[] {
  return [...new Set([...known, ...used.filter(Boolean)])];
}

/** `billing` → `Billing`. */
export function titled(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).replaceAll(/[-_]/g, ' ');
}
