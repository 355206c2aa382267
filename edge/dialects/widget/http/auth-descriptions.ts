// What the routes of accounts and sign-in say of themselves (seeds 001 and 004).
import { z } from 'zod';
import { described } from '../../../http/described.ts';
import { widgetUser } from '../shapes.ts';

const token = z.string().meta({ description: 'A bearer token; 7 days by default.' });
const entered = (who: z.ZodRawShape) =>
  z.object({ success: z.literal(true), message: z.string(), data: z.object({ ...who, token }) });
const TOKEN = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...';
/** The document's user, with the two fields that ours has beyond it. */
const ADMIN = {
  id: 1,
  username: 'admin_user',
  email: 'admin@example.com',
  full_name: 'admin_user',
  role: 'super_admin',
};

export const REGISTER = described({
  dialect: 'widget',
  summary: 'Register New Admin User',
  description:
    'Makes a user and a business (workspace) of their own with a first widget. The first user of the installation is its `super_admin`; in production that one needs the set-up code printed at the start. `SIGNUP=closed` forbids all but the first.',
  access: 'public',
  answers: { 201: entered({ user: widgetUser }) },
  refusals: [403, 409],
  examples: [
    {
      body: { username: 'admin_user', email: 'admin@example.com', password: 'secure_password' },
      status: 201,
      answer: { success: true, message: 'User registered successfully', data: { user: ADMIN, token: TOKEN } },
    },
    {
      name: 'What is wrong is said field by field',
      body: { username: 'admin_user', email: 'nonsense', password: 'short' },
      status: 400,
      answer: {
        success: false,
        message: 'Validation error',
        errors: { email: 'Email is invalid', password: 'Password must be at least 6 characters' },
      },
    },
  ],
});

const LIMITED =
  'At most 10 tries in 15 minutes for each pair of account and address, and 100 for an account.';

export const LOGIN = described({
  dialect: 'widget',
  summary: 'Admin Login',
  description: LIMITED,
  access: 'public',
  answers: { 200: entered({ user: widgetUser }) },
  refusals: [401],
  examples: [
    {
      body: { email: 'admin@example.com', password: 'secure_password' },
      status: 200,
      answer: { success: true, message: 'Login successful', data: { user: ADMIN, token: TOKEN } },
    },
  ],
});

export const AGENT_LOGIN = described({
  dialect: 'widget',
  summary: 'Agent Login',
  description: LIMITED,
  access: 'public',
  answers: { 200: entered({ agent: widgetUser }) },
  refusals: [401],
  examples: [
    {
      body: { email: 'agent@example.com', password: 'agent_password' },
      status: 200,
      answer: {
        success: true,
        message: 'Agent login successful',
        data: {
          agent: {
            id: 1,
            username: 'support_agent',
            email: 'agent@example.com',
            full_name: 'Support Agent',
            role: 'support',
          },
          token: TOKEN,
        },
      },
    },
  ],
});

export const ME = described({
  dialect: 'widget',
  summary: 'Get Current User Profile',
  access: 'user',
  answers: { 200: z.object({ success: z.literal(true), data: z.object({ user: widgetUser }) }) },
  examples: [{ status: 200, answer: { success: true, data: { user: ADMIN } } }],
});

export const LOGOUT = described({
  dialect: 'widget',
  summary: 'Sign out everywhere',
  description:
    'Ends every token of the caller, and their sockets within seconds. Not in the document: there a token lasts whatever happens.',
  access: 'user',
  answers: { 200: z.object({ success: z.literal(true), message: z.string() }) },
  examples: [{ status: 200, answer: { success: true, message: 'Logged out successfully' } }],
});

export const PASSWORD = described({
  dialect: 'widget',
  summary: 'Change the own password',
  description: `Ends every token given out before and answers a new one. ${LIMITED}`,
  access: 'user',
  answers: {
    200: z.object({ success: z.literal(true), message: z.string(), data: z.object({ token }) }),
  },
  examples: [
    {
      body: { current_password: 'secure_password', new_password: 'another_secure_password' },
      status: 200,
      answer: { success: true, message: 'Password changed successfully', data: { token: TOKEN } },
    },
  ],
});
