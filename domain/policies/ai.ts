// Whether conversations of a widget begin with the AI.
import type { WidgetConfig } from '../workspace/values.ts';

/** What there is to answer with: a model behind an endpoint, and articles that a workspace has. */
export interface AiMeans {
  readonly hasModel: boolean;
  readonly articles: number;
}

/** What its admins say holds; where they have said nothing, and there is something to answer with, the AI does. */
export function aiBegins({ aiEnabled }: Pick<WidgetConfig, 'aiEnabled'>, means: AiMeans): boolean {
  if (!means.hasModel && means.articles === 0) return false;
  return aiEnabled ?? true;
}
