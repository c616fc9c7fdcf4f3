import { createTheme, MantineProvider } from '@mantine/core';
import type { ReactNode } from 'react';
import { useScheme } from './colours';
import '../style/widgets';

const theme = createTheme({
  fontFamily: 'inherit',
  fontFamilyMonospace: 'inherit',
  respectReducedMotion: true,
  cursorType: 'pointer',
  defaultRadius: 'md',
});

/** Around every page that has widgets; it comes with them, for the first page has none. */
export const Widgets = ({ children }: { readonly children: ReactNode }) => (
  <MantineProvider
    theme={theme}
    forceColorScheme={useScheme()}
    withCssVariables={false}
    withGlobalClasses={false}
  >
    {children}
  </MantineProvider>
);
