import { grouped } from '../text/number-text.ts';
import { ageText, utcText } from '../text/time-text.ts';
import type { DrainForecast, FlowRates } from './drain-forecast.ts';

/** A forecast as text for people. @param now milliseconds since the epoch */
export function drainText(forecast: DrainForecast, now: number): string {
  switch (forecast.state) {
    case 'clear':
      return forecast.stuck === 0
        ? 'none'
        : `none except for ${grouped(forecast.stuck)} that ${forecast.stuck === 1 ? 'does' : 'do'} not move`;
    case 'nearly_clear':
      return `drains within the hour${butFor(forecast.down_to)}`;
    case 'drains': {
      const [from, to] = forecast.between.map(utcText);
      return `drains at ${utcText(forecast.at)} (${from} to ${to})${butFor(forecast.down_to)}; ${ratesText(forecast.rates)}`;
    }
    case 'stands_still':
      return `stands still: nothing has settled for ${ageText(forecast.since, now)}`;
    case 'will_not_drain':
      return `will not drain at this rate: ${ratesText(forecast.rates)}`;
    case 'unknown':
      return `no forecast yet: ${forecast.reason}`;
  }
}

function butFor(files: number): string {
  return files === 0 ? '' : ` except for ${grouped(files)}`;
}

function ratesText({ arrived_per_hour, arrived_minutes, settled_per_hour, minutes }: FlowRates): string {
  const over = arrived_minutes === minutes ? '' : ` in the last ${arrived_minutes}m`;
  return `${grouped(arrived_per_hour)} per hour arrived${over} and ${grouped(settled_per_hour)} settled in the last ${minutes}m`;
}
