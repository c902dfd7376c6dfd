import { Content, Root, Trigger } from "@radix-ui/react-dropdown-menu";
import type { ComponentProps, ReactNode } from "react";

interface Props extends Pick<ComponentProps<typeof Content>, "onCloseAutoFocus"> {
  /** Names the list to screen readers. */
  label: string;
  /** The button that opens the menu. */
  trigger: ReactNode;
  /** `Item`s and `RadioItem`s of `@radix-ui/react-dropdown-menu`. */
  children: ReactNode;
}

/**
 * A menu button. Not modal, and in its place in the document instead of at the end of it, as GraphiQL's own menus are:
 * those hide a page from screen readers whose controls can still be reached, and lie outside of all landmarks.
 */
export function Menu({ label, trigger, children, onCloseAutoFocus }: Props) {
  return (
    <Root modal={false}>
      <Trigger asChild>{trigger}</Trigger>
      <Content
        className="shell-menu"
        align="end"
        sideOffset={6}
        collisionPadding={12}
        aria-label={label}
        onCloseAutoFocus={onCloseAutoFocus}
      >
        {children}
      </Content>
    </Root>
  );
}
