// The one catalogue of refusals: what each reason means to a person and to HTTP. Dialects translate from here.
import type { ConversationRefusal } from '../domain/conversation/decide.ts';
import { LIMITS } from '../domain/conversation/values.ts';
import type { Refusal } from '../domain/decider.ts';
import { ARTICLE_LIMITS } from '../domain/workspace/article.ts';
import type { RoutingRefusal } from '../domain/workspace/routing.ts';

/** `status`: HTTP status. `message`: one sentence that says what was wrong and, where it helps, what is allowed. */
export interface Explained {
  readonly status: number;
  readonly message: string;
}

interface Entry extends Explained {
  /** The sentence where it is known who stands in the way. */
  readonly named?: (by: string) => string;
}

const CATALOGUE = {
  'conversation-not-found': { status: 404, message: 'Session not found' },
  'conversation-exists': { status: 409, message: 'A session with this id exists already; choose another id' },
  'conversation-closed': { status: 409, message: 'This session is closed' },
  'conversation-not-closed': { status: 409, message: 'This session has not ended yet; end it first' },
  'conversation-archived': { status: 409, message: 'This session is archived and can no longer be changed' },
  'not-the-owner': {
    status: 403,
    message:
      'Only the agent who has this session may write in it; accept it first, or ask an admin to let agents join',
  },
  'ai-switched-off': {
    status: 409,
    message: 'The AI is switched off for this widget; an admin can switch it on (ai_enabled)',
  },
  'answer-outdated': {
    status: 409,
    message: 'The visitor has written again since; this answer is to an older message',
  },
  'already-assigned': {
    status: 409,
    message: 'Another agent has this session already',
    named: (by: string) => `${by} has this session already`,
  },
  'at-capacity': {
    status: 409,
    message: 'This agent has as many sessions as they take at once; end or hand over one first',
    named: (by: string) =>
      `${by} has as many sessions as they take at once; end or hand over one first, or let an admin assign it`,
  },
  'place-needed': { status: 409, message: 'This session changed hands meanwhile; please try again' },
  'not-allowed': { status: 403, message: 'Insufficient permissions' },
  'attachment-unknown': {
    status: 400,
    message: 'The message names an attachment that was not uploaded to this session',
  },
  'message-empty': { status: 400, message: 'A message needs text or an attachment' },
  'message-too-long': { status: 400, message: `A message may have at most ${LIMITS.text} characters` },
  'message-wrong': { status: 400, message: 'content must be text' },
  'attachments-wrong': {
    status: 400,
    message: `attachments must be at most ${LIMITS.attachmentsPerMessage} ids of uploaded files`,
  },
  'session-id-required': { status: 400, message: 'sessionId is required' },
  'too-many-attachments': {
    status: 409,
    message: `This session holds as many files as one session may (${LIMITS.attachmentsPerConversation})`,
  },
  'rating-final': { status: 409, message: 'The rating can no longer be changed; it is open for 24 hours' },
  'reminder-time': {
    status: 400,
    message: `A reminder must lie ahead, by at most ${LIMITS.reminderDays} days`,
  },
  'idle-order': {
    status: 400,
    message: 'close_after_minutes must be more than warn_after_minutes, so that the warning comes first',
  },
  'agent-not-found': { status: 404, message: 'Agent not found' },
  'hours-department-unknown': {
    status: 400,
    message: 'Hours are for departments of this workspace, and so are their overflows',
  },
  'department-unknown': { status: 400, message: 'This workspace has no such department' },
  'widget-not-found': { status: 404, message: 'Widget not found' },
  'last-widget': { status: 409, message: 'The last widget of a workspace cannot be deleted' },
  'widget-inactive': { status: 403, message: 'This widget is switched off' },
  'origin-not-allowed': { status: 403, message: 'This site may not use this widget' },
  'visitor-token-required': { status: 401, message: 'This session needs its visitor token' },
  'api-key-invalid': { status: 401, message: 'The API key is not valid' },
  'agent-token-needs-key': {
    status: 401,
    message: "A token for an agent needs the API key (X-API-Key) or an admin's token",
  },
  'system-token-needs-key': { status: 401, message: 'A token for a system needs the API key (X-API-Key)' },
  'token-for-admin': {
    status: 403,
    message: 'A token for an admin is given to that admin alone; sign in at /api/auth/login',
  },
  'agent-ambiguous': {
    status: 409,
    message: 'Several agents have this name; give a number or an e-mail address as userId',
  },
  'token-of-another-user': {
    status: 403,
    message: 'Your token is for another userId; get one for this userId, or leave userId out',
  },
  'user-type-not-yours': { status: 403, message: 'A user token starts sessions of userType user alone' },
  'user-id-required': { status: 400, message: 'userId is required' },
  'message-id-taken': { status: 409, message: 'This messageId was used for something else already' },
  'token-invalid': { status: 401, message: 'Invalid or expired token' },
  'visitor-token-invalid': { status: 401, message: 'The visitor token is not valid' },
  'user-not-found': { status: 404, message: 'User not found' },
  'user-exists': { status: 409, message: 'A user with this e-mail address exists already' },
  'signup-closed': { status: 403, message: 'Registration is closed on this installation' },
  'set-up-code-required': {
    status: 403,
    message: 'The first account needs the set-up code that was printed at start',
  },
  'wrong-password': { status: 401, message: 'Invalid email or password' },
  'too-many-sign-ins': { status: 429, message: 'Too many sign-in attempts, please try again later' },
  'last-admin': { status: 409, message: 'The last admin of a workspace cannot be removed' },
  'file-too-large': {
    status: 413,
    message: `A file may have at most ${LIMITS.attachmentBytes / 1024 / 1024} MB`,
  },
  'file-type': {
    status: 400,
    message:
      'Supported are jpg, jpeg, png, gif, webp, pdf, doc, docx, xls, xlsx and txt files whose content matches',
  },
  'image-too-large': { status: 413, message: 'An image may have at most 64 megapixels' },
  'no-file': { status: 400, message: 'No file was sent; put at least one into the form' },
  'file-empty': { status: 400, message: 'The file is empty' },
  'too-many-files': { status: 400, message: `At most ${LIMITS.attachmentsPerMessage} files at once` },
  'workspace-not-found': { status: 404, message: 'Workspace not found' },
  'no-workspace': { status: 503, message: 'This installation has no workspace yet; register the first user' },
  'article-not-found': { status: 404, message: 'Article not found' },
  'article-exists': { status: 409, message: 'This article exists already' },
  'too-many-articles': {
    status: 409,
    message: `A workspace may have at most ${ARTICLE_LIMITS.perWorkspace} articles; nothing was added`,
  },
  'webhook-url-required': { status: 400, message: 'The webhook needs a URL before it can be used' },
  'webhook-url-wrong': {
    status: 400,
    message:
      'The URL must start with http:// or https:// and name a host, such as https://yoursite.com/webhook',
  },
  'webhook-url-credentials': { status: 400, message: 'The URL must not hold a user name or password' },
  'webhook-address-private': {
    status: 400,
    message: 'A webhook can only be sent to a public address on the internet, and this one is not',
  },
  'frame-invalid': { status: 400, message: 'Something in the frame is not as it should be' },
  'event-unknown': { status: 400, message: 'There is no such event' },
  'already-authenticated': { status: 409, message: 'This connection has said already who it is' },
  'too-many-requests': { status: 429, message: 'Too many requests from this IP, please try again later.' },
  'too-many-messages': { status: 429, message: 'Too many messages, please wait a moment and send it again' },
  'too-many-conversations': {
    status: 429,
    message: 'This connection hears as many sessions as one may; leave some',
  },
  'lists-away': { status: 503, message: 'Lists cannot be read at the moment, please try again' },
  busy: { status: 503, message: 'The server is busy; nothing was changed, please try again' },
  unavailable: {
    status: 503,
    message: 'The log did not answer in time; send the same command again, it is carried out once',
  },
} as const satisfies Record<ConversationRefusal | RoutingRefusal, Entry> & Record<string, Entry>;

/** What a refusal, or its reason alone, means. A reason without an entry is a defect, and says so as a fault. */
export function explain(refusal: string | Refusal): Explained {
  const { refused, by }: Refusal = typeof refusal === 'string' ? { refused: refusal } : refusal;
  const entry = (CATALOGUE as Record<string, Entry>)[refused];
  if (!entry) throw new Error(`the refusal ${JSON.stringify(refused)} is in no catalogue`);
  const { status, message, named } = entry;
  return { status, message: by !== undefined && named ? named(by) : message };
}
