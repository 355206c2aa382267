// Turns zod schemas into JSON Schema whose named parts stand once, in the document's components.
import { z } from 'zod';

export type JsonSchema = { readonly [key: string]: unknown };

const PLACE = '#/components/schemas/';

/** The named schemas of one document. */
export class Components {
  readonly #target: 'draft-2020-12' | 'draft-7';
  readonly #schemas = new Map<string, JsonSchema>();

  /** OpenAPI 3.1 speaks draft 2020-12, AsyncAPI 3 draft 7. */
  constructor(target: 'draft-2020-12' | 'draft-7') {
    this.#target = target;
  }

  /** All that were named so far, by name. */
  get all(): Record<string, JsonSchema> {
    const sorted = [...this.#schemas].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(sorted);
  }

  /**
   * The schema as what a client sends, or reads: what is left out of a request has a default, and what is
   * read may have more fields tomorrow. Throws where two different schemas have one name.
   */
  schema(schema: z.ZodType): JsonSchema {
    // Dates and the like have no JSON Schema; what they are is in their description.
    const made = z.toJSONSchema(schema, { target: this.#target, io: 'input', unrepresentable: 'any' });
    const { $schema: _dialect, $defs, definitions, ...rest } = made as Record<string, JsonSchema>;
    for (const [name, part] of Object.entries({ ...$defs, ...definitions }))
      this.#put(name, pointed(part) as JsonSchema);
    return pointed(rest) as JsonSchema;
  }

  #put(name: string, schema: JsonSchema): void {
    const { id: _id, ...rest } = schema;
    const known = this.#schemas.get(name);
    if (known && JSON.stringify(known) !== JSON.stringify(rest))
      throw new Error(`two different schemas are called ${name}`);
    this.#schemas.set(name, rest);
  }
}

/** References into the schema itself become references into the components. */
function pointed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pointed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string'
        ? inner.replace(/^#\/(?:\$defs|definitions)\//, PLACE)
        : pointed(inner),
    ]),
  );
}
