import { writeFileSync } from "node:fs";
import * as common from "@zxcvbn-ts/language-common";
import * as english from "@zxcvbn-ts/language-en";
import { commonPasswordsFile, digestOfPassword } from "./common-passwords.ts";

/** What is shorter is refused for that. */
const leastCharacters = 8;

/** What is common in China and stands in none of these lists: "I love you" in pinyin and by numbers, lucky digits, names, paths over the keys. */
const chinese =
  `woaini1314 woaini520 woaini521 woaini123 woaini1234 woaini123456 woaini5201314 woaini1314520 5201314520 5201314a a5201314
  aa5201314 520520520 1314520520 13145200 52013140 wodemima woshishui woaiwojia woaimama woaibaba laopowoaini laogongwoaini tiantian123
  zhangwei123 wangwei123 liwei123 zhang123456 wang123456 li123456789 chen123456 liu123456 qq123456 qq123456789 qq5201314 wx123456 aini1314
  asd123456 abc123456789 a123456789. zxc123456 qwe123456 qaz123456 123456abc 123456aa aa123456789 88888888a 66668888 88886666 168168168
  518518518 147258369 789456123 110120119 100200300 zhongguo zhongguo123 beijing123 shanghai123 nihao123 nihao123456 admin888 admin123456`.split(
    /\s+/,
  );

/**
 * Makes `common-passwords.bin` from the word lists of zxcvbn-ts (MIT): passwords found in breaches, English words, names. English words come from
 * OpenSubtitles 2024 by way of OPUS (ODC-BY, https://opus.nlpl.eu). Run it when the lists have a new version:
 * `node server/src/modules/identity/make-common-passwords.ts`; a test compares the file with them.
 */
export function commonPasswords(): Buffer {
  const lists = [common, english].flatMap(({ dictionary }) => Object.values(dictionary)).flat();
  const words = [...lists, ...chinese].map(String).filter((word) => [...word].length >= leastCharacters);
  const digests = new Set(words.map((word) => digestOfPassword(word).toString("hex")));
  return Buffer.from([...digests].sort().join(""), "hex");
}

if (import.meta.main) writeFileSync(commonPasswordsFile, commonPasswords());
