import type { ReactNode } from "react";

/** Decoration only: every control has its name in text. */
function Icon({ children }: { children: ReactNode }) {
  return (
    <svg className="shell-icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const Mark = () => (
  <svg className="shell-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="8" />
    <path d="M16 7.5 23.5 12v8.5L16 24.5 8.5 20.5V12ZM16 16 8.5 12M16 16l7.5-4M16 16v8.5" />
    <circle cx="16" cy="16" r="2.6" />
  </svg>
);

export const Chevron = () => (
  <Icon>
    <path d="m6 8 4 4 4-4" />
  </Icon>
);

export const Open = () => (
  <Icon>
    <path d="M7 4H5.5A1.5 1.5 0 0 0 4 5.5v9A1.5 1.5 0 0 0 5.5 16h9a1.5 1.5 0 0 0 1.5-1.5V13M10.5 4H16v5.5M16 4l-7 7" />
  </Icon>
);

export const Person = () => (
  <Icon>
    <circle cx="10" cy="7" r="3" />
    <path d="M4 16.5c.8-3 3.1-4.5 6-4.5s5.2 1.5 6 4.5" />
  </Icon>
);

export const Check = () => (
  <Icon>
    <path d="m5 10.5 3.5 3.5L15.5 6.5" />
  </Icon>
);

export const Monitor = () => (
  <Icon>
    <path d="M3.5 4.5h13v9h-13zM7 16.5h6M10 13.5v3" />
  </Icon>
);

export const Sun = () => (
  <Icon>
    <circle cx="10" cy="10" r="3" />
    <path d="M10 3v1.5M10 15.5V17M3 10h1.5M15.5 10H17M5.05 5.05l1.06 1.06M13.89 13.89l1.06 1.06M5.05 14.95l1.06-1.06M13.89 6.11l1.06-1.06" />
  </Icon>
);

export const Moon = () => (
  <Icon>
    <path d="M16 11.5A6.3 6.3 0 0 1 8.5 4a6.3 6.3 0 1 0 7.5 7.5Z" />
  </Icon>
);

export const Question = () => (
  <Icon>
    <circle cx="10" cy="10" r="7" />
    <path d="M7.9 8a2.1 2.1 0 1 1 3.1 1.9c-.7.4-1 .8-1 1.6M10 14v.01" />
  </Icon>
);

export const Close = () => (
  <Icon>
    <path d="m5.5 5.5 9 9M14.5 5.5l-9 9" />
  </Icon>
);
