import { useMemo } from 'react';
import { encode } from 'uqr';

/** Squares that every reader needs around it. */
const BORDER = 4;

/** Black on white in either theme: cameras read nothing else as well. @param label what it is, for whoever does not see it */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => {
    const { data, size } = encode(text, { ecc: 'M', border: BORDER });
    const squares = data.flatMap((row, y) => row.flatMap((isBlack, x) => (isBlack ? [`M${x} ${y}h1v1h-1z`] : [])));
    return { size, path: squares.join('') };
  }, [text]);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      style={{ width: 220, maxWidth: '100%', background: '#fff', borderRadius: 8, alignSelf: 'center' }}
    >
      <path d={path} fill="#000" />
    </svg>
  );
}
