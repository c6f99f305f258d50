import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OPT_OUT_WORDS, readMessage } from '../../domain/opt-out-words.ts';

describe('a message', () => {
  it.each([
    'STOP', 'stop', ' Stop. ', 'STOP!!!', 's t o p', 'ＳＴＯＰ', '"stop"', 'quit', 'End', 'REVOKE', 'opt out', 'Opt-Out', 'OPTOUT', 'cancel', 'Unsubscribe', 'stopall',
    'ARRÊT', 'arret', 'Désabonner', 'fin', 'Abmelden', 'KÜNDIGEN', 'kundigen', 'stopp', 'Annulla', 'basta', 'BAJA', 'Cancelar', 'Anular suscripción',
    '退订', '退訂', 'TD', 'td', 'T', 'ＴＤ', '【退订】', '拒收', 'बंद करें', 'बंद', 'berhenti', 'நிறுத்து', 'stop\u200b', '🛑 STOP 🛑',
  ])('%s is an opt-out', (text) => {
    expect(readMessage(text)).toBe('opt_out');
  });

  it.each([
    'please stop texting me', 'Stop it', 'I want to unsubscribe from this', 'can you cancel my appointment?', "don't text me again", 'Don’t call!', 'no more messages',
    'wrong number', 'bitte abmelden', 'merci de me désabonner', 'voglio cancellare', 'quiero darme de baja por favor', '请退订谢谢', '不要再发短信了', 'मुझे बंद करें प्लीज',
    'not interested', 'STOP START', 'Never text me again!', 'He wants no calls', 'lose my number', 'Cease and desist', 'this is harassment, my lawyer will call',
    'Bitte nicht mehr anrufen', 'Keine Anrufe mehr!', 'Lassen Sie mich in Ruhe', 'Ne m’appelez plus', 'Ne plus me contacter', 'Laissez-moi tranquille',
    'No me llamen', 'Dejen de escribirme', 'Non chiamarmi', 'Smettetela', '请别再打电话',
  ])('%s may be one, and waits for a person', (text) => {
    expect(readMessage(text)).toBe('unclear');
  });

  it.each([
    'Hello', 'yes', 'no', 'ok thanks', 'see you at the weekend', 'At the end of the month', 'My friend will call', 'enfin', 'una fine giornata', '好的', 'T-shirt', '', '   ', '👍', 'nonstop',
    'It was a quick visit', 'Antwort folgt',
  ])('%s is none', (text) => {
    expect(readMessage(text)).toBe('other');
  });

  it.each([['START', 'start'], ['unstop', 'start'], ['Help', 'help'], ['INFO?', 'help'], ['aide', 'help'], ['Hilfe!', 'help'], ['帮助', 'help']])('%s is %s', (text, meaning) => {
    expect(readMessage(text)).toBe(meaning);
  });

  it('is read without failing, whatever it is', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readMessage(text)));
  });

  it('of a listed word is read as it is listed, however it is written', () => {
    const words = OPT_OUT_WORDS.flatMap(({ stop, alone = [] }) => [...stop, ...alone]);
    const around = fc.constantFrom('', ' ', '.', '!', '\n', ' ... ', '“', '\u200f');
    fc.assert(fc.property(fc.constantFrom(...words), around, around, fc.boolean(), (word, before, after, loud) => {
      expect(readMessage(before + (loud ? word.toUpperCase() : word) + after)).toBe('opt_out');
    }));
  });

  it('has words for every language of a jurisdiction with a page of law', () => {
    expect(OPT_OUT_WORDS.map(({ language }) => language)).toEqual(expect.arrayContaining(['en', 'fr', 'de', 'it', 'es', 'zh', 'hi', 'ms', 'ta']));
    for (const { source } of OPT_OUT_WORDS) expect(source).not.toBe('');
  });
});
