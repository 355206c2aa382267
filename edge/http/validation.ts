// Holds a request against its route's schemas: what is wrong is said in words of ours, whatever the schema.
import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify';
import type { z } from 'zod';
import { sayIssue } from '../sentences.ts';

/** Problems that one answer tells; a body may have as many as it has bytes. */
const TOLD = 20;

/** Makes a route's check of a zod schema: the value as the schema reads it, or its problems. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema }) =>
  (value: unknown) => {
    const read = schema.safeParse(value, { error: sayIssue });
    return read.success ? { value: read.data } : { error: read.error.issues.slice(0, TOLD).map(problemOf) };
  };

function problemOf(issue: z.core.$ZodIssue): FastifySchemaValidationError {
  const instancePath = `/${issue.path.map(String).join('/')}`;
  return { keyword: issue.code, instancePath, schemaPath: '', params: {}, message: issue.message };
}
