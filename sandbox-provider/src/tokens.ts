/** What a payment method token makes the provider do with an authorisation. */
export interface Behaviour {
  readonly outcome:
    | { readonly status: "authorized" }
    | { readonly status: "requires_action" }
    | { readonly status: "declined"; readonly declineCode: string };
  readonly answer: "at once" | "late" | "never" | "after the webhook" | "error first";
  /** How often the webhook of the authorisation is delivered. */
  readonly webhookDeliveries: 1 | 2;
}

const authorize: Behaviour = { outcome: { status: "authorized" }, answer: "at once", webhookDeliveries: 1 };

const decline = (declineCode: string): Behaviour => ({ ...authorize, outcome: { status: "declined", declineCode } });

const behaviours: ReadonlyMap<string, Behaviour> = new Map([
  ["tok_approve", authorize],
  ["tok_decline_insufficient_funds", decline("insufficient_funds")],
  ["tok_decline_card_expired", decline("card_expired")],
  ["tok_decline_suspected_fraud", decline("suspected_fraud")],
  ["tok_action_required", { ...authorize, outcome: { status: "requires_action" } }],
  ["tok_slow", { ...authorize, answer: "late" }],
  ["tok_timeout_after_charge", { ...authorize, answer: "never" }],
  ["tok_error_once", { ...authorize, answer: "error first" }],
  ["tok_webhook_twice", { ...authorize, webhookDeliveries: 2 }],
  ["tok_webhook_early", { ...authorize, answer: "after the webhook" }],
]);

export const TOKENS: readonly string[] = [...behaviours.keys()];

/** A token that is not one of {@link TOKENS} is declined, as a real provider declines a card that it cannot resolve. */
export const behaviourOf = (token: string): Behaviour => behaviours.get(token) ?? decline("unknown_payment_method");
