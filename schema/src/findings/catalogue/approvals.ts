import { kinds } from "../stages.ts";

/** What is wrong with the approvals themselves. */
export const APPROVAL_KINDS = kinds({
  APPROVAL_EXPIRED: {
    stage: "approvals",
    severity: "warning",
    title: "An approval has expired",
    meaning: "What it approved blocks again, if it is still there.",
    remedy: "Mend what was approved, or approve it anew with a later date; otherwise take the approval out.",
  },
  APPROVAL_UNUSED: {
    stage: "approvals",
    severity: "warning",
    title: "An approval approves nothing",
    meaning:
      "No finding has its fingerprint: it is merged, was mended or has changed. It would approve the same thing, should it come back.",
    remedy: "Take it out.",
  },
  APPROVAL_NOT_POSSIBLE: {
    stage: "approvals",
    severity: "error",
    title: "An approval of what cannot be approved",
    meaning: "What cannot be read, composed or loaded serves nobody, whoever approves it.",
    remedy: "Mend the finding, and take the approval out.",
  },
});
