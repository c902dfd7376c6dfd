/** A payment as the provider shows it. Amounts are minor units. */
export interface ProviderPayment {
  readonly id: string;
  /** The order's id. */
  readonly reference: string;
  readonly status: "processing" | "requiresAction" | "authorized" | "declined" | "captured" | "voided";
  readonly declineCode: string | null;
  readonly nextActionUrl: string | null;
  readonly authorizedMinor: bigint;
  readonly capturedMinor: bigint;
  /** Our ids of the refunds that were made. */
  readonly refundReferences: readonly string[];
}
