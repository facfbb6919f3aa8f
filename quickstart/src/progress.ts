import type { Texts } from "./texts.ts";

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** Shows steps as they go: a line that moves on a terminal, one plain line a finished step elsewhere. */
export class Progress {
  readonly #texts: Texts;
  readonly #moves = process.stdout.isTTY;
  readonly #colours = this.#moves && !process.env.NO_COLOR;
  #ticker: NodeJS.Timeout | undefined;

  constructor(texts: Texts) {
    this.#texts = texts;
  }

  /** Runs one step and says how long it took. `describe` turns its result into the line's text. */
  async step<T>(title: string, work: () => Promise<T>, describe: (result: T) => string): Promise<T> {
    const begun = performance.now();
    const took = () => this.#texts.seconds(((performance.now() - begun) / 1000).toFixed(1));
    if (this.#moves) {
      let frame = 0;
      const draw = () => this.#rewrite(`${frames[frame++ % frames.length]} ${title}  ${this.faint(took())}`);
      draw();
      this.#ticker = setInterval(draw, 120);
    }
    try {
      const result = await work();
      this.#settle(`${this.#paint("32", "✓")} ${column(title)} ${describe(result)}  ${this.faint(took())}`);
      return result;
    } catch (error) {
      this.#settle(`${this.#paint("31", "✗")} ${column(title)} ${this.faint(took())}`);
      throw error;
    }
  }

  /** A line of its own, whatever moves at the moment. */
  say(text = ""): void {
    this.#settle(text);
  }

  bold(text: string): string {
    return this.#paint("1", text);
  }

  faint(text: string): string {
    return this.#paint("2", text);
  }

  #settle(line: string): void {
    clearInterval(this.#ticker);
    this.#ticker = undefined;
    if (this.#moves) this.#rewrite("");
    console.log(line);
  }

  #rewrite(text: string): void {
    process.stdout.write(`\r\u001b[2K${text}`);
  }

  #paint(code: string, text: string): string {
    return this.#colours ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

/** Pads a short title to a column's width. Chinese characters are two places wide. */
export function column(title: string): string {
  const places = Array.from(title).reduce((sum, char) => sum + (char > "\u2e7f" ? 2 : 1), 0);
  return title + " ".repeat(Math.max(0, 15 - places));
}
