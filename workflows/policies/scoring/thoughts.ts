/**
 * The answer of a model that thinks aloud, without its thoughts. The mark that opens them may lie in the model's own template,
 * so that only the closing one is seen; thoughts without an end have no answer behind them.
 */
export function withoutThoughts(text: string): string {
  return text.replace(/^[\s\S]*<\/think>/, '').replace(/<think>[\s\S]*$/, '');
}
