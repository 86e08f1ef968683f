/** Literals that some model family's tokenizer or template takes for a command rather than for text. */

/** Of Qwen, InternVL, Llama, Mistral, Gemma, SmolVLM and the placeholders of their trainers. */
const literals = [
  '<image>',
  '<video>',
  '<audio>',
  '<s>',
  '</s>',
  '<unk>',
  '<pad>',
  '<bos>',
  '<eos>',
  '<img>',
  '</img>',
  '<IMG_CONTEXT>',
  '<image_soft_token>',
  '<start_of_image>',
  '<end_of_image>',
  '<start_of_turn>',
  '<end_of_turn>',
  '<end_of_utterance>',
  '<fake_token_around_image>',
  '<global-img>',
  '<ref-object>',
  '<bbox>',
  '[INST]',
  '[/INST]',
  '[IMG]',
  '[IMG_BREAK]',
  '[IMG_END]',
];

const escaped = literals.map((literal) => literal.replace(/[[\]/]/g, '\\$&')).join('|');
/** <|im_end|> and its like, in ASCII and in DeepSeek's full-width form. */
const special = new RegExp(`<[|｜][^<>|｜\\s]{1,40}[|｜]>|${escaped}`);

/** The first such literal in a text; undefined when it is plain text. */
export function specialTokenIn(text: string): string | undefined {
  return special.exec(text)?.[0];
}
