// What an agent may choose from.

export const PRIORITIES = ['low', 'medium', 'high', 'urgent'] as const;

/** The documents' departments; others show once a conversation has them. */
export const DEPARTMENTS = ['general', 'sales', 'support', 'billing', 'technical'] as const;

/** The known departments and those that are in use. */
export function departmentsWith(used: readonly string[]): readonly string[] {
  return [...new Set([...DEPARTMENTS, ...used.filter(Boolean)])];
}

/** `billing` → `Billing`. */
export function titled(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).replaceAll(/[-_]/g, ' ');
}
