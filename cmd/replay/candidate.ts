// The candidate of a replay: who answers, and as whom, from what was said on the command line.
import { readFile } from 'node:fs/promises';
import type { KnownWidget } from '../../edge/identity/directory.ts';
import type { Answerer, Persona } from '../../edge/out/ai/answerer.ts';
import { embeddedAnswerer } from '../../edge/out/ai/embedded.ts';
import { OpenAiAnswerer } from '../../edge/out/ai/openai.ts';
import type { Settings } from '../settings.ts';

export interface CandidateOptions {
  /** A file with the business's instructions. */
  readonly prompt?: string;
  readonly model?: string;
  readonly temperature?: number;
}

export interface Candidate {
  readonly answerer: Answerer;
  readonly persona: Persona;
  /** What answers, for the report. */
  readonly name: string;
  close(): Promise<void>;
}

/** The widget's own AI, but for what the command line says otherwise. Throws one sentence where the prompt cannot be read, or where something is asked of a model and there is no key for one. */
export async function candidateOf(
  { prompt, model, temperature }: CandidateOptions,
  widget: KnownWidget,
  { ai }: Pick<Settings, 'ai'>,
): Promise<Candidate> {
  const { businessName, ai: usual } = widget.config;
  const persona: Persona = {
    businessName,
    prompt: prompt === undefined ? usual.prompt : await promptIn(prompt),
    tone: usual.tone,
    model: model ?? usual.model ?? undefined,
    temperature: temperature ?? usual.temperature,
  };
  if (ai.apiKey === undefined) {
    if (prompt !== undefined || model !== undefined || temperature !== undefined)
      throw new Error(
        'AI_API_KEY is not set: without it the knowledge base answers by itself, and --prompt, --model and --temperature change nothing',
      );
    return {
      answerer: embeddedAnswerer,
      persona,
      name: 'the knowledge base alone',
      close: async () => undefined,
    };
  }
  const answerer = new OpenAiAnswerer({ baseUrl: ai.baseUrl, apiKey: ai.apiKey, model: ai.model });
  return { answerer, persona, name: persona.model ?? ai.model, close: () => answerer.close() };
}

async function promptIn(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw new Error(`the prompt "${file}" cannot be read`);
  }
}
