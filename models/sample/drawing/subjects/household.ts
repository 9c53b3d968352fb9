import type { Brush } from '../brush.ts';
import { repeat, roundShading } from '../svg.ts';

export function analogClock({ between, whole, oneOf, colour }: Brush): string {
  const marks = repeat(12, (hour) => {
    const length = hour % 3 ? 5 : 9;
    return `<rect x="-1.2" y="-40" width="2.4" height="${length}" transform="rotate(${hour * 30})" fill="#222"/>`;
  });
  return [
    `<circle r="48" fill="${colour(between(0, 360), 40, 30)}"/>`,
    `<circle r="43" fill="${oneOf(['#fff', '#fbf6e6', '#eef3f7'])}"/>${marks}`,
    `<rect x="-2.2" y="-24" width="4.4" height="28" rx="2" transform="rotate(${whole(0, 359)})" fill="#111"/>`,
    `<rect x="-1.5" y="-36" width="3" height="42" rx="1.5" transform="rotate(${whole(0, 359)})" fill="#111"/>`,
    `<rect x="-.6" y="-38" width="1.2" height="46" transform="rotate(${whole(0, 359)})" fill="#c22"/>`,
    '<circle r="3.4" fill="#111"/>',
  ].join('');
}

export function balloon({ between, colour }: Brush): string {
  const hue = between(0, 360);
  return [
    roundShading(colour(hue, 85, 82), colour(hue, 85, 52), colour(hue, 85, 32)),
    `<path d="M0 28 Q${between(-12, 12)} 38 ${between(-6, 6)} 50" stroke="#777" stroke-width="1.4" fill="none"/>`,
    `<ellipse cy="-10" rx="${between(26, 31)}" ry="${between(33, 38)}" fill="url(#b)"/>`,
    `<path d="M-4 27 L4 27 L0 22Z" fill="${colour(hue, 85, 36)}"/>`,
    '<ellipse cx="-10" cy="-24" rx="5" ry="9" fill="#fff" opacity=".45" transform="rotate(20 -10 -24)"/>',
  ].join('');
}

export function candle({ between, colour }: Brush): string {
  const halfWidth = between(9, 15);
  const hue = between(0, 360);
  return [
    '<ellipse cy="-32" rx="20" ry="22" fill="#ffd873" opacity=".28"/>',
    `<rect x="${-halfWidth}" y="-16" width="${2 * halfWidth}" height="${between(58, 64)}" rx="3" fill="${colour(hue, between(5, 60), 84)}"/>`,
    `<path d="M${-halfWidth} -16 q3 ${between(8, 18)} 6 0 q4 ${between(6, 22)} 8 0" fill="#fff" opacity=".6"/>`,
    '<path d="M0 -16 V-22" stroke="#222" stroke-width="2"/>',
    `<path d="M0 -47 Q${between(9, 12)} -30 0 -20 Q${between(-12, -9)} -30 0 -47Z" fill="#ff9d1e"/>`,
    '<path d="M0 -37 Q5 -28 0 -21 Q-5 -28 0 -37Z" fill="#fff3b0"/>',
  ].join('');
}

export function coffeeMug({ between, colour }: Brush): string {
  const hue = between(0, 360);
  const side = colour(hue, between(10, 75), 58);
  const rim = colour(hue, 55, 40);
  return [
    `<path d="M24 -18 q26 -2 24 18 q-2 20 -26 20" fill="none" stroke="${rim}" stroke-width="7"/>`,
    `<path d="M-34 -28 H26 V30 q0 12 -12 12 H-22 q-12 0 -12 -12Z" fill="${side}"/>`,
    `<ellipse cx="-4" cy="-28" rx="30" ry="8" fill="${rim}"/><ellipse cx="-4" cy="-27" rx="25" ry="5.6" fill="#3b2113"/>`,
    '<path d="M-16 -40 q5 -6 0 -10 M-2 -40 q5 -6 0 -10 M12 -40 q5 -6 0 -10" ',
    'stroke="#fff" stroke-width="1.8" fill="none" opacity=".7"/>',
  ].join('');
}

export function dumbbell({ between, colour }: Brush): string {
  const fill = colour(between(0, 360), between(0, 60), 28);
  const height = between(34, 44);
  const outer = `y="${-height / 2}" width="8" height="${height}" rx="3" fill="${fill}"/>`;
  const inner = `y="${-height * 0.7}" width="11" height="${height * 1.4}" rx="4" fill="${fill}"/>`;
  return [
    '<rect x="-30" y="-5" width="60" height="10" fill="#9aa0a6"/>',
    `<rect x="-48" ${outer}<rect x="-39" ${inner}<rect x="40" ${outer}<rect x="28" ${inner}`,
    '<rect x="-26" y="-4" width="52" height="2" fill="#fff" opacity=".5"/>',
  ].join('');
}

export function envelope({ between, oneOf, colour }: Brush): string {
  const paper = oneOf(['#fdfdfb', '#f3ead2', '#e6d3b3', colour(210, 40, 88)]);
  return [
    `<rect x="-46" y="-30" width="92" height="60" rx="2" fill="${paper}" stroke="#8c8270" stroke-width="1.4"/>`,
    `<path d="M-46 -30 L0 ${between(2, 10)} L46 -30" fill="none" stroke="#8c8270" stroke-width="2"/>`,
    `<path d="M-46 30 L${between(-14, -8)} 0 M46 30 L${between(8, 14)} 0" stroke="#8c8270" stroke-width="1.2"/>`,
  ].join('');
}

export function hourglass({ between, colour }: Brush): string {
  const wood = colour(24, 55, 32);
  return [
    '<path d="M-24 -38 H24 Q24 -12 3 0 Q24 12 24 38 H-24 Q-24 12 -3 0 Q-24 -12 -24 -38Z" ',
    'fill="#dfeef5" opacity=".92" stroke="#90a4ae" stroke-width="1.5"/>',
    `<path d="M-${between(14, 19)} ${between(-22, -14)} H${between(14, 19)} Q12 -8 0 0 Q-12 -8 -16 -18Z" fill="#e0b15c"/>`,
    `<path d="M-22 37 Q0 ${between(8, 22)} 22 37Z" fill="#e0b15c"/>`,
    '<path d="M0 0 V28" stroke="#e0b15c" stroke-width="1.6"/>',
    `<rect x="-32" y="-47" width="64" height="9" rx="3" fill="${wood}"/>`,
    `<rect x="-32" y="38" width="64" height="9" rx="3" fill="${wood}"/>`,
    `<path d="M-27 -38 V38 M27 -38 V38" stroke="${wood}" stroke-width="3"/>`,
  ].join('');
}

export function padlock({ between, oneOf, colour }: Brush): string {
  const body = oneOf([colour(45, 75, 50), colour(210, 8, 58), colour(30, 70, 44)]);
  return [
    `<path d="M-20 -6 V-22 a20 ${between(20, 24)} 0 0 1 40 0 V-6" fill="none" stroke="#8d979e" stroke-width="8"/>`,
    `<rect x="-32" y="-8" width="64" height="${between(46, 54)}" rx="6" fill="${body}"/>`,
    '<rect x="-32" y="-2" width="64" height="3" fill="#000" opacity=".15"/>',
    '<circle cy="12" r="6" fill="#1b1b1b"/><path d="M-3 14 L-5 28 H5 L3 14Z" fill="#1b1b1b"/>',
  ].join('');
}

export function sunglasses({ between, oneOf, colour }: Brush): string {
  const frame = oneOf(['#141414', colour(20, 60, 22), colour(350, 60, 36)]);
  const lens = oneOf(['#1f2a33', '#3b2a1a', '#24323c']);
  return [
    `<path d="M-46 -10 L-38 -14 M46 -10 L38 -14" stroke="${frame}" stroke-width="6"/>`,
    `<path d="M-44 -14 H-6 Q-5 ${between(16, 24)} -25 ${between(16, 22)} Q-44 18 -44 -14Z" fill="${lens}" stroke="${frame}" stroke-width="5"/>`,
    `<path d="M44 -14 H6 Q5 ${between(16, 24)} 25 ${between(16, 22)} Q44 18 44 -14Z" fill="${lens}" stroke="${frame}" stroke-width="5"/>`,
    `<path d="M-7 -10 Q0 -16 7 -10" stroke="${frame}" stroke-width="5" fill="none"/>`,
    '<path d="M-36 -8 L-24 -8 L-34 8Z M14 -8 L26 -8 L16 8Z" fill="#fff" opacity=".22"/>',
  ].join('');
}

export function umbrella({ between, whole, colour }: Brush): string {
  const hue = between(0, 360);
  const panels = whole(4, 6);
  const width = 92 / panels;
  const canopy = repeat(panels, (panel) => {
    const x = -46 + panel * width;
    const isOdd = panel % 2;
    return [
      `<path d="M0 -42 Q${x - 2} -30 ${x} 4 q${width / 2} -9 ${width} 0 Q${x + width + 2} -30 0 -42Z" `,
      `fill="${colour(hue + isOdd * between(0, 50), 75, isOdd ? 46 : 56, 3)}"/>`,
    ].join('');
  });
  return `<path d="M0 -46 V34 q0 12 -9 12 q-9 0 -9 -10" stroke="#3a2a20" stroke-width="3.2" fill="none"/>${canopy}`;
}
