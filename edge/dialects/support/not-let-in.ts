// What the support document (seed 002) answers whom it does not let in, at either of its doors.

/** The words for those who are not let in, over HTTP as over Socket.IO. */
export const NOT_LET_IN = {
  missing: 'Authentication required',
  invalid: 'Invalid or expired token',
} as const;
