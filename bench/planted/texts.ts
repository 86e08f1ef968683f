/** Captions of some variety, and the texts of the faults that are planted in them. */
import type { Random } from '../lib/random.js';

const subjects =
  'valve pump bridge forklift kitten bicycle lantern bakery harbour teacher violin mountain tractor garden window engine railway carpet ladder market painter castle river pigeon helmet bottle cabinet printer sailor orchard pencil camera'.split(
    ' ',
  );
const traits =
  'rusty narrow cheerful broken wooden silent yellow enormous empty crowded ancient polished muddy distant careful frozen striped curious heavy gentle'.split(
    ' ',
  );
const actions =
  'stands beside,leans against,hides behind,rests upon,moves towards,hangs above,waits near,casts a shadow over,reflects the light of,blocks the way to'.split(
    ',',
  );
const moments =
  'early in the morning,after a long rain,under a grey sky,while nobody is looking,at the end of the street,during the inspection,before the doors open,in the middle of winter'.split(
    ',',
  );

/** One or two sentences of English, 18 to 30 words. */
export function caption(random: Random): string {
  const thing = () => `${random.of(traits)} ${random.of(subjects)}`;
  const sentence = () => `the ${thing()} ${random.of(actions)} the ${thing()} ${random.of(moments)}`;
  return `A ${thing()} can be seen where ${sentence()}, and ${sentence()}.`;
}

/** The same caption with one word changed in the middle of its first half, and a sign at the end. */
export function reworded(text: string, random: Random): string {
  const words = text.split(' ');
  words[1] = random.of(traits.filter((trait) => trait !== words[1]));
  return `${words.join(' ').replace(/\.$/, '')} !`;
}

export const foreign = [
  'Ein rotes Auto steht vor einem alten Haus, und daneben spielen zwei Kinder mit einem Ball.',
  'Das Ventil auf der linken Seite des Rohres ist geöffnet, der Zeiger des Messgerätes steht im grünen Bereich.',
  'Une voiture rouge est garée devant une vieille maison et deux enfants jouent au ballon à côté.',
  'La vanne située à gauche du tuyau est ouverte et l’aiguille du manomètre se trouve dans la zone verte.',
  'Un coche rojo está aparcado delante de una casa antigua y dos niños juegan con una pelota.',
  'La válvula del lado izquierdo de la tubería está abierta y la aguja del manómetro está en la zona verde.',
  'Czerwony samochód stoi przed starym domem, a obok dwoje dzieci bawi się piłką na trawie.',
  'Een rode auto staat voor een oud huis en daarnaast spelen twee kinderen met een bal op het gras.',
  '一辆红色的汽车停在一座老房子前面,旁边有两个孩子在草地上玩球,天空中飘着几朵白云。',
  'Красная машина стоит перед старым домом, а рядом двое детей играют с мячом на траве.',
];

/** Made-up values with right check digits. */
export const personal = [
  'please answer to maria.lindqvist@nordfracht-spedition.de before noon',
  'the label says pay to DE89 3704 0044 0532 0130 00 within a week',
  'a card with the number 4111 1111 1111 1111 lies on the table',
  'the note reads call +49 30 901820 12 for the key',
  'the form shows the number 078-05-1120 in its upper corner',
  'the sticker says write to j.okafor@lagosharbour.com.ng',
  'the account GB82 WEST 1234 5698 7654 32 is printed below',
  'a paper with CPF 111.444.777-35 hangs on the wall',
  'card 5500 0055 5555 5559 was left in the machine',
  'the plate tells to ring +44 20 7946 0958 at night',
];
