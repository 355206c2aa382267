// Holds every answer that a test gets against what the OpenAPI document says of its route: each contract proves the document as well.
import { openApi } from '../../edge/http/description/openapi.ts';
import type { DescribedRoute } from '../../edge/http/description/routes.ts';
import { answerCheck, type Operation, operationsOf } from './interface.ts';

/** What is wrong with an answer, in a sentence; undefined where all is as documented, or nothing is documented at its address. */
export type Proof = (method: string, path: string, status: number, json: unknown) => string | undefined;

interface Known {
  readonly operation: Operation;
  readonly matches: RegExp;
}

/** The proof for an edge with these routes. */
export function proofOf(routes: readonly DescribedRoute[]): Proof {
  let ready: { known: readonly Known[]; checkOf: ReturnType<typeof answerCheck> } | undefined;
  const make = () => {
    const document = openApi(routes, 'http://localhost');
    // What is written out goes before what stands for anything.
    const known = operationsOf(document)
      .sort((a, b) => weight(a.path) - weight(b.path))
      .map((operation) => ({ operation, matches: patternOf(operation.path) }));
    return { known, checkOf: answerCheck(document) };
  };
  return (method, path, status, json) => {
    ready ??= make();
    const operation = ready.known.find(
      (one) => one.operation.method === method && one.matches.test(path),
    )?.operation;
    if (!operation) return undefined;
    const at = `${method} ${operation.path} answered ${status}`;
    if (!operation.responses[status]) return `${at}, which the document does not know`;
    const fault = json === undefined ? undefined : ready.checkOf(operation, status)?.(json);
    return fault && `${at}, not as the document says: ${fault}\n${JSON.stringify(json).slice(0, 500)}`;
  };
}

function weight(path: string): number {
  return path.split('{').length;
}

/** Flags in a template's query must be in the address; what else is there does not matter. */
function patternOf(template: string): RegExp {
  const [path = '', flag] = template.split('?');
  const spelled = path.replace(/[.*+^$|()[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '[^/?]+');
  return new RegExp(flag === undefined ? `^${spelled}(?:\\?|$)` : `^${spelled}\\?(?:.*&)?${flag}(?:&|$)`);
}
