import { z } from "zod";
import { defineEvent } from "./contract.ts";

export const userRegistered = defineEvent({
  type: "users.user.registered",
  version: 1,
  description: "An account was created. Carries no personal data: whoever needs more asks the users subgraph.",
  key: "userId",
  schema: z.object({ userId: z.string(), registeredAt: z.iso.datetime() }),
});

export const userDeleted = defineEvent({
  type: "users.user.deleted",
  version: 1,
  description: "An account was deleted and its personal data erased; other services erase theirs.",
  key: "userId",
  schema: z.object({ userId: z.string(), deletedAt: z.iso.datetime() }),
});
