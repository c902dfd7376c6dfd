import type { ProviderPayment } from "../domain/provider-payment.ts";

export type { ProviderPayment } from "../domain/provider-payment.ts";

/** What came of asking the provider to do something. */
export type ProviderResult =
  | { readonly kind: "answered"; readonly payment: ProviderPayment }
  /** The payment is not in a state that allows it. */
  | { readonly kind: "conflict"; readonly reason: string; readonly payment: ProviderPayment }
  /** It will never be done: sending the same again changes nothing. */
  | { readonly kind: "refused"; readonly reason: string }
  /** No answer, or none that tells: it may have been done or not. */
  | { readonly kind: "unknown"; readonly reason: string };

export type FindResult =
  | { readonly kind: "found"; readonly payment: ProviderPayment }
  | { readonly kind: "absent" }
  | { readonly kind: "unknown"; readonly reason: string };

/**
 * Whoever moves the money. Every request is safe to repeat with the same `idempotencyKey`, and never throws for a
 * provider that is down: that is `unknown`.
 */
export interface PaymentProvider {
  authorize(request: {
    readonly idempotencyKey: string;
    /** The order's id; {@link find} finds by it. */
    readonly reference: string;
    readonly amountMinor: bigint;
    readonly currency: string;
    readonly paymentMethodToken: string;
  }): Promise<ProviderResult>;
  capture(request: { readonly idempotencyKey: string; readonly providerPaymentId: string }): Promise<ProviderResult>;
  void(request: { readonly idempotencyKey: string; readonly providerPaymentId: string }): Promise<ProviderResult>;
  refund(request: {
    readonly idempotencyKey: string;
    readonly providerPaymentId: string;
    /** Our id of the refund. */
    readonly reference: string;
    readonly amountMinor: bigint;
  }): Promise<ProviderResult>;
  find(reference: string): Promise<FindResult>;
  /** Rejects when the provider does not answer. */
  check(): Promise<void>;
  close(): Promise<void>;
}
