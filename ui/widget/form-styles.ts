// How the forms look that stand in the place of the chat.
import { css } from 'lit';

export const formStyles = css`
  :host {
    display: block;
    flex: 1;
    overflow-y: auto;
    padding: 18px;
  }
  form {
    display: grid;
    gap: 14px;
  }
  p {
    margin: 0 0 16px;
  }
  textarea {
    resize: vertical;
  }
`;
