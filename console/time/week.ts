const MONDAY = 1;

/** From 1, Monday, to 7: the day that weeks begin with where the reader is. */
export const firstDayOfWeek = (): number => {
  const locale: Intl.Locale & { getWeekInfo?: () => { readonly firstDay: number } } =
    new Intl.Locale(navigator.language);
  return locale.getWeekInfo?.().firstDay ?? MONDAY;
};
