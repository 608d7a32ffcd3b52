// From values to places on a line, and the round values at which the line is labelled.

export interface Scale {
  at(value: number): number;
  ticks: number[];
}

const STEPS = [1, 2, 5, 10];

/** A scale between two places; all values are in it, and a log scale needs them positive. */
export function scale(values: number[], from: number, to: number, log = false): Scale {
  const shown = values.filter((value) => Number.isFinite(value) && (!log || value > 0));
  let low = shown.length ? Math.min(...shown) : 0;
  let high = shown.length ? Math.max(...shown) : 1;
  if (low === high) {
    const around = Math.abs(low) / 10 || 0.5;
    low -= log ? 0.9 * low : around;
    high += around;
  }
  const [first, last] = log ? [Math.log10(low), Math.log10(high)] : [low, high];
  const at = (value: number) =>
    from + (((log ? Math.log10(value) : value) - first) / (last - first)) * (to - from);
  return { at, ticks: log ? logTicks(low, high) : roundTicks(low, high) };
}

/** Round values between two, about four of them. */
export function roundTicks(low: number, high: number, most = 5): number[] {
  const rough = (high - low) / (most - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (STEPS.find((one) => one * power >= rough) ?? 10);
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++)
    ticks.push(i * step);
  return ticks;
}

function logTicks(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let i = Math.ceil(Math.log10(low)); i <= Math.log10(high); i++) ticks.push(10 ** i);
  return ticks.length > 1 ? ticks : [low, high];
}

/** Four significant digits: `0.1235`, `1235`, `1.23e-5`. */
export function number(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);
}
