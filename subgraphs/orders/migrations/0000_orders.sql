CREATE TABLE "cart_lines" (
	"id" text PRIMARY KEY NOT NULL,
	"cart_id" text NOT NULL,
	"variant_id" text NOT NULL,
	"quantity" integer NOT NULL,
	CONSTRAINT "cart_lines_variant" UNIQUE("cart_id","variant_id"),
	CONSTRAINT "cart_lines_quantity" CHECK ("cart_lines"."quantity" between 1 and 99)
);
--> statement-breakpoint
CREATE TABLE "carts" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "carts_user_id_unique" UNIQUE("user_id")
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"user_id" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"order_id" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_user_id_key_pk" PRIMARY KEY("user_id","key")
);
--> statement-breakpoint
CREATE TABLE "inbox" (
	"consumer" text NOT NULL,
	"message_id" text NOT NULL,
	"handled_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "inbox_consumer_message_id_pk" PRIMARY KEY("consumer","message_id")
);
--> statement-breakpoint
CREATE TABLE "order_events" (
	"order_id" text NOT NULL,
	"version" integer NOT NULL,
	"status" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"note" text,
	CONSTRAINT "order_events_order_id_version_pk" PRIMARY KEY("order_id","version"),
	CONSTRAINT "order_events_status" CHECK ("order_events"."status" in ('PENDING', 'AWAITING_PAYMENT', 'CONFIRMED', 'PAID', 'SHIPPED', 'DELIVERED', 'CANCELLING', 'CANCELLED'))
);
--> statement-breakpoint
CREATE TABLE "order_lines" (
	"id" text PRIMARY KEY NOT NULL,
	"order_id" text NOT NULL,
	"position" integer NOT NULL,
	"variant_id" text NOT NULL,
	"sku" text NOT NULL,
	"title" text NOT NULL,
	"quantity" integer NOT NULL,
	"unit_price_minor" bigint NOT NULL,
	"currency" char(3) NOT NULL,
	CONSTRAINT "order_lines_position" UNIQUE("order_id","position"),
	CONSTRAINT "order_lines_quantity" CHECK ("order_lines"."quantity" > 0),
	CONSTRAINT "order_lines_unit_price" CHECK ("order_lines"."unit_price_minor" >= 0)
);
--> statement-breakpoint
CREATE TABLE "orders" (
	"id" text PRIMARY KEY NOT NULL,
	"number" text NOT NULL,
	"customer_id" text NOT NULL,
	"status" text NOT NULL,
	"cancel_reason" text,
	"tracking_number" text,
	"line1" text NOT NULL,
	"line2" text,
	"city" text NOT NULL,
	"region" text,
	"postal_code" text NOT NULL,
	"country" char(2) NOT NULL,
	"erase_address" boolean DEFAULT false NOT NULL,
	"currency" char(3) NOT NULL,
	"subtotal_minor" bigint NOT NULL,
	"tax_minor" bigint NOT NULL,
	"shipping_minor" bigint NOT NULL,
	"total_minor" bigint NOT NULL,
	"placed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "orders_number_unique" UNIQUE("number"),
	CONSTRAINT "orders_status" CHECK ("orders"."status" in ('PENDING', 'AWAITING_PAYMENT', 'CONFIRMED', 'PAID', 'SHIPPED', 'DELIVERED', 'CANCELLING', 'CANCELLED')),
	CONSTRAINT "orders_cancel_reason" CHECK ("orders"."cancel_reason" in ('OUT_OF_STOCK', 'PAYMENT_DECLINED', 'TIMED_OUT', 'CUSTOMER', 'ADMIN')),
	CONSTRAINT "orders_cancelled_for_a_reason" CHECK (("orders"."status" in ('CANCELLING', 'CANCELLED')) = ("orders"."cancel_reason" is not null)),
	CONSTRAINT "orders_subtotal" CHECK ("orders"."subtotal_minor" >= 0),
	CONSTRAINT "orders_shipping" CHECK ("orders"."shipping_minor" >= 0),
	CONSTRAINT "orders_tax" CHECK ("orders"."tax_minor" between 0 and "orders"."total_minor"),
	CONSTRAINT "orders_total" CHECK ("orders"."total_minor" = "orders"."subtotal_minor" + "orders"."shipping_minor")
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"position" bigserial PRIMARY KEY NOT NULL,
	"message_id" text NOT NULL,
	"subject" text NOT NULL,
	"key" text NOT NULL,
	"envelope" jsonb NOT NULL,
	"headers" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"published_at" timestamp with time zone,
	CONSTRAINT "outbox_message_id_unique" UNIQUE("message_id")
);
--> statement-breakpoint
CREATE TABLE "sagas" (
	"order_id" text PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"version" integer NOT NULL,
	"reservation_id" text NOT NULL,
	"reservations" integer NOT NULL,
	"commit_requested" boolean NOT NULL,
	"capture_requested" boolean NOT NULL,
	"undo" jsonb NOT NULL,
	"refund_attempt" integer NOT NULL,
	"cancel_reason" text,
	"entered_at" timestamp (3) with time zone NOT NULL,
	"sends" integer NOT NULL,
	"give_up_at" timestamp (3) with time zone,
	"deadline_at" timestamp (3) with time zone,
	"payment_method_token" text,
	"correlation_id" text NOT NULL,
	CONSTRAINT "sagas_reservation_id_unique" UNIQUE("reservation_id"),
	CONSTRAINT "sagas_state" CHECK ("sagas"."state" in ('RESERVING', 'AUTHORIZING', 'AWAITING_ACTION', 'COMMITTING', 'RESERVING_AGAIN', 'CAPTURING', 'DONE', 'COMPENSATING', 'CANCELLED')),
	CONSTRAINT "sagas_cancel_reason" CHECK ("sagas"."cancel_reason" in ('OUT_OF_STOCK', 'PAYMENT_DECLINED', 'TIMED_OUT', 'CUSTOMER', 'ADMIN')),
	CONSTRAINT "sagas_wait_until" CHECK (("sagas"."state" in ('DONE', 'CANCELLED')) = ("sagas"."deadline_at" is null)),
	CONSTRAINT "sagas_forget_the_token" CHECK ("sagas"."payment_method_token" is null or "sagas"."state" in ('RESERVING', 'AUTHORIZING', 'AWAITING_ACTION'))
);
--> statement-breakpoint
CREATE TABLE "variant_prices" (
	"variant_id" text PRIMARY KEY NOT NULL,
	"product_id" text NOT NULL,
	"sku" text NOT NULL,
	"title" text NOT NULL,
	"price_minor" bigint NOT NULL,
	"currency" char(3) NOT NULL,
	"weight_grams" integer NOT NULL,
	"purchasable" boolean NOT NULL,
	"version" integer NOT NULL,
	CONSTRAINT "variant_prices_price" CHECK ("variant_prices"."price_minor" >= 0),
	CONSTRAINT "variant_prices_weight" CHECK ("variant_prices"."weight_grams" >= 0)
);
--> statement-breakpoint
ALTER TABLE "cart_lines" ADD CONSTRAINT "cart_lines_cart_id_carts_id_fk" FOREIGN KEY ("cart_id") REFERENCES "public"."carts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cart_lines" ADD CONSTRAINT "cart_lines_variant_id_variant_prices_variant_id_fk" FOREIGN KEY ("variant_id") REFERENCES "public"."variant_prices"("variant_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "order_events" ADD CONSTRAINT "order_events_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "order_lines" ADD CONSTRAINT "order_lines_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sagas" ADD CONSTRAINT "sagas_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "inbox_handled_at" ON "inbox" USING btree ("handled_at");--> statement-breakpoint
CREATE INDEX "orders_newest" ON "orders" USING btree ("placed_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "orders_of_customer" ON "orders" USING btree ("customer_id","placed_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "orders_by_status" ON "orders" USING btree ("status","placed_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "outbox_unpublished" ON "outbox" USING btree ("position") WHERE "outbox"."published_at" is null;--> statement-breakpoint
CREATE INDEX "outbox_published_at" ON "outbox" USING btree ("published_at");--> statement-breakpoint
CREATE INDEX "sagas_deadline" ON "sagas" USING btree ("deadline_at") WHERE "sagas"."deadline_at" is not null;