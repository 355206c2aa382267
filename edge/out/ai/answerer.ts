// What answers visitors in the business's name: a model behind an OpenAI-compatible endpoint, or the knowledge base alone.

/** A piece of the workspace's knowledge, found for what was asked. */
export interface Passage {
  /** Public id of the article. */
  readonly article: string;
  readonly title: string;
  readonly text: string;
  /** How well it fits what was asked, above 0; comparable within one search. */
  readonly rank: number;
}

/** How the AI of a widget is to answer. */
export interface Persona {
  readonly businessName: string;
  /** The business's own instructions; empty: none. */
  readonly prompt: string;
  /** E.g. `friendly`; empty: none. */
  readonly tone: string;
  /** The endpoint's name of the model; undefined: the installation's. */
  readonly model: string | undefined;
  /** 0 to 2. */
  readonly temperature: number;
}

export interface Question {
  readonly persona: Persona;
  /** The conversation so far, oldest first, the visitor's question last; nothing else of the business. */
  readonly messages: readonly { readonly from: 'visitor' | 'ai' | 'agent'; readonly text: string }[];
  readonly passages: readonly Passage[];
}

export interface Answer {
  readonly text: string;
  readonly model: string;
  /** Tokens as the endpoint counted them; 0 where nothing was charged. */
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Articles it rests on. */
  readonly sources: readonly { readonly article: string; readonly title: string }[];
  /** 0 to 1; low: a human should look at it. */
  readonly confidence: number;
}

/** Why there is no answer, after so many tries. */
export interface NoAnswer {
  readonly failed:
    | 'time-out'
    | 'rate-limited'
    | 'unavailable'
    | 'unreadable'
    | 'empty'
    | 'refused'
    | 'aborted';
  readonly attempts: number;
}

export interface Answerer {
  /** `onText` hears the whole text so far, as it is written. Never throws for what the endpoint does. */
  answer(
    question: Question,
    onText: (soFar: string) => void,
    signal: AbortSignal,
  ): Promise<Answer | NoAnswer>;
}
