/** The tiny untrained model and made scenes for tests, by the project's own Python side. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const python = process.env['ANNEAL_PYTHON'] ?? 'python3';
export const trainerFolder = fileURLToPath(new URL('../../trainer', import.meta.url));

async function runPython(script: string, ...values: string[]): Promise<void> {
  const env = { ...process.env, PYTHONPATH: trainerFolder };
  await promisify(execFile)(python, ['-c', script, ...values], { env });
}

/** Writes a whole model folder. */
export async function makeTinyModel(folder: string): Promise<void> {
  await runPython(
    `
import sys
from tiny_vlm.build import build_model, build_processor, train_tokenizer
tokenizer = train_tokenizer(samples=200)
build_processor(tokenizer).save_pretrained(sys.argv[1])
build_model(tokenizer).save_pretrained(sys.argv[1])
`,
    folder,
  );
}

/** Writes `count` task records, with their images in `images/` beside the file. */
export async function makeScenes(file: string, count: number): Promise<void> {
  await runPython(
    `
import json, random, sys
from pathlib import Path
from tiny_vlm.scenes import scene_item
file, rng = Path(sys.argv[1]), random.Random(1)
(file.parent / "images").mkdir(parents=True, exist_ok=True)
with file.open("w") as stream:
    for number in range(int(sys.argv[2])):
        item, name = scene_item(rng), f"images/{file.stem}-{number}.png"
        item.image.save(file.parent / name)
        question = [{"type": "image", "image": 0}, {"type": "text", "text": item.question}]
        answer = [{"type": "text", "text": item.answer}]
        messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
        record = {"id": f"{file.stem}-{number}", "group": name, "images": [name], "messages": messages}
        stream.write(json.dumps(record) + "\\n")
`,
    file,
    String(count),
  );
}
