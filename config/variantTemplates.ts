import type { Language } from './variants.js';

/**
 * Wordings of the formats, by language (R7). Names in braces are filled in: {question} everywhere; {options} are the
 * lettered lines; {answer} is what a yes-or-no question asks about; {keys} are JSON keys; {unit} and {field} as named.
 */
export interface Templates {
  freeForm: readonly string[];
  multipleChoice: readonly string[];
  yesNo: readonly string[];
  json: readonly string[];
  number: readonly string[];
  numberInUnit: readonly string[];
  numberWithUnit: readonly string[];
  field: readonly string[];
  yes: readonly string[];
  no: readonly string[];
}

export const variantTemplates: Record<Language, Templates> = {
  en: {
    freeForm: [
      'Look at the picture. {question}',
      'Please answer this question about the picture: {question}',
      'Here is a picture. {question}',
      '{question} Answer from the picture.',
    ],
    multipleChoice: [
      '{question}\n{options}\nAnswer with the letter of the right option.',
      '{question} Choose one:\n{options}\nGive its letter.',
      'Pick the right option. {question}\n{options}\nReply with one letter.',
    ],
    yesNo: [
      'The question is: {question} Is "{answer}" the right answer? Answer yes or no.',
      '{question} Someone answers "{answer}". Is that right? Say yes or no.',
    ],
    json: [
      '{question}\nAnswer with one JSON object with the keys {keys}, and nothing else.',
      '{question} Reply as bare JSON with these keys: {keys}.',
    ],
    number: ['{question} Answer with the number alone.', '{question} Give the number only.'],
    numberInUnit: [
      '{question} Give the value in {unit}, as a number alone.',
      '{question} Answer in {unit}, number only.',
    ],
    numberWithUnit: ['{question} Answer with the number and its unit.', '{question} Give the value with its unit.'],
    field: [
      'Of what this asks for, give only "{field}": {question}',
      '{question} Of that, answer only with "{field}".',
    ],
    yes: ['yes'],
    no: ['no'],
  },
  de: {
    freeForm: [
      'Sieh dir das Bild an. {question}',
      'Bitte beantworte diese Frage zum Bild: {question}',
      'Hier ist ein Bild. {question}',
      '{question} Antworte anhand des Bildes.',
    ],
    multipleChoice: [
      '{question}\n{options}\nAntworte mit dem Buchstaben der richtigen Möglichkeit.',
      '{question} Wähle eine:\n{options}\nNenne ihren Buchstaben.',
    ],
    yesNo: [
      'Die Frage lautet: {question} Ist „{answer}“ die richtige Antwort? Antworte mit ja oder nein.',
      '{question} Jemand antwortet „{answer}“. Stimmt das? Sag ja oder nein.',
    ],
    json: [
      '{question}\nAntworte mit einem JSON-Objekt mit den Schlüsseln {keys} und mit nichts anderem.',
      '{question} Antworte als reines JSON mit diesen Schlüsseln: {keys}.',
    ],
    number: ['{question} Antworte nur mit der Zahl.', '{question} Gib allein die Zahl an.'],
    numberInUnit: [
      '{question} Gib den Wert in {unit} an, nur als Zahl.',
      '{question} Antworte in {unit}, nur die Zahl.',
    ],
    numberWithUnit: ['{question} Antworte mit Zahl und Einheit.', '{question} Gib den Wert mit seiner Einheit an.'],
    field: [
      'Gib von dem, was hier gefragt ist, nur „{field}“ an: {question}',
      '{question} Antworte davon nur mit „{field}“.',
    ],
    yes: ['ja'],
    no: ['nein'],
  },
  fr: {
    freeForm: [
      'Regarde l’image. {question}',
      'Réponds à cette question sur l’image : {question}',
      'Voici une image. {question}',
      '{question} Réponds d’après l’image.',
    ],
    multipleChoice: [
      '{question}\n{options}\nRéponds par la lettre de la bonne option.',
      '{question} Choisis :\n{options}\nDonne sa lettre.',
    ],
    yesNo: [
      'La question est : {question} « {answer} » est-elle la bonne réponse ? Réponds par oui ou non.',
      '{question} Quelqu’un répond « {answer} ». Est-ce juste ? Dis oui ou non.',
    ],
    json: [
      '{question}\nRéponds par un seul objet JSON avec les clés {keys}, et rien d’autre.',
      '{question} Réponds en JSON seul avec ces clés : {keys}.',
    ],
    number: ['{question} Réponds par le nombre seul.', '{question} Donne seulement le nombre.'],
    numberInUnit: [
      '{question} Donne la valeur en {unit}, le nombre seul.',
      '{question} Réponds en {unit}, le nombre seul.',
    ],
    numberWithUnit: ['{question} Réponds par le nombre et son unité.', '{question} Donne la valeur avec son unité.'],
    field: [
      'De ce qui est demandé, donne seulement « {field} » : {question}',
      '{question} De cela, donne seulement « {field} ».',
    ],
    yes: ['oui'],
    no: ['non'],
  },
  es: {
    freeForm: [
      'Mira la imagen. {question}',
      'Responde a esta pregunta sobre la imagen: {question}',
      'Aquí hay una imagen. {question}',
      '{question} Responde según la imagen.',
    ],
    multipleChoice: [
      '{question}\n{options}\nResponde con la letra de la opción correcta.',
      '{question} Elige una:\n{options}\nDa su letra.',
    ],
    yesNo: [
      'La pregunta es: {question} ¿Es «{answer}» la respuesta correcta? Responde sí o no.',
      '{question} Alguien responde «{answer}». ¿Es correcto? Di sí o no.',
    ],
    json: [
      '{question}\nResponde con un solo objeto JSON con las claves {keys}, y nada más.',
      '{question} Responde en JSON puro con estas claves: {keys}.',
    ],
    number: ['{question} Responde solo con el número.', '{question} Da únicamente el número.'],
    numberInUnit: [
      '{question} Da el valor en {unit}, solo el número.',
      '{question} Responde en {unit}, solo el número.',
    ],
    numberWithUnit: ['{question} Responde con el número y su unidad.', '{question} Da el valor con su unidad.'],
    field: ['De lo que se pide, da solo «{field}»: {question}', '{question} De eso, da solo «{field}».'],
    yes: ['sí', 'si'],
    no: ['no'],
  },
  zh: {
    freeForm: [
      '请看图。{question}',
      '请回答关于这张图片的问题：{question}',
      '这里有一张图片。{question}',
      '{question}请根据图片回答。',
    ],
    multipleChoice: [
      '{question}\n{options}\n请回答正确选项的字母。',
      '{question}请选择一项：\n{options}\n只回答字母。',
    ],
    yesNo: [
      '问题是：{question}“{answer}”是正确答案吗？请回答是或否。',
      '{question}有人回答“{answer}”。对吗？请回答是或否。',
    ],
    json: ['{question}\n请只用一个 JSON 对象回答，键为 {keys}。', '{question}请直接输出 JSON，包含这些键：{keys}。'],
    number: ['{question}请只回答数字。', '{question}只给出数字。'],
    numberInUnit: ['{question}请以 {unit} 为单位，只回答数字。', '{question}单位为 {unit}，只给出数字。'],
    numberWithUnit: ['{question}请回答数字和单位。', '{question}请给出带单位的数值。'],
    field: ['在以下问题所要求的内容中，只给出“{field}”：{question}', '{question}其中只回答“{field}”。'],
    yes: ['是', '是的', '对'],
    no: ['否', '不是', '不对'],
  },
  ja: {
    freeForm: [
      '画像を見てください。{question}',
      'この画像についての質問に答えてください：{question}',
      'ここに画像があります。{question}',
      '{question}画像から答えてください。',
    ],
    multipleChoice: [
      '{question}\n{options}\n正しい選択肢の文字で答えてください。',
      '{question}一つ選んでください：\n{options}\n文字だけを答えてください。',
    ],
    yesNo: [
      '質問：{question}「{answer}」は正しい答えですか。はいかいいえで答えてください。',
      '{question}「{answer}」という答えは正しいですか。はいかいいえで答えてください。',
    ],
    json: [
      '{question}\nキー {keys} を持つ JSON オブジェクト一つだけで答えてください。',
      '{question}次のキーの JSON だけを出力してください：{keys}。',
    ],
    number: ['{question}数字だけで答えてください。', '{question}数値のみを答えてください。'],
    numberInUnit: [
      '{question}{unit} を単位として、数字だけで答えてください。',
      '{question}単位は {unit}、数字だけを答えてください。',
    ],
    numberWithUnit: ['{question}数字と単位で答えてください。', '{question}単位を付けて答えてください。'],
    field: [
      '求められているもののうち「{field}」だけを答えてください：{question}',
      '{question}そのうち「{field}」だけを答えてください。',
    ],
    yes: ['はい', 'ええ'],
    no: ['いいえ', 'いえ'],
  },
};
