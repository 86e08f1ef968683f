/** A shell that keeps what is printed, and a command run in it. */
import { main } from '../../cli/main.js';

export interface Printed {
  code: number;
  /** stdout */
  data: string;
  /** stderr */
  talk: string;
}

export async function anneal(root: string, env: NodeJS.ProcessEnv, ...argv: string[]): Promise<Printed> {
  let data = '';
  let talk = '';
  const code = await main(argv, {
    root,
    env,
    data: (text) => {
      data += text;
    },
    talk: (line) => {
      talk += `${line}\n`;
    },
  });
  return { code, data, talk };
}
