import { useMantineColorScheme, type MantineColorScheme } from '@mantine/core';

const NEXT: Readonly<Record<MantineColorScheme, MantineColorScheme>> = {
  auto: 'light',
  light: 'dark',
  dark: 'auto',
};

const NAMES: Readonly<Record<MantineColorScheme, string>> = {
  auto: 'as the system',
  light: 'light',
  dark: 'dark',
};

export const ThemeChoice = () => {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <button type="button" className="quiet" onClick={() => setColorScheme(NEXT[colorScheme])}>
      Colours: {NAMES[colorScheme]}
    </button>
  );
};
