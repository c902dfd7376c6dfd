import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { RadioGroup, RadioItem } from "@radix-ui/react-dropdown-menu";
import { useEffect } from "react";
import { Check, Monitor, Moon, Sun } from "./icons.tsx";
import { Menu } from "./menu.tsx";
import { darkSystem, type Theme } from "./theme.ts";

interface ThemeChoice {
  readonly theme: Theme;
  readonly label: string;
  readonly Icon: () => React.JSX.Element;
}

const system: ThemeChoice = { theme: null, label: "System", Icon: Monitor };
const choices: readonly ThemeChoice[] = [
  system,
  { theme: "light", label: "Light", Icon: Sun },
  { theme: "dark", label: "Dark", Icon: Moon },
];

export function ThemeMenu() {
  const theme = useGraphiQL((state) => state.theme);
  const { setTheme } = useGraphiQLActions();

  useEffect(() => {
    if (theme !== null) return;
    // GraphiQL reads the system's theme once: its editors would keep the old colours when the system changes.
    const media = darkSystem();
    const follow = (): void => setTheme(null);
    media.addEventListener("change", follow);
    return () => media.removeEventListener("change", follow);
  }, [theme, setTheme]);

  const current = choices.find((choice) => choice.theme === theme) ?? system;
  return (
    <Menu
      label="Theme"
      trigger={
        <button type="button" className="shell-button shell-button-icon" aria-label={`Theme: ${current.label}`}>
          <current.Icon />
        </button>
      }
    >
      <RadioGroup value={current.label}>
        {choices.map((choice) => (
          <RadioItem
            key={choice.label}
            className="shell-menu-item"
            value={choice.label}
            onSelect={() => setTheme(choice.theme)}
          >
            <choice.Icon />
            <span>{choice.label}</span>
            {choice === current && <Check />}
          </RadioItem>
        ))}
      </RadioGroup>
    </Menu>
  );
}
