/**
 * Colours of drawings, by what they mean: Okabe and Ito's, which people with any colour vision tell apart, and lighter
 * ones of the same hues on dark paper. Drawings hold the light ones; the style sheet swaps them.
 */
interface Ink {
  light: string;
  dark: string;
}

export const inks = {
  text: { light: '#5b6068', dark: '#a9aeb6' },
  grid: { light: '#e6e3dc', dark: '#2f3338' },
  strong: { light: '#1d1f23', dark: '#eceae5' },
  paper: { light: '#ffffff', dark: '#1c1f23' },
  before: { light: '#8a8f98', dark: '#8f959e' },
  training: { light: '#b9bcc2', dark: '#5c6168' },
  blue: { light: '#0072b2', dark: '#5cb3e8' },
  vermillion: { light: '#d55e00', dark: '#ff9248' },
  green: { light: '#009e73', dark: '#3fcfa4' },
  purple: { light: '#b8608f', dark: '#e59ac4' },
  orange: { light: '#c98a00', dark: '#f2b92e' },
  sky: { light: '#3a8fc4', dark: '#8ecdf2' },
} as const satisfies Record<string, Ink>;
export type InkName = keyof typeof inks;

export function ink(name: InkName): string {
  return inks[name].light;
}

/** Lines told apart by colour and by dashes, in this order. */
const lineStyles: { ink: InkName; dash: number[] }[] = [
  { ink: 'blue', dash: [] },
  { ink: 'vermillion', dash: [7, 4] },
  { ink: 'green', dash: [2, 3] },
  { ink: 'purple', dash: [9, 3, 2, 3] },
  { ink: 'orange', dash: [4, 2] },
  { ink: 'sky', dash: [12, 4] },
];

export function lineStyle(index: number): { ink: InkName; dash: number[] } {
  return lineStyles[index % lineStyles.length] ?? { ink: 'blue', dash: [] };
}

/** Style rules that show drawings in the dark inks. */
export function darkInkRules(): string {
  return Object.values(inks)
    .map(({ light, dark }) => `svg [fill="${light}"]{fill:${dark}}svg [stroke="${light}"]{stroke:${dark}}`)
    .join('');
}
