// The look of one card of the admin's page, and what its cards do when the server says no.
import { css } from 'lit';
import { ApiRefusal, ApiUnreachable } from '../client/api.ts';

export const card = css`
  :host {
    display: grid;
    gap: 14px;
    padding: 18px;
    border: 1px solid var(--n-line);
    border-radius: 14px;
    background: var(--n-surface);
  }
  h2 {
    margin: 0;
    font-size: 17px;
  }
  p {
    margin: 0;
  }
  form {
    display: grid;
    gap: 14px;
  }
  .quiet {
    color: var(--n-quiet);
    font-size: 14px;
  }
  .check {
    display: flex;
    align-items: center;
    gap: 8px;
    font-weight: 550;
    font-size: 14px;
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 10px;
  }
`;

/**
 * Asks the server for something. Answers what was wrong in one sentence, empty where nothing was; where the
 * session has ended, the page is told by `natter-ended`.
 */
export async function asked(host: HTMLElement, ask: () => Promise<void>): Promise<string> {
  try {
    await ask();
    return '';
  } catch (error) {
    if (!(error instanceof ApiRefusal || error instanceof ApiUnreachable)) throw error;
    if (error instanceof ApiRefusal && error.status === 401)
      host.dispatchEvent(new CustomEvent('natter-ended', { bubbles: true, composed: true }));
    return error.message;
  }
}

/** A moment as people here write it. */
export function momentOf(iso: string): string {
  return new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
