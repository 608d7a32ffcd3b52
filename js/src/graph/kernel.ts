/** Questions to the kernel, which answers each of them or says why not. */

type Message = { id?: unknown; answer?: unknown; error?: unknown };

/** The part of a model that is needed here. */
export type Channel = {
  send(content: unknown): void;
  on(event: "msg:custom", callback: (message: Message) => void): void;
  off(event: "msg:custom", callback: (message: Message) => void): void;
};

type Waiting = { resolve(answer: unknown): void; reject(error: Error): void };

/** Milliseconds until a kernel that does not answer is worth a word. */
const PATIENCE = 1500;

export class Kernel {
  #waiting = new Map<string, Waiting>();
  #count = 0;
  // Two views of one widget hear each other's answers.
  #mark = Math.random().toString(36).slice(2);
  #isLate = false;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private channel: Channel,
    /** Told when the kernel keeps a question waiting, and when it has caught up. */
    private onBusy: (isBusy: boolean) => void,
  ) {
    channel.on("msg:custom", this.#receive);
  }

  ask<Answer>(ask: string, facts: Record<string, unknown> = {}): Promise<Answer> {
    const id = `${this.#mark}-${++this.#count}`;
    this.#patience ??= setTimeout(() => {
      this.#isLate = true;
      this.onBusy(true);
    }, PATIENCE);
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    this.channel.send({ id, ask, ...facts });
    return answer as Promise<Answer>;
  }

  close(): void {
    clearTimeout(this.#patience);
    this.channel.off("msg:custom", this.#receive);
    this.#waiting.clear();
  }

  #receive = (message: Message): void => {
    const waiting = this.#waiting.get(String(message.id));
    if (!waiting) return;
    this.#waiting.delete(String(message.id));
    if (this.#waiting.size === 0) {
      clearTimeout(this.#patience);
      this.#patience = undefined;
      if (this.#isLate) this.onBusy(false);
      this.#isLate = false;
    }
    if ("error" in message) waiting.reject(new Error(String(message.error)));
    else waiting.resolve(message.answer);
  };
}
